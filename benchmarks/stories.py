"""Is a story found as fast in an archive of a million terms' rows as in one of ten thousand?

    python -m benchmarks.stories [--rows 10000 1000000]

Rows are made directly: each article has 12 terms of Zipf's law over 30,000, and the flow has one density, so that a
larger archive is an older one. Asked is what a new article asks: the articles of ten days that share most of its terms.
The medians of the two archives, of the same queries in turn, may differ by half; on SQLite.
"""

import argparse
import asyncio
import itertools
import random
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.domain.ids import SourceId
from bot.pipeline.stories import LEAST_SHARED, MOST_NEAR
from bot.text.story import HEAVIEST, WINDOW
from bot.wiring import store_on
from storage.columns import ms
from storage.database import OpenDatabase, open_database

ROWS = (10_000, 1_000_000)
A_DAY = 80  # articles: ten days of them are the smaller archive
TERMS = 30_000
ASKED = 200
MOST = 1.5  # times the smaller archive's median
CHUNK = 20_000
ELSEWHERE = SourceId(2)
NOW = datetime(2026, 3, 10, tzinfo=UTC)
_WEIGHTS = list(itertools.accumulate(1 / (rank + 30) for rank in range(TERMS)))


def terms(chance: random.Random) -> Mapping[str, float]:
    found = {f"t{number}" for number in chance.choices(range(TERMS), cum_weights=_WEIGHTS, k=2 * HEAVIEST)}
    return dict.fromkeys(sorted(found)[:HEAVIEST], HEAVIEST**-0.5)


async def archive(path: Path, rows: int) -> OpenDatabase:
    """The newest articles are of this moment, the oldest as old as so many rows need."""
    db = await open_database(f"sqlite:///{path}")
    chance = random.Random(1)
    count = rows // HEAVIEST
    async with db.tx() as tx:
        await tx.execute("INSERT INTO sources (slug, title, url, origin) VALUES ('a', 'A', 'https://a.test/', 'file')")
        await tx.execute("INSERT INTO stories (last_at) VALUES (1)")
    for start in range(0, count, CHUNK):
        numbers = range(start, min(start + CHUNK, count))
        at = {number: ms(NOW - timedelta(days=number / A_DAY)) for number in numbers}
        async with db.tx() as tx:
            await tx.execute_many(
                """INSERT INTO articles (id, source, story, url, url_key, content_hash, title, language, sorted_at,
                first_seen_at, analyser) VALUES ($1, 1, 1, 'u', 'u', 'h', 't', 'fr', $2, $2, 1)""",
                [(number + 1, at[number]) for number in numbers],
            )
            await tx.execute_many(
                "INSERT INTO story_terms (term, published_at, article, weight) VALUES ($1, $2, $3, $4)",
                [(term, at[n], n + 1, weight) for n in numbers for term, weight in terms(chance).items()],
            )
    return db


async def asked(db: OpenDatabase, queries: Sequence[Mapping[str, float]]) -> list[float]:
    """Milliseconds each."""
    stories, took = store_on(db).stories, []
    for query in queries:
        start = time.perf_counter()
        await stories.near(db, query, NOW - WINDOW, NOW + WINDOW, but=ELSEWHERE, least=LEAST_SHARED, limit=MOST_NEAR)
        took.append(1000 * (time.perf_counter() - start))
    return took


async def measure(sizes: Sequence[int]) -> dict[int, float]:
    """Rows → median milliseconds."""
    chance = random.Random(2)
    queries = [terms(chance) for _ in range(ASKED)]
    with tempfile.TemporaryDirectory() as folder:
        archives = {size: await archive(Path(folder) / f"{size}.db", size) for size in sizes}
        took: dict[int, list[float]] = {size: [] for size in sizes}
        for _ in range(3):
            for size, db in archives.items():
                took[size] += await asked(db, queries)
        for db in archives.values():
            await db.close()
    for size, found in took.items():
        print(f"{size:>9,} rows: p50 {statistics.median(found):.3f} ms, p99 {sorted(found)[-len(found) // 100]:.3f} ms")
    return {size: statistics.median(found) for size, found in took.items()}


def test_a_story_is_found_as_fast_in_a_hundred_times_the_archive() -> None:
    medians = list(asyncio.run(measure(ROWS)).values())
    print(f"{medians[-1] / medians[0]:.2f} times")
    assert medians[-1] <= MOST * medians[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=list(ROWS))
    asyncio.run(measure(parser.parse_args().rows))


if __name__ == "__main__":
    main()
