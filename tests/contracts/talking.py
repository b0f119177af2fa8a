"""What the suites share: the platform runs, and a core that answers as it is told."""

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from bot.domain.command import Answer, Argument, Command, CommandSpec, Event, Reply
from bot.domain.flood import Flood, Verdict
from bot.view import Text, View
from tests.contracts.stand import Stand

PLATFORMS = ["telegram", "discord", "console"]
WITH_A_TOKEN = ["telegram", "discord"]

LATEST = CommandSpec(
    name="latest", fr="derniers", arguments=(Argument(name="what", completes=True), Argument(name="n")), public=True
)
HELP = CommandSpec(name="help", fr="aide", arguments=(Argument(name="command"),))
SUBSCRIBE = CommandSpec(
    name="subscribe",
    fr="abonner",
    arguments=(Argument(name="what"), Argument(name="how", choices=("now", "daily", "weekly", "silent"))),
    admin=True,
    public=True,
)
SPECS = (LATEST, HELP, SUBSCRIBE)


def only(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("stand", names, indirect=True)


class Patience(Flood):
    """For a suite that types faster than a person may."""

    def admit(self, limits: dict[str, int], now: float) -> Verdict:
        return Verdict.WELCOME


class Core:
    """What the core would be: notes every event, answers as it is told."""

    def __init__(self, answer: Answer = None) -> None:
        self.events: list[Event] = []
        self.answer = answer or Reply(view=View(blocks=(Text(text="C’est noté."),)))

    async def handle(self, event: Event) -> Answer:
        self.events.append(event)
        return self.answer

    def commands(self) -> list[Command]:
        return [event for event in self.events if isinstance(event, Command)]


@asynccontextmanager
async def talking(stand: Stand, core: Core) -> AsyncIterator[None]:
    """The platform runs: connected, and listening to people."""
    stand.channel()
    running = asyncio.create_task(stand.platform.run(core.handle, SPECS))
    try:
        await until(lambda: running.done() or stand.platform.is_ready())
        yield
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def until(holds: Callable[[], bool], within: float = 10.0) -> None:
    async with asyncio.timeout(within):
        while not holds():
            await asyncio.sleep(0.005)


_nonces = itertools.count(1)


async def send(stand: Stand, view: View, number: int = 0, *, thread: str = "", nonce: str = "") -> str:
    """As the lane does: within the budget."""
    channel = stand.channel(number, thread=thread)
    await turn(stand, channel.address.chat)
    return await stand.platform.send(channel, view, nonce=nonce or f"{next(_nonces)}-{channel.id}")


async def turn(stand: Stand, chat: str) -> None:
    budget = stand.platform.budget
    while (wait := budget.wait(chat, time.monotonic())) > 0:
        await asyncio.sleep(wait)
    budget.take(chat, time.monotonic())
