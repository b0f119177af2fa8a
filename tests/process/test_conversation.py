"""A conversation whose bot is killed between any two sentences: each old button works, once, and no row is wrong."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest
from aiohttp import web

from bot.locale.say import Say
from tests.running import ARRIVES, STARTS, Process, Room, Town, sentence, spaced, town, until
from tests.stands import discord_rules, telegram_world
from tests.stands.bot_api import BotApi
from tests.stands.discord_api import DiscordApi
from tests.stands.discord_faults import Refused as RefusedByDiscord
from tests.stands.discord_world import Interaction
from tests.stands.telegram_faults import Refused as RefusedByTelegram
from tests.stands.telegram_world import Json, Message, Query

SUBSCRIPTIONS = "SELECT COUNT(*) FROM subscriptions"
CHANGES = "SELECT COUNT(*) FROM audit WHERE verb = '{}'"
WANTED = "panne messagerie"


class Door:
    """What the bot answers to a press waits here when it is closed, and never arrives."""

    def __init__(self) -> None:
        self.is_closed = False
        self.waiting = 0
        self._opened = asyncio.Event()

    def close(self) -> None:
        self.is_closed, self.waiting = True, 0
        self._opened.clear()

    def open(self) -> None:
        self.is_closed = False
        self._opened.set()

    async def holds(self) -> bool:
        if not self.is_closed:
            return False
        self.waiting += 1
        await self._opened.wait()
        return True


class HeldBotApi(BotApi):
    def __init__(self, door: Door) -> None:
        super().__init__()
        self.has_limits = False
        self.door = door

    async def _edit(self, asked: Json) -> Json:
        if await self.door.holds():
            raise RefusedByTelegram(500, "Internal Server Error")
        return await super()._edit(asked)


class HeldDiscordApi(DiscordApi):
    def __init__(self, door: Door) -> None:
        super().__init__()
        self.door = door

    async def _edit_original(self, request: web.Request) -> web.StreamResponse:
        if await self.door.holds():
            raise RefusedByDiscord(500, 0, "500: Internal Server Error")
        return await super()._edit_original(request)


class Told(Protocol):
    """What the one who pressed was told; "" so far."""

    def __call__(self) -> str: ...


class Administrator(Protocol):
    """Somebody in room 0 of a platform."""

    platform: str

    async def subscribes(self, what: str) -> None: ...

    def text(self) -> str:
        """The newest message everybody sees."""
        ...

    def buttons(self) -> Mapping[str, str]:
        """Label → what comes back, of that message, the options of menus among them."""
        ...

    async def presses(self, meaning: str) -> Told:
        """On the newest message: a button it has, or had."""
        ...

    async def answers(self, words: str) -> None:
        """The question that the last press asked."""
        ...

    def is_asked(self) -> bool: ...

    def is_heard(self) -> bool:
        """The platform will not say again to the next life what it said to this one."""
        ...

    def changes(self) -> int:
        """How often the bot wanted a message to say something else."""
        ...


class OnTelegram:
    platform = "telegram"

    def __init__(self, here: Town) -> None:
        self.api = here.telegram

    async def subscribes(self, what: str) -> None:
        self.api.say(f"/abonner {what}".strip(), sender=telegram_world.ADMIN)

    def _messages(self, *, asks: bool = False) -> Sequence[Message]:
        chat = self.api.chat(0).id
        return [one for one in self.api.messages if one.chat == chat and one.asks == asks]

    def text(self) -> str:
        return spaced(self._messages()[-1].text) if self._messages() else ""

    def buttons(self) -> Mapping[str, str]:
        messages = self._messages()
        return {spaced(one["text"]): one["callback_data"] for one in messages[-1].buttons} if messages else {}

    async def presses(self, meaning: str) -> Told:
        query: Query
        _, query = self.api.press(str(self._messages()[-1].id), meaning, sender=telegram_world.ADMIN)
        return lambda: spaced(query.text)

    async def answers(self, words: str) -> None:
        question = self._messages(asks=True)[-1]
        self.api.say(words, sender=telegram_world.ADMIN, reply_to=question.id)

    def is_asked(self) -> bool:
        return bool(self._messages(asks=True))

    def is_heard(self) -> bool:
        return not self.api.updates.waiting

    def changes(self) -> int:
        return self.api.requests.count("editMessageText")


class OnDiscord:
    platform = "discord"

    def __init__(self, here: Town) -> None:
        self.api = here.discord
        self.last: Interaction | None = None

    async def subscribes(self, what: str) -> None:
        await until(lambda: bool(self.api.commands), STARTS, "Discord has the commands")
        await self.api.command("tocsin subscribe", {"what": what} if what else {}, admin=True)

    def _body(self) -> tuple[str, Mapping[str, object]]:
        messages = [one for one in self.api.messages if not one.ephemeral_for and not one.loading]
        return (messages[-1].id, messages[-1].body) if messages else ("", {})

    def text(self) -> str:
        return spaced(discord_rules.read_message(dict(self._body()[1])))

    def _parts(self) -> Sequence[Json]:
        rows = self._body()[1].get("components") or []
        assert isinstance(rows, list)
        return [one for row in rows for one in row["components"]]

    def buttons(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for one in self._parts():
            if one["type"] == 3:
                found |= {spaced(option["label"]): option["value"] for option in one["options"]}
            else:
                found[spaced(one["label"])] = one["custom_id"]
        return found

    async def presses(self, meaning: str) -> Told:
        offered = [option["value"] for one in self._parts() if one["type"] == 3 for option in one["options"]]
        do = self.api.choose if meaning in offered else self.api.press
        interaction = self.last = await do(self._body()[0], meaning, admin=True)

        def told() -> str:
            said = [one.body for one in interaction.messages if one.ephemeral_for]
            return "\n".join(spaced(discord_rules.read_message(body)) for body in said)

        return told

    async def answers(self, words: str) -> None:
        assert self.last is not None
        await self.api.fill(self.last, words, admin=True)

    def is_asked(self) -> bool:
        return self.last is not None and self.last.window is not None

    def is_heard(self) -> bool:
        return True

    def changes(self) -> int:
        return sum(one.startswith("PATCH /webhooks/") for one in self.api.requests)


OTHER_TOKEN = {"telegram": "TOCSIN_DISCORD_TOKEN", "discord": "TOCSIN_TELEGRAM_TOKEN"}


@asynccontextmanager
async def alive(here: Town, one: Administrator, *, deaf: bool = False) -> AsyncIterator[Process]:
    """The bot, until it is killed; `deaf`: what was said last may not have reached it."""
    async with here.bot({OTHER_TOKEN[one.platform]: ""}) as bot:
        await bot.ready()
        yield bot
        if not deaf:
            await until(one.is_heard, ARRIVES, "what was said is heard")
        await bot.kill()


async def shows(one: Administrator, label: str) -> None:
    await until(
        lambda: label in one.buttons(), ARRIVES, lambda: f"a button says {label!r}: {one.text()} {one.buttons()}"
    )


async def is_answered(one: Administrator, meaning: str) -> None:
    before = one.changes()
    await one.presses(meaning)
    await until(lambda: one.changes() > before, ARRIVES, "the press is answered")


async def is_told(told: Told, words: str) -> None:
    await until(lambda: words in told(), ARRIVES, lambda: f"{words!r} is told, not {told()!r}")


def label(key: str) -> str:
    return spaced(Say("fr")(key))


@pytest.mark.parametrize("platform", ["telegram", "discord"])
async def test_a_bot_killed_between_any_two_sentences_goes_on_where_it_was(platform: str, tmp_path: Path) -> None:
    door = Door()
    async with town(tmp_path, "journal", telegram=HeldBotApi(door), discord=HeldDiscordApi(door)) as here:
        await here.furnish(Room(platform=platform, number=0))
        one: Administrator = OnTelegram(here) if platform == "telegram" else OnDiscord(here)
        await wizard(here, one, door)
        await undo(here, one)
        assert not here.telegram.problems and not here.discord.problems


async def wizard(here: Town, one: Administrator, door: Door) -> None:
    """Killed after every step. The button of each step works in the next life, and once more in that life."""
    async with alive(here, one):
        await one.subscribes("")
        await shows(one, label("wizard.button.topics"))
    for pressed, then in (
        ("wizard.button.topics", "topic.vulnerabilite"),
        ("topic.vulnerabilite", "wizard.button.hush"),
        ("wizard.button.what", "wizard.button.words"),
    ):
        async with alive(here, one):
            meaning = one.buttons()[label(pressed)]
            for _ in range(2):
                await is_answered(one, meaning)
                await shows(one, label(then))
            assert here.ask(SUBSCRIPTIONS) == 0

    async with alive(here, one):
        await one.presses(one.buttons()[label("wizard.button.words")])
        await until(one.is_asked, ARRIVES, "the words are asked for")
    async with alive(here, one):
        await one.answers(WANTED)
        await shows(one, label("wizard.button.now"))
        assert WANTED.replace(" ", ", ") in one.text()
    async with alive(here, one):
        await one.presses(one.buttons()[label("wizard.button.now")])
        await shows(one, label("wizard.button.save"))

    save = one.buttons()[label("wizard.button.save")]
    async with alive(here, one):
        door.close()
        await one.presses(save)
        await until(lambda: door.waiting > 0, ARRIVES, "it is saved, and the answer on its way")
        assert here.ask(SUBSCRIPTIONS) == 1
    door.open()
    assert label("wizard.button.save") in one.buttons()  # nobody heard of it
    async with alive(here, one):
        for _ in range(2):  # who presses it again is shown what is saved
            await one.presses(save)
            await until(lambda: sentence("subscribe.done") in one.text(), ARRIVES, "it says what is saved")
    assert here.ask(SUBSCRIPTIONS) == here.ask(CHANGES.format("subscribe")) == 1


async def undo(here: Town, one: Administrator) -> None:
    """Of two changes the first is undone in the next life, the second by a press that is handed in as the bot dies."""
    button = label("undo.button")
    async with alive(here, one):
        await one.subscribes("journal")
        await shows(one, button)
        assert here.ask(SUBSCRIPTIONS) == 2
    first = one.buttons()[button]
    async with alive(here, one):
        await one.presses(first)
        await until(lambda: sentence("undo.done") in one.text(), ARRIVES, "it is undone")
        await is_told(await one.presses(first), sentence("error.expired"))
        assert here.ask(SUBSCRIPTIONS) == here.ask(CHANGES.format("undo")) == 1
        await one.subscribes("journal")
        await shows(one, button)
    second = one.buttons()[button]
    async with alive(here, one, deaf=True):
        await one.presses(second)  # handed in, and no more than that
    async with alive(here, one):
        await one.presses(second)
        await until(lambda: here.ask(SUBSCRIPTIONS) == 1, ARRIVES, "it is undone, by the one press or by the other")
        await one.subscribes("journal")  # heard after the press
        await until(lambda: here.ask(SUBSCRIPTIONS) == 2, ARRIVES, "subscribed again")
        await is_told(await one.presses(second), sentence("error.expired"))
    assert here.ask(CHANGES.format("undo")) == 2
    assert here.ask(SUBSCRIPTIONS) == 2
