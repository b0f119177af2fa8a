"""How long somebody asks for: "2h", "3 jours", "1 semaine", "jusqu'au 15/12", "until monday 8:00". Pure, and linear."""

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta, tzinfo

from bot.text.dates import moments
from bot.text.plain import Plain, plain
from bot.text.when import resolve

LONGEST = 300  # characters looked at, from the end
DAY = timedelta(days=1)
UNITS: Mapping[str, timedelta] = {
    **dict.fromkeys(("m", "min", "mins", "mn", "minute", "minutes"), timedelta(minutes=1)),
    **dict.fromkeys(("h", "heure", "heures", "hour", "hours", "hr", "hrs"), timedelta(hours=1)),
    **dict.fromkeys(("j", "jour", "jours", "journee", "d", "day", "days"), DAY),
    **dict.fromkeys(("semaine", "semaines", "sem", "w", "week", "weeks"), 7 * DAY),
    **dict.fromkeys(("mois", "month", "months"), 30 * DAY),
}
NUMBERS: Mapping[str, int] = {
    **dict.fromkeys(("un", "une", "a", "an", "one"), 1),
    **{word: n for n, word in enumerate(("deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"), 2)},
    **{word: n for n, word in enumerate(("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 2)},
}
_COUNT = rf"(?P<count>\d{{1,4}}(?:[.,]\d{{1,2}})?|{'|'.join(sorted(NUMBERS, key=len, reverse=True))})\s{{0,3}}"
_UNIT = rf"(?P<unit>{'|'.join(sorted(UNITS, key=len, reverse=True))})"
_SPEAKS_OF_LENGTH = re.compile(rf"(?:^|(?<=\s)){_COUNT}{_UNIT}(?!\w)")  # and so of no day, however it is read
_LENGTH = re.compile(
    rf"(?:^|(?<=\s))(?:(?:pour|pendant|for)\s+)?{_COUNT}{_UNIT}"
    r"(?:\s?(?P<minutes>[0-5]\d)(?:\s?(?:min|mn))?)?\s*$"
)
_UNTIL = re.compile(r"(?:^|(?<=\s))(?:jusqu'?\s?(?:aux?|a|en)?|jusque|until|till)\s+(?P<when>[^\n]*)$")
_HOUR = re.compile(r"(?:(?:le|les|at)\s+)?(?P<hour>\d{1,2})\s?(?:h|:)\s?(?P<minute>[0-5]\d)?\s*$")


def read_until(text: str, now: datetime, zone: tzinfo) -> datetime | None:
    """The end of what is asked for, UTC; None: it cannot be read, or has passed. A day lasts until it is over."""
    text = text.strip()[-LONGEST:]
    found = split_until(text, now, zone)
    if found is None and _SPEAKS_OF_LENGTH.search(plain(text).plain) is None:
        found = split_until(f"jusqu'au {text}", now, zone)
    return None if found is None or found[0] else found[1]


def split_until(text: str, now: datetime, zone: tzinfo) -> tuple[str, datetime] | None:
    """(what stands before, the end): the length or the day that ends a text."""
    read = plain(text[-LONGEST:])
    if (until := _UNTIL.search(read.plain)) is not None:
        end = _end(until["when"], now, zone)
        return None if end is None or end <= now else (_before(text, read, until.start()), end)
    if (length := _LENGTH.search(read.plain)) is None:
        return None
    return _before(text, read, length.start()), now + _lasting(length)


def _before(text: str, read: Plain, start: int) -> str:
    return f"{text[:-LONGEST]}{read.written(0, start)}".strip(" ,;:")


def _lasting(length: re.Match[str]) -> timedelta:
    said = length["count"]
    count = NUMBERS[said] if said in NUMBERS else float(said.replace(",", "."))
    return count * UNITS[length["unit"]] + timedelta(minutes=int(length["minutes"] or 0))


def _end(when: str, now: datetime, zone: tzinfo) -> datetime | None:
    local = now.astimezone(zone)
    if (hour := _HOUR.fullmatch(when)) is not None and int(hour["hour"]) < 24:
        at = datetime.combine(local.date(), time(int(hour["hour"]), int(hour["minute"] or 0)), zone)
        return (at if at > local else datetime.combine(local.date() + DAY, at.timetz())).astimezone(now.tzinfo)
    for moment in moments(plain(when)):
        if (days := resolve(moment.when, local.date())) is None:
            return None
        at_hour = days.clock is not None and days.clock.hour < 24
        clock = time(days.clock.hour, days.clock.minute) if days.clock is not None and at_hour else time()
        return datetime.combine(days.last if at_hour else days.last + DAY, clock, zone).astimezone(now.tzinfo)
    return None
