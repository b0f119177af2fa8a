"""One source: fetch → parse → sort out → complete → understand → keep."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.article import Article, Understanding
from bot.domain.entry import Entry, canonical
from bot.domain.milestone import KIND as MILESTONES
from bot.domain.source import BURST, TURNED, Listing, Rhythm, Source
from bot.errors import ConfigError, ParseError, SourceError
from bot.pipeline import decide, identity
from bot.pipeline.exploited import Marking
from bot.pipeline.fresh import Fresh, Remembered, fresh_of, read_apart, together
from bot.pipeline.keep import Keep, Said, Told
from bot.pipeline.parts import PARSE, Lister
from bot.ports import (
    Advises,
    Clock,
    Cpu,
    Database,
    FeedLink,
    Fetcher,
    HasParts,
    ListsExploited,
    NotModified,
    Outline,
    Page,
    ReadsArticle,
    SourceKind,
)
from bot.stores import Articles, Boilerplate
from bot.text.boilerplate import BARE, Lines
from bot.text.understand import Together

UNDERSTAND = timedelta(seconds=10)  # a batch; one article takes 15 ms
BATCH = 50  # articles understood in one call
PAGES = 30  # article pages fetched in one reading, where the list shows teasers
PAGES_WITHIN = timedelta(seconds=60)  # what has no page by then is told by its teaser
PARTS = 10  # of a page that lists further pages
PARTS_WITHIN = timedelta(seconds=30)


class Kinds(Protocol):
    def load(self, name: str) -> SourceKind:
        """Raises ConfigError for a name nobody has."""
        ...

    def detect(self, page: Page) -> str: ...

    def unpacked(self, page: Page) -> Page:
        """Of a gzip file what is in it, any other page as it is. Raises ParseError."""
        ...

    def feeds_of(self, page: Page) -> Sequence[FeedLink]:
        """What a page of HTML leads to, the declared ones first; () for anything else. Never fails."""
        ...

    def outlines_of(self, page: Page) -> Sequence[Outline]:
        """The feeds an OPML document names, in its order, all of them. Raises ParseError."""
        ...


Understand = Callable[[Sequence[Article]], Sequence[Understanding]]
UnderstandTogether = Callable[[Sequence[Article], Lines, bool], Together]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingest:
    """A flow: its fields are the ports it uses, `check` is what it does."""

    db: Database
    fetcher: Fetcher
    cpu: Cpu
    kinds: Kinds
    understand: UnderstandTogether  # a module's function: it runs in a worker process
    articles: Articles
    boilerplate: Boilerplate
    keep: Keep
    marking: Marking
    clock: Clock
    rhythm: Rhythm
    jitter: Callable[[], float]
    remembered: Remembered

    async def check(self, source: Source) -> int:
        """Read one source; returns how many articles were new. Raises SourceError, with the source's state written."""
        try:
            page = await self.fetcher.get(source.address, etag=source.etag, last_modified=source.last_modified)
            if isinstance(page, NotModified):
                await self.keep.states.soon(self._well(source, page))
                return 0
            return await self._read(source, page)
        except SourceError as error:
            after = error.after
            failed = source.failed(self._now(), error.trouble, self.rhythm, jitter=self.jitter(), after=after)
            await self.keep.states.at_once(failed)
            raise

    async def _read(self, source: Source, page: Page) -> int:
        fingerprint = decide.body_hash(page.body)
        name = source.kind or str(await self.cpu.run(self.kinds.detect, page, deadline=PARSE))
        try:
            kind = self.kinds.load(name)
        except ConfigError as error:  # a sources file may name a kind of a later version: the others are read
            raise ParseError("unknown-kind", str(error)) from None
        if isinstance(kind, Advises) and page.fresh_for is None:
            page = replace(page, fresh_for=kind.advice(page))
        if fingerprint == source.body_hash:
            seen = self._well(source, page)
            await self.keep.states.soon(replace(seen, etag=page.etag, last_modified=page.last_modified))
            return 0
        source = replace(source, kind=name)
        if isinstance(kind, ListsExploited):
            return await self._noted(source, page, kind, fingerprint)
        # An entry without a link of its own has the address of the list, as all such entries of it have.
        shared = frozenset({canonical(source.url), canonical(source.address), canonical(page.url)})
        fresh, whole = await self._fresh(kind, page, source, shared)
        said, listing = await self._said(source, kind, fresh, shared)
        # What came in a burst teaches nothing of what is usual; a day's bulk that is held once may be.
        is_burst = said.held and listing.new > BURST
        usual = replace(source, listed=listing.size) if is_burst else source.learned(listing, self._now())
        seen = self._well(usual, page, news=bool(said.new))
        if whole:  # a cut body says nothing of what follows: read it again next time
            seen = replace(seen, etag=page.etag, last_modified=page.last_modified, body_hash=fingerprint)
        await self.keep.reading(source, seen, said)
        if whole:
            self.remembered.keep(source.id, fingerprint, fresh.said)
        return len(said.new)

    async def _fresh(self, kind: SourceKind, page: Page, source: Source, shared: frozenset[str]) -> tuple[Fresh, bool]:
        """And whether the page says all there was, so that the same page again says nothing new."""
        before = self.remembered.of(source)
        if not isinstance(kind, HasParts) and kind.name != MILESTONES:
            parts = await self.cpu.run(read_apart, kind, page, source, shared, before, deadline=PARSE)
            return together(parts), not page.truncated
        lister = Lister(fetcher=self.fetcher, cpu=self.cpu, most=PARTS, within=PARTS_WITHIN)
        listed = await lister.entries(kind, page, source)
        entries = [decide.writable(entry) for entry in listed.entries]
        milestones, whole = self.keep.milestones, not page.truncated
        entries = [*await milestones.settled(self.db, kind.name, source, entries, self._now(), whole=whole)]
        return fresh_of(entries, shared, before), listed.whole

    async def _noted(self, source: Source, page: Page, kind: ListsExploited, fingerprint: str) -> int:
        """Facts about articles: none of its own."""
        noted = await self.marking.note(source, await self.cpu.run(kind.exploited, page, deadline=PARSE))
        seen = replace(self._well(source, page, news=noted > 0), body_hash=fingerprint)
        await self.keep.states.at_once(replace(seen, etag=page.etag, last_modified=page.last_modified))
        return 0

    async def _said(
        self, source: Source, kind: SourceKind, fresh: Fresh, shared: frozenset[str]
    ) -> tuple[Said, Listing]:
        """What the entries mean beside what we know: new, changed, under another name; all of it understood."""
        # Hashes are of what the list says, before an article's own page adds to it: that is what is compared next time.
        entries, names, hashes = fresh.entries, fresh.names, fresh.hashes
        asked = [name for one in names.values() for name in one]
        known = await self.articles.sightings(self.db, source.id, asked) if asked else {}
        reading = identity.sort_out(entries, names, hashes, known, fresh.addresses)
        listing = Listing(size=fresh.size, new=len(reading.new), dates=fresh.dates)
        held = decide.why_held(source, listing, self._now(), await self._again(source, reading.new))
        if reading.new and not held:
            held = await self.keep.holding.interrupted(source)
        further = {found.entry.key: found.names for found in reading.changed}
        is_news = bool(reading.new or reading.changed)
        before = (await self.boilerplate.of(self.db, [source.id]))[source.id] if is_news else Lines()
        complete = await self._completed(kind, reading.new)
        new, lines = await self._understood(source, complete, names, hashes, before, source.kind not in BARE)
        corrected = await self._completed(kind, [found.entry for found in reading.changed])
        changed, _ = await self._understood(source, corrected, further, hashes, lines, False)
        numbers = [found.article for found in reading.changed]
        said = Said(
            new=new,
            changed=list(zip(numbers, changed, strict=True)),
            renamed=reading.renamed,
            shared=shared,
            learned=lines if lines != before else None,
            held=held,
        )
        return said, listing

    async def _again(self, source: Source, new: Sequence[Entry]) -> int:
        """How many "new" entries are old ones under names we do not know: by their words, or by their date."""
        if len(new) < TURNED or source.last_success is None:
            return 0
        said = await self.articles.said_before(self.db, source.id, {identity.content_hash(entry) for entry in new})
        before = source.last_success - decide.OLD_NEWS
        return max(said, sum(entry.published is not None and entry.published < before for entry in new))

    def _well(self, source: Source, page: Page | NotModified, *, news: bool = False) -> Source:
        read = source.read(self._now(), self.rhythm, jitter=self.jitter(), after=page.fresh_for, news=news)
        return read.redirected(page.moved_to)

    async def give_up(self, source: Source, code: str) -> None:
        """Its reading was ended from outside: later, as after any failure."""
        await self.keep.states.at_once(source.failed(self._now(), code, self.rhythm, jitter=self.jitter()))

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

    async def _understood(
        self,
        source: Source,
        entries: Sequence[Entry],
        names: Mapping[str, tuple[str, ...]],
        hashes: Mapping[str, str],
        lines: Lines,
        teaches: bool,
    ) -> tuple[Sequence[Told], Lines]:
        """`teaches`: of what their source says on every page, which is then known better."""
        now = self._now()
        told: list[Told] = []
        for start in range(0, len(entries), BATCH):
            batch = entries[start : start + BATCH]
            articles = [decide.article_of(entry, source, now) for entry in batch]
            together = await self.cpu.run(self.understand, articles, lines, teaches, deadline=UNDERSTAND)
            lines = together.lines
            articles = [together.cleaned.get(at, article) for at, article in enumerate(articles)]
            found = await self.marking.known_of(list(zip(articles, together.found, strict=True)))
            told += [
                Told(
                    entry=entry,
                    names=names[entry.key],
                    content_hash=hashes[entry.key],
                    article=article,
                    understanding=understanding,
                )
                for entry, article, understanding in zip(batch, articles, found, strict=True)
            ]
        return told, lines

    def _now(self) -> datetime:
        return self.clock.now()
