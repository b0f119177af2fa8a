"""`tocsin sources discover`: what can be watched around an address."""

import asyncio
import json
import shlex
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import click
from rich.console import Console

from bot import wiring
from bot.cli.sources import iso, refusal
from bot.cli.start import NOTHING, Screen, start
from bot.errors import BotError, SourceError
from bot.locale.say import Say
from bot.pipeline.discover import Discover, Found
from bot.pipeline.preview import Look
from bot.settings import Settings

NOT_A_PLACE = ("opml",)  # a list of places, for `sources import`


@click.command()
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")
def discover(url: str, as_json: bool) -> None:
    """Look for feeds, lists and sitemaps around an address: what it is, what it links to, the usual paths."""
    settings = start()
    say = Say(settings.language)
    found = asyncio.run(find(settings, url, say))
    if as_json:
        click.echo(json.dumps([_row(one) for one in found], ensure_ascii=False, indent=2))
        return
    screen = Screen(say)
    headings = [say(f"cli.sources.{name}") for name in ("url", "kind", "title", "entries", "newest")]
    screen.table(headings, [_cells(one, say, settings) for one in found])
    best = found[0]
    if best.kind in NOT_A_PLACE:
        click.echo(say("cli.discover.opml"), err=True)
    else:
        kind = "" if best.how != "list" else " --kind list"
        click.echo(say("cli.discover.add", command=f"tocsin sources add {shlex.quote(best.url)}{kind}"), err=True)


async def find(settings: Settings, url: str, say: Say) -> Sequence[Found]:
    """Raises BotError with a sentence."""
    async with wiring.reading(settings, robots=True) as reading:  # nobody asked for the paths it guesses
        look = Look(fetcher=reading.fetcher, cpu=reading.cpu, kinds=reading.kinds)
        with _working(say("cli.discover.looking", url=url)):
            try:
                return await Discover(look=look).around(url)
            except SourceError as error:
                raise BotError(refusal(error, url, say)) from None


def _working(sentence: str) -> AbstractContextManager[object]:
    """Beside the results, and only where somebody watches."""
    console = Console(stderr=True, highlight=False)
    return console.status(sentence) if console.is_terminal else nullcontext()


def _row(found: Found) -> dict[str, Any]:
    return {
        "url": found.url,
        "kind": found.kind,
        "title": found.title,
        "how": found.how,
        "count": found.count,
        "newest": iso(found.newest),
        "entries": [{"url": one.url, "title": one.title, "published": iso(one.published)} for one in found.entries],
    }


def _cells(found: Found, say: Say, settings: Settings) -> list[str]:
    newest = say.date(found.newest, settings.zone) if found.newest else NOTHING
    return [found.url, found.kind, found.title or NOTHING, str(found.count), newest]
