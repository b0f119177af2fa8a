"""`tocsin config export` and `import`: what the groups chose, as one file that people read, compare and keep."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import click

from bot import logs, wiring
from bot.cli.lines import reading, writing
from bot.cli.start import NOTHING, Screen, archive_exists, start
from bot.commands.how import say_how
from bot.commands.what import said
from bot.configuration import Configuration, Place, Wanted
from bot.configuration.difference import Difference, PlaceChange, WatchlistChange, difference
from bot.configuration.kept import read_kept, take_over
from bot.configuration.read import read
from bot.configuration.written import as_typed, written
from bot.domain.article import Product
from bot.errors import BotError, ConfigError
from bot.locale.say import Say
from bot.settings import Settings

LARGEST = 16 * 2**20  # bytes of a file: some fifty thousand channels
STYLES = {"+": "green", "−": "red", "~": "yellow"}


@click.group()
def config() -> None:
    """What the groups chose: channels, subscriptions, settings, watchlists, as one file."""


@config.command("export")
@click.argument("file", metavar="[FILE]", default="-")
def export_config(file: str) -> None:
    """Write it; without FILE on standard output. No secret and nobody's own chat is in it."""
    settings = start()
    say = Say(settings.language)
    archive_exists(settings, say)
    kept = asyncio.run(_kept(settings))
    with writing(file, say) as write:
        write(written(kept, say).rstrip("\n"))
    click.echo(say("cli.config.exported", count=len(kept.places)), err=file == "-")


@config.command("import")
@click.argument("file", metavar="FILE")
@click.option("--dry-run", is_flag=True, help="Say what would change; change nothing.")
def import_config(file: str, dry_run: bool) -> None:
    """Take it over: what FILE names becomes as it says, all at once or not at all. Twice changes nothing more."""
    settings = start()
    say = Say(settings.language)
    wanted = _read(file, settings, say)
    found = asyncio.run(_compare(settings, wanted) if dry_run else _take_over(settings, wanted))
    screen = Screen(say)
    for sign, line in lines(found, say):
        screen.line(f"{sign} {line}", style=STYLES.get(sign.strip(), "bold"))
    if not found:
        screen.line(say("cli.config.same"))
    if found.untouched:
        click.echo(say("cli.config.untouched", count=found.untouched), err=True)
    if dry_run:
        click.echo(say("cli.enlist.dry_run"), err=True)


def _read(file: str, settings: Settings, say: Say) -> Configuration:
    """Raises BotError: all that is wrong with the file."""
    with reading(file, say) as (stream, _):
        raw = stream.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise BotError(say("cli.config.too_large", file=file, most=LARGEST // 2**20))
    try:
        text = raw.decode("utf-8-sig")
        return read(text, file, say, language=settings.language, timezone=settings.timezone, now=datetime.now(UTC))
    except UnicodeDecodeError:
        raise BotError(say("cli.config.not_text", file=file)) from None
    except ConfigError as error:  # no setting is wrong: the file was given on the command line
        raise BotError("\n".join(error.problems)) from None


async def _kept(settings: Settings) -> Configuration:
    async with wiring.store(settings) as store:
        return await read_kept(store, store.db, datetime.now(UTC))


async def _compare(settings: Settings, wanted: Configuration) -> Difference:
    """Makes no database where there is none."""
    file = settings.database_file
    is_new = file is not None and not file.exists()
    return difference(Configuration() if is_new else await _kept(settings), wanted)


async def _take_over(settings: Settings, wanted: Configuration) -> Difference:
    async with wiring.store(settings) as store:
        return await take_over(store, wanted, datetime.now(UTC))


# -- the difference, in words -----------------------------------------------------------------------------------------


def lines(found: Difference, say: Say) -> Iterator[tuple[str, str]]:
    """(+, − or ~, what). What is indented belongs to the channel above it."""
    for change in found.places:
        yield "+" if change.is_new else "~", _name(change.place)
        yield from ((f"  {sign}", logs.redact(line)) for sign, line in _of_place(change, say))
    for watchlist in found.watchlists:
        yield "~", say("cli.config.watchlist", community=watchlist.community)
        yield from ((f"  {sign}", line) for sign, line in _of_watchlist(watchlist))


def _name(place: Place) -> str:
    at = place.address
    return " ".join(filter(None, (at.platform, at.chat, at.thread, place.where.title)))


def _of_place(change: PlaceChange, say: Say) -> Iterator[tuple[str, str]]:
    if change.is_new:
        chosen = (f"{name} {as_typed(name, text)}" for name, text in change.place.settings.items() if text)
        yield "+", ", ".join(chosen)
    for name, (before, after) in change.settings.items():
        yield "~", say("cli.config.setting", name=name, before=_setting(name, before), after=_setting(name, after))
    if change.pause is not None:
        before, after = (NOTHING if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC" for moment in change.pause)
        yield "~", say("cli.config.setting", name="paused_until", before=before, after=after)
    for one in change.removed:
        yield "−", _subscription(one, say)
    for one in change.added:
        yield "+", _subscription(one, say)
    for was, one in change.otherwise:
        yield "~", f"{_subscription(was, say)} → {say_how(say, one.how, silent=one.silent)}"


def _setting(name: str, text: str) -> str:
    return as_typed(name, text) or NOTHING


def _subscription(one: Wanted, say: Say) -> str:
    return f"{said(one.rule, {}, say)} · {say_how(say, one.how, silent=one.silent)}"


def _of_watchlist(change: WatchlistChange) -> Iterator[tuple[str, str]]:
    yield from (("−", _product(one)) for one in sorted(change.removed))
    yield from (("+", _product(one)) for one in sorted(change.added))


def _product(product: Product) -> str:
    return f"{product.vendor} {product.name}".strip()
