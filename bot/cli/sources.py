"""`tocsin sources`: the catalogue, and what its sources give."""

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import click

from bot import catalogue, wiring
from bot.cli.start import NOTHING, Screen, start
from bot.domain.entry import Entry
from bot.domain.milestone import GENRE
from bot.domain.source import SILENT, Origin, Source
from bot.errors import BotError, SourceError
from bot.foundation import Store
from bot.locale.say import Say
from bot.locale.trouble import plain
from bot.pipeline.discover import Discover, complete
from bot.pipeline.enlist import free_slug, named
from bot.pipeline.preview import Look, Preview
from bot.settings import Settings


@click.group()
def sources() -> None:
    """The catalogue: what is watched, and what it gives."""


# -- list -------------------------------------------------------------------------------------------------------------


@sources.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")
def list_sources(as_json: bool) -> None:
    """Each source, when it was read last, when it is read next, and what is wrong with it."""
    settings = start()
    found = asyncio.run(known_sources(settings))
    if as_json:
        click.echo(json.dumps([_row(source) for source in found], ensure_ascii=False, indent=2))
        return
    say = Say(settings.language)
    headings = [say(f"cli.sources.{name}") for name in ("id", "kind", "last", "next", "state")]
    Screen(say).table(headings, [_cells(source, say, settings) for source in found])


def _row(source: Source) -> dict[str, Any]:
    return {
        "id": source.slug,
        "title": source.title,
        "url": source.url,
        "kind": source.kind,
        "origin": source.origin.value,
        "enabled": source.enabled,
        "pending": source.pending,
        "last_success": iso(source.last_success),
        "next_reading": iso(source.next_fetch_at) if source.enabled else None,
        "error": source.last_error.partition(":")[0] if source.last_error else None,
    }


def _cells(source: Source, say: Say, settings: Settings) -> list[str]:
    last = say("cli.sources.never")
    if source.last_success is not None:
        last = say.date(source.last_success, settings.zone)
    kind = source.kind or say("cli.sources.unknown_kind")
    return [source.slug, kind, last, next_reading(source, say, settings), state_of(source, say)]


def next_reading(source: Source, say: Say, settings: Settings) -> str:
    if not source.enabled or source.pending:
        return NOTHING
    due = source.next_fetch_at
    if due is None or due <= datetime.now(UTC):
        return say("cli.sources.now")
    return say.date(due, settings.zone)


def state_of(source: Source, say: Say) -> str:
    if not source.enabled:
        return say("cli.sources.disabled")
    if source.pending:
        return say("cli.sources.pending")
    if source.last_error is not None:
        return plain(say, source.last_error)
    if source.is_silent(datetime.now(UTC)):
        return plain(say, SILENT)
    return say("cli.sources.unread" if source.last_success is None else "cli.sources.ok")


def iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


async def known_sources(settings: Settings) -> Sequence[Source]:
    """What is kept; before the bot's first start, what it will start with. Writes nothing, not even a new database."""
    file = settings.database_file
    kept: Sequence[Source] = ()
    if file is None or file.exists():
        async with wiring.store(settings) as store:
            kept = await store.sources.all()
    return kept or sorted(catalogue.read(settings.sources), key=lambda source: source.slug)


async def settled(store: Store, settings: Settings) -> Sequence[Source]:
    """The same, for whoever is about to write: what the bot will start with is in the rows."""
    kept = await store.sources.all()
    if not kept:
        async with store.db.tx() as tx:
            await store.sources.follow_file(tx, catalogue.read(settings.sources))
        kept = await store.sources.all()
    return kept


def one_called(slug: str, known: Sequence[Source], say: Say) -> Source:
    """Raises BotError."""
    for source in known:
        if source.slug == slug:
            return source
    raise BotError(say("cli.sources.no_such", id=slug))


# -- add, remove ------------------------------------------------------------------------------------------------------


@sources.command()
@click.argument("url")
@click.option("--id", "slug", help="The short name used in commands; made from the address if not given.")
@click.option("--title", help="The name people read; the page's own if not given.")
@click.option("--kind", help="feed, list…; found out if not given.")
@click.option("--topic", "topics", multiple=True, help="A subject of this source; may be repeated.")
@click.option("--every", type=click.FloatRange(min=0, min_open=True), help="Minutes between readings.")
@click.option("--dry-run", is_flag=True, help="Say what would be added; add nothing.")
def add(
    url: str,
    slug: str | None,
    title: str | None,
    kind: str | None,
    topics: tuple[str, ...],
    every: float,
    dry_run: bool,
) -> None:
    """Watch one more place, after one reading that works; of a page that has a feed, the feed."""
    settings = start()
    say = Say(settings.language)
    if slug is not None and not catalogue.is_id(slug):
        raise click.UsageError(say("cli.sources.bad_id", id=slug))
    wanted = Source(
        slug=slug or "",
        title=named(title or ""),
        url=url,
        kind=kind,
        topics=topics,
        every=timedelta(minutes=every) if every else None,
        origin=Origin.COMMAND_LINE,
    )
    Screen(say).line(asyncio.run(_add(settings, wanted, say, dry_run=dry_run)))


async def _add(settings: Settings, wanted: Source, say: Say, *, dry_run: bool) -> str:
    for known in await known_sources(settings):
        if known.enabled and wanted.slug == known.slug:
            raise BotError(say("cli.sources.same_id", id=known.slug, url=known.url))
    source, count = await _looked_up(settings, wanted, say)
    if dry_run:
        return say("cli.sources.would_add", title=source.title, kind=source.kind or "", url=source.url, count=count)
    async with wiring.store(settings) as store:
        taken = {known.slug for known in await settled(store, settings)}
        source = replace(source, slug=source.slug or free_slug(slug_of(source.url), source.url, taken))
        async with store.db.tx() as tx:
            if await store.sources.add(tx, source) is None:
                raise BotError(say("cli.sources.same_url", url=source.url))
    return say("cli.sources.added", id=source.slug, title=source.title, kind=source.kind or "", count=count)


async def _looked_up(settings: Settings, wanted: Source, say: Say) -> tuple[Source, int]:
    """The place to watch and how many articles it lists: the address read as `--kind`, or the best around it."""
    async with wiring.reading(settings, robots=True) as reading:
        look = Look(fetcher=reading.fetcher, cpu=reading.cpu, kinds=reading.kinds)
        if wanted.kind is None:
            try:
                best = (await Discover(look=look).around(wanted.url))[0]
            except SourceError as error:
                raise BotError(refusal(error, wanted.url, say)) from None
            if best.kind == "opml":
                raise BotError(say("cli.discover.opml"))
            if best.how not in ("itself", "list"):
                click.echo(say("cli.sources.instead", url=best.url), err=True)
            url, kind, title, count = best.url, best.kind, best.title, best.count
        else:
            url = complete(wanted.url)
            preview = await look.at(url, wanted.kind)
            if preview.error is not None and not preview.entries:
                raise BotError(refusal(preview.error, wanted.url, say))
            kind, title, count = preview.kind or wanted.kind, preview.title, len(preview.entries)
    title = wanted.title or named(title) or urlsplit(url).hostname or url
    return replace(wanted, url=url, kind=kind, title=title), count


@sources.command()
@click.argument("slug", metavar="ID")
def remove(slug: str) -> None:
    """Stop watching a place. What it said stays in the archive."""
    settings = start()
    say = Say(settings.language)
    Screen(say).line(asyncio.run(_remove(settings, slug, say)))


async def _remove(settings: Settings, slug: str, say: Say) -> str:
    async with wiring.store(settings) as store:
        known = one_called(slug, [source for source in await settled(store, settings) if source.enabled], say)
        async with store.db.tx() as tx:
            await store.sources.disable(tx, slug)
    if known.origin is Origin.FILE:
        return say("cli.sources.removed_from_file", id=slug, file=str(settings.sources or "catalogue.toml"))
    return say("cli.sources.removed", id=slug)


def slug_of(url: str) -> str:
    """`https://www.exemple.fr/flux.xml` → `exemple-fr`."""
    host = urlsplit(complete(url)).hostname or url
    return re.sub(r"[^a-z0-9]+", "-", host.lower().removeprefix("www.")).strip("-")[:64] or "source"


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
            click.echo(refusal(found.error, address, say), err=True)
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
        "published": iso(entry.published),
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


def refusal(error: SourceError, address: str, say: Say) -> str:
    return say("cli.sources.refused", address=address, reason=plain(say, error.trouble), detail=str(error))
