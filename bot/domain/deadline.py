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
    seen_at: datetime | None = None  # when it was said
    learned_at: datetime | None = None  # when we knew of it

    @property
    def key(self) -> tuple[str, str, Edge, str]:
        """Which deadline of which programme, as far as the text says."""
        return self.programme, self.stage, self.edge, self.region

    def payload(self) -> dict[str, Any]:
        """As a post keeps it."""
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
        }

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> Self:
        at = payload["at"]
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
    claims: tuple[Claim, ...] = ()

    @property
    def heard(self) -> tuple[Claim, ...]:
        """The claims that count, newest first: where an authority speaks for itself, nobody else's date does."""
        return tuple(claim for claim in self.claims if claim.official) or self.claims

    def date(self) -> date | None:
        """The one day all sources that count give by now; None when there is none, or when they disagree."""
        return None if self.is_disputed() or not self.claims else self.heard[0].date

    def is_disputed(self) -> bool:
        """Two sources say different days: both are shown, never averaged."""
        newest = {claim.source: claim.date for claim in reversed(self.heard)}
        return len(set(newest.values())) > 1

    def told_again(self, claim: Claim) -> Self:
        """With this claim, in the place of what its article said before."""
        others = [one for one in self.claims if (one.source, one.article) != (claim.source, claim.article)]
        claims = sorted((claim, *others), key=lambda one: one.seen_at.timestamp() if one.seen_at else 0.0, reverse=True)
        return replace(self, claims=tuple(claims))
