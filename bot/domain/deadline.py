"""A dated obligation or window, and what pages say of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self

from bot.domain.ids import ArticleId, DeadlineId, SourceId


class Edge(StrEnum):
    OPEN = "open"
    CLOSE = "close"


class Precision(StrEnum):
    """How much of the date the page wrote. Never guess more than it says."""

    HOUR = "hour"
    DAY = "day"
    PART = "part"  # of a month: "mi-juin", "fin juin"; "la semaine prochaine"
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one article says: the date, and the exact words that say it.

    Of a period the date is the last day of what closes in it, the first of what opens in it. Without an hour it ends
    with that day in Paris.
    """

    date: date
    edge: Edge
    what: str  # "dépôt des candidatures"
    phrase: str  # an exact substring of the text
    programme: str = ""  # "care", "hopen"…; "": not a programme
    stage: str = ""  # "domaine 2"
    region: str = ""
    at: datetime | None = None  # the hour where one is written, UTC
    precision: Precision = Precision.DAY
    confidence: float = 1.0  # 0..1; under CONFIRM_BELOW it is shown as "to confirm"
    rule: str = ""  # the form in which the date is written: "day", "span", "after"…
    moves: bool = False  # the text says that another date was moved to this one
    # of a claim that is kept
    source: SourceId | None = None
    article: ArticleId | None = None
    official: bool = False  # the source's word is the authority's own
    stale: bool = False  # a source that said the same has taken it back since
    seen_at: datetime | None = None  # when it was said
    learned_at: datetime | None = None  # when we knew of it

    @property
    def key(self) -> tuple[str, str, Edge, str]:
        """Which deadline of which programme, as far as the text says."""
        return self.programme, self.stage, self.edge, self.region

    @property
    def order(self) -> float:
        """Greater: said later."""
        return self.seen_at.timestamp() if self.seen_at else 0.0

    def payload(self) -> dict[str, Any]:
        """As a post keeps it, and a deadline the last date it had for sure."""
        return {
            "date": self.date.isoformat(),
            "at": None if self.at is None else self.at.isoformat(),
            "precision": self.precision.value,
            "edge": self.edge.value,
            "what": self.what,
            "phrase": self.phrase,
            "programme": self.programme,
            "stage": self.stage,
            "region": self.region,
            "source": self.source,
            "learned_at": None if self.learned_at is None else self.learned_at.isoformat(),
        }

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> Self:
        at, learned_at = payload["at"], payload.get("learned_at")
        return cls(
            date=date.fromisoformat(payload["date"]),
            at=None if at is None else datetime.fromisoformat(at),
            precision=Precision(payload["precision"]),
            edge=Edge(payload["edge"]),
            what=payload["what"],
            phrase=payload["phrase"],
            programme=payload["programme"],
            stage=payload["stage"],
            region=payload["region"],
            source=payload.get("source"),
            learned_at=None if learned_at is None else datetime.fromisoformat(learned_at),
        )


CONFIRM_BELOW = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """(programme, stage, edge, region) and what it is of, with its claims, newest first."""

    id: DeadlineId = DeadlineId(0)
    programme: str
    stage: str
    edge: Edge
    region: str = ""
    subject: str = ""  # what it is of, folded
    agreed: Claim | None = None  # the last date that all who count gave, and since when: what people were told
    changes: int = 0  # of what is said of it; never less than it was
    changed_at: datetime | None = None
    claims: tuple[Claim, ...] = ()

    @property
    def heard(self) -> tuple[Claim, ...]:
        """The claims that count, newest first: where an authority speaks for itself, nobody else's date does."""
        fresh = tuple(claim for claim in self.claims if not claim.stale) or self.claims
        return tuple(claim for claim in fresh if claim.official) or fresh

    @property
    def settled(self) -> Claim | None:
        """The newest claim of the one day all who count give; None when there is none, or when they disagree."""
        return None if self.is_disputed() or not self.claims else self.heard[0]

    def date(self) -> date | None:
        """The day of what is settled."""
        return self.settled.date if self.settled else None

    def is_disputed(self) -> bool:
        """Two sources say different days: both are shown, never averaged."""
        newest = {claim.source: claim.date for claim in reversed(self.heard)}
        return len(set(newest.values())) > 1

    def told_again(self, claim: Claim) -> Self:
        """With this claim, in the place of what its article said before.

        Where a source takes a day back, whoever repeated that day before knew less: an agency's relay of the old date
        is no disagreement until it says so again.
        """
        before = next((one for one in self.claims if one.source == claim.source), None)
        own = next((one for one in self.claims if one.article == claim.article), None)
        if own is not None and own.date == claim.date:
            claim = replace(claim, learned_at=own.learned_at)  # in other words, or with an hour: it is the same day
        others = [one for one in self.claims if (one.source, one.article) != (claim.source, claim.article)]
        if before is not None and before.date != claim.date and claim.order >= before.order:
            others = [_taken_back(one, before, claim) for one in others]
        return replace(self, claims=tuple(sorted((claim, *others), key=lambda one: one.order, reverse=True)))

    def without(self, article: ArticleId) -> Self:
        """That article says nothing of it any more."""
        return replace(self, claims=tuple(one for one in self.claims if one.article != article))


def _taken_back(other: Claim, before: Claim, claim: Claim) -> Claim:
    is_repeat = other.source != claim.source and other.date == before.date and other.order <= claim.order
    return replace(other, stale=True) if is_repeat and claim.official >= other.official else other
