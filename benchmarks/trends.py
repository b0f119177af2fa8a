"""How long does /trends count, in an archive of 100,000 articles?

    python -m benchmarks.trends [--articles 100000] [--days 730]

Goal: under 100 ms for each period, all its questions together. On SQLite, without statistics.
"""

import argparse
import asyncio
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.text.vocabulary import TOPICS
from bot.wiring import store_on
from storage.database import OpenDatabase, open_database

NOW = datetime(2026, 3, 10, tzinfo=UTC)
SOURCES, CHUNK, ROUNDS = 60, 5_000, 5
BODY = "Un texte fictif. " * 200
_SOURCE = "INSERT INTO sources (slug, title, url, origin) VALUES ($1, $1, $1, 'file')"
_STORY = "INSERT INTO stories (id, last_at) VALUES ($1, $2)"
_ARTICLE = """
INSERT INTO articles (id, source, story, url, url_key, content_hash, title, body, language, sorted_at, first_seen_at,
    analyser) VALUES ($1, $2, $3, $4, $4, 'h', $4, $5, 'fr', $6, $6, 1)
"""
_TOPIC = "INSERT INTO article_topics (article, topic) VALUES ($1, $2)"


async def fill(db: OpenDatabase, count: int, days: int) -> None:
    """Seven of ten articles begin a story, the others tell one of the last fifty; two topics at most, mostly one."""
    chance, last, now = random.Random(1), 0, int(NOW.timestamp() * 1000)
    async with db.tx() as tx:
        await tx.execute_many(_SOURCE, [(f"s{number}",) for number in range(SOURCES)])
    for start in range(1, count + 1, CHUNK):
        stories, articles, topics = [], [], []
        for number in range(start, min(start + CHUNK, count + 1)):
            at = now - chance.randrange(days * 86_400_000)
            if is_new := chance.random() < 0.7 or not last:
                last += 1
                stories.append((last, at))
            story = last if is_new else max(1, last - chance.randrange(50))
            articles.append((number, chance.randint(1, SOURCES), story, f"https://exemple.test/{number}", BODY, at))
            topics += [(number, topic) for topic in chance.sample(TOPICS, chance.choice([0, 1, 1, 2, 3]))]
        async with db.tx() as tx:
            for sql, rows in ((_STORY, stories), (_ARTICLE, articles), (_TOPIC, topics)):
                await tx.execute_many(sql, rows)


async def main(count: int, days: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        db = await open_database(f"sqlite:///{Path(folder) / 'tocsin.db'}")
        await fill(db, count, days)
        trends = store_on(db).trends
        print(f"{count} articles of {days} days")
        for length in (7, 30, 90):
            since, taken = NOW - timedelta(days=length), list[float]()
            for _ in range(ROUNDS):
                began = time.perf_counter()
                await trends.begins(db)
                await trends.topics(db, since - timedelta(days=length), since, NOW)
                await trends.stories(db, since, NOW, 3)
                taken.append((time.perf_counter() - began) * 1000)
            print(f"  {length:>2} days: median {sorted(taken)[ROUNDS // 2]:.0f} ms, slowest {max(taken):.0f} ms")
        await db.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=730)
    asked = parser.parse_args()
    asyncio.run(main(asked.articles, asked.days))
