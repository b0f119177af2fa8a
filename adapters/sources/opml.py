"""OPML: somebody's list of feeds. Not a place to watch, but one to import from: each entry is a feed.

`outlines` says more of each, for an import that tells line by line what it did.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from adapters.sources._packed import unpacked
from adapters.sources._pieces import absolute
from adapters.sources._xml import address, name_of, refuse_entities, root_of, said, text_of
from bot.domain.entry import Entry, canonical
from bot.domain.source import Source
from bot.errors import ParseError
from bot.ports import Page, SourceKind

MOST_ENTRIES = 1_000
MOST_OUTLINES = 10_000
LONGEST_FOLDER = 200  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One feed of the list, as it is said there."""

    line: int  # of the document, from 1
    folder: str  # text of the outlines around it, "A / B"; "": none
    title: str
    xml_url: str  # http(s)
    html_url: str  # http(s); "": not said


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
    """Those that name a feed, in the order of the list, at most 10,000. Raises ParseError.

    `also_bad`: with those whose xmlUrl is no http(s) address, as written: an import says so of each.
    """
    page = unpacked(page)
    refuse_entities(page)
    text = text_of(page)
    root = root_of(page, text)
    if root is None or name_of(root) != "opml":
        code = "truncated" if page.truncated and root is None else "bad-opml"
        raise ParseError(code, f"{page.url}: no OPML; export the list of feeds from your reader again")
    skipped = text[: len(text) - len(text.lstrip())].count("\n")
    found = list(islice(_walk(root, page, skipped, also_bad=also_bad), MOST_OUTLINES))
    if not found:
        code = "truncated" if page.truncated else "bad-opml"
        raise ParseError(code, f"{page.url}: names no feed; each is an outline with an xmlUrl")
    return found


def _walk(root: etree._Element, page: Page, skipped: int, *, also_bad: bool) -> Iterator[Outline]:
    """`skipped`: lines that stand before the document."""
    folders = [""]
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if name_of(element) != "outline":
            continue
        if event == "end":
            folders.pop()
            continue
        told = {name.lower(): str(value) for name, value in element.attrib.items()}
        title = said(told.get("text")) or said(told.get("title"))
        written = told.get("xmlurl", "").strip()
        xml_url = address(written) or (written if also_bad else "")
        if xml_url:
            yield Outline(
                line=skipped + int(element.sourceline or 1),
                folder=folders[-1],
                title=title or xml_url,
                xml_url=xml_url,
                html_url=address(absolute(page.url, told.get("htmlurl", ""))),
            )
        folders.append(" / ".join(part for part in (folders[-1], title) if part)[:LONGEST_FOLDER])
