"""The way to a chat's web page: said to administrators alone, with what does its work today."""

import pytest

from bot.domain.command import Audience, Person, Rights
from bot.ports import Database
from tests.commands.desk import ADMIN, MEMBER, Chat, said
from tests.fakes import World

URL = "https://tocsin.exemple.test"
FRENCH, ENGLISH = ("/reglages", "/abonnements", "/etat"), ("/settings", "/subscriptions", "/status")
ROBIN = Person(platform="telegram", id="9", name="Robin", language="en", rights=Rights.ADMIN)


@pytest.mark.parametrize(("typed", "person", "names"), [("/panneau", ADMIN, FRENCH), ("/panel", ROBIN, ENGLISH)])
@pytest.mark.parametrize("url", [URL, ""])
async def test_one_sentence_says_where_it_will_be_and_what_to_use_today(
    database: Database, typed: str, person: Person, names: tuple[str, ...], url: str
) -> None:
    world = World.on(database)
    world.web_url = url
    reply = await Chat(world).say(typed, person)
    assert reply.audience is Audience.ASKER
    assert all(name in said(reply) for name in names)
    assert (URL in said(reply)) is bool(url)
    assert said(reply).count(".") == 1 + URL.count(".") * bool(url)


async def test_a_member_is_not_shown_the_way(database: Database) -> None:
    reply = await Chat(World.on(database)).say("/panneau", MEMBER)
    assert reply.refused


async def test_it_keeps_nothing(database: Database) -> None:
    await Chat(World.on(database)).say("/panneau")
    assert await database.fetch("SELECT * FROM channels") == []
