"""What articles claim of deadlines, into the rows, and what it owes when a date has moved. docs/design/deadlines.md."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.article import Facts
from bot.domain.deadline import CONFIRM_BELOW, Claim, Deadline
from bot.domain.delivery import Breaks, Post, PostKind, Prio, shift_key
from bot.domain.ids import ArticleId, DeadlineId
from bot.domain.milestone import KIND
from bot.domain.source import Source, Trust
from bot.domain.words import words
from bot.pipeline.matching import Matching
from bot.ports import Tx
from bot.stores import Articles, Deadlines, Outbox

MOST = 12  # of one article: a page of more is a calendar, whose every line is an entry of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """The one day all that count gave, and the one they give now."""

    deadline: Deadline  # as it is now
    old: Claim
    new: Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """In the transaction that writes the article. An article without a date costs nothing."""

    rows: Deadlines
    articles: Articles
    outbox: Outbox
    matching: Matching

    async def note(
        self, tx: Tx, source: Source, facts: Facts, said: Sequence[Claim], now: datetime, *, again: bool = False
    ) -> Sequence[Move]:
        """`said`: what was understood of the article `facts`; `again`: it is told anew, in other words perhaps."""
        wanted = [one for one in said if one.programme or one.confidence >= CONFIRM_BELOW][:MOST]
        before = await self.rows.of_article(tx, facts.number) if again else ()
        moves, kept = [], set[DeadlineId]()
        for claim in wanted:
            claim = self._signed(claim, source, facts, now, again=again)
            deadline = await self._deadline_of(tx, claim, facts, [one for one in before if one.id not in kept], kept)
            kept.add(deadline.id)
            if _says(deadline, claim):
                continue  # told again in the same words: nothing was said later than it was
            after = deadline.told_again(claim)
            await self.rows.claim(tx, deadline.id, claim)
            if (move := _move(deadline, after)) is not None:
                moves.append(move)
        for one in before:
            if one.id not in kept:
                await self.rows.withdraw(tx, one.id, facts.number)
        return moves

    async def tell(self, tx: Tx, source: Source, facts: Facts, moves: Sequence[Move], now: datetime) -> None:
        """One post a move, to whoever was told of the deadline or wants this article. A first reading tells nothing,
        and a living page tells its own moves (`bot.pipeline.milestones`)."""
        if source.last_success is None or source.kind == KIND:
            return
        for move in moves:
            if move.new.date < now.date() and move.old.date < now.date():
                continue
            told = [one.article for one in move.deadline.claims if one.article is not None]
            stories = {one.story for one in await self.articles.facts(tx, sorted(set(told)))}
            await self.outbox.owe(
                tx,
                _post(move, facts.number, now),
                [match.rule for match in await self.matching.match(tx, facts)],
                now=now,
                breaks_quiet=Breaks.NOBODY,
                hold_until=None,
                told_of=sorted(stories),
                hushed=await self.matching.hushed(tx, facts, now),
            )

    def _signed(self, claim: Claim, source: Source, facts: Facts, now: datetime, *, again: bool) -> Claim:
        """With who says it, and when: an article of last month that we read today says nothing new."""
        published = facts.article.published or facts.article.first_seen
        return replace(
            claim,
            source=source.id,
            article=facts.number,
            official=source.trust is Trust.OFFICIAL,
            seen_at=now if again else min(published, now),
            learned_at=now,
        )

    async def _deadline_of(
        self, tx: Tx, claim: Claim, facts: Facts, before: Sequence[Deadline], taken: set[DeadlineId]
    ) -> Deadline:
        """The one it speaks of; a new one rather than a wrong one, for what is joined wrongly moves a date."""
        own = [one for one in before if _key(one) == claim.key]
        for one in own:
            if len(own) == 1 or _subject(claim) in one.subject or _says(one, claim):
                return one
        known = [one for one in await self.rows.like(tx, claim, facts.story) if one.id not in taken]
        same = [one for one in known if _tells(one, claim)] or [one for one in known if _is_of(one, claim, facts)]
        if not same and claim.moves and len(known) == 1:  # "reporté au": of the only one there is
            same = known
        if same:
            return same[0]
        subject = _subject(claim) if claim.programme else f"{facts.story}:{_subject(claim)}"
        while any(one.subject == subject for one in before):
            subject += " +"
        number = await self.rows.add(tx, claim, subject)
        while number in taken:  # two days of one kind in one article are two deadlines
            subject += " +"
            number = await self.rows.add(tx, claim, subject)
        programme, stage, edge, region = claim.key
        found = await self.rows.one(tx, number)
        return found or Deadline(id=number, programme=programme, stage=stage, edge=edge, region=region, subject=subject)


def _key(deadline: Deadline) -> tuple[str, str, str, str]:
    return deadline.programme, deadline.stage, deadline.edge, deadline.region


def _subject(claim: Claim) -> str:
    return " ".join(words(claim.what))


def _is_of(deadline: Deadline, claim: Claim, facts: Facts) -> bool:
    subject = _subject(claim) if claim.programme else f"{facts.story}:{_subject(claim)}"
    return deadline.subject == subject


def _tells(deadline: Deadline, claim: Claim) -> bool:
    """Somebody gives that very day for it, in whatever words."""
    return any(one.date == claim.date for one in deadline.claims)


def _says(deadline: Deadline, claim: Claim) -> bool:
    """The article said it already."""
    return any(
        (one.article, one.source, one.date, one.at, one.phrase)
        == (claim.article, claim.source, claim.date, claim.at, claim.phrase)
        for one in deadline.claims
    )


def _move(before: Deadline, after: Deadline) -> Move | None:
    old, new = before.date(), after.date()
    if old is None or new is None or old == new:
        return None
    return Move(deadline=after, old=before.heard[0], new=after.heard[0])


def _post(move: Move, article: ArticleId, now: datetime) -> Post:
    """Each change of the rows is one move: the key is that of the moment it was told."""
    return Post(
        key=shift_key(move.deadline.id, now),
        kind=PostKind.MOVED,
        prio=Prio.REMINDER,
        payload={
            "articles": [article],
            "deadline": move.deadline.id,
            "was": move.old.payload(),
            "is": move.new.payload(),
        },
        created_at=now,
    )
