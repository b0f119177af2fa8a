"""What a page lists, or what its parts list in its place: a site's index of sitemaps."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.entry import Entry
from bot.domain.source import Source
from bot.errors import FetchError, SourceError
from bot.ports import Cpu, Fetcher, HasParts, NotModified, Page, SourceKind

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
        read, errors = await self._read(kind, parts[: self.most], source)
        if errors and not read:
            raise errors[0]
        once = {entry.key: entry for part in reversed(read) for entry in reversed(part.entries)}
        newest = sorted(once.values(), key=lambda entry: entry.published or NEVER, reverse=True)
        whole = not (errors or page.truncated) and all(part.whole for part in read)
        dated = whole and await self.cpu.run(kind.dates_parts, page, deadline=PARSE)
        return Listed(entries=newest[:MOST_ENTRIES], whole=dated)

    async def _read(
        self, kind: SourceKind, parts: Sequence[str], source: Source
    ) -> tuple[Sequence[Listed], Sequence[SourceError]]:
        read: list[Listed] = []
        errors: list[SourceError] = []
        until = asyncio.get_running_loop().time() + self.within.total_seconds()
        for url in parts:
            try:
                async with asyncio.timeout_at(until):
                    read.append(await self._part(kind, url, source))
            except SourceError as error:
                errors.append(error)
            except TimeoutError:
                errors.append(FetchError("timeout", f"{url}: not read within {self.within.seconds} s"))
        return read, errors

    async def _part(self, kind: SourceKind, url: str, source: Source) -> Listed:
        """An index inside an index lists nothing: it is not followed further."""
        page = await self.fetcher.get(url)
        if isinstance(page, NotModified):
            raise FetchError("unexpected-304", f"{url}: says 'not modified' to a first request")
        entries = await self.cpu.run(kind.parse, page, source, deadline=PARSE)
        return Listed(entries=entries, whole=not page.truncated)
