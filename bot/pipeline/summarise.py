"""A better summary, where somebody else writes one: asked for once the article is known and owed, so that no reading
and no alert ever waits for it. What was sent meanwhile with our own is edited.

Severity, dates and all else stay what understanding found; an advisory keeps its template.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.domain.article import Facts
from bot.domain.ids import ArticleId
from bot.domain.milestone import is_milestone
from bot.domain.source import Trust
from bot.domain.summary import Written
from bot.errors import ModelError, UnusableAnswer
from bot.ports import Clock, Database, Reader, Summariser, Tx
from bot.stores import Articles, Outbox
from bot.text.faithful import shown, why_refused
from bot.text.summary import SHORT

AT_ONCE = 20  # articles looked at before looking again for newer ones
RECENT = timedelta(days=2)  # an older article is in no post that anybody still reads
MOST_CALLS = 500  # a day, UTC: a busy catalogue has fewer articles worth one
LOOK_AGAIN = timedelta(seconds=10)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)  # after an endpoint that does not answer

log = structlog.get_logger()


class Summaries(Protocol):
    async def waiting(self, model: str, since: datetime, limit: int) -> Sequence[tuple[ArticleId, str]]:
        """Articles as they are now (number, content hash) that had no turn yet, newest first."""
        ...

    async def written(self, reader: Reader, text_hash: str, model: str) -> Written | None: ...

    async def keep(self, tx: Tx, text_hash: str, model: str, written: Written, now: datetime) -> None: ...

    async def turn(self, tx: Tx, article: ArticleId, content_hash: str, model: str) -> None: ...

    async def show(self, tx: Tx, article: ArticleId, content_hash: str, summary: str) -> bool:
        """False when the article has changed meanwhile, or says so already."""
        ...

    async def call(self, tx: Tx, now: datetime, most: int) -> bool:
        """Counts one; False when there were so many today already."""
        ...

    async def forget(self, tx: Tx, now: datetime) -> None:
        """What is too old to be asked about again."""
        ...


@dataclass(slots=True, kw_only=True)
class Summarise:
    """A flow; `summariser` may fail as it likes: it is left alone for a while, and nothing else notices."""

    db: Database
    articles: Articles
    summaries: Summaries
    outbox: Outbox
    summariser: Summariser
    clock: Clock
    most_calls: int = MOST_CALLS
    _pause: timedelta = field(default=FIRST_PAUSE)
    _is_down: bool = False

    async def run(self) -> None:
        """Until cancelled."""
        async with self.db.tx() as tx:
            await self.summaries.forget(tx, self.clock.now())
        while True:
            wait = await self.sweep()
            await asyncio.sleep(wait.total_seconds())

    async def sweep(self) -> timedelta:
        """Whatever waits, newest first; how long to wait for more."""
        waiting = await self.summaries.waiting(self.summariser.name, self.clock.now() - RECENT, AT_ONCE)
        for number, content_hash in waiting:
            try:
                if not await self._take(number, content_hash):
                    return LONGEST_PAUSE
            except ModelError as error:
                return self._down(error)
        return timedelta() if len(waiting) == AT_ONCE else LOOK_AGAIN

    def _down(self, error: ModelError) -> timedelta:
        """Later each time; told once."""
        if not self._is_down:
            log.warning("the language model does not answer; our own summaries stand", error=str(error))
        wait, self._is_down = max(error.after or timedelta(), self._pause), True
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        return wait

    async def _take(self, number: ArticleId, content_hash: str) -> bool:
        """One article's turn; False when the day's calls are used up. Raises ModelError: its turn is still to come."""
        model = self.summariser.name
        facts = next(iter(await self.articles.facts(self.db, [number])), None)
        if facts is None or not is_asked(facts):
            async with self.db.tx() as tx:
                await self.summaries.turn(tx, number, content_hash, model)
            return True
        text_hash = hashlib.sha256(shown(facts.article).encode("utf-8", "replace")).hexdigest()
        written = await self.summaries.written(self.db, text_hash, model)
        if written is None:
            async with self.db.tx() as tx:
                may_ask = await self.summaries.call(tx, self.clock.now(), self.most_calls)
            if not may_ask:
                return False
            written = await self._asked(facts)
        async with self.db.tx() as tx:
            await self.summaries.keep(tx, text_hash, model, written, self.clock.now())
            await self.summaries.turn(tx, number, content_hash, model)
            if written.summary and await self.summaries.show(tx, number, content_hash, written.summary):
                await self.outbox.revise(tx, facts.story)
        return True

    async def _asked(self, facts: Facts) -> Written:
        language = facts.understanding.language
        try:
            said = await self.summariser.summarise(facts.article, language)
        except UnusableAnswer as error:
            written = Written(refused=str(error))
        else:
            why = why_refused(said, facts.article, language)
            written = Written(refused=why) if why else Written(summary=said)
        if self._is_down:
            log.info("the language model answers again", model=self.summariser.name)
        self._pause, self._is_down = FIRST_PAUSE, False
        return written


def is_asked(facts: Facts) -> bool:
    """Not of an advisory or a dated line, which have their own form, nor of a text as short as a summary."""
    article = facts.article
    is_advisory = article.trust is Trust.OFFICIAL and bool(facts.understanding.cves)
    return not is_advisory and not is_milestone(article) and len(f"{article.chapeau} {article.body}") > SHORT
