"""Thirty days before a deadline, fourteen, seven, two, one: a post to whoever was told of it, or wants what says it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.deadline import Claim, Deadline
from bot.domain.delivery import Breaks, Post, PostKind, Prio, reminder_key
from bot.domain.reminder import OFFSETS, Habit, ends_at, known_since, next_claim, offsets_ahead
from bot.domain.standing import has_passed, is_sure, standing
from bot.pipeline.agenda import ONE_DAY
from bot.pipeline.matching import Matching
from bot.ports import Database, Tx
from bot.stores import Articles, Channels, Deadlines, Outbox

LOOK_AGAIN = timedelta(minutes=1)
FARTHEST = timedelta(days=OFFSETS[0] + 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A reminder that is still to be made, and when each habit has its hour."""

    deadline: Deadline
    claim: Claim
    offset: int
    hours: Mapping[Habit, datetime]


@dataclass(slots=True, kw_only=True)
class Reminders:
    """There is no table of reminders: the key of a post says that one was made."""

    db: Database
    rows: Deadlines
    articles: Articles
    channels: Channels
    outbox: Outbox
    matching: Matching
    _looked: datetime | None = field(default=None, init=False)

    async def sweep(self, now: datetime) -> int:
        """How many were made; looked for once a minute."""
        if self._looked is not None and timedelta() <= now - self._looked < LOOK_AGAIN:
            return 0
        self._looked = now
        deadlines = await self.rows.calling(self.db, now - ONE_DAY, now + FARTHEST)
        if not deadlines:
            return 0
        habits = await self.channels.habits(self.db)
        due = {key: one for deadline in deadlines for key, one in _due(deadline, habits, now).items()}
        made = sorted(set(due) - await self.outbox.known(self.db, sorted(due)))
        for key in made:
            async with self.db.tx() as tx:
                await self._make(tx, key, due[key], now)
        return len(made)

    async def _make(self, tx: Tx, key: str, due: Due, now: datetime) -> None:
        """For everybody at once, each at their own hour. A weekly letter may come too late, so no rhythm counts."""
        numbers = [one.article for one in due.deadline.heard if one.article is not None]
        facts = [*await self.articles.facts(tx, list(dict.fromkeys(numbers)))]
        rules = {match.rule for one in facts for match in await self.matching.match(tx, one)}
        hushed = {channel for one in facts for channel in await self.matching.hushed(tx, one, now)}
        for habit, hour in due.hours.items():
            await self.outbox.owe(
                tx,
                _post(key, due, now),
                sorted(rules),
                now=now,
                breaks_quiet=Breaks.NOBODY,
                hold_until=hour,
                told_of=sorted({one.story for one in facts}),
                habit=habit,
                hushed=sorted(hushed),
            )


def _due(deadline: Deadline, habits: Sequence[Habit], now: datetime) -> dict[str, Due]:
    if (claim := next_claim(deadline, now)) is None:
        return {}
    known, found = known_since(deadline, claim, now), dict[str, Due]()
    for offset in offsets_ahead(claim, now):
        owed = ((habit, habit.owed_at(claim, offset, known, now)) for habit in habits)
        if hours := {habit: hour for habit, hour in owed if hour is not None}:
            key = reminder_key(deadline.id, claim.date, offset)
            found[key] = Due(deadline=deadline, claim=claim, offset=offset, hours=hours)
    return found


def _post(key: str, due: Due, now: datetime) -> Post:
    stand = [claim for claim in standing(due.deadline) if not has_passed(claim, now)]
    return Post(
        key=key,
        kind=PostKind.REMINDER,
        prio=Prio.REMINDER,
        payload={
            "articles": [claim.article for claim in stand],
            "deadline": due.deadline.id,
            "claims": [claim.payload() for claim in stand],
            "unsure": not is_sure(due.deadline),
            "last": due.offset == 1,
        },
        created_at=now,
        expires_at=max(map(ends_at, stand)),
    )
