"""French dates as pages print them: "24 sept. 2021 - 17:34,", "1er août 2025", "Publié le 26 mai 2025 à 11h19".

Pure. Months full or short, dotted or not, any kind of space; 24/09/2021 too. The year always stands in the text: it is
never guessed.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")

MONTHS = (
    *(r"janv(?:ier)?|jan", r"f[ée]vr(?:ier)?|f[ée]v", "mars|mar", "avril|avr", "mai", "juin"),
    *(r"juil(?:let)?|jui?l", r"ao[ûu]t", r"sept(?:embre)?|sep", r"oct(?:obre)?", r"nov(?:embre)?", r"d[ée]c(?:embre)?"),
)
_MONTH = "|".join(f"(?P<m{number}>{spellings})" for number, spellings in enumerate(MONTHS, 1))
# Spaces are single by then: two optional runs of them side by side would make a long one quadratic.
DATE = re.compile(
    rf"(?<![\d/.-])(?P<day>\d{{1,2}})(?:(?:er)? (?:{_MONTH})\b\.? |(?P<sep>[/.])(?P<month>\d{{1,2}})(?P=sep))"
    r"(?P<year>(?:19|20|21)\d\d)(?![\d/-]|\.\d)"
    r"(?P<time>(?: ?[-–—,|·à@]){0,2} ?(?P<hour>\d{1,2}) ?[:h] ?(?P<minute>\d\d)?(?::\d\d)?(?!\w))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A date in a text, and what stands before and after it."""

    at: datetime  # aware, UTC
    before: str
    after: str


def read_date(text: str, zone: tzinfo = PARIS) -> datetime | None:
    """The first date in the text, UTC; without an hour, the day's first moment in `zone`. None: there is none.

    An hour that autumn repeats is taken the first time it comes; one that spring skips, as if the clock had not moved.
    """
    found = find_date(text, zone)
    return found.at if found else None


def find_date(text: str, zone: tzinfo = PARIS) -> Found | None:
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    return next(_found(plain, zone), None)


def _found(plain: str, zone: tzinfo) -> Iterator[Found]:
    for match in DATE.finditer(plain):
        try:
            at = _moment(match, zone)
        except ValueError:  # "31 février", "25:00": not a date, though it has the shape of one
            continue
        yield Found(at=at, before=plain[: match.start()], after=plain[match.end() :])


def _moment(match: re.Match[str], zone: tzinfo) -> datetime:
    month = match["month"] or next(number for number in range(1, 13) if match[f"m{number}"])
    day = datetime(int(match["year"]), int(month), int(match["day"]), tzinfo=zone)
    return day.replace(hour=int(match["hour"] or 0), minute=int(match["minute"] or 0)).astimezone(UTC)
