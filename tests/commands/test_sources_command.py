"""The list of what is watched: the most official first, page by page, for the asker alone."""

from bot.domain.command import Audience, Reply
from bot.domain.source import Trust
from bot.ports import Database
from bot.view import Facts, Items
from tests.commands.desk import ADMIN, MEMBER, OTHER, Chat, actions, button, plain, said
from tests.fakes import World


def _named(reply: Reply) -> list[str]:
    assert reply.view is not None
    return [item.text for block in reply.view.blocks if isinstance(block, Items) for item in block.items]


async def test_the_most_official_comes_first_with_its_place_and_its_topics(
    database: Database,
) -> None:
    world = World.on(database)
    await world.new_source("gazette", title="La Gazette", url="https://www.gazette.test/flux")
    await world.new_source("cert", title="Un centre d’alerte", trust=Trust.OFFICIAL, topics=("vulnerabilite", "care"))
    await world.new_source("off", title="Une source arrêtée")
    async with world.db.tx() as tx:
        assert await world.store.sources.disable(tx, "off")
    await world.new_source("asked", title="Une source demandée", pending=True)
    reply = await Chat(world).say("/sources", MEMBER)
    assert reply.audience is Audience.ASKER
    assert _named(reply) == ["Un centre d’alerte (cert)", "La Gazette (gazette)"]
    text = plain(said(reply))
    assert "officiel · exemple.test · Vulnérabilités · CaRE" in text and "presse · gazette.test" in text
    assert "/abonner cert" in text
    assert reply.view is not None
    ((label, topics),) = [row for block in reply.view.blocks if isinstance(block, Facts) for row in block.rows]
    assert label == "Sujets" and topics.startswith("CaRE, Cybersécurité, Vulnérabilités, ")
    assert "official · exemple.test" in said(await Chat(world).say("/sources", OTHER))


async def test_many_are_leafed_through_also_after_a_restart_and_where_private_answers_stand_apart(
    database: Database,
) -> None:
    world = World.on(database)
    for number in range(1, 24):
        await world.new_source(f"s{number:02}", title=f"Source {number:02}")
    first = await Chat(world).say("/sources", ADMIN)
    assert [name[:9] for name in _named(first)] == [f"Source {n:02}" for n in range(1, 11)]
    own = Chat(world, ADMIN.id, is_group=False)
    second = await own.press(button(first, "Suivants ›"), ADMIN)
    assert second.replaces and _named(second)[0].startswith("Source 11")
    last = await own.press(button(second, "Suivants ›"), ADMIN)
    assert [name[:9] for name in _named(last)] == ["Source 21", "Source 22", "Source 23"]
    assert [plain(one.label) for one in actions(last)] == ["‹ Précédents"]
    assert _named(await own.press(button(last, "‹ Précédents"), ADMIN)) == _named(second)


async def test_where_nothing_is_watched_it_says_what_to_do(database: Database) -> None:
    reply = await Chat(World.on(database)).say("/sources", ADMIN)
    assert "/ajoutersource" in said(reply) and actions(reply) == []
