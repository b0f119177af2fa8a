"""The archive's full text, whichever engine holds it.

Two tiers: what has all the words, then, to fill up, what has any of the rare ones. The implicit AND alone scored 0.32
nDCG@10 on our search set, AND then OR 0.76; asking common words of the second tier gains 0.016 and costs five times the
p99 of a million articles. Between them, for three to five words: all but one, the commonest left out first, since bm25
puts one rare word in a title before three in a text. No recency: it cost up to 0.04.
Other names and repairs: docs/design/search.md.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, runtime_checkable

from bot.domain.ids import ArticleId
from bot.domain.query import Query, Repair
from bot.domain.rule import Term
from bot.domain.words import words
from bot.ports import Database, Hits, Reader, Search, Tx
from bot.text.analyse import stems
from bot.text.spelling import Known, nearest, respelled, slips_allowed
from bot.text.synonyms import WORDS
from storage.asked import Asked, Filters, Frequencies, Group, Match, asked, filters, rare, unknown
from storage.dialect import SQLITE
from storage.search_fts5 import Fts5
from storage.search_tsvector import Tsvector
from storage.terms import Terms

AT_MOST = timedelta(milliseconds=250)
MOST_TO_LEAVE_OUT = 5  # words of a query in which all but one are asked for: as many searches
MOST_REPAIRED = 4  # words of a query; who types more of them wrong reads so

_NEWEST_NUMBER = "SELECT MAX(id) AS number FROM articles"


@runtime_checkable
class Limits(Protocol):
    """A database that can stop what takes too long."""

    def limited(self, at_most: timedelta) -> AbstractAsyncContextManager[Reader]:
        """A connection of its own: nobody else waits for it. Once `at_most` has passed, `fetch` raises TimeoutError."""
        ...


class Engine(Protocol):
    """What the two databases do differently."""

    async def index(self, tx: Tx, rows: Sequence[tuple[ArticleId, str, str]]) -> None:
        """(article, stems of its title, those of its text)."""
        ...

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

    async def index(self, tx: Tx, *articles: tuple[ArticleId, str]) -> None:
        parted = [(number, stems.partition("\n")) for number, stems in articles]
        await self.engine.index(tx, [(number, title, body) for number, (title, _, body) in parted])

    async def find(self, query: Query, limit: int, skip: int = 0) -> Hits:
        if query.is_empty or limit < 1:
            return Hits()
        assert isinstance(self.db, Limits)
        looking = _Looking(
            query=query,
            asked=asked(query),
            db=self.db,
            engine=self.engine,
            terms=Terms(self.db),
            wanted=skip + limit + 1,
        )
        try:
            async with self.db.limited(self.at_most) as reader:
                await looking.look(reader)
        except TimeoutError:
            looking.stopped = True
        numbers = tuple(looking.found)[skip:]
        return Hits(
            numbers=numbers[:limit],
            more=len(numbers) > limit,
            stopped=looking.stopped,
            repairs=looking.repairs,
            unknown=looking.unknown,
        )


@dataclass(slots=True, kw_only=True)
class _Looking:
    """One search under way: what is found stays found when time is up."""

    query: Query
    asked: Asked
    db: Database
    engine: Engine
    terms: Terms
    wanted: int
    found: dict[ArticleId, None] = field(default_factory=dict)  # in order, each once
    stopped: bool = False
    repairs: tuple[Repair, ...] = ()
    unknown: tuple[Term, ...] = ()

    async def look(self, reader: Reader) -> None:
        if not (self.asked.required or self.asked.words):
            await self._by_date(reader, self.asked.all(()))
            return
        frequencies = await self._frequencies(reader)
        if lost := unknown(self.query, frequencies):
            frequencies = await self._repair(reader, lost, frequencies)
        # What no article has is asked of none.
        known = [word for word in self.asked.words if frequencies.of(word) > 0]
        parts = [*known, *(part for part in self.asked.parts if frequencies.of(part) > 0)]
        if self.query.by_date:
            await self._dated(reader, known, parts)
        else:
            await self._ranked(reader, known, parts, frequencies)

    async def _repair(self, reader: Reader, lost: Sequence[Term], frequencies: Frequencies) -> Frequencies:
        """The frequencies of what is looked for from here on."""
        meant = [(typed, await self._meant(reader, typed)) for typed in lost[:MOST_REPAIRED]]
        repairs = [Repair(typed=typed, read=read) for typed, read in meant if read is not None]
        query = self.query.repaired(repairs)
        if repairs:
            self.query, self.asked = query, asked(query)
            frequencies = await self._frequencies(reader)
        still = unknown(query, frequencies)  # a word is known for a while after its last article is gone
        self.repairs = tuple(repair for repair in repairs if repair.read not in still)
        repaired = {repair.typed for repair in self.repairs}
        self.unknown = tuple(typed for typed in lost if typed not in repaired)
        return frequencies

    async def _meant(self, reader: Reader, typed: Term) -> Term | None:
        """None: nothing is near."""
        wrong = [word for word in words(typed.text) if slips_allowed(word)]
        if wrong and len(typed.stems) > 1:  # then some of them may be right
            held = await self.engine.counts(reader, [((stems(word),),) for word in wrong], 1)
            wrong = [word for word, count in zip(wrong, held, strict=True) if not count]
        said = {word: near.said for word in wrong if (near := nearest(word, await self._near(reader, word)))}
        return respelled(typed, said) if said else None

    async def _near(self, reader: Reader, word: str) -> Sequence[Known]:
        named = [Known(word=other, said=said, articles=0) for other, said in WORDS.items() if other[0] == word[0]]
        return [*await self.terms.near(reader, word), *named]

    async def _dated(self, reader: Reader, known: Sequence[Group], parts: Sequence[Group]) -> None:
        if known or self.asked.required:
            await self._by_date(reader, self.asked.all(known))
        if parts and not self.found:
            await self._by_date(reader, self.asked.some(parts))

    async def _ranked(
        self, reader: Reader, known: Sequence[Group], parts: Sequence[Group], frequencies: Frequencies
    ) -> None:
        """Each step only fills up what those before it left free."""
        if self.query.references:
            borne = filters(self.query, self.db.dialect, bearing=self.query.references)
            self._keep(await self.engine.newest(reader, self.asked.none, borne, self.wanted))
        required = self.asked.required
        if known or required:
            await self._best(reader, self.asked.all(known), frequencies)
        if 3 <= len(known) <= MOST_TO_LEAVE_OUT:
            for left_out in sorted(known, key=frequencies.of, reverse=True):
                others = [word for word in known if word != left_out]
                await self._best(reader, self.asked.all(others), frequencies)
        if len(parts) > 1:
            telling = [word for word in parts if frequencies.of(word) <= rare(frequencies.articles)]
            await self._best(reader, self.asked.some(telling or parts), frequencies)
        if known and required:
            await self._best(reader, self.asked.all(()), frequencies)

    async def _frequencies(self, reader: Reader) -> Frequencies:
        (row,) = await reader.fetch(_NEWEST_NUMBER)
        articles = row["number"] or 0  # about: numbers are given once
        groups = self.asked.ranking
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
