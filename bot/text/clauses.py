"""The sentences and lines of a text that have a date, with their words: what `deadline_evidence` weighs.

In a table a date often stands alone on its line, and what it is the date of on the line above or below.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from bot.text.dates import Moment, moments
from bot.text.deadline_words import Mark, Role, announcing, marks
from bot.text.plain import Plain
from bot.text.sentences import sentences
from bot.text.when import After, Days, Origin, resolve

LONGEST_ROW = 160  # characters
_ENDS = (".", "!", "?", "…")
_BESIDE_DATE = (":", "-", "|")  # what parts a date from its label
_LONE_DATE = re.compile(r"(?:[\W\d_]|\b(?:le|du|au|a|des|les|jusqu|partir|avant|fin|en|d|ici|plus|tard|compter)\b)*")
_BEFORE_DELAY = re.compile(r"[\s:,]*(?:(?:les|the|d'|de) ?){0,2}")
_DELAY_ROOM = 40  # characters before a delay, in which the word stands that makes a date of it


class Clause(NamedTuple):
    """A sentence or a line, with its dates and its words. A tuple: many are made of every text."""

    plain: str  # of the whole text
    start: int
    end: int
    moments: Sequence[Moment]
    days: Sequence[Days | None]  # of each moment; None: it names none, or one that is past
    marks: Sequence[Mark]
    is_row: bool = False  # a label and a date
    is_calendar: bool = False  # a title or a heading announces dates
    beside: Sequence[Mark] = ()  # words of the line a lone date belongs to, or of the heading above a row
    above: Sequence[Mark] = ()  # words of the sentence or line before
    title: Sequence[Mark] = ()


def clauses(text: Plain, title: Plain, day: date) -> Iterator[Clause]:
    """In order, those that name a day from `day` on. `title`: of another text, if it has one."""
    dated = [moment for moment in moments(text) if _stands(text, moment)]
    days = {moment.start: resolve(moment.when, day) for moment in dated}
    ahead = {start for start, found in days.items() if found is not None and found.last >= day}
    if not ahead:
        return
    about = marks(title, 0, len(title.plain))
    spans = list(_spans(text))
    lines = _Lines(text=text, spans=spans, dated=_shared_out(dated, spans), announcing=announcing(text))
    announced = bool(announcing(title))
    heading: int | None = None
    is_calendar = announced
    for n, found in lines.dated.items():
        if n and n - 1 not in lines.dated:
            heading = n - 1 if lines.is_heading(n - 1) else None
            is_calendar = announced or lines.announces(n - 1)
        is_calendar = is_calendar or lines.announces(n)
        if not any(moment.start in ahead for moment in found):
            continue
        is_row = lines.is_row(n, is_calendar=is_calendar)
        label = lines.label_of(n) if is_row else None
        beside = label if label is not None else heading
        start, end = lines.spans[n]
        yield Clause(
            plain=text.plain,
            start=start,
            end=end,
            moments=found,
            days=[days[moment.start] if moment.start in ahead else None for moment in found],
            marks=lines.marks(n),
            is_row=is_row,
            is_calendar=is_calendar,
            beside=lines.marks(beside) if is_row and beside is not None else (),
            above=lines.marks(n - 1) if n else (),
            title=about,
        )


def _stands(text: Plain, moment: Moment) -> bool:
    """ "deux ans" is a date only after "sous", "d'ici", "il vous reste"; elsewhere it must not part what is around."""
    if not isinstance(moment.when, After) or moment.when.origin is not Origin.NONE or moment.is_named:
        return True
    return any(
        mark.word.role is Role.BEFORE
        and mark.word.edge is not None
        and _BEFORE_DELAY.fullmatch(text.plain, mark.end, moment.start) is not None
        for mark in marks(text, max(0, moment.start - _DELAY_ROOM), moment.start)
    )


def _spans(text: Plain) -> Iterator[tuple[int, int]]:
    """Sentences, and what semicolons part in them."""
    at = 0
    for sentence in sentences(text.bare):
        at = text.bare.index(sentence, at)
        for part in sentence.split(";"):
            if part.strip():
                yield at + len(part) - len(part.lstrip()), at + len(part.rstrip())
            at += len(part) + 1
        at -= 1


def _shared_out(dated: Sequence[Moment], spans: Sequence[tuple[int, int]]) -> Mapping[int, Sequence[Moment]]:
    """Number of a span → its dates, in order."""
    starts = [start for start, _ in spans]
    found: defaultdict[int, list[Moment]] = defaultdict(list)
    for moment in dated:
        found[bisect_right(starts, moment.start) - 1].append(moment)
    return dict(found)


@dataclass(slots=True, kw_only=True)
class _Lines:
    """Spans of the text, and what stands in them; words are looked for where there is a date, or beside one."""

    text: Plain
    spans: Sequence[tuple[int, int]]
    dated: Mapping[int, Sequence[Moment]]  # number of a span → its dates
    announcing: Sequence[int]  # where words stand that announce dates
    known: dict[int, Sequence[Mark]] = field(default_factory=dict)
    labels: set[int] = field(default_factory=set)  # lines that are the label of a date already

    def marks(self, n: int) -> Sequence[Mark]:
        if n not in self.known:
            self.known[n] = marks(self.text, *self.spans[n])
        return self.known[n]

    def announces(self, n: int) -> bool:
        start, end = self.spans[n]
        return bisect_left(self.announcing, start) < bisect_left(self.announcing, end)

    def is_heading(self, n: int) -> bool:
        start, end = self.spans[n]
        last, following = self.text.plain[end - 1], self.text.plain[end : end + 1]
        return last == ":" or (end - start <= LONGEST_ROW and last not in _ENDS and following == "\n")

    def is_row(self, n: int, *, is_calendar: bool) -> bool:
        """A short line that begins or ends with a date; in a paragraph only with a sign between it and its label."""
        (start, end), plain, dated = self.spans[n], self.text.plain, self.dated[n]
        if end - start > LONGEST_ROW:
            return False
        before, after = plain[start : dated[0].start], plain[dated[-1].end : end].strip(". ")
        is_line = plain[start - 1 : start] in ("", "\n") and plain[end : end + 1] in ("", "\n")
        is_line = is_line and plain[end - 1] not in _ENDS
        if _LONE_DATE.fullmatch(before):
            return is_line or after[:1] in (*_BESIDE_DATE, *("," if is_calendar else ""))
        return _LONE_DATE.fullmatch(after) is not None and (is_line or before.rstrip()[-1:] in _BESIDE_DATE)

    def label_of(self, n: int) -> int | None:
        """The line above a lone date, or the one below where that above is a heading, a sentence or another's label."""
        if not self._is_lone(n):
            return None
        for beside in (n - 1, n + 1):
            if 0 <= beside < len(self.spans) and beside not in self.labels and self._is_label(beside):
                self.labels.add(beside)
                return beside
        return None

    def _is_lone(self, n: int) -> bool:
        (start, end), dated = self.spans[n], self.dated[n]
        edges = (start, *(edge for moment in dated for edge in (moment.start, moment.end)), end)
        gaps = range(0, len(edges), 2)
        return all(_LONE_DATE.fullmatch(self.text.plain, edges[gap], edges[gap + 1]) for gap in gaps)

    def _is_label(self, n: int) -> bool:
        start, end = self.spans[n]
        if end - start > LONGEST_ROW or self.text.plain[end - 1] in (*_ENDS, ":") or n in self.dated:
            return False
        return not self.announces(n)
