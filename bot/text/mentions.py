"""Names and days that a text mentions: what remains of a news when it is told in other words. Pure."""

import calendar
import re

from bot.domain.words import words
from bot.text.analyse import stems
from bot.text.days import MONTHS

# A capital inside a sentence. Initials are told by any text of the field, and a first word has its capital anyway.
_NAME = re.compile(r"(?:[\w,»()] |\w['’-])([A-ZÀ-Ý][^\W\d_]{3,})")
_NO_NAME = frozenset(name.lower() for name in (*calendar.day_name, *calendar.month_name) if name)  # in English
_DAY = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:er)? (?:(?P<month>{'|'.join(MONTHS)})\b|(?P<figure>0\d|1[012]) 20\d\d\b)"
    rf"|\b(?P<named>{'|'.join(MONTHS)}) (?P<nth>\d{{1,2}})\b"
)

MonthDay = tuple[int, int]


def names_in(text: str) -> frozenset[str]:
    """Their stems."""
    found = (match[1] for match in _NAME.finditer(text))
    return frozenset(stems(" ".join(name for name in found if not name.isupper() and name.lower() not in _NO_NAME)))


def days_in(text: str) -> frozenset[MonthDay]:
    """Those named with their month: of two texts some days apart, the same month and day are the same day."""
    found = set()
    for match in _DAY.finditer(" ".join(words(text))):
        month = MONTHS[match["month"] or match["named"]] if match["figure"] is None else int(match["figure"])
        found.add((month, int(match["day"] or match["nth"])))
    return frozenset(found)
