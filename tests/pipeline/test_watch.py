"""How many sources are read at once, and in whose claim."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.pipeline.watch import CLAIMED_AT_ONCE, Watch
from bot.ports import Database, NotModified, Page
from tests.fakes import FakeSite, NoMeter, World


@dataclass
class Door(FakeSite):
    """A site whose source `slow` answers when it is opened."""

    asked: list[str] = field(default_factory=list)
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    slow: str = ""

    async def get(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Page | NotModified:
        self.asked.append(url)
        if url == self.slow:
            await self.opened.wait()
        return await super().get(url, etag=etag, last_modified=last_modified)


def _watch(world: World, at_once: int) -> Watch:
    return Watch(
        ingest=world.ingest,
        sources=world.store.sources,
        clock=world.clock,
        wakes=world.db.wakes("sources"),
        meter=NoMeter(),
        at_once=at_once,
    )


@asynccontextmanager
async def _running(watch: Watch) -> AsyncIterator[None]:
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(watch.run())
        yield
        running.cancel()


async def _until(is_so: Callable[[], bool]) -> None:
    while not is_so():
        await asyncio.sleep(0.002)


async def test_all_that_are_due_are_read_once_in_few_places(database: Database) -> None:
    site = Door()
    world = replace(World.on(database), site=site)
    urls = [(await world.new_source(f"s{number}")).url for number in range(CLAIMED_AT_ONCE + 5)]
    async with _running(_watch(world, 3)):
        while not all(source.last_success for source in await world.store.sources.all()):
            await asyncio.sleep(0.01)
    assert sorted(site.asked) == sorted(urls)


async def test_a_slow_source_holds_one_place_and_not_the_others(database: Database) -> None:
    site = Door()
    world = replace(World.on(database), site=site)
    urls = [(await world.new_source(slug)).url for slug in "abcdef"]
    site.slow = urls[0]
    async with _running(_watch(world, 2)):
        await _until(lambda: site.readings == len(urls) - 1)
        site.opened.set()
        await _until(lambda: site.readings == len(urls))


@pytest.mark.parametrize("taken", [False, True])
async def test_what_waited_for_a_place_too_long_is_read_unless_somebody_else_has_it(
    database: Database, taken: bool
) -> None:
    site = Door()
    world = replace(World.on(database), site=site)
    slow, waiting = [(await world.new_source(slug)).url for slug in "ab"]
    site.slow = slow
    claim = timedelta(seconds=5)  # of which a tenth may be spent waiting
    loop = asyncio.get_running_loop()
    async with _running(replace(_watch(world, 1), claim=claim)):
        await _until(lambda: site.asked == [slow])
        begun = loop.time()
        await _until(lambda: loop.time() > begun + claim.total_seconds() / 10)
        if taken:
            later = world.clock.now() + claim
            others = await world.store.sources.claim(later, 10, later + claim)
            assert waiting in [source.url for source in others]
        last = (await world.new_source("c")).url
        site.opened.set()
        await _until(lambda: last in site.asked)
    assert site.asked == [slow, last] if taken else [slow, waiting, last]
