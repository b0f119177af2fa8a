"""Who holds a lane: one at a time, and a former holder's writes are refused."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.domain.delivery import Outcome, State
from bot.errors import LeaseLost
from bot.foundation import Store
from bot.ports import Lease
from bot.stores import Owed
from bot.wiring import store_on
from storage.database import database as opened
from storage.leases import Leases
from tests.fakes import START
from tests.storage.rows import a_post, add_channel, hold_lane, owe_to, send, states, waiting

TTL = timedelta(minutes=1)
LATER = START + TTL
FAILED = Outcome(state=State.FAILED, attempts=0, error="x")


async def test_one_holds_it_and_the_other_waits(store: Store) -> None:
    assert await store.leases.hold("lane", "one", TTL, START) == Lease(
        name="lane", owner="one", epoch=1, expires_at=LATER
    )
    assert await store.leases.hold("lane", "two", TTL, START) is None
    assert await store.leases.hold("another lane", "two", TTL, START) is not None


async def test_a_renewal_lasts_longer_and_keeps_the_epoch(store: Store) -> None:
    await store.leases.hold("lane", "one", TTL, START)
    renewed = await store.leases.hold("lane", "one", TTL, START + TTL / 2)
    assert renewed is not None
    assert (renewed.epoch, renewed.expires_at) == (1, LATER + TTL / 2)
    assert await store.leases.hold("lane", "two", TTL, LATER) is None


async def test_once_expired_it_is_taken_over_under_a_higher_epoch(store: Store) -> None:
    await store.leases.hold("lane", "one", TTL, START)
    assert await store.leases.hold("lane", "two", TTL, LATER - timedelta(milliseconds=1)) is None
    taken = await store.leases.hold("lane", "two", TTL, LATER)
    assert taken is not None
    assert (taken.owner, taken.epoch) == ("two", 2)
    assert await store.leases.hold("lane", "one", TTL, LATER) is None


async def test_a_released_one_is_free_at_once_under_a_higher_epoch(store: Store) -> None:
    lease = await hold_lane(store, "one")
    await store.leases.release(lease)
    assert (await hold_lane(store, "one")).epoch == 2


async def test_a_former_holder_releases_nothing(store: Store) -> None:
    former = await hold_lane(store, "one")
    assert await store.leases.hold(former.name, "two", TTL, LATER) is not None
    await store.leases.release(former)
    assert await store.leases.hold(former.name, "three", TTL, LATER) is None


async def test_what_dead_processes_held_is_free(store: Store) -> None:
    await hold_lane(store, "dead")
    await Leases(store.db).forget_all()
    assert (await hold_lane(store, "alive")).epoch == 2


async def test_of_many_that_ask_at_once_from_two_processes_one_gets_it(store: Store, store_url: str) -> None:
    async with opened(store_url) as db:
        other = store_on(db)
        async with asyncio.TaskGroup() as tasks:
            asked = [
                tasks.create_task(side.leases.hold("lane", f"{number}", TTL, START))
                for number, side in enumerate((store, other) * 5)
            ]
    assert sum(task.result() is not None for task in asked) == 1


Write = Callable[[Store, Lease, Owed], Awaitable[object]]


async def _sent(store: Store, lease: Lease, owed: Owed) -> None:
    async with store.db.tx() as tx:
        await store.outbox.sent(tx, lease, owed, "m1", START)


async def _failed(store: Store, lease: Lease, owed: Owed) -> None:
    async with store.db.tx() as tx:
        await store.outbox.failed(tx, lease, owed, FAILED, START)


WRITES: dict[str, Write] = {
    "begin": lambda store, lease, owed: store.outbox.begin(lease, owed, START),
    "sent": _sent,
    "failed": _failed,
    "drop": lambda store, lease, owed: store.outbox.drop(lease, owed, "expired"),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
async def test_a_former_holders_write_is_refused_and_changes_nothing(store: Store, write: Write) -> None:
    former = await hold_lane(store, "one")
    channel = await add_channel(store)
    await owe_to(store, a_post(), channel)
    (owed,) = await waiting(store)
    present = await store.leases.hold(former.name, "two", TTL, LATER)
    assert present is not None
    with pytest.raises(LeaseLost):
        await write(store, former, owed)
    assert await states(store.db) == {("s:1", channel.id): State.TODO}
    assert (await waiting(store))[0].delivery.attempts == 0
    await send(store, present, owed)
    assert await states(store.db) == {("s:1", channel.id): State.SENT}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
async def test_after_its_release_a_lease_writes_no_more(store: Store, write: Write) -> None:
    lease = await hold_lane(store)
    await owe_to(store, a_post(), await add_channel(store))
    (owed,) = await waiting(store)
    await store.leases.release(lease)
    await store.leases.hold(lease.name, "two", TTL, START)
    with pytest.raises(LeaseLost):
        await write(store, lease, owed)
