"""Windows, menus, files and what stands before one person, against the strict server on 127.0.0.1."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from bot.domain.command import Answer, Audience, CommandSpec, Event, Form, Press, Reply
from bot.locale.say import Say
from bot.view import Action, Actions, Attachment, Options, Text, View
from tests.stands import discord_world as world
from tests.stands.discord import DiscordStand, stand, until

LATEST = CommandSpec(name="latest", fr="derniers", public=True)
ASK, FILLED = "ask:1:abc", "note:1:abc"
BUTTONS = Actions(actions=(Action(label="Ajouter", press=ASK, asks=True), Action(label="Autre", press="more:1:abc")))
POST = View(blocks=(Text(text="Alerte"), BUTTONS))
FORM = Form(title="Une note", label="La note", press=FILLED)
DONE = View(blocks=(Text(text="C’est changé."),))
ICS = Attachment(name="dates.ics", media_type="text/calendar", content=b"BEGIN:VCALENDAR")
SLOW = 10.0  # seconds

Script = Callable[[Press], Awaitable[Answer]]


class Core:
    def __init__(self, answer: Answer | Script) -> None:
        self.presses: list[Press] = []
        self._answer = answer

    async def handle(self, event: Event) -> Answer:
        if not isinstance(event, Press):
            return self._answer if isinstance(self._answer, Reply) else None
        self.presses.append(event)
        return await self._answer(event) if callable(self._answer) else self._answer


@asynccontextmanager
async def talking(core: Core) -> AsyncIterator[DiscordStand]:
    async with stand() as discord:
        running = asyncio.create_task(discord.platform.run(core.handle, (LATEST,)))
        try:
            await until(lambda: running.done() or (discord.platform.is_ready() and bool(discord.api.commands)))
            yield discord
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
    assert discord.api.problems == []


async def post(discord: DiscordStand, view: View = POST) -> str:
    return await discord.platform.send(discord.channel(), view, nonce="1-1")


async def slow(press: Press) -> Answer:
    await asyncio.sleep(SLOW)
    return Reply(form=FORM)


# -- windows ----------------------------------------------------------------------------------------------------------


async def test_a_window_is_the_first_answer_to_its_press() -> None:
    async with talking(Core(Reply(form=FORM))) as discord:
        ref = await post(discord)
        interaction = await discord.api.press(ref, f"?{ASK}")
        await until(lambda: interaction.acknowledged is not None)
    assert (interaction.acknowledged, interaction.messages) == (9, [])


async def test_a_core_that_thinks_for_ten_seconds_is_excused_with_a_sentence() -> None:
    async with talking(Core(slow)) as discord:
        ref = await post(discord)
        answered = await discord.press(ref, ASK)
    assert answered.private == Say("fr")("discord.late")
    assert answered.window is None and answered.public == ()
    assert answered.acknowledged_after < 2.5


async def test_any_other_press_is_acknowledged_before_the_core_has_thought() -> None:
    async with talking(Core(slow)) as discord:
        ref = await post(discord)
        interaction = await discord.api.press(ref, "more:1:abc")
        await until(lambda: interaction.acknowledged is not None)
    assert interaction.acknowledged == 6 and interaction.acknowledged_after < 2.5


async def test_what_was_typed_is_acknowledged_before_the_core_has_thought() -> None:
    async def script(press: Press) -> Answer:
        return await slow(press) if press.text else Reply(form=FORM)

    async with talking(Core(script)) as discord:
        ref = await post(discord)
        opened = await discord.api.press(ref, f"?{ASK}")
        await until(lambda: opened.window is not None)
        sent = await discord.api.fill(opened, "Une note")
        await until(lambda: sent.acknowledged is not None)
    assert sent.acknowledged == 6 and sent.acknowledged_after < 2.5


async def test_what_was_mistyped_is_asked_again_by_a_button_for_a_window_opens_no_window() -> None:
    async def script(press: Press) -> Answer:
        return Reply(form=FORM, notice="Ce n’est pas une heure." if press.text else "")

    core = Core(script)
    async with talking(core) as discord:
        ref = await post(discord)
        opened = await discord.press(ref, ASK)
        assert opened.window is not None
        again = await discord.fill(opened.window, "25:00")
        assert again.private == "Ce n’est pas une heure."
        (button,) = again.whispered[0].buttons
        assert (button.label, button.data) == ("Une note", FILLED)
        reopened = await discord.press(again.whispered[0].ref, button.data)
    assert reopened.window is not None and reopened.window.title == "Une note"
    assert [(one.data, one.text) for one in core.presses] == [(ASK, ""), (FILLED, "25:00"), (FILLED, "")]


# -- before one person ------------------------------------------------------------------------------------------------


async def test_a_press_inside_a_private_message_changes_that_message_in_the_readers_language() -> None:
    pages = View(blocks=(Text(text="Page 1"), Options(hint="Page", options=BUTTONS.actions[1:])))

    async def script(press: Press) -> Answer:
        if press.data == ASK:
            return Reply(view=pages, audience=Audience.ASKER)
        return Reply(view=View(blocks=(Text(text="Page 2"),)), replaces=True)

    async with talking(Core(script)) as discord:
        ref = await post(discord)
        (shown,) = (await discord.press(ref, ASK)).whispered
        answered = await discord.choose(shown.ref, "more:1:abc")
        (message,) = [one for one in discord.api.messages if one.ephemeral_for]
        assert (message.id, message.edits, message.body["embeds"][0]["description"]) == (shown.ref, 1, "Page 2")
        assert answered.public == answered.whispered == ()
        assert [one.text.splitlines()[0] for one in discord.messages()] == ["Alerte"]


async def test_a_menu_is_a_private_message_with_its_sentence_once() -> None:
    core = Core(Reply(menu=BUTTONS.actions, notice="Et maintenant ?", audience=Audience.ASKER))
    async with talking(core) as discord:
        ref = await post(discord)
        answered = await discord.press(ref, "more:1:abc")
    (menu,) = answered.whispered
    assert [one.label for one in menu.buttons] == ["Ajouter", "Autre"]
    assert answered.private == "Et maintenant ?"


# -- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", list(Audience))
@pytest.mark.parametrize("view", [DONE, None])
async def test_files_follow_a_press_with_or_without_words(audience: Audience, view: View | None) -> None:
    async with talking(Core(Reply(view=view, files=(ICS,), audience=audience))) as discord:
        ref = await post(discord)
        answered = await discord.press(ref, "more:1:abc")
    (shown,) = answered.public if audience is Audience.EVERYONE else answered.whispered
    assert shown.files == (ICS,)
    assert shown.text == ("C’est changé." if view else "")


async def test_files_come_with_a_message_that_is_replaced() -> None:
    async with talking(Core(Reply(view=DONE, files=(ICS,), replaces=True))) as discord:
        ref = await post(discord)
        await discord.press(ref, "more:1:abc")
        (shown,) = discord.messages()
    assert (shown.ref, shown.text, shown.files) == (ref, "C’est changé.", (ICS,))


async def test_a_file_of_a_command_takes_the_place_of_its_promise() -> None:
    async with talking(Core(Reply(view=DONE, files=(ICS,)))) as discord:
        answered = await discord.say("/latest")
    assert answered.public[0].files == (ICS,)


# -- the bot's own chat -----------------------------------------------------------------------------------------------


async def test_the_bots_own_chat_is_found_by_the_person() -> None:
    core = Core(Reply(view=DONE))
    async with talking(core) as discord:
        interaction = await discord.api.command("latest", {}, direct=True)
        await until(lambda: interaction.id in discord.watched.done)
        pressed = await discord.api.press(interaction.messages[0].id, "more:1:abc", direct=True)
        await until(lambda: pressed.id in discord.watched.done)
    (press,) = core.presses
    assert press.where.community == f"discord:{press.person.id}"
    assert (press.where.address.chat, press.where.is_group) == (world.direct_id(0), False)
