"""The names and days that a text mentions."""

import pytest

from bot.text.mentions import days_in, names_in


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("L’hôpital de Valdore est touché.", {"valdor"}),
        ("Valdore est touché. Une plainte est déposée.", set()),  # a first word has its capital anyway
        ("Le logiciel d’Orvane et la CNIL", {"orvan"}),
        ("It began on Tuesday in March", set()),
    ],
)
def test_a_name_is_a_capital_inside_a_sentence(text: str, names: set[str]) -> None:
    assert names_in(text) == names


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("avant le 30 avril à 17 h 30", {(4, 30)}),
        ("le 1er\u00a0février", {(2, 1)}),
        ("10/09/2025 à 18 h", {(9, 10)}),
        ("by 26 March 2026, not May 2", {(3, 26), (5, 2)}),
        ("7 h 30, 512 incidents, version 10.09", set()),
    ],
)
def test_a_day_is_named_with_its_month(text: str, days: set[tuple[int, int]]) -> None:
    assert days_in(text) == days
