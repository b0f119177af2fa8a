"""Composition root: the only file of bot/ that knows adapters and storage. What is built here is the whole bot."""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from adapters import demo, lock, sources
from adapters.clock import ServerTime, SystemClock
from adapters.cpu import CpuWorkers
from adapters.http import HttpFetcher
from adapters.platforms import console, discord, telegram
from adapters.platforms.discord.render import render as as_discord
from adapters.platforms.telegram.render import render as as_telegram
from adapters.web.health import Health, Metrics, measure_lateness
from bot import __version__, catalogue
from bot.commands import SPECS
from bot.commands.call import Desk
from bot.commands.talk import Talk
from bot.domain.article import Article, Understanding
from bot.domain.channel import Rhythm as Often
from bot.domain.rule import Rule, What
from bot.domain.source import Rhythm
from bot.errors import BotError
from bot.people import People
from bot.pipeline.compose import Composer
from bot.pipeline.deliver import Deliver
from bot.pipeline.ingest import Ingest, Kinds
from bot.pipeline.matching import Matching
from bot.pipeline.plan import Plan
from bot.pipeline.watch import Watch
from bot.ports import Clock, Cpu, Database, Fetcher, Platform
from bot.service import Job, Service
from bot.settings import Settings, secret_key
from bot.text.understand import understand
from storage.acks import Acks
from storage.articles import Articles
from storage.audit import Audit
from storage.channels import Channels
from storage.database import open_database
from storage.leases import Leases
from storage.outbox import Outbox
from storage.sources import Sources
from storage.subscriptions import Subscriptions

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """One object for each noun, on one database."""

    db: Database
    sources: Sources
    articles: Articles
    channels: Channels
    subscriptions: Subscriptions
    outbox: Outbox
    acks: Acks
    audit: Audit
    leases: Leases


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What brings pages in and takes them apart."""

    fetcher: Fetcher
    cpu: Cpu
    kinds: Kinds


def understand_all(articles: Sequence[Article]) -> Sequence[Understanding]:
    """A module's function, so that a worker process can be told its name."""
    return [understand(article) for article in articles]


def store_on(db: Database) -> Store:
    channels = Channels(db)
    return Store(
        db=db,
        sources=Sources(db),
        articles=Articles(db),
        channels=channels,
        subscriptions=Subscriptions(db),
        outbox=Outbox(db, channels),
        acks=Acks(db),
        audit=Audit(db),
        leases=Leases(db),
    )


@asynccontextmanager
async def store(settings: Settings, *, exclusive: bool = False) -> AsyncIterator[Store]:
    """Raises StoreError. `exclusive`: the bot itself, of which a file bears only one."""
    db = await open_database(settings.database_url, exclusive=exclusive)
    try:
        yield store_on(db)
    finally:
        await db.close()


@asynccontextmanager
async def reading(settings: Settings) -> AsyncIterator[Reading]:
    async with AsyncExitStack() as stack:
        fetcher = await stack.enter_async_context(
            HttpFetcher(
                private_networks=settings.private_networks,
                proxy=settings.http_proxy,
                ca_file=settings.ca_file,
                user_agent=f"Tocsin/{__version__}",
            )
        )
        cpu = await stack.enter_async_context(CpuWorkers())
        yield Reading(fetcher=fetcher, cpu=cpu, kinds=sources)


def platforms(settings: Settings) -> Sequence[Platform]:
    """One for each token that is set. Raises ConfigError."""
    built: list[Platform] = []
    if settings.telegram_token is not None:
        built.append(
            telegram.build(
                token=settings.telegram_token.get_secret_value(),
                api_url=settings.telegram_api_url,
                proxy=settings.http_proxy,
                language=settings.language,
            )
        )
    if settings.discord_token is not None:
        built.append(
            discord.build(
                token=settings.discord_token.get_secret_value(),
                api_url=settings.discord_api_url,
                gateway_url=settings.discord_gateway_url,
                proxy=settings.http_proxy,
                language=settings.language,
            )
        )
    return built


async def upgrade(settings: Settings) -> int:
    """Brings the database to this version's rows; the version's number. Raises StoreError."""
    db = await open_database(settings.database_url, exclusive=True)
    try:
        return await db.version()
    finally:
        await db.close()


async def examine(settings: Settings) -> int:
    """Opens, writes nothing that stays; the version's number. Raises StoreError."""
    async with store(settings) as found, found.db.tx():
        return await found.db.version()


async def server_time(settings: Settings) -> datetime | None:
    """What a platform's server says the time is; None when none can be asked."""
    url = settings.telegram_api_url or settings.discord_api_url or "https://api.telegram.org"
    return await ServerTime(proxy=settings.http_proxy, ca_file=settings.ca_file).at(str(url))


# -- the bot ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """Everything that runs, on one store."""

    settings: Settings
    store: Store
    reading: Reading
    platforms: Mapping[str, Platform]
    metrics: Metrics
    clock: Clock
    key: bytes
    stopping: asyncio.Event

    def jobs(self, roles: frozenset[str], talk: Talk) -> dict[str, Job]:
        jobs: dict[str, Job] = {"lateness": lambda: measure_lateness(self.metrics)}
        if "watch" in roles:
            jobs["watch"] = self._watch().run
        if "plan" in roles:
            jobs["plan"] = self._plan().run
        if "talk" in roles:
            jobs |= {f"talk {name}": _listening(platform, talk) for name, platform in self.platforms.items()}
        return jobs

    def senders(self, roles: frozenset[str]) -> dict[str, Job]:
        if "deliver" not in roles:
            return {}
        return {f"deliver {name}": _anew(self._deliver, platform) for name, platform in self.platforms.items()}

    @property
    def matching(self) -> Matching:
        return Matching(subscriptions=self.store.subscriptions, articles=self.store.articles)

    def _watch(self) -> Watch:
        ingest = Ingest(
            db=self.store.db,
            fetcher=self.reading.fetcher,
            cpu=self.reading.cpu,
            kinds=self.reading.kinds,
            understand=understand_all,
            sources=self.store.sources,
            articles=self.store.articles,
            outbox=self.store.outbox,
            matching=self.matching,
            clock=self.clock,
            rhythm=Rhythm(
                least=timedelta(seconds=self.settings.poll_min_seconds),
                most=timedelta(seconds=self.settings.poll_max_seconds),
            ),
            jitter=random.random,
        )
        wakes = self.store.db.wakes("sources")
        return Watch(ingest=ingest, sources=self.store.sources, clock=self.clock, wakes=wakes, meter=self.metrics)

    def _plan(self) -> Plan:
        return Plan(
            db=self.store.db,
            outbox=self.store.outbox,
            channels=self.store.channels,
            clock=self.clock,
            wakes=self.store.db.wakes("held"),
        )

    def _deliver(self, platform: Platform) -> Deliver:
        return Deliver(
            db=self.store.db,
            platform=platform,
            outbox=self.store.outbox,
            articles=self.store.articles,
            sources=self.store.sources,
            acks=self.store.acks,
            people=People(self.key),
            composer=Composer(key=self.key),
            leases=self.store.leases,
            clock=self.clock,
            wakes=self.store.db.wakes("outbox"),
            meter=self.metrics,
            owner=f"{os.uname().nodename}:{os.getpid()}",
            stopping=self.stopping,
        )

    def talk(self) -> Talk:
        desk = Desk(
            db=self.store.db,
            sources=self.store.sources,
            articles=self.store.articles,
            channels=self.store.channels,
            subscriptions=self.store.subscriptions,
            outbox=self.store.outbox,
            acks=self.store.acks,
            audit=self.store.audit,
            matching=self.matching,
            people=People(self.key),
            clock=self.clock,
            key=self.key,
            language=self.settings.language,
            timezone=self.settings.timezone,
        )
        return Talk(desk=desk, platforms=self.platforms, operators=self.settings.operators, meter=self.metrics)

    async def reasons(self) -> Sequence[str]:
        """Why `/readyz` says no, one sentence each."""
        found = []
        try:
            async with self.store.db.tx():
                pass
        except BotError as error:
            found.append(f"the store cannot be written: {error}")
        return found + [f"{name} is not connected" for name, p in self.platforms.items() if not p.is_ready()]

    async def refresh(self) -> None:
        """The gauges that are read from the rows when somebody asks."""
        for (lane, state), count in (await self.store.outbox.counts()).items():
            self.metrics.set("deliveries", count, platform=lane or "all", state=state)
        for name, platform in self.platforms.items():
            self.metrics.set("ready", float(platform.is_ready()), platform=name)
        kept = await self.store.sources.all()
        failing = sum(source.enabled and source.last_error is not None for source in kept)
        disabled = sum(not source.enabled for source in kept)
        for state, count in (("ok", len(kept) - failing - disabled), ("failing", failing), ("disabled", disabled)):
            self.metrics.set("sources", count, state=state)


def _listening(platform: Platform, talk: Talk) -> Job:
    async def listen() -> None:
        await platform.run(talk.handle, SPECS)

    return listen


def _anew(build: Callable[[Platform], Deliver], platform: Platform) -> Job:
    """A fresh flow at each restart: what it remembered in memory is not to be trusted after a failure."""

    async def deliver() -> None:
        await build(platform).run()

    return deliver


# -- the console and the demo -----------------------------------------------------------------------------------------


def console_on(settings: Settings, routes: Sequence[web.RouteDef]) -> console.Console | None:
    """The page, with `routes` beside it on the same port; None: no page is wanted. Its ledger is the demo's, if any."""
    staged = console.staged(os.environ.get(demo.VARIABLE))
    listen = staged.listen if staged else settings.web_listen
    if listen is None:
        return None
    return console.build(
        renderers={"telegram": as_telegram, "discord": as_discord},
        listen=listen,
        ledger=staged.ledger if staged else None,
        language=settings.language,
        timezone=settings.timezone,
        routes=routes,
        hosts=frozenset({urlsplit(settings.web_url).hostname or ""}) if settings.web_url else frozenset(),
        story=staged.story if staged else None,
    )


async def furnish(store: Store, page: console.Console, settings: Settings, now: datetime) -> None:
    """The console's rooms hear everything from the first; what is changed there afterwards stays."""
    for manner in page.manners:
        where = page.where(manner)
        if await store.channels.at(where.address) is not None:
            continue
        async with store.db.tx() as tx:
            channel = await store.channels.ensure(tx, where, page.lane, settings.language, settings.timezone)
            await store.channels.save(tx, channel, now)
            rule = Rule(what=What.EVERYTHING)
            await store.subscriptions.add(tx, channel.id, rule, Often.NOW, silent=False, now=now)


async def play_demo(*, port: int, seed: int, speed: float, announce: Callable[[str], object]) -> None:
    """The real bot in a process of its own, beside invented papers, until stopped. Raises BotError."""
    await demo.demo(port=port, seed=seed, speed=speed, announce=announce)
