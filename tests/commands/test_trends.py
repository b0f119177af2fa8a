"""Trends: this period beside the one before, in a chart and in words; what most tell; what is liked here."""

from datetime import timedelta

import pytest

from bot.domain.command import Audience, Command, Reply
from bot.ports import Database
from bot.view import Bars, Items
from bot.view import Facts as Rows
from tests.commands.desk import ADMIN, MEMBER, OTHER, Chat, actions, button, plain, said
from tests.fakes import START, World, entry, where
from tests.storage.rows import add_article, an_article, understood

DAY = timedelta(days=1)


async def _archive(world: World, **topics: tuple[int, int]) -> None:
    """topic → (articles of the last 30 days, of the 30 days before); and one article much older."""
    source = await world.source("dsih", title="DSIH")
    (kept,) = [one for one in await world.store.sources.all() if one.slug == source.slug]
    days = [
        (topic, age) for topic, (now, before) in topics.items() for age, n in ((5, now), (45, before)) for _ in range(n)
    ]
    for number, (topic, age) in enumerate([*days, ("hds", 400)]):
        article = an_article(
            kept.id, f"https://exemple.test/{number}", published=START - age * DAY, first_seen=START - age * DAY
        )
        await add_article(world.store, article, understood(topics=(topic,)))


def _bars(reply: Reply) -> list[tuple[str, int]]:
    assert reply.view is not None
    return [
        (plain(label), count) for block in reply.view.blocks if isinstance(block, Bars) for label, count in block.rows
    ]


def _moves(reply: Reply) -> dict[str, str]:
    assert reply.view is not None
    return {plain(k): plain(v) for block in reply.view.blocks if isinstance(block, Rows) for k, v in block.rows}


def _lists(reply: Reply) -> dict[str, list[str]]:
    assert reply.view is not None
    found = [block for block in reply.view.blocks if isinstance(block, Items)]
    return {plain(block.title): [f"{item.text} · {item.note}" for item in block.items] for block in found}


async def test_topics_are_counted_now_and_before_and_moves_are_said_in_words(database: Database) -> None:
    world = World.on(database)
    await _archive(world, rgpd=(6, 1), ia=(4, 4), vulnerabilite=(1, 5), care=(0, 3))
    reply = await Chat(world).say("/tendances", MEMBER)
    assert reply.audience is Audience.EVERYONE and "30 derniers jours" in said(reply)
    assert _bars(reply) == [("RGPD", 6), ("IA", 4), ("Vulnérabilités", 1)]
    assert _moves(reply) == {
        "↗ En hausse": "RGPD 6 (1 avant)",
        "↘ En baisse": "Vulnérabilités 1 (5 avant), CaRE 0 (3 avant)",
        "→ Stables": "IA 4 (4 avant)",
    }


async def test_the_period_is_typed_or_chosen_by_a_button_that_survives_a_restart(database: Database) -> None:
    world = World.on(database)
    await _archive(world, rgpd=(6, 1))
    assert _bars(await Chat(world).say("/tendances 90d", MEMBER)) == [("RGPD", 7)]
    assert _bars(await Chat(world).say("/trends 7d", OTHER)) == [("RGPD", 6)]
    shown = await Chat(world).say("/tendances 7j", MEMBER)
    assert [plain(one.label) for one in actions(shown)] == ["30 jours", "90 jours"]
    turned = await Chat(world).press(button(shown, "90 jours"), OTHER)
    assert turned.replaces and _bars(turned) == [("RGPD", 7)]


async def test_an_archive_that_is_too_young_is_compared_with_nothing(database: Database) -> None:
    world = World.on(database)
    source = await world.source("dsih", title="DSIH")
    (kept,) = [one for one in await world.store.sources.all() if one.slug == source.slug]
    await add_article(world.store, an_article(kept.id, published=START - DAY), understood(topics=("ia",)))
    reply = await Chat(world).say("/tendances", MEMBER)
    assert _bars(reply) == [("IA", 1)] and _moves(reply) == {}
    assert "il faudrait 60 jours d’archives" in said(reply)


async def test_an_empty_archive_says_so_and_a_period_nobody_knows_too(database: Database) -> None:
    world = World.on(database)
    assert "Aucun article classé" in said(await Chat(world).say("/tendances", MEMBER))
    pressed = await Chat(world).press(button(await Chat(world).say("/tendances", MEMBER), "7 jours"), MEMBER)
    assert "Aucun article classé" in said(pressed)


async def test_what_most_sources_tell_comes_first_and_says_how_many(database: Database) -> None:
    world = World.on(database)
    story = "Le groupement hospitalier de Valmont ouvre un chantier fictif de messagerie sécurisée RGPD"
    for slug in ("a", "b", "c"):
        source = await world.source(slug)
        world.site.publish(source, entry(f"{slug}1", story, summary=f"{story}, pour tous ses établissements."))
        await world.read(slug)
    world.site.publish(source, entry("c2", "Un annuaire national pour le RGPD", summary="Un annuaire."))
    await world.read("c")
    found = _lists(await Chat(world).say("/tendances", MEMBER))
    assert list(found) == ["Racontées par le plus de sources"]
    (line,) = found["Racontées par le plus de sources"]
    assert line.startswith(f"{story} · 3 sources · ")


async def test_what_this_channel_likes_is_its_own(database: Database) -> None:
    world = World.on(database)
    source = await world.source("dsih", title="DSIH")
    for chat in ("g1", "g2"):
        await Chat(world, chat).say("/abonner dsih")
    for n, name in enumerate(("Un annuaire et le RGPD", "Un guide du RGPD"), 1):
        world.site.publish(source, entry(str(n), name, summary=f"{name}, dit-on."))
        await world.read("dsih")
    await world.deliver_all()
    ours = [view for chat, view in world.platform.sent if chat == "g1"]
    for view, label, people in ((ours[0], "👍 0", (ADMIN, MEMBER)), (ours[1], "👎 0", (OTHER,))):
        for person in people:
            await Chat(world).press(button(Reply(view=view), label), person)
    liked = _lists(await Chat(world).say("/tendances", MEMBER))["Les plus appréciées ici"]
    assert len(liked) == 1 and liked[0].startswith("Un annuaire et le RGPD · 👍 2 · 👎 0 · ")
    assert "Les plus appréciées ici" not in _lists(await Chat(world, "g2").say("/tendances", MEMBER))


@pytest.mark.parametrize("typed", ["12d", "7dd7", "beaucoup"])
async def test_a_period_that_is_offered_nowhere_is_refused_in_words(database: Database, typed: str) -> None:
    """As Discord hands it in, whatever the option says."""
    world = World.on(database)
    command = Command(name="trends", arguments={"since": typed}, where=where(), person=MEMBER)
    reply = await Chat(world).talk.handle(command)
    assert isinstance(reply, Reply) and "Je ne connais pas la durée" in said(reply)
