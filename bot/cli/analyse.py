"""`tocsin analyse`: what the bot makes of texts, one JSON line each. No database is opened."""

import asyncio
import json
from datetime import UTC, datetime

import click

from bot import catalogue, wiring
from bot.cli.lines import Refusals, lines, progress, reading, writing
from bot.cli.start import start
from bot.locale.say import Say
from bot.pipeline.analyse import Analyse
from bot.settings import Settings
from bot.text.understand import understand_all


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--out", default="-", help="Where the answers go; stdout if not given.")
def analyse(file: str, out: str) -> None:
    """Say what is understood of each text of a file of JSON lines; - reads stdin."""
    settings = start()
    say = Say(settings.language)
    refused = Refusals(say)
    asyncio.run(_analyse(settings, file, out, say, refused))
    refused.settle()


async def _analyse(settings: Settings, path: str, out: str, say: Say, refused: Refusals) -> None:
    with reading(path, say) as (file, size):
        async with wiring.workers() as (cpu, count):
            flow = Analyse(
                cpu=cpu,
                understand=understand_all,
                listed=catalogue.read(settings.sources),
                zone=settings.zone,
                now=datetime.now(UTC),
                workers=count,
            )
            with writing(out, say) as write, progress(say("cli.analyse.reading"), size) as done:
                async for row in flow.read(lines(file), refused, done):
                    write(json.dumps(row, ensure_ascii=False))
