"""Deadlines as objects, and what each source claims of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.deadline import Claim, Deadline, Edge, Precision
from bot.domain.ids import ArticleId, DeadlineId, SourceId
from bot.ports import Database, Reader, Row
from storage.columns import array, moment, ms

_COMING = """
SELECT d.id, d.programme, d.stage, d.edge, d.region, MIN(c.date_at) AS soonest FROM deadlines d
JOIN claims c ON c.deadline = d.id WHERE c.date_at >= $1
GROUP BY d.id, d.programme, d.stage, d.edge, d.region ORDER BY soonest, d.id LIMIT $2
"""
_ONE = "SELECT * FROM deadlines WHERE id = $1"
_CLAIMS_OF_ONE = "SELECT * FROM claims WHERE deadline = $1 ORDER BY seen_at DESC"
_CLAIMS = "SELECT * FROM claims WHERE deadline IN "


@dataclass(frozen=True, slots=True)
class Deadlines:
    db: Database

    async def coming(self, reader: Reader, after: datetime, limit: int) -> Sequence[Deadline]:
        rows = await reader.fetch(_COMING, ms(after), limit)
        claims: defaultdict[int, list[Row]] = defaultdict(list)
        found = await reader.fetch(
            _CLAIMS + self.db.dialect.ids_in("$1") + " ORDER BY seen_at DESC", array(row["id"] for row in rows)
        )
        for row in found:
            claims[row["deadline"]].append(row)
        return [_deadline(row, claims[row["id"]]) for row in rows]

    async def one(self, reader: Reader, number: DeadlineId) -> Deadline | None:
        rows = await reader.fetch(_ONE, number)
        claims = await reader.fetch(_CLAIMS_OF_ONE, number)
        return _deadline(rows[0], claims) if rows else None


def _deadline(row: Row, claims: Sequence[Row]) -> Deadline:
    edge = Edge(row["edge"])
    return Deadline(
        id=DeadlineId(row["id"]),
        programme=row["programme"],
        stage=row["stage"],
        edge=edge,
        region=row["region"],
        claims=tuple(_claim(claim, row, edge) for claim in claims),
    )


def _claim(row: Row, of: Row, edge: Edge) -> Claim:
    at = moment(row["date_at"])
    precision = Precision(row["precision_of"])
    return Claim(
        date=at.date(),
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
        seen_at=moment(row["seen_at"]),
    )
