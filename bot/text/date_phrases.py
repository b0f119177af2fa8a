"""What calendars write for a date: "30 juin 2026", "du 18 mars au 19 avril 2024", "fin juin 2026", "T3 2026".

Pure. A span or an approximate date is kept as written, with a value by which two ways of writing it are the same. The
year always stands in the text: it is never guessed.
"""

import calendar
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from bot.domain.words import words
from bot.text.dates import moments
from bot.text.plain import plain
from bot.text.when import Clock, Day, Period, Season, Span, When

# What says on which side of the date: shown, but not part of its value.
_SIDE = re.compile(
    r"(?:\b(?:a partir|a compter) (?:du |de |d')|\bjusqu'(?:au |a |en )|\bau plus tard (?:le |en |au )?|"
    r"\bavant (?:le )?|\bd'ici (?:le |au |a |en )?|\bdepuis (?:le )?|\bdes (?:le )?|\bapres (?:le )?)$"
)
_OF_A_SPAN = re.compile(r"\b(?:du |entre le |de |d')$")
_A_YEAR = re.compile(r"(?:19|20|21)\d\d")
_LONGEST_SIDE = 16  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A date in a text, and what stands before and after it; all on single, ordinary spaces."""

    text: str
    value: str  # "2026-06-30", "2024-03-18/2024-04-19", "2026-06"; sorts by time where years have four figures
    before: str
    after: str


def phrases(text: str) -> Iterator[Phrase]:
    """In the order of the text; what only has the shape of a date ("31 février 2026") is left out."""
    line = plain(" ".join(unicodedata.normalize("NFC", text).split()))
    for moment in moments(line):
        try:
            value = _value(moment.when)
        except ValueError:
            continue
        if value and _A_YEAR.search(line.plain, moment.start, moment.end):  # not "30/06/26"
            start = _start(line.plain, moment.start, moment.when)
            yield Phrase(
                text=line.written(start, moment.end).strip(),
                value=value,
                before=line.written(0, start),
                after=line.written(moment.end, len(line.plain)),
            )


def value_of(text: str) -> str:
    """By which two spellings of one date are equal; a text without any date is its folded words."""
    return next((phrase.value for phrase in phrases(text)), " ".join(words(text)))


def _start(line: str, start: int, when: When) -> int:
    """Where the words begin that belong to the date."""
    for side in (_OF_A_SPAN, _SIDE) if isinstance(when, Span) else (_SIDE,):
        room = max(0, start - _LONGEST_SIDE)
        if (match := side.search(line[room:start])) is not None:
            return room + match.start()
    return start


def _value(when: When) -> str:
    """ "": the text does not say which year. Raises ValueError for a day that is in no calendar."""
    match when:
        case Day(year=int() as year):
            return f"{date(year, when.month, when.day).isoformat()}{_time(when.clock)}"
        case Period(year=int() as year):
            return _period(when, year)
        case Season():
            return f"{when.year}-{when.part}{when.name}"
        case Span():
            return _span(when)
        case _:
            return ""


def _span(when: Span) -> str:
    year = when.last.year
    last = _value(when.last)
    first = _value(replace(when.first, year=when.first.year or year))
    return f"{first}/{last}" if first and last else ""


def _time(clock: Clock | None) -> str:
    return "" if clock is None else f"T{clock.hour:02}:{clock.minute:02}"


def _period(when: Period, year: int) -> str:
    """Beginning, middle and end are thirds."""
    first, last = f"{year}-{when.first:02}", f"{year}-{when.first + when.months - 1:02}"
    if not when.part:
        return {1: first, 12: str(year)}.get(when.months, f"{first}/{last}")
    third = ("begin", "mid", "end").index(when.part)
    if when.months > 1:
        return f"{first}/{last}:{third + 1}"
    begins, ends = ((1, 10), (11, 20), (21, calendar.monthrange(year, when.first)[1]))[third]
    return f"{first}-{begins:02}/{first}-{ends:02}"
