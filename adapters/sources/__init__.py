"""Source kinds, found by the name of their file: `load("feed")` is `KIND` of `adapters/sources/feed.py`."""

import pkgutil
import re
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from urllib.parse import urlsplit

from adapters.sources import _links, _packed
from adapters.sources._binary import is_binary
from adapters.sources._packed import beginning
from adapters.sources._xml import parted
from bot.errors import ConfigError
from bot.ports import FeedLink, Outline, Page, SourceKind

# The first tag of a document, after declarations and comments
ROOT = re.compile(rb"<(?:[A-Za-z][\w.-]{0,40}:)?([A-Za-z]+)")
ROOTS = {
    **dict.fromkeys((b"rss", b"feed", b"rdf"), "feed"),
    **dict.fromkeys((b"urlset", b"sitemapindex"), "sitemap"),
    b"opml": "opml",
}
KEV = (b'"vulnerabilities"', b'"cveID"')
ADDRESSES = re.compile(rb"https?://\S+[ \t\r]*\n\s*https?://\S", re.IGNORECASE)  # a sitemap may be bare lines of them
COMMENT = re.compile(rb"[\xef\xbb\xbf\s]*+<!--")
EUVD = re.compile(rb'"(?:cveId|cve_id|aliases)"')
# What stands before the feed when its server complains, or misspells the declaration
LATE_ROOT = re.compile(
    rb"(?P<feed><(?:rss[\s>]|rdf:RDF[\s>]|feed\s[^>]{0,400}xmlns))|<(?:!doctype html|html|body|head)\b", re.IGNORECASE
)
CERTFR = "cert.ssi.gouv.fr"
LOOKED_AT = 64 * 1024  # bytes
BLANK = b"\xef\xbb\xbf\xff\xfe \t\r\n"  # with what is left of a byte order mark


@cache  # a folder read anew for each reading costs more than a reading that brings nothing
def known() -> tuple[str, ...]:
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name[0] != "_"))


def load(name: str) -> SourceKind:
    """Raises ConfigError for a name nobody has."""
    if name not in known():
        raise ConfigError(f"kind {name!r}: no source is read that way; give one of {', '.join(known())}")
    kind: SourceKind = import_module(f"{__name__}.{name}").KIND
    return kind


def detect(page: Page) -> str:
    """By what the page holds: a feed is served as HTML and a page as XML every day. Never fails."""
    head = beginning(_without_comments(page.body), LOOKED_AT)
    if is_binary(head):
        return "feed"  # which says that it is none
    head = head.replace(b"\0", b"").lstrip(BLANK)
    if head.startswith((b"{", b"[")):
        return "kev" if all(word in head for word in KEV) or (head[:1] == b"[" and EUVD.search(head)) else "feed"
    if ADDRESSES.match(head):
        return "sitemap"
    root = ROOT.match(parted(head)[1])
    name = root[1].lower() if root else b""
    found = ROOTS.get(name) or _late(head)
    if found:
        return "certfr" if found == "feed" and _host(page.url) == CERTFR else found
    return "list" if name or page.media_type in ("text/html", "application/xhtml+xml") else "feed"


def _without_comments(body: bytes) -> bytes:
    """At its beginning: a long one would leave nothing else to look at."""
    at = 0
    while opening := COMMENT.match(body, at):
        end = body.find(b"-->", opening.end())
        if end < 0:
            return body
        at = end + len(b"-->")
    return body[at:] if at else body


def unpacked(page: Page) -> Page:
    """Of a gzip file what is in it, any other page as it is. Raises ParseError."""
    return _packed.unpacked(page)


def feeds_of(page: Page) -> Sequence[FeedLink]:
    """The feeds a page of HTML leads to. Never fails."""
    return _links.feeds_of(page)


def outlines_of(page: Page) -> Sequence[Outline]:
    """The feeds an OPML document names, with those whose address is none. Raises ParseError."""
    found: Sequence[Outline] = import_module(f"{__name__}.opml").outlines(page, also_bad=True)
    return found


def _late(head: bytes) -> str:
    """A feed behind something else; "": none, or the page is one of HTML that shows it."""
    found = LATE_ROOT.search(head)
    return "feed" if found and found["feed"] else ""


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
