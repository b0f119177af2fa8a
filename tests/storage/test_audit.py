"""What was changed is noted in the transaction that changes it."""

import json

import pytest

from bot.domain.ids import ChannelId
from bot.foundation import Store
from tests.fakes import START


async def test_a_change_is_noted_with_its_values(store: Store) -> None:
    async with store.db.tx() as tx:
        await store.audit.note(tx, START, ChannelId(7), "hash", "subscribe", rule="« é »", how="now")
        await store.audit.note(tx, START, ChannelId(7), "hash", "pause")
    first, second = await store.db.fetch("SELECT * FROM audit ORDER BY id")
    at = int(START.timestamp() * 1000)
    assert (first["at"], first["channel"], first["person"], first["verb"]) == (at, 7, "hash", "subscribe")
    assert json.loads(first["payload"]) == {"rule": "« é »", "how": "now"}
    assert json.loads(second["payload"]) == {}


async def test_a_change_taken_back_is_not_noted(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        async with store.db.tx() as tx:
            await store.audit.note(tx, START, ChannelId(7), "hash", "pause")
            raise ZeroDivisionError
    assert await store.db.fetch("SELECT * FROM audit") == []
