"""What is held and falls due: quiet hours that end, digest hours, a reading that brought too much at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.domain.channel import Channel, Rhythm
from bot.domain.delivery import Delivery, Post, Prio
from bot.pipeline.letter import Letters, why_of
from bot.pipeline.reminders import Reminders
from bot.ports import Clock, Database, Wakes
from bot.stores import Acks, Channels, Mutes, Outbox, Shares, Tokens

LOOK_AGAIN = timedelta(seconds=5)
AT_ONCE = 50  # channels folded before looking again
OVERDUE = timedelta(hours=1)
LATE = timedelta(minutes=5)  # from which a letter's hour is over
LETTERS = (Rhythm.DAILY, Rhythm.WEEKLY)
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
        """Without what a stop made late and quiet hours that run now put off again; a letter may come in them."""
        wakes_at = channel.wakes_at(now)
        if wakes_at <= now:
            return due
        late = [one for one in due if not one.wakes and not _is_letter_at_its_hour(channel, one, now)]
        if late:
            async with self.db.tx() as tx:
                await self.outbox.put_off(tx, channel.id, [one.post for one in late], wakes_at)
        return [one for one in due if one not in late]

    async def _letter(self, channel: Channel, held: Sequence[Delivery], now: datetime) -> Sequence[Post]:
        due = min(d.due_at for d in held if d.due_at is not None)
        return await self.letters.of(channel, [d.post for d in held], due, now)


def _is_letter_at_its_hour(channel: Channel, one: Delivery, now: datetime) -> bool:
    return one.due_at is not None and now - one.due_at < LATE and why_of(channel, one.due_at) in LETTERS
