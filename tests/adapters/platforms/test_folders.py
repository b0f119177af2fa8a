"""A platform is one folder: a throw-away one is found by its name, speaks, listens and is kept secret as the others."""

from pathlib import Path

import pytest

import adapters.platforms
from bot import wiring
from bot.domain.command import Command, Reply
from bot.ports import Database
from bot.settings import read, unknown
from tests.commands.desk import ADMIN, Chat, said
from tests.fakes import World, entry, where

PIGEON = '''
"""A platform of one file: what is sent lies in a list, what is typed comes from a queue."""

import asyncio
from datetime import timedelta

from bot.domain.budget import Budget, Rates
from bot.domain.command import Rights

TOKEN = "TOCSIN_PIGEON_TOKEN"
VARIABLES = ("TOCSIN_PIGEON_LOFT",)


class Pigeon:
    name = lane = "pigeon"
    send_timeout, dedupes_for, whispers = timedelta(seconds=5), timedelta(), True

    def __init__(self, loft):
        self.loft, self.sent, self.typed = loft, [], asyncio.Queue()
        self.budget = Budget(Rates(overall=(100, 1.0), chat=(100, 1.0)))

    async def run(self, handle, specs):
        self.menu = [spec.name for spec in specs]
        while True:
            await handle(await self.typed.get())

    def is_ready(self):
        return True

    async def send(self, channel, view, *, nonce):
        self.sent.append((channel.address.chat, view))
        return str(len(self.sent))

    async def edit(self, channel, ref, view): ...

    async def rights(self, where, person):
        return person.rights or Rights.MEMBER


def build(env, around):
    return Pigeon(env.get("TOCSIN_PIGEON_LOFT", ""))
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if somebody had put `adapters/platforms/pigeon/` there, and nothing else."""
    (tmp_path / "pigeon").mkdir()
    (tmp_path / "pigeon" / "__init__.py").write_text(PIGEON, "utf-8")
    monkeypatch.setattr(adapters.platforms, "__path__", [*adapters.platforms.__path__, str(tmp_path)])


@pytest.mark.usefixtures("folder")
async def test_a_folder_is_all_it_takes(database: Database) -> None:
    env = {"TOCSIN_PIGEON_TOKEN": "coo-coo-secret", "TOCSIN_PIGEON_LOFT": "roof"}
    also = wiring.platform_variables()
    assert unknown(env, also) == [] and unknown({"TOCSIN_PIGEON_TOKE": ""}, also) != []
    settings = read(env, also)
    assert "coo-coo-secret" in settings.secrets() and "coo-coo-secret" not in repr(settings)
    (pigeon,) = wiring.platforms(settings)
    assert getattr(pigeon, "loft") == "roof"  # noqa: B009  # a class the type checker has never seen

    world = World.on(database)
    world.platform = pigeon  # type: ignore[assignment]  # the same port
    chat = Chat(world)
    chat.talk = type(chat.talk)(
        desk=chat.talk.desk, platforms={"pigeon": pigeon}, operators=frozenset(), meter=chat.talk.meter
    )
    source = await world.source("dsih", title="DSIH")
    at = where("tower", platform="pigeon")
    reply = await chat.talk.handle(Command(name="abonner", arguments={"what": "dsih"}, where=at, person=ADMIN))
    assert isinstance(reply, Reply) and "tout ce que publie DSIH" in said(reply)
    world.site.publish(source, entry("1", "Un article fictif"))
    await world.read("dsih")
    await world.deliver_all(until=lambda: bool(getattr(pigeon, "sent")))  # noqa: B009
    (chat_name, _), *others = getattr(pigeon, "sent")  # noqa: B009
    assert chat_name == "tower" and others == []


@pytest.mark.usefixtures("folder")
def test_its_token_may_stand_in_a_file_and_is_hidden(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("coo-coo-secret\n")
    settings = read({"TOCSIN_PIGEON_TOKEN_FILE": str(tmp_path / "token")}, wiring.platform_variables())
    assert settings.given["TOCSIN_PIGEON_TOKEN"] == "coo-coo-secret"


def test_without_its_folder_nobody_speaks_there() -> None:
    assert wiring.platforms(read({"TOCSIN_PIGEON_TOKEN": "x"}, wiring.platform_variables())) == []
