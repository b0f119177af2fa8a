"""Who holds a lane, or the planner, for now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.ports import Database, Lease
from storage.columns import moment, ms

# One statement, so that two who ask at once cannot both get it. Every change of owner is a new epoch, and a released
# lease has no owner: what its last holder may still be writing is refused.
_HOLD = """
INSERT INTO leases (name, owner, epoch, expires_at) VALUES ($1, $2, 1, $3)
ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at,
    epoch = CASE WHEN leases.owner = excluded.owner THEN leases.epoch ELSE leases.epoch + 1 END
WHERE leases.owner = excluded.owner OR leases.expires_at <= $4
RETURNING epoch, expires_at
"""
_RELEASE = "UPDATE leases SET owner = '', expires_at = 0 WHERE name = $1 AND owner = $2 AND epoch = $3"
_FORGET_ALL = "UPDATE leases SET owner = '', expires_at = 0"


@dataclass(frozen=True, slots=True)
class Leases:
    """An owner is one life of one process: restarted under the same name it would inherit what is no longer its."""

    db: Database

    async def hold(self, name: str, owner: str, ttl: timedelta, now: datetime) -> Lease | None:
        async with self.db.tx() as tx:
            rows = await tx.fetch(_HOLD, name, owner, ms(now + ttl), ms(now))
        return next((_lease(name, owner, row["epoch"], row["expires_at"]) for row in rows), None)

    async def release(self, lease: Lease) -> None:
        async with self.db.tx() as tx:
            await tx.execute(_RELEASE, lease.name, lease.owner, lease.epoch)

    async def forget_all(self) -> None:
        """Of dead processes: only where the database is open for us alone."""
        async with self.db.tx() as tx:
            await tx.execute(_FORGET_ALL)


def _lease(name: str, owner: str, epoch: int, expires_at: int) -> Lease:
    return Lease(name=name, owner=owner, epoch=epoch, expires_at=moment(expires_at))
