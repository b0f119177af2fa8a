"""The archive's full text, whichever engine holds it.

Two tiers: what has all the words, then, to fill up, what has any of the rare ones. The implicit AND alone scored 0.32
nDCG@10 on our search set, AND then OR 0.76; asking common words of the second tier gains 0.016 and costs five times the
p99 of a million articles. No recency: it cost up to 0.04.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, runtime_checkable

from bot.domain.ids import ArticleId
from bot.domain.query import Query
from bot.ports import Database, Hits, Reader, Search, Tx
from storage.asked import Asked, Filters, Frequencies, Group, Match, asked, filters, rare
from storage.dialect import SQLITE
from storage.search_fts5 import Fts5
from storage.search_tsvector import Tsvector

AT_MOST = timedelta(milliseconds=250)

_NEWEST_NUMBER = "SELECT MAX(id) AS number FROM articles"


@runtime_checkable
class Limits(Protocol):
    """A database that can stop what takes too long."""

    def limited(self, at_most: timedelta) -> AbstractAsyncContextManager[Reader]:
        """A connection of its own: nobody else waits for it. Once `at_most` has passed, `fetch` raises TimeoutError."""
        ...


class Engine(Protocol):
    """What the two databases do differently."""

    async def index(self, tx: Tx, number: ArticleId, title: str, body: str) -> None: ...

    async def counts(self, reader: Reader, groups: Sequence[Group], at_most: int) -> Sequence[int]:
        """How many articles have each, `at_most` if there are more."""
        ...

    async def best(
        self, reader: Reader, match: Match, filters: Filters, frequencies: Frequencies, limit: int
    ) -> tuple[Sequence[ArticleId], bool]:
        """Best first among the newest `MOST_RANKED`; True when that left some out."""
        ...

    async def newest(self, reader: Reader, match: Match, filters: Filters, limit: int) -> Sequence[ArticleId]: ...


def search_on(db: Database) -> Search:
    return FullText(db, Fts5() if db.dialect.name == SQLITE.name else Tsvector())


@dataclass(frozen=True, slots=True)
class FullText:
    db: Database
    engine: Engine
    at_most: timedelta = AT_MOST

    async def index(self, tx: Tx, number: ArticleId, stems: str) -> None:
        title, _, body = stems.partition("\n")
        await self.engine.index(tx, number, title, body)

    async def find(self, query: Query, limit: int, skip: int = 0) -> Hits:
        if query.is_empty or limit < 1:
            return Hits()
        assert isinstance(self.db, Limits)
        looking = _Looking(query=query, asked=asked(query), db=self.db, engine=self.engine, wanted=skip + limit + 1)
        try:
            async with self.db.limited(self.at_most) as reader:
                await looking.look(reader)
        except TimeoutError:
            looking.stopped = True
        numbers = tuple(looking.found)[skip:]
        return Hits(numbers=numbers[:limit], more=len(numbers) > limit, stopped=looking.stopped)


@dataclass(slots=True, kw_only=True)
class _Looking:
    """One search under way: what is found stays found when time is up."""

    query: Query
    asked: Asked
    db: Database
    engine: Engine
    wanted: int
    found: dict[ArticleId, None] = field(default_factory=dict)  # in order, each once
    stopped: bool = False

    async def look(self, reader: Reader) -> None:
        if not (self.asked.required or self.asked.words):
            await self._by_date(reader, self.asked.all(()))
        elif self.query.by_date:
            await self._by_date(reader, self.asked.all(self.asked.words))
            if not self.found and self.asked.words:
                await self._by_date(reader, self.asked.some((*self.asked.words, *self.asked.parts)))
        else:
            await self._ranked(reader)

    async def _ranked(self, reader: Reader) -> None:
        """Each step only fills up what those before it left free."""
        if self.query.references:
            borne = filters(self.query, self.db.dialect, bearing=self.query.references)
            self._keep(await self.engine.newest(reader, self.asked.none, borne, self.wanted))
        required, words = self.asked.required, self.asked.words
        frequencies = await self._frequencies(reader, self.asked.ranking)
        known = [word for word in words if frequencies.of(word) > 0]  # what no article has is asked of none
        if known or required:
            await self._best(reader, self.asked.all(known), frequencies)
        parts = [*known, *(part for part in self.asked.parts if frequencies.of(part) > 0)]
        if len(parts) > 1:
            telling = [word for word in parts if frequencies.of(word) <= rare(frequencies.articles)]
            await self._best(reader, self.asked.some(telling or parts), frequencies)
        if known and required:
            await self._best(reader, self.asked.all(()), frequencies)

    async def _frequencies(self, reader: Reader, groups: Sequence[Group]) -> Frequencies:
        (row,) = await reader.fetch(_NEWEST_NUMBER)
        articles = row["number"] or 0  # about: numbers are given once
        if len(groups) == 1:  # nothing to weigh it against
            return Frequencies(articles=articles, counts={groups[0]: articles})
        counts = await self.engine.counts(reader, groups, rare(articles) + 1)
        return Frequencies(articles=articles, counts=dict(zip(groups, counts, strict=True)))

    async def _best(self, reader: Reader, match: Match, frequencies: Frequencies) -> None:
        if len(self.found) >= self.wanted:
            return
        limit = self.wanted + len(self.found)  # those already found may come again
        allowed = filters(self.query, self.db.dialect)
        numbers, cut = await self.engine.best(reader, match, allowed, frequencies, limit)
        self._keep(numbers)
        self.stopped = self.stopped or cut

    async def _by_date(self, reader: Reader, match: Match) -> None:
        self._keep(await self.engine.newest(reader, match, filters(self.query, self.db.dialect), self.wanted))

    def _keep(self, numbers: Sequence[ArticleId]) -> None:
        self.found.update(dict.fromkeys(numbers))
