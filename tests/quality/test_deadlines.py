"""The deadlines of texts with labels: how many of the dates are found, and how many of those found are deadlines.

`deadlines.jsonl`: texts written for this purpose, in the manner of the press and of agencies; all that they tell is
fictitious. Of a text, the dates on or after its publication by which its readers must act, or at which something opens
or closes to them. Dates are compared by their day; the hour and the side are not.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.domain.deadline import Claim
from bot.text.deadlines import find

HERE = Path(__file__).parent
TEXTS, UNFITTED = (
    [json.loads(line) for line in (HERE / f"{name}.jsonl").read_text("utf-8").splitlines()]
    for name in ("deadlines", "dates_last")
)
# Recorded: the grammar reads these texts all right today, and a change may lose a few to win more elsewhere.
LEAST_PRECISION, LEAST_RECALL = 0.97, 0.97


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    right: int
    wrong: int  # found, and no deadline
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.right / (2 * self.right + self.wrong + self.missed)


def score(pairs: Sequence[tuple[set[str], set[str]]]) -> Score:
    """Of (labelled, found) days of each text."""
    return Score(
        right=sum(len(labelled & found) for labelled, found in pairs),
        wrong=sum(len(found - labelled) for labelled, found in pairs),
        missed=sum(len(labelled - found) for labelled, found in pairs),
    )


def read(text: Mapping[str, Any]) -> Sequence[Claim]:
    return find(text["body"], datetime.fromisoformat(text["published"]), title=text["title"])


def labelled(text: Mapping[str, Any]) -> set[str]:
    return {deadline["date"] for deadline in text["deadlines"]}


def test_a_score_counts_days_found_invented_and_missed() -> None:
    counted = score([({"a", "b"}, {"b", "c"}), (set(), set()), ({"d"}, {"d"})])
    assert (counted.right, counted.wrong, counted.missed) == (2, 1, 1)
    assert counted.precision == counted.recall == counted.f1 == pytest.approx(2 / 3)


def test_deadlines_are_found_as_well_as_they_were() -> None:
    found = score([(labelled(text), {claim.date.isoformat() for claim in read(text)}) for text in TEXTS])
    assert found.precision >= LEAST_PRECISION and found.recall >= LEAST_RECALL, found


def test_texts_that_no_weight_was_fitted_on_are_read_as_well_as_is_the_goal() -> None:
    """`dates_last.jsonl`: labelled, scored once (0.964 and 0.931), and kept out of the fit since."""
    found = score([(labelled(text), {claim.date.isoformat() for claim in read(text)}) for text in UNFITTED])
    assert found.precision >= 0.90 and found.f1 >= 0.90, found


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text["id"])
def test_a_claim_quotes_its_text(text: Mapping[str, Any]) -> None:
    assert all(claim.phrase in text["body"] or claim.phrase in text["title"] for claim in read(text))


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text["id"])
def test_labels_stand_in_their_texts_and_are_not_past(text: Mapping[str, Any]) -> None:
    for deadline in text["deadlines"]:
        assert deadline["phrase"] in text["body"] or deadline["phrase"] in text["title"]
        assert text["published"][:10] <= deadline["date"] and deadline["edge"] in ("open", "close")
