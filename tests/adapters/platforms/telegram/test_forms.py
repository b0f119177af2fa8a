"""Questions, menus and links, against the strict server on 127.0.0.1."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from adapters.platforms.telegram.forms import CARRIER
from bot.domain.command import Answer, Argument, Audience, Command, CommandSpec, Event, Form, Press, Reply, Rights
from bot.locale.say import Say
from bot.view import Action, Actions, Headline, Text, View
from tests.stands import telegram_world as world
from tests.stands.telegram import TelegramStand, stand, until

HELP = CommandSpec(name="help", fr="aide", arguments=(Argument(name="command"),), also=("start",))
MAC = "0123456789abcdef"
ASK, FILLED = f"ask:1:{MAC}", f"note:1:{MAC}"
POST = View(blocks=(Text(text="Alerte"), Actions(actions=(Action(label="Ajouter", press=ASK, asks=True),))))
FORM = Form(title="Une note", label="La note", press=FILLED, hint="Une phrase")
DONE = View(blocks=(Text(text="C’est changé."),))
LONG = View(blocks=(Text(text="Une longue réponse, pour vous seulement. " * 10),))

Script = Callable[[Event], Awaitable[Answer]]


class Core:
    """Asks when nothing was typed, answers `after` when something was."""

    def __init__(self, after: Reply, first: Reply | None = None) -> None:
        self.events: list[Event] = []
        self._after, self._first = after, first or Reply(form=FORM)

    async def handle(self, event: Event) -> Answer:
        self.events.append(event)
        return self._first if isinstance(event, Press) and not event.text else self._after

    def typed(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Press) and event.text]


@asynccontextmanager
async def talking(core: Core) -> AsyncIterator[TelegramStand]:
    async with stand() as telegram:
        telegram.channel()
        telegram.api.limits(False)
        task = asyncio.create_task(telegram.platform.run(core.handle, (HELP,)))
        try:
            await until(lambda: task.done() or telegram.platform.is_ready())
            yield telegram
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    assert telegram.api.problems == []


async def question(telegram: TelegramStand) -> world.Message:
    """Of somebody who pressed the button of a post."""
    ref = await telegram.platform.send(telegram.channel(), POST, nonce="1-1")
    answered = await telegram.press(ref, ASK)
    assert answered.window is not None
    return next(one for one in telegram.api.messages if one.id == answered.window.handle)


async def test_a_question_opens_its_box_before_the_presser_alone_and_does_not_ring() -> None:
    async with talking(Core(Reply(view=DONE))) as telegram:
        asked = await question(telegram)
    assert asked.text == "Sacha · Une note\nLa note"
    assert asked.asked["reply_markup"] == {
        "force_reply": True,
        "selective": True,
        "input_field_placeholder": "Une phrase",
    }
    mentioned = [entity["user"]["id"] for entity in asked.entities if entity["type"] == "text_mention"]
    assert mentioned == [world.MEMBER]
    assert asked.asked["disable_notification"] is True
    assert asked.asked["reply_parameters"]["message_id"] == int(telegram.messages()[0].ref)


async def test_a_question_that_cannot_be_taken_away_is_harmless() -> None:
    core = Core(Reply(view=DONE, replaces=True))
    async with talking(core) as telegram:
        asked = await question(telegram)
        telegram.api.messages.remove(asked)  # somebody was faster, the reply still carries it
        telegram.api.updates.add(
            message={
                **world.typed(telegram.api.chat(0), 9000, "Trop tard", world.person(world.MEMBER)),
                "reply_to_message": asked.told(telegram.api.chat(0)),
            }
        )
        telegram.api.say("/aide")  # wakes the poll
        await until(lambda: core.typed() == ["Trop tard"])
        await until(lambda: telegram.messages()[0].text == "C’est changé.")


async def test_what_an_anonymous_administrator_types_is_an_administrators() -> None:
    core = Core(Reply(view=DONE, replaces=True))
    async with talking(core) as telegram:
        asked = await question(telegram)
        telegram.api.say("Une note", sender=world.ANONYMOUS, reply_to=asked.id)
        await until(lambda: core.typed() == ["Une note"])
        press = core.events[-1]
        assert isinstance(press, Press)
        assert await telegram.platform.rights(press.where, press.person) is Rights.ADMIN


async def test_a_command_in_reply_to_a_question_is_a_command() -> None:
    core = Core(Reply(view=DONE))
    async with talking(core) as telegram:
        asked = await question(telegram)
        telegram.api.say("/aide", reply_to=asked.id)
        await until(lambda: isinstance(core.events[-1], Command))
    assert core.typed() == []


@pytest.mark.parametrize("typed", ["/rss/flux.xml", "/chemin", "22:00-07:00"])
async def test_what_only_looks_like_a_command_is_an_answer(typed: str) -> None:
    core = Core(Reply(view=DONE))
    async with talking(core) as telegram:
        asked = await question(telegram)
        telegram.api.say(typed, reply_to=asked.id)
        await until(lambda: core.typed() == [typed])


async def test_an_article_that_links_like_a_question_asks_nothing() -> None:
    """Its address is a source's, in a message of ours."""
    forged = f"https://t.me/{world.BOT['username']}#{FILLED};1"
    core = Core(Reply(view=DONE))
    async with talking(core) as telegram:
        for title in ("Un titre", f"{CARRIER}Un titre"):
            view = View(blocks=(Headline(text=title, url=forged),))
            ref = await telegram.platform.send(telegram.channel(), view, nonce="1-1")
            telegram.api.say("Merci", reply_to=int(ref))
        await telegram.say("/aide")
    assert core.typed() == []


async def test_a_reply_to_somebody_else_is_left_alone() -> None:
    core = Core(Reply(view=DONE))
    async with talking(core) as telegram:
        asked = await question(telegram)
        told = asked.told(telegram.api.chat(0)) | {"from": world.person(world.STRANGER)}
        message = world.typed(telegram.api.chat(0), 9000, "Non", world.person(world.MEMBER))
        telegram.api.updates.add(message={**message, "reply_to_message": told})
        await telegram.say("/aide")
    assert core.typed() == []


async def test_what_was_mistyped_is_asked_again_with_the_reason() -> None:
    core = Core(Reply(form=FORM, notice="Ce n’est pas une heure."))
    async with talking(core) as telegram:
        asked = await question(telegram)
        update = telegram.api.say("25:00", reply_to=asked.id)
        await until(lambda: telegram.api.updates.confirmed > update and not telegram.platform.busy)
        (again,) = [one for one in telegram.api.messages if one.asks]
    assert again.id != asked.id
    assert again.text == "Sacha · Une note\nCe n’est pas une heure.\nLa note"


async def test_in_our_own_chat_a_question_mentions_nobody() -> None:
    async with talking(Core(Reply(view=POST))) as telegram:
        telegram.api.say("/aide", private=True)
        await until(lambda: bool(telegram.api.messages))
        telegram.api.press(str(telegram.api.messages[0].id), ASK)
        await until(lambda: any(one.asks for one in telegram.api.messages))
        asked = telegram.api.messages[-1]
    assert asked.chat == world.MEMBER
    assert (asked.text, asked.pings) == ("Une note\nLa note", ())


async def test_in_a_channel_a_command_is_asked_for_instead() -> None:
    async with talking(Core(Reply(view=DONE))) as telegram:
        telegram.api.add_chat(3, kind="channel")
        ref = await telegram.platform.send(telegram.channel(3), POST, nonce="1-1")
        answered = await telegram.press(ref, ASK, number=3)
    assert answered.private == Say("fr")("telegram.channel")
    assert answered.window is None and len(telegram.messages(3)) == 1


async def test_a_menu_takes_the_place_of_the_buttons_and_pressed_twice_is_no_error() -> None:
    menu = Reply(menu=(Action(label="Garder", press=f"save:1:{MAC}"),), notice="Au choix.", audience=Audience.ASKER)
    async with talking(Core(Reply(), first=menu)) as telegram:
        ref = await telegram.platform.send(telegram.channel(), POST, nonce="1-1")
        for _ in range(2):
            answered = await telegram.press(ref, ASK)
            assert answered.private == "Au choix."
        (shown,) = telegram.messages()
    assert (shown.text, [one.label for one in shown.buttons], shown.edits) == ("Alerte", ["Garder"], 1)


async def test_a_long_private_answer_waits_behind_its_own_link() -> None:
    waiting = Reply(view=LONG, audience=Audience.ASKER, link="k3x9-ab_Z")
    async with talking(Core(Reply(), first=waiting)) as telegram:
        telegram.api.open_private(world.MEMBER, False)
        ref = await telegram.platform.send(telegram.channel(), POST, nonce="1-1")
        _, query = telegram.api.press(ref, ASK)
        await until(lambda: query.answered_after is not None)
    assert query.url == "https://t.me/tocsin_essai_bot?start=k3x9-ab_Z"
    assert len(telegram.messages()) == 1


@pytest.mark.parametrize(
    ("typed", "private", "arguments"),
    [
        ("/start k3x9-ab_Z", True, {"link": "k3x9-ab_Z"}),
        ("/start answer", True, {}),
        ("/start", True, {}),
        ("/start deux mots", True, {}),
        ("/start@tocsin_essai_bot k3x9", False, {}),
    ],
)
async def test_the_word_of_a_link_is_handed_in_from_our_own_chat_alone(
    typed: str, private: bool, arguments: dict[str, str]
) -> None:
    core = Core(Reply(view=DONE))
    async with talking(core) as telegram:
        telegram.api.say(typed, private=private)
        await until(lambda: bool(core.events))
    (command,) = core.events
    assert isinstance(command, Command)
    assert (command.name, dict(command.arguments)) == ("start", arguments)
