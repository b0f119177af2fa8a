"""French dates as pages print them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.dates_fr import find_date, read_date

PARIS = ZoneInfo("Europe/Paris")
SHORT = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]
SHORTER = ["jan.", "fév.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]
LONG = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]


def paris(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("24 sept. 2021 - 17:34,", paris(2021, 9, 24, 17, 34)),
        ("07 mars 2017 - 10:20,", paris(2017, 3, 7, 10, 20)),
        ("17 fév. 2026 - 09:48", paris(2026, 2, 17, 9, 48)),
        ("03 jan. 2023 - 10:37,", paris(2023, 1, 3, 10, 37)),
        ("23 avril 2024 - 11:08,", paris(2024, 4, 23, 11, 8)),
        ("12 déc. 2024", paris(2024, 12, 12)),
        ("1er août 2025", paris(2025, 8, 1)),
        ("1ER AOUT 2025", paris(2025, 8, 1)),
        ("Publié le 26 mai 2025 à 11h19", paris(2025, 5, 26, 11, 19)),
        ("Publié le 26 mai 2025 à 11h19 - Mis à jour le 27 mai 2025 à 17h54", paris(2025, 5, 26, 11, 19)),
        ("vendredi 4 juillet 2025, 18 h", paris(2025, 7, 4, 18)),
        ("30\u00a0juin\u202f2026\u00a0-\u00a018\u202fh\u202f05", paris(2026, 6, 30, 18, 5)),
        ("17 fe\u0301v. 2026", paris(2026, 2, 17)),  # NFD
        ("12 sept 2024", paris(2024, 9, 12)),
        ("24/09/2021 à 17:34", paris(2021, 9, 24, 17, 34)),
        ("24.09.2021", paris(2021, 9, 24)),
        ("12 mai 2025 - 17 hôpitaux", paris(2025, 5, 12)),
        ("le 31 février 2020, puis le 1er mars 2020", paris(2020, 3, 1)),
    ],
)
def test_a_date_is_read_in_paris_time(text: str, expected: datetime) -> None:
    assert read_date(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "demain",
        "24 sept.",
        "sept. 2021",
        "31 février 2020",
        "12 marsouins 2020",
        "version 3.10.2021.4",
        "٣ mai 2025 ٢٥:٠٠",
    ],
)
def test_what_is_no_whole_date_is_none(text: str) -> None:
    assert read_date(text) is None


def test_an_hour_that_autumn_repeats_is_taken_the_first_time() -> None:
    assert read_date("25 oct. 2026 - 02:30") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_an_hour_that_spring_skips_is_read_as_if_the_clock_had_not_moved() -> None:
    assert read_date("29 mars 2026 - 02:30") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_another_zone_may_be_given() -> None:
    assert read_date("1er janvier 2026 - 00:00", ZoneInfo("Indian/Reunion")) == datetime(2025, 12, 31, 20, tzinfo=UTC)


def test_what_stands_around_a_date_is_given_back() -> None:
    found = find_date("Publié le 26 mai 2025 à 11h19, par la rédaction")
    assert found is not None
    assert (found.before, found.after) == ("Publié le ", ", par la rédaction")


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)),
    st.sampled_from([LONG, SHORT, SHORTER]),
    st.sampled_from([" ", "\u00a0", "\u202f", "  \n "]),
    st.sampled_from([" - {:%H:%M},", ", {:%H:%M}", " à {:%Hh%M}", " {:%H h %M}", " | {:%H:%M:%S}"]),
    st.booleans(),
)
def test_a_date_written_in_any_manner_is_read_back(
    local: datetime, months: list[str], space: str, hour: str, dotted: bool
) -> None:
    month = months[local.month - 1] if dotted else months[local.month - 1].rstrip(".")
    text = f"{local.day:02} {month} {local.year}".replace(" ", space) + hour.format(local)
    expected = local.replace(second=0, microsecond=0, tzinfo=PARIS)
    assert read_date(text) == expected.astimezone(UTC)


@given(st.text())
def test_any_text_gives_a_date_or_none(text: str) -> None:
    found = read_date(text)
    assert found is None or found.utcoffset() == timedelta()
