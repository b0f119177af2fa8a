"""`tocsin sources import` and `export`: many places at once, from and for other feed readers."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from bot import catalogue, logs, opml, wiring
from bot.cli.lines import progress, writing
from bot.cli.sources import known_sources, settled
from bot.cli.start import Screen, start
from bot.domain.source import Source
from bot.errors import BotError, ConfigError, SourceError
from bot.foundation import Store
from bot.locale.say import Say
from bot.locale.trouble import plain
from bot.pipeline.enlist import Enlisted, Fate, enlist, wanted
from bot.pipeline.parts import PARSE
from bot.pipeline.preview import read_file
from bot.settings import Settings

AT_ONCE = 500  # lines in one transaction


@click.command("import")
@click.argument("file", metavar="FILE.opml")
@click.option("--dry-run", is_flag=True, help="Say what would be added; add nothing.")
def import_sources(file: str, dry_run: bool) -> None:
    """Watch what another reader watches: an OPML file, or a sources file. Twice the same changes nothing."""
    settings = start()
    say = Say(settings.language)
    counts = asyncio.run(_import(settings, Path(file), say, dry_run=dry_run))
    Screen(say).line(say("cli.enlist.total", **{fate.value: counts[fate] for fate in Fate}))
    if dry_run:
        click.echo(say("cli.enlist.dry_run"), err=True)
    if counts[Fate.REFUSED]:
        raise click.exceptions.Exit(1)


async def _import(settings: Settings, path: Path, say: Say, *, dry_run: bool) -> Counter[Fate]:
    lines = await _read(settings, path, say)
    check = wiring.check_address(settings)
    if dry_run:
        return await _through(None, list(enlist(lines, await known_sources(settings), check)), say)
    async with wiring.store(settings) as store:
        return await _through(store, list(enlist(lines, await settled(store, settings), check)), say)


async def _read(settings: Settings, path: Path, say: Say) -> Sequence[tuple[int, Source]]:
    """Each line of the file with its place. Raises BotError: a sentence about the file."""
    try:
        if path.suffix.lower() == ".toml":
            return list(enumerate(catalogue.read(path), 1))
        page = await asyncio.to_thread(read_file, path)
        async with wiring.reading(settings) as reading:
            outlines = await reading.cpu.run(reading.kinds.outlines_of, page, deadline=PARSE)
        return [(one.line, wanted(one)) for one in outlines]
    except SourceError as error:
        reason = plain(say, error.trouble)
        raise BotError(say("cli.sources.refused", address=str(path), reason=reason, detail=str(error))) from None
    except ConfigError as error:  # not a setting: the file was given on the command line
        raise BotError(str(error)) from None


async def _through(store: Store | None, lines: Sequence[Enlisted], say: Say) -> Counter[Fate]:
    """Writes and tells, batch by batch; without a store it only tells."""
    counts: Counter[Fate] = Counter()
    with progress(say("cli.enlist.writing"), len(lines)) as done:
        for begin in range(0, len(lines), AT_ONCE):
            batch = lines[begin : begin + AT_ONCE]
            for one in batch if store is None else await _written(store, batch):
                counts[one.fate] += 1
                click.echo(logs.redact(_said(one, say)))
            done(len(batch), len(batch))
    return counts


async def _written(store: Store, batch: Sequence[Enlisted]) -> Sequence[Enlisted]:
    """As they are once written: somebody may have been faster."""
    told = []
    async with store.db.tx() as tx:
        for one in batch:
            if one.fate is Fate.ADDED and await store.sources.add(tx, one.source) is None:
                told.append(replace(one, fate=Fate.KNOWN))
            else:
                told.append(one)
    return told


def _said(one: Enlisted, say: Say) -> str:
    title = one.source.title or "–"
    if one.error is None:
        return say(f"cli.enlist.{one.fate}", title=title, url=one.source.url)
    reason = plain(say, one.error.trouble)
    return say("cli.enlist.refused", place=one.place, title=title, reason=reason, detail=str(one.error))


# -- export -----------------------------------------------------------------------------------------------------------


@click.command("export")
@click.argument("file", metavar="[FILE]", default="-")
@click.option("--format", "form", type=click.Choice(["opml", "toml"]), help="By the file's ending if not given.")
def export_sources(file: str, form: str | None) -> None:
    """Write what is watched, as OPML for any reader or as a sources file; without FILE on standard output."""
    settings = start()
    say = Say(settings.language)
    form = form or ("toml" if file.lower().endswith(".toml") else "opml")
    kept = [source for source in asyncio.run(known_sources(settings)) if not source.pending]
    if form == "opml":  # which cannot say of a place that it is not read
        kept = [source for source in kept if source.enabled]
    text = catalogue.written(kept) if form == "toml" else opml.written(kept, say, datetime.now(UTC))
    with writing(file, say) as write:
        write(text.rstrip("\n"))
    click.echo(say("cli.enlist.exported", count=len(kept)), err=file == "-")
