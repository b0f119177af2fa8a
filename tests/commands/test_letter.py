"""The letter as it would be sent now: drawn by what sends it, sent to nobody, for the asker alone."""

from datetime import UTC, datetime, timedelta

from bot.domain.command import Audience, Reply
from bot.ports import Database
from bot.view import Actions, Block, Note, View
from tests.commands.desk import ADMIN, MEMBER, OTHER, Chat, actions, button, said
from tests.fakes import World, entry, where

DUE = datetime(2026, 3, 11, 6, 30, tzinfo=UTC)  # 07:30 in Paris


async def _held(world: World, count: int, words: str = "") -> None:
    source = await world.source("dsih", title="DSIH")
    await Chat(world).say("/abonner dsih quotidien")
    for number in range(1, count + 1):
        world.site.publish(source, entry(str(number), f"Nouvelle numéro {number} {words}".strip()))
        await world.read("dsih")


def _body(view: View | None) -> list[Block]:
    """Without what says that it is a preview, and the buttons that leaf through it."""
    assert view is not None
    first, *rest = view.blocks
    assert isinstance(first, Note) and "Aperçu, rien n’est envoyé" in first.text
    return [block for block in rest if not isinstance(block, Actions)]


async def test_what_is_shown_is_what_is_sent_when_the_hour_comes(database: Database) -> None:
    world = World.on(database)
    await _held(world, 6)
    world.clock.moment = DUE - timedelta(minutes=1)
    reply = await Chat(world).say("/lettre", MEMBER)
    assert reply.audience is Audience.ASKER and "11 mars 2026, 07:30" in said(reply)
    await world.deliver_all()
    assert world.platform.sent == []
    world.clock.moment = DUE
    await world.plan.sweep(DUE)
    await world.deliver_all()
    ((_, sent),) = world.platform.sent
    shown, told = _body(reply.view), list(sent.blocks)
    assert shown[:-1] == told[:-1] and shown[-1] != told[-1]  # but for the minute it was made


async def test_asking_changes_nothing_however_often(database: Database) -> None:
    world = World.on(database)
    await _held(world, 3)
    before = await world.states()
    for _ in range(3):
        await Chat(world).say("/lettre", MEMBER)
    assert await world.states() == before and set(before.values()) == {"held"}


async def test_a_letter_of_several_messages_is_leafed_through_by_its_asker_also_after_a_restart(
    database: Database,
) -> None:
    world = World.on(database)
    await _held(world, 20, "d’un titre très long, " * 7)
    first = await Chat(world).say("/lettre", MEMBER)
    assert "· 1/2" in said(first)
    own = Chat(world, MEMBER.id, is_group=False)  # on Telegram it stands in the asker's own chat
    second = await own.press(button(first, "Message suivant ›"), MEMBER)
    assert second.replaces and "· 2/2" in said(second) and "DSIH" in said(second)
    back = await own.press(button(second, "‹ Message précédent"), MEMBER)
    assert back.view == first.view
    assert "no longer" in said(await own.press(button(first, "Message suivant ›"), OTHER))


async def test_where_nothing_waits_the_week_is_shown_in_the_order_of_a_letter(database: Database) -> None:
    world = World.on(database)
    source = await world.source("dsih", title="DSIH")
    await Chat(world).say("/abonner dsih")
    for number, name in enumerate(("Un annuaire national", "Un guide pour les imprimantes"), 1):
        world.site.publish(source, entry(str(number), name, summary=f"{name}, dit-on."))
        await world.read("dsih")
    await world.deliver_all()
    liked = button(Reply(view=world.platform.sent[0][1]), "👍 0")
    for person in (ADMIN, MEMBER, OTHER):
        await Chat(world).press(liked, person)
    shown = said(await Chat(world).say("/lettre", MEMBER))
    assert "Rien n’attend" in shown
    assert shown.index("Un annuaire national") < shown.index("Un guide pour les imprimantes")
    assert shown.count("Un annuaire national") == 1


async def test_a_channel_that_receives_nothing_is_told_what_to_do(database: Database) -> None:
    world = World.on(database)
    reply = await Chat(world).say("/letter", OTHER)
    assert "Nothing is waiting for this channel" in said(reply) and actions(reply) == []
    assert await world.store.channels.at(where().address) is None  # asking keeps nothing
