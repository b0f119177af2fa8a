"""One page a person shows: read as any page from outside, kept in the archive, told to nobody else."""

import asyncio
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from bot.domain.article import Article, Understanding
from bot.domain.entry import Entry, canonical
from bot.domain.ids import ArticleId
from bot.domain.share import shelf
from bot.domain.source import Source
from bot.errors import FetchError, ParseError
from bot.pipeline import decide
from bot.pipeline.exploited import Marking
from bot.pipeline.identity import content_hash
from bot.pipeline.ingest import UNDERSTAND, Kinds, UnderstandTogether
from bot.pipeline.parts import PARSE
from bot.pipeline.preview import READING
from bot.pipeline.stories import Stories
from bot.ports import Clock, Cpu, Fetcher, NotModified, Page, ReadsArticle, Tx
from bot.stores import Articles, Sources
from bot.text.boilerplate import Lines

LIST = "list"  # the kind that reads pages
LEAST_TEXT = 200  # characters of a page that looks like a list, for it to be an article's


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A page somebody wants to show, understood, and nowhere in the rows."""

    entry: Entry
    article: Article  # its source is still to be known
    understanding: Understanding


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """A flow: `read`, then `keep` in the transaction that shares it."""

    fetcher: Fetcher
    cpu: Cpu
    kinds: Kinds
    understand: UnderstandTogether  # a module's function: it runs in a worker process
    marking: Marking
    stories: Stories
    articles: Articles
    sources: Sources
    clock: Clock

    async def read(self, address: str) -> Read | None:
        """None: it is no article's page, but a feed, a list, or something else. Raises SourceError."""
        try:
            async with asyncio.timeout(READING.total_seconds()):
                entry = await self._entry(address)
        except TimeoutError:
            raise FetchError("timeout", f"{address}: not read within {READING.seconds} s") from None
        if entry is None:
            return None
        article = decide.article_of(decide.writable(entry), Source(slug="", title="", url=""), self.clock.now())
        together = await self.cpu.run(self.understand, [article], Lines(), False, deadline=UNDERSTAND)
        (found,) = await self.marking.known_of([(article, together.found[0])])
        return Read(entry=entry, article=article, understanding=found)

    async def _entry(self, address: str) -> Entry | None:
        page = await self.fetcher.get(address)
        if isinstance(page, NotModified):
            raise FetchError("unexpected-304", f"{address}: says 'not modified' to a first request")
        page = await self.cpu.run(self.kinds.unpacked, page, deadline=PARSE)
        if await self.cpu.run(self.kinds.detect, page, deadline=PARSE) != LIST:
            return None
        kind = self.kinds.load(LIST)
        try:
            entries = await self.cpu.run(kind.parse, page, Source(slug="", title="", url=page.url), deadline=PARSE)
        except ParseError as error:
            if error.code != "no-items":
                raise
            entries = ()
        if len(entries) == 1 and canonical(entries[0].url) == canonical(page.url):
            return entries[0] if entries[0].title.strip() else None
        return await self._amid_others(page) if isinstance(kind, ReadsArticle) and not _is_home(page.url) else None

    async def _amid_others(self, page: Page) -> Entry | None:
        """A person says that it is an article: one that stands amid links to others is read all the same."""
        kind = self.kinds.load(LIST)
        assert isinstance(kind, ReadsArticle)
        entry = await self.cpu.run(kind.read, page, Entry(key=page.url, url=page.url, title=""), deadline=PARSE)
        return entry if entry.title.strip() and len(entry.text) >= LEAST_TEXT else None

    async def keep(self, tx: Tx, read: Read, community: str, title: str) -> ArticleId:
        """Under the chat's own source, made the first time; owed to nobody by that."""
        source = await self._shelf(tx, community, title)
        article = replace(read.article, source=source.id, source_slug=source.slug, source_title=source.title)
        found = await self.marking.checked(tx, article, read.understanding)
        said = content_hash(read.entry)
        ((number, story),) = await self.articles.add(tx, (article, found, said))
        await self.stories.place(tx, source, number, story, article, found)
        names = [canonical(article.url)]
        await self.articles.sight_new(tx, source.id, (names, number, said), now=self.clock.now())
        return number

    async def _shelf(self, tx: Tx, community: str, title: str) -> Source:
        wanted = shelf(community, title)
        number = await self.sources.shelve(tx, wanted)
        return replace(wanted, id=number)


def _is_home(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query
