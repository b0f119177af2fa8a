"""What the edges implement. A port says what it returns, in which order and unit, and which errors it may raise."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString, Protocol, TypeVar, runtime_checkable

from bot.domain.article import Article
from bot.domain.budget import Budget
from bot.domain.channel import Channel
from bot.domain.command import Answer, CommandSpec, Event, Person, Rights, Where
from bot.domain.entry import Entry
from bot.domain.ids import ArticleId
from bot.domain.query import Query, Repair
from bot.domain.rule import Term
from bot.domain.source import Source
from bot.domain.vulnerability import Exploited
from bot.view import View

T = TypeVar("T")


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware, UTC."""
        ...


# -- reading ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one GET brought. `url` is the address after redirects; `body` is decompressed, 8 MiB at most."""

    url: str
    body: bytes
    media_type: str = ""  # lower case, without parameters
    charset: str = ""  # of the Content-Type header; "": not said
    etag: str | None = None
    last_modified: str | None = None
    fresh_for: timedelta | None = None  # Cache-Control max-age, Expires or Retry-After, capped; None: not said
    truncated: bool = False  # the body ended early: keep the complete items, forget the ETag
    moved_to: str | None = None  # where 301 and 308 alone led; None: it did not move for good


@dataclass(frozen=True, slots=True)
class NotModified:
    fresh_for: timedelta | None = None
    moved_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink:
    """An address on a page that may be a feed. `declared`: the page's head says so, not only a link for its readers."""

    url: str  # absolute, http or https
    declared: bool


class Outline(Protocol):
    """One line of somebody's list of feeds (OPML), as it is said there."""

    @property
    def line(self) -> int:
        """Of the document, from 1."""
        ...

    @property
    def folder(self) -> str:
        """Names of the outlines around it, "A / B"; "": none."""
        ...

    @property
    def title(self) -> str: ...

    @property
    def xml_url(self) -> str:
        """As written: perhaps no address at all."""
        ...


class Fetcher(Protocol):
    async def get(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Page | NotModified:
        """One guarded GET: caps, politeness, redirects and one total deadline are its own. Raises FetchError."""
        ...


class SourceKind(Protocol):
    """Reads one kind of page. Pure: it runs in a worker process, so it must pickle, and so must all it returns."""

    name: str

    def parse(self, page: Page, source: Source) -> Sequence[Entry]:
        """Entries as the page orders them, at most 1,000; [] if it lists none. Raises ParseError."""
        ...


@runtime_checkable
class ReadsArticle(Protocol):
    """A kind whose list shows teasers only: the core fetches the article's page and completes the entry with it."""

    def page_of(self, entry: Entry) -> str:
        """Address of the page that says more; mostly the entry's own."""
        ...

    def read(self, page: Page, entry: Entry) -> Entry:
        """The same key, url; what the page says better. Raises ParseError."""
        ...


@runtime_checkable
class Advises(Protocol):
    """A kind whose pages may say how long nothing new is to be expected."""

    def advice(self, page: Page) -> timedelta | None:
        """A day at most; None: it says nothing, or nothing sensible. So little work that the loop may do it."""
        ...


@runtime_checkable
class HasParts(Protocol):
    """A kind whose page may be but a list of further pages: the core reads those in its place."""

    def parts(self, page: Page, source: Source) -> Sequence[str]:
        """Their addresses, what changed last first; () for a page that lists entries itself. Raises ParseError."""
        ...

    def dates_parts(self, page: Page) -> bool:
        """The page changes whenever one of its parts does: unchanged, it needs no further reading."""
        ...


@runtime_checkable
class ListsExploited(Protocol):
    """A kind whose entries are no articles but facts: the CVE that are exploited."""

    def exploited(self, page: Page) -> Sequence[Exploited]:
        """In any order; all of them, however many. Raises ParseError."""
        ...


class Cpu(Protocol):
    async def run(self, function: Callable[..., T], *args: object, deadline: timedelta) -> T:
        """`function(*args)` in a worker process, killed past the deadline.

        Raises what it raised, or ParseError("timeout").
        """
        ...


class Summariser(Protocol):
    """Somebody who writes summaries besides us: what it says is believed only when `bot.text.faithful` finds it in the
    text. Without one, the sentences that understanding chose stand."""

    @property
    def name(self) -> str:
        """Of the model: another one is asked anew."""
        ...

    async def summarise(self, article: Article, language: str) -> str:
        """`language`: what it is written in, "fr" or "en". Raises ModelError; UnusableAnswer for an answer that is no
        summary."""
        ...


# -- the store --------------------------------------------------------------------------------------------------------


class Row(Protocol):
    """A row by the names of its columns; `dict(row)` is all of it."""

    def __getitem__(self, column: str, /) -> Any:  # Any: the statement beside it says what it is, no type checker can
        ...

    def keys(self) -> Iterable[str]: ...

    def __iter__(self) -> Iterator[Any]:
        """The values, in the order of the columns."""
        ...


class Reader(Protocol):
    async def fetch(self, sql: LiteralString, *args: object) -> Sequence[Row]:
        """All rows of a statement with `$1` placeholders."""
        ...


class Tx(Reader, Protocol):
    """An open transaction: `fetch` sees its own writes."""

    async def execute(self, sql: LiteralString, *args: object) -> int:
        """How many rows it wrote."""
        ...

    async def execute_many(self, sql: LiteralString, rows: Sequence[Sequence[object]]) -> None: ...

    def wake(self, topic: str) -> None:
        """Tell whoever waits on `topic`, after the commit and only then. A hint: it may be lost or doubled."""
        ...


class Wakes(Protocol):
    async def wait(self, at_most: timedelta) -> None:
        """Returns when the topic was woken since the last return, or after `at_most`."""
        ...


class Database(Reader, Protocol):
    """`fetch` reads committed rows beside the writer; `tx` is the only way to write."""

    dialect: "Dialect"

    def tx(self) -> AbstractAsyncContextManager[Tx]:
        """Commits at the end of the block, rolls back on any exception. Raises StoreError."""
        ...

    def wakes(self, topic: str) -> Wakes: ...

    async def scrub(self) -> None:
        """What was deleted leaves no bytes behind: who was forgotten is in no file any more, nor in a later copy."""
        ...


class Dialect(Protocol):
    """The few differences between the two databases, as data."""

    @property
    def name(self) -> str: ...

    def strings_in(self, placeholder: LiteralString) -> LiteralString:
        """A sub-select over a parameter that is a JSON array of strings, for `x IN (…)`."""
        ...

    def ids_in(self, placeholder: LiteralString) -> LiteralString:
        """The same over whole numbers."""
        ...

    def numbers_in(self, placeholder: LiteralString) -> LiteralString:
        """A table of `key` and `value` over a parameter that is a JSON object of numbers, for `FROM … q`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """Best first. `more`: others follow. `stopped`: cut short, the words were too common to look at every article."""

    numbers: tuple[ArticleId, ...] = ()
    more: bool = False
    stopped: bool = False
    repairs: tuple[Repair, ...] = ()
    unknown: tuple[Term, ...] = ()  # words that no article holds, nor anything near


class Search(Protocol):
    """The archive's full text, over stems: `bot/text/analyse.py` makes those of articles and of queries alike."""

    async def index(self, tx: Tx, *articles: tuple[ArticleId, str]) -> None:
        """Each with its stems, as `Understanding.stems`; indexing one again replaces what was known of it."""
        ...

    async def find(self, query: Query, limit: int, skip: int = 0) -> Hits:
        """Never fails for what somebody typed. Raises StoreError for the store's own troubles."""
        ...


# -- the platforms ----------------------------------------------------------------------------------------------------

Handle = Callable[[Event], Awaitable[Answer]]  # the core's one entrance; raises nothing but CancelledError


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What every platform is built with, besides its own variables."""

    language: str  # of the installation
    proxy: str | None = None
    ca_file: Path | None = None


class Platform(Protocol):
    """One bot token on one platform."""

    name: str  # "telegram", "discord", "console": the first part of every address
    lane: str
    budget: Budget  # the library's own limiter is off; answers to commands draw from it too
    send_timeout: timedelta  # no send starts with less lease left than this
    dedupes_for: timedelta  # how long the platform remembers a nonce; 0: it knows none
    whispers: bool  # in a group, an answer of any length can be shown to one person

    async def run(self, handle: Handle, specs: Sequence[CommandSpec]) -> None:
        """Connects, publishes menus (only when they changed), hands in events, answers them; until cancelled.

        Returns never by itself; raises TokenRefused or Unreachable when it cannot go on, and is run again later.
        """
        ...

    def is_ready(self) -> bool:
        """Connected, and the token is accepted."""
        ...

    async def send(self, channel: Channel, view: View, *, nonce: str) -> str:
        """Returns the message's reference, for `edit`. Raises PlatformError."""
        ...

    async def edit(self, channel: Channel, ref: str, view: View) -> None:
        """The same view twice is no error. Raises PlatformError."""
        ...

    async def rights(self, where: Where, person: Person) -> Rights:
        """What the platform says of this person here, asked anew. Raises PlatformError."""
        ...


@runtime_checkable
class OpensChats(Protocol):
    """A platform where the bot's own chat with a person can be found before they write to it."""

    async def private_chat(self, person: str) -> Where:
        """Raises PlatformError."""
        ...


@runtime_checkable
class OpensThreads(Protocol):
    """A platform where a message can have a place of its own to be talked about in."""

    hangs_threads: bool  # on the very message: opened again it is the same one, and it says already what it is about

    def takes_threads(self, channel: Channel) -> bool:
        """False where there can be none, whatever the bot's rights."""
        ...

    async def open_thread(self, channel: Channel, ref: str, view: View) -> str:
        """A thread about that message, named as the view's headline; its number.

        Raises Unpermitted where a right is missing, or whatever else an administrator must change; PlatformError.
        """
        ...

    def link(self, channel: Channel, ref: str) -> str:
        """Where a person finds that message; "": no address leads there."""
        ...


@runtime_checkable
class Checks(Protocol):
    """A platform that can be examined before it runs (`tocsin doctor`)."""

    async def check(self) -> str:
        """The bot's own name, as the platform knows it. Raises PlatformError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """`epoch` grows with each holder; every write of the holder repeats it."""

    name: str
    owner: str
    epoch: int
    expires_at: datetime


class Leases(Protocol):
    async def hold(self, name: str, owner: str, ttl: timedelta, now: datetime) -> Lease | None:
        """Takes or renews; None while somebody else holds it."""
        ...

    async def release(self, lease: Lease) -> None: ...


# -- watching ourselves -----------------------------------------------------------------------------------------------


class Meter(Protocol):
    """What `/metrics` tells. Names and labels are declared once, in `adapters/web/health.py`; none holds a secret."""

    def count(self, name: str, /, by: float = 1, **labels: str) -> None: ...

    def set(self, name: str, value: float, /, **labels: str) -> None: ...

    def observe(self, name: str, seconds: float, /, **labels: str) -> None: ...
