"""Article → what it is about, and whether it demands action now. The words are in `vocabulary.toml`, the rules here.

A type's score is the sum of the signals found, more in the title, less the vetoes; an alert needs `ENOUGH`. Trust is
the source's: what only an authority can say does not count in a text that merely claims to be one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.alert import Alert, AlertType, Severity
from bot.text.days import Day, days_ahead
from bot.text.reading import Reading, folded
from bot.text.vocabulary import (
    NEEDS,
    OTHER_PROGRAMMES,
    PATCHING,
    SEVERITY,
    SIGNALS,
    TOPIC_VOCABULARY,
    TOPICS,
    WITHIN_DAYS,
    Signal,
    Topic,
)

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
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What was read in the text before, by better means than words."""

    cves: tuple[str, ...]
    cvss: float | None
    exploited: bool


def alert_of(reading: Reading, stated: Stated) -> Alert | None:
    days = days_ahead(reading)
    facts = facts_of(reading, stated, days)
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
    said = {signal.name for signal in SIGNALS if signal.name in _ASKED and signal.pattern.search(reading.folded_whole)}
    found = {topic.name for topic in TOPIC_VOCABULARY if not topic.unless & said and _is_about(reading, topic)}
    found -= {topic.name for topic in TOPIC_VOCABULARY if topic.yields_to & found}
    found |= set(reading.article.source_topics) & set(TOPICS)
    if alert is not None:
        found |= set(IMPLIED.get(alert.type, ()))
        if alert.type is AlertType.OUTAGE and alert.severity > Severity.INFO:  # a planned one is no incident
            found.add("incident")
    for topic in TOPIC_VOCABULARY:
        if topic.name in found:
            found |= topic.implies
    return tuple(sorted(found))


_ASKED = frozenset(name for topic in TOPIC_VOCABULARY for name in topic.unless)


def _is_about(reading: Reading, topic: Topic) -> bool:
    if topic.strong.search(reading.folded_title) or topic.weak.search(reading.folded_title):
        return True
    if topic.exact_title.search(reading.title) or topic.exact.search(reading.written):
        return True
    strong = len(topic.strong.findall(reading.folded))
    return strong >= topic.repeat or strong + len(topic.weak.findall(reading.folded)) >= topic.repeat_weak


# -- is it an alert ---------------------------------------------------------------------------------------------------

_QUOTED = re.compile(r"«[^»]*»|“[^”]*”|\"[^\"]*\"")
_FIRST_PERSON = re.compile(r"\b[Jj](?:e\b|[’'])")


def facts_of(reading: Reading, stated: Stated, days: tuple[Day, ...]) -> Mapping[str, bool]:
    """What signals ask for by the name of a `fact`."""
    said = reading.folded_whole.split(".")
    return {
        "exploited": stated.exploited,
        "cvss-9": stated.cvss is not None and stated.cvss >= CRITICAL_SCORE,
        "dated-ahead": bool(days),
        "patch-dated": any(PATCHING.search(sentence) and WITHIN_DAYS.search(sentence) for sentence in said),
        "first-person": _FIRST_PERSON.search(_QUOTED.sub("", reading.written)) is not None,
    }


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
    there = {signal.name for signal, weight in found if weight > 0}
    scores = {  # rounded: 0.1 + 0.6 + 0.3 is less than 1.0
        kind: round(sum(weight for signal, weight in found if not signal.types or kind in signal.types), 3)
        for kind, needs in NEEDS.items()
        if all(any(name in there for name in one_of) for one_of in needs)
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


def _severity(kind: AlertType, reading: Reading, stated: Stated, days: tuple[Day, ...]) -> Severity:
    def says(name: str) -> bool:
        return SEVERITY[name].search(reading.folded_whole) is not None

    match kind:
        case AlertType.VULNERABILITY:
            client = SEVERITY["client_software"].search(reading.folded_title) is not None
            grave = stated.exploited or says("cut_off")
            return Severity.CRITICAL if grave and not client else Severity.WARNING
        case AlertType.INCIDENT:
            reduced = _says_so(reading, SEVERITY["care_reduced"], SEVERITY["care_kept"])
            shared = says("supplier") and says("act_or_lose") and not says("recovering")
            better = SEVERITY["recovering"].search(reading.folded_title) is not None
            return Severity.CRITICAL if (reduced or shared) and not better else Severity.WARNING
        case AlertType.OUTAGE:
            if says("planned"):
                return Severity.INFO
            return Severity.WARNING if says("degraded") else Severity.CRITICAL
        case _:
            if says("last_days") or any(day.away <= LAST_DAYS and not day.opens for day in days):
                return Severity.CRITICAL
            near = any(day.away <= (OPENS_SOON if day.opens else CLOSES_SOON) for day in days)
            return Severity.WARNING if near or (kind in CALLS and says("open_now")) else Severity.INFO


def _says_so(reading: Reading, said: re.Pattern[str], denied: re.Pattern[str]) -> bool:
    """In a sentence that does not also say the contrary."""
    return any(said.search(s) is not None and denied.search(s) is None for s in reading.folded_whole.split("."))
