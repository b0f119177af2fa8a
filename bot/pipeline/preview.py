"""One reading with nothing stored: what a source would give, said before it is added."""

import asyncio
import codecs
import html
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from bot.domain.entry import Entry
from bot.domain.source import Source
from bot.errors import FetchError, ParseError, SourceError
from bot.pipeline.decide import writable
from bot.pipeline.ingest import Kinds
from bot.pipeline.parts import MOST_ENTRIES, PARSE, Lister
from bot.ports import Cpu, Fetcher, NotModified, Page

LARGEST_FILE = 8 * 2**20  # bytes, the limit of a page
READING = timedelta(seconds=30)
PARTS = 5  # of a page that lists further pages
PARTS_WITHIN = timedelta(seconds=7)  # somebody waits
BLANK = re.compile(rb"(?:\xef\xbb\xbf\s*+|(?:\xff\xfe|\xfe\xff)[\s\0]*+|\s*+)")  # no character but a byte order mark
LOOKED_AT = 64 * 1024  # bytes in which a title stands, if there is one
TITLE = re.compile(rb"<title(?:\s[^<>]{0,500})?>", re.IGNORECASE)
DECLARED = re.compile(rb"(?:encoding|charset)\s{0,9}=\s{0,9}[\"']?([\w.:-]{1,40})", re.IGNORECASE)
# "localhost:8080" has no scheme; nor has "name:password@host", which no message may repeat
SCHEME = re.compile(r"(?:feed|mailto):|[a-z][a-z0-9+-]*:(?!\d{1,5}(?:[/?#]|$)|[^/?#]*@)", re.IGNORECASE)
CONTROLS = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), "") | {ord("\t"): " ", ord("\n"): "\n"}
PATH = ("/", "./", "../", "~")  # what begins so is a file, even one that is not there


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
                detect = self.kinds.detect if source.kind is None else None
                found, title = await self.cpu.run(first_look, page, detect, deadline=PARSE)
                name = source.kind or found
                seen = replace(seen, kind=name, title=title)
                lister = Lister(fetcher=self.fetcher, cpu=self.cpu, most=PARTS, within=PARTS_WITHIN)
                entries = (await lister.entries(self.kinds.load(name), page, source)).entries
        except SourceError as error:
            return replace(seen, error=error)
        except TimeoutError:
            return replace(seen, error=FetchError("timeout", f"{source.url}: not read within {READING.seconds} s"))
        seen = replace(seen, entries=[_shown(entry) for entry in entries[:MOST_ENTRIES]])
        if page.truncated:
            return replace(seen, error=ParseError("truncated", f"{page.url}: the answer ends before the page does"))
        if not entries:
            return replace(seen, error=ParseError("no-items", f"{page.url}: nothing is listed there"))
        return seen

    async def _page(self, url: str) -> Page:
        if not _has_scheme(url):
            file = await asyncio.to_thread(read_file, Path(url))
            return await self.cpu.run(self.kinds.unpacked, file, deadline=PARSE)
        page = await self.fetcher.get(url)
        if isinstance(page, NotModified):
            raise FetchError("unexpected-304", f"{url}: says 'not modified' to a first request")
        return page


def _shown(entry: Entry) -> Entry:
    return replace(
        writable(entry),
        title=printable(entry.title),
        summary=printable(entry.summary),
        text=printable(entry.text),
        authors=tuple(printable(author) for author in entry.authors),
        genre=printable(entry.genre),
    )


def printable(text: str) -> str:
    """Without what a terminal obeys (escape sequences) or no encoding has (lone surrogates); lines stay."""
    return text.translate(CONTROLS).encode("utf-8", "replace").decode()


def first_look(page: Page, detect: Callable[[Page], str] | None) -> tuple[str, str]:
    """(the kind, "" where nobody asks; the title): at once, for a page of 8 MiB is long on its way to a worker."""
    return detect(page) if detect else "", printable(title_of(page))


def title_of(page: Page) -> str:
    """What the page or feed calls itself; "" if it does not say."""
    if page.body.lstrip()[:1] == b"{":
        return _title_in_json(page.body)
    head = page.body[:LOOKED_AT]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = head.decode("utf-16", "replace").encode("utf-8", "replace")
    # Once from the left: a pattern that tries each of many `<title` to the end takes seconds on a page made for it.
    opening = TITLE.search(head)
    closing = head.lower().find(b"</title", opening.end()) if opening else -1
    if opening is None or closing < 0:
        return ""
    text = head[opening.end() : closing].replace(b"<![CDATA[", b"").replace(b"]]>", b"")
    return " ".join(html.unescape(_decoded(text, page.charset, head)).split())


def _decoded(text: bytes, charset: str, head: bytes) -> str:
    """By the header, by what the page declares, as UTF-8, else as Windows-1252; never fails."""
    declared = DECLARED.search(head[:1024])
    for name in (charset, declared[1].decode() if declared else "", "utf-8"):
        try:
            return text.decode(name) if name else text.decode()
        except (LookupError, ValueError):  # ValueError: also codecs such as "idna", which are none of a page
            continue
    return text.decode("cp1252", "replace")


def _title_in_json(body: bytes) -> str:
    try:
        title = json.loads(body).get("title", "")
    except (ValueError, RecursionError, AttributeError):
        return ""
    return " ".join(title.split()) if isinstance(title, str) else ""


def _completed(address: str) -> str:
    return address if _has_scheme(address) or _is_path(address) else f"https://{address}"


def _has_scheme(address: str) -> bool:
    return "://" in address or SCHEME.match(address) is not None


def _is_path(address: str) -> bool:
    if address.startswith("//"):  # an address as pages write them
        return False
    try:
        return address.startswith(PATH) or Path(address).is_file()
    except (OSError, ValueError):  # longer than a name may be
        return False


def read_file(path: Path) -> Page:
    try:
        if not path.is_file():  # a pipe would be waited for, a device never ends
            raise FetchError("connection", f"{path}: no file is there; check the path", detail="file")
        with path.open("rb") as file:
            body = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise FetchError(
            "connection", f"{str(path)[:200]}: cannot be read ({reason}); check its rights", detail="file"
        ) from None
    if BLANK.fullmatch(body):
        raise FetchError("empty-body", f"{path}: the file is empty; give one that holds a page")
    if len(body) > LARGEST_FILE:
        raise FetchError("too-large", f"{path}: more than {LARGEST_FILE // 2**20} MiB; give a smaller file")
    return Page(url=path.resolve().as_uri(), body=body)
