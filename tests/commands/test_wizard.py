"""The wizard: by buttons, through restarts, rehearsed before it is saved, saved once."""

from datetime import timedelta

import pytest

from bot.commands.drafts import OPEN_FOR
from bot.domain.command import Form
from bot.ports import Database
from tests.commands.desk import ADMIN, MEMBER, OTHER, Chat, actions, button, said
from tests.fakes import World, entry

SECOND_ADMIN = type(ADMIN)(platform="telegram", id="9", name="Dominique", language="fr", rights=ADMIN.rights)


async def _wanted(database: Database) -> list[tuple[str, int]]:
    rows = await database.fetch("SELECT r.canonical, s.how FROM subscriptions s JOIN rules r ON r.id = s.rule")
    return [(row["canonical"], row["how"]) for row in rows]


async def test_three_presses_and_a_rehearsal_make_a_subscription(database: Database) -> None:
    world = World.on(database)
    source = await world.source("dsih", title="DSIH")
    world.site.publish(source, entry("1", "Un article fictif"))
    await world.read("dsih")
    chat = Chat(world)
    reply = await chat.press(button(await chat.say("/abonner"), "Tout"))
    reply = await chat.press(button(reply, "Chaque jour"))
    assert "1 article" in said(reply) and "Un article fictif" in said(reply)
    assert await _wanted(database) == []  # nothing is saved before the rehearsal was seen
    reply = await chat.press(button(reply, "Enregistrer"))
    assert reply.replaces and "une fois par jour" in said(reply)
    ((canonical, how),) = await _wanted(database)
    assert '"everything"' in canonical and how == 1


async def test_every_button_works_after_a_restart_at_each_step(database: Database) -> None:
    world = World.on(database)
    await world.source("dsih", title="DSIH")
    reply = await Chat(world).say("/abonner")
    for label in ("Une source…", "DSIH", "🔔 Avec son", "Aussitôt", "Enregistrer"):
        reply = await Chat(world).press(button(reply, label))
    ((canonical, how),) = await _wanted(database)
    assert '"dsih"' in canonical and how == 0
    ((silent,),) = [tuple(row) for row in await database.fetch("SELECT silent FROM subscriptions")]
    assert silent == 1
    await Chat(world).press(button(reply, "Annuler"))
    assert await _wanted(database) == []


async def test_an_old_step_pressed_again_after_saving_changes_nothing(database: Database) -> None:
    world = World.on(database)
    chat = Chat(world)
    first = await chat.say("/abonner")
    second = await chat.press(button(first, "Les alertes"))
    third = await chat.press(button(second, "Aussitôt"))
    save = button(third, "Enregistrer")
    await chat.press(save)
    before = await _wanted(database)
    for data in (button(first, "Tout"), button(second, "Chaque jour")):
        assert "déjà fait" in said(await chat.press(data))
    again = await chat.press(save)  # its answer may have been lost with a kill: the message shows what was saved
    assert again.replaces and "ce canal recevra" in said(again) and actions(again) == []
    assert await _wanted(database) == before


async def test_a_draft_belongs_to_who_began_it_and_a_demoted_administrator_is_refused(database: Database) -> None:
    chat = Chat(World.on(database))
    data = button(await chat.say("/abonner"), "Tout")
    assert "quelqu’un d’autre" in said(await chat.press(data, SECOND_ADMIN))
    demoted = type(ADMIN)(platform="telegram", id=ADMIN.id, name="Alix", language="fr", rights=MEMBER.rights)
    refused = await chat.press(data, demoted)
    assert refused.refused and "administrateurs" in refused.notice
    assert "Aussitôt" in [one.label for one in actions(await chat.press(data))]


async def test_a_draft_that_lay_too_long_says_so(database: Database) -> None:
    world = World.on(database)
    chat = Chat(world)
    data = button(await chat.say("/abonner"), "Tout")
    world.clock.forward(OPEN_FOR + timedelta(seconds=1))
    assert "n’a plus de sens" in said(await chat.press(data))


async def test_words_are_asked_in_a_form_and_read_as_when_typed(database: Database) -> None:
    chat = Chat(World.on(database))
    reply = await chat.press(button(await chat.say("/abonner"), "Des mots…"))
    assert isinstance(reply.form, Form)
    reply = await chat.press(reply.form.press, text='panne "messagerie sécurisée" -exercice')
    assert "messagerie sécurisée" in said(reply) and "sauf : exercice" in said(reply)


async def test_many_sources_are_paged_and_each_can_be_chosen(database: Database) -> None:
    world = World.on(database)
    for number in range(30):
        await world.new_source(f"s{number:02}", title=f"Source {number:02}")
    chat = Chat(world)
    reply = await chat.press(button(await chat.say("/abonner"), "Une source…"))
    assert len([one for one in actions(reply) if one.label.startswith("Source")]) == 24
    reply = await chat.press(button(reply, "Suivantes ›"))
    reply = await chat.press(button(reply, "Source 29"))
    assert "Source 29" in said(reply)


async def test_giving_up_leaves_nothing(database: Database) -> None:
    chat = Chat(World.on(database))
    reply = await chat.press(button(await chat.say("/abonner"), "Abandonner"))
    assert "rien n’a été enregistré" in said(reply)
    assert await _wanted(database) == []


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_no_press_is_longer_than_telegram_takes(database: Database, language: str) -> None:
    world = World.on(database)
    for number in range(30):
        await world.new_source(f"s{number}", title="x" * 200)
    person = ADMIN if language == "fr" else type(ADMIN)(platform="telegram", id="1", language="en", rights=ADMIN.rights)
    chat = Chat(world, is_group=False)
    first = await chat.say("/subscribe", person)
    seen, waiting = set[str](), [one.press for one in actions(first)]
    while waiting and len(seen) < 300:
        data = waiting.pop()
        if data in seen:
            continue
        seen.add(data)
        assert len(data.encode()) <= 64
        if not data.split(":")[1].endswith((".cancel", ".save")):  # the draft goes on
            again = Chat(world, is_group=False)  # a new process: nobody presses so often in a minute
            waiting += [one.press for one in actions(await again.press(data, person))]
    assert len(seen) > 40


async def test_a_member_never_opens_a_wizard(database: Database) -> None:
    reply = await Chat(World.on(database)).say("/abonner", OTHER)
    assert reply.refused and not actions(reply)
