"""`tocsin sources`: the catalogue, and what its sources give."""

import asyncio
import json
import re
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import click
from rich.progress import Progress

from bot import catalogue, wiring
from bot.cli.start import Screen, start
from bot.domain.entry import Entry
from bot.domain.milestone import GENRE
from bot.domain.source import Origin, Source
from bot.errors import BotError, SourceError
from bot.locale.say import Say
from bot.pipeline.preview import Look, Preview
from bot.settings import Settings
from bot.store import Store

AT_ONCE = 8  # sources read at the same time by `check`


@click.group()
def sources() -> None:
    """The catalogue: what is watched, and what it gives."""


# -- list -------------------------------------------------------------------------------------------------------------


@sources.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")
def list_sources(as_json: bool) -> None:
    """Each source, when it was read last, when it is read next, and what is wrong with it."""
    settings = start()
    found = asyncio.run(_known(settings))
    if as_json:
        click.echo(json.dumps([_row(source) for source in found], ensure_ascii=False, indent=2))
        return
    say = Say(settings.language)
    screen = Screen(say)
    now = datetime.now(UTC)
    headings = [say(f"cli.sources.{name}") for name in ("id", "kind", "last", "next", "state")]
    screen.table(headings, [_cells(source, say, settings, now) for source in found])


def _row(source: Source) -> dict[str, Any]:
    return {
        "id": source.slug,
        "title": source.title,
        "url": source.url,
        "kind": source.kind,
        "origin": source.origin.value,
        "enabled": source.enabled,
        "last_success": _iso(source.last_success),
        "next_reading": _iso(source.next_fetch_at) if source.enabled else None,
        "error": source.last_error,
    }


def _cells(source: Source, say: Say, settings: Settings, now: datetime) -> list[str]:
    last = say("cli.sources.never")
    if source.last_success is not None:
        last = say.date(source.last_success, settings.zone)
    coming = "–"
    if source.enabled:
        due = source.next_fetch_at
        coming = say("cli.sources.now") if due is None or due <= now else say.date(due, settings.zone)
    return [source.slug, source.kind or say("cli.sources.unknown_kind"), last, coming, _state(source, say)]


def _state(source: Source, say: Say) -> str:
    if not source.enabled:
        return say("cli.sources.disabled")
    if source.last_error is not None:
        return in_plain_words(source.last_error, say)
    return say("cli.sources.unread" if source.last_success is None else "cli.sources.ok")


def in_plain_words(code: str, say: Say) -> str:
    return say(f"source.{code}") if say.has(f"source.{code}") else code


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


async def _known(settings: Settings) -> Sequence[Source]:
    async with wiring.store(settings) as store:
        return await _all(store, settings)


async def _all(store: Store, settings: Settings) -> Sequence[Source]:
    """What is kept; before the bot's first start, what it will start with."""
    kept = await store.sources.all()
    if not kept:
        async with store.db.tx() as tx:
            await store.sources.follow_file(tx, catalogue.read(settings.sources))
        kept = await store.sources.all()
    return kept


# -- add, remove ------------------------------------------------------------------------------------------------------


@sources.command()
@click.argument("url")
@click.option("--id", "slug", help="The short name used in commands; made from the address if not given.")
@click.option("--title", help="The name people read; the page's own if not given.")
@click.option("--kind", help="feed, list…; found out if not given.")
@click.option("--topic", "topics", multiple=True, help="A subject of this source; may be repeated.")
@click.option("--every", type=click.FloatRange(min=0, min_open=True), help="Minutes between readings.")
def add(url: str, slug: str | None, title: str | None, kind: str | None, topics: tuple[str, ...], every: float) -> None:
    """Watch one more place, after one reading that works."""
    settings = start()
    say = Say(settings.language)
    wanted = Source(
        slug=slug or slug_of(url),
        title=title or "",
        url=url,
        kind=kind,
        topics=topics,
        every=timedelta(minutes=every) if every else None,
        origin=Origin.COMMAND_LINE,
    )
    Screen(say).line(asyncio.run(_add(settings, wanted, say)))


async def _add(settings: Settings, wanted: Source, say: Say) -> str:
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(wiring.store(settings))
        for known in await _all(store, settings):
            if known.enabled and wanted.slug == known.slug:
                raise BotError(say("cli.sources.same_id", id=known.slug, url=known.url))
        reading = await stack.enter_async_context(wiring.reading(settings))
        preview = await Look(fetcher=reading.fetcher, cpu=reading.cpu, kinds=reading.kinds).at(wanted.url, wanted.kind)
        if preview.error is not None and not preview.entries:
            raise BotError(_refusal(preview.error, wanted.url, say))
        title = wanted.title or preview.title or urlsplit(preview.url).hostname or wanted.slug
        source = replace(wanted, url=_with_scheme(wanted.url), title=title, kind=preview.kind)
        async with store.db.tx() as tx:
            number = await store.sources.add(tx, source)
    if number is None:
        raise BotError(say("cli.sources.same_url", url=source.url))
    return say("cli.sources.added", id=source.slug, title=title, kind=source.kind or "", count=len(preview.entries))


@sources.command()
@click.argument("slug", metavar="ID")
def remove(slug: str) -> None:
    """Stop watching a place. What it said stays in the archive."""
    settings = start()
    say = Say(settings.language)
    Screen(say).line(asyncio.run(_remove(settings, slug, say)))


async def _remove(settings: Settings, slug: str, say: Say) -> str:
    async with wiring.store(settings) as store:
        known = await _one(store, settings, slug, say)
        async with store.db.tx() as tx:
            await store.sources.disable(tx, slug)
    if known.origin is Origin.FILE:
        return say("cli.sources.removed_from_file", id=slug, file=str(settings.sources or "catalogue.toml"))
    return say("cli.sources.removed", id=slug)


async def _one(store: Store, settings: Settings, slug: str, say: Say) -> Source:
    for known in await _all(store, settings):
        if known.slug == slug and known.enabled:
            return known
    raise BotError(say("cli.sources.no_such", id=slug))


def slug_of(url: str) -> str:
    """`https://www.exemple.fr/flux.xml` → `exemple-fr`."""
    host = urlsplit(_with_scheme(url)).hostname or url
    return re.sub(r"[^a-z0-9]+", "-", host.lower().removeprefix("www.")).strip("-")[:64] or "source"


def _with_scheme(url: str) -> str:
    return url if "://" in url or url.startswith("feed:") else f"https://{url}"


# -- check ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    source: Source
    preview: Preview


@sources.command()
@click.argument("slug", metavar="[ID]", required=False)
def check(slug: str | None) -> None:
    """Read one source, or all, now: say what is found, store nothing."""
    settings = start()
    say = Say(settings.language)
    found = asyncio.run(_check(settings, slug, say))
    Screen(say).table(
        [say(f"cli.sources.{name}") for name in ("id", "kind", "entries", "newest", "state")],
        [_checked_cells(one, say, settings) for one in found],
    )
    if any(one.preview.error is not None for one in found):
        raise click.exceptions.Exit(1)


async def _check(settings: Settings, slug: str | None, say: Say) -> Sequence[_Checked]:
    async with wiring.store(settings) as store:
        if slug is not None:
            wanted: Sequence[Source] = [await _one(store, settings, slug, say)]
        else:
            wanted = [source for source in await _all(store, settings) if source.enabled]
    screen = Screen(say)
    async with wiring.reading(settings) as reading:
        look = Look(fetcher=reading.fetcher, cpu=reading.cpu, kinds=reading.kinds)
        with Progress(console=screen.console, transient=True, disable=not screen.console.is_terminal) as progress:
            task = progress.add_task(say("cli.sources.reading"), total=len(wanted))
            return await _look_at_all(look, wanted, lambda: progress.advance(task))


async def _look_at_all(look: Look, wanted: Sequence[Source], done: Any) -> Sequence[_Checked]:
    waiting = list(enumerate(wanted))[::-1]
    found: dict[int, _Checked] = {}

    async def work() -> None:
        while waiting:
            number, source = waiting.pop()
            found[number] = _Checked(source=source, preview=await look.of(source))
            done()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(AT_ONCE):
            tasks.create_task(work())
    return [found[number] for number in sorted(found)]


def _checked_cells(checked: _Checked, say: Say, settings: Settings) -> list[str]:
    preview = checked.preview
    dates = [entry.published for entry in preview.entries if entry.published is not None]
    newest = say.date(max(dates), settings.zone) if dates else "–"
    state = say("cli.sources.ok") if preview.error is None else in_plain_words(preview.error.code, say)
    return [checked.source.slug, preview.kind or "–", str(len(preview.entries)), newest, state]


# -- preview ----------------------------------------------------------------------------------------------------------


@sources.command()
@click.argument("address", metavar="URL_OR_FILE")
@click.option("--kind", help="Read it as feed, list…; found out if not given.")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of lines.")
def preview(address: str, kind: str | None, as_json: bool) -> None:
    """What one reading gives; nothing is stored."""
    settings = start()
    say = Say(settings.language)
    found = asyncio.run(_preview(settings, address, kind))
    if as_json:
        click.echo(json.dumps(preview_json(found), ensure_ascii=False, indent=2))
    elif found.entries:
        _show(found, Screen(say), settings)
    if found.error is not None:
        if not as_json:
            click.echo(_refusal(found.error, address, say), err=True)
        raise click.exceptions.Exit(0 if found.entries else 1)


async def _preview(settings: Settings, address: str, kind: str | None) -> Preview:
    async with wiring.reading(settings) as reading:
        return await Look(fetcher=reading.fetcher, cpu=reading.cpu, kinds=reading.kinds).at(address, kind)


def preview_json(found: Preview) -> dict[str, Any]:
    """The contract of `preview --json`. `held` is for readings compared with what is known: here nothing is."""
    return {
        "kind": found.kind,
        "title": found.title,
        "entries": [_entry_json(entry) for entry in found.entries],
        "held": None,
        "error": None if found.error is None else {"code": found.error.code, "message": str(found.error)},
    }


def _entry_json(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.key,
        "url": entry.url,
        "title": entry.title,
        "published": _iso(entry.published),
        "authors": list(entry.authors),
        "summary": entry.summary,
        "genre": entry.genre,
        "image": entry.image,
        "body": entry.text,
    }


def _show(found: Preview, screen: Screen, settings: Settings) -> None:
    say = screen.say
    screen.line(say("cli.sources.preview", kind=found.kind or "", count=len(found.entries)), style="bold")
    for entry in found.entries:
        unsaid = entry.text if entry.genre == GENRE else say("cli.sources.no_date")
        date = say.date(entry.published, settings.zone) if entry.published else unsaid
        screen.line(f"{date}  {entry.title}")
        screen.line(f"    {entry.url}", style="dim")


def _refusal(error: SourceError, address: str, say: Say) -> str:
    return say("cli.sources.refused", address=address, reason=in_plain_words(error.code, say), detail=str(error))
