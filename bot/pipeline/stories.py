"""One story, one message: a new article finds the story it tells, and what that owes. docs/design/stories.md."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.article import Article, Facts, Understanding
from bot.domain.delivery import Post, PostKind
from bot.domain.ids import ArticleId, RuleId, SourceId, StoryId
from bot.domain.milestone import KIND
from bot.domain.share import share_key
from bot.domain.source import Source
from bot.domain.story import Near, best_of, spoken
from bot.pipeline import decide
from bot.pipeline.matching import Matching
from bot.ports import Reader, Tx
from bot.stores import Articles, Outbox
from bot.text.story import (
    JOIN,
    LEAST,
    WINDOW,
    Telling,
    are_two,
    cosine,
    heaviest,
    is_one,
    likeness,
    moment_of,
    telling,
    terms_of,
)

MOST_NEAR = 40  # articles whose words are compared with those of a new one
MOST_READ = 12  # of these, read with all that they mention; those it joins stood among the first four
LEAST_SHARED = 0.03  # of the heaviest terms; half of what the least alike of a story were seen to share
# A new article is at most a window old when it is first seen, and asks for a window before that.
TERMS_KEPT = 2 * WINDOW + timedelta(days=1)
MOST_CVES = 8  # of an article, by which others are looked for


class StoryRows(Protocol):
    """The articles of a story, and the terms by which one is found."""

    async def note(self, tx: Tx, article: ArticleId, at: datetime, terms: Mapping[str, float]) -> None: ...

    async def near(
        self,
        reader: Reader,
        terms: Mapping[str, float],
        since: datetime,
        until: datetime,
        *,
        but: SourceId,
        least: float,
        limit: int,
    ) -> Sequence[Near]:
        """The `limit` articles that share most of these terms, weight by weight, and at least `least`; of them, those
        of other sources."""
        ...

    async def naming(
        self, reader: Reader, cves: Sequence[str], since: datetime, until: datetime, *, limit: int
    ) -> Sequence[Near]:
        """The newest that name one of them."""
        ...

    async def articles(self, reader: Reader, stories: Sequence[StoryId]) -> Sequence[ArticleId]:
        """All that tell one of these stories, oldest first."""
        ...

    async def told(self, reader: Reader, story: StoryId) -> Sequence[Post]:
        """Its posts, in the order they were written."""
        ...

    async def join(self, tx: Tx, article: ArticleId, own: StoryId, story: StoryId) -> None:
        """From the story of its own that it was written in, which nobody has been told of."""
        ...

    async def led_by(self, tx: Tx, story: StoryId, best: ArticleId, at: datetime) -> None: ...

    async def forget(self, tx: Tx, before: datetime, *, behind: str) -> str | None:
        """Away with the terms of what was told before, one stretch of them in their order; where it ended, or None:
        the last. `behind`: where the one before ended, "" for the first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stories:
    """A flow inside the transaction that writes an article: `place` before it is told, `tell` to tell it."""

    rows: StoryRows
    articles: Articles
    outbox: Outbox
    matching: Matching

    async def place(
        self, tx: Tx, source: Source, number: ArticleId, own: StoryId, article: Article, found: Understanding
    ) -> None:
        """Into the story that other sources have told, if there is one; it is in that one from then on.

        Lines of a living page tell no news, and what is older than the window none that anybody tells again.
        """
        at = moment_of(article)
        if source.kind == KIND or article.first_seen - at > WINDOW:
            return
        new = telling(article, found, has_own_page=False)  # what has the same page is known to be one article already
        heavy = heaviest(new.terms)
        story = await self._story_of(tx, source.id, own, new, heavy)
        await self.rows.note(tx, number, at, heavy)
        if story is None:
            return
        await self.rows.join(tx, number, own, story)
        best = best_of(await self._facts(tx, [story]))
        await self.rows.led_by(tx, story, best.number, at)

    async def _story_of(
        self, tx: Tx, source: SourceId, own: StoryId, new: Telling, heavy: Mapping[str, float]
    ) -> StoryId | None:
        """The story most like it, of which no article says why it is another."""
        since, until = new.at - WINDOW, new.at + WINDOW
        near = [*await self.rows.near(tx, heavy, since, until, but=source, least=LEAST_SHARED, limit=MOST_NEAR)]
        shared = {one: cosine(new.terms, terms_of(one.stems)) for one in near}
        near = sorted((one for one in near if shared[one] >= LEAST), key=lambda one: -shared[one])[:MOST_READ]
        if new.cves:
            near += await self.rows.naming(tx, sorted(new.cves)[:MOST_CVES], since, until, limit=MOST_NEAR)
        stories = {one.story for one in near} - {own}
        if not stories:
            return None
        tellings: dict[StoryId, list[Telling]] = {}
        for facts in await self._facts(tx, sorted(stories)):
            told = telling(facts.article, facts.understanding, has_own_page=False)
            tellings.setdefault(facts.story, []).append(told)
        alike = {story: most_alike(new, told) for story, told in tellings.items()}
        best = max(alike, key=lambda story: (alike[story], -story))
        return best if alike[best] >= JOIN else None

    async def tell(
        self,
        tx: Tx,
        facts: Facts,
        now: datetime,
        *,
        hold_until: datetime | None = None,
        only: str = "",
        but: Sequence[str] = (),
        rise: bool = False,
        unless_by: Collection[RuleId] = (),
    ) -> int:
        """Owed to every channel that wants this article and has no post of its story as grave, shown to those that
        have; how many are owed it. `unless_by`: rules whose wish is no reason, for they had it already."""
        told = await self.rows.told(tx, facts.story)
        if told:
            await self.outbox.revise(tx, facts.story)
        post, had = decide.owing(facts, told, now, rise=rise)
        if facts.severity is None:  # whom somebody showed it has it; an alert rings all the same
            had = (*had, share_key(facts.number))
        return await self.outbox.owe(
            tx,
            post,
            [match.rule for match in await self.matching.match(tx, facts) if match.rule not in unless_by],
            now=now,
            breaks_quiet=decide.breaks_quiet(facts),
            hold_until=hold_until,
            only=only,
            but=but,
            unless_had=had,
            hushed=await self.matching.hushed(tx, facts, now),
        )

    async def _facts(self, reader: Reader, stories: Sequence[StoryId]) -> Sequence[Facts]:
        return await self.articles.facts(reader, await self.rows.articles(reader, stories))


def most_alike(new: Telling, told: Sequence[Telling]) -> float:
    """0.0 when it cannot be the story of one of them: each that is alike would draw in what is another's."""
    if any(are_two(new, one) and not is_one(new, one) for one in told):
        return 0.0
    return max((likeness(new, one) for one in told), default=0.0)


async def told_together(rows: StoryRows, articles: Articles, reader: Reader, post: Post, facts: Facts) -> Facts:
    """Who speaks in the post of this article's story, with every source of it."""
    if post.kind not in (PostKind.STORY, PostKind.ALERT):
        return facts
    numbers = await rows.articles(reader, [facts.story])
    return spoken(post, await articles.facts(reader, numbers)) if len(numbers) > 1 else facts
