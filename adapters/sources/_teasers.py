"""A page that lists articles: which links are titles, and which lines around belong to each. A part of the kind `list`.

Works on where lines stand, never on the names of classes. Around a title, the largest part of the tree without another
title is its card. Where cards have no element of their own (`dl`, bare `p`), what stands between two titles belongs to
the one before or the one after, as the dates of the whole list show.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice, pairwise
from urllib.parse import urlsplit

from adapters.byline import Byline, read_byline
from adapters.html import Document, Picture
from adapters.sources import _pictures
from adapters.sources._pieces import Piece, absolute, base_of, key_of, links_of, number_of, pieces_of
from bot.domain.entry import Entry, canonical
from bot.domain.words import words
from bot.ports import Page

MOST_ITEMS = 1_000
MOST_LINKS = 20_000  # looked at
TITLE_WORDS = 4  # a link of fewer words is a menu's, unless it stands in a heading
LEAST_TEASER = 40  # characters
LONGEST_TITLE = 300  # characters
MOST_TEASER = 3  # pieces
NEAR = 3  # pieces between a title without a card and its date


@dataclass(frozen=True, slots=True, kw_only=True)
class _Anchor:
    """A link to an article: the pieces it covers, and where it stands."""

    key: str
    url: str
    path: tuple[int, ...]
    first: int
    last: int
    is_title: bool
    leads_on: bool  # to what a title above it announces: "Lire la suite"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Card:
    """Pieces `start` to `end` are surely the article's; `parent`: the path of the element that holds several cards."""

    anchors: Sequence[_Anchor]
    parent: tuple[int, ...]
    start: int
    end: int
    tags: frozenset[str]  # around the title

    @property
    def row(self) -> tuple[tuple[int, ...], frozenset[str]]:
        """The same for cards of one make in one place."""
        return self.parent, self.tags


def find(page: Page, document: Document) -> list[Entry]:
    """In the order of the page, each article once."""
    pieces = pieces_of(document)
    return _told(document, pieces, base_of(page, document), _anchors(page, document, pieces))


def announces(page: Page, document: Document, title: str) -> bool:
    """Whether `title` is that of a card whose only link is a "Lire la suite": no article's page, but a list of them."""
    pieces = pieces_of(document)
    base = base_of(page, document)
    anchors = _leading(list(_first(_links(page, base, pieces))))
    return any(words(entry.title) == words(title) for entry in _told(document, pieces, base, anchors))


def _told(document: Document, pieces: Sequence[Piece], base: str, anchors: Sequence[_Anchor]) -> list[Entry]:
    cards = _cards(pieces, anchors)
    rooms = _rooms(pieces, cards)
    read: list[tuple[_Card, Entry]] = []
    for _, family in groupby(zip(cards, rooms, strict=True), key=lambda found: found[0].parent):
        members = list(family)
        dates_first = _dates_come_first(pieces, members)
        for card, (before, after) in members:
            if dates_first:
                own = range(_date_above(pieces, before, card.start), _date_above(pieces, card.end, after))
            else:
                own = range(card.start, after)
            if (entry := _entry(pieces, card, own)) is not None:
                image = _pictures.best(_pictures_in(document, pieces, card), base)
                read.append((card, replace(entry, image=image)))
    return _once(_of_the_list(read))[:MOST_ITEMS]


# -- which links are titles -------------------------------------------------------------------------------------------


def _anchors(page: Page, document: Document, pieces: Sequence[Piece]) -> list[_Anchor]:
    base = base_of(page, document)
    found = list(_first(_links(page, base, pieces)))
    numbered = [anchor for anchor in found if number_of(anchor.url)]
    if len({anchor.key for anchor in numbered}) > 1:
        return numbered
    if leading := _leading(found):
        return leading
    titled = {anchor.key for anchor in found if anchor.is_title}
    return [anchor for anchor in found if anchor.key in titled or number_of(anchor.url)]


def _leading(found: Sequence[_Anchor]) -> list[_Anchor]:
    """Where the titles are no links: those below them, if they are more than what else might be a title."""
    leading = {anchor.key for anchor in found if anchor.leads_on}
    titled = {anchor.key for anchor in found if anchor.is_title}
    if len(leading) < 2 or leading & titled or len(leading) <= len(titled):
        return []
    return [anchor for anchor in found if anchor.key in leading]


def _first(anchors: Iterator[_Anchor]) -> Iterator[_Anchor]:
    """Of twice as many addresses as are listed: some are a menu's."""
    keys: set[str] = set()
    for anchor in anchors:
        keys.add(anchor.key)
        if len(keys) > 2 * MOST_ITEMS:
            return
        yield anchor


def _links(page: Page, base: str, pieces: Sequence[Piece]) -> Iterator[_Anchor]:
    site = urlsplit(canonical(base)).netloc
    here = canonical(base)
    for link, group in islice(groupby(links_of(pieces), key=lambda found: found[0]), MOST_LINKS):
        parts = list(group)
        run, first, last = parts[0][1], parts[0][2], parts[-1][2]
        url = absolute(base, run.href)
        is_here = not url or canonical(url) == here
        if is_here or (urlsplit(canonical(url)).netloc != site and page.url.startswith("http")):
            continue
        text = " ".join(piece.text[:LONGEST_TITLE] for piece in pieces[first : last + 1])
        yield _Anchor(
            key=key_of(url),
            url=url,
            path=run.path[: run.path.index(link) + 1],
            first=first,
            last=last,
            is_title=_looks_like_title(pieces[first : last + 1], text),
            leads_on=first == last and pieces[first].leads_on,
        )


def _looks_like_title(covered: Sequence[Piece], text: str) -> bool:
    if any(piece.tags & {"nav", "footer"} and not piece.tags & {"article", "li", "td"} for piece in covered):
        return False
    if all(piece.is_noise for piece in covered):
        return False
    return len(words(text)) >= TITLE_WORDS or any(piece.heading for piece in covered)


# -- which lines belong to each ---------------------------------------------------------------------------------------


def _cards(pieces: Sequence[Piece], anchors: Sequence[_Anchor]) -> list[_Card]:
    groups = [list(group) for _, group in groupby(anchors, key=lambda anchor: anchor.key)]
    cards: list[_Card] = []
    for n, group in enumerate(groups):
        first = group[0]
        neighbours = [*(groups[n - 1][-1:] if n else []), *(groups[n + 1][:1] if n + 1 < len(groups) else [])]
        shared = [_shared(first.path, other.path) for other in neighbours]
        depth = max(shared) if shared else _alone(pieces, first)
        near = [anchor for anchor in group if _shared(anchor.path, first.path) >= depth]
        cards.append(_card(pieces, near, depth))
        if far := group[len(near) :]:  # the same article again, elsewhere on the page
            cards.append(_card(pieces, far, max(_shared(far[0].path, near[-1].path), depth)))
    return cards


def _card(pieces: Sequence[Piece], anchors: Sequence[_Anchor], depth: int) -> _Card:
    start, end = anchors[0].first, anchors[-1].last + 1
    opening, closing = anchors[0].path[: depth + 1], anchors[-1].path[: depth + 1]
    while start > 0 and pieces[start - 1].path[: depth + 1] == opening:
        start -= 1
    while end < len(pieces) and pieces[end].path[: depth + 1] == closing:
        end += 1
    parent, tags = anchors[0].path[:depth], pieces[anchors[0].first].tags
    return _Card(anchors=anchors, parent=parent, start=start, end=end, tags=tags)


def _alone(pieces: Sequence[Piece], anchor: _Anchor) -> int:
    """The only article of a page: its card is the smallest element that holds a date beside it."""
    for depth in range(len(anchor.path) - 1, 0, -1):
        if any(piece.at for piece in pieces if piece.path[:depth] == anchor.path[:depth]):
            return depth - 1
    return max(len(anchor.path) - 1, 0)


def _rooms(pieces: Sequence[Piece], cards: Sequence[_Card]) -> list[tuple[int, int]]:
    """How far each card may look: not into another card, and not out of the element that holds both."""
    rooms = []
    for n, card in enumerate(cards):
        start, end, depth = card.start, card.end, len(card.parent)
        lowest = cards[n - 1].end if n else 0
        highest = cards[n + 1].start if n + 1 < len(cards) else len(pieces)
        while start > lowest and pieces[start - 1].path[:depth] == card.parent:
            start -= 1
        while end < highest and pieces[end].path[:depth] == card.parent:
            end += 1
        rooms.append((start, end))
    return rooms


def _dates_come_first(pieces: Sequence[Piece], members: Sequence[tuple[_Card, tuple[int, int]]]) -> bool:
    """Of cards without an element of their own: does each begin with its date, or with its title?"""
    cards = [card for card, _ in members]
    if 2 * sum(any(piece.at for piece in pieces[card.start : card.end]) for card in cards) >= len(cards):
        return False
    (first, (opening, _)), (last, (_, closing)) = members[0], members[-1]
    opens = any(piece.at for piece in pieces[max(opening, first.start - NEAR) : first.start])
    closes = any(piece.at for piece in pieces[last.end : min(closing, last.end + NEAR)])
    if opens != closes:
        return opens
    votes = 0
    for card, following in pairwise(cards):
        for i in (i for i in range(card.end, following.start) if pieces[i].at):
            above, below = i - card.end, following.start - 1 - i
            votes += (below < above) - (above < below)
    return votes > 0


def _date_above(pieces: Sequence[Piece], start: int, end: int) -> int:
    """Where the next card begins: at its date, or at the byline or heading above it; `end` if there is no date."""
    at = next((i for i in range(end - 1, start - 1, -1) if pieces[i].at), end)
    while start < at < end and (pieces[at - 1].heading or read_byline([pieces[at - 1].text])):
        at -= 1
    return at


def _shared(one: Sequence[int], other: Sequence[int]) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


# -- what they say ----------------------------------------------------------------------------------------------------


def _entry(pieces: Sequence[Piece], card: _Card, own: range) -> Entry | None:
    title = _title(pieces, card, own)
    if not title:
        return None
    sure = [i for i in range(card.start, card.end) if pieces[i].at]
    dates = sure or [i for i in own if pieces[i].at]
    byline, used = _byline(pieces, own, dates)
    left = [pieces[i] for i in own if i not in used and not pieces[i].at and words(pieces[i].text) != words(title)]
    return Entry(
        key=card.anchors[0].key,
        url=card.anchors[0].url,
        title=title,
        published=pieces[dates[0]].at if dates else None,
        summary=_teaser(left),
        authors=byline.authors,
        genre=byline.genre,
    )


def _pictures_in(document: Document, pieces: Sequence[Piece], card: _Card) -> Sequence[Picture]:
    """Those of the card's own element."""
    depth = len(card.parent) + 1
    elements = {piece.path[:depth] for piece in pieces[card.start : card.end]}
    start = bisect_left(document.pictures, pieces[card.start].line, key=lambda picture: picture.line)
    end = bisect_right(document.pictures, pieces[card.end - 1].line, key=lambda picture: picture.line)
    return [picture for picture in document.pictures[start:end] if picture.path[:depth] in elements]


def _title(pieces: Sequence[Piece], card: _Card, own: range) -> str:
    """A heading of the link, else its first line that says something; of a "Lire la suite", what stands above it."""
    linked = [pieces[i] for anchor in card.anchors for i in range(anchor.first, anchor.last + 1)]
    candidates = [piece for piece in linked if _may_be_title(piece)] or [
        piece for i in own if _may_be_title(piece := pieces[i])
    ]
    best = next((piece for piece in candidates if piece.heading), candidates[0] if candidates else None)
    return best.text if best else ""


def _may_be_title(piece: Piece) -> bool:
    if piece.at or piece.is_noise or not 0 < len(piece.text) <= LONGEST_TITLE or piece.invites:
        return False
    return read_byline([piece.text]) is None


def _byline(pieces: Sequence[Piece], own: range, dates: Sequence[int]) -> tuple[Byline, range]:
    places = [*(i + 1 for i in dates[:1] if i + 1 < own.stop), *own]
    for i in places:
        if pieces[i].at or pieces[i].heading:
            continue
        lines = [pieces[k].text for k in range(i, min(i + 3, own.stop)) if not pieces[k].at]
        found = read_byline(lines, any_genre=bool(dates) and i == dates[0] + 1 and not pieces[i].is_link)
        if found is not None:
            return found[0], range(i, i + found[1])
    return Byline(genre=""), range(0)


def _teaser(left: Sequence[Piece]) -> str:
    said: list[str] = []
    for piece in left:
        if piece.is_end or (piece.heading and said):
            break  # the next part of the page
        if len(piece.text) >= LEAST_TEASER and not piece.heading and not piece.is_noise and not piece.invites:
            said.append(piece.text)
    return " ".join(dict.fromkeys(said[:MOST_TEASER]))


# -- which of them are the list ---------------------------------------------------------------------------------------


def _of_the_list(read: Sequence[tuple[_Card, Entry]]) -> list[Entry]:
    """A title without a date counts beside dated ones of its make; where none has a date, the longest row of titles."""
    rows = {card.row for card, entry in read if entry.published}
    if not rows:
        sizes = Counter(card.row for card, _ in read)
        rows = {row for row, size in sizes.most_common(1) if size > 1}
    return [entry for card, entry in read if entry.published or card.row in rows]


def _once(entries: Sequence[Entry]) -> list[Entry]:
    """An article shown twice is told by the card that says more."""
    best: dict[str, Entry] = {}
    for entry in entries:
        known = best.get(entry.key)
        if known is None or (bool(entry.published), len(entry.summary)) > (bool(known.published), len(known.summary)):
            best[entry.key] = entry
    return list(best.values())
