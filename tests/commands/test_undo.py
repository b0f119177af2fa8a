"""Every change can be taken back, once, for ten minutes, by an administrator; and every change is in the audit."""

from datetime import timedelta

import pytest

from bot.commands.undo import UNDO_FOR
from bot.domain.command import Reply
from bot.ports import Database
from tests.commands.desk import ADMIN, MEMBER, Chat, actions, said
from tests.fakes import World


async def _state(database: Database) -> object:
    subscriptions = await database.fetch(
        """SELECT r.canonical, s.how, s.silent FROM subscriptions s JOIN rules r ON r.id = s.rule ORDER BY 1"""
    )
    settings = await database.fetch("SELECT language, timezone, quiet, daily_at, weekly_at, weekly_on FROM channels")
    return list(map(dict, subscriptions)), list(map(dict, settings))


CHANGES = [
    "/abonner alertes",
    "/abonner care weekly silent",  # the rule is there already, delivered otherwise
    "/desabonner care",
    "/reglages quiet 22:00-07:00",
    "/reglages letter weekly lun 08:45",
    "/reglages language en",
]


@pytest.mark.parametrize("change", CHANGES)
async def test_undo_brings_back_what_was_even_after_a_restart(database: Database, change: str) -> None:
    world = World.on(database)
    await Chat(world).say("/abonner care daily")
    before = await _state(database)
    reply = await Chat(world).say(change)
    assert await _state(database) != before
    undone = await Chat(world).press(_undo(reply))
    assert undone.replaces
    assert await _state(database) == before


async def test_undo_works_once(database: Database) -> None:
    chat = Chat(World.on(database))
    data = _undo(await chat.say("/abonner care"))
    await chat.press(data)
    await chat.say("/abonner care")
    state = await _state(database)
    assert "n’a plus de sens" in said(await chat.press(data))
    assert await _state(database) == state


async def test_undo_ends_after_ten_minutes(database: Database) -> None:
    world = World.on(database)
    data = _undo(await Chat(world).say("/abonner care"))
    world.clock.forward(UNDO_FOR + timedelta(seconds=1))
    state = await _state(database)
    assert "n’a plus de sens" in said(await Chat(world).press(data))
    assert await _state(database) == state


async def test_a_member_takes_nothing_back(database: Database) -> None:
    chat = Chat(World.on(database))
    data = _undo(await chat.say("/abonner care"))
    state = await _state(database)
    assert (await chat.press(data, MEMBER)).refused
    assert await _state(database) == state


async def test_each_change_and_its_undo_are_in_the_audit(database: Database) -> None:
    chat = Chat(World.on(database))
    await chat.press(_undo(await chat.say("/abonner care")))
    await chat.say("/reglages quiet off")
    verbs = [row["verb"] for row in await database.fetch("SELECT verb FROM audit ORDER BY id")]
    assert verbs == ["subscribe", "undo", "settings"]
    assert ADMIN.id not in [row["person"] for row in await database.fetch("SELECT person FROM audit")]


def _undo(reply: Reply) -> str:
    labels = {"Annuler", "Undo"}
    (action,) = [one for one in actions(reply) if one.label in labels]
    return action.press
