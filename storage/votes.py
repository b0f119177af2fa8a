"""Thumbs, up or down: one a person, a post and a channel."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import ChannelId, PostId
from bot.ports import Database, Reader, Tx
from bot.stores import Tally
from storage.columns import ms

_TAKE_BACK = "DELETE FROM votes WHERE post = $1 AND channel = $2 AND person = $3 AND value = $4"
_VOTE = """
INSERT INTO votes (post, channel, person, value, voted_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (post, channel, person) DO UPDATE SET value = excluded.value, voted_at = excluded.voted_at
"""
_OF = "SELECT value, COUNT(*) AS n FROM votes WHERE post = $1 AND channel = $2 GROUP BY value"


@dataclass(frozen=True, slots=True)
class Votes:
    db: Database

    async def vote(self, tx: Tx, post: PostId, channel: ChannelId, person: str, value: int, now: datetime) -> bool:
        if await tx.execute(_TAKE_BACK, post, channel, person, value):
            return False
        await tx.execute(_VOTE, post, channel, person, value, ms(now))
        return True

    async def of(self, reader: Reader, post: PostId, channel: ChannelId) -> Tally:
        counts = {row["value"]: row["n"] for row in await reader.fetch(_OF, post, channel)}
        return Tally(up=counts.get(1, 0), down=counts.get(-1, 0))
