"""A place we watch, when it is due, and its back-off."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from bot.domain.ids import SourceId

MOST_OF_A_COMMUNITY = 10  # sources one chat or server may have added
LONGEST_DELAY = timedelta(days=1)  # of a back-off
# A source that asks for no interval is read at the operator's shortest when it has just said something, and less and
# less often while it says nothing, up to ten times that.
SLOWER, SLOWEST = 1.5, 10


class Trust(StrEnum):
    """Whose word it is. Severity listens to it: a text that claims to be CERT-FR is not CERT-FR."""

    OFFICIAL = "official"
    PRESS = "press"
    VENDOR = "vendor"
    OTHER = "other"


class Origin(StrEnum):
    """Who added the source. A sources file owns its slugs: what it no longer lists is disabled."""

    FILE = "file"
    CHAT = "chat"
    COMMAND_LINE = "command line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """Bounds of every interval (`TOCSIN_POLL_MIN_SECONDS`, `…_MAX_SECONDS`); Retry-After alone may exceed them."""

    least: timedelta
    most: timedelta

    def clamp(self, interval: timedelta) -> timedelta:
        return min(max(interval, self.least), self.most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What the catalogue says of a place, and where the last reading of it stands."""

    id: SourceId = SourceId(0)  # 0: not kept yet
    slug: str
    title: str
    url: str
    kind: str | None = None  # a file of adapters/sources; None: found out at the first reading
    language: str | None = None
    topics: tuple[str, ...] = ()
    trust: Trust = Trust.OTHER
    every: timedelta | None = None  # asked by the catalogue; None: the source's own rhythm
    options: Mapping[str, str] = field(default_factory=dict)
    origin: Origin = Origin.FILE
    enabled: bool = True
    community: str = ""  # the chat or server that asked for it; "": nobody in chat
    pending: bool = False  # waits for the operator's word, and is not read
    # the state of reading
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    next_fetch_at: datetime | None = None  # None: at once
    interval: timedelta | None = None  # its own rhythm, as far as it is known
    fails: int = 0  # in a row
    last_success: datetime | None = None  # None: its first reading is still to come, and goes to the archive only
    last_error: str | None = None  # code of the last SourceError, None after a success

    def is_due(self, now: datetime) -> bool:
        return self.enabled and not self.pending and (self.next_fetch_at is None or self.next_fetch_at <= now)

    def read(
        self, now: datetime, rhythm: Rhythm, *, jitter: float, after: timedelta | None = None, news: bool = False
    ) -> Self:
        """A reading that went well. `jitter` in 0..1 spreads sources apart; `after` is how long the site says it is
        fresh; `news`: it said something new."""
        slower = min((self.interval or rhythm.least) * SLOWER, rhythm.least * SLOWEST)
        own = rhythm.clamp(rhythm.least if news else slower)
        wait = rhythm.clamp(max((self.every or own) * (0.9 + 0.2 * jitter), after or timedelta()))
        return replace(self, next_fetch_at=now + wait, interval=own, fails=0, last_success=now, last_error=None)

    def failed(
        self, now: datetime, code: str, rhythm: Rhythm, *, jitter: float, after: timedelta | None = None
    ) -> Self:
        """Read again `after` (the site's own figure wins), else later each time, a day at most; never too soon."""
        back_off = min(rhythm.least * 2 ** min(self.fails, 20), LONGEST_DELAY)
        delay = rhythm.clamp(back_off * (0.5 + 0.5 * jitter))
        return replace(
            self, next_fetch_at=now + max(after or delay, rhythm.least), fails=self.fails + 1, last_error=code
        )
