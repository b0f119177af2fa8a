"""The calendar document, read by another library than the one that writes it."""

import re
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream
from ical.event import Event, EventStatus

from bot.domain.article import Article, Facts, Understanding
from bot.domain.deadline import Claim, Deadline, Edge, Precision
from bot.domain.ids import ArticleId, DeadlineId, SourceId
from bot.domain.standing import PARIS
from bot.locale.say import Say
from bot.pipeline.agenda import Due, Said
from bot.pipeline.calendar import changed_at, document

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
DAY = date(2026, 3, 30)
NASTY = st.one_of(
    st.text(max_size=200),
    st.sampled_from(
        [
            "a\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:b",
            '\\n; , " : \\;',
            "👩‍👩‍👧‍👦" * 40,
            "é" * 200,
            "\ud800\x00\x0b\x1c\x7f\x85\u2028",
            "\u202eà l’envers",
        ]
    ),
)


def read(content: bytes) -> Calendar:
    return IcsCalendarStream.calendar_from_ics(content.decode())


def events(*dues: Due, language: str = "fr", now: datetime = NOW) -> list[Event]:
    return read(document(dues, Say(language), now, PARIS)).events


def said(
    day: date = DAY,
    *,
    source: int = 1,
    at: datetime | None = None,
    what: str = "dépôt des dossiers CaRE",
    phrase: str = "avant le 30 mars",
    url: str = "https://exemple.test/appel",
    edge: Edge = Edge.CLOSE,
    precision: Precision = Precision.DAY,
    confidence: float = 0.9,
    official: bool = True,
    seen_at: datetime = NOW,
) -> Said:
    claim = Claim(
        date=day,
        at=at,
        edge=edge,
        what=what,
        phrase=phrase,
        programme="care",
        precision=Precision.HOUR if at else precision,
        confidence=confidence,
        official=official,
        source=SourceId(source),
        seen_at=seen_at,
    )
    article = Article(url=url, title="Un appel fictif", first_seen=NOW)
    understood = Understanding(analyser=1, language="fr", summary="")
    facts = Facts(number=ArticleId(12), article=article, understanding=understood)
    return Said(claim=claim, source=f"Source {source}", facts=facts)


def due(*told: Said, stage: str = "", changes: int = 1) -> Due:
    """`told` as `standing` has it: what was said last is what has the greatest `seen_at`."""
    claims = sorted((one.claim for one in told), key=lambda one: one.seen_at or NOW, reverse=True)
    edge = claims[0].edge
    return Due(
        deadline=Deadline(
            id=DeadlineId(1),
            programme="care",
            stage=stage,
            edge=edge,
            changes=changes,
            changed_at=claims[0].seen_at,
            claims=tuple(claims),
        ),
        said=told,
    )


@given(texts=st.lists(NASTY, min_size=3, max_size=3), count=st.integers(0, 3))
def test_whatever_sources_write_there_are_as_many_events_and_no_line_is_too_long(texts: list[str], count: int) -> None:
    what, phrase, url = texts
    told = [due(said(what=what, phrase=phrase, url=f"https://exemple.test/{url}"), stage=str(n)) for n in range(count)]
    content = document(told, Say("fr"), NOW, PARIS)
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert not re.search(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]|[^\r]\n|\r[^\n]", content)
    assert [event.dtstart for event in read(content).events] == [DAY] * count


def test_words_come_through_as_they_are_and_the_source_with_them() -> None:
    (event,) = events(due(said(what="dépôt ; réponse, « sans \\ délai » 👩‍⚕️ CaRE", phrase="avant le 30 mars, midi")))
    assert event.summary == "Date limite\u00a0: dépôt ; réponse, « sans \\ délai » 👩‍⚕️ CaRE"
    assert event.description is not None
    assert "avant le 30 mars, midi" in event.description and "Source 1 · #12" in event.description
    assert "https://exemple.test/appel" in event.description
    assert event.url is not None and event.url.rstrip("/") == "https://exemple.test/appel"


def test_an_address_that_is_none_of_the_web_is_left_out() -> None:
    (event,) = events(due(said(url="javascript:alert(1)")))
    assert event.url is None and "javascript" not in (event.description or "")


def test_a_day_is_a_whole_day_and_an_hour_is_that_hour() -> None:
    at = datetime(2026, 3, 31, 15, 0, tzinfo=UTC)
    (whole,), (timed,) = events(due(said())), events(due(said(at.date(), at=at)))
    assert (whole.dtstart, whole.dtend) == (DAY, DAY + timedelta(days=1))
    assert timed.dtstart == at and timed.dtend is None


def test_the_title_says_whether_it_opens_or_closes_once() -> None:
    def title(what: str, edge: Edge, language: str = "fr") -> str:
        (event,) = events(due(said(what=what, edge=edge)), language=language)
        return (event.summary or "").replace("\u00a0", " ")

    assert title("inscription CaRE", Edge.OPEN) == "Ouverture : inscription CaRE"
    assert title("ouverture CaRE", Edge.OPEN) == "Ouverture CaRE"
    assert title("échéance CaRE", Edge.CLOSE) == "Échéance CaRE"
    assert title("inscription CaRE", Edge.CLOSE, "en") == "Closes: inscription CaRE"


def test_what_is_not_sure_says_so_and_is_tentative() -> None:
    (unsure,) = events(due(said(confidence=0.5)))
    (vague,) = events(due(said(precision=Precision.MONTH)))
    (rumour,) = events(due(said(official=False)))
    (sure,) = events(due(said()))
    assert all((one.summary or "").endswith("(à confirmer)") for one in (unsure, rumour))
    assert (vague.summary or "").endswith("(jour non précisé)")
    assert [one.status for one in (unsure, vague, sure)] == [
        *(EventStatus.TENTATIVE, EventStatus.TENTATIVE, EventStatus.CONFIRMED)
    ]


def test_of_two_sources_that_disagree_the_soonest_day_holds_and_both_are_told() -> None:
    disputed = due(said(DAY, source=1), said(DAY + timedelta(days=13), source=2, seen_at=NOW + timedelta(hours=1)))
    (event,) = events(disputed)
    assert event.dtstart == DAY
    assert "lundi 30 mars 2026" in (event.description or "") and "dimanche 12 avr. 2026" in (event.description or "")
    assert "Source 1" in (event.description or "") and "Source 2" in (event.description or "")
    (later,) = events(disputed, now=datetime(2026, 4, 2, tzinfo=UTC))
    assert later.dtstart == DAY + timedelta(days=13)


def test_a_moved_date_is_the_same_event_with_a_greater_sequence() -> None:
    moved = said(DAY + timedelta(days=9), seen_at=NOW + timedelta(days=2))
    (before,), (after,) = events(due(said())), events(due(moved, changes=2))
    assert after.uid == before.uid and after.dtstart != before.dtstart
    assert (after.sequence or 0) > (before.sequence or 0)
    (other,) = events(due(said(), stage="domaine 3"))
    assert other.uid != before.uid


def test_a_calendar_of_nothing_is_a_calendar_all_the_same() -> None:
    empty = read(document([], Say("fr"), NOW, PARIS))
    assert empty.events == [] and [zone.tz_id for zone in empty.timezones] == ["Europe/Paris"]


def test_the_same_rows_give_the_same_bytes_all_day() -> None:
    told = due(said(seen_at=NOW - timedelta(days=3)))
    evening = NOW + timedelta(hours=8)
    assert document([told], Say("fr"), NOW, PARIS) == document([told], Say("fr"), evening, PARIS)
    midnight = datetime(2026, 3, 9, 23, 0, tzinfo=UTC)  # in Paris
    assert changed_at([told], NOW) == changed_at([told], evening) == midnight
    assert changed_at([due(said(seen_at=NOW))], NOW) == NOW
