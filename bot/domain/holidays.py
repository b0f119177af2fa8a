"""The eleven public holidays of all of France (Code du travail, L3133-1). Pure.

Not those of a part of it: Good Friday and 26 December in Alsace and Moselle, the days of abolition overseas.
"""

from datetime import date, timedelta
from functools import cache

EVERY_YEAR = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))  # (month, day)
AFTER_EASTER = (1, 39, 50)  # days: Easter Monday, Ascension Day, Whit Monday


def is_holiday(day: date) -> bool:
    return day in holidays(day.year)


@cache
def holidays(year: int) -> frozenset[date]:
    easter = easter_of(year)
    moved = {easter + timedelta(days=days) for days in AFTER_EASTER}
    return frozenset({date(year, month, day) for month, day in EVERY_YEAR} | moved)


def easter_of(year: int) -> date:
    """Easter Sunday in the Gregorian calendar: the "anonymous" rule (Nature, 20 April 1876)."""
    century, of_century = divmod(year, 100)
    golden = year % 19
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - moon - of_century % 4) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
