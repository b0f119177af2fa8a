"""Dated lines on one living page, as the calendar of a programme: each is an entry, wherever on the page it stands.

`source.options` may say where to look, in simple CSS (`tag`, `.class`, `#id`, descendants): `item` is the calendar, or
each of its lines.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from lxml import etree

from adapters import html
from adapters.sources import _calendar
from adapters.sources._calendar import Found
from adapters.sources._selected import MOST_ITEMS, xpath
from bot.domain.entry import Entry
from bot.domain.milestone import GENRE, label_key
from bot.domain.source import Source
from bot.errors import ParseError
from bot.ports import Page, SourceKind

MOST_ENTRIES = 1_000


class Milestones:
    """Identity: the words of the label, and among equal labels the order of their dates. The core goes on from there
    when a label is touched up or a date moves (`bot/pipeline/milestones.py`)."""

    name = "milestones"

    def parse(self, page: Page, source: Source) -> Sequence[Entry]:
        if "item" in source.options:
            found = _selected(page, source.options["item"])
        else:
            document = html.read(page)
            found = _anchored(_calendar.find(page, document), document.anchors)
        if not found:
            raise ParseError(
                "no-items", f"{page.url}: no dated line there; give the address of a calendar, or the option `item`"
            )
        return _entries(page, found)


KIND: SourceKind = Milestones()


def _entries(page: Page, found: Sequence[tuple[Found, str]]) -> list[Entry]:
    """A milestone said twice on the page is one."""
    once: dict[tuple[str, str], tuple[Found, str]] = {}
    for one, anchor in found:
        once.setdefault((label_key(one.dated.label), one.dated.value), (one, anchor))
    values = defaultdict(list)
    for key, value in sorted(once):
        values[key].append(value)
    address = page.url.partition("#")[0]
    return [
        Entry(
            key=f"{key}:{values[key].index(value) + 1}",
            url=f"{address}#{anchor}" if anchor else page.url,
            title=one.dated.label,
            summary=one.dated.phrase,
            text=one.dated.phrase,
            genre=GENRE,
        )
        for (key, value), (one, anchor) in list(once.items())[:MOST_ENTRIES]
    ]


def _selected(page: Page, selector: str) -> list[tuple[Found, str]]:
    """Of the parts it names; one inside another is read with it."""
    root = etree.fromstring(
        html.decode(page.body, page.charset).replace("\0", "").encode("utf-8", "replace"),
        etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True),
    )
    parts: list[etree._Element] = [] if root is None else root.xpath(xpath(selector))[:MOST_ITEMS]
    chosen = set(parts)
    found: list[tuple[Found, str]] = []
    for part in parts:
        if any(around in chosen for around in part.iterancestors()):
            continue
        document = html.outline(etree.tostring(part, encoding="unicode", method="html", with_tail=False))
        found += _anchored(_calendar.find(page, document, everywhere=True), document.anchors)
    return found


def _anchored(found: Sequence[Found], anchors: Mapping[int, str]) -> list[tuple[Found, str]]:
    """With the id of the innermost part that holds this milestone and no other; "": there is none."""
    shared = Counter(number for one in found for number in one.path if number in anchors)
    return [
        (one, next((anchors[n] for n in reversed(one.path) if shared.get(n) == 1 and _is_fragment(anchors[n])), ""))
        for one in found
    ]


def _is_fragment(anchor: str) -> bool:
    return len(anchor) <= 100 and anchor.isascii() and not any(c.isspace() or c in '#<>"%' for c in anchor)
