"""An article's own page: title, date, byline, text; nothing of its neighbours. A part of the kind `list`.

The page goes on after the article: a question to the reader, cards of other articles **each with a date of its own**, a
newsletter box. Hence a date is looked for between the title and the text, never over the whole page.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import takewhile

from adapters import html
from adapters.byline import Byline, read_byline
from adapters.html import Document, Line, Run
from adapters.sources import _any_page, _pictures
from adapters.sources._pieces import Piece, absolute, base_of, key_of, number_of, pieces_of
from bot.domain.entry import Entry
from bot.domain.words import words
from bot.errors import ParseError
from bot.ports import Page

HEADER = 12  # pieces in which the date and the byline stand, after the title
ABOVE = 4  # the same, before it
LONG = 120  # characters: a piece of text, no label
LEAST_DECLARED = 3  # words of a window's title that may be an article's; fewer are the site's name
LEAST_BODY = 200  # characters that make a page an article's
LEAST_BRIEF = 40  # the same, where the address says so too
LEAST_NAMED = 4  # words of a heading that is the window's title, too: fewer may be a section's
LEAST_OPENING = 2  # long pieces of text below it, before the first neighbour
MOST_NEIGHBOURS = 8  # links to other pages; a list has more, and little text above them
LONGEST_SUMMARY = 400  # characters
SAYS_MORE = 1.2  # times the words: below that, ours differs by what we left out on purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    title: str
    published: datetime | None
    byline: Byline
    text: str  # paragraphs separated by "\n\n"
    image: str  # http(s) address; "": none
    has_title: bool  # the title stands on the page: what is above it is not the article's
    is_sure: bool  # the title is a heading with its own date beside it
    is_named: bool  # the title is the page's own, and much text stands between it and the few neighbours


def read(page: Page, entry: Entry) -> Entry:
    """The entry, with what its page says better. Raises ParseError."""
    document = html.read(page)
    found = surer(page, document, find(page, document, entry.title))
    if not found.text:
        raise ParseError("no-text", f"{page.url}: no text of an article there; open the address in a browser")
    return complete(entry, found)


def find(page: Page, document: Document, title: str = "") -> Found:
    """`title`: as the list gives it. `text` is "" where there is none."""
    pieces = _pieces(document)
    own = _own_keys(page, document)
    base = base_of(page, document)
    leads_away = [_leads_away(piece, base, own) for piece in pieces]
    at = _title_index(pieces, title, document)
    head = range(at + 1, _header_end(pieces, leads_away, at))
    dates = [i for i in head if pieces[i].at] or [i for i in _above(pieces, leads_away, at) if pieces[i].at]
    start = at if at >= 0 else -1
    byline, used = _byline(pieces, [*([dates[0] + 1] if dates else []), *head, *_above(pieces, leads_away, at)], dates)
    taken = {start, *used, *(i for i in dates)}
    body = [i for i in range(start + 1, _end(pieces, leads_away, start + 1, taken)) if i not in taken]
    said = [pieces[i] for i in body if not _says_nothing(pieces[i], pieces[at] if at >= 0 else None)]
    return Found(
        title=(pieces[at].text if at >= 0 else "") or title or document.meta.get("og:title", "") or document.title,
        published=pieces[dates[0]].at if dates else _declared(document),
        byline=byline,
        text="".join(("\n\n" if piece.opens else "\n") + piece.text for piece in said).strip("\n"),
        image=_pictures.declared(document, base)
        or (_pictures.best(_pictures.of_article(document, base, own, pieces[at], said), base) if at >= 0 else ""),
        has_title=at >= 0,
        is_sure=at >= 0 and bool(dates) and not pieces[at].is_link,
        is_named=at >= 0 and _is_named(pieces[at], document) and _opens(pieces[at + 1 :], leads_away[at + 1 :]),
    )


def is_article(page: Page, document: Document, found: Found) -> bool:
    """Whether the page is one article's rather than a list of them."""
    own = (page.url, document.canonical, document.meta.get("og:url", ""))
    is_numbered = any(number_of(url) for url in own)
    if not found.title or len(found.text) < (
        LEAST_BRIEF if is_numbered and (found.is_sure or found.byline.genre) else LEAST_BODY
    ):
        return False
    return found.is_sure or is_numbered or bool(found.byline.genre) or found.is_named


def complete(entry: Entry, found: Found) -> Entry:
    return replace(
        entry,
        title=found.title or entry.title,
        published=found.published or entry.published,
        summary=whole(entry.summary, found.text),
        text=found.text,
        authors=found.byline.authors or entry.authors,
        genre=found.byline.genre or entry.genre,
        image=found.image or entry.image,
    )


def surer(page: Page, document: Document, found: Found) -> Found:
    """Where the page's shape tells us too little, trafilatura's text if it says more; the rest stays ours."""
    if found.is_sure and len(found.text) >= LEAST_BODY:
        return found
    pieces = _pieces(document)
    theirs = _of_the_article(_any_page.text_of(html.decode(page.body, page.charset)), page, document, pieces, found)
    ours = found.text if found.has_title else ""  # else it is the whole page, menus included
    return replace(found, text=theirs) if len(words(theirs)) > SAYS_MORE * len(words(ours)) else found


def whole(teaser: str, text: str) -> str:
    """A teaser cut with "..." begins the text: the first paragraph if that is short, else whole sentences of it."""
    bare = re.sub(r"\s*(?:\.{2,}|…)\s*(?:lire la suite)?\s*$", "", teaser, flags=re.IGNORECASE)
    if bare == teaser:
        return teaser
    for paragraph in text.split("\n\n")[:5]:
        if len(paragraph) <= LONGEST_SUMMARY and words(paragraph)[:8] == words(bare)[:8]:
            return paragraph
    sentences = re.match(r"^.*[.!?»](?=\s)", bare, re.DOTALL)
    return sentences[0] if sentences else ""


# -- where things stand -----------------------------------------------------------------------------------------------


def _pieces(document: Document) -> list[Piece]:
    return [piece for piece in pieces_of(document) if not piece.tags & {"nav", "aside"}]


def _own_keys(page: Page, document: Document) -> frozenset[str]:
    urls = (page.url, absolute(page.url, document.canonical), absolute(page.url, document.meta.get("og:url", "")))
    return frozenset(key_of(url) for url in urls if url)


def _leads_away(piece: Piece, base: str, own: frozenset[str]) -> bool:
    """The piece is nothing but a link, of more than a label's length, to another page."""
    if not piece.is_link or len(words(piece.text)) < 4:
        return False
    hrefs = {run.href for run in piece.runs if run.link}
    return any(key_of(url) not in own for href in hrefs if (url := absolute(base, href)))


def _title_index(pieces: Sequence[Piece], title: str, document: Document) -> int:
    """-1: no piece is the title."""
    declared = (words(text) for text in (document.meta.get("og:title", ""), document.title))
    for name in (words(title), *(name for name in declared if len(name) >= LEAST_DECLARED)):
        same = [i for i, piece in enumerate(pieces) if _is_title(words(piece.text), name)] if name else []
        if same:
            # Also in a breadcrumb or a card: the page's highest heading is the title.
            return min(same, key=lambda i: (pieces[i].heading or 7, pieces[i].is_link, i))
    headings = [i for i, piece in enumerate(pieces) if piece.heading and piece.text and not piece.is_link]
    dated = [i for i in headings if any(piece.at for piece in pieces[i + 1 : i + 6])]
    first = [i for i in headings if pieces[i].heading == 1]
    return next(iter(dated[:1] or _above_first_date(pieces) or first[:1] or headings[:1]), -1)


def _above_first_date(pieces: Sequence[Piece]) -> list[int]:
    """A title in plain letters."""
    date = next((i for i, piece in enumerate(pieces) if piece.at), 0)
    above = [i for i in range(max(date - ABOVE, 0), date) if len(words(pieces[i].text)) >= 4 and not pieces[i].is_noise]
    return [i for i in above[-1:] if not pieces[i].is_link]


def _is_title(found: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """The window's title adds the site's name; a list cuts the long ones."""
    return (
        found == wanted
        or (len(found) >= 4 and found == wanted[: len(found)])
        or (len(wanted) >= 4 and wanted == found[: len(wanted)])
    )


def _is_named(title: Piece, document: Document) -> bool:
    """It is what the page calls itself, and its highest heading."""
    own = words(title.text)
    if title.heading != 1 or title.is_link or len(own) < LEAST_NAMED:
        return False
    return any(words(name)[: len(own)] == own for name in (document.meta.get("og:title", ""), document.title))


def _opens(pieces: Sequence[Piece], leads_away: Sequence[bool]) -> bool:
    """What follows the title is the text of an article without a date."""
    neighbours = [i for i, away in enumerate(leads_away) if away]
    opening = pieces[: neighbours[0]] if neighbours else pieces
    long = sum(len(piece.text) >= LONG and not piece.is_link for piece in opening)
    return long >= LEAST_OPENING and len(neighbours) <= MOST_NEIGHBOURS


def _header_end(pieces: Sequence[Piece], leads_away: Sequence[bool], at: int) -> int:
    """Where the search for the date stops: at a neighbour, at the end of the article, after a few pieces."""
    for i in range(at + 1, min(at + 1 + HEADER, len(pieces))):
        if leads_away[i] or pieces[i].is_end:
            return i
    return min(at + 1 + HEADER, len(pieces))


def _above(pieces: Sequence[Piece], leads_away: Sequence[bool], at: int) -> Sequence[int]:
    """Nearest first; not beyond a link, which would be a neighbour's."""
    found = []
    for i in range(at - 1, max(at - 1 - ABOVE, -1), -1):
        if leads_away[i]:
            break
        found.append(i)
    return found


def _byline(pieces: Sequence[Piece], places: Sequence[int], dates: Sequence[int]) -> tuple[Byline, Sequence[int]]:
    """The byline, and the pieces it takes; right after the date any two words may be a genre."""
    for i in places:
        lines = [piece.text for piece in pieces[i : i + 3]] if i < len(pieces) and not pieces[i].heading else []
        found = read_byline(lines, any_genre=bool(dates) and i == dates[0] + 1)
        if found is not None:
            return found[0], range(i, i + found[1])
    return Byline(genre=""), ()


def _end(pieces: Sequence[Piece], leads_away: Sequence[bool], start: int, taken: set[int]) -> int:
    """At the first neighbour, or the first marker; one before any text is a box of something else."""
    has_text = False
    for i in range(start, len(pieces)):
        piece = pieces[i]
        if i in taken:
            continue
        is_foot = "footer" in piece.tags and "article" not in piece.tags
        if (_is_card(pieces, leads_away, i) and start > 0) or (has_text and (is_foot or piece.is_end)):
            return i
        has_text = has_text or (len(piece.text) > 40 and not piece.is_link and not piece.invites)
    return len(pieces)


def _is_card(pieces: Sequence[Piece], leads_away: Sequence[bool], at: int) -> bool:
    """It has a date of its own; one behind the end of the article is not."""
    following = takewhile(lambda piece: not piece.is_end, pieces[at + 1 : at + 5])
    return leads_away[at] and any(piece.at for piece in following)


def _of_the_article(text: str, page: Page, document: Document, pieces: Sequence[Piece], found: Found) -> str:
    """Without the title, the date and the byline that begin it, up to the first neighbour or marker."""
    base, own = base_of(page, document), _own_keys(page, document)
    away = [_leads_away(piece, base, own) for piece in pieces]
    cards = {words(piece.text) for i, piece in enumerate(pieces) if _is_card(pieces, away, i)}
    lines = [Line(runs=(Run(text=line, path=()),), path=()) for line in text.split("\n\n")]
    theirs = pieces_of(Document(lines=lines))
    kept: list[str] = []
    byline = range(0)
    for i, piece in enumerate(theirs):
        if kept and (piece.is_end or words(piece.text) in cards):
            break
        if not kept and (said := read_byline([one.text for one in theirs[i : i + 3]])):
            byline = range(i, i + said[1])
        is_header = i in byline or (not kept and words(piece.text) == words(found.title))
        if not (piece.at or is_header or _says_nothing(piece, None)):
            kept.append(piece.text)
    return "\n\n".join(kept)


def _says_nothing(piece: Piece, title: Piece | None) -> bool:
    if not piece.text or piece.is_noise or piece.is_end or piece.invites:
        return True
    return title is not None and words(piece.text) == words(title.text)


def _declared(document: Document) -> datetime | None:
    """What the page declares of itself, when it prints no date."""
    try:
        at = datetime.fromisoformat(document.meta.get("article:published_time", ""))
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None
