"""The feeds a page leads to: those it declares in its head, then those it links to for its readers. A part of no kind.

Only addresses that stand on this one page: a site may answer to `.rss` behind any of its addresses, endlessly.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree

from adapters import html
from adapters.sources._pieces import absolute
from bot.ports import FeedLink, Page

MOST = 20  # addresses of one page worth returning
FEED_TYPES = frozenset(
    {
        *("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"),
        *("application/rss", "application/atom", "text/rss+xml"),
    }
)
FEED_PATH = re.compile(r"\.(?:rss|xml|atom|rdf)$|/(?:feed|rss|atom)/?$", re.IGNORECASE)
SAYS_FEED = re.compile(r"\b(?:rss|atom|flux|feeds?)\b", re.IGNORECASE)
LONGEST_SAYING = 80  # characters of a link's text: "S’abonner au flux RSS", not a paragraph about water flows
PARTS = 12  # pieces of text inside one link


def feeds_of(page: Page) -> Sequence[FeedLink]:
    """Declared ones first, then as the page orders them, each address once; () for what is no HTML. Never fails."""
    raw = html.decode(page.body, page.charset).replace("\0", "").encode("utf-8", "replace")
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError):
        return ()
    if root is None:
        return ()
    base = _base(page, root)
    found = (*_declared(root, base), *_linked(root, base))
    once = {link.url: link for link in reversed(found) if link.url}
    return [link for link in found if once.pop(link.url, None)][:MOST]


def _base(page: Page, root: etree._Element) -> str:
    own = next((element.get("href") or "" for element in root.iter("base")), "")
    return absolute(page.url, own) or page.url


def _declared(root: etree._Element, base: str) -> Iterator[FeedLink]:
    for element in root.iter("link"):
        kind = (element.get("type") or "").partition(";")[0].strip().lower()
        if kind in FEED_TYPES and "alternate" in (element.get("rel") or "").lower().split():
            yield FeedLink(url=absolute(base, element.get("href") or ""), declared=True)


def _linked(root: etree._Element, base: str) -> Iterator[FeedLink]:
    for element in root.iter("a"):
        url = absolute(base, element.get("href") or "")
        if url and (FEED_PATH.search(urlsplit(url).path) or SAYS_FEED.search(_saying(element))):
            yield FeedLink(url=url, declared=False)


def _saying(element: etree._Element) -> str:
    """What is read on a link; "" for a whole paragraph."""
    said = " ".join((*islice(element.itertext(), PARTS), element.get("title") or "", element.get("aria-label") or ""))
    return said if len(said) <= LONGEST_SAYING else ""
