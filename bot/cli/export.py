"""`tocsin export`: the archive into a file that `tocsin import` reads."""

import asyncio
import json

import click

from bot import wiring
from bot.cli.lines import progress, writing
from bot.cli.start import archive_exists, start
from bot.locale.say import Say
from bot.settings import Settings


@click.command()
@click.argument("file", metavar="FILE")
def export(file: str) -> None:
    """Write every article of the archive, one JSON object a line; - writes to stdout."""
    settings = start()
    say = Say(settings.language)
    archive_exists(settings, say)
    count = asyncio.run(_export(settings, file, say))
    click.echo(say("cli.export.done", count=count), err=file == "-")


async def _export(settings: Settings, path: str, say: Say) -> int:
    count = 0
    async with wiring.archive(settings) as archive:
        with writing(path, say) as write, progress(say("cli.export.writing"), None) as done:
            async for row in archive.take_out():
                write(json.dumps(row, ensure_ascii=False))
                count += 1
                done(1, 0)
    return count
