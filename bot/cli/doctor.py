"""`tocsin doctor`: is everything in place? Each check is one line, and each line that is not ok says what to do."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from pathlib import Path
from typing import Protocol

import click

from bot import catalogue, logs, wiring
from bot import settings as variables
from bot.cli.start import Screen
from bot.domain.article import Article
from bot.domain.source import Source
from bot.errors import BotError, ConfigError, ModelError, TokenRefused, UnusableAnswer
from bot.locale.say import Say
from bot.pipeline.ingest import Kinds
from bot.ports import Checks, Summariser
from bot.settings import Settings

RELEASED = datetime(2026, 1, 1, tzinfo=UTC)  # a clock before this has never been set
MOST_SKEW = timedelta(seconds=30)  # beyond it signed links and Retry-After go wrong
LIVE_CHECK = timedelta(seconds=15)
MODEL_CHECK = timedelta(seconds=60)  # a model on a small machine is loaded when it is first asked
SHORTEST_KEY = 32  # characters


class State(IntEnum):
    """Also the exit code: that of the worst line."""

    OK = 0
    WARNING = 1
    ERROR = 2


STYLES = {State.OK: "green", State.WARNING: "yellow", State.ERROR: "bold red"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    state: State
    check: str
    sentence: str
    fix: str = ""

    def line(self) -> str:
        fix = f" → {self.fix}" if self.fix else ""
        return f"{self.state.name.lower():<8} {self.check:<10} {self.sentence}{fix}"


class Examinable(Checks, Protocol):
    """As much of a platform as is asked for here."""

    name: str


@click.command()
def doctor() -> None:
    """Settings, database, tokens, clock, and who can read the secrets."""
    raise click.exceptions.Exit(asyncio.run(_examine()))


async def _examine() -> int:
    logs.configure("ERROR")
    env: Mapping[str, str] = {}
    try:
        env = variables.environment()
        settings = variables.read(env, wiring.platform_variables())
    except ConfigError as error:
        return _report_settings(error, Say(env.get("TOCSIN_LANGUAGE", "fr")))
    logs.keep_secret(*settings.secrets())
    screen = Screen(Say(settings.language))
    worst = State.OK
    async for finding in _findings(settings, env, screen.say):
        screen.line(finding.line(), style=STYLES[finding.state])
        worst = max(worst, finding.state)
    return worst


def _report_settings(error: ConfigError, say: Say) -> int:
    for problem in error.problems:
        finding = Finding(state=State.ERROR, check="settings", sentence=problem)
        Screen(say).line(finding.line(), style=STYLES[State.ERROR])
    return State.ERROR


async def _findings(settings: Settings, env: Mapping[str, str], say: Say) -> AsyncIterator[Finding]:
    for finding in (*of_settings(settings, env, say), *of_files(settings, env, say)):
        yield finding
    async with wiring.reading(settings) as reading:
        for finding in of_sources(settings, reading.kinds, say):
            yield finding
    yield await of_database(settings, say)
    async for finding in of_platforms(settings, say):
        yield finding
    async with wiring.summariser(settings) as model:
        if model is not None:
            yield await of_model(model, say)
    asks_nobody = settings.telegram_token is None and settings.discord_token is None
    there = None if asks_nobody else await wiring.server_time(settings)
    yield of_clock(datetime.now(UTC), there, say)


# -- the checks -------------------------------------------------------------------------------------------------------


def of_settings(settings: Settings, env: Mapping[str, str], say: Say) -> Iterator[Finding]:
    strange = variables.unknown(env, wiring.platform_variables())
    for sentence in strange:
        yield _warning("settings", sentence, say("cli.doctor.settings_fix"))
    key = settings.secret_key
    if key is not None and len(key.get_secret_value()) < SHORTEST_KEY:
        yield _warning("settings", say("cli.doctor.short_key"), say("cli.doctor.short_key_fix", count=SHORTEST_KEY))
    elif not strange:
        yield _ok("settings", say("cli.doctor.settings"))


def of_files(settings: Settings, env: Mapping[str, str], say: Say) -> Iterator[Finding]:
    """Files that hold secrets are for their owner's eyes only."""
    kept = [
        variables.DOTENV,
        settings.key_file,
        *(Path(env[name]) for name in variables.FILE_VARIABLES if env.get(name)),
    ]
    if settings.database_file is not None:
        kept.append(settings.database_file)
    open_to_others = [path for path in kept if path.exists() and _others_may_read(path)]
    for path in open_to_others:
        mode = f"{stat.S_IMODE(path.stat().st_mode):o}"
        yield _warning("files", say("cli.doctor.open_file", path=str(path), mode=mode), f"chmod 600 {path}")
    if not open_to_others:
        yield _ok("files", say("cli.doctor.files"))


def _others_may_read(path: Path) -> bool:
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def of_sources(settings: Settings, kinds: Kinds, say: Say) -> Iterator[Finding]:
    try:
        found = catalogue.read(settings.sources)
    except ConfigError as error:
        for problem in error.problems:
            yield _error("sources", problem, say("cli.doctor.sources_fix"))
        return
    unread = [source.slug for source in found if source.enabled and not _is_read(source, kinds)]
    if unread:
        yield _warning("sources", say("cli.doctor.kinds", ids=", ".join(unread)), say("cli.doctor.kinds_fix"))
    else:
        yield _ok("sources", say("cli.doctor.sources", count=len(found)))


def _is_read(source: Source, kinds: Kinds) -> bool:
    try:
        return source.kind is None or bool(kinds.load(source.kind))
    except ConfigError:
        return False


async def of_database(settings: Settings, say: Say) -> Finding:
    path = settings.database_file
    if path is not None and not path.exists():
        return _of_a_place_for_the_database(path, say)
    try:
        async with asyncio.timeout(LIVE_CHECK.total_seconds()):
            version = await wiring.examine(settings)
    except BotError as error:
        return _error("database", str(error), say("cli.doctor.database_fix"))
    except TimeoutError:
        return _error("database", say("cli.doctor.database_silent"), say("cli.doctor.database_fix"))
    return _ok("database", say("cli.doctor.database", version=version))


def _of_a_place_for_the_database(path: Path, say: Say) -> Finding:
    nearest = next(parent for parent in path.absolute().parents if parent.exists())
    if os.access(nearest, os.W_OK | os.X_OK):
        return _ok("database", say("cli.doctor.database_to_come", path=str(path)))
    fix = say("cli.doctor.folder_fix", folder=str(nearest))
    return _error("database", say("cli.doctor.folder", folder=str(nearest)), fix)


async def of_platforms(settings: Settings, say: Say) -> AsyncIterator[Finding]:
    try:
        platforms = [platform for platform in wiring.platforms(settings) if isinstance(platform, Checks)]
    except ConfigError as error:
        for problem in error.problems:
            yield _error("tokens", problem, say("cli.doctor.token_fix"))
        return
    if not platforms:
        yield _warning("tokens", say("cli.doctor.no_token"), say("cli.doctor.no_token_fix"))
    for platform in platforms:
        yield await of_platform(platform, say)


async def of_platform(platform: Examinable, say: Say) -> Finding:
    try:
        async with asyncio.timeout(LIVE_CHECK.total_seconds()):
            name = await platform.check()
    except TokenRefused as error:
        return _error(platform.name, str(error), say("cli.doctor.token_fix"))
    except BotError as error:
        return _error(platform.name, str(error), say("cli.doctor.network_fix"))
    except TimeoutError:
        sentence = say("cli.doctor.platform_silent", count=LIVE_CHECK.seconds)
        return _error(platform.name, sentence, say("cli.doctor.network_fix"))
    return _ok(platform.name, say("cli.doctor.platform", name=name))


async def of_model(model: Summariser, say: Say) -> Finding:
    """One small text, as any other. Without an answer the bot still writes its own summaries: no error."""
    text = Article(url="", title=say("cli.doctor.model_title"), body=say("cli.doctor.model_text"), first_seen=RELEASED)
    try:
        async with asyncio.timeout(MODEL_CHECK.total_seconds()):
            await model.summarise(text, say.language)
    except UnusableAnswer as error:
        sentence = say("cli.doctor.model_unusable", name=model.name, error=str(error))
        return _warning("model", sentence, say("cli.doctor.model_other"))
    except ModelError as error:
        return _warning("model", str(error), say("cli.doctor.model_fix"))
    except TimeoutError:
        sentence = say("cli.doctor.platform_silent", count=MODEL_CHECK.seconds)
        return _warning("model", sentence, say("cli.doctor.model_fix"))
    return _ok("model", say("cli.doctor.model", name=model.name))


def of_clock(here: datetime, there: datetime | None, say: Say) -> Finding:
    """`there` is a platform's own clock, None when it could not be asked."""
    if here < RELEASED:
        return _error("clock", say("cli.doctor.clock_unset", date=f"{here:%Y-%m-%d}"), say("cli.doctor.clock_fix"))
    if there is None:
        return _ok("clock", say("cli.doctor.clock_alone"))
    skew = abs(here - there)
    if skew > MOST_SKEW:
        return _warning(
            "clock", say("cli.doctor.clock_skew", count=round(skew.total_seconds())), say("cli.doctor.clock_fix")
        )
    return _ok("clock", say("cli.doctor.clock"))


def _ok(check: str, sentence: str) -> Finding:
    return Finding(state=State.OK, check=check, sentence=sentence)


def _warning(check: str, sentence: str, fix: str) -> Finding:
    return Finding(state=State.WARNING, check=check, sentence=sentence, fix=fix)


def _error(check: str, sentence: str, fix: str) -> Finding:
    return Finding(state=State.ERROR, check=check, sentence=sentence, fix=fix)
