"""A reading that brought too much at once waits for somebody's word, and is never poured into a channel.

The articles are in the archive at once; only their posts wait. The operator's word counts for everybody, that of an
administrator for their own chat or server.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.domain.hold import Choice, Hold, Word
from bot.domain.ids import ArticleId, HoldId, SourceId
from bot.domain.source import Source
from bot.pipeline import decide
from bot.pipeline.matching import Matching
from bot.pipeline.notices import Notices
from bot.pipeline.stories import Stories
from bot.ports import Clock, Database, Reader, Tx, Wakes
from bot.stores import Articles, Outbox

SHOWN = 3  # of its articles in the notice
AT_ONCE = 8  # articles released in one transaction
LOOK_AGAIN = timedelta(seconds=30)  # a wake-up may be lost
CUT_SHORT = timedelta(minutes=5)  # a reading that announced nothing by then was ended in its midst

log = structlog.get_logger()


class Holds(Protocol):
    """Readings kept back."""

    async def open(self, tx: Tx, source: SourceId, reason: str, now: datetime) -> HoldId:
        """The source's newest hold that nobody has decided on and that was told of today at most, else a new one.

        `now`: when its reading succeeds, if it comes to its end.
        """
        ...

    async def discard(self, tx: Tx, hold: HoldId) -> None:
        """It holds nothing."""
        ...

    async def keep(self, tx: Tx, hold: HoldId, article: ArticleId) -> None: ...

    async def announced(self, tx: Tx, hold: HoldId, now: datetime) -> bool:
        """True the first time."""
        ...

    async def unannounced(self, reader: Reader, before: datetime) -> Sequence[HoldId]:
        """Opened before that moment, and nobody was told."""
        ...

    async def unfinished(self, reader: Reader, source: SourceId) -> str:
        """The reason of the source's hold whose reading never came to its end; "": it has none."""
        ...

    async def of(self, reader: Reader, hold: HoldId) -> Hold | None: ...

    async def undecided(self, reader: Reader, community: str, since: datetime, limit: int) -> Sequence[Hold]:
        """Newest first: those this community (or, with "", the operator) has not decided on."""
        ...

    async def articles(self, reader: Reader, hold: HoldId, after: ArticleId, limit: int) -> Sequence[ArticleId]:
        """By number, those above `after`."""
        ...

    async def say(self, tx: Tx, word: Word) -> bool:
        """False when it was decided before, here or by the operator."""
        ...

    async def words(self, reader: Reader) -> Sequence[Word]:
        """Those still to be carried out, oldest first."""
        ...

    async def communities(self, reader: Reader, hold: HoldId) -> Sequence[str]:
        """Those that decided for themselves."""
        ...

    async def done(self, tx: Tx, word: Word, now: datetime) -> None:
        """The operator's word closes the hold."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Into the hold, in the transactions of a reading."""

    db: Database
    holds: Holds
    articles: Articles
    matching: Matching
    notices: Notices

    async def open(self, tx: Tx, source: Source, reason: str, count: int, now: datetime) -> HoldId:
        """The hold of this reading; of an earlier one that was cut short, if nobody has decided on it yet."""
        log.warning("reading held", source=source.slug, reason=reason, new=count)
        return await self.holds.open(tx, source.id, reason, now)

    async def interrupted(self, source: Source) -> str:
        """Why an earlier reading was held that was cut short: what it did not write belongs to it. "": none was."""
        return await self.holds.unfinished(self.db, source.id)

    async def keep(self, tx: Tx, hold: HoldId, article: ArticleId) -> None:
        await self.holds.keep(tx, hold, article)

    async def announce(self, tx: Tx, number: HoldId, now: datetime) -> None:
        """One notice to the operator and the administrators concerned, with the buttons."""
        hold = await self.holds.of(tx, number)
        articles = await self.holds.articles(tx, number, ArticleId(0), SHOWN)
        if hold is None:
            return
        if not articles:  # all of it were alerts that rang, or articles we knew
            await self.holds.discard(tx, number)
            return
        rules = {
            match.rule
            for facts in await self.articles.facts(tx, articles)
            for match in await self.matching.match(tx, facts)
        }
        operators = await self.notices.operators_chats(tx)
        others = await self.notices.administrators_chats(tx, rules)
        payload = {
            "notice": "hold",
            "hold": number,
            "source": hold.source_title,
            "slug": hold.source_slug,
            "reason": hold.reason,
            "count": hold.count,
            "articles": list(articles),
        }
        chats = {chat.id: chat for chat in (*operators, *others)}
        # With nobody to tell it stays to be told: an operator's chat may be found later.
        if not chats or not await self.holds.announced(tx, number, now):
            return
        await self.notices.tell(tx, f"n:hold:{number}", payload, list(chats.values()), now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """Out of the hold, as somebody decided. A word is a row: a kill at any line repeats what has no effect twice."""

    db: Database
    holding: Holding
    holds: Holds
    articles: Articles
    outbox: Outbox
    stories: Stories
    clock: Clock
    wakes: Wakes

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.sweep()
            await self.wakes.wait(LOOK_AGAIN)

    async def sweep(self) -> None:
        now = self.clock.now()
        for number in await self.holds.unannounced(self.db, now - CUT_SHORT):
            async with self.db.tx() as tx:
                await self.holding.announce(tx, number, now)
        for word in await self.holds.words(self.db):
            try:
                await self._carry_out(word)
            except Exception:  # it stays to be done; the others are not to wait for it
                log.exception("a hold is not settled, it is tried again", hold=word.hold)

    async def _carry_out(self, word: Word) -> None:
        now = self.clock.now()
        hold = await self.holds.of(self.db, word.hold)
        if hold is not None and word.choice is not Choice.DROP:
            await self._release(hold, word, now)
        async with self.db.tx() as tx:
            await self.holds.done(tx, word, now)

    async def _release(self, hold: Hold, word: Word, now: datetime) -> None:
        but = await self.holds.communities(self.db, hold.id) if not word.community else ()
        # From now, not from the word: what was said before we were stopped would leave one by one.
        pace = decide.Pace.all_at(now, hold.count, folded=word.choice is Choice.DIGEST)
        last, place = ArticleId(0), 0
        while numbers := await self.holds.articles(self.db, hold.id, last, AT_ONCE):
            async with self.db.tx() as tx:
                for facts in await self.articles.facts(tx, numbers):
                    until = pace.hold_until(facts, place)
                    place += await self.stories.tell(tx, facts, now, hold_until=until, only=word.community, but=but) > 0
            last = numbers[-1]
            await asyncio.sleep(0)  # a person's command goes first
