"""How long is left, when, and of what, in words."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.deadline import Claim, Edge, Precision
from bot.locale.say import Say
from bot.pipeline.agenda import Said
from bot.pipeline.countdown import left, what_of, when

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)  # a Tuesday, 10:00 in Paris
PARIS = ZoneInfo("Europe/Paris")


def claim(day: str, precision: Precision = Precision.DAY, edge: Edge = Edge.CLOSE) -> Claim:
    """With an hour where `day` has one, UTC."""
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    hour = precision is Precision.HOUR
    return Claim(
        date=at.date(), at=at if hour else None, edge=edge, what="dépôt", phrase="un jour", precision=precision
    )


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("said", "fr", "en"),
    [
        (claim("2026-03-22"), "dans 12 jours", "in 12 days"),
        (claim("2026-03-11"), "demain", "tomorrow"),
        (claim("2026-03-10"), "aujourd’hui", "today"),
        (claim("2026-03-09"), "déjà passée", "already passed"),
        (claim("2026-03-10T16:00", Precision.HOUR), "aujourd’hui à 17 h", "today at 17:00"),
        (claim("2026-03-11T17:30", Precision.HOUR), "demain à 18 h 30", "tomorrow at 18:30"),
        (claim("2026-03-22T16:00", Precision.HOUR), "dans 12 jours", "in 12 days"),
        (claim("2026-03-31", Precision.MONTH), "au plus tard dans 21 jours", "in 21 days at the latest"),
        (claim("2026-04-01", Precision.QUARTER, Edge.OPEN), "au plus tôt dans 22 jours", "in 22 days at the earliest"),
    ],
)
def test_what_is_left_is_said_as_people_say_it(said: Claim, fr: str, en: str) -> None:
    assert [plain(left(said, NOW, PARIS, Say(language))) for language in ("fr", "en")] == [fr, en]


@pytest.mark.parametrize(
    ("said", "fr", "en"),
    [
        (claim("2026-04-30"), "jeudi 30 avr. 2026", "Thursday 30 Apr 2026"),
        (claim("2026-05-01"), "vendredi 1er mai 2026", "Friday 1 May 2026"),
        (
            claim("2026-04-30T22:30", Precision.HOUR),
            "vendredi 1er mai 2026 à 0 h 30",
            "Friday 1 May 2026 at 00:30",
        ),
        (claim("2026-06-30", Precision.PART), "vers le 30 juin 2026", "around 30 Jun 2026"),
        (claim("2026-06-30", Precision.MONTH), "juin 2026", "Jun 2026"),
        (claim("2026-03-31", Precision.QUARTER), "1er trimestre 2026", "Q1 2026"),
        (claim("2026-10-01", Precision.QUARTER, Edge.OPEN), "4e trimestre 2026", "Q4 2026"),
        (claim("2026-07-01", Precision.HALF, Edge.OPEN), "2e semestre 2026", "second half of 2026"),
        (claim("2026-12-31", Precision.YEAR), "2026", "2026"),
    ],
)
def test_a_date_is_said_as_exactly_as_the_page_does_and_no_more(said: Claim, fr: str, en: str) -> None:
    assert [plain(when(said, PARIS, Say(language))) for language in ("fr", "en")] == [fr, en]


def test_what_it_is_about_is_said_once() -> None:
    def of(what: str, **changes: str) -> str:
        made = Claim(date=date(2026, 4, 30), edge=Edge.CLOSE, phrase="", what=what, **changes)  # type: ignore[arg-type]
        return what_of(Said(claim=made, source="ANS", facts=None))

    assert of("dépôt CaRE domaine 2", programme="care", stage="domaine 2") == "dépôt CaRE domaine 2"
    assert of("dépôt", programme="care", stage="domaine 2", region="Bretagne") == "dépôt CaRE domaine 2 Bretagne"
    assert of("dépôt", programme="un-autre") == "dépôt un-autre"
