"""Deadlines as rows, the shortest way."""

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain.ids import ArticleId
from tests.fakes import START, World, entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One claim; `at`: "2026-03-30", or with an hour, UTC."""

    at: str
    what: str = "dépôt des dossiers"
    phrase: str = "avant le 30 mars"
    source: int = 1
    article: int = 1
    precision: str = ""  # "": what `at` shows
    confidence: float = 0.9
    official: bool = True
    seen_at: datetime = START


async def deadline(
    world: World,
    number: int,
    *claims: Row,
    programme: str = "care",
    stage: str = "",
    edge: str = "close",
    region: str = "",
) -> None:
    async with world.db.tx() as tx:
        await tx.execute(
            "INSERT INTO deadlines (id, programme, stage, edge, region, subject) VALUES ($1, $2, $3, $4, $5, '')",
            *(number, programme, stage or f"étape {number}", edge, region),
        )
    for row in claims:
        await claim(world, number, row)


async def claim(world: World, number: int, row: Row) -> None:
    at = datetime.fromisoformat(row.at).replace(tzinfo=UTC)
    precision = row.precision or ("hour" if "T" in row.at else "day")
    async with world.db.tx() as tx:
        await tx.execute(
            """INSERT INTO claims (deadline, source, article, date_at, precision_of, what, phrase, confidence, official,
                seen_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
            *(number, row.source, row.article, int(at.timestamp() * 1000), precision, row.what, row.phrase),
            *(row.confidence, int(row.official), int(row.seen_at.timestamp() * 1000)),
        )


async def told(world: World, slug: str, title: str, headline: str) -> ArticleId:
    """A source with one article, which claims may name: the first has the numbers 1 and 1."""
    source = await world.source(slug, title=title)
    world.site.publish(source, entry(slug, headline))
    await world.read(slug)
    (newest,) = await world.store.articles.newest(1, source=slug)
    return newest.number
