"""What runs in each role, on one store and the platforms that are set. `bot/service.py` keeps it running."""

import asyncio
import os
import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.commands import SPECS
from bot.commands.call import Desk
from bot.commands.talk import Talk
from bot.errors import BotError
from bot.foundation import Reading, Store
from bot.intake import Intake
from bot.invitations import Invitations
from bot.people import People
from bot.pipeline.agenda import Agenda
from bot.pipeline.compose import Composer
from bot.pipeline.deliver import Deliver
from bot.pipeline.discover import Discover
from bot.pipeline.feeds import Feeds
from bot.pipeline.ingest import UnderstandTogether
from bot.pipeline.learn import Learn
from bot.pipeline.letter import Letters
from bot.pipeline.notices import Introduce
from bot.pipeline.plan import Plan
from bot.pipeline.preview import Look
from bot.pipeline.sequels import Sequels
from bot.pipeline.summarise import Summarise
from bot.pipeline.watch import Watch
from bot.ports import Clock, Meter, Platform, Summariser
from bot.service import Job
from bot.settings import Settings

ROLES = ("watch", "plan", "deliver", "talk", "web")
CODE_LETTERS, CODE_LENGTH = "abcdefghijklmnopqrstuvwxyz0123456789", 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """`key` signs buttons and seals names; `understand` is a module's function, so that it runs in a worker process."""

    settings: Settings
    store: Store
    reading: Reading
    understand: UnderstandTogether
    summariser: Summariser | None  # None: the sentences that understanding chose stand
    platforms: Mapping[str, Platform]
    meter: Meter
    clock: Clock
    key: bytes
    stopping: asyncio.Event

    def jobs(self, roles: frozenset[str]) -> dict[str, Job]:
        """What runs until it is cancelled."""
        jobs: dict[str, Job] = {}
        if "watch" in roles:
            jobs["watch"] = self._watch().run
        if "plan" in roles:
            jobs["plan"] = self._plan().run
            jobs["learn"] = Learn(terms=self.store.terms).run
            jobs["holds"] = self._intake.settle.run
            if self.summariser is not None:
                jobs["summaries"] = self._summaries(self.summariser).run
            jobs["operators"] = self._operators().run
        if "talk" in roles:
            talk = self._talk()
            jobs |= {f"talk {name}": _listening(platform, talk) for name, platform in self.platforms.items()}
        return jobs

    def senders(self, roles: frozenset[str]) -> dict[str, Job]:
        """What ends by itself once `stopping` is set, with the answers of what was on its way."""
        if "deliver" not in roles:
            return {}
        return {f"deliver {name}": _anew(self._deliver, platform) for name, platform in self.platforms.items()}

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
        nothing = {(platform.lane, "todo"): 0 for platform in self.platforms.values()}  # a queue may be empty again
        for (lane, state), count in (nothing | dict(await self.store.outbox.counts())).items():
            self.meter.set("deliveries", count, platform=lane or "all", state=state)
        for name, platform in self.platforms.items():
            self.meter.set("ready", float(platform.is_ready()), platform=name)
        kept = await self.store.sources.all()
        failing = sum(source.enabled and source.last_error is not None for source in kept)
        disabled = sum(not source.enabled for source in kept)
        for state, count in (("ok", len(kept) - failing - disabled), ("failing", failing), ("disabled", disabled)):
            self.meter.set("sources", count, state=state)

    # -- the flows ----------------------------------------------------------------------------------------------------

    @property
    def feeds(self) -> Feeds:
        store = self.store
        return Feeds(
            db=store.db,
            tokens=store.tokens,
            channels=store.channels,
            agenda=self._agenda,
            cpu=self.reading.cpu,
            clock=self.clock,
            key=self.key,
        )

    @property
    def _agenda(self) -> Agenda:
        store = self.store
        return Agenda(db=store.db, deadlines=store.deadlines, articles=store.articles, sources=store.sources)

    @property
    def _letters(self) -> Letters:
        store = self.store
        return Letters(
            db=store.db,
            outbox=store.outbox,
            articles=store.articles,
            stories=store.stories,
            votes=store.votes,
            agenda=self._agenda,
        )

    @property
    def _intake(self) -> Intake:
        return Intake(
            store=self.store,
            reading=self.reading,
            understand=self.understand,
            clock=self.clock,
            rhythm=self.settings.rhythm,
            jitter=random.random,
            key=self.key,
            operators=self.settings.operators,
        )

    def _watch(self) -> Watch:
        wakes = self.store.db.wakes("sources")
        ingest = self._intake.ingest
        return Watch(ingest=ingest, sources=self.store.sources, clock=self.clock, wakes=wakes, meter=self.meter)

    def _operators(self) -> Introduce:
        return Introduce(
            db=self.store.db,
            channels=self.store.channels,
            platforms=self.platforms,
            operators=self.settings.operators,
            language=self.settings.language,
            timezone=self.settings.timezone,
        )

    def _plan(self) -> Plan:
        return Plan(
            db=self.store.db,
            outbox=self.store.outbox,
            channels=self.store.channels,
            mutes=self.store.mutes,
            tokens=self.store.tokens,
            acks=self.store.acks,
            shares=self.store.shares,
            reminders=self._intake.reminders,
            letters=self._letters,
            stories=self.store.stories,
            clock=self.clock,
            wakes=self.store.db.wakes("held"),
        )

    def _summaries(self, summariser: Summariser) -> Summarise:
        return Summarise(
            db=self.store.db,
            articles=self.store.articles,
            summaries=self.store.summaries,
            outbox=self.store.outbox,
            summariser=summariser,
            clock=self.clock,
        )

    @property
    def _sequels(self) -> Sequels:
        store = self.store
        return Sequels(db=store.db, outbox=store.outbox, stories=store.stories, acks=store.acks, mutes=store.mutes)

    def _deliver(self, platform: Platform) -> Deliver:
        return Deliver(
            db=self.store.db,
            platform=platform,
            outbox=self.store.outbox,
            articles=self.store.articles,
            stories=self.store.stories,
            sources=self.store.sources,
            subscriptions=self.store.subscriptions,
            acks=self.store.acks,
            votes=self.store.votes,
            shares=self.store.shares,
            notices=self._intake.notices,
            sequels=self._sequels,
            people=People(self.key),
            composer=Composer(key=self.key),
            leases=self.store.leases,
            clock=self.clock,
            wakes=self.store.db.wakes("outbox"),
            meter=self.meter,
            # An owner is one life of one flow: what an earlier one may still be writing is not ours to repeat.
            owner=f"{os.uname().nodename}:{os.getpid()}:{secrets.token_hex(4)}",
            stopping=self.stopping,
        )

    def _talk(self) -> Talk:
        reading = self.reading
        desk = Desk(
            db=self.store.db,
            sources=self.store.sources,
            articles=self.store.articles,
            stories=self.store.stories,
            search=self.store.search,
            channels=self.store.channels,
            mutes=self.store.mutes,
            withdrawing=self._intake.withdrawing,
            subscriptions=self.store.subscriptions,
            outbox=self.store.outbox,
            acks=self.store.acks,
            votes=self.store.votes,
            saved=self.store.saved,
            shares=self.store.shares,
            sharing=self._intake.sharing,
            tokens=self.store.tokens,
            persons=self.store.persons,
            agenda=self._agenda,
            letters=self._letters,
            trends=self.store.trends,
            feeds=self.feeds,
            audit=self.store.audit,
            holds=self.store.holds,
            notices=self._intake.notices,
            matching=self._intake.matching,
            places=Discover(look=Look(fetcher=reading.fetcher, cpu=reading.cpu, kinds=reading.kinds)),
            invitations=Invitations(self.platforms),
            people=People(self.key),
            clock=self.clock,
            key=self.key,
            code=new_code,
            language=self.settings.language,
            timezone=self.settings.timezone,
            web_url=self.settings.web_url or "",
            approval=self.settings.sources_approval,
        )
        return Talk(desk=desk, platforms=self.platforms, operators=self.settings.operators, meter=self.meter)


def new_code() -> str:
    """What a token is called by its button: short enough to be signed beside a choice, 51 bits."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def _listening(platform: Platform, talk: Talk) -> Job:
    async def listen() -> None:
        await platform.run(talk.handle, SPECS)

    return listen


def _anew(build: Callable[[Platform], Deliver], platform: Platform) -> Job:
    """A fresh flow at each restart: what it remembered in memory is not to be trusted after a failure."""

    async def deliver() -> None:
        await build(platform).run()

    return deliver
