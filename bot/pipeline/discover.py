"""What can be watched around an address: itself, the feeds it leads to, the usual paths of its site, its sitemaps.

A search is polite and short: so many requests, so many seconds, and only addresses that stand on the page itself or in
the list below. Some sites answer to `.rss` behind any address: what a candidate leads to is never followed.
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urljoin, urlsplit

from bot.domain.entry import Entry, canonical
from bot.domain.source import Source
from bot.domain.words import words
from bot.errors import FetchError, ParseError, SourceError
from bot.pipeline.parts import PARSE
from bot.pipeline.preview import Look, Preview
from bot.ports import Fetcher, NotModified, Page

WITHIN = timedelta(seconds=25)
REQUESTS = 12  # the page, the nine paths, robots.txt and one sitemap
AT_ONCE = 4
OFFERED = 8  # addresses of the page that are tried
SHOWN = 3  # entries of a candidate
FEWEST = 3  # entries that make a page a list
PATHS = (
    *("/feed/", "/rss.xml", "/rss", "/feed.xml", "/atom.xml", "/index.xml"),
    *("/rss/actualites.xml", "/spip.php?page=backend", "/fr/rss.xml"),
)
ROBOTS_READ = 64 * 1024  # bytes
SITEMAPS = 3
COMMENTS = frozenset({"comment", "comments", "commentaire", "commentaires"})
# The page is there, but not for us: its site's feeds may be.
CLOSED = ("login-required", "challenge")

How = Literal["itself", "link", "anchor", "path", "list", "sitemap"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Something that can be watched, and what one reading of it gave."""

    url: str  # as asked for; the address a source would have
    kind: str
    title: str
    entries: tuple[Entry, ...]  # the first three
    count: int
    dates: tuple[datetime, ...]  # of all entries that have one, newest first
    how: How

    @property
    def newest(self) -> datetime | None:
        return self.dates[0] if self.dates else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discover:
    """A flow: what a preview uses, several times."""

    look: Look
    within: timedelta = WITHIN

    async def around(self, address: str) -> Sequence[Found]:
        """Best first; never (): raises SourceError, of the address itself when it cannot be read."""
        address = complete(address)
        search = _Search(look=self.look)
        in_time = False
        with suppress(TimeoutError):
            async with asyncio.timeout(self.within.total_seconds()):
                await search.run(address)
                in_time = True
        if search.found:
            return best_first(search.found, search.page.url if search.page else address)
        if search.error is not None:
            raise search.error
        if not in_time:
            raise FetchError("timeout", f"{address}: nothing found within {self.within.seconds} s; try again later")
        raise ParseError("no-items", f"{address}: no feed, list or sitemap there; give the address of a page of news")


@dataclass(slots=True, kw_only=True)
class _Search:
    """One search, under way: what is found stays when time runs out."""

    look: Look
    found: list[Found] = field(default_factory=list)
    error: SourceError | None = None
    page: Page | None = None
    _tried: set[str] = field(default_factory=set)

    async def run(self, address: str) -> None:
        asking = _Asking(fetcher=self.look.fetcher)
        self.look = replace(self.look, fetcher=asking)
        preview = await self._read(address)
        self.page, self.error = asking.first, preview.error
        self._tried |= {canonical(address), canonical(preview.url)}
        if self._keep(address, preview, "itself"):
            return  # it was a feed, and nobody asked for another one
        if self.page is not None:
            self.error = None  # the page is there, whatever a list made of it
            await self._linked(self.page)
        elif self.error is not None and self.error.code not in CLOSED:
            return
        if not self._has_feed():
            await self._each((_at(preview.url, path), "path") for path in PATHS)
        if not self._has_feed():
            await self._each((url, "sitemap") for url in await self._sitemaps(preview.url))

    async def _linked(self, page: Page) -> None:
        with suppress(SourceError):
            links = await self.look.cpu.run(self.look.kinds.feeds_of, page, deadline=PARSE)
            await self._each((link.url, "link" if link.declared else "anchor") for link in links[:OFFERED])

    async def _sitemaps(self, base: str) -> Sequence[str]:
        try:
            robots = await self.look.fetcher.get(_at(base, "/robots.txt"))
        except SourceError:
            robots = NotModified()
        named = sitemaps_of(robots.body) if isinstance(robots, Page) else ()
        return named[:SITEMAPS] or [_at(base, "/sitemap.xml")]

    async def _each(self, wanted: Iterable[tuple[str, How]]) -> None:
        """In the order given, four at once; an address that was tried is not tried again."""
        waiting = [(url, how) for url, how in wanted if not self._is_known(url)][::-1]

        async def work() -> None:
            while waiting:
                url, how = waiting.pop()
                self._keep(url, await self._read(url), how)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(min(AT_ONCE, len(waiting))):
                tasks.create_task(work())

    async def _read(self, url: str) -> Preview:
        return await self.look.of(Source(slug="discover", title="", url=url))

    def _is_known(self, url: str) -> bool:
        spelling = canonical(url)
        known = spelling in self._tried
        self._tried.add(spelling)
        return known

    def _keep(self, url: str, preview: Preview, how: How) -> bool:
        """Is this it, with nothing more to look for? A page that merely looks like a list counts at its own address
        only: a site that shows its home page for whatever does not exist has no nine lists."""
        if preview.kind is None or not preview.entries:
            return False
        if preview.kind == "list":
            if how == "itself" and len(preview.entries) >= FEWEST:
                self.found.append(_found(url, preview, "list"))
            return False
        self.found.append(_found(url, preview, how))
        return how == "itself"

    def _has_feed(self) -> bool:
        return any(one.kind not in ("list", "sitemap") for one in self.found)


@dataclass(slots=True, kw_only=True)
class _Asking:
    """A fetcher that counts, and remembers the first page it brought."""

    fetcher: Fetcher
    first: Page | None = None
    _count: int = 0

    async def get(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Page | NotModified:
        if self._count >= REQUESTS:
            raise FetchError("rate-limited", f"{url}: {REQUESTS} requests are enough for one search")
        self._count += 1
        is_first = self._count == 1
        page = await self.fetcher.get(url, etag=etag, last_modified=last_modified)
        if is_first and isinstance(page, Page):
            self.first = page
        return page


def _found(url: str, preview: Preview, how: How) -> Found:
    dates = sorted((entry.published for entry in preview.entries if entry.published is not None), reverse=True)
    return Found(
        url=url,
        kind=preview.kind or "",
        title=preview.title,
        entries=tuple(preview.entries[:SHOWN]),
        count=len(preview.entries),
        dates=tuple(dates),
        how=how,
    )


def complete(typed: str) -> str:
    """As people type it: without a scheme it is https, and never the name of a file."""
    address = typed.strip()
    if address[:5].lower() == "feed:":
        address = address[5:] if not address[5:].startswith("//") else f"http:{address[5:]}"
    return address if "://" in address else f"https://{address}"


# -- in which order ---------------------------------------------------------------------------------------------------

KINDS = {"list": 1, "sitemap": 2}  # a feed, of whatever kind, before both
HOWS: Sequence[How] = ("itself", "link", "anchor", "path", "list", "sitemap")


def best_first(found: Sequence[Found], page: str) -> Sequence[Found]:
    """A feed before a list before a sitemap, the page's own host before others, comments last; each document once."""
    own = _host(page)

    def rank(one: Found) -> tuple[bool, int, bool, int]:
        return is_of_comments(one), KINDS.get(one.kind, 0), _host(one.url) != own, HOWS.index(one.how)

    once: dict[tuple[str, ...], Found] = {}
    for one in sorted(found, key=rank):
        once.setdefault(_document(one), one)
    return list(once.values())


def is_of_comments(found: Found) -> bool:
    said = (found.title, urlsplit(found.url).path.replace("-", " "))
    return any(COMMENTS & set(words(text)) for text in said)


def _document(found: Found) -> tuple[str, ...]:
    """RSS and Atom of one site list the same articles: that is one document in two spellings."""
    is_feed = found.kind not in KINDS
    return ("feed" if is_feed else found.kind, str(found.count), *(canonical(entry.url) for entry in found.entries))


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _at(base: str, path: str) -> str:
    return urljoin(base, path)


def sitemaps_of(robots: bytes) -> Sequence[str]:
    """The `Sitemap:` lines of a robots.txt (RFC 9309 leaves them to sitemaps.org)."""
    lines = robots[:ROBOTS_READ].decode("utf-8", "replace").splitlines()
    named = (line.partition(":")[2].strip() for line in lines if line[:8].lower() == "sitemap:")
    return [url for url in dict.fromkeys(named) if url.startswith(("http://", "https://"))]
