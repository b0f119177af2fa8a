"""JSON Feed 1.0 and 1.1 (jsonfeed.org), which feedparser does not read. A part of the kind `feed`."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from adapters.html import decode, paragraphs
from adapters.sources._item import Item, plausible
from adapters.sources._json import whole
from bot.errors import ParseError
from bot.ports import Page

MOST_ITEMS = 1_000
VERSION = "jsonfeed.org/version/"


def looks_like_json(body: bytes) -> bool:
    return body[:256].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"{")


def read(page: Page) -> Sequence[Item]:
    """What is no object, or has neither id, address nor text, is left out. Raises ParseError."""
    try:
        feed = json.loads(decode(page.body, page.charset))
    except RecursionError:
        raise ParseError("too-deep", f"{page.url}: JSON nested deeper than anything real; look at the page") from None
    except ValueError as error:  # a number too long for Python is one too
        code = "truncated" if page.truncated else "not-a-feed"
        raise ParseError(code, f"{page.url}: not a JSON document ({error}); look at the page") from None
    if not isinstance(feed, dict) or VERSION not in _text(feed, "version") or not isinstance(feed.get("items"), list):
        raise ParseError("not-a-feed", f"{page.url}: JSON, but no JSON Feed; give the address of a feed")
    items = (_item(item, feed) for item in feed["items"] if isinstance(item, dict))
    return list(islice((item for item in items if item.id or item.url or item.title or item.text), MOST_ITEMS))


def _item(item: Mapping[str, Any], feed: Mapping[str, Any]) -> Item:
    return Item(
        id=_text(item, "id"),
        url=_text(item, "url") or _text(item, "external_url"),
        title=_text(item, "title"),
        text=paragraphs(_text(item, "content_html")) or _text(item, "content_text"),
        summary=_text(item, "summary"),
        published=plausible(_moment(_text(item, "date_published") or _text(item, "date_modified"))),
        authors=_names(item) or _names(feed),
        tags=[tag for tag in _list(item, "tags") if isinstance(tag, str)],
    )


def _names(value: Mapping[str, Any]) -> list[str]:
    """`authors` of 1.1, `author` of 1.0."""
    people = [*_list(value, "authors"), value.get("author")]
    return [name for person in people if isinstance(person, dict) and (name := _text(person, "name"))]


def _list(value: Mapping[str, Any], name: str) -> list[Any]:
    found = value.get(name)
    return found if isinstance(found, list) else []


def _text(value: Mapping[str, Any], name: str) -> str:
    """1.0 allowed numbers as ids."""
    found = value.get(name)
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return ""
    if isinstance(found, str):
        return whole(found).strip()
    return str(found) if abs(found) < 1e18 else ""


def _moment(text: str) -> datetime | None:
    """RFC 3339, UTC."""
    try:
        at = datetime.fromisoformat(text)
        return (at.replace(tzinfo=UTC) if at.tzinfo is None else at).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
