"""A channel's own clock: quiet hours and digest hours, across midnight and across both changes of the clock."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.channel import Address, Channel, Quiet, Rhythm
from bot.domain.holidays import is_holiday

PARIS = ZoneInfo("Europe/Paris")
NIGHT = Quiet(start=time(22), end=time(7))
NOON = Quiet(start=time(12), end=time(14))
CHANNEL = Channel(address=Address(platform="telegram", chat="1"), community="telegram:1", lane="telegram")

moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
hours = st.times().map(lambda at: at.replace(second=0, microsecond=0))
zones = st.sampled_from(["Europe/Paris", "Indian/Reunion", "America/Cayenne", "Pacific/Noumea", "Australia/Lord_Howe"])


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def in_utc(window: tuple[datetime, datetime]) -> tuple[datetime, datetime]:
    """Two moments of one zone compare by their wall clock, which goes back once a year."""
    return window[0].astimezone(UTC), window[1].astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "opens", "closes"),
    [
        ("2026-01-10 20:59", "2026-01-10 21:00", "2026-01-11 06:00"),  # before 22:00: the coming night
        ("2026-01-10 21:00", "2026-01-10 21:00", "2026-01-11 06:00"),
        ("2026-01-10 23:30", "2026-01-10 21:00", "2026-01-11 06:00"),  # past midnight in Paris: the same night
        ("2026-01-11 05:59", "2026-01-10 21:00", "2026-01-11 06:00"),
        ("2026-01-11 06:00", "2026-01-11 21:00", "2026-01-12 06:00"),
        ("2026-03-28 23:00", "2026-03-28 21:00", "2026-03-29 05:00"),  # spring: this night has eight hours
        ("2026-03-29 04:59", "2026-03-28 21:00", "2026-03-29 05:00"),
        ("2026-03-29 05:00", "2026-03-29 20:00", "2026-03-30 05:00"),
        ("2026-10-24 21:00", "2026-10-24 20:00", "2026-10-25 06:00"),  # autumn: this one has ten
        ("2026-10-25 05:59", "2026-10-24 20:00", "2026-10-25 06:00"),
    ],
)
def test_a_night_is_one_window_on_the_clock_of_paris(now: str, opens: str, closes: str) -> None:
    assert in_utc(NIGHT.window(utc(now), PARIS)) == (utc(opens), utc(closes))


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-01-10 10:59", "2026-01-10 11:00"),
        ("2026-01-10 12:00", "2026-01-10 11:00"),
        ("2026-01-10 13:00", "2026-01-11 11:00"),
    ],
)
def test_a_window_inside_one_day(now: str, opens: str) -> None:
    assert in_utc(NOON.window(utc(now), PARIS)) == (utc(opens), utc(opens) + timedelta(hours=2))


def test_a_window_from_an_hour_to_itself_is_the_whole_day() -> None:
    opens, closes = in_utc(Quiet(start=time(8), end=time(8)).window(utc("2026-01-10 12:00"), PARIS))
    assert (opens, closes) == (utc("2026-01-10 07:00"), utc("2026-01-11 07:00"))


@given(now=moments, start=hours, end=hours, zone=zones)
def test_a_window_is_never_over_and_no_earlier_one_was_missed(now: datetime, start: time, end: time, zone: str) -> None:
    quiet, place = Quiet(start=start, end=end), ZoneInfo(zone)
    opens, closes = in_utc(quiet.window(now, place))
    assert now < closes
    if opens > now:  # then the one before it had ended
        before = opens.astimezone(place).date() - timedelta(days=1)
        ended = datetime.combine(before + timedelta(days=end <= start), end, place)
        assert ended.timestamp() <= now.timestamp()


@given(now=moments, start=hours, end=hours, zone=zones)
def test_the_end_of_a_window_leads_to_the_next_one(now: datetime, start: time, end: time, zone: str) -> None:
    quiet, place = Quiet(start=start, end=end), ZoneInfo(zone)
    _, closes = in_utc(quiet.window(now, place))
    _, later = in_utc(quiet.window(closes, place))
    assert timedelta() < later - closes <= timedelta(hours=26)


@given(after=moments, at=hours, zone=zones, rhythm=st.sampled_from([Rhythm.DAILY, Rhythm.WEEKLY]))
def test_the_next_digest_is_strictly_after_and_at_the_hour_asked(
    after: datetime, at: time, zone: str, rhythm: Rhythm
) -> None:
    channel = replace(CHANNEL, timezone=zone, daily_at=at, weekly_at=at, weekly_on=3)
    due = channel.next_digest(rhythm, after)
    days = 1 if rhythm is Rhythm.DAILY else 7
    assert timedelta() < due.astimezone(UTC) - after <= timedelta(days=days, hours=2)
    assert (due.hour, due.minute) == (at.hour, at.minute)
    assert rhythm is Rhythm.DAILY or due.weekday() == 3


@pytest.mark.parametrize("at", [time(7, 30), time(2, 30), time(0), time(23, 59)])
@pytest.mark.parametrize("zone", ["Europe/Paris", "Indian/Reunion"])
def test_a_year_has_one_daily_digest_a_day_also_when_the_clock_changes(at: time, zone: str) -> None:
    channel = replace(CHANNEL, timezone=zone, daily_at=at)
    moment = datetime(2025, 12, 31, 23, 59, 30, tzinfo=ZoneInfo(zone))
    days = []
    while (moment := channel.next_digest(Rhythm.DAILY, moment)).date() < date(2027, 1, 1):
        days.append(moment.date())
    assert days == [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]


@pytest.mark.parametrize("weekday", range(7))
def test_every_week_has_exactly_one_letter_on_its_day(weekday: int) -> None:
    channel = replace(CHANNEL, weekly_at=time(2, 30), weekly_on=weekday)
    moment, days = datetime(2026, 1, 1, tzinfo=UTC), []
    for _ in range(52):
        moment = channel.next_digest(Rhythm.WEEKLY, moment)
        days.append(moment.date())
    assert all(day.weekday() == weekday for day in days)
    assert {later - day for day, later in pairwise(days)} == {timedelta(days=7)}


@pytest.mark.parametrize(
    ("after", "due"),
    [
        ("2026-01-10 06:29", "2026-01-10 06:30"),
        ("2026-01-10 06:30", "2026-01-11 06:30"),
        ("2026-03-28 06:30", "2026-03-29 05:30"),  # 23 hours
        ("2026-10-24 05:30", "2026-10-25 06:30"),  # 25 hours
    ],
)
def test_half_past_seven_in_paris(after: str, due: str) -> None:
    assert CHANNEL.next_digest(Rhythm.DAILY, utc(after)).astimezone(UTC) == utc(due)


def test_an_hour_that_comes_twice_counts_once() -> None:
    """02:30 of 25 October is 00:30 and again 01:30 UTC."""
    channel = replace(CHANNEL, daily_at=time(2, 30))
    first = channel.next_digest(Rhythm.DAILY, utc("2026-10-24 12:00"))
    assert first.astimezone(UTC) == utc("2026-10-25 00:30")
    for between in ("2026-10-25 00:30", "2026-10-25 01:29", "2026-10-25 01:30"):
        assert channel.next_digest(Rhythm.DAILY, utc(between)).astimezone(UTC) == utc("2026-10-26 01:30")


def test_an_hour_that_the_clock_skips_still_has_its_digest() -> None:
    channel = replace(CHANNEL, daily_at=time(2, 30))
    due = channel.next_digest(Rhythm.DAILY, utc("2026-03-28 12:00"))
    assert due.astimezone(UTC) == utc("2026-03-29 01:30")  # 03:30 in Paris, where 02:30 does not exist


# -- public holidays --------------------------------------------------------------------------------------------------

OFF = replace(CHANNEL, holidays=True, quiet=NIGHT)


@pytest.mark.parametrize(
    ("now", "opens", "closes"),
    [
        ("2026-05-12 10:00", "2026-05-12 20:00", "2026-05-13 05:00"),  # two days before Ascension Day: a night
        ("2026-05-13 10:00", "2026-05-13 20:00", "2026-05-15 05:00"),  # its eve: two nights and the day between
        ("2026-05-14 10:00", "2026-05-13 20:00", "2026-05-15 05:00"),
        ("2026-05-15 05:00", "2026-05-15 20:00", "2026-05-16 05:00"),
        ("2024-05-07 23:00", "2024-05-07 20:00", "2024-05-10 05:00"),  # 8 May, then Ascension Day
        ("2024-05-09 12:00", "2024-05-07 20:00", "2024-05-10 05:00"),
        ("2026-12-31 22:30", "2026-12-31 21:00", "2027-01-02 06:00"),
    ],
)
def test_a_holiday_and_the_nights_around_it_are_one_window(now: str, opens: str, closes: str) -> None:
    assert OFF.window(utc(now)) == (utc(opens), utc(closes))


@pytest.mark.parametrize("quiet", [None, NOON], ids=["without quiet hours", "quiet at noon only"])
def test_where_no_night_is_quiet_a_holiday_ends_at_seven_the_next_morning(quiet: Quiet | None) -> None:
    channel = replace(OFF, quiet=quiet)
    assert channel.window(utc("2026-05-14 09:00")) == (utc("2026-05-13 22:00"), utc("2026-05-15 05:00"))
    assert channel.wakes_at(utc("2026-05-15 04:59")) == utc("2026-05-15 05:00")
    assert channel.wakes_at(utc("2026-05-15 05:00")) == utc("2026-05-15 05:00")


def test_quiet_hours_from_midnight_on_end_the_holiday_before_them() -> None:
    channel = replace(OFF, quiet=Quiet(start=time(0), end=time(6)))
    assert channel.window(utc("2026-05-14 09:00")) == (utc("2026-05-13 22:00"), utc("2026-05-15 04:00"))


def test_between_holidays_the_next_one_is_known_from_afar() -> None:
    assert replace(OFF, quiet=None).window(utc("2026-01-02 12:00")) == (
        utc("2026-04-05 22:00"),
        utc("2026-04-07 05:00"),
    )


def test_a_channel_that_did_not_ask_for_it_has_no_holidays() -> None:
    assert CHANNEL.window(utc("2026-05-14 09:00")) is None
    assert CHANNEL.next_digest(Rhythm.DAILY, utc("2026-05-13 12:00")).date() == date(2026, 5, 14)


@given(now=moments, quiet=st.none() | st.builds(Quiet, start=hours, end=hours), zone=zones)
def test_a_holiday_is_quiet_at_any_hour_and_a_window_is_never_over(
    now: datetime, quiet: Quiet | None, zone: str
) -> None:
    channel = replace(OFF, quiet=quiet, timezone=zone)
    window = channel.window(now)
    assert window is not None and window[1] > now
    if is_holiday(now.astimezone(channel.zone).date()):
        assert window[0] <= now
        assert not is_holiday(window[1].astimezone(channel.zone).date())


def test_a_year_has_a_daily_digest_on_each_day_but_its_holidays() -> None:
    moment, days = datetime(2025, 12, 31, 12, tzinfo=UTC), []
    while (moment := OFF.next_digest(Rhythm.DAILY, moment)).date() < date(2027, 1, 1):
        days.append(moment.date())
    year = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    assert days == [day for day in year if not is_holiday(day)]
    assert len(days) == 354


@pytest.mark.parametrize("weekday", range(7))
def test_each_week_has_one_letter_on_its_day_or_on_the_next_that_is_no_holiday(weekday: int) -> None:
    channel = replace(OFF, weekly_on=weekday)
    moment, days = datetime(2024, 1, 1, tzinfo=UTC), []
    for _ in range(5 * 52):
        moment = channel.next_digest(Rhythm.WEEKLY, moment)
        assert channel.last_digest(Rhythm.WEEKLY, moment.astimezone(UTC)) == moment
        days.append(moment.date())
    assert not any(map(is_holiday, days))
    first = days[0] - timedelta(days=(days[0].weekday() - weekday) % 7)
    wanted = [first + timedelta(weeks=number) for number in range(len(days))]
    assert {day - on for day, on in zip(days, wanted, strict=True) if not is_holiday(on)} == {timedelta()}
    assert {(day - on).days for day, on in zip(days, wanted, strict=True)} <= {0, 1, 2}


@pytest.mark.parametrize(
    ("due", "comes"),
    [
        (date(2026, 5, 25), date(2026, 5, 26)),  # Whit Monday
        (date(2024, 5, 8), date(2024, 5, 10)),  # 8 May, then Ascension Day
        (date(2026, 5, 18), date(2026, 5, 18)),
    ],
)
def test_a_letter_due_on_a_holiday_comes_when_people_are_back(due: date, comes: date) -> None:
    channel = replace(OFF, weekly_on=due.weekday())
    eve = datetime.combine(due, time(), UTC) - timedelta(days=1)
    assert channel.next_digest(Rhythm.WEEKLY, eve) == datetime.combine(comes, time(8, 30), PARIS)


def test_the_last_letter_before_a_holiday_is_that_of_the_day_before() -> None:
    assert OFF.last_digest(Rhythm.DAILY, utc("2026-05-14 12:00")).astimezone(UTC) == utc("2026-05-13 05:30")
