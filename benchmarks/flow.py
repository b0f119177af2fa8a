"""The whole flow of reading, as `tocsin run` builds it, on a SQLite file: what is measured here is what is run."""

import asyncio
import os
import random
import resource
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters import sources as kinds
from adapters.cpu import CpuWorkers
from adapters.http import HttpFetcher
from bot.domain.source import Rhythm, Source
from bot.foundation import Reading, Store
from bot.intake import Intake
from bot.pipeline.ingest import UnderstandTogether
from bot.pipeline.watch import Watch
from bot.ports import Fetcher
from bot.wiring import store_on
from storage.database import database

RHYTHM = Rhythm(least=timedelta(minutes=1), most=timedelta(days=1))


@dataclass
class Counter:
    """The clock and the meter of a flow: it knows how many readings are over."""

    moment: datetime = field(default_factory=lambda: datetime.now(UTC))
    readings: int = 0
    sources: int = 0  # that it is asked to read
    done: asyncio.Event = field(default_factory=asyncio.Event)
    wanted: int = 0

    def now(self) -> datetime:
        return self.moment

    def count(self, name: str, /, by: float = 1, **labels: str) -> None:
        assert name != "source_failures", labels
        self.readings += name == "readings"
        if self.readings >= self.wanted:
            self.done.set()

    def set(self, name: str, value: float, /, **labels: str) -> None: ...

    def observe(self, name: str, seconds: float, /, **labels: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    watch: Watch
    counter: Counter
    store: Store

    @classmethod
    @asynccontextmanager
    async def on(
        cls,
        file: Path,
        understand: UnderstandTogether,
        counter: Counter,
        rhythm: Rhythm = RHYTHM,
        fetcher: Fetcher | None = None,
    ) -> AsyncIterator["Flow"]:
        """`fetcher`: in the place of the one that asks the network."""
        async with AsyncExitStack() as stack:
            db = await stack.enter_async_context(database(f"sqlite:///{file}"))
            if fetcher is None:
                fetcher = await stack.enter_async_context(HttpFetcher(private_networks=["127.0.0.0/8"]))
            cpu = await stack.enter_async_context(CpuWorkers())
            store = store_on(db)
            intake = Intake(
                store=store,
                reading=Reading(fetcher=fetcher, cpu=cpu, kinds=kinds),
                understand=understand,
                clock=counter,
                rhythm=rhythm,
                jitter=random.random,
                key=b"",
                operators=frozenset(),
            )
            wakes = db.wakes("sources")
            watch = Watch(ingest=intake.ingest, sources=store.sources, clock=counter, wakes=wakes, meter=counter)
            yield cls(watch=watch, counter=counter, store=store)

    async def add(self, urls: Sequence[str]) -> None:
        async with self.store.db.tx() as tx:
            for url in urls:
                slug = url.rsplit("/", 1)[1]
                await self.store.sources.add(tx, Source(slug=slug, title=slug, url=url, topics=("actualites",)))
        self.counter.sources += len(urls)

    async def read_all(self) -> None:
        """Every source once."""
        counter = self.counter
        counter.moment += timedelta(minutes=90)  # longer than any rhythm here, shorter than a long stop
        counter.done.clear()
        counter.wanted = counter.readings + counter.sources
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(self.watch.run())
            await counter.done.wait()
            watching.cancel()

    async def articles(self) -> int:
        (row,) = await self.store.db.fetch("SELECT COUNT(*) AS n FROM articles")
        return int(row["n"])


def processor_seconds(but: int) -> float:
    """Ours and our children's, living and dead, except that of the process `but`."""
    spent = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(who)
        spent += usage.ru_utime + usage.ru_stime
    tick = os.sysconf("SC_CLK_TCK")
    for pid in children():
        if pid != but:
            fields = _stat(pid)
            spent += (int(fields[11]) + int(fields[12])) / tick
    return spent


def children() -> Sequence[int]:
    """Process ids of those that live."""
    pids = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if (fields := _stat(pid)) and int(fields[1]) == os.getpid()]


def _stat(pid: int) -> Sequence[str]:
    """Of /proc/PID/stat, from the state on; [] when it has ended meanwhile."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return []
