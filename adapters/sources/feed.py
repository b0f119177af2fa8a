"""RSS, Atom and RDF, through lxml where they are well-formed and else through feedparser; JSON Feed."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

from adapters.byline import genre_of
from adapters.html import paragraphs
from adapters.sources import _json_feed as json_feed
from adapters.sources import _lenient as lenient
from adapters.sources import _well_formed as well_formed
from adapters.sources._advice import advice
from adapters.sources._binary import is_binary
from adapters.sources._item import Item, one_line
from adapters.sources._packed import unpacked
from bot.domain.entry import Entry, canonical
from bot.domain.source import Source
from bot.errors import ParseError, SourceError
from bot.ports import Page, SourceKind

MOST_ENTRIES = 1_000
# What joining and taking apart would give back as it stands
ABSOLUTE = re.compile(r"https?://[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)*+(?:/[\w/.~%-]*+)?(?:\?[\w=.~%+-]++)?", re.ASCII)
LONGEST_KEY = 500  # characters; a longer one is kept as its hash


class Feed:
    """Identity: the guid or id when there is one, else the canonical address."""

    name = "feed"

    def parse(self, page: Page, source: Source) -> Sequence[Entry]:
        page = unpacked(page)
        try:
            return [_entry(item, page) for item in _items(page)]
        except (SourceError, MemoryError):
            raise
        except RecursionError:
            raise ParseError("too-deep", f"{page.url}: nested deeper than anything real; look at the page") from None
        except Exception as error:  # feedparser on bytes from outside: no list of what it may raise is complete
            raise ParseError("not-a-feed", f"{page.url}: cannot be read as a feed; look at the page") from error

    def advice(self, page: Page) -> timedelta | None:
        return advice(page)


KIND: SourceKind = Feed()


def _items(page: Page) -> Sequence[Item]:
    if json_feed.looks_like_json(page.body):
        return json_feed.read(page)[:MOST_ENTRIES]
    if is_binary(page.body):  # feedparser would read the feed in an archive that holds one unpacked
        raise ParseError("not-a-feed", f"{page.url}: no text; give the address of a feed or a page")
    items = well_formed.read(page, MOST_ENTRIES)
    return lenient.read(page, MOST_ENTRIES) if items is None else items


def _entry(item: Item, page: Page) -> Entry:
    guid, title = one_line(item.id), one_line(item.title)
    url = _address(item.url, guid, page)
    return Entry(
        key=_key(guid, url, page, title + item.text + item.summary),
        url=url,
        title=title,
        published=item.published,
        summary="" if item.summary == item.text else item.summary,
        text=item.text,
        authors=_names(item.authors),
        genre=next((genre for tag in item.tags if (genre := genre_of(tag))), ""),
    )


def _address(link: str, guid: str, page: Page) -> str:
    """Absolute; a guid that is an address stands in for a missing link, the feed's own address for both."""
    if ABSOLUTE.fullmatch(link):
        return link
    for candidate in (link, guid if guid.startswith(("http://", "https://")) else ""):
        try:
            url = urljoin(page.url, candidate.strip()) if candidate.strip() else ""
            parts = urlsplit(url)
            if parts.hostname and (parts.scheme in ("http", "https") or parts.scheme == urlsplit(page.url).scheme):
                return url
        except ValueError:  # "http://[": no address
            continue
    return page.url


def _key(guid: str, url: str, page: Page, content: str) -> str:
    key = guid or (canonical(url) if url != page.url else _hash(content))
    return key if len(key) <= LONGEST_KEY else _hash(key)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for text in names if (name := one_line(paragraphs(text)))))
