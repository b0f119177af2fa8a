"""Buttons under a post: votes are counted on the message, the menu opens and closes, private answers stay private."""

from bot.domain.alert import Severity
from bot.domain.command import Audience, Command, Reply
from bot.ports import Database
from bot.view import Actions, View
from tests.commands.desk import ADMIN, MEMBER, OTHER, Chat, button, plain, said
from tests.fakes import World, entry, where


async def _posted(world: World, text: str = "") -> View:
    source = await world.source("dsih", title="DSIH")
    await Chat(world).say("/abonner dsih")
    values = {"text": text} if text else {}
    world.site.publish(source, entry("1", "Vulnérabilité dans un pare-feu", **values))
    await world.read("dsih")
    await world.deliver_all()
    return world.platform.sent[-1][1]


def _labels(view: View) -> list[str]:
    return [plain(one.label) for block in view.blocks if isinstance(block, Actions) for one in block.actions]


def _press(view: View, label: str) -> str:
    return button(Reply(view=view), label)


async def test_votes_are_counted_on_the_message_one_a_person(database: Database) -> None:
    world = World.on(database)
    view = await _posted(world)
    chat = Chat(world)
    await chat.press(_press(view, "👍 0"), MEMBER)
    await chat.press(_press(view, "👍 0"), ADMIN)
    await chat.press(_press(view, "👎 0"), OTHER)
    await chat.press(_press(view, "👎 0"), ADMIN)  # changes their mind
    await world.deliver_all()
    assert _labels(world.platform.edited[-1][2])[:2] == ["👍 1", "👎 2"]
    await chat.press(_press(view, "👍 0"), MEMBER)  # the same again takes it back
    await world.deliver_all()
    assert _labels(world.platform.edited[-1][2])[:2] == ["👍 0", "👎 2"]


async def test_the_menu_opens_in_place_and_closes_again_where_nothing_is_private(database: Database) -> None:
    world = World.on(database)
    view = await _posted(world)
    chat = Chat(world)
    opened = await chat.press(_press(view, "⋯"), MEMBER)
    assert [plain(one.label) for one in opened.menu] == [
        "Garder",
        "Résumé long",
        "Voir aussi",
        "Pourquoi ?",
        "‹ Retour",
    ]
    closed = await chat.press(button(opened, "‹ Retour"), MEMBER)
    assert [plain(one.label) for one in closed.menu] == _labels(view)


async def test_a_long_private_answer_in_a_telegram_group_waits_behind_a_link_for_that_person(
    database: Database,
) -> None:
    world = World.on(database)
    view = await _posted(world)
    chat = Chat(world)
    reply = await chat.press(button(await chat.press(_press(view, "⋯"), MEMBER), "Pourquoi ?"), MEMBER)
    assert reply.audience is Audience.ASKER and reply.link
    for person, expected in ((MEMBER, "tout ce que publie DSIH"), (OTHER, "no longer")):
        at = where(person.id, is_group=False)
        event = Command(name="start", arguments={"link": reply.link}, where=at, person=person)
        answer = await Chat(world).talk.handle(event)
        assert isinstance(answer, Reply)
        assert (expected in said(answer)) or (expected == "no longer" and "DSIH" not in said(answer))


async def test_an_alert_is_taken_settled_and_says_so(database: Database) -> None:
    world = World.on(database)
    critical = "La faille CVE-2026-4321 est activement exploitée, score CVSS 9,8. Correctif urgent à appliquer."
    view = await _posted(world, critical)
    assert view.severity is Severity.CRITICAL
    assert _labels(view) == ["Je m’en occupe", "Pourquoi ?", "⋯"]
    chat = Chat(world)
    await chat.press(_press(view, "Je m’en occupe"), MEMBER)
    await world.deliver_all()
    taken = world.platform.edited[-1][2]
    assert _labels(taken) == ["C’est réglé", "Passer la main", "⋯"]
    assert "Sacha is already on it" in said(await chat.press(_press(taken, "C’est réglé"), OTHER))
    await chat.press(_press(taken, "C’est réglé"), MEMBER)
    await world.deliver_all()
    settled = world.platform.edited[-1][2]
    assert "Réglé par Sacha" in said(Reply(view=settled)) and _labels(settled) == ["⋯"]
    assert "déjà réglé" in said(await chat.press(_press(view, "Je m’en occupe"), ADMIN))


async def test_saved_is_for_the_one_who_saved(database: Database) -> None:
    world = World.on(database)
    view = await _posted(world)
    chat = Chat(world)
    save = button(await chat.press(_press(view, "⋯"), MEMBER), "Garder")
    await chat.press(save, MEMBER)
    mine = await chat.say("/favoris", MEMBER)
    assert mine.audience is Audience.ASKER and "Vulnérabilité dans un pare-feu" in said(mine)
    assert "Vulnérabilité" not in said(await chat.say("/favoris", ADMIN))
    await chat.press(save, MEMBER)
    assert "Vulnérabilité" not in said(await chat.say("/favoris", MEMBER))
