"""The weights are those that the labelled texts give, and dates that the fit did not see are told nearly as well."""

from datetime import date

import pytest

from bot.text.deadline_signals import SIGNS
from bot.text.deadline_weights import BIAS, ENOUGH, WEIGHTS
from tests.quality.date_fit import (
    LEAST_PRECISION,
    Sample,
    Text,
    enough_for,
    figures_of,
    fit,
    own,
    scores,
    scores_across,
    written,
)
from tests.quality.regression import Before, regress

FITTED_AT_MOST = 0.05  # by how much texts that were seen may be read better than those that were not
DAY = date(2026, 3, 2)


def test_the_weights_are_what_the_texts_give_and_as_good_on_unseen_stories() -> None:
    """Else somebody edited words or texts: `make fit`."""
    texts = own()
    found, across = fit(texts), scores_across(texts)
    assert found == pytest.approx(dict(WEIGHTS), abs=0.02)
    assert enough_for(texts, across) == ENOUGH
    seen, unseen = figures_of(texts, scores(texts, WEIGHTS), ENOUGH), figures_of(texts, across, ENOUGH)
    assert unseen.precision >= LEAST_PRECISION and unseen.recall >= LEAST_PRECISION
    assert seen.f1 - unseen.f1 < FITTED_AT_MOST


def test_every_weight_is_on_the_side_of_its_signal() -> None:
    assert all(weight * SIGNS[name][0] >= 0 for name, weight in WEIGHTS.items() if name != BIAS)


def test_a_weight_never_passes_to_the_other_side() -> None:
    shown, wanted = [{"for"}] * 40 + [{"against"}] * 40, [False] * 40 + [True] * 40
    before = {"for": Before(side=1, weight=1.0), "against": Before(side=-1, weight=-1.0)}
    _, weights = regress(shown, wanted, before, bias=0.0)
    assert weights == {"for": 0.0, "against": 0.0}


def test_a_signal_that_no_text_shows_weighs_what_was_said_before() -> None:
    _, weights = regress([{"a"}] * 9, [True] * 9, {"b": Before(side=-1, weight=-2.0)}, bias=0.0)
    assert weights == {"b": -2.0}


def text(name: str, *, labelled: bool, shown: str) -> Text:
    one = Sample(days=frozenset({DAY}), shown=frozenset({shown}), is_deadline=labelled, in_body=True, may_be=True)
    return Text(name=name, story=name, labelled=frozenset({DAY} if labelled else ()), asks=True, samples=[one])


def test_figures_count_days_found_invented_and_missed() -> None:
    texts = [
        text("a", labelled=True, shown="x"),
        text("b", labelled=True, shown="y"),
        text("c", labelled=False, shown="x"),
    ]
    found = figures_of(texts, scores(texts, {BIAS: 0.0, "x": 1.0, "y": -1.0}), 0.5)
    assert (found.right, found.wrong, found.missed) == (1, 1, 1)


def test_the_threshold_is_the_lowest_that_is_precise_enough() -> None:
    texts = [text(f"a{n}", labelled=True, shown="x") for n in range(10)] + [text("b", labelled=False, shown="y")]
    assert enough_for(texts, scores(texts, {BIAS: 0.0, "x": 2.0, "y": 1.0})) == 1.05


def test_weights_are_written_as_they_are_read() -> None:
    assert '\nenough = 0.5\n\n[weights]\n"bias" = -1.50\n' in written({BIAS: -1.5}, 0.5)
