"""RSS, Atom and RDF through feedparser, JSON Feed through a small reader of ours."""

import calendar
import hashlib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser

from adapters.byline import genre_of
from adapters.html import paragraphs
from adapters.sources import _json_feed as json_feed
from adapters.sources._packed import unpacked
from adapters.sources._xml import refuse_entities
from bot.domain.entry import Entry, canonical
from bot.domain.source import Source
from bot.errors import ParseError, SourceError
from bot.ports import Page, SourceKind
from bot.text.dates_fr import read_date

MOST_ENTRIES = 1_000
LONGEST_KEY = 500  # characters; a longer one is kept as its hash
LAST_END = re.compile(rb"</(?:[A-Za-z]+:)?(?:item|entry)\s*>", re.IGNORECASE)


class Feed:
    """Identity: the guid or id when there is one, else the canonical address."""

    name = "feed"

    def parse(self, page: Page, source: Source) -> Sequence[Entry]:
        page = unpacked(page)
        try:
            if json_feed.looks_like_json(page.body):
                return [_from_json(item, page) for item in json_feed.read(page)[:MOST_ENTRIES]]
            return [_from_xml(item, page) for item in _items(page)[:MOST_ENTRIES]]
        except (SourceError, MemoryError):
            raise
        except RecursionError:
            raise ParseError("too-deep", f"{page.url}: nested deeper than anything real; look at the page") from None
        except Exception as error:  # feedparser on bytes from outside: no list of what it may raise is complete
            raise ParseError("not-a-feed", f"{page.url}: cannot be read as a feed; look at the page") from error


KIND: SourceKind = Feed()


# -- XML --------------------------------------------------------------------------------------------------------------


def _items(page: Page) -> Sequence[Mapping[str, Any]]:
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


def _from_xml(item: Mapping[str, Any], page: Page) -> Entry:
    link = str(item.get("link") or next((one.get("href", "") for one in item.get("links", ())), ""))
    guid = _one_line(str(item.get("id") or ""))
    text = max((_plain(content) for content in item.get("content", ())), key=len, default="")
    summary = _plain(item.get("summary_detail"))
    title = _one_line(_plain(item.get("title_detail")))
    url = _address(link, guid, page)
    return Entry(
        key=_key(guid, url, page, title + text + summary),
        url=url,
        title=title,
        published=_published(item),
        summary="" if summary == text else summary,
        text=text,
        authors=_names(author.get("name") for author in item.get("authors", ())),
        genre=_genre(tag.get("term") for tag in item.get("tags", ())),
    )


def _plain(detail: Mapping[str, Any] | None) -> str:
    """feedparser knows by the known tags in it whether a text is markup: "<canvas>" in a plain title is a word."""
    value = str((detail or {}).get("value") or "")
    if (detail or {}).get("type") != "text/plain":
        return paragraphs(value)
    return "\n\n".join(line for part in re.split(r"\n\s*\n", value) if (line := _one_line(part)))


def _published(item: Mapping[str, Any]) -> datetime | None:
    """feedparser's own reading first, then a French date; an impossible year is no date."""
    for name in ("published", "updated", "created"):
        if name not in item:  # feedparser warns when one is asked for in the place of another
            continue
        if parsed := item.get(f"{name}_parsed"):
            try:
                return _plausible(datetime.fromtimestamp(calendar.timegm(parsed), UTC))
            except (ValueError, OverflowError, OSError):
                continue
        if at := read_date(str(item[name])[:200]):
            return at
    return None


def _plausible(at: datetime | None) -> datetime | None:
    return at if at and 1990 <= at.year < 2100 else None


# -- JSON -------------------------------------------------------------------------------------------------------------


def _from_json(item: json_feed.Item, page: Page) -> Entry:
    text = paragraphs(item.html) or item.text
    url = _address(item.url, item.id, page)
    return Entry(
        key=_key(_one_line(item.id), url, page, item.title + text),
        url=url,
        title=_one_line(item.title),
        published=_plausible(item.published),
        summary=item.summary,
        text=text,
        authors=_names(item.authors),
        genre=_genre(item.tags),
    )


# -- both -------------------------------------------------------------------------------------------------------------


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


def _names(names: Iterable[object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for text in names if text and (name := _one_line(paragraphs(str(text))))))


def _genre(terms: Iterable[object]) -> str:
    return next((genre for term in terms if term and (genre := genre_of(str(term)))), "")


def _one_line(text: str) -> str:
    return " ".join(re.split(r"[ \t\r\n\f\v]+", text)).strip()
