"""Article → what it is about, and whether it demands action now. The words are in `vocabulary.toml`, the rules here.

A type's score is the sum of the signals found, more in the title, less the vetoes; an alert needs `ENOUGH`. Trust is
the source's: what only an authority can say does not count in a text that merely claims to be one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bot.domain.alert import Alert, AlertType, Severity
from bot.text.dates_fr import PARIS
from bot.text.reading import Reading, folded
from bot.text.vocabulary import CORE, OTHER_PROGRAMMES, SEVERITY, SIGNALS, TOPIC_VOCABULARY, TOPICS, Signal, Topic

ENOUGH = 1.0
IN_TITLE = 1.5
CRITICAL_SCORE = 9.0  # CVSS
LAST_DAYS = timedelta(days=7)
OPENS_SOON = timedelta(days=30)
CLOSES_SOON = timedelta(days=90)

CALLS = frozenset({AlertType.CARE_CALL, AlertType.FUNDING_CALL})
# What an alert is about beside the words it uses.
IMPLIED = {
    AlertType.CARE_CALL: ("care", "financement"),
    AlertType.FUNDING_CALL: ("financement",),
    AlertType.VULNERABILITY: ("vulnerabilite",),
    AlertType.INCIDENT: ("incident", "cybersecurite"),
    AlertType.OUTAGE: ("incident",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What was read in the text before, by better means than words."""

    cves: tuple[str, ...]
    cvss: float | None
    exploited: bool


def alert_of(reading: Reading, stated: Stated) -> Alert | None:
    days = days_ahead(reading)
    facts = {
        "exploited": stated.exploited,
        "cvss-9": stated.cvss is not None and stated.cvss >= CRITICAL_SCORE,
        "dated-ahead": bool(days),
    }
    genre = folded([reading.article.genre])
    found = [(signal, weight) for signal in SIGNALS if (weight := _weight(signal, reading, genre, facts))]
    kind, score = _strongest(found)
    if kind is None or score < ENOUGH:
        return None
    if kind is AlertType.FUNDING_CALL and _is_care(reading):
        kind = AlertType.CARE_CALL
    named = sorted((p for p in found if _speaks_of(p[0], kind) and p[1] > 0), key=lambda pair: -pair[1])
    return Alert(type=kind, severity=_severity(kind, reading, stated, days), signals=tuple(s.name for s, _ in named))


def topics_of(reading: Reading, alert: Alert | None) -> tuple[str, ...]:
    """Sorted, of the closed list. What the catalogue says of a source is true of all its articles."""
    found = {topic.name for topic in TOPIC_VOCABULARY if _is_about(reading, topic)}
    found |= set(reading.article.source_topics) & set(TOPICS)
    if alert is not None:
        found |= set(IMPLIED.get(alert.type, ()))
    for topic in TOPIC_VOCABULARY:
        if topic.name in found:
            found |= topic.implies
    return tuple(sorted(found))


def _is_about(reading: Reading, topic: Topic) -> bool:
    if topic.strong.search(reading.folded_title) or topic.weak.search(reading.folded_title):
        return True
    if topic.exact_title.search(reading.title) or topic.exact.search(reading.written):
        return True
    return topic.strong.search(reading.folded) is not None or len(topic.weak.findall(reading.folded)) > 1


# -- is it an alert ---------------------------------------------------------------------------------------------------


def _weight(signal: Signal, reading: Reading, genre: str, facts: Mapping[str, bool]) -> float:
    """What the signal adds (or takes); 0.0 when it is not there."""
    if signal.trust and reading.article.trust not in signal.trust:
        return 0.0
    if signal.fact:
        return signal.weight if facts[signal.fact] else 0.0
    if signal.unless.search(reading.folded_whole):
        return 0.0
    if signal.pattern.search(reading.folded_title) or signal.exact.search(reading.title):
        return signal.weight * IN_TITLE
    in_text = signal.pattern.search(reading.folded) or signal.exact.search(reading.written)
    return signal.weight if in_text or signal.genre.search(genre) else 0.0


def _strongest(found: list[tuple[Signal, float]]) -> tuple[AlertType | None, float]:
    """The type with the highest score; of two equal ones, the first of `AlertType`."""
    scores = {  # rounded: 0.1 + 0.6 + 0.3 is less than 1.0
        kind: round(sum(weight for signal, weight in found if not signal.types or kind in signal.types), 3)
        for kind in AlertType
        if any(kind in signal.types and weight > 0 and (signal.core or kind not in CORE) for signal, weight in found)
    }
    kind = max(scores, key=lambda k: scores[k], default=None)
    return kind, scores[kind] if kind is not None else 0.0


def _speaks_of(signal: Signal, kind: AlertType) -> bool:
    return kind in signal.types or (kind is AlertType.CARE_CALL and AlertType.FUNDING_CALL in signal.types)


def _is_care(reading: Reading) -> bool:
    care = next(topic for topic in TOPIC_VOCABULARY if topic.name == "care")
    if care.exact_title.search(reading.title) or care.strong.search(reading.folded_title):
        return True
    return _is_about(reading, care) and not OTHER_PROGRAMMES.search(reading.folded_whole)


# -- how grave --------------------------------------------------------------------------------------------------------


def _severity(kind: AlertType, reading: Reading, stated: Stated, days: tuple["Day", ...]) -> Severity:
    def says(name: str) -> bool:
        return SEVERITY[name].search(reading.folded_whole) is not None

    match kind:
        case AlertType.VULNERABILITY:
            client = SEVERITY["client_software"].search(reading.folded_title) is not None
            cut_off = says("no_fix")
            return Severity.CRITICAL if (stated.exploited or cut_off) and not client else Severity.WARNING
        case AlertType.INCIDENT:
            return Severity.CRITICAL if says("care_reduced") or says("act_or_lose") else Severity.WARNING
        case AlertType.OUTAGE:
            if says("planned"):
                return Severity.INFO
            return Severity.WARNING if says("degraded") else Severity.CRITICAL
        case _:
            if says("last_days") or any(day.away <= LAST_DAYS and not day.opens for day in days):
                return Severity.CRITICAL
            near = any(day.away <= (OPENS_SOON if day.opens else CLOSES_SOON) for day in days)
            return Severity.WARNING if near or (kind in CALLS and says("open_now")) else Severity.INFO


_NAMES = (
    *("janvier", "fevrier", "mars", "avril", "mai", "juin"),
    *("juillet", "aout", "septembre", "octobre", "novembre", "decembre"),
)
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}
_DAY = re.compile(rf"\b(?P<day>\d{{1,2}})(?:er)? (?P<month>\d\d|{'|'.join(_MONTHS)})(?: (?P<year>20\d\d))?\b")
_OPENS = re.compile(r"\b(?:ouvr\w*|ouvert\w*|vigueur|a compter|a partir|des|accessible|depuis)(?: \w+){0,3} $")
_LOOK_BACK = 40  # characters


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Day:
    """A day the text names, on or after its publication."""

    away: timedelta
    opens: bool  # something begins then; else something ends


def days_ahead(reading: Reading) -> tuple[Day, ...]:
    """Nearest first. For severity alone: deadlines with their words and doubts are another grammar's."""
    published = (reading.article.published or reading.article.first_seen).astimezone(PARIS).date()
    text = reading.folded_whole
    found = set()
    for match in _DAY.finditer(text):
        if (day := _day(match, published)) is not None and day >= published:
            before = text[max(0, match.start() - _LOOK_BACK) : match.start()]
            found.add(Day(away=day - published, opens=_OPENS.search(before) is not None))
    return tuple(sorted(found))


def _day(match: re.Match[str], published: date) -> date | None:
    """Without a year, the first such day from the publication on; figures alone are a day only with their year."""
    month, year = match["month"], match["year"]
    if month not in _MONTHS and year is None:
        return None
    try:
        day = date(int(year or published.year), _MONTHS.get(month) or int(month), int(match["day"]))
        return day if year or day >= published else day.replace(year=day.year + 1)
    except ValueError:  # 31 February
        return None
