"""What a reading says, into the rows: known ⇔ owed. The only place where an article becomes a post."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.article import Article, Facts, Understanding
from bot.domain.entry import Entry, canonical
from bot.domain.ids import ArticleId, HoldId
from bot.domain.source import Source
from bot.pipeline import decide
from bot.pipeline.claims import NOTHING, Claims, Noted
from bot.pipeline.exploited import Marking
from bot.pipeline.holds import Holding
from bot.pipeline.identity import Found, content_hash
from bot.pipeline.matching import Matching
from bot.pipeline.milestones import Milestones
from bot.pipeline.states import States
from bot.pipeline.stories import Stories
from bot.ports import Clock, Database, Tx
from bot.stores import Articles, Boilerplate, Outbox
from bot.text.boilerplate import Lines

WRITTEN_AT_ONCE = 10  # articles in one transaction: somebody's command waits for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An entry with what is made of it, ready to be written."""

    entry: Entry
    names: tuple[str, ...]  # all it may be known by; of a known one, those it was not seen under yet
    content_hash: str  # of what the list says
    article: Article
    understanding: Understanding


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a reading brought, oldest first."""

    new: Sequence[Told] = ()
    changed: Sequence[tuple[ArticleId, Told]] = ()
    renamed: Sequence[Found] = ()
    shared: frozenset[str] = field(default_factory=frozenset)  # canonical addresses that are no article's own
    learned: Lines | None = None  # what the source says on every page; None: the new ones taught nothing
    held: str = ""  # why none of the new is told now; "": it is


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    number: ArticleId
    is_new: bool
    first_here: bool  # its source had not listed it yet
    noted: Noted = NOTHING  # of the deadlines it speaks of


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    db: Database
    articles: Articles
    boilerplate: Boilerplate
    outbox: Outbox
    matching: Matching
    marking: Marking
    milestones: Milestones
    holding: Holding
    states: States
    stories: Stories
    claims: Claims
    clock: Clock

    async def reading(self, source: Source, seen: Source, said: Said) -> None:
        """In batches. The source's state (`seen`) goes with the last: cut short, what is not written is still new next
        time."""
        told, pace = 0, decide.Pace.of(source, len(said.new), self._now())
        hold: HoldId | None = None
        for batch, last in _batches(said.new):
            # One transaction: an article is known exactly when its deliveries are owed, so a crash at any line here
            # neither loses an alert nor sends it twice.
            async with self.db.tx() as tx:
                if said.held and batch:  # asked for each time: what was decided on meanwhile takes nothing more in
                    hold = await self.holding.open(
                        tx, source, said.held, len(said.new), seen.last_success or self._now()
                    )
                for some in _apart(batch, said.shared):
                    for one in await self._write(tx, source, some, said.shared):
                        told += await self._tell(tx, source, one, pace, told, hold)
                if last:
                    for number, changed in said.changed:
                        await self._revise(tx, source, number, changed)
                    for found in said.renamed:
                        await self._sight(tx, source, found.names, found.article, content_hash(found.entry))
                    if said.learned is not None:
                        await self.boilerplate.keep(tx, {source.id: said.learned})
                    if hold is not None:
                        await self.holding.announce(tx, hold, self._now())
                    await self.states.write(tx, seen)

    async def _write(
        self, tx: Tx, source: Source, some: Sequence[Told], shared: frozenset[str]
    ) -> Sequence["_Written"]:
        """Articles and sightings, with as few questions to the rows as can be; no two of `some` under one address."""
        some = [await self._marked(tx, one) for one in some]
        # Under an address of its own, what is known may be this very article.
        own = [one.article.url for one in some if canonical(one.article.url) not in shared]
        under = await self.articles.under_each(tx, own)
        known = [
            decide.same(under.get(one.article.url, ()), one.entry, source, own=canonical(one.entry.url) in one.names)
            for one in some
        ]
        new = [one for one, found in zip(some, known, strict=True) if found is None]
        added = iter(await self.articles.add(tx, *[(one.article, one.understanding, one.content_hash) for one in new]))
        written = []
        for one, found in zip(some, known, strict=True):
            noted = NOTHING
            if found is None:
                number, story = next(added)
                await self.stories.place(tx, source, number, story, one.article, one.understanding)
            else:
                number = found.number
            is_new = found is None or found.shared
            if found is not None and found.shared:  # members showed it: now it is news, in its source's words
                await self.articles.adopt(tx, number, one.article, one.understanding, one.content_hash)
                await self.outbox.revise(tx, found.story)
            if is_new and one.understanding.deadlines:
                (facts,) = await self.articles.facts(tx, [number])
                noted = await self.claims.note(tx, source, facts, one.understanding.deadlines, self._now())
            first = found is None or await self._sight(tx, source, one.names, number, one.content_hash)
            written.append(_Written(number=number, is_new=is_new, first_here=first, noted=noted))
        named = [
            (one.names, its.number, one.content_hash)
            for one, its, found in zip(some, written, known, strict=True)
            if found is None
        ]
        await self.articles.sight_new(tx, source.id, *named, now=self._now())
        return written

    async def _tell(
        self, tx: Tx, source: Source, one: "_Written", pace: decide.Pace, told: int, hold: HoldId | None
    ) -> bool:
        """True when something was owed."""
        if source.last_success is None or not one.first_here:
            return False  # a first reading goes to the archive only; a new name of an old article is nothing new
        (facts,) = await self.articles.facts(tx, [one.number])
        if hold is not None and not decide.is_authority(facts, source.last_success):
            await self.holding.keep(tx, hold, one.number)
            return False
        await self.claims.tell(tx, source, facts, one.noted, self._now())
        if one.is_new:
            return await self.stories.tell(tx, facts, self._now(), hold_until=pace.hold_until(facts, told)) > 0
        return await self._also_here(tx, facts, source)

    async def _sight(self, tx: Tx, source: Source, names: Sequence[str], number: ArticleId, content_hash: str) -> bool:
        return await self.articles.sight(tx, source.id, names, number, content_hash, self._now())

    async def _also_here(self, tx: Tx, facts: Facts, source: Source) -> bool:
        """Another source lists an article we know: owed to whom only this source brings, shown to the others."""
        before = replace(facts, sources=facts.sources - {source.slug})
        had = {match.rule for match in await self.matching.match(tx, before)}
        return await self.stories.tell(tx, facts, self._now(), unless_by=had) > 0

    async def _revise(self, tx: Tx, source: Source, number: ArticleId, one: Told) -> None:
        """A changed title or text edits what was posted; a rise in severity is a new post."""
        (before,) = await self.articles.facts(tx, [number])
        one = await self._marked(tx, one, before.understanding.cves)
        await self.articles.revise(tx, number, one.article, one.understanding, one.content_hash)
        (facts,) = await self.articles.facts(tx, [number])
        await self._sight(tx, source, one.names, number, one.content_hash)
        await self.articles.sight_again(tx, source.id, number, one.content_hash)
        await self.outbox.revise(tx, facts.story)
        now = self._now()
        noted = await self.claims.note(tx, source, facts, one.understanding.deadlines, now, again=True)
        await self.claims.tell(tx, source, facts, noted, now)
        stories = [story for move in noted.moves for story in await self.claims.stories(tx, move.deadline, facts)]
        if await self.milestones.tell_move(tx, source, before, facts, now, told_of=stories, follows=noted.follows):
            return
        if source.last_success is not None and (facts.severity or 0) > (before.severity or 0):
            await self.stories.tell(tx, facts, self._now(), rise=True)

    async def _marked(self, tx: Tx, one: Told, before: Sequence[str] = ()) -> Told:
        """With what catalogues know of the vulnerabilities it names, or named `before`."""
        return replace(one, understanding=await self.marking.checked(tx, one.article, one.understanding, before))

    def _now(self) -> datetime:
        return self.clock.now()


def _batches(new: Sequence[Told]) -> Iterator[tuple[Sequence[Told], bool]]:
    """(articles, whether they are the last): one batch at least."""
    starts = range(0, max(len(new), 1), WRITTEN_AT_ONCE)
    for start in starts:
        yield new[start : start + WRITTEN_AT_ONCE], start == starts[-1]


def _apart(batch: Sequence[Told], shared: frozenset[str]) -> Iterator[Sequence[Told]]:
    """No two under one address of their own: the second may be the first again, which its rows will say."""
    some: list[Told] = []
    seen: set[str] = set()
    for one in batch:
        address = canonical(one.article.url)
        if address in seen:
            yield some
            some, seen = [], set()
        some.append(one)
        seen |= {address} - shared
    yield some
