"""RSS, Atom and RDF, through lxml where they are well-formed and else through feedparser; JSON Feed."""

import hashlib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser

from adapters.byline import genre_of
from adapters.html import paragraphs
from adapters.sources import _json_feed as json_feed
from adapters.sources import _well_formed as well_formed
from adapters.sources._advice import advice
from adapters.sources._item import Item, first_date, one_line, plain
from adapters.sources._packed import unpacked
from adapters.sources._xml import refuse_entities
from bot.domain.entry import Entry, canonical
from bot.domain.source import Source
from bot.errors import ParseError, SourceError
from bot.ports import Page, SourceKind

MOST_ENTRIES = 1_000
LONGEST_KEY = 500  # characters; a longer one is kept as its hash
LAST_END = re.compile(rb"</(?:[A-Za-z]+:)?(?:item|entry)\s*>", re.IGNORECASE)


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
    items = well_formed.read(page, MOST_ENTRIES)
    return [_item(found) for found in _lenient(page)[:MOST_ENTRIES]] if items is None else items


# -- what feedparser makes of any XML ---------------------------------------------------------------------------------


def _lenient(page: Page) -> Sequence[Mapping[str, Any]]:
    refuse_entities(page)
    # BytesIO only: feedparser opens a str or bytes that looks like a path. Its sanitiser and its resolver of links
    # take 71 % of its time, worse than linear, and are of no use to plain text.
    found = feedparser.parse(
        io.BytesIO(_complete_items(page) if page.truncated else page.body),
        sanitize_html=False,
        resolve_relative_uris=False,
        response_headers={"content-location": page.url, "content-type": _content_type(page)},
    )
    if not found.version and not found.entries:
        raise ParseError("not-a-feed", f"{page.url}: no feed; give the address of its RSS or Atom, or the kind 'list'")
    entries: Sequence[Mapping[str, Any]] = found.entries
    return entries


def _complete_items(page: Page) -> bytes:
    """The last item of a body that was cut may lack its half: it is left for the next reading."""
    ends = [match.end() for match in LAST_END.finditer(page.body)]
    if not ends:
        raise ParseError("truncated", f"{page.url}: the answer ends before its first item does; try again later")
    return page.body[: ends[-1]]


def _content_type(page: Page) -> str:
    """Always XML: feeds are served under every type. The charset of the header counts when there is one."""
    return f"application/xml; charset={page.charset}" if page.charset else "application/xml"


def _item(found: Mapping[str, Any]) -> Item:
    return Item(
        id=str(found.get("id") or ""),
        url=str(found.get("link") or next((one.get("href", "") for one in found.get("links", ())), "")),
        title=_plain(found.get("title_detail")),
        text=max((_plain(content) for content in found.get("content", ())), key=len, default=""),
        summary=_plain(found.get("summary_detail")),
        # feedparser warns when one is asked for in the place of another
        published=first_date(str(found[name]) for name in ("published", "updated", "created") if name in found),
        authors=[str(name) for author in found.get("authors", ()) if (name := author.get("name"))],
        tags=[str(term) for tag in found.get("tags", ()) if (term := tag.get("term"))],
    )


def _plain(detail: Mapping[str, Any] | None) -> str:
    """feedparser knows by the known tags in it whether a text is markup."""
    known = detail or {}
    return plain(str(known.get("value") or ""), markup=known.get("type") != "text/plain")


# -- both -------------------------------------------------------------------------------------------------------------


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
