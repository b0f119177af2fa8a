"""The calendar file, read by an independent library; and the writer on any text."""

from datetime import UTC, date, datetime, timedelta

import icalendar
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar import CalendarEvent, ics
from bot.ports import Database
from tests.commands.desk import Chat, said
from tests.fakes import START, World

TEXTS = st.text(max_size=200)


@given(titles=st.lists(TEXTS, max_size=4), text=TEXTS, name=TEXTS)
def test_any_text_survives_and_no_line_is_longer_than_75_octets(titles: list[str], text: str, name: str) -> None:
    events = [
        CalendarEvent(uid=f"{place}@t", title=title, day=date(2026, 3, 31), text=text)
        for place, title in enumerate(titles)
    ]
    document = ics(events, name, START)
    assert all(len(line) <= 75 for line in document.split(b"\r\n"))
    found = [part for part in icalendar.Calendar.from_ical(document).walk("VEVENT")]
    assert [str(event["SUMMARY"]) for event in found] == [_seen(title) for title in titles]


def _seen(text: str) -> str:
    """Without what a calendar cannot hold; any line's end is a line's end."""
    lines = text.splitlines()
    return "\n".join("".join(c for c in line if c >= " " and c != "\x7f") for line in lines)


def test_a_day_is_a_whole_day_and_an_hour_is_an_hour() -> None:
    at = datetime(2026, 3, 31, 15, 0, tzinfo=UTC)
    whole = CalendarEvent(uid="1@t", title="Dépôt", day=date(2026, 3, 31), sequence=2)
    timed = CalendarEvent(uid="2@t", title="Dépôt", day=at.date(), at=at)
    first, second = icalendar.Calendar.from_ical(ics([whole, timed], "x", START)).walk("VEVENT")
    assert first.decoded("DTSTART") == date(2026, 3, 31)
    assert first.decoded("DTEND") - first.decoded("DTSTART") == timedelta(days=1)
    assert str(first["SEQUENCE"]) == "2" and str(first["UID"]) == "1@t"
    assert second.decoded("DTSTART") == at


async def test_deadlines_ahead_come_as_a_file_and_past_ones_do_not(database: Database) -> None:
    world = World.on(database)
    assert "Aucune échéance" in said(await Chat(world).say("/calendrier"))
    async with database.tx() as tx:
        for number, days in ((1, 20), (2, -20)):
            await tx.execute(
                "INSERT INTO deadlines (id, programme, stage, edge) VALUES ($1, 'CaRE', $2, 'close')",
                number,
                f"domaine {number}",
            )
            at = int((START + timedelta(days=days)).timestamp() * 1000)
            await tx.execute(
                """INSERT INTO claims (deadline, source, article, date_at, precision_of, what, phrase, confidence,
                seen_at) VALUES ($1, 1, 1, $2, 'day', 'dépôt des dossiers', 'avant le 30 mars', 0.9, 0)""",
                number,
                at,
            )
    (file,) = (await Chat(world).say("/calendrier")).files
    (event,) = icalendar.Calendar.from_ical(file.content).walk("VEVENT")
    assert event.decoded("DTSTART") == date(2026, 3, 30)
    assert "CaRE" in str(event["SUMMARY"]) and "avant le 30 mars" in str(event["DESCRIPTION"])
