"""`tocsin search`: the archive, by the same engine as in chat."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import click
from rich.text import Text

from bot import wiring
from bot.cli.lines import Refusals, lines, reading
from bot.cli.start import Screen, archive_exists, start
from bot.domain.article import Facts
from bot.domain.ids import ArticleId
from bot.domain.query import Query
from bot.errors import UserError
from bot.locale.say import Say
from bot.pipeline.lines import ExternalId, read_object
from bot.ports import Hits
from bot.settings import Settings
from bot.text.highlight import Extract, extract
from bot.text.query import read_query

LIMIT = 20
ROOM = 200  # characters of an extract


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    query: Query
    hits: Hits
    facts: Sequence[Facts]
    ids: Mapping[ArticleId, ExternalId]


# `-orage` is a word that must not be there, not an option; hence no `-h` either.
@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("words", metavar="QUERY", nargs=-1)
@click.option("--limit", default=LIMIT, show_default=True, type=click.IntRange(1, 1_000), help="How many articles.")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of lines.")
@click.option("--batch", metavar="FILE", help="Answers {id, query} lines with {id, ranked} lines; - reads stdin.")
def search(words: tuple[str, ...], limit: int, as_json: bool, batch: str | None) -> None:
    """Search the archive: words, "a phrase", -without, source: topic: author: genre: after: before: cve: sort:date."""
    if (batch is None) != bool(words):
        raise click.UsageError("give a query, or a file of them with --batch")
    settings = start()
    say = Say(settings.language)
    archive_exists(settings, say)
    if batch is not None:
        refused = Refusals(say)
        asyncio.run(_batch(settings, batch, limit, say, refused))
        refused.settle()
        return
    found = asyncio.run(_find(settings, _read(" ".join(words), settings), limit))
    if as_json:
        click.echo(json.dumps(_json(found), ensure_ascii=False, indent=2))
    else:
        _show(found, Screen(say), settings)


def _read(typed: str, settings: Settings) -> Query:
    return read_query(typed, zone=settings.zone, now=datetime.now(UTC))


async def _find(settings: Settings, query: Query, limit: int) -> _Found:
    async with wiring.store(settings) as store:
        hits = await store.search.find(query, limit)
        facts = await store.articles.facts(store.db, hits.numbers)
        ids = await wiring.imports_on(store.db).ids(store.db, hits.numbers)
        return _Found(query=query.repaired(hits.repairs), hits=hits, facts=facts, ids=ids)


async def _batch(settings: Settings, path: str, limit: int, say: Say, refused: Refusals) -> None:
    """One answer a line, as soon as it is found."""
    with reading(path, say) as (file, _):
        async with wiring.store(settings) as store:
            imports = wiring.imports_on(store.db)
            for number, raw in enumerate(lines(file), 1):
                if not raw.strip():
                    continue
                try:
                    external, typed = _asked(raw)
                except UserError as error:
                    refused(number, error)
                    continue
                numbers = (await store.search.find(_read(typed, settings), limit)).numbers
                ids = await imports.ids(store.db, numbers)
                click.echo(json.dumps({"id": external, "ranked": [ids.get(n, n) for n in numbers]}))


def _asked(raw: bytes) -> tuple[ExternalId, str]:
    row = read_object(raw)
    if not isinstance(row.get("query"), str):
        raise UserError("cli.search.no_query")
    return row["id"], row["query"]


def _json(found: _Found) -> dict[str, Any]:
    return {
        "query": found.query.text,
        "more": found.hits.more,
        "stopped": found.hits.stopped,
        "repaired": [{"typed": one.typed.text, "read": one.read.text} for one in found.hits.repairs],
        "unknown": [word.text for word in found.hits.unknown],
        "hits": [
            {
                "id": found.ids.get(facts.number, facts.number),
                "number": facts.number,
                "url": facts.article.url,
                "title": facts.article.title,
                "source": facts.article.source_slug,
                "published": facts.article.published.isoformat() if facts.article.published else None,
                "extract": "".join(piece for piece, _ in _extract(facts, found.query)),
            }
            for facts in found.facts
        ],
    }


def _extract(facts: Facts, query: Query) -> Extract:
    article = facts.article
    return extract(" ".join(filter(None, (article.chapeau, article.body))) or article.title, query, ROOM)


def _show(found: _Found, screen: Screen, settings: Settings) -> None:
    """On a terminal with the words that were found; elsewhere a line each, tabs between."""
    say = screen.say
    for one in found.hits.repairs:
        sentence = "cli.search.repaired" if found.facts else "cli.search.tried"
        click.echo(say(sentence, read=one.read.text, typed=one.typed.text), err=True)
    for facts in found.facts:
        article = facts.article
        when = say.date(article.published or article.first_seen, settings.zone, hour=False)
        if not screen.console.is_terminal:
            screen.line("\t".join((f"#{facts.number}", when, article.source_title, article.title, article.url)))
            continue
        screen.line(f"#{facts.number}  {article.title}", style="bold")
        screen.line(f"    {when} · {article.source_title} · {article.url}", style="dim")
        pieces = (Text(piece, style="bold yellow" if is_hit else "") for piece, is_hit in _extract(facts, found.query))
        screen.console.print(Text("    ").append_text(Text("").join(pieces)))
    if found.hits.stopped:
        click.echo(say("cli.search.stopped"), err=True)
    if not found.facts and not found.hits.stopped:
        for word in found.hits.unknown:
            click.echo(say("cli.search.unknown", word=word.text), err=True)
        click.echo(say("cli.search.nothing" if not found.query.is_empty else "cli.search.empty"), err=True)
