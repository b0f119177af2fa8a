"""Composition root: the only file of bot/ that knows adapters and storage. What is built here is the whole bot."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from adapters import addresses, demo, lock, sources
from adapters.clock import ServerTime, SystemClock
from adapters.cpu import CpuWorkers
from adapters.http import HttpFetcher
from adapters.model import Model
from adapters.platforms import console, folders
from adapters.platforms.discord.render import render as as_discord
from adapters.platforms.telegram.render import render as as_telegram
from adapters.web.calendar import CalendarPage
from adapters.web.health import Health, Metrics, measure_lateness, serve
from bot import __version__, catalogue
from bot.domain.channel import Rhythm
from bot.domain.rule import Rule, What
from bot.domain.source import Source
from bot.errors import ConfigError
from bot.foundation import Reading, Store
from bot.pipeline.archive import Archive
from bot.pipeline.learn import Learn
from bot.ports import Cpu, Database, Platform, Summariser, Surroundings
from bot.roles import Bot
from bot.service import Job, Service
from bot.settings import Settings, secret_key
from bot.text.understand import understand_all, understand_together
from storage.acks import Acks
from storage.articles import Articles
from storage.audit import Audit
from storage.boilerplate import Boilerplate
from storage.channels import Channels
from storage.database import database
from storage.deadlines import Deadlines
from storage.exploited import ExploitedCves
from storage.holds import Holds
from storage.imports import Imports
from storage.leases import Leases
from storage.migrate import Copies, version
from storage.mutes import Mutes
from storage.outbox import Outbox
from storage.persons import Persons
from storage.saved import Saved
from storage.search import search_on
from storage.shares import Shares
from storage.sources import Sources
from storage.stories import Stories
from storage.subscriptions import Subscriptions
from storage.summaries import Summaries
from storage.terms import Terms
from storage.tokens import Tokens
from storage.trends import Trends
from storage.votes import Votes
from storage.withdrawals import Withdrawals

MOST_WORKERS = 8

log = structlog.get_logger()


def store_on(db: Database) -> Store:
    channels = Channels(db)
    return Store(
        db=db,
        sources=Sources(db),
        articles=Articles(db),
        boilerplate=Boilerplate(db),
        exploited=ExploitedCves(db),
        channels=channels,
        subscriptions=Subscriptions(db),
        outbox=Outbox(db, channels),
        acks=Acks(db),
        mutes=Mutes(db),
        withdrawals=Withdrawals(db),
        votes=Votes(db),
        saved=Saved(db),
        shares=Shares(db),
        tokens=Tokens(db),
        persons=Persons(db),
        deadlines=Deadlines(db),
        trends=Trends(db),
        audit=Audit(db),
        holds=Holds(db),
        stories=Stories(db),
        summaries=Summaries(db),
        leases=Leases(db),
        search=search_on(db),
        terms=Terms(db),
    )


@asynccontextmanager
async def store(settings: Settings, *, exclusive: bool = False) -> AsyncIterator[Store]:
    """Raises StoreError. `exclusive`: the bot itself, of which a database bears only one."""
    async with database(settings.database_url, exclusive=exclusive) as db:
        yield store_on(db)


@asynccontextmanager
async def workers() -> AsyncIterator[tuple[Cpu, int]]:
    """Worker processes for a command that has much to understand, one a processor, and how many."""
    count = min(os.cpu_count() or 1, MOST_WORKERS)
    async with CpuWorkers(count) as cpu:
        yield cpu, count


def imports_on(db: Database) -> Imports:
    return Imports(db)


@asynccontextmanager
async def archive(settings: Settings) -> AsyncIterator[Archive]:
    """Raises StoreError. What is brought into a new database may name the sources of the sources file."""
    async with store(settings) as found, workers() as (cpu, count):
        if not await found.sources.all():
            listed = catalogue.read(settings.sources)
            async with found.db.tx() as tx:
                await found.sources.follow_file(tx, listed)
        yield Archive(
            db=found.db,
            cpu=cpu,
            understand=understand_all,
            sources=found.sources,
            articles=found.articles,
            boilerplate=found.boilerplate,
            imports=imports_on(found.db),
            learn=Learn(terms=found.terms),
            clock=SystemClock(),
            zone=settings.zone,
            workers=count,
        )


@asynccontextmanager
async def reading(settings: Settings, *, robots: bool = False) -> AsyncIterator[Reading]:
    """`robots`: who reads unasked obeys robots.txt; a preview is one page that a person asks for."""
    async with AsyncExitStack() as stack:
        fetcher = await stack.enter_async_context(
            HttpFetcher(
                private_networks=settings.private_networks,
                proxy=settings.http_proxy,
                ca_file=settings.ca_file,
                user_agent=f"Tocsin/{__version__}",
                robots=robots,
            )
        )
        cpu = await stack.enter_async_context(CpuWorkers())
        yield Reading(fetcher=fetcher, cpu=cpu, kinds=sources)


@asynccontextmanager
async def summariser(settings: Settings) -> AsyncIterator[Summariser | None]:
    """None: no model is set, and our own summaries are all there are."""
    if settings.llm_url is None or settings.llm_model is None:
        yield None
        return
    model = Model(
        url=settings.llm_url,
        name=settings.llm_model,
        key=settings.llm_key,
        proxy=settings.http_proxy,
        ca_file=settings.ca_file,
    )
    async with model.open() as opened:
        yield opened


def check_address(settings: Settings) -> Callable[[str], object]:
    """Raises FetchError for an address that will never be read; asks nobody."""
    return lambda url: addresses.check_url(url, settings.private_networks)


def platforms(settings: Settings) -> Sequence[Platform]:
    """One for each token that is set. Raises ConfigError."""
    around = Surroundings(language=settings.language, proxy=settings.http_proxy, ca_file=settings.ca_file)
    return [folder.build(settings.given, around) for folder in folders() if folder.TOKEN in settings.given]


def is_running(settings: Settings, platform: str) -> bool:
    """Whether a bot of this machine speaks with that platform's token."""
    token = f"TOCSIN_{platform.upper()}_TOKEN"
    try:
        with lock.held(token, settings.given[token]):
            return False
    except ConfigError:
        return True


def platform_variables() -> Mapping[str, bool]:
    """Variables of platforms → whether each is a secret."""
    return {name: name == one.TOKEN for one in folders() for name in (one.TOKEN, *one.VARIABLES)}


async def upgrade(settings: Settings) -> int:
    """Brings the database to this version's rows; the version's number. Raises StoreError."""
    async with database(settings.database_url, exclusive=True) as db:
        return await version(db)


async def examine(settings: Settings) -> int:
    """Opens, writes nothing that stays; the version's number. Raises StoreError."""
    async with database(settings.database_url) as db, db.tx():
        return await version(db)


async def server_time(settings: Settings) -> datetime | None:
    """What a platform's server says the time is; None when none can be asked."""
    url = settings.telegram_api_url or settings.discord_api_url or "https://api.telegram.org"
    return await ServerTime(proxy=settings.http_proxy, ca_file=settings.ca_file).at(str(url))


# -- the bot ----------------------------------------------------------------------------------------------------------


async def run(settings: Settings, *, dry_run: bool, roles: frozenset[str]) -> None:
    """Until SIGTERM or SIGINT. Raises BotError: ConfigError when only the operator can help."""
    stopping, metrics = asyncio.Event(), Metrics()
    async with AsyncExitStack() as stack:
        if dry_run:
            settings = await stack.enter_async_context(_copied(settings))
        listed = catalogue.read(settings.sources)
        tokens = platforms(settings)
        for token in (folder.TOKEN for folder in folders()):
            if secret := settings.given.get(token):
                stack.enter_context(lock.held(token, secret))
        found = await stack.enter_async_context(store(settings, exclusive=True))
        await _settle_in(found, listed)
        spoken: dict[str, Platform] = {platform.name: platform for platform in tokens}
        bot = Bot(
            settings=settings,
            store=found,
            reading=await stack.enter_async_context(reading(settings, robots=True)),
            understand=understand_together,
            summariser=await stack.enter_async_context(summariser(settings)),
            platforms=spoken,
            meter=metrics,
            clock=SystemClock(),
            key=secret_key(settings),
            stopping=stopping,
        )
        health = Health(metrics=metrics, reasons=bot.reasons, refresh=bot.refresh)
        routes = [*health.routes(), *CalendarPage(read=bot.feeds.read).routes()]
        jobs: dict[str, Job] = {"lateness": lambda: measure_lateness(metrics)}
        if not tokens:
            page = _console_alone(settings, routes, dry_run=dry_run)
            spoken[page.name] = page
            await _furnish(found, page, settings, bot.clock.now())
        elif "web" in roles and settings.web_listen is not None:
            listen = settings.web_listen
            jobs["web"] = lambda: serve(routes, listen)
        service = Service(jobs=jobs | bot.jobs(roles), senders=bot.senders(roles), meter=metrics, stopping=stopping)
        await service.run()


@asynccontextmanager
async def _copied(settings: Settings) -> AsyncIterator[Settings]:
    """For a dry run: no token, and a copy of the rows that is thrown away, so that what is owed stays owed."""
    with tempfile.TemporaryDirectory(prefix="tocsin-dry-run-") as folder:
        copy = Path(folder) / "tocsin.db"
        if settings.database_file is not None and settings.database_file.exists():
            async with database(settings.database_url, upgrade=False) as original:
                assert isinstance(original, Copies)
                await original.copy_to(copy)
        yield settings.without_tokens(f"sqlite:///{copy}", {folder.TOKEN for folder in folders()})


async def _settle_in(found: Store, listed: Sequence[Source]) -> None:
    """Whatever an earlier process held is free, since the database is open for us alone; the sources file is obeyed."""
    await Leases(found.db).forget_all()
    await found.sources.release_claims()
    async with found.db.tx() as tx:
        await found.sources.follow_file(tx, listed)


# -- the console and the demo -----------------------------------------------------------------------------------------


def _console_alone(settings: Settings, routes: Sequence[web.RouteDef], *, dry_run: bool) -> console.Console:
    """The page, the bot's only platform. Raises ConfigError when no page is wanted either."""
    page = _console_on(settings, routes)
    if page is None:
        raise ConfigError(
            "TOCSIN_WEB_LISTEN is empty and a dry run shows its posts on a page: give HOST:PORT"
            if dry_run
            else "no token is set and TOCSIN_WEB_LISTEN is empty, so nothing can be said anywhere: give a token of"
            " Telegram or Discord, or HOST:PORT for the console"
        )
    if not dry_run:
        log.warning("no token is set: the web console only", set="TOCSIN_TELEGRAM_TOKEN or TOCSIN_DISCORD_TOKEN")
    if settings.web_listen is not None:
        log.info("the console is served", listen="http://{}:{}/".format(*settings.web_listen))
    return page


def _console_on(settings: Settings, routes: Sequence[web.RouteDef]) -> console.Console | None:
    """With `routes` beside it on the same port; None: no page is wanted. Its ledger is the demo's, if any."""
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


async def _furnish(store: Store, page: console.Console, settings: Settings, now: datetime) -> None:
    """The console's rooms hear everything from the first; what is changed there afterwards stays."""
    for manner in page.manners:
        where = page.where(manner)
        if await store.channels.at(where.address) is not None:
            continue
        async with store.db.tx() as tx:
            channel = await store.channels.ensure(tx, where, page.lane, settings.language, settings.timezone)
            await store.channels.save(tx, channel, now)
            rule = Rule(what=What.EVERYTHING)
            await store.subscriptions.add(tx, channel.id, rule, Rhythm.NOW, silent=False, now=now)


async def play_demo(*, port: int, seed: int, speed: float, announce: Callable[[str], object]) -> None:
    """The real bot in a process of its own, beside invented papers, until stopped. Raises BotError."""
    await demo.demo(port=port, seed=seed, speed=speed, announce=announce)
