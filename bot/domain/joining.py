"""Which deadline a claim speaks of: the same one in two texts, never two in one. Pure. docs/design/deadlines.md."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.domain.deadline import Claim, Deadline
from bot.domain.ids import DeadlineId
from bot.domain.standing import has_passed
from bot.domain.words import words

REOPENED = timedelta(days=60)  # after its end a deadline may still be moved by who says so; then it is another one
ANY = ("echeance", "ouverture", "periode")  # what a deadline is called that is not called anything
AGAIN = " +"  # after the subject of a second one of the same kind

Fits = Callable[[Deadline, Claim], bool]


def join(
    claims: Sequence[Claim], own: Sequence[Deadline], known: Sequence[Deadline], now: datetime
) -> list[tuple[Claim, Deadline | None]]:
    """Each claim of one article with its deadline, None: a new one. No two claims are of one deadline.

    `own`: what the article claimed something of when it was last read; `known`: those of other articles that may be
    meant. The surest sign decides first, over all claims: a line that is put before another must not take its place.
    """
    found: dict[int, Deadline] = {}
    taken: set[DeadlineId] = set()
    others = [one for one in known if one.id not in {mine.id for mine in own}]

    def settle(deadlines: Sequence[Deadline], fits: Fits, *, alone: bool) -> None:
        for place, claim in enumerate(claims):
            free = [one for one in deadlines if one.id not in taken and place not in found and fits(one, claim)]
            if free and (len(free) == 1 or not alone):
                found[place] = min(free, key=_day)
                taken.add(found[place].id)

    def is_left(deadline: Deadline, claim: Claim) -> bool:
        left = [one for place, one in enumerate(claims) if place not in found and one.edge is claim.edge]
        return len(left) == 1 and _is_of(deadline, claim) and (_is_any(claim.what) or _is_any(_subject(deadline)))

    settle(own, lambda one, claim: one.edge is claim.edge and _gives_its_day(one, claim), alone=False)
    # Who says of what is over that it was on such a day moves nothing.
    over = {place for place, claim in enumerate(claims) if place not in found and has_passed(claim, now)}
    claims = [claim for place, claim in enumerate(claims) if place not in over]
    found = {place - sum(gone < place for gone in over): one for place, one in found.items()}
    settle(others, lambda one, claim: _is_open(one, _since(claim, now)) and _gives_its_day(one, claim), alone=False)
    own = [one for one in own if _is_open(one, now - REOPENED)]
    settle(own, lambda one, claim: _is_of(one, claim) and _is_called_so(one, claim), alone=False)
    settle(others, lambda one, claim: _may_be_moved(one, claim, now) and _is_called_so(one, claim), alone=True)
    settle(own, is_left, alone=True)
    settle(others, lambda one, claim: claim.moves and _may_be_moved(one, claim, now), alone=True)
    return [(claim, found.get(place)) for place, claim in enumerate(claims)]


def subject_of(claim: Claim, story: int) -> str:
    """Of no programme a deadline is its story's own."""
    called = " ".join(words(claim.what))
    return called if claim.programme else f"{story}:{called}"


def _subject(deadline: Deadline) -> str:
    return deadline.subject.rpartition(":")[2].rstrip(AGAIN)


def _is_of(deadline: Deadline, claim: Claim) -> bool:
    return (deadline.programme, deadline.stage, deadline.edge) == (claim.programme, claim.stage, claim.edge)


def _gives_its_day(deadline: Deadline, claim: Claim) -> bool:
    """Somebody gives that very day for it, in whatever words. A region's agency may repeat the whole country's."""
    return any(one.date == claim.date for one in deadline.claims)


def _is_called_so(deadline: Deadline, claim: Claim) -> bool:
    called = " ".join(words(claim.what))
    return called == _subject(deadline) or any(" ".join(words(one.what)) == called for one in deadline.claims)


def _is_any(what: str) -> bool:
    return " ".join(words(what)).startswith(ANY)


def _is_open(deadline: Deadline, since: datetime) -> bool:
    """Last year's call is not this year's, whatever both are called."""
    heard = deadline.heard or ((deadline.agreed,) if deadline.agreed else ())
    return any(not has_passed(one, since) for one in heard)


def _since(claim: Claim, now: datetime) -> datetime:
    return now - REOPENED if claim.moves else now


def _may_be_moved(deadline: Deadline, claim: Claim, now: datetime) -> bool:
    """By an article that gives another day: only where the words leave no doubt which deadline they are of.

    A programme without a stage has many calls, so there an article must say that it moves one.
    """
    is_sure = bool(claim.stage) or claim.moves or not claim.programme
    return is_sure and deadline.region == claim.region and _is_open(deadline, _since(claim, now))


def _day(deadline: Deadline) -> str:
    return min((one.date.isoformat() for one in deadline.heard), default="")
