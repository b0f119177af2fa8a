"""Deadlines as an iCalendar document (RFC 5545): the same rows on the same day give the same bytes. Pure."""

import hashlib
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone

from bot.domain.deadline import Deadline, Edge
from bot.domain.standing import PARIS, is_sure, is_vague
from bot.domain.words import fold
from bot.locale.say import Say
from bot.pipeline.agenda import Due, Said
from bot.pipeline.countdown import what_of, when

PRODUCT = "-//Tocsin//Tocsin//FR"
MEDIA_TYPE = "text/calendar"
AGAIN = timedelta(hours=4)  # how often a subscribed calendar is asked to look again
TITLE, PHRASE, URL = 200, 600, 2_048  # characters
# What begins so says by itself whether it opens or closes.
SAYS_SO = {Edge.OPEN: ("ouverture", "open"), Edge.CLOSE: ("echeance", "date limite", "cloture", "fermeture", "fin ")}
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
# What turns the reading of a line around would make a title say something else than it does.
_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def document(dues: Sequence[Due], say: Say, now: datetime, zone: ZoneInfo) -> bytes:
    """Hours are told in words of `zone`; each calendar shows its events on its own clock."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    for name in ("name", "x-wr-calname"):  # RFC 7986, and what calendars read before it
        calendar.add(name, say("calendar.name"))
    calendar.add("refresh-interval", AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT4H")
    for due in dues:
        calendar.add_component(_event(due, say, now, zone))
    if not dues:  # a document without any component is none (§3.6)
        calendar.add_component(Timezone.from_tzid("Europe/Paris"))
    return bytes(calendar.to_ical())


def changed_at(dues: Sequence[Due], now: datetime) -> datetime:
    """When a document of these last changed: a page said something new, or a day ended and what had passed went."""
    midnight = now.astimezone(PARIS).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    return max([midnight, *(_changed_at(due.deadline) for due in dues)])


def _event(due: Due, say: Say, now: datetime, zone: ZoneInfo) -> Event:
    said, changed_at = due.next(now), _changed_at(due.deadline)
    claim = said.claim
    event = Event()
    event.add("uid", _uid(due.deadline))
    # Not the moment of writing: without a METHOD it is that of the last change (§3.8.7.2), so bytes stay the same.
    event.add("dtstamp", changed_at)
    event.add("last-modified", changed_at)
    event.add("sequence", due.deadline.changes)  # it grows also when a date moves back, or is said no more (§3.8.7.4)
    event.add("summary", _title(due, said, say))
    if claim.at is not None:
        event.add("dtstart", claim.at.astimezone(UTC))  # no end: it is a moment (§3.6.1)
    else:
        event.add("dtstart", claim.date)
        event.add("dtend", claim.date + timedelta(days=1))  # not part of it
    event.add("description", _description(due, say, zone))
    event.add("status", "CONFIRMED" if is_sure(due.deadline) and not is_vague(claim) else "TENTATIVE")
    event.add("transp", "TRANSPARENT")  # nobody is busy because of it
    if url := _address(said.url):
        event.add("url", url)
    return event


def _uid(deadline: Deadline) -> str:
    """From what it is, not from its row: it outlives a move to another database."""
    parts = (deadline.programme, deadline.stage, deadline.edge, deadline.region, deadline.subject)
    identity = "\x00".join(parts)
    return f"{hashlib.sha256(identity.encode('utf-8', 'replace')).hexdigest()[:32]}@deadlines.tocsin"


def _changed_at(deadline: Deadline) -> datetime:
    """The last time a page said something else of it."""
    return deadline.changed_at or EPOCH


def _title(due: Due, said: Said, say: Say) -> str:
    what, edge = _line(what_of(said))[:TITLE], said.claim.edge
    title = _capital(what) if fold(what).startswith(SAYS_SO[edge]) else say(f"calendar.{edge}", what=what)
    if not is_sure(due.deadline):
        return say("calendar.unsure", title=title)
    return say("calendar.vague", title=title) if is_vague(said.claim) else title


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _description(due: Due, say: Say, zone: ZoneInfo) -> str:
    """What each source says in its own words, and where."""
    parts = [say("calendar.disputed")] if len(due.said) > 1 else []
    for one in due.said:
        number = f"#{one.facts.number}" if one.facts else ""
        lines = [
            when(one.claim, zone, say),
            say("deadlines.quote", phrase=_text(one.quote)[:PHRASE]) if one.quote else "",
            " · ".join(part for part in (_line(one.source), number) if part),
            _address(one.url),
        ]
        parts.append("\n".join(one for one in lines if one))
    return "\n\n".join(parts)


# -- text from anywhere -----------------------------------------------------------------------------------------------


def _text(text: str) -> str:
    """Without what a calendar may not hold (§3.1) or what is not seen; any line's end is a line's end."""
    return "\n".join("".join(c for c in line if _is_shown(c)) for line in text.splitlines())


def _line(text: str) -> str:
    return " ".join(_text(text).split())


def _is_shown(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cs") and character not in _TURNING


def _address(url: str) -> str:
    """Of the web, on one line; "": it is none."""
    try:
        is_web = urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).hostname)
    except ValueError:
        return ""
    return url if is_web and len(url) <= URL and all(_is_shown(c) and not c.isspace() for c in url) else ""
