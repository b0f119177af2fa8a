"""A year of letters: both clock changes, restarts at the worst minute, a day's stop, a pause, public holidays.

Each channel has exactly one letter a period, at its hour on its own clock; what is quiet stays quiet; what is grave
rings."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.channel import Channel, Quiet, Rhythm
from bot.domain.holidays import is_holiday
from bot.domain.rule import Rule, What
from bot.ports import Database
from bot.view import View
from storage.database import database
from tests.fakes import World, entry, title

PARIS, REUNION = "Europe/Paris", "Indian/Reunion"
BEGIN, END = date(2026, 2, 1), date(2027, 2, 1)  # the clocks change on 29 March and on 25 October
STOPPED = date(2026, 6, 17)  # all day, from its midnight in UTC to the next
PAUSED = date(2026, 8, 3), date(2026, 8, 17)  # from noon to noon, in UTC
LISTED = 20  # articles the source shows at a time
NOON = timedelta(hours=12)
ALARMED = date(2026, 7, 14)  # at noon, on a day off
SPRING = date(2026, 3, 25), date(2026, 5, 28)  # the clock changes, five holidays
GRAVE = "La faille CVE-2026-{n} d’un pare-feu est activement exploitée, score CVSS 9,8. Correctif urgent à appliquer."
ALARM_EVERY = 9  # days


@dataclass(kw_only=True)
class Reader:
    """One channel, and when it was told what."""

    channel: Channel
    how: Rhythm
    told: list[tuple[datetime, View]] = field(default_factory=list)

    def hours(self, after: datetime, before: datetime) -> Iterator[datetime]:
        """The ends of its periods, or of its nights."""
        while True:
            if self.how is not Rhythm.NOW:
                after = self.channel.next_digest(self.how, after).astimezone(UTC)
            else:
                window = self.channel.window(after)
                assert window is not None
                after = window[1]
            if after >= before:
                return
            yield after


NIGHT = Quiet(start=time(22), end=time(7))
READERS = {
    "daily": (PARIS, Rhythm.DAILY, {"daily_at": time(7)}),
    "daily in the hour that is skipped and comes twice": (PARIS, Rhythm.DAILY, {"daily_at": time(2, 30)}),
    "weekly": (PARIS, Rhythm.WEEKLY, {"weekly_at": time(7), "weekly_on": 0}),
    "weekly on the night the clocks change": (PARIS, Rhythm.WEEKLY, {"weekly_at": time(2, 30), "weekly_on": 6}),
    "weekly far away": (REUNION, Rhythm.WEEKLY, {"weekly_at": time(9), "weekly_on": 4}),
    "quiet at night": (PARIS, Rhythm.NOW, {"quiet": NIGHT}),
    "paused in August": (PARIS, Rhythm.DAILY, {"daily_at": time(7)}),
    "daily but on holidays": (PARIS, Rhythm.DAILY, {"daily_at": time(7), "holidays": True}),
    "weekly but on holidays": (PARIS, Rhythm.WEEKLY, {"weekly_at": time(7), "weekly_on": 0, "holidays": True}),
    "quiet at night and on holidays": (PARIS, Rhythm.NOW, {"quiet": NIGHT, "holidays": True}),
    "quiet on holidays": (PARIS, Rhythm.NOW, {"holidays": True}),
}


@dataclass(kw_only=True)
class Year:
    world: World
    readers: dict[str, Reader]
    begin: date
    end: date
    alarms: list[datetime] = field(default_factory=list)
    seen: int = 0  # messages

    async def pass_by(self) -> None:
        day = self.begin
        while day < self.end:
            begins, ends = _midnight(day), _midnight(day + timedelta(days=1))
            due = {hour for one in self.readers.values() for hour in one.hours(begins, ends)}
            late = begins + timedelta(hours=22, minutes=30)
            news = {late} | ({begins + NOON} if is_holiday(day) else set())
            if day == STOPPED:
                due = news = set()
            for moment in sorted(due | news | ({begins + NOON} if day in PAUSED else set())):
                if moment in news:
                    alarm = day.toordinal() % ALARM_EVERY == 0 if moment == late else day == ALARMED
                    await self._news(moment, alarm=alarm)
                elif day == PAUSED[0] and moment == begins + NOON:
                    await self._pause(moment)
                else:
                    await self._hour(moment, unlucky=day.toordinal() % 2 == 0)
            day += timedelta(days=1)
            if day == STOPPED + timedelta(days=1):
                self.world.clock.moment = ends
                await self.world.plan.catch_up(ends)
                await self._go_on()

    async def _news(self, moment: datetime, *, alarm: bool) -> None:
        self.world.clock.moment = moment
        (source,) = await self.world.store.sources.all()
        key = f"{moment:%m%d%H}"
        told = [
            entry(f"{key}a", f"Le chantier {key} de Valmont avance", published=moment),
            entry(f"{key}b", f"Une cantine {key} change de menu", summary="Des légumes inventés.", published=moment),
        ]
        if alarm:
            self.alarms.append(moment)
            text = GRAVE.format(n=10_000 + len(self.alarms))
            told.append(entry(f"{key}c", f"Vulnérabilité critique du pare-feu {key}", text=text, published=moment))
        self.world.site.publish(source, *told)
        del self.world.site.pages[source.url][LISTED:]
        await self.world.read(source.slug)
        await self._go_on()

    async def _pause(self, moment: datetime) -> None:
        self.world.clock.moment = moment
        channel = self.readers["paused in August"].channel
        async with self.world.db.tx() as tx:
            await self.world.store.channels.pause(tx, channel, _midnight(PAUSED[1]) + NOON, moment)

    async def _hour(self, moment: datetime, *, unlucky: bool) -> None:
        """`unlucky`: killed when all is planned and nothing sent, and once more within the same minute."""
        self.world.clock.moment = moment
        if unlucky:
            await self.world.plan.catch_up(moment)
            await self.world.plan.sweep(moment)
            self.world.clock.moment = moment + timedelta(seconds=20)
            await self.world.plan.catch_up(self.world.clock.now())
        await self._go_on()

    async def _go_on(self) -> None:
        now = self.world.clock.now()
        await self.world.plan.sweep(now)
        if not await self.world.store.outbox.next(self.world.platform.lane, now, [], 1):
            return
        await self.world.deliver_all()
        for chat, view in self.world.platform.sent[self.seen :]:
            self.readers[chat].told.append((now, view))
        self.seen = len(self.world.platform.sent)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


async def _lived(world: World, begin: date, end: date) -> Year:
    world.clock.moment = _midnight(begin)
    await world.source("gazette")
    readers = {}
    for name, (zone, how, settings) in READERS.items():
        channel = replace(await world.channel(name), timezone=zone, nudge=None, **settings)  # type: ignore[arg-type]  # its fields
        async with world.db.tx() as tx:
            await world.store.channels.save(tx, channel, world.clock.now())
            for what, when in ((What.EVERYTHING, how), (What.ALERTS, Rhythm.NOW)):
                rule, now = Rule(what=what), world.clock.now()
                await world.store.subscriptions.add(tx, channel.id, rule, when, silent=False, now=now)
        readers[name] = Reader(channel=channel, how=how)
    year = Year(world=world, readers=readers, begin=begin, end=end)
    await year.pass_by()
    return year


async def test_a_year_has_one_letter_a_period_whatever_happens() -> None:
    async with database("sqlite:///:memory:") as db:
        year = await _lived(World.on(db), BEGIN, END)
    assert _midnight(ALARMED) + NOON in year.alarms
    _check(year)


async def test_so_does_a_spring_on_either_database(database: Database) -> None:
    _check(await _lived(World.on(database), *SPRING))


def _check(year: Year) -> None:
    days = [year.begin + timedelta(days=n) for n in range(1, (year.end - year.begin).days)]
    told = {name: _letters(reader) for name, reader in year.readers.items()}
    for name, reader in year.readers.items():
        rang = [at for at, view in reader.told if _is_alarm(view)]
        assert rang == year.alarms, f"{name}: what is grave rings at once"

    lived = [day for day in days if day != STOPPED]  # of that day's letter the next start is the hour
    for name, hour in (("daily", "07:00"), ("daily in the hour that is skipped and comes twice", "02:30")):
        assert [at.date() for at in told[name]] == lived, name
        late = {f"{at:%d/%m %H:%M}" for at in told[name] if f"{at:%H:%M}" != hour}
        stopped = {"18/06 02:00"} if STOPPED in days else set()
        assert late == stopped | ({"29/03 03:30"} if hour == "02:30" else set()), name
    nights = [at for at in told["quiet at night"] if not _is_noon(at)]
    assert [at.date() for at in nights] == lived
    assert {f"{at:%H:%M}" for at in nights} == {"07:00"}
    before, after = PAUSED
    assert [at.date() for at in told["paused in August"]] == [day for day in lived if not before < day < after]
    assert {f"{at:%d/%m %H:%M}" for at in told["paused in August"] if _is_noon(at)} == (
        {"17/08 14:00"} if after in days else set()
    )

    working = [day for day in lived if not is_holiday(day)]
    for name in ("daily but on holidays", "quiet at night and on holidays"):
        assert [at.date() for at in told[name]] == working, name
        assert {f"{at:%H:%M}" for at in told[name]} <= {"07:00", "02:00"}, name
    assert not any(is_holiday(at.date()) for at in told["quiet on holidays"])
    assert [at.date() for at in told["quiet on holidays"] if f"{at:%H:%M}" == "07:00"] == [
        day for day in days if is_holiday(day - timedelta(days=1))
    ]
    assert [at.date() for at in told["weekly but on holidays"]] == [
        day + timedelta(days=is_holiday(day)) for day in days if day.weekday() == 0
    ]

    for name, weekday, hour in (
        ("weekly", 0, "07:00"),
        ("weekly on the night the clocks change", 6, "02:30"),
        ("weekly far away", 4, "09:00"),
    ):
        assert [at.date() for at in told[name]] == [day for day in days if day.weekday() == weekday], name
        assert {f"{at:%H:%M}" for at in told[name]} <= {hour, "03:30"}, name


def _letters(reader: Reader) -> list[datetime]:
    """When they came, on the channel's own clock."""
    return [at.astimezone(ZoneInfo(reader.channel.timezone)) for at, view in reader.told if not _is_alarm(view)]


def _is_noon(at: datetime) -> bool:
    """The hour of what is published on a holiday."""
    return at.astimezone(UTC).hour == NOON // timedelta(hours=1)


def _is_alarm(view: View) -> bool:
    return title(view).startswith("Vulnérabilité")
