"""Stories: the articles that tell one, and the terms by which a new article finds them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.delivery import Post, story_keys
from bot.domain.ids import ArticleId, SourceId, StoryId
from bot.domain.story import Near
from bot.ports import Database, Reader, Row, Tx
from storage.columns import array, moment, ms
from storage.owed import post_of

AT_ONCE = 20_000  # rows looked through
STEMS = 2_000  # characters of an article's stems: its title's and the first of its text

_NOTE = "INSERT INTO story_terms (term, published_at, article, weight) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
# The terms come first, each with its stretch of the key: what the archive holds before the window is never looked at.
_NEAR_FROM = "SELECT n.article, a.story, a.sorted_at, SUBSTR(a.stems, 1, $5) AS stems FROM (SELECT t.article FROM "
_NEAR_TO = """ q CROSS JOIN story_terms t
    WHERE t.term = q.key AND t.published_at >= $2 AND t.published_at <= $3
    GROUP BY t.article HAVING SUM(t.weight * q.value) >= $6
    ORDER BY SUM(t.weight * q.value) DESC, t.article DESC LIMIT $4
) n JOIN articles a ON a.id = n.article WHERE a.source <> $7 ORDER BY a.id
"""
_NAMING_FROM = """
SELECT DISTINCT a.id AS article, a.story, a.sorted_at, SUBSTR(a.stems, 1, $5) AS stems
FROM article_cves c JOIN articles a ON a.id = c.article AND a.sorted_at >= $2 AND a.sorted_at <= $3 WHERE c.cve IN """
_NAMING_TO = " ORDER BY a.id DESC LIMIT $4"
_MEMBERS = "SELECT id FROM articles WHERE story IN "
_POSTS = "SELECT * FROM posts WHERE post_key IN "
_MOVE = "UPDATE articles SET story = $2 WHERE id = $1"
_LEAVE = "DELETE FROM stories WHERE id = $1"
_LAST = "UPDATE stories SET best_article = $2, last_at = CASE WHEN last_at < $3 THEN $3 ELSE last_at END WHERE id = $1"
# No index tells the old from the new: each stretch of the key is looked through once, in a short transaction.
_STRETCH = "SELECT term FROM story_terms WHERE term > $1 ORDER BY term LIMIT 1 OFFSET $2"
_FORGET_UP_TO = "DELETE FROM story_terms WHERE term > $1 AND term <= $2 AND published_at < $3"
_FORGET_REST = "DELETE FROM story_terms WHERE term > $1 AND published_at < $2"


@dataclass(frozen=True, slots=True)
class Stories:
    db: Database

    async def note(self, tx: Tx, article: ArticleId, at: datetime, terms: Mapping[str, float]) -> None:
        await tx.execute_many(_NOTE, [(term, ms(at), article, weight) for term, weight in terms.items()])

    async def near(
        self,
        reader: Reader,
        terms: Mapping[str, float],
        since: datetime,
        until: datetime,
        *,
        but: SourceId,
        least: float,
        limit: int,
    ) -> Sequence[Near]:
        sql = _NEAR_FROM + self.db.dialect.numbers_in("$1") + _NEAR_TO
        return _near(await reader.fetch(sql, json.dumps(terms), ms(since), ms(until), limit, STEMS, least, but))

    async def naming(
        self, reader: Reader, cves: Sequence[str], since: datetime, until: datetime, *, limit: int
    ) -> Sequence[Near]:
        sql = _NAMING_FROM + self.db.dialect.strings_in("$1") + _NAMING_TO
        return _near(await reader.fetch(sql, array(cves), ms(since), ms(until), limit, STEMS))

    async def articles(self, reader: Reader, stories: Sequence[StoryId]) -> Sequence[ArticleId]:
        rows = await reader.fetch(_MEMBERS + self.db.dialect.ids_in("$1") + " ORDER BY id", array(stories))
        return [ArticleId(row["id"]) for row in rows]

    async def told(self, reader: Reader, story: StoryId) -> Sequence[Post]:
        rows = await reader.fetch(_POSTS + self.db.dialect.strings_in("$1") + " ORDER BY id", array(story_keys(story)))
        return [post_of(row, row["id"], row["prio"], row["revision"]) for row in rows]

    async def join(self, tx: Tx, article: ArticleId, own: StoryId, story: StoryId) -> None:
        await tx.execute(_MOVE, article, story)
        await tx.execute(_LEAVE, own)

    async def led_by(self, tx: Tx, story: StoryId, best: ArticleId, at: datetime) -> None:
        await tx.execute(_LAST, story, best, ms(at))

    async def forget(self, tx: Tx, before: datetime, *, behind: str) -> str | None:
        ends = await tx.fetch(_STRETCH, behind, AT_ONCE)
        if not ends:
            await tx.execute(_FORGET_REST, behind, ms(before))
            return None
        end = str(ends[0]["term"])
        await tx.execute(_FORGET_UP_TO, behind, end, ms(before))
        return end


def _near(rows: Sequence[Row]) -> Sequence[Near]:
    return [
        Near(
            article=ArticleId(row["article"]),
            story=StoryId(row["story"]),
            at=moment(row["sorted_at"]),
            stems=row["stems"],
        )
        for row in rows
    ]
