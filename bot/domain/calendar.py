"""Deadlines as an iCalendar document (RFC 5545): all-day or timed events with a stable UID. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

FOLD = 75  # octets of a line, RFC 5545 §3.1
PRODUCT = "-//Tocsin//Tocsin//FR"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEvent:
    uid: str  # the same for the same deadline, whatever its date becomes
    title: str
    day: date
    at: datetime | None = None  # aware; None: all day
    text: str = ""
    url: str = ""
    sequence: int = 0  # grows with each change, RFC 5545 §3.8.7.4


def ics(events: Sequence[CalendarEvent], name: str, now: datetime) -> bytes:
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"),
        f"X-WR-CALNAME:{_escaped(name)}",
        *(line for event in events for line in _event(event, now)),
        "END:VCALENDAR",
    ]
    return "".join(_folded(line) + "\r\n" for line in lines).encode()


def _event(event: CalendarEvent, now: datetime) -> Iterable[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_escaped(event.uid)}"
    yield f"DTSTAMP:{_utc(now)}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"SUMMARY:{_escaped(event.title)}"
    if event.at is None:
        yield f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}"  # the end is not part of it, §3.6.1
    else:
        yield f"DTSTART:{_utc(event.at)}"
        yield f"DTEND:{_utc(event.at)}"
    if event.text:
        yield f"DESCRIPTION:{_escaped(event.text)}"
    if event.url:
        yield f"URL:{_one_line(event.url)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    """§3.3.11; control characters are not allowed at all."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    lines = (_one_line(line) for line in text.splitlines())
    return "\\n".join(lines)


def _one_line(text: str) -> str:
    return "".join(c for c in text if c >= " " and c != "\x7f" and not "\ud800" <= c <= "\udfff")


def _folded(line: str) -> str:
    """At octets, never inside a character."""
    pieces, piece, room = [], "", FOLD
    for character in line:
        size = len(character.encode())
        if len(piece.encode()) + size > room:
            pieces.append(piece)
            piece, room = "", FOLD - 1  # the space that marks a folded line counts
        piece += character
    return "\r\n ".join([*pieces, piece])
