"""`tocsin init`: asks, checks each token live, shows how the bot is added, waits for it, writes `.env` (mode 600)."""

import asyncio
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click
from dotenv import dotenv_values
from rich.console import Console

from bot import catalogue, dotenv, logs, wiring
from bot import settings as variables
from bot.cli.asking import Asker, Terminal
from bot.errors import BotError, ConfigError, PlatformError, TokenRefused
from bot.examining import Arrival, Invites
from bot.locale.say import LANGUAGES, Say

MASK = "••••••••"
TOKENS = {"telegram": "TOCSIN_TELEGRAM_TOKEN", "discord": "TOCSIN_DISCORD_TOKEN"}


@click.command()
def init() -> None:
    """Set Tocsin up by answering questions; nothing is written before the last of them."""
    logs.configure("ERROR")
    env = variables.environment()
    say = Say(language_of(env, os.environ))
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError(say("cli.init.no_terminal"))
    variables.read(env, wiring.platform_variables())  # what is wrong already is told before anything is asked
    asyncio.run(Wizard(asker=Terminal(Console(highlight=False)), say=say, env=env).run(variables.DOTENV))


def language_of(env: Mapping[str, str], around: Mapping[str, str]) -> str:
    """The one that is set, else that of the terminal; French where it says nothing."""
    if (chosen := env.get("TOCSIN_LANGUAGE", "").strip()) in LANGUAGES:
        return chosen
    spoken = next((around[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if around.get(name)), "")
    return "fr" if spoken.lower().startswith("fr") or spoken in ("", "C", "POSIX", "C.UTF-8") else "en"


@dataclass(slots=True, kw_only=True)
class Wizard:
    """`env`: what is set before, the process's own environment and `.env`. `chosen`: what `.env` is to say."""

    asker: Asker
    say: Say
    env: Mapping[str, str]
    chosen: dict[str, str] = field(default_factory=dict)
    people: list[tuple[str, str]] = field(default_factory=list)  # (telegram:ID, name), who may answer for the bot

    async def run(self, path: Path) -> None:
        self.asker.tell(self.say("cli.init.hello"))
        for platform in TOKENS:
            await self._platform(platform)
        if not any(self._set(name) for name in TOKENS.values()):
            self.asker.tell(self.say("cli.init.no_token"))
        self._operators()
        self._setting("TOCSIN_SOURCES", "cli.init.sources")
        self._setting("TOCSIN_TIMEZONE", "cli.init.timezone", "Europe/Paris")
        if "TOCSIN_LANGUAGE" not in self.env:
            self.chosen["TOCSIN_LANGUAGE"] = self.say.language
        self._write(path)

    def _set(self, name: str) -> str:
        return self.chosen.get(name) or self.env.get(name, "") or self.env.get(f"{name}_FILE", "")

    # -- tokens -------------------------------------------------------------------------------------------------------

    async def _platform(self, platform: str) -> None:
        self.asker.tell()
        self.asker.tell(self.say(f"cli.init.{platform}"))
        name = TOKENS[platform]
        while True:
            question = "cli.init.token_again" if self._set(name) else "cli.init.token"
            token = self.asker.ask_secret(self.say(question))
            logs.keep_secret(token)
            if not token and not self._set(name):
                return
            found = self._built(platform, token)
            if found is not None and (bot := await self._introduced(found)):
                break
            if not token:  # what was set before does not work either: the sentence has said so
                return
        if token:
            self.chosen[name] = token
        self.asker.tell(self.say("cli.init.accepted", name=bot))
        await self._added(found)

    def _built(self, platform: str, token: str) -> Invites | None:
        env = dict(self.env)
        if token:
            env |= {TOKENS[platform]: token, f"{TOKENS[platform]}_FILE": ""}
        try:
            settings = variables.read(env, wiring.platform_variables())
        except ConfigError as error:
            self.asker.tell("\n".join(error.problems))
            return None
        logs.keep_secret(*settings.secrets())
        return next(one for one in wiring.platforms(settings) if one.name == platform and isinstance(one, Invites))

    async def _introduced(self, platform: Invites) -> str:
        """The bot's name; "": the token does not work, and why was told."""
        try:
            return await platform.check()
        except TokenRefused:
            self.asker.tell(self.say("cli.init.refused"))
        except PlatformError as error:
            self.asker.tell(self.say("cli.init.unreachable", detail=str(error)))
        return ""

    async def _added(self, platform: Invites) -> None:
        try:
            self.asker.tell(self.say("cli.init.invite", url=await platform.invitation()))
            arrived = await self.asker.wait(self.say("cli.init.waiting"), platform.arrivals)
        except PlatformError as error:
            self.asker.tell(self.say("cli.init.not_seen", detail=str(error)))
            return
        for one in arrived:
            self.asker.tell(self.say("cli.init.added", title=one.title))
        self.people += dict.fromkeys(self._people(platform.name, arrived))
        if not arrived:
            self.asker.tell(self.say("cli.init.later"))

    def _people(self, platform: str, arrived: Sequence[Arrival]) -> Iterator[tuple[str, str]]:
        yield from ((f"{platform}:{one.person}", one.name) for one in arrived if one.person)

    # -- the rest -----------------------------------------------------------------------------------------------------

    def _operators(self) -> None:
        self.asker.tell()
        for person, name in self.people:
            self.asker.tell(self.say("cli.init.seen", person=person, name=name))
        self._setting("TOCSIN_OPERATORS", "cli.init.operators", ",".join(person for person, _ in self.people))

    def _setting(self, name: str, question: str, default: str = "") -> None:
        """Asked until it can be read; what was set before is the answer to an empty one."""
        before = self.env.get(name, "")
        while True:
            answer = self.asker.ask(self.say(question), before or default)
            problems = _problems(name, answer)
            if not problems:
                break
            self.asker.tell("\n".join(problems))
        if answer != before:
            self.chosen[name] = answer

    def _write(self, path: Path) -> None:
        """Raises BotError."""
        try:
            old = path.read_text("utf-8") if path.exists() else ""
            new = dotenv.changed(old, self.chosen)
            self.asker.tell()
            if new == old:
                if path.exists():
                    path.chmod(0o600)
                self.asker.tell(self.say("cli.init.same", file=str(path)))
                return
            for line in self._differences(path):
                self.asker.tell(line)
            if not self.asker.confirm(self.say("cli.init.write", file=str(path))):
                self.asker.tell(self.say("cli.init.not_written"))
                return
            dotenv.write(path, new)
        except OSError as error:
            raise BotError(self.say("cli.import.unwritable", file=str(path), reason=error.strerror or "")) from None
        self.asker.tell(self.say("cli.init.done", file=str(path)))

    def _differences(self, path: Path) -> Iterator[str]:
        """Each variable that changes in the file, no secret shown."""
        before = dotenv_values(path, interpolate=False) if path.exists() else {}
        for name, value in self.chosen.items():
            was = before.get(name) or ""
            shown = MASK if name in TOKENS.values() else value
            if not was and value:
                yield f"+ {name}={shown}"
            elif was != value:
                old = MASK if name in TOKENS.values() else was
                yield f"~ {name}: {old} → {shown or '–'}"


def _problems(name: str, value: str) -> Sequence[str]:
    try:
        settings = variables.read({name: value})
        if name == "TOCSIN_SOURCES" and value:
            catalogue.read(settings.sources)
    except ConfigError as error:
        return error.problems
    return ()
