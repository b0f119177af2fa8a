"""What a text writes for a time, before it is known when the text was written; and which days that is, once it is.

Pure values. `bot.text.dates` reads them; nothing here looks at a text.
"""

import calendar
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import assert_never

from bot.domain.deadline import Precision
from bot.text.dates_fr import PARIS

LONG_PAST = timedelta(days=120)  # a day without a year that is further back than this is one of next year
END_OF_DAY = 24  # the hour of "à minuit"
FAR_AHEAD = timedelta(days=270)
# How sure a reading is: the text says it all, the year is the natural one, it is far away, it contradicts itself
SURE, LIKELY, DOUBTFUL, CONTRADICTED = 1.0, 0.9, 0.65, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """`hour` 24 is the end of the day: "à minuit"."""

    hour: int
    minute: int = 0
    zone: tzinfo = PARIS


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    day: int
    month: int
    year: int | None = None
    weekday: int | None = None  # 0: Monday
    clock: Clock | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """`months` from month `first` on: 1 a month, 3 a quarter, 4, 6, 12 a year. `part`: "", "begin", "mid" or "end"."""

    first: int
    months: int
    year: int | None = None
    part: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    name: str
    year: int
    part: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From the first day of `first` to the last of `last`."""

    first: Day | Period
    last: Day | Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekday:
    """`is_this`: "ce vendredi", of the same week; else the first one after, or the first that is a `day`."""

    weekday: int
    day: int | None = None  # "mercredi 21"
    is_this: bool = False
    clock: Clock | None = None


class Unit(StrEnum):
    HOUR = "hour"
    DAY = "day"
    WORKDAY = "workday"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """ "fin du mois" (`ahead` 0), "le mois prochain" (1)."""

    unit: Unit
    part: str = ""
    ahead: int = 0


class Origin(StrEnum):
    """From what a delay is counted."""

    NONE = "none"  # not said: from the publication of the text
    PUBLICATION = "publication"  # "à compter de ce jour"
    ITS = "its"  # "après sa publication": of what the text announces, perhaps of today
    OTHER = "other"  # "à compter de la notification": the text does not date it


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """ "sous 15 jours", "demain"."""

    count: int
    unit: Unit
    origin: Origin = Origin.NONE
    clock: Clock | None = None


When = Day | Period | Season | Span | Weekday | Current | After


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """`first` is what opens then, `last` what closes; the same for a day."""

    first: date
    last: date
    precision: Precision
    clock: Clock | None = None
    sure: float = SURE

    def at(self, day: date) -> datetime | None:
        """The hour written, UTC. Midnight is the end of the day, as is no hour at all."""
        if self.clock is None or self.clock.hour == END_OF_DAY:
            return None
        moment = datetime(day.year, day.month, day.day, self.clock.hour, self.clock.minute, tzinfo=self.clock.zone)
        return moment.astimezone(UTC)


def resolve(when: When, published: date) -> Days | None:
    """None: it names no day of the calendar, or says nothing of which one. `published`: the day, in Paris."""
    try:
        return _resolve(when, published)
    except (ValueError, OverflowError):  # "31 février", a year after 9999
        return None


def _resolve(when: When, published: date) -> Days | None:
    match when:
        case Day():
            return _day(when, published)
        case Period():
            return _period(when, published)
        case Span():
            return _span(when, published)
        case Weekday(day=int() as day):
            return _one(_weekday_that_is(when.weekday, day, published), when.clock, LIKELY)
        case Weekday():
            ahead = (when.weekday - published.weekday()) % 7
            ahead = ahead if when.is_this else ahead or 7
            return _one(published + timedelta(days=ahead), when.clock, LIKELY)
        case Current():
            return _current(when, published)
        case After():
            return None if when.origin is Origin.OTHER else _after(when, published)
        case Season():
            return None
        case _:
            assert_never(when)


def _weekday_that_is(weekday: int, day: int, published: date) -> date:
    """Raises ValueError where none of the next months has it."""
    for n in range(_MONTHS_AHEAD):
        month = _months_later(published.replace(day=1), n)
        if day <= _month_end(month.year, month.month).day:
            found = month.replace(day=day)
            if found >= published and found.weekday() == weekday:
                return found
    raise ValueError(f"no such weekday is a {day}")


_MONTHS_AHEAD = 3  # in which "mercredi 21" is looked for


def _one(day: date, clock: Clock | None, sure: float) -> Days:
    precision = Precision.HOUR if clock is not None and clock.hour < END_OF_DAY else Precision.DAY
    return Days(first=day, last=day, precision=precision, clock=clock, sure=sure)


def _day(when: Day, published: date) -> Days:
    if when.year is not None:
        day, sure = date(when.year, when.month, when.day), SURE
    else:
        day, sure = _with_year(when.month, when.day, published)
    if when.weekday is not None and day.weekday() != when.weekday:
        sure = CONTRADICTED
    elif when.weekday is not None and when.year is None:
        sure = max(sure, LIKELY)
    return _one(day, when.clock, sure)


def _with_year(month: int, day: int, published: date) -> tuple[date, float]:
    """29 February is looked for in the years that have one."""
    found = _date_near(published.year, month, day)
    if published - found > LONG_PAST:
        found = _date_near(published.year + 1, month, day)
    return found, DOUBTFUL if found - published > FAR_AHEAD else LIKELY


def _date_near(year: int, month: int, day: int) -> date:
    if (month, day) == (2, 29) and not calendar.isleap(year):
        raise ValueError("29 February of a year that has none")
    return date(year, month, day)


def _period(when: Period, published: date) -> Days:
    sure = SURE
    year = when.year
    if year is None:
        year, sure = published.year, LIKELY
        if _month_end(year, when.first + when.months - 1) < published - LONG_PAST / 2:
            year, sure = year + 1, DOUBTFUL
    first, last = _part(date(year, when.first, 1), _month_end(year, when.first + when.months - 1), when)
    return Days(first=first, last=last, precision=_precision(when), sure=sure)


def _part(first: date, last: date, when: Period) -> tuple[date, date]:
    """ "début" opens on the first day; "mi-" is the 15th of a month, the middle of anything longer; "fin" the last."""
    middle = first + timedelta(days=14) if when.months == 1 else _months_later(first, when.months // 2)
    match when.part:
        case "begin":
            return first, first + timedelta(days=9) if when.months == 1 else _month_end(first.year, first.month)
        case "mid":
            return middle, middle
        case "end":
            return last, last
        case _:
            return first, last


def _precision(when: Period) -> Precision:
    if when.months == 1:
        return Precision.PART if when.part else Precision.MONTH
    return {3: Precision.QUARTER, 12: Precision.YEAR}.get(when.months, Precision.HALF)


def _span(when: Span, published: date) -> Days | None:
    """A year that stands only once is that of both ends; an end before its start is of the year after."""
    last = _resolve(when.last, published)
    first_when = when.first
    if last is None:
        return None
    if first_when.year is None:
        first_when = replace(first_when, year=last.last.year)
    first = _resolve(first_when, published)
    if first is None:
        return None
    if first.first > last.last and when.first.year is None:
        if when.last.year is None and first.first >= published:
            last = _resolve(replace(when.last, year=last.last.year + 1), published) or last
        else:
            first = _resolve(replace(first_when, year=last.last.year - 1), published) or first
    if first.first > last.last:
        return None
    return Days(
        first=first.first, last=last.last, precision=last.precision, clock=last.clock, sure=min(first.sure, last.sure)
    )


def _current(when: Current, published: date) -> Days:
    if when.unit is Unit.WEEK:
        monday = published - timedelta(days=published.weekday()) + timedelta(weeks=when.ahead)
        return _week(monday, when.part)
    months = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.HALF: 6}.get(when.unit, 12)
    first = _months_later(published.replace(day=1), when.ahead * months)
    start = (first.month - 1) // months * months + 1
    days = _period(Period(first=start, months=months, year=first.year, part=when.part), published)
    return replace(days, sure=LIKELY)


def _week(monday: date, part: str) -> Days:
    """The working week: "la fin de la semaine" is its Friday."""
    friday = monday + timedelta(days=4)
    first, last = (friday, friday) if part == "end" else (monday, friday)
    return Days(first=first, last=last, precision=Precision.PART, sure=0.75)


def _after(when: After, published: date) -> Days:
    sure = DOUBTFUL if when.unit is Unit.WORKDAY or when.origin is Origin.ITS else LIKELY
    return _one(_later(when.count, when.unit, published), when.clock, sure)


def _later(count: int, unit: Unit, day: date) -> date:
    match unit:
        case Unit.HOUR:
            return day + timedelta(days=-(-count // 24))
        case Unit.DAY:
            return day + timedelta(days=count)
        case Unit.WEEK:
            return day + timedelta(weeks=count)
        case Unit.WORKDAY:
            weeks, rest = divmod(count, 5)
            day += timedelta(weeks=weeks)
            for _ in range(rest):
                day += timedelta(days=3 if day.weekday() == 4 else 2 if day.weekday() == 5 else 1)
            return day
        case _:
            months = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.HALF: 6, Unit.YEAR: 12}[unit]
            return _months_later(day, count * months)


def _months_later(day: date, months: int) -> date:
    """The same day of that month, or its last: 31 January and a month is 28 February."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
