"""why and article: by number or link, rule by rule, in plain words, from the function that delivers."""

import pytest

from bot.ports import Database
from tests.commands.desk import Chat, said
from tests.fakes import World, entry


@pytest.mark.parametrize("typed", ["1", "#1", "https://exemple.test/1", "http://www.exemple.test/1/?utm_source=x"])
async def test_an_article_is_found_by_its_number_or_its_link(database: Database, typed: str) -> None:
    world = World.on(database)
    source = await world.source("dsih", title="DSIH")
    chat = Chat(world)
    await chat.say("/abonner dsih")
    await chat.say("/abonner cantine")
    world.site.publish(source, entry("1", "Une messagerie en panne"))
    await world.read("dsih")
    for command in ("/pourquoi", "/article"):
        text = said(await chat.say(f"{command} {typed}"))
        assert "✓ tout ce que publie DSIH" in text and "publié par DSIH" in text
        assert "✗ ce qui parle de : cantine" in text and "ne contient pas cantine" in text
    assert "part dans un instant" in text
    await world.deliver_all()
    assert "Reçu ici le 10 mars 2026" in said(await chat.say(f"/pourquoi {typed}"))


@pytest.mark.parametrize("typed", ["", "999", "#0", "bonjour", "https://exemple.test/inconnu", "9" * 40, "🙈", "a.b"])
async def test_what_is_no_article_gets_one_sentence(database: Database, typed: str) -> None:
    world = World.on(database)
    for command in ("/pourquoi", "/article"):
        text = said(await Chat(world).say(f"{command} {typed}"))
        assert text and "mal passé" not in text


async def test_a_channel_that_got_nothing_is_told_why_not(database: Database) -> None:
    world = World.on(database)
    source = await world.source("dsih")
    world.site.publish(source, entry("1"))
    await world.read("dsih")
    text = said(await Chat(world).say("/pourquoi 1"))
    assert "ne l’a pas reçu" in text and "aucun abonnement" in text
