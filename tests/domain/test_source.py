"""When a source is due, and how it is left alone when it fails."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.source import LONGEST_DELAY, SLOWEST, Rhythm, Source

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
RHYTHM = Rhythm(least=MINUTE, most=DAY)
SOURCE = Source(slug="a", title="A", url="https://exemple.test/flux")

jitters = st.floats(0.0, 1.0)
intervals = st.timedeltas(timedelta(seconds=1), timedelta(days=30))


def wait(source: Source) -> timedelta:
    assert source.next_fetch_at is not None
    return source.next_fetch_at - NOW


def test_a_new_source_is_due_at_once_and_a_disabled_one_never() -> None:
    assert SOURCE.is_due(NOW)
    assert not replace(SOURCE, enabled=False).is_due(NOW)


@pytest.mark.parametrize(("late", "due"), [(-1, False), (0, True), (1, True)])
def test_a_source_is_due_from_its_hour_on(late: int, due: bool) -> None:
    assert replace(SOURCE, next_fetch_at=NOW - timedelta(seconds=late)).is_due(NOW) is due


@given(every=intervals, jitter=jitters)
def test_a_reading_that_went_well_is_repeated_about_when_the_catalogue_says(every: timedelta, jitter: float) -> None:
    rhythm = Rhythm(least=timedelta(), most=timedelta(days=60))
    after = wait(replace(SOURCE, every=every).read(NOW, rhythm, jitter=jitter))
    assert every * 0.9 - timedelta(microseconds=1) <= after <= every * 1.1 + timedelta(microseconds=1)


def test_a_source_that_says_nothing_is_read_less_and_less_often_and_news_bring_it_back() -> None:
    source, waits = SOURCE, []
    for _ in range(12):
        source = source.read(NOW, RHYTHM, jitter=0.5)
        waits.append(wait(source))
    assert waits == sorted(waits) and waits[0] < waits[5] and waits[-1] == MINUTE * SLOWEST
    assert wait(source.read(NOW, RHYTHM, jitter=0.5, news=True)) == MINUTE


@given(jitter=jitters)
def test_at_a_second_a_quiet_source_is_still_heard_within_fifteen(jitter: float) -> None:
    """What is promised to who sets TOCSIN_POLL_MIN_SECONDS=1."""
    source = SOURCE
    for _ in range(50):
        source = source.read(NOW, Rhythm(least=timedelta(seconds=1), most=DAY), jitter=jitter)
        assert wait(source) <= timedelta(seconds=12)


@given(every=st.none() | intervals, jitter=jitters, least=intervals, more=intervals)
def test_a_source_is_never_read_more_often_than_the_operator_allows(
    every: timedelta | None, jitter: float, least: timedelta, more: timedelta
) -> None:
    rhythm = Rhythm(least=least, most=least + more)
    assert wait(replace(SOURCE, every=every).read(NOW, rhythm, jitter=jitter)) >= least


@pytest.mark.parametrize(
    ("interval", "clamped"),
    [(timedelta(), MINUTE), (MINUTE, MINUTE), (HOUR, HOUR), (DAY, DAY), (DAY * 2, DAY)],
)
def test_an_interval_is_kept_inside_the_bounds(interval: timedelta, clamped: timedelta) -> None:
    assert RHYTHM.clamp(interval) == clamped


@given(every=st.none() | intervals, jitter=jitters, after=st.none() | intervals, fails=st.integers(0, 40))
def test_nothing_but_a_retry_after_exceeds_the_operators_longest(
    every: timedelta | None, jitter: float, after: timedelta | None, fails: int
) -> None:
    source = replace(SOURCE, every=every, fails=fails)
    assert wait(source.read(NOW, RHYTHM, jitter=jitter, after=after)) <= RHYTHM.most
    assert wait(source.failed(NOW, "timeout", RHYTHM, jitter=jitter)) <= RHYTHM.most
    assert wait(source.failed(NOW, "rate-limited", RHYTHM, jitter=jitter, after=DAY * 3)) == DAY * 3


def test_jitter_spreads_sources_apart() -> None:
    asked = replace(SOURCE, every=HOUR)
    waits = [wait(asked.read(NOW, RHYTHM, jitter=jitter)) for jitter in (0.0, 0.5, 1.0)]
    assert waits == [timedelta(minutes=54), HOUR, timedelta(minutes=66)]


def test_a_page_that_says_how_long_it_is_fresh_is_left_alone_so_long_within_the_bounds() -> None:
    assert wait(replace(SOURCE, every=MINUTE).read(NOW, RHYTHM, jitter=0.5, after=HOUR)) == HOUR
    assert wait(replace(SOURCE, every=HOUR).read(NOW, RHYTHM, jitter=0.5, after=MINUTE)) == HOUR
    assert wait(replace(SOURCE, every=HOUR).read(NOW, RHYTHM, jitter=0.5, after=DAY * 3)) == DAY


def test_a_good_reading_ends_the_back_off() -> None:
    failed = SOURCE.failed(NOW, "timeout", RHYTHM, jitter=1.0).failed(NOW, "timeout", RHYTHM, jitter=1.0)
    assert (failed.fails, failed.last_error, failed.last_success) == (2, "timeout", None)
    well = failed.read(NOW, RHYTHM, jitter=1.0)
    assert (well.fails, well.last_error, well.last_success) == (0, None, NOW)


def test_each_failure_doubles_the_wait_up_to_a_day() -> None:
    source, waits = SOURCE, []
    for _ in range(14):
        source = source.failed(NOW, "timeout", RHYTHM, jitter=1.0)
        waits.append(wait(source))
    assert waits[0] == MINUTE
    assert waits[:11] == [MINUTE * 2**number for number in range(11)]
    assert waits[11:] == [LONGEST_DELAY] * 3


@given(fails=st.integers(0, 10**6), jitter=jitters, least=st.timedeltas(timedelta(seconds=1), DAY))
def test_a_source_that_fails_is_tried_again_within_a_day_however_often_it_failed(
    fails: int, jitter: float, least: timedelta
) -> None:
    rhythm = Rhythm(least=least, most=DAY)
    failed = replace(SOURCE, fails=fails).failed(NOW, "gone", rhythm, jitter=jitter)
    assert timedelta() < wait(failed) <= LONGEST_DELAY
    assert failed.fails == fails + 1


@given(fails=st.integers(0, 30), jitter=jitters)
def test_the_jitter_of_a_back_off_takes_away_half_of_it_at_most(fails: int, jitter: float) -> None:
    whole = wait(replace(SOURCE, fails=fails).failed(NOW, "timeout", RHYTHM, jitter=1.0))
    spread = wait(replace(SOURCE, fails=fails).failed(NOW, "timeout", RHYTHM, jitter=jitter))
    assert whole / 2 - timedelta(microseconds=1) <= spread <= whole


@given(fails=st.integers(0, 30), jitter=jitters, after=st.timedeltas(MINUTE, timedelta(days=9)))
def test_the_sites_own_figure_wins_over_the_back_off(fails: int, jitter: float, after: timedelta) -> None:
    failed = replace(SOURCE, fails=fails).failed(NOW, "rate-limited", RHYTHM, jitter=jitter, after=after)
    assert wait(failed) == after


@pytest.mark.parametrize("least", [timedelta(seconds=60), timedelta(minutes=10)])
def test_a_source_that_fails_is_not_read_more_often_than_the_operator_allows(least: timedelta) -> None:
    """README: "no source is read more often"."""
    assert wait(SOURCE.failed(NOW, "timeout", Rhythm(least=least, most=DAY), jitter=0.0)) >= least


def test_a_site_that_asks_for_a_second_is_not_read_every_second() -> None:
    """README: "no source is read more often". Retry-After alone may exceed the longest interval, not undercut it."""
    failed = replace(SOURCE, fails=9).failed(NOW, "rate-limited", RHYTHM, jitter=0.5, after=timedelta(seconds=1))
    assert wait(failed) >= RHYTHM.least
