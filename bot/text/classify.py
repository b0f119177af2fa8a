"""Article → what it is about, and whether it demands action now.

Signals (`signals.toml`) are what a reader would call the reasons, `weights.toml` how much each is worth for a type of
alert. Trust is the source's: what only an authority can say does not count in a text that merely claims to be one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.alert import Alert, AlertType, Severity
from bot.domain.deadline import Claim, Edge
from bot.text.days import Day, days_ahead
from bot.text.facts import Stated, facts_of
from bot.text.reading import Reading, folded
from bot.text.signals import UNDATED, signals_in
from bot.text.vocabulary import OTHER_PROGRAMMES, SEVERITY, TOPIC_VOCABULARY, TOPICS, Topic
from bot.text.weights import ENOUGH, WEIGHTS, strongest

LAST_DAYS = timedelta(days=7)
OPENS_SOON = timedelta(days=30)
CLOSES_SOON = timedelta(days=90)

CALLS = frozenset({AlertType.CARE_CALL, AlertType.FUNDING_CALL})
EVENTS = frozenset({AlertType.INCIDENT, AlertType.OUTAGE})
INVITES = frozenset({"event", "training", "job"})  # to which people register, whoever pays for it
BY_DAY = frozenset({"day", "numeric"})
BY_WEEKDAY = frozenset({"weekday"})  # "jusqu'à lundi": how long it lasts, or when it began
# What an alert is about beside the words it uses.
IMPLIED = {
    AlertType.CARE_CALL: ("care", "financement"),
    AlertType.FUNDING_CALL: ("financement",),
    AlertType.VULNERABILITY: ("vulnerabilite",),
    AlertType.INCIDENT: ("incident", "cybersecurite"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    kind: AlertType  # the likeliest; without its `score` reaching `ENOUGH` there is no alert
    score: float
    shown: Mapping[str, str]  # the signals seen, and the words that show them
    alert: Alert | None


def verdict_on(reading: Reading, stated: Stated) -> Verdict:
    shown = signals_in(reading, facts_of(reading, stated))
    found, score = strongest(shown, WEIGHTS)
    kind = AlertType.CARE_CALL if found is AlertType.FUNDING_CALL and _is_care(reading) else found
    if score < ENOUGH:
        return Verdict(kind=kind, score=score, shown=shown, alert=None)
    weights = WEIGHTS[found]
    named = sorted((name for name in shown if weights.get(name, 0.0) > 0), key=lambda name: -weights[name])
    claims = edged(reading, stated.deadlines, kind)
    severity = _severity(kind, reading, stated, days_ahead(reading, claims))
    return Verdict(kind=kind, score=score, shown=shown, alert=Alert(type=kind, severity=severity, signals=tuple(named)))


def edged(reading: Reading, claims: Sequence[Claim], kind: AlertType) -> Sequence[Claim]:
    """What opens and what closes, as an alert of that kind means it: "no more from that day on" is an end, and an
    interruption begins on its day unless that is the end of a span."""
    if kind is AlertType.REGULATION_DEADLINE:
        return [replace(claim, edge=Edge.CLOSE) if _ends(reading, claim) else claim for claim in claims]
    if kind is AlertType.OUTAGE:
        spans = {claim.phrase for claim in claims if claim.edge is Edge.OPEN}
        begins = [claim.rule in BY_DAY and claim.phrase not in spans for claim in claims]
        return [replace(one, edge=Edge.OPEN) if begun else one for one, begun in zip(claims, begins, strict=True)]
    return claims


def of_readers(reading: Reading, claims: Sequence[Claim], verdict: Verdict) -> tuple[Claim, ...]:
    """Those that ask something of whoever reads: not the days of another world, nor how long an attack lasts."""
    if verdict.alert is None:
        is_foreign = UNDATED & verdict.shown.keys() and not INVITES & verdict.shown.keys()
        return () if is_foreign else tuple(claims)
    claims = edged(reading, claims, verdict.alert.type)
    is_event = verdict.alert.type in EVENTS and verdict.alert.severity > Severity.INFO
    return tuple(claim for claim in claims if not (is_event and claim.rule in BY_WEEKDAY))


def topics_of(reading: Reading, verdict: Verdict) -> tuple[str, ...]:
    """Sorted, of the closed list. What the catalogue says of a source is true of all its articles."""
    found = {
        topic.name for topic in TOPIC_VOCABULARY if topic.unless.isdisjoint(verdict.shown) and _is_about(reading, topic)
    }
    found -= {topic.name for topic in TOPIC_VOCABULARY if topic.yields_to & found}
    found |= set(reading.article.source_topics) & set(TOPICS)
    if (alert := verdict.alert) is not None:
        found |= set(IMPLIED.get(alert.type, ()))
        if alert.type is AlertType.OUTAGE and alert.severity > Severity.INFO:  # a planned one is no incident
            found.add("incident")
    found -= {topic.name for topic in TOPIC_VOCABULARY if topic.behind & found and not _says_in_title(reading, topic)}
    for topic in TOPIC_VOCABULARY:
        if topic.name in found:
            found |= topic.implies
    return tuple(sorted(found))


def _says_in_title(reading: Reading, topic: Topic) -> bool:
    title = reading.folded_title
    return any((topic.strong.search(title), topic.weak.search(title), topic.exact_title.search(reading.title)))


def _is_about(reading: Reading, topic: Topic) -> bool:
    if _says_in_title(reading, topic) or topic.exact.search(reading.written):
        return True
    strong = len(topic.strong.findall(reading.folded))
    return strong >= topic.repeat or strong + len(topic.weak.findall(reading.folded)) >= topic.repeat_weak


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
            stopped = SEVERITY["stopped"].search(reading.folded_title) is not None
            return Severity.WARNING if says("degraded") and not stopped else Severity.CRITICAL
        case _:
            return _urgency(kind, days, last_days=says("last_days"), is_open=says("open_now"))


def _urgency(kind: AlertType, days: tuple[Day, ...], *, last_days: bool, is_open: bool) -> Severity:
    """By the nearest day on which something ends; by words where no such day is named."""
    closes = [day.away for day in days if not day.opens]
    opens = [day.away for day in days if day.opens]
    if (last_days and not closes) or any(away <= LAST_DAYS for away in closes):
        return Severity.CRITICAL
    near = any(away <= CLOSES_SOON for away in closes) or any(away <= OPENS_SOON for away in opens)
    return Severity.WARNING if near or (kind in CALLS and is_open) else Severity.INFO


# What is looked at, of each type, beside the days.
_GRAVITY = {
    AlertType.VULNERABILITY: ("cut_off", "client_software"),
    AlertType.INCIDENT: ("care_reduced", "supplier", "act_or_lose", "recovering"),
    AlertType.OUTAGE: ("planned", "stopped", "degraded"),
}


def words_of_severity(reading: Reading, alert: Alert) -> tuple[str, ...]:
    """The first that each of the lists shows which its severity asks."""
    asked = _GRAVITY.get(alert.type, ("last_days", "open_now"))
    hits = (SEVERITY[name].search(reading.folded_whole) for name in asked)
    return tuple(hit[0].strip() for hit in hits if hit is not None)


def words_of_topic(reading: Reading, name: str) -> str:
    topic = next(topic for topic in TOPIC_VOCABULARY if topic.name == name)
    for pattern, text in (
        (topic.exact_title, reading.title),
        (topic.exact, reading.written),
        (topic.strong, reading.folded_whole),
        (topic.weak, reading.folded_whole),
    ):
        if (hit := pattern.search(text)) is not None:
            return hit[0].strip()
    return ""


def _ends(reading: Reading, claim: Claim) -> bool:
    """Of an obligation: something ends on that day, whatever it is said to be from that day on."""
    day, ends = folded([claim.phrase]), SEVERITY["ends_then"]
    return any(day in said and ends.search(said) is not None for said in reading.folded_whole.split("."))


def _says_so(reading: Reading, said: re.Pattern[str], denied: re.Pattern[str]) -> bool:
    """In a sentence that does not also say the contrary."""
    return any(said.search(s) is not None and denied.search(s) is None for s in reading.folded_whole.split("."))
