"""What a page lists, or what its parts list in its place: a site's index of sitemaps."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.domain.entry import Entry
from bot.domain.source import Source
from bot.errors import FetchError, ParseError, SourceError
from bot.ports import Cpu, Fetcher, HasParts, NotModified, Page, SourceKind

DEEPEST = 2  # lists of further pages inside one another, below the page itself
PARSE = timedelta(seconds=5)  # feedparser runs for minutes on 1 MB made for it
MOST_ENTRIES = 1_000
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """`whole`: the page says all there was, so that the same page again says nothing new."""

    entries: Sequence[Entry]
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lister:
    """A flow: a page's entries, newest first where they come from several parts."""

    fetcher: Fetcher
    cpu: Cpu
    most: int  # parts read
    within: timedelta  # what is not read by then is left for the next time

    async def entries(self, kind: SourceKind, page: Page, source: Source) -> Listed:
        """A part that fails is skipped. Raises SourceError: the page's own, or its first part's if none can be read."""
        parts = await self.cpu.run(kind.parts, page, source, deadline=PARSE) if isinstance(kind, HasParts) else ()
        if not isinstance(kind, HasParts) or not parts:
            entries = await self.cpu.run(kind.parse, page, source, deadline=PARSE)
            return Listed(entries=entries, whole=not page.truncated)
        until = asyncio.get_running_loop().time() + self.within.total_seconds()
        read, errors = await self._read(kind, parts[: self.most], source, _Way((page.url,), until))
        if errors and not read:
            raise errors[0]
        once = {entry.key: entry for part in reversed(read) for entry in reversed(part.entries)}
        newest = sorted(once.values(), key=lambda entry: entry.published or NEVER, reverse=True)
        whole = not (errors or page.truncated) and all(part.whole for part in read)
        dated = whole and await self.cpu.run(kind.dates_parts, page, deadline=PARSE)
        return Listed(entries=newest[:MOST_ENTRIES], whole=dated)

    async def _read(
        self, kind: SourceKind, parts: Sequence[str], source: Source, way: "_Way"
    ) -> tuple[Sequence[Listed], Sequence[SourceError]]:
        read: list[Listed] = []
        errors: list[SourceError] = []
        for url in parts:
            try:
                async with asyncio.timeout_at(way.until):
                    read.extend(await self._part(kind, url, source, way))
            except SourceError as error:
                errors.append(error)
            except TimeoutError:
                errors.append(FetchError("timeout", f"{url}: not read within {self.within.seconds} s"))
        return read, errors

    async def _part(self, kind: SourceKind, url: str, source: Source, way: "_Way") -> Sequence[Listed]:
        page = await self.fetcher.get(url)
        if isinstance(page, NotModified):
            raise FetchError("unexpected-304", f"{url}: says 'not modified' to a first request")
        try:
            entries = await self.cpu.run(kind.parse, page, source, deadline=PARSE)
        except ParseError as error:
            if error.code != "no-items":
                raise
            return await self._nested(kind, page, source, way, error)
        return [Listed(entries=entries, whole=not page.truncated)]

    async def _nested(
        self, kind: SourceKind, page: Page, source: Source, way: "_Way", none: ParseError
    ) -> Sequence[Listed]:
        """Of a part that itself is a list of further pages. Raises `none` where it is not."""
        parts = await self.cpu.run(kind.parts, page, source, deadline=PARSE) if isinstance(kind, HasParts) else ()
        if not parts:
            raise none
        above = (*way.above, page.url)
        if not set(above).isdisjoint(parts):
            raise ParseError("loop", f"{page.url}: lists what it is listed by; give the address of one with articles")
        if len(above) > DEEPEST:
            raise ParseError("too-deep", f"{page.url}: lists of lists without end; give the address of one of the last")
        read, errors = await self._read(kind, parts[: self.most], source, replace(way, above=above))
        if errors and not read:
            raise errors[0]
        return read if not errors else [replace(one, whole=False) for one in read]


@dataclass(frozen=True, slots=True)
class _Way:
    """To a part."""

    above: tuple[str, ...]  # addresses of the pages that list it, outermost first
    until: float  # of the loop's clock
