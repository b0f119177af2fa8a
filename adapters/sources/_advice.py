"""How long a feed says that there will be nothing new: `ttl` of RSS 2.0, or the syndication module of RSS 1.0."""

import re
from datetime import timedelta

from bot.ports import Page

LONGEST = timedelta(days=1)
LOOKED_AT = 64 * 1024  # bytes; both stand before the items
FIRST_ITEM = re.compile(rb"<(?:[A-Za-z]{1,20}:)?(?:item|entry)[\s>]")
TTL = re.compile(rb"<ttl>\s{0,99}(\d{1,6})\s{0,99}</ttl>")  # minutes
PERIOD = re.compile(rb"updatePeriod>\s{0,99}(hourly|daily|weekly|monthly|yearly)\s{0,99}</")
FREQUENCY = re.compile(rb"updateFrequency>\s{0,99}(\d{1,4})\s{0,99}</")  # times in a period
PERIODS = {
    b"hourly": timedelta(hours=1),
    b"daily": timedelta(days=1),
    b"weekly": timedelta(weeks=1),
    b"monthly": timedelta(days=30),
    b"yearly": timedelta(days=365),
}


def advice(page: Page) -> timedelta | None:
    """The longer of the two, a day at most. None: not said, or nothing sensible."""
    head = page.body[:LOOKED_AT].replace(b"\0", b"")
    if first := FIRST_ITEM.search(head):
        head = head[: first.start()]
    said = max(_ttl(head), _syndication(head))
    return min(said, LONGEST) if said else None


def _ttl(head: bytes) -> timedelta:
    found = TTL.search(head)
    return timedelta(minutes=int(found[1])) if found else timedelta()


def _syndication(head: bytes) -> timedelta:
    period, frequency = PERIOD.search(head), FREQUENCY.search(head)
    times = int(frequency[1]) if frequency else 1
    return PERIODS[period[1]] / times if period and times else timedelta()
