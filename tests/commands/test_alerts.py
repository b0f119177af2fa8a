"""The alerts of a channel: what rang there, who took it, what is still open; taken from the list itself."""

from datetime import timedelta

from bot.domain.command import Audience, Reply
from bot.ports import Database
from bot.view import Actions, Items
from tests.commands.desk import ADMIN, MEMBER, OTHER, Chat, actions, button, plain, said
from tests.fakes import World, entry

CRITICAL = (
    "La faille CVE-2026-{n} d’un pare-feu est activement exploitée, score CVSS 9,8. Correctif urgent à appliquer."
)


async def _rung(world: World, count: int, *chats: str) -> None:
    """So many alerts, one a minute, and an article that is none."""
    source = await world.source("dsih", title="DSIH")
    for chat in chats or ("g1",):
        await Chat(world, chat).say("/abonner dsih")
    world.site.publish(source, entry("0", "La cantine change de prestataire"))
    for number in range(1, count + 1):
        world.clock.forward(timedelta(minutes=1))
        title, text = f"Vulnérabilité du pare-feu numéro {number}", CRITICAL.format(n=4320 + number)
        world.site.publish(source, entry(str(number), title, text=text, published=world.clock.now()))
        await world.read("dsih")
    await world.deliver_all()


def _lines(reply: Reply) -> list[tuple[str, str]]:
    """(text, who) of each item."""
    assert reply.view is not None
    items = [item for block in reply.view.blocks if isinstance(block, Items) for item in block.items]
    return [(plain(item.text), plain(item.note).rpartition(" · ")[2]) for item in items]


def _labels(reply: Reply) -> list[str]:
    return [plain(one.label) for one in actions(reply)]


async def test_the_newest_alert_comes_first_and_each_says_who_took_it(database: Database) -> None:
    world = World.on(database)
    await _rung(world, 3)
    chat = Chat(world)
    reply = await chat.say("/alertes", MEMBER)
    assert reply.audience is Audience.EVERYONE
    assert _lines(reply) == [
        (f"{n} · Vulnérabilité du pare-feu numéro {4 - n}", "personne ne s’en occupe") for n in (1, 2, 3)
    ]
    assert "Critique · vulnérabilité" in said(reply) and "cantine" not in said(reply)


async def test_an_alert_is_taken_from_the_list_which_shows_it_and_so_does_its_message(database: Database) -> None:
    world = World.on(database)
    await _rung(world, 2)
    listed = await Chat(world).say("/alertes", MEMBER)
    taken = await Chat(world).press(button(listed, "✋ 2"), MEMBER)  # a new chat is a restart
    assert taken.replaces and "C’est noté" in taken.notice
    assert [who for _, who in _lines(taken)] == [
        "personne ne s’en occupe",
        "✋ Sacha s’en occupe depuis le 10 mars 2026",
    ]
    assert _labels(taken) == ["✋ 1"]
    await world.deliver_all()
    assert "Sacha s’en occupe" in said(Reply(view=world.platform.edited[-1][2]))
    late = await Chat(world).press(button(listed, "✋ 2"), ADMIN)
    assert "Sacha s’en occupe déjà" in plain(late.notice) and [w for _, w in _lines(late)][1].startswith("✋ Sacha")


async def test_open_shows_only_what_is_not_settled(database: Database) -> None:
    world = World.on(database)
    await _rung(world, 2)
    chat = Chat(world)
    listed = await chat.say("/alertes", MEMBER)
    await chat.press(button(listed, "✋ 1"), MEMBER)
    await world.deliver_all()
    message = Reply(view=world.platform.edited[-1][2])
    await chat.press(button(message, "C’est réglé"), MEMBER)
    opened = await chat.say("/alertes ouvertes", MEMBER)
    assert [text for text, _ in _lines(opened)] == ["1 · Vulnérabilité du pare-feu numéro 1"]
    assert [text for text, _ in _lines(await chat.say("/alerts open", OTHER))] == [
        "1 · Vulnérabilité du pare-feu numéro 1"
    ]
    whole = await chat.say("/alertes", MEMBER)
    assert [who for _, who in _lines(whole)] == ["✅ réglée par Sacha le 10 mars 2026", "personne ne s’en occupe"]


async def test_pages_are_turned_by_buttons_and_only_the_first_free_alerts_have_one(database: Database) -> None:
    world = World.on(database)
    await _rung(world, 7)
    first = await Chat(world).say("/alertes", MEMBER)
    assert _labels(first) == ["✋ 1", "✋ 2", "✋ 3", "Suivants ›"]
    second = await Chat(world).press(button(first, "Suivants ›"), OTHER)
    assert second.replaces and [text for text, _ in _lines(second)] == [
        "6 · Vulnérabilité du pare-feu numéro 2",
        "7 · Vulnérabilité du pare-feu numéro 1",
    ]
    assert _labels(second) == ["✋ 6", "✋ 7", "‹ Précédents"]


async def test_what_is_taken_concerns_this_channel_only(database: Database) -> None:
    world = World.on(database)
    await _rung(world, 1, "g1", "g2")
    here, there = Chat(world, "g1"), Chat(world, "g2")
    await here.press(button(await here.say("/alertes", MEMBER), "✋ 1"), MEMBER)
    assert [who for _, who in _lines(await there.say("/alertes", MEMBER))] == ["personne ne s’en occupe"]


async def test_an_alert_of_another_channel_or_before_30_days_is_not_listed(database: Database) -> None:
    world = World.on(database)
    await _rung(world, 1)
    assert "Aucune alerte n’a sonné ici" in said(await Chat(world, "g2").say("/alertes", MEMBER))
    world.clock.forward(timedelta(days=30, minutes=1))
    assert "Aucune alerte n’a sonné ici" in said(await Chat(world).say("/alertes", MEMBER))


async def test_when_all_is_settled_the_list_of_open_ones_says_so(database: Database) -> None:
    world = World.on(database)
    await _rung(world, 0)
    reply = await Chat(world).say("/alertes ouvertes", MEMBER)
    assert "Tout est réglé" in said(reply)
    assert reply.view is not None and not any(isinstance(block, Actions) for block in reply.view.blocks)
