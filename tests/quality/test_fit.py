"""The weights are those that the labelled texts give, and texts that the fit did not see are told nearly as well."""

import pytest

from bot.domain.alert import AlertType
from bot.text.weights import BIAS, WEIGHTS
from tests.quality.fit import Sample, figures_of, fit, own, told_across, told_by, written

FITTED_AT_MOST = 0.05  # by how much texts that were seen may be told better than those that were not


def test_the_weights_are_what_the_texts_give() -> None:
    """Else somebody edited words or texts: `make fit`."""
    found = fit(own())
    assert found.keys() == WEIGHTS.keys()
    for kind, weights in found.items():
        assert weights == pytest.approx(WEIGHTS[kind], abs=0.02), kind


def test_stories_that_the_fit_did_not_see_are_told_nearly_as_well() -> None:
    samples = own()
    seen, unseen = figures_of(samples, told_by(WEIGHTS, samples)), figures_of(samples, told_across(samples))
    assert seen.f1 - unseen.f1 < FITTED_AT_MOST
    assert unseen.false_alarms <= 0.05


def sample(*shown: str, kind: AlertType | None = None, story: str = "") -> Sample:
    return Sample(story=story or "-".join(shown), shown=frozenset(shown), kind=kind)


def test_a_signal_seen_in_alerts_weighs_more_than_before_and_one_never_seen_stays() -> None:
    seen = [sample("attack", "now", kind=AlertType.INCIDENT)] * 30 + [sample("study")] * 30
    weights = fit(seen)[AlertType.INCIDENT]
    assert weights["attack"] > 0.5
    assert weights["wave"] == 0.5
    assert weights["study"] < 0 < weights["now"]
    assert weights[BIAS] < 0


def test_a_signal_never_weighs_against_what_it_speaks_for() -> None:
    weights = fit([sample("attack")] * 50 + [sample("now", kind=AlertType.INCIDENT)] * 50)[AlertType.INCIDENT]
    assert weights.get("attack", 0.0) >= 0


def test_figures_count_what_rings_wrongly_and_what_does_not_ring() -> None:
    samples = [sample("a", kind=AlertType.OUTAGE), sample("b", kind=AlertType.INCIDENT), sample("c"), sample("d")]
    found = figures_of(samples, [AlertType.OUTAGE, None, AlertType.OUTAGE, None])
    assert (found.f1, found.false_alarms, found.kinds) == (0.5, 0.5, 0.5)


def test_weights_are_written_as_they_are_read() -> None:
    text = written({AlertType.OUTAGE: {BIAS: -1.5, "down (title)": 2.0}})
    assert '[outage]\n"bias" = -1.50\n"down (title)" = 2.00\n' in text
