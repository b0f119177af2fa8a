"""What counts of the claims of a deadline, and how many days are left."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.deadline import Claim, Deadline, Edge, Precision
from bot.domain.ids import SourceId
from bot.domain.standing import days_left, has_passed, is_sure, is_vague, standing

PARIS, NOUMEA = ZoneInfo("Europe/Paris"), ZoneInfo("Pacific/Noumea")
MARCH = date(2026, 3, 30)


def claim(
    day: date = MARCH, source: int = 1, *, at: datetime | None = None, confidence: float = 0.9, official: bool = True
) -> Claim:
    return Claim(
        date=day,
        edge=Edge.CLOSE,
        what="dépôt",
        phrase="fin mars",
        at=at,
        precision=Precision.HOUR if at else Precision.DAY,
        confidence=confidence,
        source=SourceId(source),
        official=official,
    )


def deadline(*claims: Claim) -> Deadline:
    """Newest first."""
    return Deadline(programme="care", stage="", edge=Edge.CLOSE, claims=claims)


def test_of_sources_that_agree_the_newest_claim_stands() -> None:
    newest = claim(source=2)
    assert standing(deadline(newest, claim(source=1))) == (newest,)
    assert standing(deadline()) == ()


def test_a_source_that_moves_its_date_no_longer_claims_the_old_one() -> None:
    moved = claim(MARCH + timedelta(days=9))
    assert standing(deadline(moved, claim(MARCH))) == (moved,)


def test_of_sources_that_disagree_each_day_stands_once_the_soonest_first() -> None:
    late, early, same = claim(MARCH + timedelta(days=9), 1), claim(MARCH, 2), claim(MARCH, 3)
    assert standing(deadline(late, early, same)) == (early, late)


def test_what_is_disputed_or_hardly_read_is_not_sure() -> None:
    assert is_sure(deadline(claim()))
    assert not is_sure(deadline(claim(confidence=0.69)))
    assert not is_sure(deadline(claim(source=1), claim(MARCH + timedelta(days=1), 2)))


def test_what_no_authority_says_is_sure_where_two_say_it() -> None:
    assert not is_sure(deadline(claim(official=False)))
    assert not is_sure(deadline(claim(official=False), claim(official=False)))
    assert is_sure(deadline(claim(official=False), claim(source=2, official=False)))


def test_a_month_names_no_day() -> None:
    month = Claim(date=MARCH, edge=Edge.CLOSE, what="", phrase="en mars", precision=Precision.MONTH)
    assert is_vague(month) and not is_vague(claim()) and not is_vague(claim(at=datetime(2026, 3, 30, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("now", "left", "passed"),
    [
        ("2026-03-29T21:59:00", 1, False),  # 23:59 in Paris, whose summer began that night
        ("2026-03-29T22:00:00", 0, False),
        ("2026-03-30T21:59:00", 0, False),
        ("2026-03-30T22:00:00", -1, True),
    ],
)
def test_a_day_without_an_hour_ends_in_paris_wherever_it_is_read(now: str, left: int, passed: bool) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert [days_left(claim(), moment, zone) for zone in (PARIS, NOUMEA)] == [left, left]
    assert has_passed(claim(), moment) is passed


def test_an_hour_is_read_on_the_readers_clock() -> None:
    timed = claim(at=datetime(2026, 3, 30, 15, 0, tzinfo=UTC))  # 17:00 in Paris, 02:00 the day after in Nouméa
    now = datetime(2026, 3, 30, 9, 0, tzinfo=UTC)
    assert (days_left(timed, now, PARIS), days_left(timed, now, NOUMEA)) == (0, 1)
    assert not has_passed(timed, now) and has_passed(timed, now + timedelta(hours=7))
