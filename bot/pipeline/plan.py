"""What is held and falls due: quiet hours that end, digest hours, a reading that brought too much at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog

from bot.domain.channel import Channel
from bot.domain.delivery import Delivery, Post, Prio
from bot.pipeline.letter import Letters
from bot.pipeline.reminders import Reminders
from bot.pipeline.stories import TERMS_KEPT, StoryRows
from bot.ports import Clock, Database, Wakes
from bot.stores import Acks, Channels, Mutes, Outbox, Shares, Tokens

LOOK_AGAIN = timedelta(seconds=5)
AT_ONCE = 50  # channels folded before looking again
OVERDUE = timedelta(hours=1)
LATE = timedelta(minutes=5)  # from which the hour of what is held is over
MOST_ALARMS = 5  # alerts a pause held that ring one by one; more of them are told in the post of all the rest
NAMES_KEPT = timedelta(
    days=30
)  # of who took an alert, once it is closed; of a silence that has ended, a share that was withdrawn

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    db: Database
    outbox: Outbox
    channels: Channels
    tokens: Tokens
    mutes: Mutes
    acks: Acks
    shares: Shares
    reminders: Reminders
    letters: Letters
    stories: StoryRows
    clock: Clock
    wakes: Wakes

    async def run(self) -> None:
        """Until cancelled."""
        await self.catch_up(self.clock.now())
        forgotten: date | None = None
        while True:
            if forgotten != (today := self.clock.now().date()):
                await self.forget(self.clock.now())
                forgotten = today
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

    async def forget(self, now: datetime) -> None:
        """The words of articles that no new one can tell again; once a day."""
        behind: str | None = ""
        while behind is not None:
            async with self.db.tx() as tx:
                behind = await self.stories.forget(tx, now - TERMS_KEPT, behind=behind)

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
            await self.shares.fade(tx, now - NAMES_KEPT)
            await self.mutes.sweep(tx, now - NAMES_KEPT)
        await self.outbox.expire(now)
        await self.reminders.sweep(now)
        settled = 0
        while due := await self.outbox.due(now, AT_ONCE):
            for channel, deliveries in due:
                await self._settle(channel, deliveries, now)
            settled += len(due)
        return settled

    async def _settle(self, channel: Channel, due: Sequence[Delivery], now: datetime) -> None:
        deliveries = await self._awake(channel, due, now)
        if not deliveries:
            return
        alarms = [d for d in deliveries if d.prio is Prio.ALERT]
        folds = len(alarms) > MOST_ALARMS and any(d.due_at == channel.paused_until for d in alarms)
        many = [d for d in deliveries if d.prio > Prio.REMINDER or (folds and d.prio is Prio.ALERT)]
        alone = [d.post for d in deliveries if d not in many]
        if len(many) == 1:
            alone.append(many.pop().post)
        posts = [d.post for d in many]
        letter = await self._letter(channel, many, now) if many else ()
        async with self.db.tx() as tx:
            # What tells no article, nobody can sum up.
            await self.outbox.release(tx, channel.id, [*alone, *(() if letter else posts)])
            if letter:
                await self.outbox.fold(tx, channel, posts, letter)

    async def _awake(self, channel: Channel, due: Sequence[Delivery], now: datetime) -> Sequence[Delivery]:
        """Without what quiet hours that run now put off: what a stop made late, and what a pause held. What is due at
        this very moment was meant for it, as a letter at its hour; what follows an alert that rang in them goes, late
        or not."""
        wakes_at = channel.wakes_at(now)
        if wakes_at <= now:
            return due
        held = [d for d in due if not d.wakes]
        late = [d for d in held if d.due_at is None or now - d.due_at >= LATE or d.due_at == channel.paused_until]
        if late:
            async with self.db.tx() as tx:
                await self.outbox.hold_longer(tx, channel.id, [one.post for one in late], wakes_at)
        return [one for one in due if one not in late]

    async def _letter(self, channel: Channel, held: Sequence[Delivery], now: datetime) -> Sequence[Post]:
        due = min(d.due_at for d in held if d.due_at is not None)
        return await self.letters.of(channel, [d.post for d in held], due, now)
