"""The secret address of a channel's calendar."""

from dataclasses import replace
from datetime import timedelta

from bot.ports import Database
from tests.commands.desk import desk_on
from tests.deadlines import Row, deadline
from tests.fakes import World


async def test_an_address_lasts_and_its_calendar_holds_what_passed_lately(database: Database) -> None:
    world = World.on(database)
    feeds, channel = desk_on(world).feeds, await world.channel()
    await deadline(world, 1, Row(at="2026-03-30"))
    async with database.tx() as tx:
        made = await feeds.address(tx, channel.id, world.clock.now())
    assert len(made.secret) == 32
    for days, shown in ((0, True), (40, True), (30, False), (700, False)):
        world.clock.forward(timedelta(days=days))
        async with database.tx() as tx:
            await world.store.tokens.sweep(tx, world.clock.now())
        document = await feeds.read(made.secret)
        assert document is not None and (b"BEGIN:VEVENT" in document.content) is shown


async def test_the_rows_hold_no_address_and_another_key_opens_none(database: Database) -> None:
    world = World.on(database)
    feeds, channel = desk_on(world).feeds, await world.channel()
    async with database.tx() as tx:
        made = await feeds.address(tx, channel.id, world.clock.now())
    rows = await database.fetch("SELECT * FROM tokens")
    assert made.secret not in str([dict(row) for row in rows])
    assert await replace(feeds, key=b"another" * 5).read(made.secret) is None
    assert await feeds.read("0" * 32) is None


async def test_an_address_ends_with_its_channel(database: Database) -> None:
    world = World.on(database)
    feeds, channel = desk_on(world).feeds, await world.channel("7")
    async with database.tx() as tx:
        made = await feeds.address(tx, channel.id, world.clock.now())
        await tx.execute("UPDATE channels SET is_group = 0")
    assert await feeds.read(made.secret) is not None
    async with database.tx() as tx:
        await world.store.persons.forget_chat(tx, channel.community)
    assert await feeds.read(made.secret) is None
    assert await database.fetch("SELECT * FROM tokens") == []
