"""Who takes an alert, per channel. Names are ciphertext here; the key never comes near this file."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import ChannelId, PostId
from bot.ports import Database, Reader, Tx
from bot.stores import Ack
from storage.columns import moment, moment_or_none, ms

_TAKE = """
INSERT INTO acks (post, channel, person, name, taken_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (post, channel) DO NOTHING
"""
_RELEASE = "DELETE FROM acks WHERE post = $1 AND channel = $2 AND person = $3 AND done_at IS NULL"
_CLOSE = "UPDATE acks SET done_at = $4 WHERE post = $1 AND channel = $2 AND person = $3 AND done_at IS NULL"
_FADE = "UPDATE acks SET name = '' WHERE done_at < $1 AND name <> ''"
_OF = "SELECT person, name, taken_at, done_at FROM acks WHERE post = $1 AND channel = $2"


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
        if not rows:
            return None
        (row,) = rows
        return Ack(
            name=row["name"],
            person=row["person"],
            taken_at=moment(row["taken_at"]),
            done_at=moment_or_none(row["done_at"]),
        )
