"""Which sources are due, and how many are read at once."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.domain.source import Source
from bot.errors import SourceError
from bot.pipeline.ingest import Ingest
from bot.ports import Clock, Meter, Wakes
from bot.stores import Sources

CLAIM = timedelta(minutes=2)
LONGEST = 0.9  # of its claim a reading may take; what waited for its place longer than the rest is claimed anew
LOOK_AGAIN = timedelta(seconds=5)  # a wake-up may be lost
AT_ONCE = 20
CLAIMED_AT_ONCE = 100  # they wait for a place: a claim costs as much as three readings that bring nothing

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    ingest: Ingest
    sources: Sources
    clock: Clock
    wakes: Wakes
    meter: Meter
    at_once: int = AT_ONCE
    claim: timedelta = CLAIM

    async def run(self) -> None:
        """Until cancelled. A slow or hostile source holds one of `at_once` places, never the others."""
        claimed = _Claimed()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.ingest.keep.states.run())
            for _ in range(self.at_once):
                tasks.create_task(self._place(claimed))
            while True:
                now = self.clock.now()
                latest = asyncio.get_running_loop().time() + (1 - LONGEST) * self.claim.total_seconds()
                sources = await self.sources.claim(now, CLAIMED_AT_ONCE, now + self.claim)
                for source in sources:
                    claimed.waiting.put_nowait(_Waiting(source, now + self.claim, latest))
                if len(sources) < CLAIMED_AT_ONCE:
                    await self._rest()
                await claimed.fewer_than(self.at_once)

    async def _place(self, claimed: "_Claimed") -> None:
        """One source after the other."""
        loop = asyncio.get_running_loop()
        while True:
            one = await claimed.next()
            if loop.time() <= one.latest or await self._renewed(one):
                await self._read(one.source)

    async def _renewed(self, one: "_Waiting") -> bool:
        """False when its claim ended while it waited, and somebody else has it."""
        return await self.sources.renew(one.source.id, one.until, self.clock.now() + self.claim)

    async def _rest(self) -> None:
        next_due = await self.sources.next_due()
        # While they are read the rows tell of the end of their claims: look again as often as one may be due.
        longest = min(LOOK_AGAIN, self.ingest.rhythm.least)
        wait = longest if next_due is None else min(longest, next_due - self.clock.now())
        await self.wakes.wait(max(wait, timedelta(milliseconds=20)))

    async def _read(self, source: Source) -> None:
        loop = asyncio.get_running_loop()
        began, outcome = loop.time(), "failed"
        try:
            async with asyncio.timeout(LONGEST * self.claim.total_seconds()):
                new = await self.ingest.check(source)
        except SourceError as error:
            self.meter.count("source_failures", source=source.slug, code=error.code)
            if source.last_error is None:  # the first failure, not each repetition
                log.warning("source fails", source=source.slug, code=error.code, error=str(error))
        except TimeoutError:
            log.warning("source took too long, it is read again later", source=source.slug)
            await self._give_up(source, "timeout")
        except Exception:  # one source's surprise must not stop the others
            log.exception("source failed in a way we did not foresee", source=source.slug)
            await self._give_up(source, "unexpected")
        else:
            outcome = "news" if new else "nothing"
            self.meter.count("articles", new, source=source.slug)
            if source.last_error is not None:
                log.info("source is back", source=source.slug)
            if new:
                log.info("source read", source=source.slug, new=new)
        finally:
            self.meter.count("readings", outcome=outcome)
            self.meter.observe("reading", loop.time() - began)

    async def _give_up(self, source: Source, code: str) -> None:
        try:
            await self.ingest.give_up(source, code)
        except Exception:  # as after a kill: its claim runs out, and it is read again
            log.exception("the state of a source is not written", source=source.slug)


@dataclass(frozen=True, slots=True)
class _Waiting:
    source: Source
    until: datetime  # it is claimed
    latest: float  # moment of the loop's clock at which its reading fits into that claim


@dataclass(frozen=True, slots=True)
class _Claimed:
    """Sources that wait for a place."""

    waiting: asyncio.Queue[_Waiting] = field(default_factory=asyncio.Queue)
    _taken: asyncio.Event = field(default_factory=asyncio.Event)

    async def next(self) -> _Waiting:
        one = await self.waiting.get()
        self._taken.set()
        return one

    async def fewer_than(self, some: int) -> None:
        while self.waiting.qsize() >= some:
            self._taken.clear()
            await self._taken.wait()
