"""What demands action now: its type and its severity."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class AlertType(StrEnum):
    CARE_CALL = "care_call"
    FUNDING_CALL = "funding_call"
    VULNERABILITY = "vulnerability"
    INCIDENT = "incident"
    OUTAGE = "outage"
    REGULATION_DEADLINE = "regulation_deadline"


class Severity(IntEnum):
    """Ordered, so that "from warning" is a comparison."""

    INFO = 1
    WARNING = 2
    CRITICAL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    type: AlertType
    severity: Severity
    signals: tuple[str, ...] = ()  # the names of what decided, strongest first: `why` can say them
