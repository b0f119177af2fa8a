"""`tocsin analyse`: what the bot makes of texts, one JSON line each, or why. No database is opened."""

import asyncio
import json
from datetime import UTC, datetime

import click

from bot import catalogue, wiring
from bot.cli.explain import echo
from bot.cli.lines import Refusals, lines, progress, reading, writing
from bot.cli.start import start
from bot.errors import BotError
from bot.locale.say import Say
from bot.pipeline.analyse import Analyse
from bot.pipeline.explain import Explain
from bot.pipeline.lines import Line
from bot.settings import Settings
from bot.text.explain import Explained, explain
from bot.text.understand import understand_all


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--out", default="-", help="Where the answers go; stdout if not given.")
@click.option("--explain", "wanted", metavar="ID", help="Say which words decided, for the text of that id only.")
@click.option("--json", "as_json", is_flag=True, help="With --explain: JSON instead of lines.")
def analyse(file: str, out: str, wanted: str | None, as_json: bool) -> None:
    """Say what is understood of each text of a file of JSON lines; - reads stdin."""
    if as_json and wanted is None:
        raise click.UsageError("--json goes with --explain: without it the answers are JSON already")
    settings = start()
    say = Say(settings.language)
    if wanted is not None:
        echo(*asyncio.run(_explain(settings, file, wanted, say)), say, json_wanted=as_json)
        return
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


async def _explain(settings: Settings, path: str, wanted: str, say: Say) -> tuple[Line, Explained]:
    with reading(path, say) as (file, _):
        async with wiring.workers() as (cpu, _):
            flow = Explain(
                cpu=cpu,
                explain=explain,
                listed=catalogue.read(settings.sources),
                zone=settings.zone,
                now=datetime.now(UTC),
            )
            found = await flow.of(lines(file), wanted)
    if found is None:
        raise BotError(say("cli.explain.unknown", id=wanted))
    return found
