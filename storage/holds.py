"""Readings kept back, their articles, and what was decided of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.hold import Choice, Hold, Word
from bot.domain.ids import ArticleId, HoldId, SourceId
from bot.ports import Database, Reader, Row, Tx
from storage.columns import moment, moment_or_none, ms

_WAITING = """
SELECT h.id FROM holds h WHERE h.source = $1 AND h.closed_at IS NULL
    AND (h.announced_at IS NULL OR h.announced_at > $2)
    AND NOT EXISTS (SELECT 1 FROM hold_words w WHERE w.hold = h.id)
ORDER BY h.id DESC LIMIT 1
"""
_OPEN = "INSERT INTO holds (source, reason, payload, created_at) VALUES ($1, $2, '{}', $3) RETURNING id"
_FILL = "UPDATE holds SET created_at = $2 WHERE id = $1"
_DISCARD = "DELETE FROM holds WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM held_articles a WHERE a.hold = $1)" + (
    " AND NOT EXISTS (SELECT 1 FROM hold_words w WHERE w.hold = $1)"
)
_ANNOUNCED = "UPDATE holds SET announced_at = $2 WHERE id = $1 AND announced_at IS NULL"
# A reading that ends saves its success, which the last filling of its hold is dated by.
_UNFINISHED = """
SELECT h.reason FROM holds h JOIN sources s ON s.id = h.source
WHERE h.source = $1 AND h.created_at > s.last_success_at ORDER BY h.id DESC LIMIT 1
"""
ONE_NOTICE = timedelta(days=1)  # what is held within it joins what was told of
_UNANNOUNCED = "SELECT id FROM holds WHERE closed_at IS NULL AND announced_at IS NULL AND created_at <= $1 ORDER BY id"
_KEEP = "INSERT INTO held_articles (hold, article) VALUES ($1, $2) ON CONFLICT DO NOTHING"
_HOLDS = """
SELECT h.id, h.source, h.reason, h.created_at, h.closed_at, s.title, s.slug,
    (SELECT COUNT(*) FROM held_articles a WHERE a.hold = h.id) AS count
FROM holds h JOIN sources s ON s.id = h.source
"""
_OF = _HOLDS + "WHERE h.id = $1"
# Nobody's word for this community, and not the operator's for all
_UNDECIDED = (
    _HOLDS
    + """WHERE h.closed_at IS NULL AND h.created_at >= $2
    AND NOT EXISTS (SELECT 1 FROM hold_words w WHERE w.hold = h.id AND w.community IN ('', $1))
ORDER BY h.id DESC LIMIT $3"""
)
_ARTICLES = "SELECT article FROM held_articles WHERE hold = $1 AND article > $2 ORDER BY article LIMIT $3"
_SAY = """
INSERT INTO hold_words (hold, community, choice, said_at)
SELECT h.id, CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS BIGINT) FROM holds h
WHERE h.id = $1 AND h.closed_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM hold_words w WHERE w.hold = h.id AND w.community = '')
ON CONFLICT DO NOTHING
"""
_WORDS = (
    "SELECT hold, community, choice, said_at FROM hold_words WHERE done_at IS NULL ORDER BY said_at, hold, community"
)
_COMMUNITIES = "SELECT community FROM hold_words WHERE hold = $1 AND community <> ''"
_DONE = "UPDATE hold_words SET done_at = $3 WHERE hold = $1 AND community = $2"
_CLOSE = "UPDATE holds SET closed_at = $2 WHERE id = $1"


@dataclass(frozen=True, slots=True)
class Holds:
    db: Database

    async def open(self, tx: Tx, source: SourceId, reason: str, now: datetime) -> HoldId:
        if rows := await tx.fetch(_WAITING, source, ms(now - ONE_NOTICE)):
            await tx.execute(_FILL, rows[0]["id"], ms(now))
        else:
            rows = await tx.fetch(_OPEN, source, reason, ms(now))
        return HoldId(rows[0]["id"])

    async def discard(self, tx: Tx, hold: HoldId) -> None:
        await tx.execute(_DISCARD, hold)

    async def keep(self, tx: Tx, hold: HoldId, article: ArticleId) -> None:
        await tx.execute(_KEEP, hold, article)

    async def announced(self, tx: Tx, hold: HoldId, now: datetime) -> bool:
        return await tx.execute(_ANNOUNCED, hold, ms(now)) > 0

    async def unannounced(self, reader: Reader, before: datetime) -> Sequence[HoldId]:
        return [HoldId(row["id"]) for row in await reader.fetch(_UNANNOUNCED, ms(before))]

    async def unfinished(self, reader: Reader, source: SourceId) -> str:
        rows = await reader.fetch(_UNFINISHED, source)
        return str(rows[0]["reason"]) if rows else ""

    async def of(self, reader: Reader, hold: HoldId) -> Hold | None:
        rows = await reader.fetch(_OF, hold)
        return _hold(rows[0]) if rows else None

    async def undecided(self, reader: Reader, community: str, since: datetime, limit: int) -> Sequence[Hold]:
        return [_hold(row) for row in await reader.fetch(_UNDECIDED, community, ms(since), limit)]

    async def articles(self, reader: Reader, hold: HoldId, after: ArticleId, limit: int) -> Sequence[ArticleId]:
        return [ArticleId(row["article"]) for row in await reader.fetch(_ARTICLES, hold, after, limit)]

    async def say(self, tx: Tx, word: Word) -> bool:
        said = await tx.execute(_SAY, word.hold, word.community, word.choice.value, ms(word.said_at))
        tx.wake("holds")
        return said > 0

    async def words(self, reader: Reader) -> Sequence[Word]:
        return [
            Word(
                hold=HoldId(row["hold"]),
                community=row["community"],
                choice=Choice(row["choice"]),
                said_at=moment(row["said_at"]),
            )
            for row in await reader.fetch(_WORDS)
        ]

    async def communities(self, reader: Reader, hold: HoldId) -> Sequence[str]:
        return [row["community"] for row in await reader.fetch(_COMMUNITIES, hold)]

    async def done(self, tx: Tx, word: Word, now: datetime) -> None:
        await tx.execute(_DONE, word.hold, word.community, ms(now))
        if not word.community:
            await tx.execute(_CLOSE, word.hold, ms(now))


def _hold(row: Row) -> Hold:
    return Hold(
        id=HoldId(row["id"]),
        source=SourceId(row["source"]),
        source_title=row["title"],
        source_slug=row["slug"],
        reason=row["reason"],
        count=row["count"],
        created_at=moment(row["created_at"]),
        closed_at=moment_or_none(row["closed_at"]),
    )
