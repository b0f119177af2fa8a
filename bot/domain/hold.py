"""A reading kept back: why, how much, and what was decided of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.ids import HoldId, SourceId


class Choice(StrEnum):
    DIGEST = "digest"  # all of it as one post a channel
    RELEASE = "release"  # as if it had just been read: the first few at once, the rest in one post
    DROP = "drop"  # told to nobody; it stays in the archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    id: HoldId
    source: SourceId
    source_title: str
    source_slug: str
    reason: str  # "burst", "turned"
    count: int
    created_at: datetime
    closed_at: datetime | None = None  # the operator's word has been carried out


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What somebody decided. `community`: for whom; "": for everybody who has not said otherwise."""

    hold: HoldId
    community: str
    choice: Choice
    said_at: datetime
