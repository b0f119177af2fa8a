"""The archive: articles, their stories, and the sightings that are their identity."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from bot.domain.alert import Alert, AlertType, Severity
from bot.domain.article import Article, Facts, Product, Understanding
from bot.domain.entry import canonical
from bot.domain.ids import ArticleId, SourceId, StoryId
from bot.domain.milestone import WITHDRAWN, Line
from bot.domain.rule import name_key
from bot.domain.sighting import Known, Sighting
from bot.domain.source import Trust
from bot.ports import Database, Reader, Row, Tx
from bot.text.query import references
from storage.columns import array, moment, moment_or_none, ms, ms_or_none, strings
from storage.search import search_on

_ADD_STORY = "INSERT INTO stories (last_at) VALUES ($1)"
_NAME_BEST = "UPDATE stories SET first_article = COALESCE(first_article, $2), best_article = $2 WHERE id = $1"
_ADD = """
INSERT INTO articles (source, story, url, url_key, content_hash, title, authors, genre, image, chapeau, body, summary,
    long_summary, stems, language, alert_type, severity, signals, cvss, exploited, published_at, sorted_at,
    first_seen_at, analyser)
VALUES ($1, (SELECT id FROM stories ORDER BY id DESC LIMIT 1 OFFSET $24), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
    $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
"""
_ADDED = "SELECT id, story FROM articles ORDER BY id DESC LIMIT $1"
_REVISE = """
UPDATE articles SET content_hash = $2, title = $3, authors = $4, genre = $5, image = $6, chapeau = $7, body = $8,
    summary = $9, long_summary = $10, stems = $11, language = $12, alert_type = $13, severity = $14, signals = $15,
    cvss = $16, exploited = $17, analyser = $18, revision = revision + 1
WHERE id = $1
"""
_MARK_EXPLOITED = """
UPDATE articles SET exploited = 1, alert_type = $2, severity = $3, signals = $4, revision = revision + 1 WHERE id = $1
"""
_ADOPT = "UPDATE articles SET source = $2, published_at = $3, sorted_at = $4 WHERE id = $1"
_LEAVE_SHELF = """
DELETE FROM sightings WHERE article = $1 AND source IN (SELECT id FROM sources WHERE url LIKE 'share:%')
"""
_SORT = "UPDATE articles SET sorted_at = $2 WHERE id = $1"
_ADD_TOPIC = "INSERT INTO article_topics (article, topic) VALUES ($1, $2) ON CONFLICT DO NOTHING"
_ADD_CVE = "INSERT INTO article_cves (article, cve) VALUES ($1, $2) ON CONFLICT DO NOTHING"
_ADD_PRODUCT = "INSERT INTO article_products (article, vendor, product) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
_ADD_NAME = "INSERT INTO article_names (kind, name, article) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
_FORGET = (
    "DELETE FROM article_topics WHERE article = $1",
    "DELETE FROM article_cves WHERE article = $1",
    "DELETE FROM article_products WHERE article = $1",
    "DELETE FROM article_names WHERE article = $1",
)
LONGEST_NAME = 200  # characters of a folded name: a row of an index holds 2,700 bytes on PostgreSQL
_SIGHT = """
INSERT INTO sightings (source, entry_key, article, content_hash, seen_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
"""
# A name that is another's by now: a guid that numbers places, an address under which one thing after another is told
_NAME = """
INSERT INTO sightings (source, entry_key, article, content_hash, seen_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (source, entry_key) DO UPDATE SET article = excluded.article, content_hash = excluded.content_hash,
    seen_at = excluded.seen_at
"""
_SIGHT_AGAIN = "UPDATE sightings SET content_hash = $3 WHERE article = $2 AND source = $1"
_SAID = "SELECT COUNT(DISTINCT content_hash) AS n FROM sightings WHERE source = $1 AND content_hash IN "
_SIGHTED = "SELECT 1 AS one FROM sightings WHERE article = $1 AND source = $2"
_UNDER = """
SELECT a.url_key, a.id, a.story, a.source, a.title, a.content_hash, a.published_at, CASE WHEN EXISTS (
        SELECT 1 FROM sightings g WHERE g.article = a.id AND g.entry_key LIKE 'import:%'
    ) THEN 1 ELSE 0 END AS imported, CASE WHEN EXISTS (
        SELECT 1 FROM sources s WHERE s.id = a.source AND s.url LIKE 'share:%'
    ) THEN 1 ELSE 0 END AS shared
FROM articles a WHERE a.url_key IN """
_LINES = """
SELECT g.entry_key, a.url, a.title, a.body, a.genre FROM sightings g
JOIN articles a ON a.id = g.article AND a.source = g.source AND a.title <> ''
WHERE g.source = $1 ORDER BY a.id
"""
_FACTS = """
SELECT a.*, s.slug, s.title AS source_title, s.topics AS source_topics, s.trust
FROM articles a JOIN sources s ON s.id = a.source
"""
# What an article has several of: (article, which part, name, whose).
_PARTS: Sequence[LiteralString] = (
    """SELECT g.article, 'source' AS part, s.slug AS name, '' AS whose
    FROM sightings g JOIN sources s ON s.id = g.source WHERE g.article IN """,
    "SELECT article, 'topic', topic, '' FROM article_topics WHERE article IN ",
    "SELECT article, 'cve', cve, '' FROM article_cves WHERE article IN ",
    "SELECT article, 'product', product, vendor FROM article_products WHERE article IN ",
)
_NEWEST = _FACTS + "ORDER BY a.sorted_at DESC, a.id DESC LIMIT $1"
_NEWEST_OF_SOURCE = (
    _FACTS
    + """WHERE a.id IN (SELECT g.article FROM sightings g JOIN sources o ON o.id = g.source WHERE o.slug = $2)
ORDER BY a.sorted_at DESC, a.id DESC LIMIT $1"""
)
_NEWEST_OF_TOPIC = (
    _FACTS
    + """WHERE a.id IN (SELECT t.article FROM article_topics t WHERE t.topic = $2)
ORDER BY a.sorted_at DESC, a.id DESC LIMIT $1"""
)
_NEWEST_ALERTS = _FACTS + "WHERE a.alert_type IS NOT NULL ORDER BY a.sorted_at DESC, a.id DESC LIMIT $1"
_SINCE = _FACTS + "WHERE a.sorted_at >= $1 ORDER BY a.sorted_at DESC, a.id DESC LIMIT $2"


@dataclass(frozen=True, slots=True)
class Articles:
    db: Database

    async def sightings(self, reader: Reader, source: SourceId, keys: Sequence[str]) -> Mapping[str, Sighting]:
        rows = await reader.fetch(
            """SELECT g.entry_key, g.article, g.content_hash, a.title, a.url_key, a.published_at,
                CASE WHEN a.source = g.source THEN 1 ELSE 0 END AS is_told
            FROM sightings g LEFT JOIN articles a ON a.id = g.article
            WHERE g.source = $1 AND g.entry_key IN """
            + self.db.dialect.strings_in("$2"),
            source,
            array(keys),
        )
        return {
            row["entry_key"]: Sighting(
                article=ArticleId(row["article"]),
                content_hash=row["content_hash"],
                is_told=bool(row["is_told"]),
                title=row["title"] or "",
                url_key=row["url_key"],
                published=moment_or_none(row["published_at"]),
            )
            for row in rows
        }

    async def under(self, reader: Reader, url: str) -> Sequence[Known]:
        return (await self.under_each(reader, [url]))[url]

    async def under_each(self, reader: Reader, urls: Sequence[str]) -> Mapping[str, Sequence[Known]]:
        found: defaultdict[str, list[Known]] = defaultdict(list)
        sql = _UNDER + self.db.dialect.strings_in("$1")
        rows = await reader.fetch(sql, array(map(canonical, urls))) if urls else ()
        for row in sorted(rows, key=lambda row: int(row["id"])):
            found[row["url_key"]].append(
                Known(
                    number=ArticleId(row["id"]),
                    story=StoryId(row["story"]),
                    source=SourceId(row["source"]),
                    title=row["title"],
                    content_hash=row["content_hash"],
                    published=moment_or_none(row["published_at"]),
                    imported=bool(row["imported"]),
                    shared=bool(row["shared"]),
                )
            )
        return {url: found[canonical(url)] for url in urls}

    async def add(self, tx: Tx, *new: tuple[Article, Understanding, str]) -> Sequence[tuple[ArticleId, StoryId]]:
        """One answer for all of them: what asks for none goes to the database with what does."""
        if not new:
            return []
        await tx.execute_many(_ADD_STORY, [(_sorted_at(article),) for article, _, _ in new])
        # What was written last is the newest until the end of this transaction.
        await tx.execute_many(_ADD, [_row(*one, before=len(new) - place) for place, one in enumerate(new, 1)])
        rows = (await tx.fetch(_ADDED, len(new)))[::-1]
        await tx.execute_many(_NAME_BEST, [(row["story"], row["id"]) for row in rows])
        numbers = [ArticleId(row["id"]) for row in rows]
        await self._index(tx, [(number, one, found) for number, (one, found, _) in zip(numbers, new, strict=True)])
        return [(number, StoryId(row["story"])) for number, row in zip(numbers, rows, strict=True)]

    async def revise(
        self, tx: Tx, number: ArticleId, article: Article, found: Understanding, content_hash: str
    ) -> None:
        await tx.execute(_REVISE, number, content_hash, *_said(article, found))
        for statement in _FORGET:
            await tx.execute_many(statement, [(number,)])
        await self._index(tx, [(number, article, found)])

    async def adopt(self, tx: Tx, number: ArticleId, article: Article, found: Understanding, content_hash: str) -> None:
        await self.revise(tx, number, article, found, content_hash)
        await tx.execute(_ADOPT, number, article.source, ms_or_none(article.published), _sorted_at(article))
        await tx.execute(_LEAVE_SHELF, number)

    async def hide(self, tx: Tx, number: ArticleId) -> None:
        await tx.execute(_SORT, number, 0)
        await search_on(self.db).index(tx, (number, ""))

    async def unhide(self, tx: Tx, facts: Facts) -> None:
        await tx.execute(_SORT, facts.number, _sorted_at(facts.article))
        await search_on(self.db).index(tx, (facts.number, facts.understanding.stems))

    async def mark_exploited(self, tx: Tx, number: ArticleId, alert: Alert | None) -> None:
        await tx.execute(_MARK_EXPLOITED, number, *_alert(alert))

    async def _index(self, tx: Tx, written: Sequence[tuple[ArticleId, Article, Understanding]]) -> None:
        """All by which they can be found, in the transaction that writes them."""
        await search_on(self.db).index(tx, *[(number, found.stems) for number, _, found in written])
        names = [(kind, name, number) for number, article, _ in written for kind, name in _names(article)]
        topics = [(number, topic) for number, _, found in written for topic in found.topics]
        cves = [(number, cve) for number, _, found in written for cve in found.cves]  # one real advisory names 1,924
        products = [(number, one.vendor, one.name) for number, _, found in written for one in found.products]
        for sql, rows in ((_ADD_NAME, names), (_ADD_TOPIC, topics), (_ADD_CVE, cves), (_ADD_PRODUCT, products)):
            if rows:
                await tx.execute_many(sql, rows)

    async def sight(
        self, tx: Tx, source: SourceId, names: Sequence[str], article: ArticleId, content_hash: str, now: datetime
    ) -> bool:
        known = await tx.fetch(_SIGHTED, article, source)
        await tx.execute_many(_SIGHT, [(source, name, article, content_hash, ms(now)) for name in names])
        return not known

    async def sight_new(
        self, tx: Tx, source: SourceId, *new: tuple[Sequence[str], ArticleId, str], now: datetime
    ) -> None:
        rows = [(source, name, article, said, ms(now)) for names, article, said in new for name in names]
        await tx.execute_many(_NAME, rows)

    async def sight_again(self, tx: Tx, source: SourceId, article: ArticleId, content_hash: str) -> None:
        await tx.execute(_SIGHT_AGAIN, source, article, content_hash)

    async def said_before(self, reader: Reader, source: SourceId, hashes: Collection[str]) -> int:
        among = self.db.dialect.strings_in("$2")
        (row,) = await reader.fetch(_SAID + among, source, array(sorted(hashes)))
        return int(row["n"])

    async def facts(self, reader: Reader, numbers: Sequence[ArticleId]) -> Sequence[Facts]:
        rows = await reader.fetch(_FACTS + "WHERE a.id IN " + self.db.dialect.ids_in("$1"), array(numbers))
        found = {facts.number: facts for facts in await self._complete(reader, rows)}
        return [found[number] for number in numbers if number in found]

    async def lines(self, reader: Reader, source: SourceId) -> Sequence[Line]:
        return [
            Line(
                key=row["entry_key"],
                url=row["url"],
                label=row["title"],
                text=row["body"],
                is_withdrawn=row["genre"] == WITHDRAWN,
            )
            for row in await reader.fetch(_LINES, source)
        ]

    async def newest(
        self, limit: int, *, source: str | None = None, topic: str | None = None, alerts: bool = False
    ) -> Sequence[Facts]:
        if source is not None:
            rows = await self.db.fetch(_NEWEST_OF_SOURCE, limit, source)
        elif topic is not None:
            rows = await self.db.fetch(_NEWEST_OF_TOPIC, limit, topic)
        elif alerts:
            rows = await self.db.fetch(_NEWEST_ALERTS, limit)
        else:
            rows = await self.db.fetch(_NEWEST, limit)
        return await self._complete(self.db, rows)

    async def since(self, moment: datetime, limit: int) -> Sequence[Facts]:
        return await self._complete(self.db, await self.db.fetch(_SINCE, ms(moment), limit))

    async def _complete(self, reader: Reader, rows: Sequence[Row]) -> Sequence[Facts]:
        """One more statement for all of them, whatever their number: each trip to the database costs a tenth of a
        millisecond, and an article that is new is asked for several times."""
        if not rows:
            return []
        among = self.db.dialect.ids_in("$1")
        parts = " UNION ALL ".join(part + among for part in _PARTS)
        found: defaultdict[int, defaultdict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for row in await reader.fetch(parts, array(row["id"] for row in rows)):
            found[row["article"]][row["part"]].append(row)
        return [_facts(row, found[row["id"]]) for row in rows]


def _sorted_at(article: Article) -> int:
    """A date ahead of us (a typing error, an event) would stay on top of the archive for ever."""
    seen, published = ms(article.first_seen), ms_or_none(article.published)
    return seen if published is None else min(published, seen)


def _row(article: Article, found: Understanding, content_hash: str, *, before: int) -> tuple[Any, ...]:
    """In the order of `_ADD`. `before`: how many stories were written after its own."""
    *said, analyser = _said(article, found)
    place = (article.source, article.url, canonical(article.url), content_hash)
    dates = (ms_or_none(article.published), _sorted_at(article), ms(article.first_seen))
    return (*place, *said, *dates, analyser, before)


def _said(article: Article, found: Understanding) -> tuple[Any, ...]:
    """What both the first writing and a revision store, in the order of the statements above."""
    return (
        article.title,
        array(article.authors),
        article.genre,
        article.image,
        article.chapeau,
        article.body,
        found.summary,
        found.long_summary,
        found.stems,
        found.language,
        *_alert(found.alert),
        found.cvss,
        int(found.exploited),
        found.analyser,
    )


def _alert(alert: Alert | None) -> tuple[str | None, int | None, str]:
    """Type, severity, signals."""
    return (alert.type.value, int(alert.severity), array(alert.signals)) if alert else (None, None, array(()))


def _names(article: Article) -> Iterator[tuple[str, str]]:
    """(kind, name) as a query asks for them. A reference is what the article is, not what its text mentions."""
    for author in article.authors:
        yield "author", name_key(author)[:LONGEST_NAME]
    if genre := name_key(article.genre):
        yield "genre", genre[:LONGEST_NAME]
    for reference in references(f"{article.title} {article.url}"):
        yield "reference", reference


def _facts(row: Row, parts: Mapping[str, list[Row]]) -> Facts:
    alert = None
    if row["alert_type"] is not None:
        alert = Alert(
            type=AlertType(row["alert_type"]), severity=Severity(row["severity"]), signals=strings(row["signals"])
        )
    return Facts(
        number=ArticleId(row["id"]),
        story=StoryId(row["story"]),
        revision=row["revision"],
        sources=frozenset({row["slug"], *(part["name"] for part in parts["source"])}),
        article=Article(
            source=SourceId(row["source"]),
            source_slug=row["slug"],
            source_title=row["source_title"],
            source_topics=tuple(json.loads(row["source_topics"])),
            trust=Trust(row["trust"]),
            url=row["url"],
            title=row["title"],
            chapeau=row["chapeau"],
            body=row["body"],
            authors=strings(row["authors"]),
            genre=row["genre"],
            image=row["image"],
            language=row["language"],
            published=moment_or_none(row["published_at"]),
            first_seen=moment(row["first_seen_at"]),
        ),
        understanding=Understanding(
            analyser=row["analyser"],
            language=row["language"],
            summary=row["summary"],
            long_summary=row["long_summary"],
            topics=tuple(sorted(part["name"] for part in parts["topic"])),
            alert=alert,
            cves=tuple(sorted(part["name"] for part in parts["cve"])),
            cvss=row["cvss"],
            exploited=bool(row["exploited"]),
            products=tuple(sorted(Product(vendor=part["whose"], name=part["name"]) for part in parts["product"])),
            stems=row["stems"],
        ),
    )
