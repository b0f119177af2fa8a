"""A pause: what waits, what rings all the same, and how it ends: by itself, by a word, or taken back."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from bot.domain.channel import Quiet
from bot.domain.source import Trust
from bot.ports import Database
from tests.commands.desk import MEMBER, Chat, button, said
from tests.fakes import START, World, entry, where

GRAVE = "La faille CVE-2026-4321 d’un pare-feu est activement exploitée, score CVSS 9,8. Correctif urgent à appliquer."
FLAW = "Une faille de FortiOS, CVE-2026-11111, permet de contourner l’authentification. Son score CVSS est de 9,1."
HOUR = timedelta(hours=1)
PRODUCTS = ["un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit"]


async def listening(database: Database, *typed: str) -> World:
    world = World.on(database)
    await world.source("a", trust=Trust.OFFICIAL)
    for one in typed or ("/abonner tout",):
        await Chat(world).say(one)
    return world


async def publish(world: World, *titles: str, text: str = "") -> None:
    (source,) = await world.store.sources.all()
    for title in titles:
        changes = {"summary": text} if text else {}
        world.site.publish(source, entry(title, title, published=world.clock.now(), **changes))
    await world.read("a")


async def pass_time(world: World, by: timedelta = timedelta()) -> list[str]:
    """What everybody reads in the chat after it."""
    world.clock.forward(by)
    await world.plan.sweep(world.clock.now())
    await world.deliver_all()
    return world.platform.titles("g1")


async def test_what_a_pause_held_is_one_post_when_it_ends(database: Database) -> None:
    world = await listening(database)
    assert "jusqu’au 10 mars 2026, 12:00" in said(await Chat(world).say("/pause 2h"))
    await publish(world, "Un", "Deux")
    await publish(world, "Trois")
    assert await pass_time(world, HOUR) == []
    assert await pass_time(world, HOUR) == ["Pendant la pause"]
    assert await pass_time(world, HOUR) == ["Pendant la pause"]
    await publish(world, "Quatre")
    assert await pass_time(world, timedelta(minutes=1)) == ["Pendant la pause", "Quatre"]


async def test_what_was_owed_before_the_pause_waits_too(database: Database) -> None:
    world = await listening(database)
    await publish(world, "Un", "Deux")
    await Chat(world).say("/pause 1 jour")
    assert await pass_time(world) == []
    assert await pass_time(world, timedelta(days=1)) == ["Pendant la pause"]


async def test_a_critical_alert_rings_in_a_pause_and_a_warning_where_it_concerns(database: Database) -> None:
    world = await listening(database, "/abonner alertes", "/parc ajouter fortios")
    await Chat(world, "g2").say("/abonner alertes")
    for chat in ("g1", "g2"):
        reply = await Chat(world, chat).say("/pause")
        assert "Sonnent quand même" in said(reply) and "critiques" in said(reply)
    await publish(world, "Pare-feu : faille exploitée", text=GRAVE)
    await publish(world, "Vulnérabilité dans FortiOS", text=FLAW)
    assert await pass_time(world) == ["Pare-feu : faille exploitée", "Vulnérabilité dans FortiOS"]
    assert world.platform.titles("g2") == ["Pare-feu : faille exploitée"]


async def test_a_pause_without_a_duration_lasts_until_resume(database: Database) -> None:
    world = await listening(database)
    await Chat(world).say("/pause")
    await publish(world, "Un", "Deux")
    assert await pass_time(world, timedelta(days=400)) == []
    reply = await Chat(world).say("/reprendre")
    assert "arrive dans un instant" in said(reply)
    assert await pass_time(world) == ["Pendant la pause"]
    assert "Aucune pause" in said(await Chat(world).say("/reprendre"))


async def test_the_button_of_a_pause_ends_it_after_a_restart(database: Database) -> None:
    world = await listening(database)
    resume = button(await Chat(world).say("/pause 3 jours"), "Reprendre maintenant")
    await publish(world, "Un", "Deux")
    assert (await Chat(world).press(resume)).replaces
    assert await pass_time(world) == ["Pendant la pause"]


async def test_undo_of_a_pause_and_of_its_end_bring_back_what_was(database: Database) -> None:
    world = await listening(database)
    paused = await Chat(world).say("/pause 3 jours")
    await publish(world, "Un", "Deux")
    over = await Chat(world).say("/reprendre")
    await Chat(world).press(button(over, "Annuler"))
    assert await pass_time(world, timedelta(minutes=5)) == []
    await Chat(world).press(button(paused, "Annuler"))
    assert await pass_time(world) == ["Pendant la pause"]
    verbs = [row["verb"] for row in await database.fetch("SELECT verb FROM audit ORDER BY id")]
    assert verbs == ["subscribe", "pause", "resume", "undo", "undo"]


async def test_a_pause_that_ends_in_quiet_hours_waits_for_their_end(database: Database) -> None:
    world = await listening(database)
    channel = await world.channel("g1")
    async with world.db.tx() as tx:
        await world.store.channels.save(tx, replace(channel, quiet=Quiet(start=time(11), end=time(14))), START)
    await Chat(world).say("/pause")
    await publish(world, "Un", "Deux")
    world.clock.forward(2 * HOUR)  # 12:00 in Paris
    assert "à la fin de vos heures calmes, le 10 mars 2026, 14:00" in said(await Chat(world).say("/reprendre"))
    assert await pass_time(world, HOUR) == []
    assert await pass_time(world, HOUR) == ["Ce que vous avez manqué"]


async def test_a_letter_still_to_come_keeps_its_articles_when_a_pause_ends_early(database: Database) -> None:
    world = await listening(database, "/abonner tout daily")
    await publish(world, "Un", "Deux")
    await Chat(world).say("/pause 3 jours")
    await publish(world, "Trois")
    await Chat(world).say("/reprendre")
    assert await pass_time(world) == []
    assert await pass_time(world, timedelta(days=1)) == ["Le point du jour"]


async def test_a_letter_whose_hour_passed_in_the_pause_arrives_when_it_ends(database: Database) -> None:
    world = await listening(database, "/abonner tout weekly")
    await publish(world, "Un", "Deux")
    await Chat(world).say("/pause 8 jours")  # over Monday
    assert await pass_time(world, timedelta(days=7)) == []
    await Chat(world).say("/reprendre")
    assert await pass_time(world) == ["Pendant la pause"]


async def test_another_pause_takes_the_place_of_the_first(database: Database) -> None:
    world = await listening(database)
    await Chat(world).say("/pause 3 jours")
    await publish(world, "Un", "Deux")
    await Chat(world).say("/pause 1h")
    assert await pass_time(world, HOUR) == ["Pendant la pause"]


@pytest.mark.parametrize(("count", "told"), [(3, 3), (8, 1)])
async def test_a_few_alerts_ring_after_a_pause_and_many_are_one_post(database: Database, count: int, told: int) -> None:
    world = await listening(database, "/abonner alertes")
    await Chat(world).say("/pause 1 semaine")
    for number in range(count):
        await publish(world, f"Vulnérabilité {PRODUCTS[number]}", text=FLAW.replace("11111", f"2222{number}"))
    assert len(await pass_time(world, timedelta(days=7))) == told


@pytest.mark.parametrize("typed", ["/pause bientôt", "/pause 1 min", "/pause 3000 jours"])
async def test_a_duration_that_means_nothing_is_answered_with_one_that_does(database: Database, typed: str) -> None:
    reply = await Chat(World.on(database)).say(typed)
    assert "2h, 3 jours" in said(reply) or "entre 5 minutes et un an" in said(reply)


async def test_settings_and_status_say_that_a_pause_is_running(database: Database) -> None:
    chat = Chat(World.on(database))
    for typed in ("/reglages", "/etat"):
        assert "pause" not in said(await chat.say(typed))
    await chat.say("/pause")
    for typed in ("/reglages", "/etat"):
        assert "En pause jusqu’à /reprendre" in said(await chat.say(typed))


async def test_a_member_neither_pauses_nor_resumes(database: Database) -> None:
    world = World.on(database)
    data = button(await Chat(world).say("/pause"), "Reprendre maintenant")
    for reply in (await Chat(world).say("/reprendre", MEMBER), await Chat(world).press(data, MEMBER)):
        assert reply.refused
    channel = await world.store.channels.at(where("g1").address)
    assert channel is not None and channel.pause(world.clock.now()) is not None
