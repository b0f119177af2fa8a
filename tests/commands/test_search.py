"""/search as people meet it: what is found, under which words, and what is said when they were typed wrong."""

import pytest

from bot.pipeline.learn import Learn
from bot.ports import Database
from bot.view import Items
from tests.commands.desk import Chat, said
from tests.fakes import World, entry


@pytest.fixture
async def chat(database: Database) -> Chat:
    world = World.on(database)
    source = await world.source("a")
    world.site.publish(source, entry("1", "La messagerie sécurisée est rétablie"), entry("2", "Un rançongiciel fictif"))
    await world.read("a")
    await Learn(terms=world.store.terms).all()
    return Chat(world)


async def test_what_was_typed_wrong_is_said_above_what_was_found(chat: Chat) -> None:
    told = said(await chat.say("/chercher rétabile")).replace("\u00a0", " ")
    assert "Résultats pour « rétablie » (tapé : « rétabile »)." in told
    assert "La messagerie sécurisée est rétablie" in told


async def test_what_was_tried_is_said_when_nothing_is_found(chat: Chat) -> None:
    told = said(await chat.say("/chercher rétabile avant:2020 xylophone")).replace("\u00a0", " ")
    assert "Rien dans les archives" in told
    assert "Cherché aussi : « rétablie » (tapé : « rétabile »)." in told
    assert "Aucun article ne contient « xylophone »" in told


async def test_other_names_are_found_without_a_word_about_it(chat: Chat) -> None:
    reply = await chat.say("/chercher ransomware")
    assert "Un rançongiciel fictif" in said(reply)
    assert "tapé" not in said(reply)
    assert reply.view is not None
    assert [block for block in reply.view.blocks if isinstance(block, Items)]
