"""What the claims of a deadline come to, and how long there is until then. Pure."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.domain.deadline import CONFIRM_BELOW, Claim, Deadline, Precision
from bot.domain.ids import SourceId

PARIS = ZoneInfo("Europe/Paris")  # where a day without an hour ends


def standing(deadline: Deadline) -> tuple[Claim, ...]:
    """The newest claim; of a disputed deadline the newest for each day some source still gives, soonest first."""
    if not deadline.is_disputed():
        return deadline.heard[:1]
    newest: dict[SourceId | None, Claim] = {}
    for claim in deadline.heard:
        newest.setdefault(claim.source, claim)
    days: dict[date, Claim] = {}
    for claim in newest.values():
        days.setdefault(claim.date, claim)
    return tuple(days[day] for day in sorted(days))


def is_sure(deadline: Deadline) -> bool:
    """An authority says so, or two sources of which neither is one, in words that leave no doubt."""
    claim = deadline.settled
    if claim is None:
        return not deadline.claims
    others = {one.source for one in deadline.heard if one.date == claim.date}
    return claim.confidence >= CONFIRM_BELOW and (claim.official or len(others) > 1)


def is_vague(claim: Claim) -> bool:
    """The page names no day: the date is the last one that is meant, or of what opens the first."""
    return claim.precision not in (Precision.HOUR, Precision.DAY)


def has_passed(claim: Claim, now: datetime) -> bool:
    return claim.at < now if claim.at is not None else claim.date < now.astimezone(PARIS).date()


def days_left(claim: Claim, now: datetime, zone: ZoneInfo) -> int:
    """By the calendar, 0 today. An hour is read on the reader's clock, a day without one ends in Paris."""
    if claim.at is not None:
        return (claim.at.astimezone(zone).date() - now.astimezone(zone).date()).days
    return (claim.date - now.astimezone(PARIS).date()).days
