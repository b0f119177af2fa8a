"""Deadlines as people see them: what counts of each, with the articles that say it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.article import Facts
from bot.domain.deadline import Claim, Deadline
from bot.domain.ids import ArticleId, DeadlineId
from bot.domain.standing import has_passed, standing
from bot.domain.words import fold
from bot.ports import Database
from bot.stores import Articles, Deadlines, Sources
from bot.text.sentences import sentences

MOST = 200  # of all that is ahead: a calendar of more is read by nobody
LONGEST_QUOTE = 300  # characters
ONE_DAY = timedelta(days=1)  # a day without an hour is in the rows as one moment of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One claim, and where it stands."""

    claim: Claim
    source: str  # title; "": no longer known
    facts: Facts | None  # of the article; None: its text is kept no longer

    @property
    def url(self) -> str:
        return self.facts.article.url if self.facts else ""

    @property
    def quote(self) -> str:
        """The sentence that says it, if it is known and short; else the bare words of the date."""
        phrase, texts = self.claim.phrase, self.facts.texts if self.facts else ()
        told = (sentence for text in texts for sentence in sentences(text) if phrase and phrase in sentence)
        return next((sentence for sentence in told if len(sentence) <= LONGEST_QUOTE), phrase)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A deadline and what stands of it (`bot.domain.standing`): one claim, or those of sources that disagree."""

    deadline: Deadline
    said: tuple[Said, ...]  # never empty

    def next(self, now: datetime) -> Said:
        """The soonest that has not passed: who is ready by then is ready in any case. Else the last."""
        return next((one for one in self.said if not has_passed(one.claim, now)), self.said[-1])

    def is_about(self, topic: str) -> bool:
        """Its programme, or what the articles are about."""
        about = (topic in one.facts.understanding.topics for one in self.said if one.facts)
        return fold(self.deadline.programme) == topic or any(about)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    db: Database
    deadlines: Deadlines
    articles: Articles
    sources: Sources

    async def coming(self, now: datetime, *, passed: timedelta = timedelta(), topic: str = "") -> Sequence[Due]:
        """Soonest first; `passed`: with those of this last while."""
        after = now - passed
        found = await self._told(await self.deadlines.coming(self.db, after - ONE_DAY, MOST))
        kept = [due for due in found if not has_passed(due.next(after).claim, after)]
        return sorted(
            (due for due in kept if not topic or due.is_about(topic)), key=lambda due: _order(due.next(after).claim)
        )

    async def one(self, number: DeadlineId) -> Due | None:
        """Passed or not."""
        deadline = await self.deadlines.one(self.db, number)
        found = await self._told([deadline] if deadline is not None else [])
        return found[0] if found else None

    async def _told(self, deadlines: Sequence[Deadline]) -> Sequence[Due]:
        claims = {deadline.id: standing(deadline) for deadline in deadlines}
        numbers = sorted({one.article for stand in claims.values() for one in stand if one.article is not None})
        facts = {one.number: one for one in await self.articles.facts(self.db, numbers)}
        titles = {source.id: source.title for source in await self.sources.all()}
        return [
            Due(
                deadline=deadline,
                said=tuple(
                    Said(
                        claim=claim,
                        source=titles.get(claim.source, "") if claim.source is not None else "",
                        facts=facts.get(claim.article or ArticleId(0)),
                    )
                    for claim in claims[deadline.id]
                ),
            )
            for deadline in deadlines
            if claims[deadline.id]
        ]


def _order(claim: Claim) -> tuple[str, str]:
    """A day without an hour ends after all its hours."""
    return claim.date.isoformat(), claim.at.isoformat() if claim.at is not None else "~"
