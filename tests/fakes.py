"""One fake per network-facing port, and the shortest way to a store with something in it. The store itself is real."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from adapters import sources
from bot.domain.budget import Budget, Rates
from bot.domain.channel import Address, Channel
from bot.domain.command import CommandSpec, Person, Rights, Where
from bot.domain.entry import Entry
from bot.domain.source import Rhythm, Source, Trust
from bot.errors import FetchError, ParseError, PlatformError, SourceError
from bot.foundation import Reading, Store
from bot.intake import Intake
from bot.people import People
from bot.pipeline.agenda import Agenda
from bot.pipeline.compose import Composer
from bot.pipeline.deliver import Deliver
from bot.pipeline.discover import Found
from bot.pipeline.fresh import Remembered
from bot.pipeline.holds import Holding, Settle
from bot.pipeline.ingest import Ingest
from bot.pipeline.letter import Letters
from bot.pipeline.matching import Matching
from bot.pipeline.plan import Plan
from bot.pipeline.sequels import Sequels
from bot.pipeline.share import Sharing
from bot.ports import Database, FeedLink, Handle, NotModified, Outline, Page, SourceKind
from bot.text.understand import understand_together
from bot.view import Bars, Headline, Items, Note, Text, View
from bot.wiring import store_on

T = TypeVar("T")
START = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
KEY = b"k" * 32
OPERATORS = frozenset({("telegram", "99")})


@dataclass
class FakeClock:
    moment: datetime = START

    def now(self) -> datetime:
        return self.moment

    def forward(self, by: timedelta) -> None:
        self.moment += by


class NoMeter:
    def count(self, name: str, /, by: float = 1, **labels: str) -> None: ...

    def set(self, name: str, value: float, /, **labels: str) -> None: ...

    def observe(self, name: str, seconds: float, /, **labels: str) -> None: ...


class InlineCpu:
    async def run(self, function: Callable[..., T], *args: object, deadline: timedelta) -> T:
        return function(*args)


@dataclass
class FakeSite:
    """Fetcher and source kind in one: what `pages` holds is what a reading gives, newest first."""

    name: str = "feed"
    pages: dict[str, list[Entry]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    readings: int = 0
    advises: timedelta | None = None  # what every page says of how long it is fresh

    async def get(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Page | NotModified:
        if url in self.broken:
            raise FetchError("connection", f"{url}: cannot connect")
        self.readings += 1
        return Page(url=url, body=repr(self.pages.get(url, [])).encode())

    def load(self, name: str) -> SourceKind:
        return self

    def detect(self, page: Page) -> str:
        return self.name

    def unpacked(self, page: Page) -> Page:
        return page

    def feeds_of(self, page: Page) -> Sequence[FeedLink]:
        return ()

    def outlines_of(self, page: Page) -> Sequence[Outline]:
        return ()

    def parse(self, page: Page, source: Source) -> Sequence[Entry]:
        return self.pages.get(source.url, [])

    def advice(self, page: Page) -> timedelta | None:
        return self.advises

    def publish(self, source: Source, *entries: Entry) -> None:
        """The last one given is the newest."""
        self.pages[source.url] = [*reversed(entries), *self.pages.get(source.url, [])]


@dataclass
class FakeWeb:
    """Pages by address; an address that leads elsewhere in `moved`; `errors` instead of a page."""

    pages: dict[str, str] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    errors: dict[str, SourceError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def get(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Page | NotModified:
        self.asked.append(url)
        if url in self.errors:
            raise self.errors[url]
        at = self.moved.get(url, url)
        if at not in self.pages:
            raise FetchError("http-error", f"{url}: answered 404")
        return Page(url=at, body=self.pages[at].encode(), media_type="text/html", charset="utf-8")


@dataclass
class FakePlaces:
    """What is found around any address; `error` is raised instead."""

    found: list[Found] = field(default_factory=list)
    error: FetchError | None = None
    asked: list[str] = field(default_factory=list)

    async def around(self, address: str) -> Sequence[Found]:
        self.asked.append(address)
        if self.error is not None or not self.found:
            raise self.error or ParseError("no-items", f"{address}: nothing there")
        return self.found


@dataclass
class FakePlatform:
    """Keeps what it was given; `answers` are the errors of the next sends (None: accepted), `accepted_then` too."""

    name: str = "telegram"
    lane: str = "telegram"
    budget: Budget = field(default_factory=lambda: Budget(Rates(overall=(1000, 1.0), chat=(1000, 1.0), width=4)))
    send_timeout: timedelta = timedelta(seconds=5)
    dedupes_for: timedelta = timedelta()
    whispers: bool = False
    answers: list[PlatformError | None] = field(default_factory=list)
    refuses: dict[str, PlatformError] = field(default_factory=dict)  # chat → what every send there gets
    sent: list[tuple[str, View]] = field(default_factory=list)
    edited: list[tuple[str, str, View]] = field(default_factory=list)
    administrators: dict[str, set[str]] = field(default_factory=dict)  # chat → persons
    accepts_lost: bool = False  # an Uncertain answer still leaves the message in the chat

    async def run(self, handle: Handle, specs: Sequence[CommandSpec]) -> None:
        await asyncio.Event().wait()

    def is_ready(self) -> bool:
        return True

    async def send(self, channel: Channel, view: View, *, nonce: str) -> str:
        await asyncio.sleep(0)
        chat = channel.address.chat
        if chat in self.refuses:
            raise self.refuses[chat]
        if self.answers and (error := self.answers.pop(0)) is not None:
            if self.accepts_lost:
                self.sent.append((chat, view))
            raise error
        self.sent.append((chat, view))
        return f"m{len(self.sent)}"

    async def edit(self, channel: Channel, ref: str, view: View) -> None:
        await asyncio.sleep(0)
        if self.answers and (error := self.answers.pop(0)) is not None:
            raise error
        self.edited.append((channel.address.chat, ref, view))

    async def rights(self, where: Where, person: Person) -> Rights:
        known = Rights.ADMIN if person.id in self.administrators.get(where.address.chat, ()) else Rights.MEMBER
        return person.rights or known

    def chats(self) -> list[str]:
        return [chat for chat, _ in self.sent]

    def titles(self, chat: str) -> list[str]:
        return [title(view) for at, view in self.sent if at == chat]


def title(view: View) -> str:
    return next((block.text for block in view.blocks if isinstance(block, Headline)), "")


def words(view: View) -> str:
    """All that is read in it; French no-break spaces as the spaces they look like."""
    found = []
    for block in view.blocks:
        match block:
            case Headline() | Text() | Note():
                found.append(block.text)
            case Items():
                found += [f"{item.text} {item.note}" for item in block.items]
            case Bars():
                found += [f"{label} {count}" for label, count in block.rows]
    return "\n".join(found).replace("\u00a0", " ").replace("\u202f", " ")


def where(chat: str = "g1", *, thread: str = "", platform: str = "telegram", is_group: bool = True) -> Where:
    return Where(
        address=Address(platform=platform, chat=chat, thread=thread),
        community=f"{platform}:{chat}",
        title=chat,
        is_group=is_group,
    )


def entry(key: str, title: str | None = None, **changes: object) -> Entry:
    values: dict[str, object] = {
        "key": key,
        "url": f"https://exemple.test/{key}",
        "title": title or f"Article {key}",
        "published": START,
        "summary": "Un texte fictif, écrit pour cet essai, qui parle de choses et d’autres sans rien de pressé.",
    }
    return Entry(**{**values, **changes})  # type: ignore[arg-type]  # the names are those of Entry


@dataclass
class World:
    """The flows on a real store, with a fake site on one side and a fake platform on the other."""

    db: Database
    store: Store
    clock: FakeClock = field(default_factory=FakeClock)
    site: FakeSite = field(default_factory=FakeSite)
    platform: FakePlatform = field(default_factory=FakePlatform)
    places: FakePlaces = field(default_factory=FakePlaces)
    web: FakeWeb = field(default_factory=FakeWeb)
    remembered: Remembered = field(default_factory=Remembered)
    approval: bool = False
    web_url: str = ""

    @classmethod
    def on(cls, db: Database) -> "World":
        return cls(db=db, store=store_on(db))

    @property
    def intake(self) -> Intake:
        return Intake(
            store=replace(self.store, db=self.db),
            reading=Reading(fetcher=self.site, cpu=InlineCpu(), kinds=self.site),
            understand=understand_together,
            clock=self.clock,
            rhythm=Rhythm(least=timedelta(seconds=60), most=timedelta(days=1)),
            jitter=lambda: 0.5,
            key=KEY,
            operators=OPERATORS,
            remembered=self.remembered,
        )

    @property
    def sharing(self) -> Sharing:
        """Pages are read by the real kinds."""
        reading = Reading(fetcher=self.web, cpu=InlineCpu(), kinds=sources)
        return replace(self.intake, reading=reading).sharing

    @property
    def ingest(self) -> Ingest:
        return self.intake.ingest

    @property
    def settle(self) -> Settle:
        return self.intake.settle

    @property
    def matching(self) -> Matching:
        return self.intake.matching

    @property
    def holding(self) -> Holding:
        return self.intake.holding

    @property
    def agenda(self) -> Agenda:
        store = self.store
        return Agenda(db=self.db, deadlines=store.deadlines, articles=store.articles, sources=store.sources)

    @property
    def letters(self) -> Letters:
        store = self.store
        return Letters(
            db=self.db,
            outbox=store.outbox,
            articles=store.articles,
            stories=store.stories,
            votes=store.votes,
            agenda=self.agenda,
        )

    @property
    def plan(self) -> Plan:
        return Plan(
            db=self.db,
            outbox=self.store.outbox,
            channels=self.store.channels,
            mutes=self.store.mutes,
            tokens=self.store.tokens,
            acks=self.store.acks,
            shares=self.store.shares,
            reminders=self.intake.reminders,
            letters=self.letters,
            stories=self.store.stories,
            clock=self.clock,
            wakes=self.db.wakes("held"),
        )

    @property
    def sequels(self) -> Sequels:
        store = self.store
        return Sequels(db=self.db, outbox=store.outbox, stories=store.stories, acks=store.acks, mutes=store.mutes)

    def deliver(self, stopping: asyncio.Event | None = None, *, owner: str = "one") -> Deliver:
        return Deliver(
            db=self.db,
            platform=self.platform,
            outbox=self.store.outbox,
            articles=self.store.articles,
            stories=self.store.stories,
            sources=self.store.sources,
            subscriptions=self.store.subscriptions,
            acks=self.store.acks,
            votes=self.store.votes,
            shares=self.store.shares,
            notices=self.intake.notices,
            sequels=self.sequels,
            people=People(KEY),
            composer=Composer(key=KEY),
            leases=self.store.leases,
            clock=self.clock,
            wakes=self.db.wakes("outbox"),
            meter=NoMeter(),
            owner=owner,
            stopping=stopping or asyncio.Event(),
        )

    async def source(self, slug: str = "a", **changes: object) -> Source:
        """Watched, and its first (empty) reading done."""
        source = await self.new_source(slug, **changes)
        await self.read(slug)
        return source

    async def new_source(self, slug: str, **changes: object) -> Source:
        values: dict[str, object] = {
            "slug": slug,
            "title": slug.upper(),
            "url": f"https://exemple.test/{slug}/flux",
            "kind": "feed",
            "trust": Trust.PRESS,
        }
        source = Source(**{**values, **changes})  # type: ignore[arg-type]  # the names are those of Source
        async with self.db.tx() as tx:
            assert await self.store.sources.add(tx, source) is not None
        return source

    async def read(self, slug: str = "a") -> int:
        """One reading, now."""
        (source,) = [s for s in await self.store.sources.all() if s.slug == slug]
        return await self.ingest.check(source)

    async def channel(
        self, chat: str = "g1", *, thread: str = "", lane: str = "telegram", is_group: bool = True
    ) -> Channel:
        async with self.db.tx() as tx:
            at = where(chat, thread=thread, is_group=is_group)
            channel = await self.store.channels.ensure(tx, at, lane, "fr", "Europe/Paris")
            await self.store.channels.save(tx, channel, self.clock.now())
        return channel

    async def deliver_all(self, *, until: Callable[[], bool] | None = None) -> None:
        """Runs the lane until nothing may go any more, or `until` holds."""
        stopping = asyncio.Event()
        lane = self.deliver(stopping)
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            tasks.create_task(lane.run())
            while not (until() if until else await self._is_quiet(lane)):
                await asyncio.sleep(0.005)
            stopping.set()
            lane.stir()

    async def _is_quiet(self, lane: Deliver) -> bool:
        now = self.clock.now()
        if lane.is_busy():
            return False
        outbox, name = self.store.outbox, self.platform.lane
        return not await outbox.next(name, now, [], 1) and not await outbox.next_edits(name, now, [], 1)

    async def states(self) -> dict[tuple[str, str], str]:
        """(post key, chat) → state in words, attempts and doubts."""
        rows = await self.db.fetch(
            """SELECT p.post_key, c.external_id, d.state FROM deliveries d
            JOIN posts p ON p.id = d.post JOIN channels c ON c.id = d.channel"""
        )
        names = ("held", "todo", "sent", "failed", "dropped", "unknown")
        return {(row["post_key"], row["external_id"]): names[row["state"]] for row in rows}
