"""How long somebody asks for, in either language, and what they asked it for."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.until import read_until, split_until
from tests.text.articles import ANY_TEXT

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)  # Tuesday, 10:00 in Paris


@pytest.mark.parametrize(
    ("typed", "end"),
    [
        ("2h", "2026-03-10 12:00"),
        ("1h30", "2026-03-10 11:30"),
        ("45 min", "2026-03-10 10:45"),
        ("une heure", "2026-03-10 11:00"),
        ("deux heures", "2026-03-10 12:00"),
        ("three days", "2026-03-13 10:00"),
        ("1.5h", "2026-03-10 11:30"),
        ("1,5 jour", "2026-03-11 22:00"),
        ("90m", "2026-03-10 11:30"),
        ("pour 3 jours", "2026-03-13 10:00"),
        ("3j", "2026-03-13 10:00"),
        ("3 days", "2026-03-13 10:00"),
        ("1 semaine", "2026-03-17 10:00"),
        ("a week", "2026-03-17 10:00"),
        ("2 mois", "2026-05-09 11:00"),  # 60 days, and summer time
        ("jusqu'au 15/12", "2026-12-16 00:00"),
        ("jusqu’au 15 décembre à 18h", "2026-12-15 18:00"),
        ("jusqu'à lundi 8h", "2026-03-16 08:00"),
        ("jusqu'à 18h", "2026-03-10 18:00"),
        ("jusqu'à 8h30", "2026-03-11 08:30"),
        ("until 15 December", "2026-12-16 00:00"),
        ("until tomorrow", "2026-03-12 00:00"),
        ("15/12/2026", "2026-12-16 00:00"),
        ("demain", "2026-03-12 00:00"),
    ],
)
def test_lengths_and_days_are_read_as_people_write_them(typed: str, end: str) -> None:
    found = read_until(typed, NOW, PARIS)
    assert found is not None and f"{found.astimezone(PARIS):%Y-%m-%d %H:%M}" == end


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "bientôt",
        "2",
        "deux trois",
        "jusqu'au 01/03/2026",
        "jusqu'à 25h",
        "wifi 2h",
        "2 hours please",
        "2j 3h de plus",
    ],
)
def test_what_is_no_length_or_has_passed_is_not_guessed(typed: str) -> None:
    assert read_until(typed, NOW, PARIS) is None


@pytest.mark.parametrize(
    ("typed", "words", "end"),
    [
        ("réseau wifi 2h", "réseau wifi", "2026-03-10 12:00"),
        ("exercice de crise, pour 3 jours", "exercice de crise", "2026-03-13 10:00"),
        ("panne à Niort jusqu’au 15/12", "panne à Niort", "2026-12-16 00:00"),
        ("“salon 2026” until friday", "“salon 2026”", "2026-03-14 00:00"),
        ("3 jours", "", "2026-03-13 10:00"),
    ],
)
def test_what_stands_before_a_length_is_given_back_as_written(typed: str, words: str, end: str) -> None:
    found = split_until(typed, NOW, PARIS)
    assert found is not None
    assert (found[0], f"{found[1].astimezone(PARIS):%Y-%m-%d %H:%M}") == (words, end)


@given(ANY_TEXT | st.text(st.sampled_from("0123456789 hjusqàau/'’")))
def test_anything_may_be_typed(text: str) -> None:
    end = read_until(text, NOW, PARIS)
    assert end is None or end >= NOW
