"""What follows an alert in a channel: owed in the transaction that says it was sent, looked at again before it goes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.alert import Severity
from bot.domain.article import Facts
from bot.domain.channel import Channel
from bot.domain.delivery import PostKind, State, story_of
from bot.domain.ids import PostId, StoryId
from bot.domain.sequel import alert_in, nudged_at, sequel, sequel_key
from bot.pipeline.stories import StoryRows
from bot.ports import Database, OpensThreads, Platform, Tx
from bot.stores import Acks, Mutes, Outbox, Owed


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequels:
    db: Database
    outbox: Outbox
    stories: StoryRows
    acks: Acks
    mutes: Mutes

    async def owe(self, tx: Tx, sent: Owed, platform: Platform, now: datetime) -> None:
        """What this message brings after it, now that it stands in its channel."""
        threads = platform if isinstance(platform, OpensThreads) else None
        match sent.post.kind:
            case PostKind.ALERT:
                await self._owe_nudge(tx, sent, now)
                if threads is not None:
                    await self._owe_thread(tx, sent, threads, now)
            case PostKind.THREAD if threads is not None and not threads.hangs_threads:
                await self._owe_card(tx, sent, now)

    async def _owe_nudge(self, tx: Tx, alert: Owed, now: datetime) -> None:
        if (due := nudged_at(alert.post, alert.channel, now)) is not None:
            nudge = sequel(PostKind.NUDGE, alert.post, now)
            await self.outbox.owe_to(tx, nudge, alert.channel, silent=alert.delivery.silent, due=due)

    async def _owe_thread(self, tx: Tx, alert: Owed, threads: OpensThreads, now: datetime) -> None:
        channel = alert.channel
        if channel.threads and threads.takes_threads(channel) and not await self._has_thread(tx, alert):
            await self.outbox.owe_to(tx, sequel(PostKind.THREAD, alert.post, now), channel, silent=True)

    async def _owe_card(self, tx: Tx, thread: Owed, now: datetime) -> None:
        alert = await self.alert(thread)
        if alert is not None:
            card = sequel(PostKind.CARD, alert.post, now, thread=thread.post.id)
            await self.outbox.owe_to(tx, card, thread.channel, silent=True)

    async def _has_thread(self, tx: Tx, alert: Owed) -> bool:
        """A story that rings again as it grows graver is talked about where it was before."""
        told = await self.stories.told(tx, StoryId(int(story_of(alert.post.key))))
        keys = [sequel_key(PostKind.THREAD, post.id) for post in told]
        return bool(await self.outbox.told(tx, alert.channel.id, keys))

    async def alert(self, owed: Owed) -> Owed | None:
        """The alert that this follows, as this channel has it; None: it follows none, or the channel has it no more."""
        alert = alert_in(owed.post)
        return None if alert is None else await self.outbox.delivery(self.db, alert, owed.channel.id)

    async def moot(self, owed: Owed, alert: Owed | None, facts: Sequence[Facts], now: datetime) -> str:
        """Why it need not be sent any more; "": it is still wanted."""
        if alert_in(owed.post) is None:
            return ""
        if alert is None or alert.delivery.state is not State.SENT:
            return "its alert is not there"
        if owed.post.kind is not PostKind.NUDGE:  # of a chat that became another, the message cannot be named any more
            return "" if alert.delivery.message_ref is not None else "its alert is not there"
        if owed.channel.nudge is None:
            return "switched off"
        if not facts or facts[0].severity is not Severity.CRITICAL:
            return "critical no more"
        if await self.acks.of(self.db, alert.post.id, owed.channel.id) is not None:
            return "taken"
        mutes = await self.mutes.of(self.db, owed.channel.id, now)
        return "muted" if any(mute.covers(facts[0], now) for mute in mutes) else ""

    async def place(self, owed: Owed) -> Channel:
        """Where it is written: a card in the thread that was opened for it."""
        if owed.post.kind is not PostKind.CARD:
            return owed.channel
        number = PostId(int(str(owed.post.payload["thread"])))
        thread = await self.outbox.delivery(self.db, number, owed.channel.id)
        ref = thread.delivery.message_ref if thread is not None else None
        return replace(owed.channel, address=replace(owed.channel.address, thread=ref or owed.channel.address.thread))
