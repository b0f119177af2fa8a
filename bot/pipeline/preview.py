"""One reading with nothing stored: what a source would give, said before it is added."""

import asyncio
import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from bot.domain.entry import Entry
from bot.domain.source import Source
from bot.errors import FetchError, ParseError, SourceError
from bot.pipeline.ingest import Kinds
from bot.pipeline.parts import MOST_ENTRIES, PARSE, Lister
from bot.ports import Cpu, Fetcher, NotModified, Page

LARGEST_FILE = 8 * 2**20  # bytes, the limit of a page
READING = timedelta(seconds=30)
PARTS = 5  # of a page that lists further pages
PARTS_WITHIN = timedelta(seconds=20)
LOOKED_AT = 64 * 1024  # bytes in which a title stands, if there is one
TITLE = re.compile(rb"<title\b[^>]*>(.*?)</title\s*>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`error` may stand beside entries: a page that was cut in the middle gives those before the cut."""

    url: str
    kind: str | None = None  # None: nothing came that a kind could be found for
    title: str = ""
    entries: Sequence[Entry] = ()
    error: SourceError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A flow: the bot's own ways of reading, without its rows."""

    fetcher: Fetcher
    cpu: Cpu
    kinds: Kinds

    async def at(self, address: str, kind: str | None = None) -> Preview:
        """Never raises SourceError; ConfigError for a kind nobody has. Without a scheme a file if it exists."""
        if kind is not None:
            self.kinds.load(kind)
        return await self.of(Source(slug="preview", title="", url=_completed(address), kind=kind))

    async def of(self, source: Source) -> Preview:
        seen = Preview(url=source.url, kind=source.kind)
        try:
            async with asyncio.timeout(READING.total_seconds()):
                page = await self._page(source.url)
                seen = replace(seen, url=page.url)
                kind = source.kind
                name = await self.cpu.run(self.kinds.detect, page, deadline=PARSE) if kind is None else kind
                seen = replace(seen, kind=name)
                seen = replace(seen, title=await self.cpu.run(title_of, page, deadline=PARSE))
                lister = Lister(fetcher=self.fetcher, cpu=self.cpu, most=PARTS, within=PARTS_WITHIN)
                entries = (await lister.entries(self.kinds.load(name), page, source)).entries
        except SourceError as error:
            return replace(seen, error=error)
        except TimeoutError:
            return replace(seen, error=FetchError("timeout", f"{source.url}: not read within {READING.seconds} s"))
        seen = replace(seen, entries=entries[:MOST_ENTRIES])
        if page.truncated:
            return replace(seen, error=ParseError("truncated", f"{page.url}: the answer ends before the page does"))
        if not entries:
            return replace(seen, error=ParseError("no-items", f"{page.url}: nothing is listed there"))
        return seen

    async def _page(self, url: str) -> Page:
        if not _has_scheme(url):
            return await asyncio.to_thread(read_file, Path(url))
        page = await self.fetcher.get(url)
        if isinstance(page, NotModified):
            raise FetchError("unexpected-304", f"{url}: says 'not modified' to a first request")
        return page


def title_of(page: Page) -> str:
    """What the page or feed calls itself; "" if it does not say."""
    if page.body.lstrip()[:1] == b"{":
        return _title_in_json(page.body)
    found = TITLE.search(page.body[:LOOKED_AT])
    if found is None:
        return ""
    text = found[1].replace(b"<![CDATA[", b"").replace(b"]]>", b"")
    try:
        words = text.decode(page.charset or "utf-8", "replace")
    except LookupError:
        words = text.decode("utf-8", "replace")
    return " ".join(html.unescape(words).split())


def _title_in_json(body: bytes) -> str:
    try:
        title = json.loads(body).get("title", "")
    except (ValueError, RecursionError, AttributeError):
        return ""
    return " ".join(title.split()) if isinstance(title, str) else ""


def _completed(address: str) -> str:
    return address if _has_scheme(address) or Path(address).is_file() else f"https://{address}"


def _has_scheme(address: str) -> bool:
    return "://" in address or address.startswith("feed:") or urlsplit(address).scheme in ("file", "data", "mailto")


def read_file(path: Path) -> Page:
    try:
        with path.open("rb") as file:
            body = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise FetchError("connection", f"{path}: cannot be read ({error.strerror})") from None
    if len(body) > LARGEST_FILE:
        raise FetchError("too-large", f"{path}: more than {LARGEST_FILE // 2**20} MiB")
    return Page(url=path.resolve().as_uri(), body=body)
