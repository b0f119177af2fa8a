"""When a source is due, and how it is left alone when it fails."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.source import (
    BURST,
    FAILS_TOLD,
    GONE_FOR,
    LONGEST_DELAY,
    MOVES_FOLLOWED,
    READINGS_A_GAP,
    SILENT,
    Listing,
    Rhythm,
    Source,
)

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


def read_on(source: Source, until: timedelta, rhythm: Rhythm = RHYTHM) -> list[timedelta]:
    """The waits of a source that is read whenever it is due, and says nothing; from NOW on."""
    now, waits = NOW, []
    source = source.read(now, rhythm, jitter=0.5)
    while now < NOW + until:
        assert source.next_fetch_at is not None
        waits.append(source.next_fetch_at - now)
        now = source.next_fetch_at
        source = source.read(now, rhythm, jitter=0.5)
    return waits


def test_a_source_that_says_nothing_is_read_less_and_less_often_and_news_bring_it_back() -> None:
    waits = read_on(SOURCE, DAY * 40)
    assert waits == sorted(waits) and waits[0] == MINUTE and waits[-1] == DAY
    quiet = replace(SOURCE, news_at=NOW - DAY * 40)
    assert wait(quiet.read(NOW, RHYTHM, jitter=0.5)) == DAY
    assert wait(quiet.read(NOW, RHYTHM, jitter=0.5, news=True)) == MINUTE


def test_a_source_is_read_some_times_in_the_time_that_usually_lies_between_its_entries() -> None:
    weekly = replace(SOURCE, gap=DAY * 7, news_at=NOW - DAY * 30)
    assert wait(weekly.read(NOW, RHYTHM, jitter=0.5)) == DAY * 7 / READINGS_A_GAP


@given(minutes=st.integers(1, 60))
def test_at_a_second_a_source_that_just_spoke_is_heard_within_the_twentieth_of_its_silence(minutes: int) -> None:
    """What is promised to who sets TOCSIN_POLL_MIN_SECONDS=1."""
    rhythm = Rhythm(least=timedelta(seconds=1), most=DAY)
    assert max(read_on(SOURCE, MINUTE * minutes, rhythm)) <= timedelta(seconds=1) + MINUTE * minutes / 18


# -- what is usual ----------------------------------------------------------------------------------------------------


def listing(size: int, new: int = 0, *, every: timedelta = DAY, until: datetime = NOW) -> Listing:
    return Listing(size=size, new=new, dates=[until - every * n for n in range(size)])


def test_the_usual_time_between_entries_is_learned_from_their_dates() -> None:
    learned = SOURCE.learned(listing(11, every=DAY * 2), NOW)
    assert (learned.gap, learned.newest_at, learned.listed) == (DAY * 2, NOW, 11)


def test_entries_of_one_day_do_not_pass_for_a_flood() -> None:
    """A site that was filled in one go publishes no entry a minute."""
    assert SOURCE.learned(listing(25, every=MINUTE), NOW).gap == DAY / 24


def test_without_dates_it_is_learned_from_when_something_was_found() -> None:
    once = replace(SOURCE, last_success=NOW - HOUR, news_at=NOW - DAY * 4)
    first = once.learned(Listing(size=9, new=2), NOW)
    assert first.gap == DAY * 2
    assert replace(first, news_at=NOW - DAY).learned(Listing(size=9, new=1), NOW).gap == DAY * 2 * 0.8 + DAY * 0.2


def test_a_date_ahead_of_us_is_no_newest_one() -> None:
    assert SOURCE.learned(Listing(size=1, new=1, dates=[NOW + DAY * 300]), NOW).newest_at is None


KNOWN = replace(SOURCE, last_success=NOW - HOUR, news_at=NOW - DAY, gap=DAY, listed=30)


@pytest.mark.parametrize(
    ("new", "gap", "unread_for", "pours"),
    [
        (BURST, DAY, HOUR, False),
        (BURST + 1, DAY, HOUR, True),
        (BURST + 1, None, HOUR, True),
        (1_000, None, HOUR, True),
        (30, DAY / 10, HOUR, False),  # ten a day: thirty are three days' worth
        (51, DAY / 10, HOUR, True),
        (51, DAY / 10, DAY * 2, False),  # after two days without a reading
    ],
)
def test_a_burst_is_many_and_much_more_than_usual(
    new: int, gap: timedelta | None, unread_for: timedelta, pours: bool
) -> None:
    source = replace(KNOWN, gap=gap, last_success=NOW - unread_for)
    assert source.pours(Listing(size=new + 30, new=new), NOW) is pours


@pytest.mark.parametrize(
    ("size", "new", "again", "turned"),
    [
        (30, 5, 0, False),
        (30, 12, 0, False),  # not half of it
        (30, 16, 0, True),  # fourteen of thirty are left, and a day brings one
        (30, 30, 30, True),
        (42, 12, 0, False),  # what was there is still there
    ],
)
def test_a_feed_of_which_more_than_half_is_suddenly_new_has_turned(
    size: int, new: int, again: int, turned: bool
) -> None:
    assert KNOWN.turned(Listing(size=size, new=new), NOW, again) is turned


def test_a_busy_feed_of_which_most_is_new_after_a_night_has_not_turned_unless_it_repeats_itself() -> None:
    busy = replace(KNOWN, gap=HOUR / 2, last_success=NOW - HOUR * 9)
    assert not busy.turned(Listing(size=30, new=18), NOW, 0)
    assert busy.turned(Listing(size=30, new=18), NOW, 10)


@pytest.mark.parametrize(
    ("gap", "quiet", "silent"),
    [
        (None, DAY * 400, False),
        (HOUR, DAY * 6, False),
        (HOUR, DAY * 8, True),
        (DAY * 7, DAY * 30, False),
        (DAY * 7, DAY * 57, True),
    ],
)
def test_silence_is_what_its_own_rhythm_does_not_explain(gap: timedelta | None, quiet: timedelta, silent: bool) -> None:
    source = replace(KNOWN, gap=gap, news_at=NOW - quiet, newest_at=NOW - quiet - DAY)
    assert source.is_silent(NOW) is silent
    assert source.trouble(NOW) == (SILENT if silent else None)


def test_one_failure_is_nobodys_business_and_several_are() -> None:
    source, troubles = KNOWN, []
    for _ in range(FAILS_TOLD + 1):
        source = source.failed(NOW, "timeout", RHYTHM, jitter=0.5)
        troubles.append(source.trouble(NOW))
    assert troubles == [None] * (FAILS_TOLD - 1) + ["timeout"] * 2
    assert source.read(NOW, RHYTHM, jitter=0.5).trouble(NOW) is None


def test_what_is_gone_for_good_is_told_at_once_and_left_alone_for_a_week() -> None:
    gone = KNOWN.failed(NOW, "gone", replace(RHYTHM, most=DAY * 30), jitter=0.5)
    assert gone.trouble(NOW) == "gone" and wait(gone) == GONE_FOR
    assert wait(KNOWN.failed(NOW, "gone", RHYTHM, jitter=0.5)) == GONE_FOR


# -- where it moved ---------------------------------------------------------------------------------------------------

THERE = "https://ailleurs.test/flux"


def test_a_permanent_move_is_followed_after_it_was_said_again_and_again() -> None:
    source = SOURCE
    for _ in range(MOVES_FOLLOWED):
        assert source.address == SOURCE.url
        source = source.redirected(THERE)
    assert source.address == THERE
    assert source.redirected(None).address == THERE  # asked there, it answers there


def test_a_move_that_is_taken_back_or_leads_elsewhere_counts_anew() -> None:
    almost = SOURCE.redirected(THERE).redirected(THERE)
    assert almost.redirected(None).redirected(THERE).address == SOURCE.url
    assert almost.redirected("https://tiers.test/").redirected(THERE).address == SOURCE.url


def test_a_place_it_moved_to_that_fails_is_forgotten() -> None:
    moved = replace(SOURCE, moved_to=THERE, moves=MOVES_FOLLOWED)
    failed = moved.failed(NOW, "gone", RHYTHM, jitter=0.5)
    assert failed.address == SOURCE.url and wait(failed) <= DAY


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
    failed = replace(SOURCE, fails=fails).failed(NOW, "timeout", rhythm, jitter=jitter)
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
