"""Wakes: hints that come after the commit, from this process and, on PostgreSQL, from any other."""

import asyncio
import time
from datetime import timedelta

import pytest

from bot.ports import Database
from storage.database import OpenDatabase
from storage.database import database as opened

SOON = timedelta(milliseconds=150)
LONG = timedelta(seconds=20)


async def _wake(db: Database, *topics: str) -> None:
    async with db.tx() as tx:
        for topic in topics:
            tx.wake(topic)


async def _is_woken(db: Database, topic: str, *wakers: str) -> bool:
    """Does a waiter of `topic` return well before its time when `wakers` are woken?"""
    wakes = db.wakes(topic)
    await wakes.wait(timedelta(seconds=0.01))  # it listens from here on
    started = time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(wakes.wait(LONG if topic in wakers else SOON))
        await _wake(db, *wakers)
    return time.monotonic() - started < (LONG if topic in wakers else SOON).total_seconds() - 0.01


async def test_whoever_waits_on_a_topic_is_woken_by_it(database: Database) -> None:
    assert await _is_woken(database, "outbox", "outbox")


async def test_another_topic_wakes_nobody(database: Database) -> None:
    assert not await _is_woken(database, "outbox", "held")


async def test_a_call_made_while_nobody_waited_is_not_lost(database: Database) -> None:
    wakes = database.wakes("outbox")
    await wakes.wait(timedelta(seconds=0.01))
    await _wake(database, "outbox")
    async with asyncio.timeout(5):
        await wakes.wait(LONG)


async def test_nobody_is_woken_before_the_commit(database: Database) -> None:
    wakes = database.wakes("outbox")
    seen: list[int] = []

    async def look() -> None:
        await wakes.wait(LONG)
        seen.append(len(await database.fetch("SELECT 1 AS one FROM watchlists")))

    await wakes.wait(timedelta(seconds=0.01))
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        tasks.create_task(look())
        async with database.tx() as tx:
            tx.wake("outbox")
            await tx.execute("INSERT INTO watchlists (community, vendor) VALUES ('c', 'a')")
            await asyncio.sleep(SOON.total_seconds())
            assert seen == []
    assert seen == [1]


async def test_a_transaction_taken_back_wakes_nobody(database: Database) -> None:
    wakes = database.wakes("outbox")
    await wakes.wait(timedelta(seconds=0.01))
    with pytest.raises(ZeroDivisionError):
        async with database.tx() as tx:
            tx.wake("outbox")
            raise ZeroDivisionError
    started = time.monotonic()
    await wakes.wait(SOON)
    assert time.monotonic() - started >= SOON.total_seconds() * 0.9


async def test_each_of_several_waiters_is_woken(database: Database) -> None:
    waiters = [database.wakes("outbox") for _ in range(3)]
    for waiter in waiters:
        await waiter.wait(timedelta(seconds=0.01))
    await _wake(database, "outbox")
    async with asyncio.timeout(5):
        for waiter in waiters:
            await waiter.wait(LONG)


async def test_more_topics_than_one_notification_carries_wake_everybody(database: Database) -> None:
    topics = [f"topic {number:04d}" for number in range(1_000)]
    assert await _is_woken(database, topics[-1], *topics)


@pytest.mark.parametrize("driver", ["postgresql"])
async def test_another_process_is_woken_too(database: OpenDatabase, store_url: str) -> None:
    """On SQLite what another one wrote is found by looking again."""
    async with opened(store_url) as other:
        wakes = other.wakes("outbox")
        await _wake(database, "outbox")
        async with asyncio.timeout(5):
            await wakes.wait(LONG)


@pytest.mark.parametrize("driver", ["postgresql"])
async def test_a_listener_whose_connection_was_lost_listens_again(database: OpenDatabase) -> None:
    """What was called meanwhile may have been missed, so it counts as a call."""
    wakes = database.wakes("outbox")
    await wakes.wait(timedelta(seconds=0.01))
    async with database.tx() as tx:
        await tx.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'LISTEN%'"
        )
    await asyncio.sleep(0.1)
    async with asyncio.timeout(5):
        await wakes.wait(LONG)
    await _wake(database, "outbox")
    async with asyncio.timeout(5):
        await wakes.wait(LONG)
