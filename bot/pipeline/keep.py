"""What a reading says, into the rows: known ⇔ owed. The only place where an article becomes a post."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.article import Article, Facts, Understanding
from bot.domain.entry import Entry, canonical
from bot.domain.ids import ArticleId, HoldId
from bot.domain.source import Source
from bot.pipeline import decide
from bot.pipeline.exploited import Marking
from bot.pipeline.holds import Holding
from bot.pipeline.identity import Found, content_hash
from bot.pipeline.matching import Matching
from bot.pipeline.milestones import Milestones
from bot.pipeline.notices import Notices
from bot.pipeline.stories import Stories
from bot.ports import Clock, Database, Tx
from bot.stores import Articles, Outbox, Sources

WRITTEN_AT_ONCE = 8  # articles in one transaction: somebody's command waits for it


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
    held: str = ""  # why none of the new is told now; "": it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    db: Database
    sources: Sources
    articles: Articles
    outbox: Outbox
    matching: Matching
    marking: Marking
    milestones: Milestones
    holding: Holding
    stories: Stories
    notices: Notices
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
                if said.held and hold is None and batch:
                    hold = await self.holding.open(tx, source, said.held, len(said.new), self._now())
                for one in batch:
                    told += await self._keep(tx, source, one, said.shared, pace, told, hold)
                if last:
                    for number, one in said.changed:
                        await self._revise(tx, source, number, one)
                    for found in said.renamed:
                        await self._sight(tx, source, found.names, found.article, content_hash(found.entry))
                    if hold is not None:
                        await self.holding.announce(tx, hold, self._now())
                    await self._save(tx, seen)

    async def state(self, source: Source) -> None:
        """A reading that said nothing, or failed."""
        async with self.db.tx() as tx:
            await self._save(tx, source)

    async def _save(self, tx: Tx, source: Source) -> None:
        await self.sources.save(tx, await self.notices.of_source(tx, source, self._now()))

    async def _keep(
        self,
        tx: Tx,
        source: Source,
        one: Told,
        shared: frozenset[str],
        pace: decide.Pace,
        told: int,
        hold: HoldId | None,
    ) -> bool:
        """True when something was owed."""
        one = await self._marked(tx, one)
        # Under an address of its own, what is known may be this very article.
        has_own = canonical(one.article.url) not in shared
        known = decide.same(await self.articles.under(tx, one.article.url) if has_own else (), one.entry, source)
        joins = False
        if known is None:
            number, own = await self.articles.add(tx, one.article, one.understanding, one.content_hash)
            joins = await self.stories.place(tx, source, number, own, one.article, one.understanding)
        else:
            number = known.number
        first_here = await self._sight(tx, source, one.names, number, one.content_hash, new=known is None)
        if source.last_success is None or not first_here:
            return False  # a first reading goes to the archive only; a new name of an old article is nothing new
        (facts,) = await self.articles.facts(tx, [number])
        if hold is not None and not decide.is_authority(facts):
            await self.holding.keep(tx, hold, number)
            return False
        if joins:
            return await self.stories.tell(tx, facts, self._now(), hold_until=pace.hold_until(facts, told)) > 0
        if known is None:
            return await self._owe(tx, facts, pace.hold_until(facts, told))
        return await self._also_here(tx, facts, source)

    async def _sight(
        self,
        tx: Tx,
        source: Source,
        names: Sequence[str],
        number: ArticleId,
        content_hash: str,
        *,
        new: bool = False,
    ) -> bool:
        return await self.articles.sight(tx, source.id, names, number, content_hash, self._now(), new=new)

    async def _owe(self, tx: Tx, facts: Facts, hold_until: datetime | None) -> bool:
        """The first article of a story."""
        now = self._now()
        matches = await self.matching.match(tx, facts)
        owed = await self.outbox.owe(
            tx,
            decide.post_of(facts, now),
            [match.rule for match in matches],
            now=now,
            breaks_quiet=decide.breaks_quiet(facts),
            hold_until=hold_until,
        )
        return owed > 0

    async def _also_here(self, tx: Tx, facts: Facts, source: Source) -> bool:
        """Another source lists an article we know: owed to whom only this source brings, shown to the others."""
        now = self._now()
        before = replace(facts, sources=facts.sources - {source.slug})
        had = {match.rule for match in await self.matching.match(tx, before)}
        matches = [match for match in await self.matching.match(tx, facts) if match.rule not in had]
        await self.outbox.revise(tx, facts.story)
        post, told_by = decide.owing(facts, await self.stories.rows.told(tx, facts.story), now)
        owed = await self.outbox.owe(
            tx,
            post,
            [match.rule for match in matches],
            now=now,
            breaks_quiet=decide.breaks_quiet(facts),
            hold_until=None,
            unless_had=told_by,
        )
        return owed > 0

    async def _revise(self, tx: Tx, source: Source, number: ArticleId, one: Told) -> None:
        """A changed title or text edits what was posted; a rise in severity is a new post."""
        (before,) = await self.articles.facts(tx, [number])
        one = await self._marked(tx, one, before.understanding.cves)
        await self.articles.revise(tx, number, one.article, one.understanding, one.content_hash)
        (facts,) = await self.articles.facts(tx, [number])
        await self._sight(tx, source, one.names, number, one.content_hash)
        await self.articles.sight_again(tx, source.id, number, one.content_hash)
        await self.outbox.revise(tx, facts.story)
        if await self.milestones.tell_move(tx, source, before, facts, self._now()):
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
