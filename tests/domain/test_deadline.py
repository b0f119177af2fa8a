"""A deadline and what pages say of it."""

from dataclasses import replace
from datetime import date

from bot.domain.deadline import Claim, Deadline, Edge
from bot.domain.ids import SourceId

EARLY, LATE = date(2026, 6, 1), date(2026, 6, 30)


def claim(day: date, source: int | None) -> Claim:
    return Claim(
        date=day,
        edge=Edge.CLOSE,
        what="dépôt des candidatures",
        phrase="avant la fin juin",
        source=None if source is None else SourceId(source),
    )


def deadline(*claims: Claim) -> Deadline:
    """Newest first."""
    return Deadline(programme="care", stage="domaine 2", edge=Edge.CLOSE, claims=claims)


def test_without_a_claim_there_is_no_date_and_no_dispute() -> None:
    assert deadline().date() is None
    assert not deadline().is_disputed()


def test_the_newest_claim_of_a_source_gives_the_date() -> None:
    assert deadline(claim(LATE, 1), claim(EARLY, 1)).date() == LATE


def test_sources_that_disagree_give_no_date() -> None:
    assert deadline(claim(LATE, 1), claim(EARLY, 2)).date() is None


def test_where_an_authority_speaks_nobody_else_gives_the_date() -> None:
    official = replace(claim(EARLY, 1), official=True)
    told = deadline(claim(LATE, 2), official)
    assert told.date() == EARLY and not told.is_disputed()


def test_two_sources_that_say_different_days_dispute() -> None:
    assert deadline(claim(LATE, 1), claim(EARLY, 2)).is_disputed()


def test_two_sources_that_say_the_same_day_agree() -> None:
    assert not deadline(claim(LATE, 1), claim(LATE, 2)).is_disputed()


def test_a_source_that_corrects_itself_does_not_dispute() -> None:
    assert not deadline(claim(LATE, 1), claim(EARLY, 1)).is_disputed()


def test_only_the_last_word_of_each_source_counts() -> None:
    assert not deadline(claim(LATE, 1), claim(LATE, 2), claim(EARLY, 1)).is_disputed()
    assert deadline(claim(LATE, 1), claim(EARLY, 2), claim(LATE, 2)).is_disputed()
