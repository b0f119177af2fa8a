"""Which label belongs to which date on a page, by where lines stand. A part of the kind `milestones`.

A row of a table holds both. Else, around a date, the smallest part of the tree that holds a label and no other date is
its card. Where dates have no part of their own (`dl`, bare `p`, lines after <br>), each goes with the lines that follow
it, or with those before, as the whole row of them shows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlsplit

from adapters.html import Document, Line
from adapters.sources._date_lines import (
    A_YEAR,
    LONGEST_DATE,
    LONGEST_LABEL,
    LONGEST_LISTED,
    Dated,
    label_of,
    read_line,
    weight,
)
from adapters.sources._pieces import END_LINES, absolute, base_of
from bot.domain.entry import canonical
from bot.domain.words import words
from bot.ports import Page

MOST_DATED = 2_000  # lines with a year that are looked at; one made to be slow takes half a millisecond
LONGEST_MORE = 100  # characters of a line that completes a label of one word: "Domaine 1" / "Fermeture du guichet"
SMALL_CARD = 3  # labels above a date that are surely its own: the first of them is the title
AROUND = frozenset({"nav", "footer", "aside"})
LISTS = frozenset({"li", "td", "th", "dd", "dt"})
FILES = (".pdf", ".doc", ".docx", ".xls", ".xlsx", ".ods", ".odt", ".zip", ".ics", ".csv", ".ppt", ".pptx")
# Folded headings of the cards of news under a page
NEWS = END_LINES | {
    *(("actualites",), ("nos", "actualites"), ("les", "actualites"), ("dernieres", "actualites"), ("a", "la", "une")),
    *(("toutes", "les", "actualites"), ("toute", "actualite"), ("actualites", "liees"), ("actualites", "associees")),
    *(("dernieres", "publications"), ("communiques", "de", "presse"), ("espace", "presse"), ("actus",)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A milestone and the number of the line, and the path, where its label stands."""

    dated: Dated
    at: int
    path: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """The lines that count, and which of them are dates alone."""

    lines: Sequence[Line]
    dates: Mapping[int, Dated]  # also those that lead to news: they end the cards of the others
    said: Mapping[int, Dated]  # lines that hold a label and its date
    host: str
    here: str
    base: str

    def is_news(self, line: Line) -> bool:
        """All of it leads to another page of the site, as the cards of articles do."""
        if not line.is_link:
            return False
        url = absolute(self.base, next(run.href for run in line.runs if run.link))
        return (
            bool(url)
            and urlsplit(canonical(url)).netloc == self.host
            and canonical(url) != self.here
            and not urlsplit(url).path.lower().endswith(FILES)
        )

    def is_label(self, i: int) -> bool:
        line, said = self.lines[i], self.said.get(i)
        longest = LONGEST_LISTED if line.tags & LISTS else LONGEST_LABEL
        if i in self.dates or (said and not said.is_mention) or line.heading == 1 or len(line.text) > longest:
            return False
        return bool(label_of(line.text))


def find(page: Page, document: Document, *, everywhere: bool = False) -> list[Found]:
    """In the order of the page. `everywhere`: the part was named by hand, so navigation and links count too."""
    lines = [line for line in document.lines if line.text and (everywhere or not line.tags & AROUND)]
    if not everywhere:
        lines = list(_without_news(lines))
    base = base_of(page, document)
    dates, said = _read(lines)
    site = "" if everywhere else urlsplit(canonical(base)).netloc
    seen = _Page(lines=lines, dates=dates, said=said, host=site, here=canonical(base), base=base)
    found, taken = _in_tables(seen)
    for i, labels, around in _labelled(seen, [i for i in dates if i not in taken], taken):
        taken.update(around)
        found += [_found(seen, dates[i], label) for label in labels]
    for i, dated in said.items():
        if i not in taken and not seen.is_news(lines[i]):
            found.append(Found(dated=dated, at=i, path=lines[i].path))
    return sorted(found, key=lambda one: one.at)


def _without_news(lines: Sequence[Line]) -> Iterator[Line]:
    """A part with such a heading ends at the next heading that is not deeper."""
    level = 0
    for line in lines:
        if line.heading and (not level or line.heading <= level):
            level = line.heading if words(line.text) in NEWS else 0
        if not level:
            yield line


def _read(lines: Sequence[Line]) -> tuple[dict[int, Dated], dict[int, Dated]]:
    """Lines that are a date alone, and lines that say both. The page's own title is neither."""
    dates: dict[int, Dated] = {}
    said: dict[int, Dated] = {}
    looked_at = 0
    for i, line in enumerate(lines):
        if line.heading == 1 or len(line.text) > LONGEST_LISTED or not A_YEAR.search(line.text):
            continue
        looked_at += 1
        if looked_at > MOST_DATED:
            break
        apart = " ".join(run.text for run in line.runs)  # "<b>30</b><b>juin</b><b>2026</b>"
        is_listed = bool(line.tags & LISTS)
        dated = read_line(line.text, is_listed=is_listed)
        if dated is None and len(line.runs) > 1:
            dated = read_line(apart, is_listed=is_listed)
        if dated is not None:
            (said if dated.label else dates)[i] = dated
    return dates, said


def _found(page: _Page, dated: Dated, label: Sequence[int]) -> Found:
    text = label_of(page.lines[label[0]].text)
    if len(label) > 1:
        text = f"{text} – {label_of(page.lines[label[1]].text)}"
    whole = Dated(label=text, phrase=dated.phrase, value=dated.value)
    return Found(dated=whole, at=label[0], path=page.lines[label[0]].path)


def _whole(page: _Page, label: Sequence[int]) -> list[int]:
    """The first of these lines, with the next one where it says little."""
    if len(label) > 1 and weight(page.lines[label[0]].text) == 1:
        more = page.lines[label[1]].text
        return list(label[: 2 if len(more) <= LONGEST_MORE and more[-1] not in ".!?" else 1])
    return list(label[:1])


# -- rows of a table --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    table: int
    cells: Sequence[Sequence[int]]  # the lines of each


def _rows(lines: Sequence[Line]) -> Iterator[_Row]:
    places = [(place, i) for i, line in enumerate(lines) if (place := _place(line)) is not None]
    for (table, _), group in groupby(places, key=lambda found: found[0][:2]):
        cells = [[i for _, i in cell] for _, cell in groupby(group, key=lambda found: found[0][2])]
        yield _Row(table=table, cells=cells)


def _place(line: Line) -> tuple[int, int, int] | None:
    """(table, row, cell), the innermost."""
    if "tr" not in line.tags:
        return None
    at = len(line.names) - 1 - line.names[::-1].index("tr")
    if line.names[at + 1 : at + 2] not in (("td",), ("th",)):
        return None
    table = next((line.path[k] for k in range(at - 1, -1, -1) if line.names[k] == "table"), 0)
    return table, line.path[at], line.path[at + 1]


def _in_tables(page: _Page) -> tuple[list[Found], set[int]]:
    """Milestones of rows with a cell that is a date; and every line of such rows."""
    found: list[Found] = []
    taken: set[int] = set()
    table, header = -1, _Row(table=-1, cells=())
    for row in _rows(page.lines):
        if row.table != table:
            table, header = row.table, _Row(table=-1, cells=())
        dates = {n: dated for n, cell in enumerate(row.cells) if (dated := _date_of_cell(page, cell)) is not None}
        if not dates:
            header = row if not any(i in page.dates for cell in row.cells for i in cell) else header
            continue
        if len(row.cells) < 2:
            continue
        taken.update(i for cell in row.cells for i in cell)
        found.extend(_of_row(page, row, dates, header))
    return found, taken


def _date_of_cell(page: _Page, cell: Sequence[int]) -> Dated | None:
    """Also of a date over two lines: "du 18 mars" / "au 19 avril 2024"."""
    if len(cell) == 1:
        return page.dates.get(cell[0])
    text = " ".join(page.lines[i].text for i in cell[:4])
    dated = read_line(text, is_listed=True) if len(cell) <= 4 and len(text) <= LONGEST_DATE else None
    return dated if dated and not dated.label else None


def _of_row(page: _Page, row: _Row, dates: Mapping[int, Dated], header: _Row) -> Iterator[Found]:
    """Two dates are two columns: "Ouverture", "Fermeture". Without a header that says so, the first one counts."""
    label = [i for n, cell in enumerate(row.cells) if n not in dates for i in cell if page.is_label(i)]
    if not label or any(page.is_news(page.lines[i]) for i in label[:1]):
        return
    for n, dated in dates.items():
        one = _found(page, dated, _whole(page, label))
        if len(dates) == 1 or len(header.cells) != len(row.cells):
            yield one
            return
        column = label_of(page.lines[header.cells[n][0]].text)
        named = Dated(label=f"{one.dated.label} – {column}", phrase=dated.phrase, value=dated.value)
        yield Found(dated=named, at=one.at, path=one.path)


# -- dates and what stands around -------------------------------------------------------------------------------------


def _labelled(
    page: _Page, dates: Sequence[int], taken: set[int]
) -> Iterator[tuple[int, list[list[int]], Sequence[int]]]:
    """(date, its labels of one or two lines each, all lines that say something of it)."""
    bare: list[tuple[tuple[int, ...], int, range, range]] = []
    for n, i in enumerate(dates):
        low = dates[n - 1] if n else -1
        high = dates[n + 1] if n + 1 < len(dates) else len(page.lines)
        path = page.lines[i].path
        depth = max((_shared(path, page.lines[j].path) for j in (low, high) if 0 <= j < len(page.lines)), default=-1)
        card = _card(page, i, depth, range(low + 1, high), taken)
        if card is not None:
            yield i, [] if _is_news_card(page, i, card) else _in_card(page, i, card, taken), card
            continue
        around = _within(page, i, path[:depth], range(low + 1, high))
        bare.append((path[:depth], i, range(around.start, i), range(i + 1, around.stop)))
    for _, group in groupby(bare, key=lambda one: one[0]):
        family = [(i, before, after) for _, i, before, after in group]
        yield from _in_family(page, family, taken)


def _card(page: _Page, i: int, depth: int, room: range, taken: set[int]) -> range | None:
    """The smallest part around the date that holds a label; none of it is shared with another date."""
    path = page.lines[i].path
    start, stop = i, i + 1
    for size in range(len(path), depth, -1):
        around = _within(page, i, path[:size], room, start, stop)
        grown = [*range(around.start, start), *range(stop, around.stop)]
        start, stop = around.start, around.stop
        if any(k not in taken and page.is_label(k) for k in grown):
            return range(start, stop)
    return None


def _within(
    page: _Page, i: int, prefix: tuple[int, ...], room: range, start: int | None = None, stop: int | None = None
) -> range:
    """How far lines of that part of the tree go on, on both sides of the date."""
    start, stop, size = i if start is None else start, i + 1 if stop is None else stop, len(prefix)
    while start > room.start and page.lines[start - 1].path[:size] == prefix:
        start -= 1
    while stop < room.stop and page.lines[stop].path[:size] == prefix:
        stop += 1
    return range(start, stop)


def _is_news_card(page: _Page, i: int, card: range) -> bool:
    if page.is_news(page.lines[i]):
        return True
    titles = [k for k in card if page.is_label(k)]
    headings = [k for k in titles if page.lines[k].heading]
    return any(page.is_news(page.lines[k]) for k in headings or titles[:1])


def _in_card(page: _Page, i: int, card: range, taken: set[int]) -> list[list[int]]:
    """A heading with the date below; else what follows the date, each item of a list by itself; else what precedes."""
    labels = [k for k in card if k not in taken and page.is_label(k)]
    before, after = [k for k in labels if k < i], [k for k in labels if k > i]
    headings = [k for k in before if page.lines[k].heading]
    if not after or (headings and headings[-1] == i - 1 and not page.lines[after[0]].heading):
        near = before if len(before) <= SMALL_CARD else before[-1:]
        return [_whole(page, [*headings[-1:], *after] if headings else near)]
    return _each(page, i, after)


def _in_family(
    page: _Page, family: Sequence[tuple[int, range, range]], taken: set[int]
) -> Iterator[tuple[int, list[list[int]], Sequence[int]]]:
    def labels_in(lines: range) -> list[int]:
        return [k for k in lines if k not in taken and page.is_label(k)]

    labels = [(i, labels_in(before), labels_in(after)) for i, before, after in family]
    dates_first = _dates_come_first(page, labels)
    for i, before, after in labels:
        if dates_first:
            own = _until_heading(page, after, after[:1] == [i + 1])
            found = _each(page, i, own) if own else []
        else:
            own = before
            headings = [k for k in before if page.lines[k].heading]
            found = [(headings or before)[-1:]] if before else []
        kept = [] if page.is_news(page.lines[i]) else [one for one in found if not page.is_news(page.lines[one[0]])]
        yield i, kept, own


def _dates_come_first(page: _Page, labels: Sequence[tuple[int, list[int], list[int]]]) -> bool:
    first, last = labels[0], labels[-1]
    names = page.lines[first[0]].names
    if "dt" in names or "dd" in names:
        return "dt" in names
    if bool(first[1]) != bool(last[2]):
        return bool(last[2])
    if page.lines[first[0]].heading:
        return True
    below = sum(bool(before) and page.lines[before[-1]].heading > 0 for _, before, _ in labels)
    return 2 * below <= len(labels)


def _each(page: _Page, i: int, after: Sequence[int]) -> list[list[int]]:
    """The items of a list, or the <dd>, under one date are as many milestones."""
    items = {place: list(group) for place, group in groupby(after, key=lambda k: _item(page.lines[k]))}
    own = _item(page.lines[i])
    several = [group for place, group in items.items() if place and place != own]
    if len(several) > 1 and _item(page.lines[after[0]]) not in (0, own):
        return [_whole(page, group) for group in several]
    return [_whole(page, after)]


def _item(line: Line) -> int:
    """Number of the innermost <li> or <dd>; 0: none."""
    return next((line.path[k] for k in range(len(line.names) - 1, -1, -1) if line.names[k] in ("li", "dd")), 0)


def _until_heading(page: _Page, after: Sequence[int], heading_first: bool) -> list[int]:
    stop = next((n for n, k in enumerate(after) if page.lines[k].heading and not (heading_first and n == 0)), None)
    return list(after[:stop])


def _shared(one: Sequence[int], other: Sequence[int]) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
