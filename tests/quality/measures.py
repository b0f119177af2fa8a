"""How well texts are understood: gold rows and answers, as `tocsin analyse` prints them → figures. Pure.

An answer that is missing counts as nothing understood. Of each measure 1.0 is perfect; `None`: nothing to measure.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from bot.domain.words import words
from bot.text.clean import one_line
from bot.text.vocabulary import BOILERPLATE

Row = Mapping[str, Any]
Rows = Mapping[str, Row]  # by id

LONGEST_SUMMARY = 280  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Of what was looked for: found, invented, missed."""

    hits: int
    extra: int
    missed: int

    @property
    def precision(self) -> float | None:
        return _ratio(self.hits, self.hits + self.extra)

    @property
    def f1(self) -> float | None:
        return _ratio(2 * self.hits, 2 * self.hits + self.extra + self.missed)


def figures(gold: Rows, answers: Rows) -> Mapping[str, float | None]:
    """In the order they are shown."""
    alerts = _sets(gold, answers, lambda row: {"alert"} if row.get("is_alert") else set())
    quiet = [name for name, row in gold.items() if not row["is_alert"]]
    dates = _sets(gold, answers, lambda row: {str(day["date"]) for day in row.get("deadlines") or ()})
    return {
        "alert F1": alerts.f1,
        "false alarms": _ratio(sum(bool(answers.get(name, {}).get("is_alert")) for name in quiet), len(quiet)),
        "type macro F1": _macro(gold, answers),
        "severity": _severity(gold, answers),
        "topics F1": _sets(gold, answers, lambda row: set(row.get("topics") or ())).f1,
        "deadlines F1": dates.f1,
        "deadlines precision": dates.precision,
        "CVE F1": _sets(gold, answers, lambda row: set(row.get("cves") or ())).f1,
        "CVSS": _cvss(gold, answers),
        "duplicates F1": _pairs(gold, answers).f1,
        "summaries": _ratio(sum(not faults(row, answers.get(name, {})) for name, row in gold.items()), len(gold)),
    }


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _sets(gold: Rows, answers: Rows, held: Callable[[Row], set[str]]) -> Counts:
    pairs = [(held(row), held(answers.get(name, {}))) for name, row in gold.items()]
    return Counts(
        hits=sum(len(wanted & said) for wanted, said in pairs),
        extra=sum(len(said - wanted) for wanted, said in pairs),
        missed=sum(len(wanted - said) for wanted, said in pairs),
    )


def _macro(gold: Rows, answers: Rows) -> float | None:
    """The mean over the types that occur, so that a rare one counts as much."""
    kinds = sorted({row["alert_type"] for row in gold.values() if row["is_alert"]})
    found = [
        _sets(gold, answers, lambda row, kind=kind: {kind} & {row.get("alert_type")}).f1 or 0.0  # type: ignore[misc]
        for kind in kinds
    ]
    return sum(found) / len(found) if found else None


def _severity(gold: Rows, answers: Rows) -> float | None:
    """Of the alerts there are: one that was not seen has no severity either."""
    alerts = {name: row["severity"] for name, row in gold.items() if row["is_alert"]}
    return _ratio(sum(answers.get(name, {}).get("severity") == wanted for name, wanted in alerts.items()), len(alerts))


def _cvss(gold: Rows, answers: Rows) -> float | None:
    scored = {name: row["cvss"] for name, row in gold.items() if row.get("cvss") is not None}
    return _ratio(sum(answers.get(name, {}).get("cvss") == wanted for name, wanted in scored.items()), len(scored))


def _pairs(gold: Rows, answers: Rows) -> Counts:
    """Which two texts tell the same news: their `group` is equal."""

    def told(rows: Rows) -> set[frozenset[str]]:
        groups: dict[str, list[str]] = {}
        for name in gold:
            groups.setdefault(str(rows.get(name, {}).get("group", name)), []).append(name)
        return {frozenset(pair) for names in groups.values() for pair in combinations(names, 2)}

    wanted, said = told(gold), told(answers)
    return Counts(hits=len(wanted & said), extra=len(said - wanted), missed=len(wanted - said))


# -- summaries --------------------------------------------------------------------------------------------------------

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_NAME = re.compile(r"(?<=[\w,] )[^\W\d_a-zà-ÿ]\w{2,}")  # a capital inside a sentence
_TEMPLATE = frozenset({"cvss", "cve", "score", "exploitee", "exploited"})  # says the template itself


def faults(gold: Row, answer: Row) -> Sequence[str]:
    """What is wrong with a summary; () when nothing is."""
    summary = str(answer.get("summary") or "")
    return tuple(_faults(summary, str(gold["title"]), str(gold["body"])))


def _faults(summary: str, title: str, body: str) -> Iterator[str]:
    text, said = one_line(f"{title} {body}"), words(summary)
    known = set(words(text))
    if not summary:
        yield "empty"
    if len(summary) > LONGEST_SUMMARY:
        yield f"{len(summary)} characters"
    if cut := [word for word in said if word not in known | _TEMPLATE]:
        yield f"not in the text: {', '.join(cut)}"
    if invented := set(_NUMBER.findall(summary.replace(",", "."))) - set(_NUMBER.findall(text.replace(",", "."))):
        yield f"numbers: {', '.join(sorted(invented))}"
    if invented := {name for name in _NAME.findall(summary) if name not in text and words(name)[0] not in _TEMPLATE}:
        yield f"names: {', '.join(sorted(invented))}"
    if said == words(title) and body.strip():
        yield "the title"
    if BOILERPLATE.fullmatch(" ".join(said)):
        yield "boilerplate"
