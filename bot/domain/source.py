"""A place we watch: when it is due, what is usual for it, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from bot.domain.frozen import changer
from bot.domain.ids import SourceId

MOST_OF_A_COMMUNITY = 10  # sources one chat or server may have added

DAY = timedelta(days=1)
LONGEST_DELAY = DAY  # of a back-off
GONE_FOR = timedelta(days=7)  # a page that is gone for good (410) is asked for again so seldom

# A source that asks for no interval is read when a twentieth of the time it has been quiet has passed again, or of the
# time that usually lies between two of its entries: at once after news, ever more seldom while it says nothing.
READINGS_A_GAP = 20
LEAST_DATES = 5  # from which a rhythm is learned
NEWEST_WEIGHT = 0.2  # of the last gap in the usual one

FAILS_TOLD = 3  # failures in a row before somebody is told: one may be the network's mood
SILENT_GAPS, SILENT_LEAST = 8, timedelta(days=7)  # a week without news is a holiday
SILENT = "silent"
GONE = "gone"  # code of an answer 410

BURST, BURST_DAYS = 20, 5  # more new entries than both this and so many usual days
TURNED = 6  # new entries from which "half of it is new" means something: five are told as they come

MOVES_FOLLOWED = 3  # permanent redirects in a row to one place after which it is asked directly


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
class Listing:
    """What one reading listed, as far as a source learns from it."""

    size: int
    new: int
    dates: Sequence[datetime] = ()  # of all its entries that have one


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
    community: str = ""  # the chat or server that asked for it; "": none did
    enabled: bool = True
    pending: bool = False  # waits for the operator's word, and is not read
    # the state of reading
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    next_fetch_at: datetime | None = None  # None: at once
    interval: timedelta | None = None  # its own rhythm, as far as it is known
    fails: int = 0  # in a row
    last_success: datetime | None = None  # None: its first reading is still to come, and goes to the archive only
    last_error: str | None = None  # `SourceError.trouble` of the last one, None after a success
    moved_to: str | None = None  # where permanent redirects lead
    moves: int = 0  # how often in a row they led there
    # what is usual for it
    gap: timedelta | None = None  # between two entries; None: not known yet
    news_at: datetime | None = None  # when a reading last brought something new
    newest_at: datetime | None = None  # date of the newest entry it ever listed
    listed: int = 0  # entries of its last reading
    told: str = ""  # the trouble the operator was told of; "": none

    @property
    def address(self) -> str:
        """What is asked for: the place it moved to for good, once that was said often enough."""
        return self.moved_to if self.moved_to and self.moves >= MOVES_FOLLOWED else self.url

    def is_due(self, now: datetime) -> bool:
        return self.enabled and not self.pending and (self.next_fetch_at is None or self.next_fetch_at <= now)

    # -- after a reading ----------------------------------------------------------------------------------------------

    def read(
        self, now: datetime, rhythm: Rhythm, *, jitter: float, after: timedelta | None = None, news: bool = False
    ) -> "Source":
        """A reading that went well. `jitter` in 0..1 spreads sources apart; `after` is how long the site says it is
        fresh; `news`: it said something new."""
        news_at = now if news or self.news_at is None else self.news_at
        quiet = now - news_at
        own = rhythm.clamp(min(quiet, self.gap or quiet) / READINGS_A_GAP)
        wait = rhythm.clamp(max((self.every or own) * (0.9 + 0.2 * jitter), after or timedelta()))
        return _changed(
            self,
            next_fetch_at=now + wait,
            interval=own,
            fails=0,
            last_success=now,
            last_error=None,
            news_at=news_at,
        )

    def failed(
        self, now: datetime, code: str, rhythm: Rhythm, *, jitter: float, after: timedelta | None = None
    ) -> Self:
        """Read again `after` (the site's own figure wins), else later each time, a day at most; never too soon.

        What is gone for good is left alone for a week. A place it moved to that fails is forgotten.
        """
        back_off = min(rhythm.least * 2 ** min(self.fails, 20), LONGEST_DELAY)
        delay = rhythm.clamp(back_off * (0.5 + 0.5 * jitter))
        if code == GONE and self.address == self.url:
            delay = max(delay, GONE_FOR)
        moved_to, moves = (self.moved_to, self.moves) if self.address == self.url else (None, 0)
        return replace(
            self,
            next_fetch_at=now + max(after or delay, rhythm.least),
            fails=self.fails + 1,
            last_error=code,
            moved_to=moved_to,
            moves=moves,
        )

    def redirected(self, to: str | None) -> Self:
        """`to`: where permanent redirects led this reading; None: it answered where it was asked."""
        if to is None or to == self.address:  # nothing moved, or it did and we are there already
            says_nothing_new = self.address != self.url or (self.moved_to is None and not self.moves)
            return self if says_nothing_new else replace(self, moved_to=None, moves=0)
        return replace(self, moved_to=to, moves=self.moves + 1 if to == self.moved_to else 1)

    def learned(self, listing: Listing, now: datetime) -> Self:
        """What is usual, from the dates of its entries, or from how often we found something. `self`: as it was before
        this reading. What came in a burst teaches nothing."""
        past = sorted({date for date in listing.dates if date <= now})
        newest = max([*past[-1:], *([self.newest_at] if self.newest_at else [])], default=None)
        gap = self.gap
        if len(past) >= LEAST_DATES:
            # All on one day says how many fit into a day, not how many usually do.
            gap = max(past[-1] - past[0], DAY) / (len(past) - 1)
        elif listing.new and self.news_at is not None and self.last_success is not None:
            found = (now - self.news_at) / listing.new
            gap = found if gap is None else gap * (1 - NEWEST_WEIGHT) + found * NEWEST_WEIGHT
        return replace(self, gap=gap, newest_at=newest, listed=listing.size)

    # -- what is not usual --------------------------------------------------------------------------------------------

    def usual(self, now: datetime) -> float:
        """How many new entries are usual since the last reading, a day's at least; 0: not known."""
        since = max(now - (self.last_success or now), DAY)
        return since / self.gap if self.gap else 0.0

    def pours(self, listing: Listing, now: datetime) -> bool:
        """More new entries at once than it ever has in days. `self`: as it was before this reading."""
        return listing.new > BURST and listing.new > BURST_DAYS * self.usual(now)

    def turned(self, listing: Listing, now: datetime, again: int) -> bool:
        """Most of what it listed is gone, and most of what it lists is "new": its identities have changed.

        `again`: how many of the new entries say what a known one says, or are older than our last reading.
        """
        kept = listing.size - listing.new
        if listing.new < TURNED or listing.new <= kept or 2 * kept >= self.listed or not self.listed:
            return False
        return 2 * again > listing.new or listing.new > BURST_DAYS * self.usual(now)

    def trouble(self, now: datetime) -> str | None:
        """Code of what a person should hear about; None: all is well, or it may pass by itself."""
        if self.last_error is not None:
            return self.last_error if self.fails >= FAILS_TOLD or self.last_error == GONE or self.told else None
        return SILENT if self.is_silent(now) else None

    def is_silent(self, now: datetime) -> bool:
        """Without news for longer than its own rhythm explains."""
        last = max((at for at in (self.news_at, self.newest_at) if at is not None), default=None)
        if self.gap is None or last is None:
            return False
        return now - last > max(self.gap * SILENT_GAPS, SILENT_LEAST)


_changed = changer(Source)  # ten thousand sources are read again and again, and most say nothing new
