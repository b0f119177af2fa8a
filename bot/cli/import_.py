"""`tocsin import`: articles from a file into the archive. Nothing is sent, to nobody."""

import asyncio

import click

from bot import wiring
from bot.cli.lines import Refusals, lines, progress, reading
from bot.cli.start import Screen, start
from bot.locale.say import Say
from bot.settings import Settings


@click.command("import")
@click.argument("file", metavar="FILE")
def import_articles(file: str) -> None:
    """Put articles into the archive, one JSON object a line; - reads stdin. Twice the same changes nothing."""
    settings = start()
    say = Say(settings.language)
    refused = Refusals(say)
    added = asyncio.run(_import(settings, file, say, refused))
    Screen(say).line(say("cli.import.done", count=added))
    refused.settle()


async def _import(settings: Settings, path: str, say: Say, refused: Refusals) -> int:
    with reading(path, say) as (file, size):
        async with wiring.archive(settings) as archive:
            with progress(say("cli.import.reading"), size) as done:
                return await archive.bring_in(lines(file), refused, done)
