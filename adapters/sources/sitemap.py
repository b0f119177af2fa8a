"""A site's own list of its pages (sitemaps.org), with Google's news and image tags; or an index of such lists.

`source.options`: `match`, a piece of path that an address must contain, such as "/articles/".
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import unquote, urlsplit

from lxml import etree

from adapters.sources import _article_page
from adapters.sources._packed import unpacked
from adapters.sources._pieces import absolute, key_of
from adapters.sources._xml import address, name_of, parted, refuse_entities, root_of, said, text_of
from bot.domain.entry import Entry
from bot.domain.source import Source
from bot.errors import ParseError
from bot.ports import Page, SourceKind

MOST_ENTRIES = 1_000
MOST_PARTS = 20
MOST_LISTED = 50_000  # items of one document, by the protocol
LONGEST_URL = 2_048  # characters
ITEM_END = re.compile(r"</(?:[A-Za-z]{1,20}:)?(?:url|sitemap)\s{0,9}>", re.IGNORECASE)
NEVER = datetime.min.replace(tzinfo=UTC)


class Sitemap:
    """Identity: the number of `/articles/<n>/<slug>`, else the canonical address."""

    name = "sitemap"

    def parse(self, page: Page, source: Source) -> Sequence[Entry]:
        """What changed last first. An index lists no entries: its parts do."""
        page = unpacked(page)
        match = source.options.get("match", "")
        found: dict[str, Entry] = {}
        for entry in _entries(page):
            if match in entry.url:
                found.setdefault(entry.key, entry)
            if len(found) == MOST_ENTRIES:
                break
        if not found:
            if page.truncated:
                raise ParseError("truncated", f"{page.url}: the answer ends before its first address; try again later")
            raise ParseError("no-items", f"{page.url}: no address is listed there; give a sitemap of articles")
        return list(found.values())

    def parts(self, page: Page, source: Source) -> Sequence[str]:
        """At most 20."""
        page = unpacked(page)
        root = _root(page) if _is_xml(page) else None
        children = _newest_first(root, "sitemap") if root is not None else ()
        return list(dict.fromkeys(url for child, _ in children if (url := _address(child, page))))[:MOST_PARTS]

    def dates_parts(self, page: Page) -> bool:
        page = unpacked(page)
        root = _root(page) if _is_xml(page) else None
        return root is not None and all(changed for _, changed in _newest_first(root, "sitemap"))

    def page_of(self, entry: Entry) -> str:
        return entry.url

    def read(self, page: Page, entry: Entry) -> Entry:
        return _article_page.read(page, entry)


KIND: SourceKind = Sitemap()


def _entries(page: Page) -> Iterator[Entry]:
    if not _is_xml(page):
        yield from (_entry(url, "", None, "") for url in _lines(page))
        return
    seen: set[str] = set()  # one address fifty thousand times is one entry, made once
    for element, changed in _newest_first(_root(page), "url"):
        url = _address(element, page)
        if url and url not in seen:
            seen.add(url)
            title, image = said(_under(element, "news", "title")), _under(element, "image", "loc")
            yield _entry(url, title, changed, absolute(page.url, image.replace("&amp;", "&")) if image else "")


def _entry(url: str, title: str, published: datetime | None, image: str) -> Entry:
    return Entry(
        key=key_of(url),
        url=url,
        title=title or readable(url),
        published=published,
        image=image if image.startswith("http") else "",
    )


def readable(url: str) -> str:
    """`/articles/6135/un-titre.html` → "Un titre": the best title until the page is read."""
    parts = urlsplit(url)
    segments = [segment for segment in parts.path.split("/") if segment]
    last = re.sub(r"\.[a-z]{2,5}$", "", segments[-1], flags=re.IGNORECASE) if segments else ""
    if last.isdecimal():
        last = " ".join([*segments[-2:-1], last])
    text = " ".join(re.sub(r"[-_+]+", " ", unquote(last)).split()) or parts.netloc
    return text[:1].upper() + text[1:]


# -- the document -----------------------------------------------------------------------------------------------------


def _is_xml(page: Page) -> bool:
    return b"<" in page.body[:4096]


def _root(page: Page) -> etree._Element:
    """Complete items only: the last of a body that was cut may lack its half. Raises ParseError."""
    refuse_entities(page)
    text = text_of(page)
    ends = [match.end() for match in ITEM_END.finditer(text)]
    root = root_of(page, text[: ends[-1]] if ends else text)
    if root is None or name_of(root) not in ("urlset", "sitemapindex"):
        cut = page.truncated and not parted(page.body.replace(b"\0", b""))[1]
        code = "truncated" if cut else "not-a-sitemap"
        raise ParseError(code, f"{page.url}: no sitemap; give the address its robots.txt names, or the kind 'list'")
    if not ends:
        del root[:]
    return root


def _lines(page: Page) -> Iterator[str]:
    """A sitemap of bare addresses, one a line. Raises ParseError."""
    lines = text_of(page).splitlines()[: -1 if page.truncated else None][:MOST_LISTED]
    found = [url for line in lines if (url := address(line)) and len(url) <= LONGEST_URL]
    if not found and any(line.strip() for line in lines):
        raise ParseError("not-a-sitemap", f"{page.url}: no sitemap; give the address its robots.txt names")
    yield from found


def _newest_first(root: etree._Element, name: str) -> Sequence[tuple[etree._Element, datetime | None]]:
    """Those without a date last, in the order of the document."""
    items = islice((element for element in root.iter() if name_of(element) == name), MOST_LISTED)
    return sorted(((item, _changed(item)) for item in items), key=lambda pair: pair[1] or NEVER, reverse=True)


def _changed(item: etree._Element) -> datetime | None:
    return moment(_under(item, "news", "publication_date")) or moment(_under(item, "lastmod"))


def _address(item: etree._Element, page: Page) -> str:
    url = absolute(page.url, _under(item, "loc").replace("&amp;", "&"))
    return url if url.startswith("http") and len(url) <= LONGEST_URL else ""


def _under(item: etree._Element, *names: str) -> str:
    """The text of the first child, or grandchild, of that name."""
    for name in names:
        found = next((child for child in item if name_of(child) == name), None)
        if found is None:
            return ""
        item = found
    return "".join(item.itertext()).strip()


def moment(text: str) -> datetime | None:
    """A W3C date (`2026`, `2026-09`, `2026-09-24`, `2026-09-24T17:34+02:00`…), UTC; an implausible one is none."""
    if re.fullmatch(r"\d{4}(?:-\d\d)?", text):
        text += "-01-01" if len(text) == 4 else "-01"
    try:
        at = datetime.fromisoformat(text)
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if 1990 <= at.year < 2100 else None
