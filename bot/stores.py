"""What flows and commands ask of the rows; `storage/` has one file for each noun.

A method that takes `tx` belongs to the caller's transaction; the others read committed rows beside the writer.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.domain.alert import Alert
from bot.domain.article import Article, Facts, Product, Understanding
from bot.domain.channel import Address, Channel, Rhythm, Subscription
from bot.domain.command import Where
from bot.domain.deadline import Deadline
from bot.domain.delivery import Breaks, Delivery, Outcome, Post
from bot.domain.ids import ArticleId, ChannelId, PostId, RuleId, SourceId, StoryId
from bot.domain.milestone import Line
from bot.domain.rule import Rule
from bot.domain.sighting import Known, Sighting
from bot.domain.source import Source
from bot.domain.token import Purpose, Token
from bot.ports import Lease, Reader, Tx


class Sources(Protocol):
    async def all(self) -> Sequence[Source]:
        """By slug; disabled ones too."""
        ...

    async def titles(self, reader: Reader, slugs: Collection[str]) -> Mapping[str, str]:
        """Of those that exist, by slug."""
        ...

    async def claim(self, now: datetime, limit: int, until: datetime) -> Sequence[Source]:
        """Due sources, now claimed: no other reader gets them before `until`."""
        ...

    async def next_due(self) -> datetime | None: ...

    async def release_claims(self) -> None:
        """Only where no other process can hold one."""
        ...

    async def save(self, tx: Tx, *sources: Source) -> None:
        """The state of reading, and the kind once it is found out; their claims end."""
        ...

    async def add(self, tx: Tx, source: Source) -> SourceId | None:
        """None when its slug or its address is already watched."""
        ...

    async def decide(self, tx: Tx, source: SourceId, *, admitted: bool) -> bool:
        """The operator's word on a pending one: it is read from now on, or disabled. False when it waits no more."""
        ...

    async def disable(self, tx: Tx, slug: str) -> bool:
        """False when there is none. What it said stays in the archive, and its identities with it."""
        ...

    async def follow_file(self, tx: Tx, sources: Sequence[Source]) -> None:
        """A sources file owns its slugs: adds, updates, and disables what it no longer lists."""
        ...


class Articles(Protocol):
    async def sightings(self, reader: Reader, source: SourceId, keys: Sequence[str]) -> Mapping[str, Sighting]: ...

    async def under(self, reader: Reader, url: str) -> Sequence[Known]:
        """The articles under this canonical address, oldest first."""
        ...

    async def under_each(self, reader: Reader, urls: Sequence[str]) -> Mapping[str, Sequence[Known]]:
        """The same for several, by the address as it was given."""
        ...

    async def add(self, tx: Tx, *new: tuple[Article, Understanding, str]) -> Sequence[tuple[ArticleId, StoryId]]:
        """New articles, each with its content hash and in a story of its own; in their order."""
        ...

    async def sight(
        self,
        tx: Tx,
        source: SourceId,
        names: Sequence[str],
        article: ArticleId,
        content_hash: str,
        now: datetime,
        *,
        new: bool = False,
    ) -> bool:
        """True when this source had not listed this article before, under whatever name. A name another article of the
        source goes by stays that one's. `new`: it was added in this transaction, so nobody had."""
        ...

    async def sight_again(self, tx: Tx, source: SourceId, article: ArticleId, content_hash: str) -> None:
        """What the source says of this article has changed."""
        ...

    async def said_before(self, reader: Reader, source: SourceId, hashes: Collection[str]) -> int:
        """How many of these contents the source has said under whatever name."""
        ...

    async def revise(
        self, tx: Tx, number: ArticleId, article: Article, found: Understanding, content_hash: str
    ) -> None: ...

    async def mark_exploited(self, tx: Tx, number: ArticleId, alert: Alert | None) -> None:
        """A new revision, of which this and what the alert is from now on are all that changes."""
        ...

    async def facts(self, reader: Reader, numbers: Sequence[ArticleId]) -> Sequence[Facts]:
        """In the order asked; numbers that do not exist are left out."""
        ...

    async def lines(self, reader: Reader, source: SourceId) -> Sequence[Line]:
        """The milestones of a living page as they were last told, oldest first."""
        ...

    async def newest(
        self, limit: int, *, source: str | None = None, topic: str | None = None, alerts: bool = False
    ) -> Sequence[Facts]: ...

    async def since(self, moment: datetime, limit: int) -> Sequence[Facts]:
        """The newest `limit` published (or first seen) at or after `moment`, newest first."""
        ...


class Channels(Protocol):
    async def ensure(self, tx: Tx, where: Where, lane: str, language: str, timezone: str) -> Channel:
        """The channel of this address, made if need be, and active again if it was not: somebody there talks to us."""
        ...

    async def at(self, address: Address) -> Channel | None: ...

    async def save(self, tx: Tx, channel: Channel, now: datetime) -> None:
        """Its settings, with the hours that follow from them."""
        ...

    async def gone(self, tx: Tx, address: Address, *, community: str = "") -> None:
        """A thread; the whole chat; with "" as its id, every channel of the community. What was owed is dropped."""
        ...

    async def back(self, tx: Tx, address: Address, *, community: str = "") -> None:
        """We were let in again: the chat in all its threads (with "" as its id, the community) hears us at once."""
        ...

    async def moved(self, tx: Tx, old: Address, new: Address) -> None: ...

    async def hush(self, tx: Tx, address: Address, until: datetime) -> None:
        """No message to this chat before `until`, whatever its thread."""
        ...

    async def private(self, reader: Reader, communities: Sequence[str] | None = None) -> Sequence[Channel]:
        """The bot's own chats with these people ("telegram:7"), with everybody if None; not those that shut it out."""
        ...

    async def configured_by(self, reader: Reader, person: str) -> Sequence[Where]:
        """Channels of groups in which this person (keyed hash) changed something."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A delivery with what is needed to send it."""

    delivery: Delivery
    post: Post
    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """Who took an alert in one channel. `name` is shown there, and kept encrypted."""

    name: str
    person: str  # keyed hash
    taken_at: datetime
    done_at: datetime | None = None


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
        told_of: StoryId | None = None,
        unless_had: Sequence[str] = (),
    ) -> int:
        """Writes the post (once) and what it owes to every channel that wants one of `rules`; how many were new.

        `told_of`: also to those that were told of this story, or are to be, whatever they want by now. `unless_had`:
        keys of posts; to nobody who is or was owed one of them.

        Rhythm, quiet hours and pauses decide between todo and held. `hold_until`: held at least so long, to be folded.
        `only`: to this community's channels; `but`: to all except these communities'.
        """
        ...

    async def owe_to(self, tx: Tx, post: Post, channel: Channel, *, silent: bool = False) -> PostId:
        """One post for one channel, at once."""
        ...

    async def revise(self, tx: Tx, story: StoryId) -> int:
        """What a story's posts say has changed: sent ones are edited, unsent ones show the newest. How many rows."""
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

    async def sent(self, lease: Lease, owed: Owed, ref: str, now: datetime) -> None:
        """Raises LeaseLost."""
        ...

    async def failed(self, lease: Lease, owed: Owed, outcome: Outcome, now: datetime) -> None:
        """Row, channel and chat as `outcome` says. Raises LeaseLost."""
        ...

    async def expire(self, now: datetime) -> int: ...

    async def drop(self, lease: Lease, owed: Owed, why: str) -> None: ...

    async def next_due(self) -> datetime | None:
        """When the next held delivery is to be looked at."""
        ...

    async def due(self, now: datetime, limit: int) -> Sequence[tuple[Channel, Sequence[Delivery]]]:
        """Channels with held deliveries whose hour has come, and those deliveries, in order."""
        ...

    async def release(self, tx: Tx, channel: ChannelId, posts: Sequence[PostId]) -> None:
        """Held to todo."""
        ...

    async def fold(self, tx: Tx, channel: Channel, posts: Sequence[PostId], into: Post) -> None:
        """One post in the place of many."""
        ...

    async def hold_overdue(self, tx: Tx, now: datetime, older_than: timedelta) -> int:
        """After a long stop: what is no alert and waited too long is held, to be folded."""
        ...

    async def articles_of(self, reader: Reader, posts: Sequence[PostId]) -> Sequence[ArticleId]: ...

    async def delivery(self, reader: Reader, post: PostId, channel: ChannelId) -> Owed | None: ...

    async def of_story(self, reader: Reader, facts: Facts, channel: ChannelId) -> list[Owed]:
        """What this channel was owed of an article's story, and of its moved dates, in the order it was owed."""
        ...

    async def counts(self) -> Mapping[tuple[str, str], int]:
        """(lane, "todo" | "held" | "failed" | "unknown") → how many; from partial indexes only."""
        ...


class Acks(Protocol):
    async def take(self, tx: Tx, post: PostId, channel: ChannelId, ack: Ack) -> Ack:
        """The first to take it keeps it; who holds it now."""
        ...

    async def release(self, tx: Tx, post: PostId, channel: ChannelId, person: str) -> bool:
        """False when somebody else holds it, nobody does, or it is done."""
        ...

    async def close(self, tx: Tx, post: PostId, channel: ChannelId, person: str, now: datetime) -> bool:
        """Done, by whoever took it."""
        ...

    async def fade(self, tx: Tx, closed_before: datetime) -> None:
        """Names that need not be shown any longer."""
        ...

    async def of(self, reader: Reader, post: PostId, channel: ChannelId) -> Ack | None: ...


class Audit(Protocol):
    async def note(self, tx: Tx, now: datetime, channel: ChannelId, person: str, verb: str, **values: str) -> None: ...

    async def persons(self, reader: Reader, communities: Sequence[str]) -> frozenset[str]:
        """Keyed hashes of those who changed something there."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    up: int = 0
    down: int = 0


class Votes(Protocol):
    async def vote(self, tx: Tx, post: PostId, channel: ChannelId, person: str, value: int, now: datetime) -> bool:
        """1 or -1; the same again takes it back. True when it counts from now on."""
        ...

    async def of(self, reader: Reader, post: PostId, channel: ChannelId) -> Tally: ...


class Saved(Protocol):
    async def keep(self, tx: Tx, person: str, article: ArticleId, now: datetime) -> bool:
        """False when it was kept already."""
        ...

    async def drop(self, tx: Tx, person: str, article: ArticleId) -> bool: ...

    async def of(self, reader: Reader, person: str, limit: int) -> Sequence[ArticleId]:
        """The last kept first."""
        ...


class Tokens(Protocol):
    async def add(self, tx: Tx, code: str, token: Token) -> None: ...

    async def read(self, reader: Reader, purpose: Purpose, code: str, now: datetime) -> Token | None:
        """None for one that never was, or has expired; one that was used says when."""
        ...

    async def use(self, tx: Tx, purpose: Purpose, code: str, now: datetime) -> Token | None:
        """As it was before; None for every time but the first."""
        ...

    async def first(self, tx: Tx, name: str, now: datetime) -> bool:
        """True the first time this press is heard; remembered for a day, as long as a platform tells it again."""
        ...

    async def change(self, tx: Tx, code: str, payload: Mapping[str, Any]) -> None: ...

    async def sweep(self, tx: Tx, now: datetime) -> None:
        """Away with what expired a day ago: until then a late press is told so."""
        ...


class Persons(Protocol):
    """All that the rows hold of one person, by keyed hash."""

    async def data(self, reader: Reader, person: str, community: str) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """What → rows, as `mydata` gives them away; names still sealed, no hash, no other person's."""
        ...

    async def touched(self, tx: Tx, person: str) -> Sequence[tuple[PostId, ChannelId]]:
        """Messages that show the person's name or count their vote."""
        ...

    async def forget(self, tx: Tx, person: str) -> None:
        """Every row; in the audit the deed stays and the person goes."""
        ...

    async def forget_chat(self, tx: Tx, community: str) -> None:
        """The person's own chat with the bot: its settings, subscriptions, and what was said there."""
        ...


class Deadlines(Protocol):
    async def coming(self, reader: Reader, after: datetime, limit: int) -> Sequence[Deadline]:
        """Soonest first, each with its claims, newest first."""
        ...
