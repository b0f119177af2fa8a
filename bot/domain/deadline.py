"""A dated obligation or window, and what pages say of it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

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
    source: SourceId | None = None
    article: ArticleId | None = None
    seen_at: datetime | None = None


CONFIRM_BELOW = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """(programme, stage, edge, region) with its claims, newest first."""

    id: DeadlineId = DeadlineId(0)
    programme: str
    stage: str
    edge: Edge
    region: str = ""
    claims: tuple[Claim, ...] = ()

    def date(self) -> date | None:
        """The newest claim's; None when there is none."""
        return self.claims[0].date if self.claims else None

    def is_disputed(self) -> bool:
        """Two sources say different days: both are shown, never averaged."""
        newest = {claim.source: claim.date for claim in reversed(self.claims)}
        return len(set(newest.values())) > 1
