"""Articles into the archive and out of it, as lines of JSON. Nothing is pushed, whoever subscribed to what.

A line: `{id, url, title, body, summary, source, published, lang, topics, authors}`; only `id` and a text are needed.
The id is the file's: it is kept, and given back by searches and exports.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, Protocol

from bot.domain.article import Article, Facts, Understanding
from bot.domain.ids import ArticleId, SourceId
from bot.domain.source import Origin, Source
from bot.errors import ParseError, UserError
from bot.pipeline.ingest import BATCH, UNDERSTAND, Understand
from bot.pipeline.learn import Learn
from bot.pipeline.lines import ExternalId, Line, read_line
from bot.ports import Clock, Cpu, Database, Reader, Tx
from bot.stores import Articles, Boilerplate, Sources
from bot.text.boilerplate import BARE, Lines

PAGE = 200  # articles read at once by an export

Refused = Callable[[int, UserError], None]  # the number of a line, from 1, and what is wrong with it
Numbered = Sequence[tuple[int, bytes]]  # lines as they stand in the file, with their numbers


class Imports(Protocol):
    """What the files call our articles."""

    async def known(self, reader: Reader, ids: Iterable[ExternalId]) -> Mapping[ExternalId, ArticleId]: ...

    async def ids(self, reader: Reader, numbers: Sequence[ArticleId]) -> Mapping[ArticleId, ExternalId]: ...

    async def add(self, tx: Tx, external: ExternalId, number: ArticleId) -> None: ...

    async def unnamed(self, tx: Tx, url: str) -> ArticleId | None:
        """An article under this address that no file has given an id to."""
        ...

    async def page(self, reader: Reader, after: ArticleId, limit: int) -> Sequence[ArticleId]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A flow; `understand` runs in worker processes, `workers` of them at once."""

    db: Database
    cpu: Cpu
    understand: Understand
    sources: Sources
    articles: Articles
    boilerplate: Boilerplate
    imports: Imports
    learn: Learn
    clock: Clock
    zone: tzinfo  # of a date without an hour
    workers: int

    async def bring_in(self, lines: Iterable[bytes], refused: Refused, done: Callable[[int, int], None]) -> int:
        """How many articles were new. `done(lines, bytes)` as it goes; each chunk is one transaction."""
        added = 0
        kept = {source.slug: source for source in await self.sources.all()}
        for chunk in chunks(lines, BATCH * self.workers):
            found = await self._new(self._read(chunk, refused))
            articles, learned = await self._cleaned([await self._article(line, kept) for _, line in found], kept)
            understood = await understand_each(self.cpu, self.understand, articles)
            whole = []
            for (number, line), article, result in zip(found, articles, understood, strict=True):
                if isinstance(result, ParseError):
                    refused(number, UserError("cli.import.too_hard"))
                else:
                    whole.append((line, article, result))
            added += await self._write(whole, learned)
            done(len(chunk), sum(len(raw) for _, raw in chunk))
        await self.learn.all()
        return added

    def _read(self, chunk: Numbered, refused: Refused) -> Mapping[ExternalId, tuple[int, Line]]:
        """An id that comes twice counts once, the first time."""
        found: dict[ExternalId, tuple[int, Line]] = {}
        for number, raw in chunk:
            try:
                line = read_line(raw, self.zone)
            except UserError as error:
                refused(number, error)
            else:
                found.setdefault(line.id, (number, line))
        return found

    async def _new(self, found: Mapping[ExternalId, tuple[int, Line]]) -> Sequence[tuple[int, Line]]:
        known = await self.imports.known(self.db, found)
        return [one for external, one in found.items() if external not in known]

    async def _article(self, line: Line, kept: dict[str, Source]) -> Article:
        """A source nobody knows is kept, disabled: there is no place where it could be read."""
        slug = line.source_slug
        if slug not in kept:
            source = Source(slug=slug, title=line.source, url=f"import:{slug}", origin=Origin.COMMAND_LINE)
            async with self.db.tx() as tx:
                await self.sources.add(tx, source)
                await self.sources.disable(tx, slug)
            kept |= {source.slug: source for source in await self.sources.all()}
        return line.article(kept[slug], self.clock.now())

    async def _cleaned(
        self, articles: Sequence[Article], kept: Mapping[str, Source]
    ) -> tuple[Sequence[Article], Mapping[SourceId, Lines]]:
        """Each by what those before it have taught of its source; and what is known of the sources after them."""
        furnished = {article.source for article in articles if kept[article.source_slug].kind not in BARE}
        lines = dict(await self.boilerplate.of(self.db, furnished))
        cleaned = []
        for article in articles:
            if article.source in lines:
                lines[article.source] = lines[article.source].learned([article])
                article = lines[article.source].cleaned(article)
            cleaned.append(article)
        return cleaned, lines

    async def _write(
        self, whole: Sequence[tuple[Line, Article, Understanding]], learned: Mapping[SourceId, Lines]
    ) -> int:
        added = 0
        async with self.db.tx() as tx:
            await self.boilerplate.keep(tx, learned)
            known = await self.imports.known(tx, [line.id for line, _, _ in whole])
            for line, article, found in whole:
                if line.id in known:  # by another import, meanwhile
                    continue
                number = await self.imports.unnamed(tx, article.url) if article.url else None
                if number is None:
                    ((number, _),) = await self.articles.add(tx, (article, found, line.content_hash))
                    # Its source has listed it, whatever key it will have there: it is never told as news.
                    key = f"import:{json.dumps(line.id)}"
                    await self.articles.sight(tx, article.source, [key], number, line.content_hash, article.first_seen)
                    added += 1
                await self.imports.add(tx, line.id, number)
        return added

    async def take_out(self) -> AsyncIterator[Mapping[str, Any]]:
        """Every article, as import lines; one that came from no file is called by its number."""
        last = ArticleId(0)
        while numbers := await self.imports.page(self.db, last, PAGE):
            ids = await self.imports.ids(self.db, numbers)
            for facts in await self.articles.facts(self.db, numbers):
                yield exported(facts, ids.get(facts.number, facts.number))
            last = numbers[-1]


def exported(facts: Facts, external: ExternalId) -> Mapping[str, Any]:
    article = facts.article
    return {
        "id": external,
        "url": article.url,
        "title": article.title,
        "body": article.body,
        "summary": article.chapeau,  # what its publisher wrote; ours is made anew
        "source": article.source_slug,
        "published": article.published.isoformat() if article.published else None,
        "lang": article.language,
        "topics": list(facts.understanding.topics),
        "authors": list(article.authors),
    }


def chunks(lines: Iterable[bytes], size: int) -> Iterable[Numbered]:
    """Lines that hold something, numbered as an editor numbers them."""
    chunk: list[tuple[int, bytes]] = []
    for number, raw in enumerate(lines, 1):
        if raw.strip():
            chunk.append((number, raw))
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


async def understand_each(
    cpu: Cpu, understand: Understand, articles: Sequence[Article]
) -> Sequence[Understanding | ParseError]:
    """In batches, in as many processes as there are; where a batch fails each article is tried alone."""
    batches = [_Batch(articles=articles[start : start + BATCH]) for start in range(0, len(articles), BATCH)]
    async with asyncio.TaskGroup() as tasks:
        for batch in batches:
            tasks.create_task(batch.run(cpu, understand))
    return [result for batch in batches for result in batch.results]


@dataclass(slots=True, kw_only=True)
class _Batch:
    articles: Sequence[Article]
    results: list[Understanding | ParseError] = field(default_factory=list)

    async def run(self, cpu: Cpu, understand: Understand) -> None:
        try:
            self.results = list(await cpu.run(understand, self.articles, deadline=UNDERSTAND))
        except ParseError:
            for article in self.articles:
                try:
                    self.results += await cpu.run(understand, [article], deadline=UNDERSTAND)
                except ParseError as error:
                    self.results.append(error)
