"""What members shared, per channel. Names are ciphertext here."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import ChannelId, PostId
from bot.domain.share import Share
from bot.ports import Database, Reader, Tx
from storage.columns import moment, moment_or_none, ms

_ADD = """
INSERT INTO shares (post, channel, person, name, note, shared_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (post, channel) DO NOTHING
"""
_OF = "SELECT * FROM shares WHERE post = $1 AND channel = $2"
_LATELY = "SELECT COUNT(*) AS n FROM shares WHERE person = $1 AND shared_at > $2"
_WITHDRAW = "UPDATE shares SET withdrawn_at = $3 WHERE post = $1 AND channel = $2 AND withdrawn_at IS NULL"
_RESTORE = "UPDATE shares SET withdrawn_at = NULL WHERE post = $1 AND channel = $2 AND withdrawn_at IS NOT NULL"
_STANDS = "SELECT 1 AS one FROM shares WHERE post = $1 AND withdrawn_at IS NULL LIMIT 1"
_FADE = "UPDATE shares SET name = '', note = '' WHERE withdrawn_at < $1 AND (name <> '' OR note <> '')"


@dataclass(frozen=True, slots=True)
class Shares:
    db: Database

    async def add(self, tx: Tx, share: Share) -> bool:
        values = (share.post, share.channel, share.person, share.name, share.note, ms(share.shared_at))
        return await tx.execute(_ADD, *values) > 0

    async def of(self, reader: Reader, post: PostId, channel: ChannelId) -> Share | None:
        rows = await reader.fetch(_OF, post, channel)
        if not rows:
            return None
        (row,) = rows
        return Share(
            post=PostId(row["post"]),
            channel=ChannelId(row["channel"]),
            person=row["person"],
            name=row["name"],
            note=row["note"],
            shared_at=moment(row["shared_at"]),
            withdrawn_at=moment_or_none(row["withdrawn_at"]),
        )

    async def since(self, reader: Reader, person: str, moment: datetime) -> int:
        (row,) = await reader.fetch(_LATELY, person, ms(moment))
        return int(row["n"])

    async def withdraw(self, tx: Tx, post: PostId, channel: ChannelId, now: datetime) -> bool:
        return await tx.execute(_WITHDRAW, post, channel, ms(now)) > 0

    async def restore(self, tx: Tx, post: PostId, channel: ChannelId) -> bool:
        return await tx.execute(_RESTORE, post, channel) > 0

    async def stands(self, reader: Reader, post: PostId) -> bool:
        return bool(await reader.fetch(_STANDS, post))

    async def fade(self, tx: Tx, withdrawn_before: datetime) -> None:
        await tx.execute(_FADE, ms(withdrawn_before))
