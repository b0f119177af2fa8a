"""Thirty days before a deadline, fourteen, seven, two, one: a post to whoever was told of it, or wants what says it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.alert import AlertType
from bot.domain.article import Facts
from bot.domain.deadline import Claim, Deadline
from bot.domain.delivery import Breaks, Post, PostKind, Prio, reminder_key
from bot.domain.reminder import ends_at, next_claim, offset_due
from bot.domain.standing import has_passed, is_sure, standing
from bot.pipeline.agenda import ONE_DAY
from bot.pipeline.matching import Matching
from bot.ports import Database, Tx
from bot.stores import Articles, Deadlines, Outbox

MOST = 1_000  # deadlines ahead
LOOK_AGAIN = timedelta(minutes=1)
# Of no known programme, a date is worth a reminder where the article calls for something: any text has dates.
CALLS = frozenset({AlertType.CARE_CALL, AlertType.FUNDING_CALL, AlertType.REGULATION_DEADLINE})


@dataclass(slots=True, kw_only=True)
class Reminders:
    """There is no table of reminders: the key of a post says that one was made."""

    db: Database
    rows: Deadlines
    articles: Articles
    outbox: Outbox
    matching: Matching
    _looked: datetime | None = field(default=None, init=False)

    async def sweep(self, now: datetime) -> int:
        """How many were made; looked for once a minute."""
        if self._looked is not None and timedelta() <= now - self._looked < LOOK_AGAIN:
            return 0
        self._looked = now
        due = {
            reminder_key(deadline.id, claim.date, offset): (deadline, claim, offset)
            for deadline in await self.rows.coming(self.db, now - ONE_DAY, MOST)
            if (claim := next_claim(deadline, now)) is not None
            and (offset := offset_due(deadline, claim, now)) is not None
        }
        made = 0
        for key in set(due) - await self.outbox.known(self.db, sorted(due)):
            async with self.db.tx() as tx:
                made += await self._made(tx, key, *due[key], now)
        return made

    async def _made(self, tx: Tx, key: str, deadline: Deadline, claim: Claim, offset: int, now: datetime) -> bool:
        numbers = [one.article for one in deadline.heard if one.article is not None]
        facts = [*await self.articles.facts(tx, list(dict.fromkeys(numbers)))]
        if not _is_worth_it(deadline, facts):
            return False
        rules = {match.rule for one in facts for match in await self.matching.match(tx, one)}
        hushed = {channel for one in facts for channel in await self.matching.hushed(tx, one, now)}
        await self.outbox.owe(
            tx,
            _post(key, deadline, offset, now),
            sorted(rules),
            now=now,
            breaks_quiet=Breaks.NOBODY,
            hold_until=None,
            told_of=sorted({one.story for one in facts}),
            whenever=True,  # a weekly letter may come too late
            hushed=sorted(hushed),
        )
        return True


def _is_worth_it(deadline: Deadline, facts: Sequence[Facts]) -> bool:
    alerts = (one.understanding.alert for one in facts)
    return deadline.programme != "" or any(alert is not None and alert.type in CALLS for alert in alerts)


def _post(key: str, deadline: Deadline, offset: int, now: datetime) -> Post:
    stand = [claim for claim in standing(deadline) if not has_passed(claim, now)]
    return Post(
        key=key,
        kind=PostKind.REMINDER,
        prio=Prio.REMINDER,
        payload={
            "articles": [claim.article for claim in stand],
            "deadline": deadline.id,
            "claims": [claim.payload() for claim in stand],
            "unsure": not is_sure(deadline),
            "last": offset == 1,
        },
        created_at=now,
        expires_at=max(map(ends_at, stand)),
    )
