"""`tocsin sources check`: each source read now, and said in one table; nothing is stored."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click
from rich.progress import Progress

from bot import wiring
from bot.cli.sources import iso, known_sources, next_reading, one_called, state_of
from bot.cli.start import NOTHING, Screen, start
from bot.domain.source import Source
from bot.errors import ConfigError, ParseError
from bot.locale.say import Say
from bot.locale.trouble import plain
from bot.pipeline.preview import Look, Preview
from bot.settings import Settings

AT_ONCE = 8  # sources read at the same time


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    source: Source
    preview: Preview | None  # None: it is not read

    @property
    def newest(self) -> datetime | None:
        entries = self.preview.entries if self.preview is not None else ()
        return max((one.published for one in entries if one.published is not None), default=None)

    @property
    def has_failed(self) -> bool:
        return self.preview is not None and self.preview.error is not None


@click.command()
@click.argument("slug", metavar="[ID]", required=False)
@click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")
def check(slug: str | None, as_json: bool) -> None:
    """Read one source, or all, now: say what is found and when it is read next; store nothing."""
    settings = start()
    say = Say(settings.language)
    found = asyncio.run(_check(settings, slug, say))
    if as_json:
        click.echo(json.dumps([_row(one) for one in found], ensure_ascii=False, indent=2))
    else:
        headings = [say(f"cli.sources.{name}") for name in ("id", "kind", "entries", "newest", "next", "state")]
        Screen(say).table(headings, [_cells(one, say, settings) for one in found])
    if any(one.has_failed for one in found):
        raise click.exceptions.Exit(1)


async def _check(settings: Settings, slug: str | None, say: Say) -> Sequence[Checked]:
    """All that are kept; those that are not watched only when named."""
    known = await known_sources(settings)
    wanted = known if slug is None else [one_called(slug, known, say)]
    screen = Screen(say)
    async with wiring.reading(settings, robots=True) as reading:  # as the bot itself would read
        look = Look(fetcher=reading.fetcher, cpu=reading.cpu, kinds=reading.kinds)
        with Progress(console=screen.errors, transient=True, disable=not screen.errors.is_terminal) as progress:
            task = progress.add_task(say("cli.sources.reading"), total=len(wanted))
            return await _look_at_all(look, wanted, named=slug is not None, done=lambda: progress.advance(task))


async def _look_at_all(
    look: Look, wanted: Sequence[Source], *, named: bool, done: Callable[[], None]
) -> Sequence[Checked]:
    waiting = list(enumerate(wanted))[::-1]
    found: dict[int, Checked] = {}

    async def work() -> None:
        while waiting:
            number, source = waiting.pop()
            preview = await _look_at(look, source) if source.enabled or named else None
            found[number] = Checked(source=source, preview=preview)
            done()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(AT_ONCE):
            tasks.create_task(work())
    return [found[number] for number in sorted(found)]


async def _look_at(look: Look, source: Source) -> Preview:
    try:
        return await look.of(source)
    except ConfigError as error:  # a kind of a later version: the others are read
        return Preview(url=source.url, kind=source.kind, error=ParseError("unknown-kind", str(error)))


def _row(checked: Checked) -> dict[str, Any]:
    source, preview = checked.source, checked.preview
    error = preview.error if preview is not None else None
    return {
        "id": source.slug,
        "title": source.title,
        "url": source.url,
        "kind": (preview.kind if preview is not None else None) or source.kind,
        "enabled": source.enabled,
        "entries": len(preview.entries) if preview is not None else None,
        "newest": iso(checked.newest),
        "next_reading": iso(source.next_fetch_at) if source.enabled else None,
        "error": None if error is None else {"code": error.code, "message": str(error)},
    }


def _cells(checked: Checked, say: Say, settings: Settings) -> list[str]:
    source, preview = checked.source, checked.preview
    coming = next_reading(source, say, settings)
    if preview is None:
        return [source.slug, source.kind or NOTHING, NOTHING, NOTHING, coming, state_of(source, say)]
    newest = say.date(checked.newest, settings.zone) if checked.newest else NOTHING
    state = say("cli.sources.ok") if preview.error is None else plain(say, preview.error.trouble)
    return [source.slug, preview.kind or source.kind or NOTHING, str(len(preview.entries)), newest, coming, state]
