"""`tocsin init`: tokens are tried on the spot, nobody sees them, and `.env` keeps what it held."""

import stat
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

import discord
import pytest
from dotenv import dotenv_values

from bot.cli.init import TOKENS, Wizard, language_of
from bot.errors import BotError
from bot.locale.say import Say
from tests.cli.conftest import Tocsin
from tests.put_back import logging_put_back
from tests.stands import bot_api, discord_api, discord_world, telegram_world
from tests.stands.bot_api import BotApi
from tests.stands.discord_api import DiscordApi

T = TypeVar("T")
WRONG = "123456789:AAF0canaryCanaryCanaryCanaryCanary_0"


class Scripted:
    """A person who has the answers ready, in order; `None` waits no longer. All that they see is kept."""

    def __init__(self, *answers: str | bool | None) -> None:
        self.answers = list(answers)
        self.seen: list[str] = []

    def tell(self, text: str = "") -> None:
        self.seen.append(text)

    def ask(self, question: str, default: str) -> str:
        self.seen.append(f"{question} [{default}]")
        return str(self.answers.pop(0)) or default

    def ask_secret(self, question: str) -> str:
        self.seen.append(question)
        return str(self.answers.pop(0))

    def confirm(self, question: str) -> bool:
        self.seen.append(question)
        return bool(self.answers.pop(0))

    async def wait(self, sentence: str, look: Callable[[], Awaitable[Sequence[T]]]) -> Sequence[T]:
        self.seen.append(sentence)
        return await look()

    @property
    def screen(self) -> str:
        return "\n".join(self.seen)


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api.running() as running:
        yield running


@pytest.fixture
async def server() -> AsyncIterator[DiscordApi]:
    async with discord_api.running() as running:
        yield running


async def set_up(path: Path, env: Mapping[str, str], *answers: str | bool | None) -> Scripted:
    person = Scripted(*answers)
    with logging_put_back():
        await Wizard(asker=person, say=Say("en"), env=env).run(path)
    assert person.answers == []
    return person


def there(api: BotApi, server: DiscordApi) -> dict[str, str]:
    return {"TOCSIN_TELEGRAM_API_URL": api.url, "TOCSIN_DISCORD_API_URL": server.api_url}


async def test_both_platforms_are_set_up_and_who_added_the_bot_answers_for_it(
    api: BotApi, server: DiscordApi, tmp_path: Path
) -> None:
    api.let_in(0)
    path = tmp_path / ".env"
    person = await set_up(path, there(api, server), api.token, server.token, "", "", "Indian/Reunion", True)
    assert dotenv_values(path, interpolate=False) == {
        "TOCSIN_TELEGRAM_TOKEN": api.token,
        "TOCSIN_DISCORD_TOKEN": server.token,
        "TOCSIN_OPERATORS": f"telegram:{telegram_world.ADMIN},discord:{discord_world.PEOPLE}",
        "TOCSIN_TIMEZONE": "Indian/Reunion",
        "TOCSIN_LANGUAGE": "en",
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "The bot is in “Groupe 0”." in person.seen
    assert "The bot is in “Hôpital 0”." in person.seen
    assert api.token not in person.screen and server.token not in person.screen
    assert len(api.updates.waiting) == 1  # the bot that runs next hears of its arrival


async def test_the_links_ask_for_the_rights_the_bot_needs_and_no_other(
    api: BotApi, server: DiscordApi, tmp_path: Path
) -> None:
    person = await set_up(tmp_path / ".env", there(api, server), api.token, server.token, "", "", "", False)
    links = [line.split("\n")[1] for line in person.seen if "\nhttps://" in line]
    assert links[0] == f"https://t.me/{telegram_world.BOT['username']}?startgroup=true"
    asked = {name: values[0] for name, values in parse_qs(urlsplit(links[1]).query).items()}
    assert asked["client_id"] == discord_world.APPLICATION
    assert asked["scope"] == "bot applications.commands"
    given = discord.Permissions(int(asked["permissions"]))
    assert {name for name, may in given if may} == {
        *(
            "view_channel",
            "read_messages",
            "send_messages",
            "send_messages_in_threads",
            "create_public_threads",
            "embed_links",
        )
    } & {name for name, _ in given}
    assert not (tmp_path / ".env").exists()


async def test_a_refused_token_is_one_sentence_and_is_asked_again(
    api: BotApi, server: DiscordApi, tmp_path: Path
) -> None:
    path = tmp_path / ".env"
    env = there(api, server)
    person = await set_up(path, env, WRONG, "no token/at all", api.token, "wrong.discord.token", "", "", "", "", True)
    assert person.seen.count("This token is refused. Copy it again, all of it.") == 2
    assert sum("BotFather wrote it" in line for line in person.seen) == 1
    assert "canary" not in person.screen and "no token/at all" not in person.screen
    assert dotenv_values(path)["TOCSIN_TELEGRAM_TOKEN"] == api.token
    assert "TOCSIN_DISCORD_TOKEN" not in dotenv_values(path)


async def test_what_stands_in_the_file_stays_and_what_changes_is_shown_without_secrets(
    api: BotApi, server: DiscordApi, tmp_path: Path
) -> None:
    path = tmp_path / ".env"
    path.write_text(f"# ours\nTOCSIN_TELEGRAM_TOKEN={WRONG}\nOTHERS=1\nTOCSIN_OPERATORS=telegram:5\n")
    env = {**there(api, server), "TOCSIN_TELEGRAM_TOKEN": WRONG, "TOCSIN_OPERATORS": "telegram:5"}
    person = await set_up(path, env, api.token, "", "telegram:x", "telegram:6", "", "", True)
    assert path.read_text().startswith(
        f"# ours\nTOCSIN_TELEGRAM_TOKEN={api.token}\nOTHERS=1\nTOCSIN_OPERATORS=telegram:6\n"
    )
    assert "~ TOCSIN_TELEGRAM_TOKEN: •••••••• → ••••••••" in person.seen
    assert "~ TOCSIN_OPERATORS: telegram:5 → telegram:6" in person.seen
    assert WRONG not in person.screen and api.token not in person.screen


async def test_a_no_at_the_end_writes_nothing(api: BotApi, server: DiscordApi, tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("A=1\n")
    await set_up(path, there(api, server), "", "", "", "", "", False)
    assert path.read_text() == "A=1\n"


async def test_twice_the_same_answers_write_once(api: BotApi, server: DiscordApi, tmp_path: Path) -> None:
    path = tmp_path / ".env"
    await set_up(path, there(api, server), api.token, "", "", "", "", True)
    path.chmod(0o644)
    kept = {name: value or "" for name, value in dotenv_values(path, interpolate=False).items()}
    person = await set_up(path, {**there(api, server), **kept}, "", "", "", "", "")
    assert person.seen[-1].endswith("nothing is written.")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_platform_that_does_not_answer_is_told_and_can_be_left_out(tmp_path: Path) -> None:
    env = {"TOCSIN_TELEGRAM_API_URL": "http://127.0.0.1:1"}
    person = await set_up(tmp_path / ".env", env, WRONG, "", "", "", "", "", True)
    assert any("could not be tried" in line for line in person.seen)
    assert "canary" not in person.screen


async def test_another_program_on_the_token_only_ends_the_waiting(
    api: BotApi, server: DiscordApi, tmp_path: Path
) -> None:
    api.poll_elsewhere()
    person = await set_up(tmp_path / ".env", there(api, server), api.token, "", "", "", "", True)
    assert any("cannot be waited for" in line for line in person.seen)
    assert dotenv_values(tmp_path / ".env")["TOCSIN_TELEGRAM_TOKEN"] == api.token


async def test_a_file_that_cannot_be_written_is_one_sentence(api: BotApi, server: DiscordApi, tmp_path: Path) -> None:
    with pytest.raises(BotError, match="nowhere"):
        await set_up(tmp_path / "nowhere" / ".env", there(api, server), "", "", "", "", "", True)


@pytest.mark.parametrize(
    ("env", "around", "language"),
    [
        ({"TOCSIN_LANGUAGE": "en"}, {"LANG": "fr_FR.UTF-8"}, "en"),
        ({}, {"LANG": "fr_FR.UTF-8"}, "fr"),
        ({}, {"LC_ALL": "de_DE.UTF-8", "LANG": "fr_FR.UTF-8"}, "en"),
        ({}, {"LANG": "C.UTF-8"}, "fr"),
        ({}, {}, "fr"),
    ],
)
def test_it_speaks_the_language_of_the_settings_then_of_the_terminal(
    env: dict[str, str], around: dict[str, str], language: str
) -> None:
    assert language_of(env, around) == language


def test_without_a_terminal_it_says_so_and_asks_nothing(tocsin: Tocsin, tmp_path: Path) -> None:
    ended = tocsin("init", TOCSIN_LANGUAGE="en")
    assert ended.code == 2
    assert "start it in a terminal" in ended.err
    assert tocsin("init", "--yes").code == 2
    assert list(tmp_path.iterdir()) == []


def test_every_platform_with_a_token_is_asked_for() -> None:
    assert set(TOKENS) == {"telegram", "discord"}
