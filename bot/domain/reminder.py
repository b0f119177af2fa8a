"""When a deadline is reminded of. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from bot.domain.deadline import Claim, Deadline, Edge
from bot.domain.standing import PARIS, has_passed, is_vague, standing

CLOSES = (30, 14, 7, 2, 1)  # days before
OPENS = (7, 1)
VAGUE = (30, 7)  # of what closes some day of a month
AT = time(8, 30)  # in Paris, whose days the pages count; quiet hours hold it where it is night


def next_claim(deadline: Deadline, now: datetime) -> Claim | None:
    """The soonest day that stands and has not passed: who is ready by then is ready in any case."""
    return next((claim for claim in standing(deadline) if not has_passed(claim, now)), None)


def offset_due(deadline: Deadline, claim: Claim, now: datetime) -> int | None:
    """How many days before `claim` a reminder is due by now; None: none is.

    The nearest one only, and only if the day was known when it fell due: what is learned eight days before was told
    a moment ago, and is reminded of two days before. A reminder that a stop of the bot held up comes late.
    """
    known = min((one.learned_at for one in deadline.heard if one.date == claim.date and one.learned_at), default=now)
    for offset in sorted(_offsets(claim)):
        due = datetime.combine(claim.date - timedelta(days=offset), AT, PARIS)
        if due <= now:
            return offset if known < due else None
    return None


def ends_at(claim: Claim) -> datetime:
    """After it nobody needs to be reminded. UTC."""
    return claim.at or datetime.combine(claim.date + timedelta(days=1), time(), PARIS).astimezone(UTC)


def _offsets(claim: Claim) -> Sequence[int]:
    if is_vague(claim):
        return VAGUE
    return CLOSES if claim.edge is Edge.CLOSE else OPENS
