"""What is talked of. Each question walks one index over its own stretch of time, whatever the archive holds besides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import StoryId
from bot.domain.trend import Trend
from bot.ports import Database, Reader
from storage.columns import moment_or_none, ms

# CROSS: articles come first. Without statistics SQLite begins with all topics there ever were: 250 ms instead of 10.
_TOPICS = """
SELECT t.topic, SUM(CASE WHEN a.sorted_at >= $2 THEN 1 ELSE 0 END) AS now,
    SUM(CASE WHEN a.sorted_at < $2 THEN 1 ELSE 0 END) AS before
FROM articles a CROSS JOIN article_topics t WHERE t.article = a.id AND a.sorted_at >= $1 AND a.sorted_at <= $3
GROUP BY t.topic ORDER BY now DESC, t.topic
"""
# "+ 0": else it walks all stories in their order, to be spared the sorting of a few.
_STORIES = """
SELECT a.story + 0 AS story, COUNT(DISTINCT a.source) AS voices, MAX(a.sorted_at) AS last
FROM articles a WHERE a.sorted_at >= $1 AND a.sorted_at <= $2
GROUP BY a.story + 0 HAVING COUNT(DISTINCT a.source) > 1 ORDER BY voices DESC, last DESC LIMIT $3
"""
_BEGINS = "SELECT MIN(sorted_at) AS at FROM articles WHERE sorted_at > 0"  # 0: hidden


@dataclass(frozen=True, slots=True)
class Trends:
    db: Database

    async def topics(self, reader: Reader, before: datetime, since: datetime, until: datetime) -> Sequence[Trend]:
        rows = await reader.fetch(_TOPICS, ms(before), ms(since), ms(until))
        return [Trend(topic=row["topic"], now=int(row["now"]), before=int(row["before"])) for row in rows]

    async def stories(
        self, reader: Reader, since: datetime, until: datetime, limit: int
    ) -> Sequence[tuple[StoryId, int]]:
        rows = await reader.fetch(_STORIES, ms(since), ms(until), limit)
        return [(StoryId(row["story"]), int(row["voices"])) for row in rows]

    async def begins(self, reader: Reader) -> datetime | None:
        (row,) = await reader.fetch(_BEGINS)
        return moment_or_none(row["at"])
