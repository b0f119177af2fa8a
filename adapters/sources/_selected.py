"""A list read where the source's options say. A part of the kind `list`."""

import re
from collections.abc import Mapping, Sequence

from lxml import etree

from adapters import html
from adapters.byline import read_byline
from adapters.sources import _pictures
from adapters.sources._pieces import Piece, absolute, base_of, key_of, links_of, pieces_of
from bot.domain.entry import Entry
from bot.errors import ParseError
from bot.ports import Page

MOST_ITEMS = 1_000
STEP = re.compile(r"(?P<tag>[a-z][\w-]*|\*)?(?P<rest>(?:[.#][\w-]+)*)", re.IGNORECASE)


def find(page: Page, document: html.Document, options: Mapping[str, str]) -> list[Entry]:
    base = base_of(page, document)
    root = etree.fromstring(
        html.decode(page.body, page.charset).replace("\0", "").encode("utf-8", "replace"),
        etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True),
    )
    found = [] if root is None else root.xpath(xpath(options["item"]))[:MOST_ITEMS]
    entries = (_entry(element, base, options) for element in found)
    return [entry for entry in entries if entry is not None]


def xpath(selector: str) -> str:
    """`article.card h2 a` → XPath. Raises ParseError."""
    steps = []
    for step in selector.split() or [""]:
        match = STEP.fullmatch(step) if step else None
        if match is None:
            raise ParseError("no-items", f"{selector!r}: not a simple selector; use tags, .classes and #ids")
        tests = [
            f"[@id='{name[1:]}']"
            if name[0] == "#"
            else f"[contains(concat(' ',normalize-space(@class),' '),' {name[1:]} ')]"
            for name in re.findall(r"[.#][\w-]+", match["rest"])
        ]
        steps.append((match["tag"] or "*").lower() + "".join(tests))
    return ".//" + "//".join(steps)


def _entry(element: etree._Element, base: str, options: Mapping[str, str]) -> Entry | None:
    document = _outline(element)
    pieces = pieces_of(document)
    titled = _under(element, options.get("title")) or pieces
    run = next((run for _, run, _ in links_of(titled)), None) or next((run for _, run, _ in links_of(pieces)), None)
    url = absolute(base, run.href) if run else ""
    title = next((piece.text for piece in titled if piece.text and not piece.at), "")
    if not url or not title:
        return None
    dated = _under(element, options.get("date")) or pieces
    bylines = (read_byline([piece.text for piece in pieces[i : i + 3]]) for i in range(len(pieces)))
    byline = next((found[0] for found in bylines if found), None)
    body = _under(element, options.get("body"))
    return Entry(
        key=key_of(url),
        url=url,
        title=title,
        published=next((piece.at for piece in dated if piece.at), None),
        summary=" ".join(piece.text for piece in body if piece.text),
        authors=byline.authors if byline else (),
        genre=byline.genre if byline else "",
        image=_pictures.best(document.pictures, base),
    )


def _under(element: etree._Element, selector: str | None) -> Sequence[Piece]:
    found = element.xpath(xpath(selector)) if selector else []
    return [piece for part in found for piece in pieces_of(_outline(part))]


def _outline(element: etree._Element) -> html.Document:
    return html.outline(etree.tostring(element, encoding="unicode", method="html", with_tail=False))
