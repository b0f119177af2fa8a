"""Any history of dates that move, days that pass and restarts: each reminder at its hour, each move once, none lost."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from storage.database import database as opened
from tests.fakes import World, title
from tests.pipeline.dated import call, tells, world_of

PARIS = ZoneInfo("Europe/Paris")
TICK = timedelta(hours=6)
DAYS = {"4 avril": date(2026, 4, 4), "11 avril": date(2026, 4, 11), "10 mai": date(2026, 5, 10)}
Step = tuple[str, str, int]  # who says which day, and how many ticks pass then
STEPS = st.lists(
    st.tuples(st.sampled_from(["appel", "report"]), st.sampled_from([*DAYS]), st.integers(1, 40)),
    min_size=1,
    max_size=6,
)


@dataclass
class Expected:
    """What one who reads the agency's articles, and nothing else, would do by hand."""

    said: dict[str, date] = field(default_factory=dict)  # of each article, the one that spoke last at the end
    told: date | None = None
    since: datetime | None = None
    moves: int = 0
    reminders: list[tuple[date, int]] = field(default_factory=list)

    @property
    def day(self) -> date | None:
        return [*self.said.values()][-1] if self.said else None

    def hears(self, key: str, day: date, now: datetime) -> None:
        today, before = now.astimezone(PARIS).date(), self.day
        if day < today:  # who says nothing of what is ahead takes back what they said of it
            if self.said.get(key, day) >= today:
                del self.said[key]
        elif self.said.get(key) != day:
            if key not in self.said and not any(one >= today for one in (*self.said.values(), *self._last())):
                self.said, self.told = {}, None  # what is over is another one
            self.said.pop(key, None)
            self.said[key] = day
        if self.day is not None and self.day != before:
            self.moves += self.told not in (None, self.day)
            self.told, self.since = self.day, now

    def _last(self) -> tuple[date, ...]:
        return (self.told,) if self.told and not self.said else ()

    def wakes(self, before: datetime, now: datetime) -> None:
        if self.day is None or self.since is None:
            return
        for offset in (30, 14, 7, 2, 1):
            hour = datetime.combine(self.day - timedelta(days=offset), time(8, 30), PARIS)
            if before < hour <= now and self.since < hour and (self.day, offset) not in self.reminders:
                self.reminders.append((self.day, offset))


async def _passes(world: World, ticks: int, expected: Expected) -> None:
    plan = world.plan  # a new one each time: what an earlier one remembered is gone
    for _ in range(ticks):
        before = world.clock.now()
        world.clock.forward(TICK)
        expected.wakes(before, world.clock.now())
        await plan.sweep(world.clock.now())
        await world.deliver_all()


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
async def test_each_reminder_comes_at_its_hour_and_each_move_once(steps: list[Step]) -> None:
    async with opened("sqlite:///:memory:") as database:
        world, expected = await world_of(database), Expected()
        await _passes(world, 1, expected)
        for key, day, ticks in steps:
            now = world.clock.now()
            await tells(world, "ans", "appel", call(day))
            expected.hears("appel", DAYS[day], now)
            if key == "report":  # another article says the same
                name = f"report-{now:%m%d%H}"
                await tells(world, "ans", name, call(day), title=f"CaRE domaine 2, nouvelle du {now:%d/%m}")
                expected.hears(name, DAYS[day], now)
            await _passes(world, ticks, expected)
        rows = await database.fetch(
            """SELECT p.post_key, d.state, d.sent_at FROM posts p JOIN deliveries d ON d.post = p.id
            WHERE p.kind = 'reminder' AND d.state = 2 ORDER BY d.sent_at, p.id"""
        )
        said = []
        for row in rows:
            _, _, day, offset = row["post_key"].split(":")
            said.append((date.fromisoformat(day), int(offset.strip("-d"))))
            hour = datetime.combine(said[-1][0] - timedelta(days=said[-1][1]), time(8, 30), PARIS)
            assert timedelta() <= datetime.fromtimestamp(row["sent_at"] / 1000, UTC) - hour < TICK
        assert said == expected.reminders
        moved = [view for _, view in world.platform.sent if title(view).startswith("Date modifiée")]
        assert len(moved) == expected.moves
