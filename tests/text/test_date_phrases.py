"""Dates of calendars: what is one, and when two are the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.date_phrases import phrases, value_of


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("30 juin 2026", "2026-06-30"),
        ("mardi 30\u00a0juin 2026", "2026-06-30"),
        ("le 30/06/2026", "2026-06-30"),
        ("2026-06-30", "2026-06-30"),
        ("1er sept. 2026", "2026-09-01"),
        ("À partir du 2 septembre 2025", "2025-09-02"),
        ("jusqu’au 30 juin 2026 à 17 h", "2026-06-30T17:00"),
        ("30 juin 2026 - 17:30", "2026-06-30T17:30"),
        ("30 juin 2026 à midi", "2026-06-30T12:00"),
        ("du 18 mars au 19 avril 2024", "2024-03-18/2024-04-19"),
        ("18/03/2024 – 19/04/2024", "2024-03-18/2024-04-19"),
        ("du 20 décembre 2025 au 3 janvier 2026", "2025-12-20/2026-01-03"),
        ("du lundi 18 au vendredi 22 mars 2024", "2024-03-18/2024-03-22"),
        ("entre le 3 et le 7 mars 2025", "2025-03-03/2025-03-07"),
        ("de juillet à septembre 2026", "2026-07/2026-09"),
        ("3e trimestre 2026", "2026-07/2026-09"),
        ("T3 2026", "2026-07/2026-09"),
        ("troisième trimestre de l’année 2026", "2026-07/2026-09"),
        ("1er semestre 2026", "2026-01/2026-06"),
        ("juin 2026", "2026-06"),
        ("courant juin 2026", "2026-06"),
        ("fin juin 2026", "2026-06-21/2026-06-30"),
        ("mi-février 2024", "2024-02-11/2024-02-20"),
        ("fin février 2024", "2024-02-21/2024-02-29"),
        ("courant 2026", "2026"),
        ("fin 2026", "2026-01/2026-12:3"),
        ("Été 2026", "2026-ete"),
    ],
)
def test_a_date_has_a_value_however_it_is_written(written: str, value: str) -> None:
    assert value_of(written) == value


@pytest.mark.parametrize(
    "text",
    [
        *(
            "31 février 2026",
            "99 juin 2026",
            "30 juin",
            "en 2026",
            "© 2024-2026",
            "12/2026",
            "CVE-2026-0630",
            "n° 2026",
        ),
        *("5e trimestre 2026", "30 juin 20261", "", "x" * 500, "fin de la fin"),
    ],
)
def test_what_only_looks_like_a_date_is_none(text: str) -> None:
    assert list(phrases(text)) == []


def test_several_dates_of_a_text_come_in_order_with_what_is_around() -> None:
    first, last = phrases("Arrêté du 3 juillet 2025, publié le 16\u00a0juillet 2025.")
    assert (first.before, first.text, first.value) == ("Arrêté du ", "3 juillet 2025", "2025-07-03")
    assert (last.text, last.value, last.after) == ("16 juillet 2025", "2025-07-16", ".")


def test_two_texts_without_a_date_are_the_same_when_their_words_are() -> None:
    assert value_of("À définir") == value_of("a  definir") != value_of("à confirmer")


@given(st.text(alphabet=" 0123456789/-–deulamrsjintéfco.'’h:", max_size=80), st.integers(2000, 2099))
def test_any_text_is_read_and_cut_where_it_says(text: str, year: int) -> None:
    for found in phrases(f"{text} {year}"):
        assert str(year) in found.text and found.value
