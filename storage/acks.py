"""Who takes an alert, per channel. Names are ciphertext here; the key never comes near this file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import ChannelId, PostId
from bot.ports import Database, Reader, Row, Tx
from bot.stores import Ack, Alarm
from storage.columns import moment, moment_or_none, ms
from storage.owed import post_of

_TAKE = """
INSERT INTO acks (post, channel, person, name, taken_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (post, channel) DO NOTHING
"""
_RELEASE = "DELETE FROM acks WHERE post = $1 AND channel = $2 AND person = $3 AND done_at IS NULL"
_CLOSE = "UPDATE acks SET done_at = $4 WHERE post = $1 AND channel = $2 AND person = $3 AND done_at IS NULL"
_FADE = "UPDATE acks SET name = '' WHERE done_at < $1 AND name <> ''"
_OF = "SELECT person, name, taken_at, done_at FROM acks WHERE post = $1 AND channel = $2"
_ALARMS = """
SELECT p.*, a.person, a.name, a.taken_at, a.done_at FROM posts p
JOIN deliveries d ON d.post = p.id AND d.channel = $1 AND (d.state IN (2, 5) OR d.error = 'in a digest')
LEFT JOIN acks a ON a.post = p.id AND a.channel = d.channel
WHERE p.kind = 'alert' AND p.created_at >= $2 ORDER BY p.created_at DESC, p.id DESC LIMIT $3
"""


@dataclass(frozen=True, slots=True)
class Acks:
    db: Database

    async def take(self, tx: Tx, post: PostId, channel: ChannelId, ack: Ack) -> Ack:
        await tx.execute(_TAKE, post, channel, ack.person, ack.name, ms(ack.taken_at))
        holder = await self.of(tx, post, channel)
        return holder or ack

    async def release(self, tx: Tx, post: PostId, channel: ChannelId, person: str) -> bool:
        return await tx.execute(_RELEASE, post, channel, person) > 0

    async def close(self, tx: Tx, post: PostId, channel: ChannelId, person: str, now: datetime) -> bool:
        return await tx.execute(_CLOSE, post, channel, person, ms(now)) > 0

    async def fade(self, tx: Tx, closed_before: datetime) -> None:
        await tx.execute(_FADE, ms(closed_before))

    async def of(self, reader: Reader, post: PostId, channel: ChannelId) -> Ack | None:
        rows = await reader.fetch(_OF, post, channel)
        return _ack(rows[0]) if rows else None

    async def alarms(self, reader: Reader, channel: ChannelId, since: datetime, limit: int) -> Sequence[Alarm]:
        return [
            Alarm(
                post=post_of(row, row["id"], row["prio"], row["revision"]),
                ack=None if row["person"] is None else _ack(row),
            )
            for row in await reader.fetch(_ALARMS, channel, ms(since), limit)
        ]


def _ack(row: Row) -> Ack:
    return Ack(
        name=row["name"],
        person=row["person"],
        taken_at=moment(row["taken_at"]),
        done_at=moment_or_none(row["done_at"]),
    )
