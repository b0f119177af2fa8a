"""Held, folded, released: each channel at its own hour, once."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.domain.channel import Channel, Quiet, Rhythm
from bot.domain.rule import Rule, What
from bot.ports import Database
from bot.text.story import WINDOW
from tests.fakes import World, entry

CRITICAL = (
    "La faille CVE-2026-4321 d’un pare-feu est activement exploitée, score CVSS 9,8. Correctif urgent à appliquer."
)


async def _subscribed(world: World, chat: str, *, quiet: Quiet | None = None, how: Rhythm = Rhythm.NOW) -> Channel:
    channel = replace(await world.channel(chat), quiet=quiet, nudge=None)  # nobody takes anything here
    async with world.db.tx() as tx:
        await world.store.channels.save(tx, channel, world.clock.now())
        rule = Rule(what=What.EVERYTHING)
        await world.store.subscriptions.add(tx, channel.id, rule, how, silent=False, now=world.clock.now())
    return channel


async def test_quiet_hours_hold_an_article_and_let_a_critical_alert_through(database: Database) -> None:
    world = World.on(database)
    world.clock.moment = datetime(2026, 3, 10, 22, 0, tzinfo=UTC)  # 23:00 in Paris
    source = await world.source("a")
    await _subscribed(world, "g1", quiet=Quiet(start=time(22), end=time(7)))
    world.site.publish(
        source,
        entry("1", "La cantine change de prestataire"),
        entry("2", "Vulnérabilité critique dans un pare-feu", text=CRITICAL),
    )
    await world.read()
    await world.plan.sweep(world.clock.now())
    await world.deliver_all()
    assert world.platform.titles("g1") == ["Vulnérabilité critique dans un pare-feu"]
    world.clock.moment = datetime(2026, 3, 11, 6, 0, tzinfo=UTC)  # 07:00 in Paris
    await world.plan.sweep(world.clock.now())
    await world.deliver_all()
    assert world.platform.titles("g1")[1:] == ["La cantine change de prestataire"]


async def test_what_the_night_held_is_one_post_in_the_morning(database: Database) -> None:
    world = World.on(database)
    world.clock.moment = datetime(2026, 3, 10, 22, 0, tzinfo=UTC)
    source = await world.source("a")
    await _subscribed(world, "g1", quiet=Quiet(start=time(22), end=time(7)))
    world.site.publish(source, entry("1"), entry("2"), entry("3"))
    await world.read()
    for hour in (0, 3, 5):
        await world.plan.sweep(datetime(2026, 3, 11, hour, 0, tzinfo=UTC))
    assert world.platform.sent == []
    for minute in (0, 1, 2):  # a restart or two around the hour changes nothing
        world.clock.moment = datetime(2026, 3, 11, 6, minute, tzinfo=UTC)
        await world.plan.sweep(world.clock.now())
        await world.deliver_all()
    assert len(world.platform.sent) == 1


async def test_after_a_long_stop_what_is_overdue_is_one_post_and_alerts_ring(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    await _subscribed(world, "g1")
    world.site.publish(
        source, entry("1"), entry("2"), entry("3"), entry("4", "Vulnérabilité critique dans un pare-feu", text=CRITICAL)
    )
    await world.read()
    world.clock.forward(timedelta(hours=8))  # the bot was down before it could send
    await world.plan.catch_up(world.clock.now())
    await world.plan.sweep(world.clock.now())
    await world.deliver_all()
    assert len(world.platform.sent) == 2
    assert world.platform.titles("g1")[0] == "Vulnérabilité critique dans un pare-feu"


async def test_a_source_unread_for_long_catches_up_in_one_post(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    await _subscribed(world, "g1")
    world.clock.forward(timedelta(hours=8))
    world.site.publish(source, entry("1"), entry("2"), entry("3"))
    await world.read()
    world.clock.forward(timedelta(minutes=1))
    await world.plan.sweep(world.clock.now())
    await world.deliver_all()
    assert len(world.platform.sent) == 1


@pytest.mark.parametrize("stopped_at", [20, 23], ids=["before the quiet hours", "in them"])
async def test_a_start_in_the_middle_of_the_night_tells_the_morning_what_it_missed(
    database: Database, stopped_at: int
) -> None:
    world = World.on(database)
    world.clock.moment = datetime(2026, 3, 10, stopped_at - 1, 30, tzinfo=UTC)  # Paris is an hour ahead
    source = await world.source("a")
    await _subscribed(world, "g1", quiet=Quiet(start=time(22), end=time(7)))
    world.site.publish(source, entry("1"), entry("2", "Un autre article"))
    await world.read()
    for started_at in (datetime(2026, 3, 11, 1, 0, tzinfo=UTC), datetime(2026, 3, 12, 1, 0, tzinfo=UTC)):
        world.clock.moment = started_at
        await world.plan.catch_up(started_at)
        await world.plan.sweep(started_at)
        await world.deliver_all()
        assert world.platform.sent == []
    world.clock.moment = datetime(2026, 3, 12, 6, 0, tzinfo=UTC)
    await world.plan.sweep(world.clock.now())
    await world.deliver_all()
    assert len(world.platform.sent) == 1


async def test_a_letter_comes_at_its_hour_also_in_quiet_hours(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    await _subscribed(world, "g1", quiet=Quiet(start=time(22), end=time(9)), how=Rhythm.DAILY)  # the letter is at 07:30
    world.site.publish(source, entry("1"), entry("2", "Un autre article"))
    await world.read()
    world.clock.moment = datetime(2026, 3, 11, 6, 30, tzinfo=UTC)
    await world.plan.sweep(world.clock.now())
    await world.deliver_all()
    assert len(world.platform.sent) == 1


async def test_words_are_kept_as_long_as_a_new_article_may_ask_for_them(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.stories.AT_ONCE", 2)  # of many stretches, each is looked through
    world = World.on(database)
    source = await world.source("a")
    world.site.publish(source, entry("1", "Un hôpital de Valdore", published=world.clock.now()))
    await world.read()
    await world.plan.forget(world.clock.now() + 2 * WINDOW)
    assert await _words(world)
    world.site.publish(source, entry("2", "Une maternité à Kerval", published=world.clock.now() + timedelta(days=2)))
    world.clock.forward(timedelta(days=2))
    await world.read()
    await world.plan.forget(world.clock.now() + 2 * WINDOW)
    left = await _words(world)
    assert "kerval" in left
    assert "valdor" not in left


async def _words(world: World) -> set[str]:
    return {row["term"] for row in await world.db.fetch("SELECT term FROM story_terms")}
