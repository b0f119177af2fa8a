"""Of the rows: who is told what, and what became of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.article import Facts, Product
from bot.domain.channel import Address, Channel, Rhythm, Subscription
from bot.domain.command import Where
from bot.domain.delivery import Breaks, Delivery, Outcome, Post, State
from bot.domain.ids import ArticleId, ChannelId, PostId, RuleId, StoryId
from bot.domain.mute import Mute
from bot.domain.reminder import Habit
from bot.domain.rule import Rule
from bot.ports import Lease, Reader, Tx


class Channels(Protocol):
    async def ensure(self, tx: Tx, where: Where, lane: str, language: str, timezone: str) -> Channel:
        """The channel of this address, made if need be, and active again if it was not: somebody there talks to us."""
        ...

    async def at(self, address: Address) -> Channel | None: ...

    async def numbered(self, reader: Reader, number: ChannelId) -> Channel | None: ...

    async def lock(self, tx: Tx, number: ChannelId) -> None:
        """Nobody else changes this channel, nor locks it, until the transaction ends."""
        ...

    async def save(self, tx: Tx, channel: Channel, now: datetime) -> None:
        """Its settings, with the hours that follow from them."""
        ...

    async def pause(self, tx: Tx, channel: Channel, until: datetime, now: datetime) -> Channel:
        """All that is owed to it before `until` is held till then, but alerts that are on their way. It as it is after.

        With `until` now, the pause that is running ends: what it holds is due at once, when quiet hours end, or with
        its letter if that is still to come.
        """
        ...

    async def gone(self, tx: Tx, address: Address, *, community: str = "") -> Sequence[Channel]:
        """A thread; the whole chat; with "" as its id, every channel of the community. What was owed is dropped.
        Those that were not gone before."""
        ...

    async def back(self, tx: Tx, address: Address, *, community: str = "") -> None:
        """We were let in again: the chat in all its threads (with "" as its id, the community) hears us at once."""
        ...

    async def moved(self, tx: Tx, old: Address, new: Address) -> None: ...

    async def of_chat(self, reader: Reader, address: Address) -> Sequence[Channel]:
        """In all its threads."""
        ...

    async def tell(self, tx: Tx, channels: Sequence[ChannelId], *, told: bool) -> None: ...

    async def hush(self, tx: Tx, address: Address, until: datetime) -> None:
        """No message to this chat before `until`, whatever its thread."""
        ...

    async def private(self, reader: Reader, communities: Sequence[str] | None = None) -> Sequence[Channel]:
        """The bot's own chats with these people ("telegram:7"), with everybody if None; not those that shut it out."""
        ...

    async def groups(self, reader: Reader) -> Sequence[Channel]:
        """All but the bot's own chats with people; those that put it out too."""
        ...

    async def configured_by(self, reader: Reader, person: str) -> Sequence[Where]:
        """Channels of groups in which this person (keyed hash) changed something."""
        ...

    async def habits(self, reader: Reader) -> Sequence[Habit]:
        """Those by which some channel is reminded."""
        ...

    async def refresh_hours(self, tx: Tx, now: datetime) -> bool:
        """Recompute some of the quiet windows and digest hours that have passed. True: perhaps not all of them."""
        ...


class Subscriptions(Protocol):
    async def add(self, tx: Tx, channel: ChannelId, rule: Rule, how: Rhythm, *, silent: bool, now: datetime) -> RuleId:
        """The same rule again changes how it is delivered."""
        ...

    async def remove(self, tx: Tx, channel: ChannelId, rule: RuleId) -> bool: ...

    async def of(self, reader: Reader, channel: ChannelId) -> Sequence[Subscription]: ...  # oldest first

    async def candidates(self, reader: Reader, anchors: frozenset[str]) -> Sequence[tuple[RuleId, Rule]]:
        """Rules that somebody wants and that share an anchor."""
        ...

    async def watchlist(self, reader: Reader, community: str) -> frozenset[Product]: ...

    async def watch(self, tx: Tx, community: str, products: Sequence[Product]) -> int: ...  # how many were new

    async def unwatch(self, tx: Tx, community: str, products: Sequence[Product]) -> int: ...  # how many were there

    async def channels(self, reader: Reader, rule: Rule) -> Sequence[Channel]: ...  # those that want exactly this

    async def communities(self, reader: Reader, rules: Collection[RuleId]) -> Sequence[str]:
        """Chats and servers in which some channel wants one of these."""
        ...


class Mutes(Protocol):
    async def put(self, tx: Tx, mute: Mute) -> None:
        """The same words again: from now on as this one says."""
        ...

    async def end(self, tx: Tx, channel: ChannelId, rule: Rule, until: datetime) -> None:
        """It runs until then, sooner or later than was said."""
        ...

    async def remove(self, tx: Tx, channel: ChannelId, rule: Rule) -> None:
        """As if it had never been."""
        ...

    async def running(self, reader: Reader, at: datetime) -> Sequence[Mute]: ...  # in any channel

    async def of(self, reader: Reader, channel: ChannelId, at: datetime) -> Sequence[Mute]: ...  # the next to end first

    async def sweep(self, tx: Tx, before: datetime) -> None:
        """Away with those that ended before."""
        ...


class Withdrawals(Protocol):
    async def unsent(self, reader: Reader, channel: ChannelId) -> Sequence["Owed"]:
        """What this channel is owed and no send has begun of."""
        ...

    async def withdraw(self, tx: Tx, channel: ChannelId, posts: Sequence[PostId], mute: Rule) -> None:
        """No longer owed, for a silence on these words; `why` says so."""
        ...

    async def give_back(self, tx: Tx, channel: ChannelId, posts: Sequence[PostId], state: State) -> None:
        """Of these, those that a silence took back."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A delivery with what is needed to send it."""

    delivery: Delivery
    post: Post
    channel: Channel


class Outbox(Protocol):
    async def owe(
        self,
        tx: Tx,
        post: Post,
        rules: Sequence[RuleId],
        *,
        now: datetime,
        breaks_quiet: Breaks,
        hold_until: datetime | None,
        only: str = "",
        but: Sequence[str] = (),
        told_of: Sequence[StoryId] = (),
        habit: Habit | None = None,
        unless_had: Sequence[str] = (),
        hushed: Sequence[ChannelId] = (),
    ) -> int:
        """Writes the post (once) and what it owes to every channel that wants one of `rules`; how many were new.

        `told_of`: also to those that were told of these stories, or are to be, whatever they want by now. `habit`: to
        channels that are reminded so, whatever the rhythm of the rule; quiet hours and pauses hold it all the same.
        `unless_had`: keys of posts; to nobody who is or was owed one of them. `hushed`: channels that have muted it.

        Rhythm, quiet hours and pauses decide between todo and held. `hold_until`: held at least so long, to be folded.
        `only`: to this community's channels; `but`: to all except these communities'.
        """
        ...

    async def owe_to(
        self, tx: Tx, post: Post, channel: Channel, *, silent: bool = False, due: datetime | None = None
    ) -> PostId:
        """One post for one channel: at once, or held until it is `due`."""
        ...

    async def retract(self, tx: Tx, keys: Sequence[str]) -> None:
        """What was owed of these posts and has not been said is owed no more; one of which nothing was said is gone."""
        ...

    async def known(self, reader: Reader, keys: Sequence[str]) -> frozenset[str]:
        """Those of these posts that were made."""
        ...

    async def revise(self, tx: Tx, story: StoryId) -> int:
        """What a story's posts say has changed, and what follows them: sent ones are edited, unsent ones show the
        newest. How many rows."""
        ...

    async def revise_one(self, tx: Tx, post: PostId, channel: ChannelId) -> None:
        """The same for one channel: somebody there took the alert."""
        ...

    async def next(self, lane: str, now: datetime, busy: Sequence[str], limit: int) -> Sequence[Owed]:
        """What may go now, first things first, at most one a chat; `busy` are chats to leave alone."""
        ...

    async def next_edits(self, lane: str, now: datetime, busy: Sequence[str], limit: int) -> Sequence[Owed]: ...

    async def begin(self, lease: Lease, owed: Owed, now: datetime) -> bool:
        """Counts the attempt, before the send. False: the row no longer wants to be sent. Raises LeaseLost."""
        ...

    async def sent(self, tx: Tx, lease: Lease, owed: Owed, ref: str, now: datetime) -> None:
        """Raises LeaseLost."""
        ...

    async def failed(self, tx: Tx, lease: Lease, owed: Owed, outcome: Outcome, now: datetime) -> Sequence[Channel]:
        """Row, channel and chat as `outcome` says. The channels that are gone by it. Raises LeaseLost."""
        ...

    async def expire(self, now: datetime) -> int: ...

    async def drop(self, lease: Lease, owed: Owed, why: str) -> None: ...

    async def put_off(self, lease: Lease, owed: Owed, until: datetime) -> None:
        """What was surely not carried out is held until then; nothing else waits for it. Raises LeaseLost."""
        ...

    async def next_due(self) -> datetime | None:
        """When the next held delivery is to be looked at."""
        ...

    async def due(self, now: datetime, limit: int) -> Sequence[tuple[Channel, Sequence[Delivery]]]:
        """Channels with held deliveries whose hour has come, and those deliveries, in order."""
        ...

    async def release(self, tx: Tx, channel: ChannelId, posts: Sequence[PostId]) -> None:
        """Held to todo."""
        ...

    async def hold_longer(self, tx: Tx, channel: ChannelId, posts: Sequence[PostId], until: datetime) -> None:
        """Held, and for longer."""
        ...

    async def fold(self, tx: Tx, channel: Channel, posts: Sequence[PostId], into: Sequence[Post]) -> None:
        """A few posts in the place of many."""
        ...

    async def hold_overdue(self, tx: Tx, now: datetime, older_than: timedelta) -> int:
        """After a long stop: what is no alert and waited too long is held, to be folded, as due since so long."""
        ...

    async def articles_of(self, reader: Reader, posts: Sequence[PostId]) -> Sequence[ArticleId]: ...

    async def delivery(self, reader: Reader, post: PostId, channel: ChannelId) -> Owed | None: ...

    async def of_story(self, reader: Reader, facts: Facts, channel: ChannelId) -> list[Owed]:
        """What this channel was owed of an article's story, and of its moved dates, in the order it was owed."""
        ...

    async def held(self, reader: Reader, channel: ChannelId) -> Sequence[Delivery]:
        """What waits in a channel to be folded, as `due` orders it; alerts and reminders go by themselves."""
        ...

    async def told(self, reader: Reader, channel: ChannelId, keys: Sequence[str]) -> frozenset[str]:
        """Those of these posts that this channel was told, alone or in a digest."""
        ...

    async def counts(self) -> Mapping[tuple[str, str], int]:
        """(lane, "todo" | "held" | "failed" | "unknown") → how many; from partial indexes only."""
        ...
