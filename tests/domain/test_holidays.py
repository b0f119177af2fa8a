"""The days on which France does not work: as the calendars on the wall have them."""

from datetime import date, timedelta

import pytest

from bot.domain.holidays import easter_of, holidays, is_holiday

# Easter Monday, Ascension Day, Whit Monday
MOVED = {
    2024: ((4, 1), (5, 9), (5, 20)),
    2025: ((4, 21), (5, 29), (6, 9)),
    2026: ((4, 6), (5, 14), (5, 25)),
    2027: ((3, 29), (5, 6), (5, 17)),
    2028: ((4, 17), (5, 25), (6, 5)),
}
FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))


@pytest.mark.parametrize("year", MOVED)
def test_a_year_has_its_eleven_days(year: int) -> None:
    assert holidays(year) == {date(year, month, day) for month, day in (*FIXED, *MOVED[year])}
    assert len(holidays(year)) == 11


@pytest.mark.parametrize(
    "easter", [date(1818, 3, 22), date(1943, 4, 25), date(2000, 4, 23), date(2038, 4, 25), date(2285, 3, 22)]
)
def test_easter_falls_as_early_and_as_late_as_it_may(easter: date) -> None:
    assert easter_of(easter.year) == easter


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 4, 3),  # Good Friday, in Alsace and Moselle only
        date(2026, 12, 26),
        date(2026, 5, 22),  # the abolition of slavery, in Martinique
        date(2026, 4, 5),  # a Sunday is one anyway
        date(2026, 12, 24),
    ],
)
def test_what_only_a_part_of_france_has_is_a_day_as_any_other(day: date) -> None:
    assert not is_holiday(day)


def test_never_more_than_two_follow_each_other() -> None:
    for year in range(2020, 2120):
        for day in holidays(year):
            assert not all(is_holiday(day + timedelta(days=days)) for days in (1, 2))
