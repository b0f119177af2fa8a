"""The arithmetic of `make quality`, and that the labelled texts are what they claim to be."""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pytest

from bot.domain.alert import AlertType, Severity
from bot.text.vocabulary import TOPICS
from tests.quality.__main__ import below
from tests.quality.measures import faults, figures
from tests.quality.rows import APART, DEVELOPED, HERE, rows_of

SETS = (*DEVELOPED, APART)
ROWS = [row for name in SETS for row in rows_of(HERE / f"{name}.jsonl").values()]


def row(name: str, **labels: object) -> Mapping[str, Any]:
    blank = {"title": "Un titre", "body": "Un texte.", "is_alert": False, "alert_type": None, "severity": None}
    return {"id": name, "group": name, "topics": [], "cves": [], "cvss": None, "deadlines": [], **blank, **labels}


GOLD = {
    "a": row("a", is_alert=True, alert_type="care_call", severity="warning", topics=["care"], group="g"),
    "b": row("b", is_alert=True, alert_type="outage", severity="info", cves=["CVE-2026-1"], cvss=9.8, group="g"),
    "c": row("c", deadlines=[{"date": "2026-03-02"}]),
    "d": row("d"),
}


def test_a_perfect_answer_scores_one_everywhere() -> None:
    answers = {name: {**gold, "summary": "Un texte."} for name, gold in GOLD.items()}
    found = dict(figures(GOLD, answers))
    assert found.pop("false alarms") == 0
    assert set(found.values()) == {1.0}


def test_an_answer_that_is_missing_understood_nothing() -> None:
    found = figures(GOLD, {})
    assert found["alert F1"] == found["type macro F1"] == found["severity"] == found["CVSS"] == found["summaries"] == 0
    assert found["false alarms"] == 0


def test_what_is_invented_and_what_is_missed_both_cost() -> None:
    answers = {
        "a": {"is_alert": True, "alert_type": "care_call", "severity": "critical", "topics": ["care", "ia"]},
        "c": {"is_alert": True, "alert_type": "outage", "group": "a", "deadlines": [{"date": "2026-03-03"}]},
    }
    found = figures(GOLD, answers)
    assert found["alert F1"] == 0.5  # one found, one invented, one missed
    assert found["false alarms"] == 0.5  # of the two that ring nobody
    assert found["type macro F1"] == 0.5  # 1 for care_call, 0 for outage
    assert found["severity"] == 0
    assert found["topics F1"] == pytest.approx(2 / 3)
    assert found["deadlines F1"] == found["deadlines precision"] == found["duplicates F1"] == 0


@pytest.mark.parametrize(
    ("summary", "fault"),
    [
        ("", "empty"),
        ("Le guichet ferme. " * 20, "360 characters"),
        ("Le guichet ferme le 4 mai.", "numbers: 4"),
        ("Le guichet fer…", "not in the text: fer"),
        ("Le guichet de Valmont ferme.", "names: Valmont"),
        ("Un guichet", "the title"),
    ],
)
def test_a_summary_says_nothing_that_the_text_does_not(summary: str, fault: str) -> None:
    gold = {"title": "Un guichet", "body": "Le guichet ferme le 3 mai."}
    assert fault in faults(gold, {"summary": summary})
    assert faults(gold, {"summary": "Le guichet ferme le 3 mai."}) == ()


def test_false_alarms_have_a_ceiling_and_the_others_a_floor() -> None:
    floors = {"alert F1": 0.9, "false alarms": 0.05, "CVSS": 1.0}
    assert below({"alert F1": 0.9, "false alarms": 0.05, "CVSS": None}, floors) == []
    assert below({"alert F1": 0.89, "false alarms": 0.06, "CVSS": 1.0}, floors) == ["alert F1", "false alarms"]


# -- the texts --------------------------------------------------------------------------------------------------------


def test_there_are_texts_enough_and_alerts_and_others() -> None:
    assert len(ROWS) == len({row["id"] for row in ROWS}) >= 150
    assert len({row["body"] for row in ROWS}) == len(ROWS)
    assert 0.4 < sum(row["is_alert"] for row in ROWS) / len(ROWS) < 0.6


def test_labels_are_of_the_closed_lists() -> None:
    for row in ROWS:
        assert row["is_alert"] == (row["alert_type"] in set(AlertType)) == (row["severity"] is not None), row["id"]
        assert row["severity"] in {None, *(severity.name.lower() for severity in Severity)}
        assert set(row["topics"]) <= set(TOPICS), row["id"]
        if row["alert_type"] in ("care_call", "funding_call"):
            assert "financement" in row["topics"], row["id"]
        if {"care", "nis2", "vulnerabilite"} & set(row["topics"]):
            assert "cybersecurite" in row["topics"], row["id"]


def test_a_deadline_is_ahead_and_its_words_stand_in_the_text() -> None:
    for row in ROWS:
        published = datetime.fromisoformat(row["published"]).date()
        for deadline in row["deadlines"]:
            assert deadline["phrase"] in row["body"], row["id"]
            assert date.fromisoformat(deadline["date"]) >= published, row["id"]


def test_look_alikes_know_each_other_and_are_of_other_groups() -> None:
    groups = {row["id"]: row["group"] for row in ROWS}
    for row in ROWS:
        for other in row["not_same_as"]:
            assert groups[other] != row["group"]


def test_the_words_of_the_vocabulary_name_no_labelled_text() -> None:
    """A place or a company of these texts in the vocabulary would be a rule for one of them."""
    vocabulary = (HERE.parents[1] / "bot" / "text" / "vocabulary.toml").read_text("utf-8").casefold()
    rows = json.dumps(ROWS, ensure_ascii=False)
    invented = set(re.findall(r"\b(?:Orvalis|Infulis|Paylog|Magnetis|Kerlann|Brévigny|Saint-Aubin|Sentinelia)\b", rows))
    assert len(invented) == 8
    assert not [name for name in invented if name.casefold() in vocabulary]
