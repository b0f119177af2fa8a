"""From pages to rows: the flows of reading, each built from the others, on one store."""

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.domain.source import Rhythm
from bot.foundation import Reading, Store
from bot.people import People
from bot.pipeline.claims import Claims
from bot.pipeline.exploited import Marking
from bot.pipeline.fresh import Remembered
from bot.pipeline.holds import Holding, Settle
from bot.pipeline.ingest import Ingest, UnderstandTogether
from bot.pipeline.keep import Keep
from bot.pipeline.matching import Matching
from bot.pipeline.milestones import Milestones
from bot.pipeline.notices import Notices
from bot.pipeline.reminders import Reminders
from bot.pipeline.share import Sharing
from bot.pipeline.states import States
from bot.pipeline.stories import Stories
from bot.pipeline.withdraw import Withdrawing
from bot.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """`key` names people in the rows; `understand` is a module's function, so that it runs in a worker process."""

    store: Store
    reading: Reading
    understand: UnderstandTogether
    clock: Clock
    rhythm: Rhythm
    jitter: Callable[[], float]
    key: bytes
    operators: frozenset[tuple[str, str]]  # (platform, id)
    remembered: Remembered = field(default_factory=Remembered)

    @property
    def ingest(self) -> Ingest:
        return Ingest(
            db=self.store.db,
            fetcher=self.reading.fetcher,
            cpu=self.reading.cpu,
            kinds=self.reading.kinds,
            understand=self.understand,
            articles=self.store.articles,
            boilerplate=self.store.boilerplate,
            keep=self.keep,
            marking=self.marking,
            clock=self.clock,
            rhythm=self.rhythm,
            jitter=self.jitter,
            remembered=self.remembered,
        )

    @property
    def keep(self) -> Keep:
        return Keep(
            db=self.store.db,
            articles=self.store.articles,
            boilerplate=self.store.boilerplate,
            outbox=self.store.outbox,
            matching=self.matching,
            marking=self.marking,
            milestones=self._milestones,
            holding=self.holding,
            states=States(db=self.store.db, sources=self.store.sources, notices=self.notices, clock=self.clock),
            stories=self.stories,
            claims=self._claims,
            clock=self.clock,
        )

    @property
    def stories(self) -> Stories:
        return Stories(
            rows=self.store.stories,
            articles=self.store.articles,
            outbox=self.store.outbox,
            matching=self.matching,
        )

    @property
    def settle(self) -> Settle:
        return Settle(
            db=self.store.db,
            holding=self.holding,
            holds=self.store.holds,
            articles=self.store.articles,
            outbox=self.store.outbox,
            stories=self.stories,
            clock=self.clock,
            wakes=self.store.db.wakes("holds"),
        )

    @property
    def withdrawing(self) -> Withdrawing:
        store = self.store
        return Withdrawing(
            rows=store.withdrawals,
            articles=store.articles,
            stories=store.stories,
            subscriptions=store.subscriptions,
            matching=self.matching,
        )

    @property
    def matching(self) -> Matching:
        return Matching(subscriptions=self.store.subscriptions, articles=self.store.articles, mutes=self.store.mutes)

    @property
    def sharing(self) -> Sharing:
        return Sharing(
            fetcher=self.reading.fetcher,
            cpu=self.reading.cpu,
            kinds=self.reading.kinds,
            understand=self.understand,
            marking=self.marking,
            stories=self.stories,
            articles=self.store.articles,
            sources=self.store.sources,
            clock=self.clock,
        )

    @property
    def marking(self) -> Marking:
        return Marking(
            db=self.store.db,
            cpu=self.reading.cpu,
            exploited=self.store.exploited,
            articles=self.store.articles,
            outbox=self.store.outbox,
            stories=self.stories,
            clock=self.clock,
        )

    @property
    def _claims(self) -> Claims:
        return Claims(
            rows=self.store.deadlines,
            articles=self.store.articles,
            outbox=self.store.outbox,
            matching=self.matching,
        )

    @property
    def reminders(self) -> Reminders:
        return Reminders(
            db=self.store.db,
            rows=self.store.deadlines,
            articles=self.store.articles,
            channels=self.store.channels,
            outbox=self.store.outbox,
            matching=self.matching,
        )

    @property
    def _milestones(self) -> Milestones:
        return Milestones(
            cpu=self.reading.cpu,
            articles=self.store.articles,
            outbox=self.store.outbox,
            matching=self.matching,
        )

    @property
    def holding(self) -> Holding:
        return Holding(
            db=self.store.db,
            holds=self.store.holds,
            articles=self.store.articles,
            matching=self.matching,
            notices=self.notices,
        )

    @property
    def notices(self) -> Notices:
        return Notices(
            channels=self.store.channels,
            subscriptions=self.store.subscriptions,
            audit=self.store.audit,
            outbox=self.store.outbox,
            people=People(self.key),
            operators=self.operators,
        )
