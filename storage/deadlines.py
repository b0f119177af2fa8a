"""Deadlines as objects, and what each source claims of them."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from bot.domain.deadline import Claim, Deadline, Edge, Precision
from bot.domain.ids import ArticleId, DeadlineId, SourceId, StoryId
from bot.domain.standing import PARIS
from bot.ports import Database, Reader, Row, Tx
from storage.columns import array, moment, moment_or_none, ms, ms_or_zero

# By the day of their claims: grouped, SQLite would walk all claims that ever were.
_COMING = """
SELECT d.*, (
    SELECT MIN(c.date_at) FROM claims c WHERE c.deadline = d.id AND c.date_at >= $1 AND c.stale = 0
) AS soonest FROM deadlines d
WHERE d.id IN (SELECT c.deadline FROM claims c WHERE c.date_at >= $1 AND c.stale = 0) ORDER BY soonest, d.id LIMIT $2
"""
# Of no programme we know, a date is worth a reminder where an article calls for something, or lists dates.
_CALLING = """
SELECT d.* FROM deadlines d
WHERE d.id IN (SELECT c.deadline FROM claims c WHERE c.date_at >= $1 AND c.date_at <= $2 AND c.stale = 0)
    AND (d.programme <> '' OR EXISTS (
        SELECT 1 FROM claims c JOIN articles a ON a.id = c.article WHERE c.deadline = d.id
            AND (a.alert_type IN ('care_call', 'funding_call', 'regulation_deadline') OR a.genre = 'jalon')
    )) ORDER BY d.id
"""
_ONE = "SELECT * FROM deadlines WHERE id = $1"
_CLAIMS = "SELECT * FROM claims WHERE deadline IN "
_OF_ARTICLE = "SELECT * FROM deadlines WHERE id IN (SELECT deadline FROM claims WHERE article = $1) ORDER BY id"
_LIKE = """
SELECT * FROM deadlines WHERE programme = $1 AND stage = $2 AND edge = $3 AND (region = $4 OR region = '') ORDER BY id
"""
# Of no programme: only what the same story tells.
_LIKE_IN_STORY = """
SELECT * FROM deadlines WHERE id IN (
    SELECT c.deadline FROM articles a JOIN claims c ON c.article = a.id WHERE a.story = $1
) AND programme = '' AND stage = $2 AND edge = $3 AND (region = $4 OR region = '') ORDER BY id
"""
_ADD = """
INSERT INTO deadlines (programme, stage, edge, region, subject) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (programme, stage, edge, region, subject) DO NOTHING RETURNING id
"""
_CHANGE = "UPDATE deadlines SET agreed = $2, changes = $3, changed_at = $4 WHERE id = $1"
_CLAIM = """
INSERT INTO claims (deadline, source, article, date_at, precision_of, what, phrase, confidence, official, stale,
    seen_at, learned_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (deadline, source, article) DO UPDATE SET date_at = excluded.date_at,
    precision_of = excluded.precision_of, what = excluded.what, phrase = excluded.phrase,
    confidence = excluded.confidence, official = excluded.official, stale = excluded.stale,
    seen_at = excluded.seen_at, learned_at = excluded.learned_at
"""
_WITHDRAW = "DELETE FROM claims WHERE deadline = $1 AND source = $2 AND article = $3"


@dataclass(frozen=True, slots=True)
class Deadlines:
    db: Database

    async def coming(self, reader: Reader, after: datetime, limit: int) -> Sequence[Deadline]:
        return await self._whole(reader, await reader.fetch(_COMING, ms(after), limit))

    async def calling(self, reader: Reader, after: datetime, until: datetime) -> Sequence[Deadline]:
        return await self._whole(reader, await reader.fetch(_CALLING, ms(after), ms(until)))

    async def one(self, reader: Reader, number: DeadlineId) -> Deadline | None:
        found = await self._whole(reader, await reader.fetch(_ONE, number))
        return found[0] if found else None

    async def of_article(self, reader: Reader, article: ArticleId) -> Sequence[Deadline]:
        return await self._whole(reader, await reader.fetch(_OF_ARTICLE, article))

    async def like(self, reader: Reader, claim: Claim, story: StoryId) -> Sequence[Deadline]:
        sql, first = (_LIKE, claim.programme) if claim.programme else (_LIKE_IN_STORY, story)
        return await self._whole(reader, await reader.fetch(sql, first, claim.stage, claim.edge.value, claim.region))

    async def add(self, tx: Tx, claim: Claim, subject: str) -> DeadlineId | None:
        rows = await tx.fetch(_ADD, claim.programme, claim.stage, claim.edge.value, claim.region, subject)
        return DeadlineId(rows[0]["id"]) if rows else None

    async def change(self, tx: Tx, before: Deadline, after: Deadline) -> None:
        gone = {(one.source, one.article) for one in before.claims}
        for claim in after.claims:
            gone.discard((claim.source, claim.article))
            if claim not in before.claims:
                await self._claim(tx, before.id, claim)
        for source, article in gone:
            await tx.execute(_WITHDRAW, before.id, source, article)
        agreed = "" if after.agreed is None else json.dumps(after.agreed.payload(), ensure_ascii=False)
        await tx.execute(_CHANGE, before.id, agreed, after.changes, ms_or_zero(after.changed_at))

    async def _claim(self, tx: Tx, number: DeadlineId, claim: Claim) -> None:
        assert claim.source is not None and claim.article is not None
        at = claim.at or datetime.combine(claim.date, time(), UTC)
        await tx.execute(
            _CLAIM,
            *(number, claim.source, claim.article, ms(at), claim.precision.value, claim.what, claim.phrase),
            *(claim.confidence, int(claim.official), int(claim.stale)),
            *(ms_or_zero(claim.seen_at), ms_or_zero(claim.learned_at)),
        )

    async def _whole(self, reader: Reader, rows: Sequence[Row]) -> Sequence[Deadline]:
        """With their claims, newest first."""
        if not rows:
            return []
        claims: defaultdict[int, list[Row]] = defaultdict(list)
        sql = _CLAIMS + self.db.dialect.ids_in("$1") + " ORDER BY seen_at DESC, article DESC"
        for row in await reader.fetch(sql, array(row["id"] for row in rows)):
            claims[row["deadline"]].append(row)
        return [_deadline(row, claims[row["id"]]) for row in rows]


def _deadline(row: Row, claims: Sequence[Row]) -> Deadline:
    edge = Edge(row["edge"])
    return Deadline(
        id=DeadlineId(row["id"]),
        programme=row["programme"],
        stage=row["stage"],
        edge=edge,
        region=row["region"],
        subject=row["subject"],
        agreed=Claim.parse(json.loads(row["agreed"])) if row["agreed"] else None,
        changes=row["changes"],
        changed_at=moment_or_none(row["changed_at"]),
        claims=tuple(_claim(claim, row, edge) for claim in claims),
    )


def _claim(row: Row, of: Row, edge: Edge) -> Claim:
    at = moment(row["date_at"])
    precision = Precision(row["precision_of"])
    return Claim(
        date=at.astimezone(PARIS).date() if precision is Precision.HOUR else at.date(),
        at=at if precision is Precision.HOUR else None,
        edge=edge,
        what=row["what"],
        phrase=row["phrase"],
        programme=of["programme"],
        stage=of["stage"],
        region=of["region"],
        precision=precision,
        confidence=row["confidence"],
        source=SourceId(row["source"]),
        article=ArticleId(row["article"]),
        official=bool(row["official"]),
        stale=bool(row["stale"]),
        seen_at=moment(row["seen_at"]),
        learned_at=moment(row["learned_at"]),
    )
