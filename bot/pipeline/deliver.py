"""One lane: outbox → view → platform. The lease's holder serves several chats at once, each one message at a time."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.domain.article import Facts
from bot.domain.budget import Use
from bot.domain.delivery import LONGEST_PAUSE, MOST_ATTEMPTS, Outcome, PostKind, State, after
from bot.domain.ids import ArticleId
from bot.errors import (
    ChannelGone,
    LeaseLost,
    Muzzled,
    PlatformError,
    Rejected,
    Throttled,
    Uncertain,
    Unpermitted,
    Unreachable,
)
from bot.people import People
from bot.pipeline.compose import Composer
from bot.pipeline.following import following
from bot.pipeline.notices import Notices
from bot.pipeline.sequels import Sequels
from bot.pipeline.stories import StoryRows, told_together
from bot.ports import Clock, Database, Lease, Leases, Meter, OpensThreads, Platform, Wakes
from bot.stores import Acks, Articles, Outbox, Owed, Shares, Sources, Subscriptions, Votes
from bot.view import View

LOOKED_AT = 64  # rows read to find one for a free chat
LOOK_AGAIN = timedelta(seconds=2)  # a wake-up may be lost, a chat's silence ends
RENEW = timedelta(seconds=15)
SPARE = timedelta(seconds=60)  # a lease outlives the send that starts under it by so much
LAST_SENDS = timedelta(seconds=8)  # a stop waits so long for the answers of what is on its way
FIRST_PAUSE = timedelta(seconds=1)

log = structlog.get_logger()


@dataclass(kw_only=True, eq=False)
class Deliver:
    """A flow with a state of its own: whom it is writing to, and until when the lane keeps silent."""

    db: Database
    platform: Platform
    outbox: Outbox
    articles: Articles
    stories: StoryRows
    sources: Sources
    subscriptions: Subscriptions
    acks: Acks
    votes: Votes
    shares: Shares
    notices: Notices
    sequels: Sequels
    people: People
    composer: Composer
    leases: Leases
    clock: Clock
    wakes: Wakes
    meter: Meter
    owner: str
    stopping: asyncio.Event
    _lease: Lease | None = None
    _busy: dict[str, asyncio.Task[None]] = field(default_factory=dict)  # chat → the send under way
    _asleep: dict[str, Use] = field(default_factory=dict)  # chats with something to send whose budget says later
    _stir: asyncio.Event = field(default_factory=asyncio.Event)
    _silent_until: float = 0.0  # the whole lane, monotonic
    _pause: timedelta = FIRST_PAUSE

    async def run(self) -> None:
        """Until `stopping` is set or it is cancelled; raises LeaseLost when another process took the lane over."""
        ttl = self.platform.send_timeout + SPARE
        while (lease := await self.leases.hold(self.platform.lane, self.owner, ttl, self.clock.now())) is None:
            log.warning("another process holds the lane, waiting for it", lane=self.platform.lane)
            await asyncio.sleep(RENEW.total_seconds())
        self._lease = lease
        try:
            async with asyncio.TaskGroup() as tasks:
                beside = [tasks.create_task(self._renew(ttl)), tasks.create_task(self._listen())]
                await self._serve(tasks)
                if self._busy:
                    await asyncio.wait(self._busy.values(), timeout=LAST_SENDS.total_seconds())
                for task in (*beside, *self._busy.values()):
                    task.cancel()
        finally:
            await self.leases.release(lease)

    def stir(self) -> None:
        """Look again at once: something changed that no row tells."""
        self._stir.set()

    def is_busy(self) -> bool:
        return bool(self._busy)

    async def _renew(self, ttl: timedelta) -> None:
        while True:
            await asyncio.sleep(RENEW.total_seconds())
            lease = await self.leases.hold(self.platform.lane, self.owner, ttl, self.clock.now())
            if lease is None or lease.epoch != self._held().epoch:
                raise LeaseLost(f"lane {self.platform.lane}: another process holds it now")
            self._lease = lease

    async def _listen(self) -> None:
        while True:
            await self.wakes.wait(LOOK_AGAIN)
            self._stir.set()

    async def _serve(self, tasks: asyncio.TaskGroup) -> None:
        while not self.stopping.is_set():
            self._stir.clear()
            wait = self._lane_wait()
            width = self.platform.budget.rates.width
            while wait <= 0 and len(self._busy) < width and (owed := await self._next()) is not None:
                if (wait := self._lane_wait()) > 0:
                    break  # an answer was faster
                chat = owed.channel.address.chat
                self.platform.budget.take(chat, time.monotonic(), _use(owed), is_group=owed.channel.is_group)
                self._busy[chat] = tasks.create_task(self._send(owed, chat))
                wait = self._lane_wait()
            await self._rest(wait)

    def _lane_wait(self) -> float:
        """Seconds until anything may go at all; 0.0 is now."""
        if not self.platform.is_ready():
            return 0.2
        if self._held().expires_at - self.clock.now() < self.platform.send_timeout:
            return 1.0  # no send starts with less lease left than it may take
        now = time.monotonic()
        return max(0.0, self._silent_until - now, self.platform.budget.overall_wait(now))

    async def _next(self) -> Owed | None:
        """The first row whose chat is free and may be written to; posts before edits."""
        now, lane = self.clock.now(), self.platform.lane
        self._asleep.clear()
        while True:
            elsewhere = [*self._busy, *self._asleep]
            rows = await self.outbox.next(lane, now, elsewhere, LOOKED_AT)
            rows = rows or await self.outbox.next_edits(lane, now, elsewhere, LOOKED_AT)
            if not rows:
                return None
            for owed in rows:
                if self._chat_wait(owed.channel.address.chat, _use(owed)) <= 0:
                    return owed
            self._asleep.update((owed.channel.address.chat, _use(owed)) for owed in rows)

    def _chat_wait(self, chat: str, use: Use) -> float:
        return self.platform.budget.chat_wait(chat, time.monotonic(), use)

    async def _rest(self, wait: float) -> None:
        """Until a send has ended, something new is owed, or a chat or the lane may be written to again."""
        if wait <= 0:
            waits = (self._chat_wait(chat, use) for chat, use in self._asleep.items())
            wait = min(waits, default=LOOK_AGAIN.total_seconds())
        try:
            async with asyncio.timeout(min(max(wait, 0.01), LOOK_AGAIN.total_seconds())):
                await self._stir.wait()
        except TimeoutError:
            pass

    async def _send(self, owed: Owed, chat: str) -> None:
        try:
            await self._deliver(owed)
        finally:
            self._busy.pop(chat, None)
            self._stir.set()

    async def _deliver(self, owed: Owed) -> None:
        """Count the attempt, send, mark. A kill between the last two is why a repeat says that it repeats."""
        row, now = owed.delivery, self.clock.now()
        if not row.is_edit and owed.post.expires_at is not None and owed.post.expires_at <= now:
            return await self.outbox.drop(self._held(), owed, "expired")
        if row.attempts >= self._most_attempts(owed) and not row.is_edit:
            return await self._record(owed, Outcome(state=State.UNKNOWN, attempts=row.attempts, error="never answered"))
        try:
            alert = await self.sequels.alert(owed)
            facts = await self._facts(alert or owed)
            moot = "" if row.is_edit else await self.sequels.moot(owed, alert, facts, now)
            view = await self._view(owed, alert, facts, now)
        except Exception:  # a post we cannot even write down must not stop the lane for the others
            log.exception("post cannot be composed", post=owed.post.id, channel=owed.channel.id)
            return await self._record(owed, Outcome(state=State.FAILED, attempts=0, error="cannot be composed"))
        if moot:
            return await self.outbox.drop(self._held(), owed, moot)
        if not await self.outbox.begin(self._held(), owed, now):
            return None
        try:
            ref = await self._hand_over(owed, alert, view)
        except PlatformError as error:
            return await self._failed(owed, error)
        self._pause = FIRST_PAUSE
        async with self.db.tx() as tx:
            await self.outbox.sent(tx, self._held(), owed, ref, self.clock.now())
            await self.notices.of_channel_back(tx, owed.channel, self.clock.now())
            if not row.is_edit:
                await self.sequels.owe(tx, owed, self.platform, self.clock.now())
        self.meter.count("edited" if row.is_edit else "sent", platform=self.platform.name)
        if not row.is_edit and owed.post.kind is not PostKind.NUDGE:  # which waited on purpose
            waited = (self.clock.now() - owed.post.created_at).total_seconds()
            self.meter.observe("delay", waited, platform=self.platform.name)
        return None

    def _most_attempts(self, owed: Owed) -> int:
        """A second thread would part those who talk, and a missing one is missed by nobody for long."""
        hangs = isinstance(self.platform, OpensThreads) and self.platform.hangs_threads
        return 1 if owed.post.kind is PostKind.THREAD and not hangs else MOST_ATTEMPTS

    async def _view(self, owed: Owed, alert: Owed | None, facts: Sequence[Facts], now: datetime) -> View:
        """`alert`: what it follows, which says what is to be said, and who took it."""
        row, told = owed.delivery, alert or owed
        # What the platform still remembers under the row's nonce stays one message: nothing is repeated.
        forgotten = row.attempted_at is None or now - row.attempted_at >= self.platform.dedupes_for
        others = {slug for one in facts for slug in one.sources if len(one.sources) > 1}
        is_share = owed.post.kind is PostKind.SHARE
        ack = self.people.named(await self.acks.of(self.db, told.post.id, row.channel))
        view = self.composer.view(
            told,
            facts,
            ack,
            await self.votes.of(self.db, row.post, row.channel),
            repeats=row.attempts > 0 and forgotten and not row.is_edit,
            titles=await self.sources.titles(self.db, others) if others else {},
            watchlist=await self.subscriptions.watchlist(self.db, owed.channel.community),
            now=now,
            share=self.people.signed(await self.shares.of(self.db, row.post, row.channel)) if is_share else None,
        )
        return view if alert is None else following(owed, alert, view, is_free=ack is None, link=self._link(alert))

    def _link(self, alert: Owed | None) -> str:
        if alert is None or alert.delivery.message_ref is None or not isinstance(self.platform, OpensThreads):
            return ""
        return self.platform.link(alert.channel, alert.delivery.message_ref)

    async def _facts(self, owed: Owed) -> Sequence[Facts]:
        wanted = owed.post.payload.get("articles")
        numbers = [ArticleId(number) for number in wanted] if isinstance(wanted, list) else []
        found = await self.articles.facts(self.db, numbers) if numbers else ()
        return [await told_together(self.stories, self.articles, self.db, owed.post, one) for one in found]

    async def _hand_over(self, owed: Owed, alert: Owed | None, view: View) -> str:
        row, started, place = owed.delivery, time.monotonic(), await self.sequels.place(owed)
        try:
            async with asyncio.timeout(self.platform.send_timeout.total_seconds()):
                if row.is_edit and row.message_ref is not None:
                    await self.platform.edit(place, row.message_ref, view)
                    return row.message_ref
                if owed.post.kind is PostKind.THREAD:
                    return await self._open_thread(alert, view)
                return await self.platform.send(place, view, nonce=row.nonce)
        except ChannelGone as error:
            if owed.post.kind is PostKind.CARD:  # somebody closed the thread, and the channel goes on
                raise Rejected(str(error)) from None
            raise
        except TimeoutError:
            raise Uncertain(f"{self.platform.name}: no answer in time") from None
        finally:
            self.meter.observe("send", time.monotonic() - started, platform=self.platform.name)

    async def _open_thread(self, alert: Owed | None, view: View) -> str:
        ref = alert.delivery.message_ref if alert is not None else None
        if alert is None or ref is None or not isinstance(self.platform, OpensThreads):
            raise Rejected(f"{self.platform.name}: no message to open a thread about")
        return await self.platform.open_thread(alert.channel, ref, view)

    async def _failed(self, owed: Owed, error: PlatformError) -> None:
        outcome, kind = after(owed.delivery, error), type(error).__name__
        self.meter.count("send_errors", platform=self.platform.name, error=kind)
        if isinstance(error, Throttled) and error.scope == "chat" and owed.post.kind is PostKind.THREAD:
            until = self.clock.now() + error.after  # how many threads may be opened is no limit of messages
            return await self.outbox.put_off(self._held(), owed, until)
        self._heed(owed, error, outcome)
        log.warning("not delivered", platform=self.platform.name, post=owed.post.id, channel=owed.channel.id, kind=kind)
        return await self._record(owed, outcome, unpermitted=isinstance(error, Unpermitted))

    def _heed(self, owed: Owed, error: PlatformError, outcome: Outcome) -> None:
        """How long the chat or the lane keeps silent."""
        now = time.monotonic()
        if isinstance(error, Muzzled):
            pass  # the row of the channel says until when, and is freed when we are let in again
        elif isinstance(error, Throttled):
            chat = owed.channel.address.chat if error.scope == "chat" else ""
            self.platform.budget.obey(chat, error.after.total_seconds(), now)
        elif outcome.lane_waits is not None:
            wait = outcome.lane_waits
            if isinstance(error, Unreachable):
                wait = self._pause
                self._pause = min(self._pause * 2, LONGEST_PAUSE)
            self._silent_until = max(self._silent_until, now + wait.total_seconds())

    async def _record(self, owed: Owed, outcome: Outcome, *, unpermitted: bool = False) -> None:
        if outcome.state is State.UNKNOWN:
            log.error("perhaps delivered; not tried again", post=owed.post.id, channel=owed.channel.id)
        now = self.clock.now()
        async with self.db.tx() as tx:
            gone = await self.outbox.failed(tx, self._held(), owed, outcome, now)
            await self.notices.of_channels(tx, gone, "gone", now)
            if outcome.channel_muzzled:
                await self.notices.of_channels(tx, [owed.channel], "muzzled", now)
            if unpermitted:
                await self.notices.of_no_thread(tx, owed.channel, now)

    def _held(self) -> Lease:
        if self._lease is None:
            raise LeaseLost(f"lane {self.platform.lane}: not held")
        return self._lease


def _use(owed: Owed) -> Use:
    return Use.EDIT if owed.delivery.is_edit else Use.POST
