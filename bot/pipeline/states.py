"""Where the reading of each source stands, into the rows: with its news, at once, or with those of other sources."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from bot.domain.source import Source
from bot.pipeline.notices import Notices
from bot.ports import Clock, Database, Tx
from bot.stores import Sources

GATHER = timedelta(milliseconds=250)
AT_ONCE = 200  # rows in one transaction: somebody's command waits for it

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class States:
    """A transaction costs more than a reading that brings nothing, so such readings share one. What is not written
    when we are killed is a hint that is lost: the source stays claimed until it is read again."""

    db: Database
    sources: Sources
    notices: Notices
    clock: Clock
    _gathered: list[Source] = field(default_factory=list)
    _some: asyncio.Event = field(default_factory=asyncio.Event)
    _running: bool = False

    async def write(self, tx: Tx, *sources: Source) -> None:
        now = self.clock.now()
        await self.sources.save(tx, *[await self.notices.of_source(tx, source, now) for source in sources])

    async def at_once(self, source: Source) -> None:
        async with self.db.tx() as tx:
            await self.write(tx, source)

    async def soon(self, source: Source) -> None:
        """A reading that said nothing: within a moment while `run` runs, else at once."""
        if self._running:
            self._gathered.append(source)
            self._some.set()
        else:
            await self.at_once(source)

    async def run(self) -> None:
        """Until cancelled, and then writes what is left."""
        self._running = True
        try:
            while True:
                await self._some.wait()
                await asyncio.sleep(GATHER.total_seconds())
                self._some.clear()
                await self._flush()
        finally:
            self._running = False
            await self._flush()

    async def _flush(self) -> None:
        while some := self._gathered[:AT_ONCE]:
            try:
                async with self.db.tx() as tx:
                    await self.write(tx, *some)
            except Exception:  # as after a kill: their claims run out, and they are read again
                log.exception("states of readings are not written", sources=len(some))
            del self._gathered[: len(some)]
