"""The days France does not work, as its calendars print them."""

from datetime import date

import pytest

from bot.domain.holidays import holidays, is_holiday

MOVING = {  # Easter Monday, Ascension, Whit Monday
    2024: ("04-01", "05-09", "05-20"),
    2025: ("04-21", "05-29", "06-09"),
    2026: ("04-06", "05-14", "05-25"),
    2027: ("03-29", "05-06", "05-17"),
    2028: ("04-17", "05-25", "06-05"),
}
FIXED = ("01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25")


@pytest.mark.parametrize("year", MOVING)
def test_a_year_has_these_holidays_and_no_other(year: int) -> None:
    assert holidays(year) == {date.fromisoformat(f"{year}-{day}") for day in (*FIXED, *MOVING[year])}


def test_in_2008_ascension_fell_on_the_first_of_may() -> None:
    assert is_holiday(date(2008, 5, 1)) and len(holidays(2008)) == 10


def test_an_easter_sunday_and_a_feast_of_elsewhere_are_none() -> None:
    assert not is_holiday(date(2026, 4, 5)) and not is_holiday(date(2026, 12, 26)) and not is_holiday(date(2026, 4, 3))
