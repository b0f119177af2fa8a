"""OPML: somebody's list of feeds. Not a place to watch, but one to import from: each entry is a feed.

`outlines` says more of each, for an import that tells line by line what it did.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from adapters.html import decode
from bot.domain.entry import Entry, canonical
from bot.domain.source import Source
from bot.errors import ParseError
from bot.ports import Page, SourceKind

MOST_ENTRIES = 1_000
HTTP = re.compile(r"https?://[^\s/]", re.IGNORECASE)
BARE = re.compile(r"&(?!(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos);)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One feed of the list, as it is said there."""

    line: int  # of the document, from 1
    folder: str  # text of the outlines around it, "A / B"; "": none
    title: str
    xml_url: str  # as written


class Opml:
    """Identity: the canonical address of the feed."""

    name = "opml"

    def parse(self, page: Page, source: Source) -> Sequence[Entry]:
        """In the order of the list, each feed once."""
        entries: dict[str, Entry] = {}
        for one in outlines(page):
            key = canonical(one.xml_url)
            entries.setdefault(key, Entry(key=key, url=one.xml_url, title=one.title, summary=one.folder))
        return list(entries.values())[:MOST_ENTRIES]


KIND: SourceKind = Opml()


def outlines(page: Page, *, also_bad: bool = False) -> Sequence[Outline]:
    """Those that name a feed, in the order of the list. Raises ParseError.

    `also_bad`: with those whose xmlUrl is no http(s) address, as written: an import says so of each.
    """
    text = decode(page.body, page.charset).replace("\0", "")
    if "<!entity" in text.lower():
        raise ParseError("xml-bomb", f"{page.url}: declares entities, as documents made to burst do; not read")
    parser = etree.XMLParser(
        encoding="utf-8", recover=True, resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True
    )
    try:
        root = etree.fromstring(BARE.sub("&amp;", text.lstrip()).encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None or _name(root) != "opml":
        raise ParseError("bad-opml", f"{page.url}: no OPML; export the list of feeds from your reader again")
    if not (found := [one for one in _walk(root) if also_bad or HTTP.match(one.xml_url)]):
        raise ParseError("bad-opml", f"{page.url}: names no feed; each is an outline with an xmlUrl")
    return found


def _walk(root: etree._Element) -> Iterator[Outline]:
    folders: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if _name(element) != "outline":
            continue
        if event == "end":
            folders.pop()
            continue
        told = {name.lower(): str(value) for name, value in element.attrib.items()}
        title = _said(told.get("text")) or _said(told.get("title"))
        url = told.get("xmlurl", "").strip()
        if url:
            folder = " / ".join(name for name in folders if name)
            yield Outline(line=int(element.sourceline or 1), folder=folder, title=title or url, xml_url=url)
        folders.append(title)


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _said(text: str | None) -> str:
    return " ".join(re.split(r"[ \t\r\n\f\v]+", html.unescape(text or ""))).strip()
