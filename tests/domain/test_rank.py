"""The order of a letter: each reason moves a story its own way, and no reason undoes another."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alert import Severity
from bot.domain.rank import Grounds, Opinion, merit
from bot.domain.source import Trust

COUNTS = st.integers(min_value=0, max_value=10_000)
OPINIONS = st.builds(Opinion, up=COUNTS, down=COUNTS)
GROUNDS = st.builds(
    Grounds,
    story=OPINIONS,
    source=OPINIONS,
    voices=st.integers(min_value=0, max_value=100),
    severity=st.sampled_from([None, *Severity]),
    trust=st.sampled_from(Trust),
    age=st.timedeltas(min_value=timedelta(days=-1), max_value=timedelta(days=4_000)),
)
DAY = timedelta(days=1)


@given(GROUNDS)
def test_a_vote_for_it_lifts_a_story_and_one_against_it_lowers_it(grounds: Grounds) -> None:
    up = replace(grounds, story=grounds.story + Opinion(up=1))
    down = replace(grounds, story=grounds.story + Opinion(down=1))
    assert merit(down) <= merit(grounds) <= merit(up)


@given(GROUNDS, st.lists(GROUNDS, max_size=8))
def test_a_vote_for_it_never_moves_a_story_down_among_others(grounds: Grounds, others: list[Grounds]) -> None:
    def place(one: Grounds) -> int:
        return sum(merit(other) > merit(one) for other in others)

    assert place(replace(grounds, story=grounds.story + Opinion(up=1))) <= place(grounds)


@given(GROUNDS)
def test_what_its_source_is_thought_of_counts_less_than_what_the_story_is(grounds: Grounds) -> None:
    even = replace(grounds, story=Opinion(), source=Opinion())
    liked = merit(replace(even, story=Opinion(up=3))) - merit(even)
    by_a_liked_source = merit(replace(even, source=Opinion(up=3))) - merit(even)
    assert 0 < by_a_liked_source < liked


@given(GROUNDS, st.integers(min_value=1, max_value=50))
def test_more_voices_a_graver_alert_a_surer_word_and_fewer_days_each_lift(grounds: Grounds, more: int) -> None:
    low = replace(grounds, severity=None, trust=Trust.OTHER)
    assert merit(replace(grounds, voices=grounds.voices + more)) >= merit(grounds)
    assert merit(low) < merit(replace(low, severity=Severity.INFO)) < merit(replace(low, severity=Severity.CRITICAL))
    assert merit(low) < merit(replace(low, trust=Trust.PRESS)) < merit(replace(low, trust=Trust.OFFICIAL))
    assert merit(replace(grounds, age=grounds.age + more * DAY)) <= merit(grounds)


@given(OPINIONS)
def test_a_liking_stays_between_minus_one_and_one(opinion: Opinion) -> None:
    assert -1 < opinion.liking < 1


def test_one_vote_is_not_yet_an_opinion() -> None:
    """Smoothed: one out of one counts less than nine out of ten."""
    assert 0 == Opinion().liking < Opinion(up=1).liking < Opinion(up=9, down=1).liking


def test_age_counts_for_a_week_and_no_longer() -> None:
    fresh, old, older = (merit(Grounds(age=days * DAY)) for days in (0, 7, 700))
    assert fresh - old == 1.0
    assert old == older
