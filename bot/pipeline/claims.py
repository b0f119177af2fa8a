"""What articles claim of deadlines, into the rows, and what it owes when a date has moved. docs/design/deadlines.md."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.article import Facts
from bot.domain.deadline import CONFIRM_BELOW, Claim, Deadline
from bot.domain.delivery import Breaks, Post, PostKind, Prio, move_key
from bot.domain.ids import StoryId
from bot.domain.joining import AGAIN, join, subject_of
from bot.domain.milestone import KIND
from bot.domain.reminder import keys_of
from bot.domain.source import Source, Trust
from bot.domain.standing import has_passed, is_sure, standing
from bot.pipeline.matching import Matching
from bot.ports import Tx
from bot.stores import Articles, Deadlines, Outbox
from bot.text.regions import region_of

MOST = 12  # of one article: a page of more is a calendar, whose every line is an entry of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """The one day all that count gave, and the one they give now."""

    deadline: Deadline  # as it is now
    old: Claim
    new: Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What became of an article's claims."""

    moves: tuple[Move, ...] = ()
    follows: bool = False  # it gives a day that others gave before it: a move that was told already


NOTHING = Noted()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """In the transaction that writes the article. An article without a date costs nothing."""

    rows: Deadlines
    articles: Articles
    outbox: Outbox
    matching: Matching

    async def note(
        self, tx: Tx, source: Source, facts: Facts, said: Sequence[Claim], now: datetime, *, again: bool = False
    ) -> Noted:
        """`said`: what was understood of the article `facts`; `again`: it is told anew, in other words perhaps."""
        wanted = [one for one in said if one.programme or one.confidence >= CONFIRM_BELOW][:MOST]
        own = await self.rows.of_article(tx, facts.number) if again else ()
        claims = [_signed(one, source, facts, now, again=again) for one in wanted]
        joined = join(claims, own, await self._known(tx, source, claims, facts), now)
        moves, follows = list[Move](), False
        for claim, deadline in joined:
            if deadline is None and has_passed(claim, now):
                continue  # what is over when we learn of it raises nothing
            before = deadline or await self._new(tx, claim, facts)
            if _says(before, claim):
                continue  # told again in the same words: nothing was said later than it was
            move = await self._change(tx, before, before.told_again(claim), now)
            follows |= move is None and _is_moved_by(before, claim)
            moves += [move] if move else []
        spoken = {deadline.id for _, deadline in joined if deadline}
        for one in own:
            mine = [claim for claim in one.claims if claim.article == facts.number]
            if one.id not in spoken and not all(has_passed(claim, now) for claim in mine):
                move = await self._change(tx, one, one.without(facts.number), now)
                moves += [move] if move else []
        return Noted(moves=tuple(moves), follows=follows)

    async def tell(self, tx: Tx, source: Source, facts: Facts, noted: Noted, now: datetime) -> None:
        """One post a move, to whoever was told of the deadline or wants this article. A first reading tells nothing,
        and a living page tells its own moves (`bot.pipeline.milestones`)."""
        if source.last_success is None or source.kind == KIND:
            return
        for place, move in enumerate(noted.moves):
            if has_passed(move.new, now) and has_passed(move.old, now):
                continue
            await self.outbox.owe(
                tx,
                _post(move, facts, place, now),
                [match.rule for match in await self.matching.match(tx, facts)],
                now=now,
                breaks_quiet=Breaks.NOBODY,
                hold_until=None,
                told_of=await self.stories(tx, move.deadline, facts),
                hushed=await self.matching.hushed(tx, facts, now),
            )

    async def stories(self, tx: Tx, deadline: Deadline, facts: Facts) -> Sequence[StoryId]:
        """In which it was told, that of `facts` included."""
        numbers = sorted({one.article for one in deadline.claims if one.article is not None})
        return sorted({facts.story, *(one.story for one in await self.articles.facts(tx, numbers))})

    async def _known(self, tx: Tx, source: Source, claims: Sequence[Claim], facts: Facts) -> Sequence[Deadline]:
        """Those that may be meant. Another line of a living page is another deadline, whatever it is called."""
        found = {
            one.key: await self.rows.like(tx, one, facts.story) for one in {one.key: one for one in claims}.values()
        }
        known = {one.id: one for deadlines in found.values() for one in deadlines}.values()
        return [one for one in known if source.kind != KIND or all(said.source != source.id for said in one.claims)]

    async def _new(self, tx: Tx, claim: Claim, facts: Facts) -> Deadline:
        """A new one rather than a wrong one: what is joined wrongly moves a date."""
        subject = subject_of(claim, facts.story)
        while (number := await self.rows.add(tx, claim, subject)) is None:
            subject += AGAIN
        programme, stage, edge, region = claim.key
        return Deadline(id=number, programme=programme, stage=stage, edge=edge, region=region, subject=subject)

    async def _change(self, tx: Tx, before: Deadline, after: Deadline, now: datetime) -> Move | None:
        """What is owed for a day that nobody gives any more is not said."""
        settled, agreed = after.settled, before.agreed
        if settled is not None:
            is_same = agreed is not None and before.date() == settled.date
            agreed = replace(settled, learned_at=agreed.learned_at if agreed and is_same else now)
        told = replace(after, agreed=agreed, changes=before.changes + 1, changed_at=now)
        await self.rows.change(tx, before, told)
        gone = {one.date for one in standing(before)} - {one.date for one in standing(after)}
        if gone:
            await self.outbox.retract(tx, [key for day in sorted(gone) for key in keys_of(before.id, day)])
        old = before.agreed or before.settled
        return Move(deadline=told, old=old, new=settled) if old and settled and _is_other(old, settled) else None


def _signed(claim: Claim, source: Source, facts: Facts, now: datetime, *, again: bool) -> Claim:
    """With who says it, of which region, and when: an article of last month that we read today says nothing new."""
    published = facts.article.published or facts.article.first_seen
    return replace(
        claim,
        region=claim.region or region_of(facts.article.title, source.title),
        source=source.id,
        article=facts.number,
        official=source.trust is Trust.OFFICIAL,
        seen_at=now if again else min(published, now),
        learned_at=now,
    )


def _says(deadline: Deadline, claim: Claim) -> bool:
    """The article said it already."""
    return any(
        (one.article, one.source, one.date, one.at, one.phrase)
        == (claim.article, claim.source, claim.date, claim.at, claim.phrase)
        for one in deadline.claims
    )


def _is_other(old: Claim, new: Claim) -> bool:
    """Another day, or of one source another hour."""
    hours = {old.at, new.at} if old.source == new.source else set()
    return old.date != new.date or (len(hours) > 1 and None not in hours)


def _is_moved_by(before: Deadline, claim: Claim) -> bool:
    """Its article gave another day, and gives by now the one people were told."""
    own = next((one for one in before.claims if one.article == claim.article), None)
    told = before.agreed or before.settled
    return own is not None and own.date != claim.date and told is not None and told.date == claim.date


def _post(move: Move, facts: Facts, place: int, now: datetime) -> Post:
    """A revision of an article moves a date once; `place` of several."""
    return Post(
        key=move_key(facts.number, facts.revision) + (f":{place + 1}" if place else ""),
        kind=PostKind.MOVED,
        prio=Prio.REMINDER,
        payload={
            "articles": [facts.number],
            "deadline": move.deadline.id,
            "was": move.old.payload(),
            "is": move.new.payload(),
            "unsure": not is_sure(move.deadline),
        },
        created_at=now,
    )
