"""Where people read, when they want to be left alone, and what they asked for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum, StrEnum
from zoneinfo import ZoneInfo

from bot.domain.holidays import holidays, is_holiday
from bot.domain.ids import ChannelId, RuleId
from bot.domain.rule import Rule

FOR_GOOD = datetime(9000, 1, 1, tzinfo=UTC)  # the end of a pause that lasts until somebody ends it


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Address:
    """(platform, chat, thread). `thread` is "" where there is none, never None: it takes part in a unique key."""

    platform: str
    chat: str
    thread: str = ""


MORNING = time(7)  # after a day off, where no quiet hours say when the next day begins
DAY = timedelta(days=1)
REMINDED = (30, 14, 7, 2, 1)  # days before a deadline, unless a channel says otherwise
NUDGED = timedelta(minutes=30)  # after a critical alert that nobody took, unless a channel says otherwise
SOONEST_NUDGE, LATEST_NUDGE = timedelta(minutes=15), timedelta(hours=12)


class ChannelState(IntEnum):
    ACTIVE = 0
    GONE = 2  # we were put out: it resumes when we are let in again


class Rhythm(StrEnum):
    """*How* a subscription is delivered."""

    NOW = "now"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Hours of the channel's own clock in which only alerts ring; `start` may be after `end` (22:00 to 07:00)."""

    start: time
    end: time

    def window(self, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The window `now` is in, else the next one; both ends in the zone's own time, whatever its clock does."""
        local = now.astimezone(zone)
        for days in (-1, 0, 1, 2):
            opens, closes = self.of(local.date() + timedelta(days=days), zone)
            if closes.timestamp() > now.timestamp():
                return opens, closes
        raise AssertionError("a window ends within three days")

    def of(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The window that opens on that day."""
        closes_on = day + timedelta(days=self.end <= self.start)
        return datetime.combine(day, self.start, zone), datetime.combine(closes_on, self.end, zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    id: ChannelId = ChannelId(0)
    address: Address
    community: str  # "telegram:-100123" or "discord:<server>": who shares a watchlist
    lane: str  # the bot token that speaks here
    title: str = ""
    is_group: bool = True  # Telegram counts messages a minute in groups only
    language: str = "fr"
    timezone: str = "Europe/Paris"
    quiet: Quiet | None = None
    holidays: bool = False  # public holidays are quiet from midnight on, and no letter's day
    daily_at: time = field(default=time(7, 30))
    weekly_at: time = field(default=time(8, 30))
    weekly_on: int = 0  # Monday
    role: str = ""  # Discord: the role an alert may mention
    long_posts: bool = False
    reminders: tuple[int, ...] = REMINDED  # days before a deadline, the greatest first; (): never
    nudge: timedelta | None = NUDGED  # whole minutes; None: what nobody takes is not repeated
    threads: bool = False  # each alert gets one to talk about it in
    not_before: datetime | None = None  # a refusal for this chat asked us to wait
    paused_until: datetime | None = None  # once it has passed, when the last pause ended
    state: ChannelState = ChannelState.ACTIVE
    told: bool = False  # those who answer for it know that nothing can be written here

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def pause(self, now: datetime) -> datetime | None:
        """The end of the pause that is running; `FOR_GOOD`: until somebody ends it. None: there is none."""
        return self.paused_until if self.paused_until is not None and self.paused_until > now else None

    def wakes_at(self, now: datetime) -> datetime:
        """Now, or when the quiet hours that are running end."""
        window = self.window(now)
        return window[1] if window is not None and window[0] <= now else now

    def window(self, now: datetime) -> tuple[datetime, datetime] | None:
        """The quiet hours `now` is in, else the next ones, UTC; None: there are none.

        A day off and the nights around it are one window.
        """
        if not self.holidays:
            return None if self.quiet is None else _utc(self.quiet.window(now, self.zone))
        found: list[tuple[datetime, datetime]] = []
        for opens, closes in sorted((*self._nights(now), *self._days_off(now))):
            if found and opens < found[-1][1]:
                found[-1] = found[-1][0], max(closes, found[-1][1])
            else:
                found.append((opens, closes))
        return next((one for one in found if one[1] > now), None)

    def _nights(self, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        """As many as may be one with what runs now or comes next: two days off follow each other, three never do."""
        if self.quiet is not None:
            today = now.astimezone(self.zone).date()
            for days in range(-3, 6):
                yield _utc(self.quiet.of(today + timedelta(days=days), self.zone))

    def _days_off(self, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        today = now.astimezone(self.zone).date()
        for day in (day for year in (0, 1) for day in holidays(today.year + year)):
            if day >= today - 2 * DAY:
                yield _utc((datetime.combine(day, time(), self.zone), self._morning_after(day)))

    def _morning_after(self, day: date) -> datetime:
        midnight = datetime.combine(day + DAY, time(), self.zone).astimezone(UTC)
        if self.quiet is not None:
            opens, closes = self.quiet.window(midnight, self.zone)
            if opens <= midnight:
                return closes
        return datetime.combine(day + DAY, MORNING, self.zone)

    def next_digest(self, rhythm: Rhythm, after: datetime) -> datetime:
        """The first daily or weekly hour strictly after `after`, on the channel's own clock."""
        coming = self._digests(rhythm, after, range(-3, 12))
        return next(due for due in coming if due.timestamp() > after.timestamp())

    def last_digest(self, rhythm: Rhythm, by: datetime) -> datetime:
        """The last one that has come `by` then."""
        return [due for due in self._digests(rhythm, by, range(-11, 1)) if due.timestamp() <= by.timestamp()][-1]

    def _digests(self, rhythm: Rhythm, now: datetime, around: range) -> Iterator[datetime]:
        """A day off has no daily letter, and a weekly one waits for the next day that is none. `around`: days."""
        today, is_weekly = now.astimezone(self.zone).date(), rhythm is Rhythm.WEEKLY
        for day in (today + timedelta(days=days) for days in around):
            if is_weekly and day.weekday() == self.weekly_on:
                while self._is_off(day):
                    day += DAY
                yield datetime.combine(day, self.weekly_at, self.zone)
            elif not is_weekly and not self._is_off(day):
                yield datetime.combine(day, self.daily_at, self.zone)

    def _is_off(self, day: date) -> bool:
        return self.holidays and is_holiday(day)


def _utc(window: tuple[datetime, datetime]) -> tuple[datetime, datetime]:
    """Two moments of one zone compare by their wall clock, which goes back once a year."""
    return window[0].astimezone(UTC), window[1].astimezone(UTC)


def settings_of(channel: Channel) -> dict[str, str]:
    """What its administrators chose, as text: for the undo of a change, and for files people read."""
    quiet = channel.quiet
    return {
        "language": channel.language,
        "timezone": channel.timezone,
        "quiet": f"{quiet.start:%H:%M}-{quiet.end:%H:%M}" if quiet else "",
        "holidays": "yes" if channel.holidays else "",
        "daily": f"{channel.daily_at:%H:%M}",
        "weekly": f"{channel.weekly_on} {channel.weekly_at:%H:%M}",
        "role": channel.role,
        "long": "yes" if channel.long_posts else "",
        "reminders": " ".join(map(str, channel.reminders)),
        "nudge": str(channel.nudge // timedelta(minutes=1)) if channel.nudge else "",
        "threads": "yes" if channel.threads else "",
    }


def with_settings(channel: Channel, settings: Mapping[str, str]) -> Channel:
    """Some of `settings_of`, taken over. Raises ValueError for what cannot be read."""
    known = {**settings_of(channel), **settings}
    start, _, end = known["quiet"].partition("-")
    day, _, hour = known["weekly"].partition(" ")
    return replace(
        channel,
        language=known["language"],
        timezone=known["timezone"],
        quiet=Quiet(start=time.fromisoformat(start), end=time.fromisoformat(end)) if known["quiet"] else None,
        holidays=bool(known["holidays"]),
        daily_at=time.fromisoformat(known["daily"]),
        weekly_on=int(day),
        weekly_at=time.fromisoformat(hour),
        role=known["role"],
        long_posts=bool(known["long"]),
        reminders=tuple(map(int, known["reminders"].split())),
        nudge=timedelta(minutes=int(known["nudge"])) if known["nudge"] else None,
        threads=bool(known["threads"]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A rule wanted by a channel."""

    rule_id: RuleId
    rule: Rule
    channel: ChannelId
    how: Rhythm = Rhythm.NOW
    silent: bool = False
    created_at: datetime
