"""Each command, typed by a member and by an administrator, in French and in English, on every platform: answered, or
refused to the asker alone; never an error, and nothing of what is for one person in front of the others."""

from collections.abc import Mapping
from datetime import timedelta
from importlib import import_module

import pytest

from bot.commands import COMMANDS
from bot.domain.command import CommandSpec
from bot.locale.say import Say
from bot.ports import Database
from storage.database import database
from tests.commands.desk import plain
from tests.contracts.stand import Language
from tests.contracts.talking import PLATFORMS
from tests.contracts.test_same_story import Telling, staged
from tests.fakes import World, entry

# What a person who knows the command types, beside nothing at all
TYPED: Mapping[str, str] = {
    "help": "search",
    "search": "chantier",
    "latest": "journal 2",
    "deadlines": "care",
    "alerts": "open",
    "article": "#1",
    "why": "#1",
    "share": "https://exemple.test/rien",
    "trends": "7d",
    "subscribe": "alerts daily",
    "unsubscribe": "1",
    "settings": "quiet 22:00-07:00",
    "watchlist": "add Fortinet FortiGate",
    "mute": "wifi 2h",
    "pause": "2h",
    "addsource": "exemple.test",
}
RINGS = ("test",)  # what it is for is a message everybody sees


def _lines(spec: CommandSpec, language: Language) -> list[str]:
    name = spec.fr if language == "fr" else spec.name
    lines = [f"/{name} {TYPED[spec.name]}"] if spec.name in TYPED else []
    if not any(argument.required for argument in spec.arguments):  # Discord sends no command without what it requires
        lines.append(f"/{name}")
    return lines


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("platform", PLATFORMS)
async def test_every_command_is_answered_or_refused_to_the_asker_alone(platform: str, language: Language) -> None:
    async with (
        database("sqlite:///:memory:") as db,
        import_module(f"tests.stands.{platform}").stand() as stand,
        staged(stand, 0, language, await _archive(db)) as telling,
    ):
        telling.pace = timedelta(milliseconds=100)
        await telling.join()
        for spec in (entry.spec for entry in COMMANDS):
            for line in _lines(spec, language):
                for admin in (False, True):
                    await _type(telling, spec, line, admin=admin)


async def _archive(db: Database) -> World:
    world = World.on(db)
    source = await world.source("journal", title="Le Journal de Valmont")
    world.site.publish(source, entry("1", "Valmont ouvre un chantier"))
    await world.read("journal")
    return world


async def _type(telling: Telling, spec: CommandSpec, line: str, *, admin: bool) -> None:
    before = len(telling.standing())
    seen = await telling.say(line, line, admin=admin)
    public, private = " ".join(one.text for one in seen.public), seen.private
    what = f"{telling.stand.name}: {line} ({'administrator' if admin else 'member'})"
    assert public.strip() or private.strip() or len(telling.standing()) > before, f"{what}: nothing was answered"
    for say in (Say("fr"), Say("en")):
        assert plain(say("error.unexpected")) not in plain(f"{public} {private}"), what
    if spec.admin and not admin:
        assert not seen.public and len(telling.standing()) == before, f"{what}: the refusal entered the group"
        assert plain(telling.say_in("error.rights")) in plain(private), what
    elif not spec.public and spec.name not in RINGS:
        assert not seen.public, f"{what}: what is for one person stands in the group"
