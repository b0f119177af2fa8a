"""States of readings that said nothing: gathered while `run` runs, at once otherwise, and never lost by a stop."""

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta

from bot.domain.source import Rhythm, Source
from bot.errors import StoreError
from bot.pipeline.states import States
from bot.ports import Database, Tx
from tests.fakes import World, entry

RHYTHM = Rhythm(least=timedelta(minutes=1), most=timedelta(days=1))


async def _three(world: World) -> tuple[States, list[Source]]:
    """After a reading each, not yet written."""
    for slug in "abc":
        await world.new_source(slug)
    now = world.clock.now()
    kept = await world.store.sources.claim(now, 10, now + timedelta(minutes=2))
    return world.ingest.keep.states, [source.read(now, RHYTHM, jitter=0.5) for source in kept]


async def _read(world: World) -> list[str]:
    return [source.slug for source in await world.store.sources.all() if source.last_success is not None]


async def test_alone_a_state_is_written_at_once(database: Database) -> None:
    world = World.on(database)
    states, read = await _three(world)
    await states.soon(read[0])
    assert await _read(world) == [read[0].slug]


async def test_a_stop_writes_what_was_gathered(database: Database) -> None:
    world = World.on(database)
    states, read = await _three(world)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(states.run())
        await asyncio.sleep(0)
        for source in read:
            await states.soon(source)
        assert await _read(world) == []
        running.cancel()
    assert await _read(world) == ["a", "b", "c"]


async def test_gathered_states_come_by_themselves_and_end_their_claims(database: Database) -> None:
    world = World.on(database)
    states, read = await _three(world)
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(states.run())
        await asyncio.sleep(0)
        for source in read:
            await states.soon(source)
        while await _read(world) != ["a", "b", "c"]:
            await asyncio.sleep(0.005)
        running.cancel()
    later = world.clock.now() + timedelta(days=1)
    assert len(await world.store.sources.claim(later, 10, later + timedelta(minutes=2))) == 3


class _Killed:
    """A database that nothing reaches any more."""

    def tx(self) -> AbstractAsyncContextManager[Tx]:
        raise StoreError("killed")


async def test_a_kill_before_they_are_written_costs_a_reading_and_doubles_nothing(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    world.site.publish(source, entry("1"))
    assert await world.read() == 1
    now = world.clock.now() + timedelta(days=1)
    claimed = timedelta(minutes=2)
    (kept,) = await world.store.sources.claim(now, 10, now + claimed)
    states = replace(world.ingest.keep.states, db=_Killed())  # type: ignore[arg-type]  # all that `States` asks for
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(states.run())
        await asyncio.sleep(0)
        await states.soon(kept.read(now, RHYTHM, jitter=0.5))
        assert await world.store.sources.claim(now, 10, now + claimed) == []  # nobody reads it meanwhile
        running.cancel()
    after = now + claimed
    (again,) = await world.store.sources.claim(after, 10, after + claimed)
    assert again.last_success == kept.last_success
    assert await world.ingest.check(again) == 0
    assert len(await world.store.articles.newest(10)) == 1
