"""What is held and falls due: quiet hours that end, digest hours, a reading that brought too much at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.domain.channel import Channel, Rhythm
from bot.domain.delivery import Delivery, Post, PostKind, Prio
from bot.pipeline.reminders import Reminders
from bot.ports import Clock, Database, Wakes
from bot.stores import Acks, Channels, Mutes, Outbox, Tokens

LOOK_AGAIN = timedelta(seconds=5)
AT_ONCE = 50  # channels folded before looking again
OVERDUE = timedelta(hours=1)
MOST_ALARMS = 5  # alerts a pause held that ring one by one; more of them are told in the post of all the rest
NAMES_KEPT = timedelta(days=30)  # of who took an alert, once it is closed; of a silence that has ended

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    db: Database
    outbox: Outbox
    channels: Channels
    tokens: Tokens
    mutes: Mutes
    acks: Acks
    reminders: Reminders
    clock: Clock
    wakes: Wakes

    async def run(self) -> None:
        """Until cancelled."""
        await self.catch_up(self.clock.now())
        while True:
            await self.sweep(self.clock.now())
            due = await self.outbox.next_due()
            wait = LOOK_AGAIN if due is None else min(LOOK_AGAIN, due - self.clock.now())
            await self.wakes.wait(max(wait, timedelta(milliseconds=100)))

    async def catch_up(self, now: datetime) -> None:
        """After a long stop, what waited too long becomes one post a channel; alerts ring all the same."""
        async with self.db.tx() as tx:
            held = await self.outbox.hold_overdue(tx, now, OVERDUE)
        if held:
            log.info("catching up in one post a channel", deliveries=held)

    async def sweep(self, now: datetime) -> int:
        """Fold or release what is due, one transaction a channel; how many channels."""
        # First the hours: what is owed from here on waits for the next one, so no period is told twice.
        more = True
        while more:
            async with self.db.tx() as tx:
                more = await self.channels.refresh_hours(tx, now)
        async with self.db.tx() as tx:
            await self.tokens.sweep(tx, now)
            await self.acks.fade(tx, now - NAMES_KEPT)
            await self.mutes.sweep(tx, now - NAMES_KEPT)
        await self.outbox.expire(now)
        await self.reminders.sweep(now)
        settled = 0
        while due := await self.outbox.due(now, AT_ONCE):
            for channel, deliveries in due:
                await self._settle(channel, deliveries, now)
            settled += len(due)
        return settled

    async def _settle(self, channel: Channel, deliveries: Sequence[Delivery], now: datetime) -> None:
        alarms = [d for d in deliveries if d.prio is Prio.ALERT]
        folds = len(alarms) > MOST_ALARMS and any(d.due_at == channel.paused_until for d in alarms)
        many = [d for d in deliveries if d.prio > Prio.REMINDER or (folds and d.prio is Prio.ALERT)]
        alone = [d.post for d in deliveries if d not in many]
        if len(many) == 1:
            alone.append(many.pop().post)
        async with self.db.tx() as tx:
            await self.outbox.release(tx, channel.id, alone)
            if many:
                posts = [d.post for d in many]
                articles = await self.outbox.articles_of(tx, posts)
                await self.outbox.fold(tx, channel, posts, digest_of(channel, many, articles, now))


def digest_of(channel: Channel, held: Sequence[Delivery], articles: Sequence[int], now: datetime) -> Post:
    """One post for many. Its key comes from the hour it was due, so the same period cannot be told twice."""
    due = min(d.due_at for d in held if d.due_at is not None)
    return Post(
        key=f"d:{channel.id}:{int(due.timestamp() * 1000)}",
        kind=PostKind.DIGEST,
        prio=Prio.DIGEST,
        payload={"articles": list(articles), "why": _why(channel, due)},
        created_at=now,
    )


def _why(channel: Channel, due: datetime) -> str:
    """What the post is called: by the hour it was due, since that is all a held row knows."""
    if due == channel.paused_until:
        return "pause"
    for rhythm in (Rhythm.WEEKLY, Rhythm.DAILY):
        if channel.next_digest(rhythm, due - timedelta(milliseconds=1)) == due:
            return rhythm.value
    return "held"
