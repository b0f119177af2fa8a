"""Who takes an alert: the first one, in each channel apart."""

from datetime import timedelta

from bot.domain.ids import ChannelId, PostId
from bot.foundation import Store
from bot.stores import Ack
from tests.fakes import START

POST, CHANNEL, OTHER = PostId(1), ChannelId(1), ChannelId(2)
ANNE = Ack(name="gAAAA-ciphertext", person="hash of Anne", taken_at=START)
EMILE = Ack(name="", person="hash of Émile", taken_at=START + timedelta(minutes=1))


async def _take(store: Store, channel: ChannelId, ack: Ack) -> Ack:
    async with store.db.tx() as tx:
        return await store.acks.take(tx, POST, channel, ack)


async def _release(store: Store, ack: Ack) -> bool:
    async with store.db.tx() as tx:
        return await store.acks.release(tx, POST, CHANNEL, ack.person)


async def test_the_first_to_take_it_keeps_it(store: Store) -> None:
    assert await store.acks.of(store.db, POST, CHANNEL) is None
    assert await _take(store, CHANNEL, ANNE) == ANNE
    assert await _take(store, CHANNEL, EMILE) == ANNE
    assert await _take(store, CHANNEL, ANNE) == ANNE
    assert await store.acks.of(store.db, POST, CHANNEL) == ANNE


async def test_each_channel_has_its_own(store: Store) -> None:
    assert await _take(store, CHANNEL, ANNE) == ANNE
    assert await _take(store, OTHER, EMILE) == EMILE


async def test_only_its_holder_gives_it_back_and_then_another_takes_it(store: Store) -> None:
    await _take(store, CHANNEL, ANNE)
    assert not await _release(store, EMILE)
    assert await _release(store, ANNE)
    assert not await _release(store, ANNE)
    assert await _take(store, CHANNEL, EMILE) == EMILE
