"""An item as its feed says it, whatever the format: what all readers of feeds hand to the kind `feed`."""

import calendar
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from feedparser.datetimes import _parse_date as parse_any_date

from adapters.sources._texts import Texts
from bot.text.dates_fr import read_date

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
TEXTS = Texts()
RFC_822 = re.compile(
    r"(?:[A-Za-z]{3}, )?(\d{1,2}) ([A-Za-z]{3}) (\d{4}) (\d\d):(\d\d):(\d\d) (?:GMT|UTC|Z|([+-])(\d\d)(\d\d))", re.ASCII
)
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # what a terminal obeys, and half a character
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Plain text, not yet shortened; addresses as they are written."""

    id: str = ""
    url: str = ""
    title: str = ""
    text: str = ""
    summary: str = ""
    published: datetime | None = None
    authors: Sequence[str] = ()  # may hold markup
    tags: Sequence[str] = ()


def plain(value: str, *, markup: bool) -> str:
    """Paragraphs separated by "\\n\\n". Not `markup`: "<canvas>" is a word of it."""
    if markup:
        return TEXTS.of(value)
    return "\n\n".join(line for part in re.split(r"\n\s*\n", value) if (line := one_line(part)))


def one_line(text: str) -> str:
    """Of characters that can be seen."""
    if text.isprintable() and "  " not in text:  # nearly all there is
        return text.strip()
    line = " ".join(re.split(r"[ \t\r\n\f\v]+", text)).strip()
    return line if line.isprintable() else UNSEEN.sub("", line).strip()


def first_date(texts: Iterable[str]) -> datetime | None:
    """Of the first that is one, UTC; an impossible year is no date."""
    for text in texts:
        if at := _date(text):
            return plausible(at)
    return None


def plausible(at: datetime | None) -> datetime | None:
    return at if at and 1990 <= at.year < 2100 else None


def _date(text: str) -> datetime | None:
    """The two usual forms at once, what else feedparser knows, then a French date."""
    try:
        if found := RFC_822.fullmatch(text):
            return _rfc_822(found)
        if RFC_3339.fullmatch(text):
            return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):  # an hour 24, a second 60
        pass
    try:
        if parsed := parse_any_date(text):
            return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return read_date(text[:200])


def _rfc_822(found: re.Match[str]) -> datetime:
    day, month, year, hour, minute, second, sign, hours, minutes = found.groups()
    ahead = timedelta(hours=int(hours), minutes=int(minutes)) if sign else timedelta()
    zone = timezone(-ahead if sign == "-" else ahead)
    at = datetime(
        int(year), MONTHS.index(month.lower()) + 1, int(day), int(hour), int(minute), int(second), tzinfo=zone
    )
    return at.astimezone(UTC)
