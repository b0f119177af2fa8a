"""Of the rows: what people did: their votes, their acknowledgements, the buttons they were given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.domain.delivery import Post
from bot.domain.ids import ArticleId, ChannelId, PostId
from bot.domain.share import Share
from bot.domain.token import Purpose, Token
from bot.ports import Reader, Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """Who took an alert in one channel. `name` is shown there, and kept encrypted."""

    name: str
    person: str  # keyed hash
    taken_at: datetime
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alert one channel was told of, and what became of it there."""

    post: Post
    ack: Ack | None  # None: nobody has taken it


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

    async def alarms(self, reader: Reader, channel: ChannelId, since: datetime, limit: int) -> Sequence[Alarm]:
        """Newest first: the alerts of this channel that rang there, alone or in a digest."""
        ...


class Shares(Protocol):
    async def add(self, tx: Tx, share: Share) -> bool:
        """False when somebody shared it there before."""
        ...

    async def of(self, reader: Reader, post: PostId, channel: ChannelId) -> Share | None: ...

    async def since(self, reader: Reader, person: str, moment: datetime) -> int:
        """How many this person shared after that moment, wherever, withdrawn or not."""
        ...

    async def withdraw(self, tx: Tx, post: PostId, channel: ChannelId, now: datetime) -> bool:
        """False when it was before."""
        ...

    async def restore(self, tx: Tx, post: PostId, channel: ChannelId) -> bool: ...

    async def stands(self, reader: Reader, post: PostId) -> bool:
        """In some channel."""
        ...

    async def fade(self, tx: Tx, withdrawn_before: datetime) -> None:
        """Names and notes that are shown no longer."""
        ...


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

    async def lately(self, reader: Reader, channel: ChannelId, since: datetime) -> Mapping[ArticleId, Tally]:
        """What was voted on in a channel since then, by the article that its post tells."""
        ...


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
