"""The public holidays of France, as the labour code lists them (article L. 3133-1).

Alsace and Moselle have two more, overseas departments one each: left out, since no setting says where a channel is.
"""

from datetime import date, timedelta
from functools import lru_cache

from dateutil.easter import easter  # type: ignore[import-untyped]  # it ships no types

FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))  # (month, day)
AFTER_EASTER = (1, 39, 50)  # days: its Monday, Ascension, Whit Monday


@lru_cache(maxsize=8)
def holidays(year: int) -> frozenset[date]:
    """Eleven days; ten when Ascension falls on the 1st or the 8th of May."""
    sunday = easter(year)
    moving = (sunday + timedelta(days=days) for days in AFTER_EASTER)
    return frozenset((*(date(year, month, day) for month, day in FIXED), *moving))


def is_holiday(day: date) -> bool:
    return day in holidays(day.year)
