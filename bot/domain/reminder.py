"""When a deadline is reminded of. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from bot.domain.deadline import Claim, Deadline, Edge
from bot.domain.delivery import reminder_key
from bot.domain.ids import DeadlineId
from bot.domain.standing import PARIS, has_passed, is_vague, standing

OFFSETS = (60, 45, 30, 21, 14, 10, 7, 5, 3, 2, 1)  # days before, among which a channel chooses
OPENS = (7, 1)  # of them, before what opens
VAGUE = (30, 7)  # of them, before what closes some day of a month
AT = time(8, 30)  # on the channel's own clock
EARLIEST = timedelta(hours=14)  # before UTC: where a day begins first


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """Channels that live by one clock and are reminded on the same days."""

    zone: str
    offsets: tuple[int, ...]  # the greatest first

    @classmethod
    def parse(cls, zone: str, offsets: str) -> Self:
        return cls(zone=zone, offsets=tuple(map(int, offsets.split())))

    def text(self) -> str:
        return " ".join(map(str, self.offsets))

    def due_at(self, claim: Claim, offset: int) -> datetime:
        return datetime.combine(claim.date - timedelta(days=offset), AT, ZoneInfo(self.zone)).astimezone(UTC)

    def owed_at(self, claim: Claim, offset: int, known: datetime, now: datetime) -> datetime | None:
        """When it is to be said; None: not at all.

        Only if the day was `known` when it fell due: what is learned eight days before was told a moment ago, and is
        reminded of two days before. Of those that a stop of the bot held up, the nearest comes late.
        """
        if offset not in self.offsets or known >= (due := self.due_at(claim, offset)):
            return None
        passed = [one for one in self.offsets if self.due_at(claim, one) <= now]
        return due if due > now or offset == min(passed) else None


def offsets_ahead(claim: Claim, now: datetime) -> Iterator[int]:
    """Those of which it may be time somewhere."""
    wanted = VAGUE if is_vague(claim) else OFFSETS if claim.edge is Edge.CLOSE else OPENS
    for offset in wanted:
        if datetime.combine(claim.date - timedelta(days=offset), AT, UTC) - EARLIEST <= now:
            yield offset


def next_claim(deadline: Deadline, now: datetime) -> Claim | None:
    """The soonest day that stands and has not passed: who is ready by then is ready in any case."""
    return next((claim for claim in standing(deadline) if not has_passed(claim, now)), None)


def known_since(deadline: Deadline, claim: Claim, now: datetime) -> datetime:
    """When it became the day, or of several that are given, when somebody first gave it."""
    if deadline.agreed and deadline.agreed.date == claim.date and not deadline.is_disputed():
        return deadline.agreed.learned_at or now
    return min((one.learned_at for one in deadline.heard if one.date == claim.date and one.learned_at), default=now)


def ends_at(claim: Claim) -> datetime:
    """After it nobody needs to be reminded. UTC."""
    return claim.at or datetime.combine(claim.date + timedelta(days=1), time(), PARIS).astimezone(UTC)


def keys_of(deadline: DeadlineId, day: date) -> Sequence[str]:
    """Of all the posts that may remind of that day."""
    return [reminder_key(deadline, day, offset) for offset in OFFSETS]
