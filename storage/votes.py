"""Thumbs, up or down: one a person, a post and a channel."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import ArticleId, ChannelId, PostId
from bot.ports import Database, Reader, Tx
from bot.stores import Tally
from storage.columns import ms

_TAKE_BACK = "DELETE FROM votes WHERE post = $1 AND channel = $2 AND person = $3 AND value = $4"
_VOTE = """
INSERT INTO votes (post, channel, person, value, voted_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (post, channel, person) DO UPDATE SET value = excluded.value, voted_at = excluded.voted_at
"""
_OF = "SELECT value, COUNT(*) AS n FROM votes WHERE post = $1 AND channel = $2 GROUP BY value"
_LATELY = """
SELECT p.payload, SUM(CASE WHEN v.value > 0 THEN 1 ELSE 0 END) AS up,
    SUM(CASE WHEN v.value < 0 THEN 1 ELSE 0 END) AS down
FROM votes v JOIN posts p ON p.id = v.post WHERE v.channel = $1 AND v.voted_at >= $2 GROUP BY p.id, p.payload
"""


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

    async def lately(self, reader: Reader, channel: ChannelId, since: datetime) -> Mapping[ArticleId, Tally]:
        found: dict[ArticleId, Tally] = {}
        for row in await reader.fetch(_LATELY, channel, ms(since)):
            for number in json.loads(row["payload"]).get("articles", ())[:1]:
                known = found.get(number, Tally())
                found[ArticleId(number)] = Tally(up=known.up + row["up"], down=known.down + row["down"])
        return found
