"""One source: fetch → parse → complete → understand → one transaction."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.article import Article, Facts, Understanding
from bot.domain.entry import Entry, canonical
from bot.domain.ids import ArticleId, StoryId
from bot.domain.source import Rhythm, Source
from bot.errors import ConfigError, ParseError, SourceError
from bot.pipeline import decide
from bot.pipeline.matching import Matching
from bot.ports import Clock, Cpu, Database, FeedLink, Fetcher, NotModified, Outline, Page, ReadsArticle, SourceKind, Tx
from bot.stores import Articles, Outbox, Sources

PARSE = timedelta(seconds=5)  # feedparser runs for minutes on 1 MB made for it
UNDERSTAND = timedelta(seconds=10)  # a batch; one article takes 15 ms
BATCH = 50  # articles understood in one call
WRITTEN_AT_ONCE = 8  # articles in one transaction: somebody's command waits for it
PAGES = 30  # article pages fetched in one reading, where the list shows teasers
PAGES_WITHIN = timedelta(seconds=60)  # what has no page by then is told by its teaser


class Kinds(Protocol):
    def load(self, name: str) -> SourceKind:
        """Raises ConfigError for a name nobody has."""
        ...

    def detect(self, page: Page) -> str: ...

    def feeds_of(self, page: Page) -> Sequence[FeedLink]:
        """What a page of HTML leads to, the declared ones first; () for anything else. Never fails."""
        ...

    def outlines_of(self, page: Page) -> Sequence[Outline]:
        """The feeds an OPML document names, in its order, all of them. Raises ParseError."""
        ...


Understand = Callable[[Sequence[Article]], Sequence[Understanding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An entry with what is made of it, ready to be written."""

    entry: Entry
    article: Article
    understanding: Understanding


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingest:
    """A flow: its fields are the ports it uses, `check` is what it does."""

    db: Database
    fetcher: Fetcher
    cpu: Cpu
    kinds: Kinds
    understand: Understand  # a module's function: it runs in a worker process
    sources: Sources
    articles: Articles
    outbox: Outbox
    matching: Matching
    clock: Clock
    rhythm: Rhythm
    jitter: Callable[[], float]

    async def check(self, source: Source) -> int:
        """Read one source; returns how many articles were new. Raises SourceError, with the source's state written."""
        try:
            page = await self.fetcher.get(source.url, etag=source.etag, last_modified=source.last_modified)
            if isinstance(page, NotModified):
                await self._save(self._well(source, page))
                return 0
            return await self._read(source, page)
        except SourceError as error:
            after = error.after
            await self._save(source.failed(self._now(), error.code, self.rhythm, jitter=self.jitter(), after=after))
            raise

    async def _read(self, source: Source, page: Page) -> int:
        name = source.kind or str(await self.cpu.run(self.kinds.detect, page, deadline=PARSE))
        try:
            kind = self.kinds.load(name)
        except ConfigError as error:  # a sources file may name a kind of a later version: the others are read
            raise ParseError("unknown-kind", str(error)) from None
        fingerprint = decide.body_hash(page.body)
        if fingerprint == source.body_hash:
            seen = replace(self._well(source, page), kind=name)
            await self._save(replace(seen, etag=page.etag, last_modified=page.last_modified))
            return 0
        entries = [decide.writable(entry) for entry in await self.cpu.run(kind.parse, page, source, deadline=PARSE)]
        keys = [entry.key for entry in entries]
        reading = decide.sort_out(entries, await self.articles.sightings(self.db, source.id, keys))
        new = await self._understood(source, await self._completed(kind, reading.new))
        changed_entries = await self._completed(kind, [entry for _, entry in reading.changed])
        numbers = [number for number, _ in reading.changed]
        changed = list(zip(numbers, await self._understood(source, changed_entries), strict=True))
        seen = replace(self._well(source, page, news=bool(new)), kind=name)
        if not page.truncated:  # a cut body says nothing of what follows: read it again next time
            seen = replace(seen, etag=page.etag, last_modified=page.last_modified, body_hash=fingerprint)
        hashes = {entry.key: decide.content_hash(entry) for entry in entries}
        # An entry without a link of its own has the address of the list, as all such entries of it have.
        shared = frozenset({canonical(source.url), canonical(page.url)})
        await self._write(source, seen, new, changed, hashes, shared)
        return len(new)

    def _well(self, source: Source, page: Page | NotModified, *, news: bool = False) -> Source:
        return source.read(self._now(), self.rhythm, jitter=self.jitter(), after=page.fresh_for, news=news)

    async def give_up(self, source: Source) -> None:
        """It took longer than any reading may: later, as after any failure."""
        await self._save(source.failed(self._now(), "timeout", self.rhythm, jitter=self.jitter()))

    async def _completed(self, kind: SourceKind, entries: Sequence[Entry]) -> Sequence[Entry]:
        """With their own pages, where the list shows teasers. A page that fails or comes too late leaves the teaser."""
        if not isinstance(kind, ReadsArticle):
            return entries
        loop = asyncio.get_running_loop()
        until = loop.time() + PAGES_WITHIN.total_seconds()
        return [
            *entries[:-PAGES],
            *[await self._with_page(kind, one) if loop.time() < until else one for one in entries[-PAGES:]],
        ]

    async def _with_page(self, kind: ReadsArticle, entry: Entry) -> Entry:
        try:
            page = await self.fetcher.get(kind.page_of(entry))
            return await self.cpu.run(kind.read, page, entry, deadline=PARSE) if isinstance(page, Page) else entry
        except SourceError:
            return entry

    async def _understood(self, source: Source, entries: Sequence[Entry]) -> Sequence[Told]:
        now = self._now()
        articles = [decide.article_of(entry, source, now) for entry in entries]
        found: list[Understanding] = []
        for start in range(0, len(articles), BATCH):
            batch = articles[start : start + BATCH]
            found.extend(await self.cpu.run(self.understand, batch, deadline=UNDERSTAND))
        return [
            Told(entry=entry, article=article, understanding=understanding)
            for entry, article, understanding in zip(entries, articles, found, strict=True)
        ]

    async def _write(
        self,
        source: Source,
        seen: Source,
        new: Sequence[Told],
        changed: Sequence[tuple[ArticleId, Told]],
        hashes: Mapping[str, str],
        shared: frozenset[str],
    ) -> None:
        """In batches. The source's state goes with the last: cut short, what is not written is still new next time."""
        told, pace = 0, decide.Pace.of(source, len(new), self._now())
        size = WRITTEN_AT_ONCE
        batches = [new[start : start + size] for start in range(0, len(new), size)] or [()]
        for last, batch in ((batch is batches[-1], batch) for batch in batches):
            # One transaction: an article is known exactly when its deliveries are owed, so a crash at any line here
            # neither loses an alert nor sends it twice.
            async with self.db.tx() as tx:
                for one in batch:
                    has_own = canonical(one.article.url) not in shared
                    told += await self._keep(tx, source, one, hashes[one.entry.key], pace, told, has_own=has_own)
                if last:
                    for number, one in changed:
                        await self._revise(tx, source, number, one, hashes[one.entry.key])
                    await self.sources.save(tx, seen)

    async def _keep(
        self,
        tx: Tx,
        source: Source,
        one: Told,
        content_hash: str,
        pace: decide.Pace,
        told: int,
        *,
        has_own: bool,
    ) -> bool:
        """True when something was owed. `has_own`: its address is no other's, so what is known under it may be it."""
        now = one.article.first_seen
        under = await self.articles.under(tx, one.article.url) if has_own else ()
        known = decide.same(under, one.entry, source)
        if known is None:
            number, story = await self.articles.add(tx, one.article, one.understanding, content_hash)
        else:
            number, story = known.number, known.story
        first_here = await self.articles.sight(tx, source.id, one.entry.key, number, content_hash, now)
        if source.last_success is None or not first_here:
            return False  # a first reading goes to the archive only; a new key of an old article is nothing new
        (facts,) = await self.articles.facts(tx, [number])
        if known is None:
            return await self._owe(tx, facts, pace.hold_until(facts, told))
        return await self._also_here(tx, facts, source, story)

    async def _owe(self, tx: Tx, facts: Facts, hold_until: datetime | None, *, rise: bool = False) -> bool:
        now = self._now()
        matches = await self.matching.match(tx, facts)
        owed = await self.outbox.owe(
            tx,
            decide.post_of(facts, now, rise=rise),
            [match.rule for match in matches],
            now=now,
            breaks_quiet=decide.breaks_quiet(facts),
            hold_until=hold_until,
        )
        return owed > 0

    async def _also_here(self, tx: Tx, facts: Facts, source: Source, story: StoryId) -> bool:
        """Another source lists an article we know: owed to whom only this source brings, shown to the others."""
        now = self._now()
        before = replace(facts, sources=facts.sources - {source.slug})
        had = {match.rule for match in await self.matching.match(tx, before)}
        matches = [match for match in await self.matching.match(tx, facts) if match.rule not in had]
        await self.outbox.revise(tx, story)
        owed = await self.outbox.owe(
            tx,
            decide.post_of(facts, now),
            [match.rule for match in matches],
            now=now,
            breaks_quiet=decide.breaks_quiet(facts),
            hold_until=None,
        )
        return owed > 0

    async def _revise(self, tx: Tx, source: Source, number: ArticleId, one: Told, content_hash: str) -> None:
        """A changed title or text edits what was posted; a rise in severity is a new post."""
        (before,) = await self.articles.facts(tx, [number])
        await self.articles.revise(tx, number, one.article, one.understanding, content_hash)
        (facts,) = await self.articles.facts(tx, [number])
        await self.articles.sight_again(tx, source.id, one.entry.key, content_hash)
        await self.outbox.revise(tx, facts.story)
        if source.last_success is not None and (facts.severity or 0) > (before.severity or 0):
            await self._owe(tx, facts, None, rise=True)

    async def _save(self, source: Source) -> None:
        async with self.db.tx() as tx:
            await self.sources.save(tx, source)

    def _now(self) -> datetime:
        return self.clock.now()
