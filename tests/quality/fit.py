"""`make fit`: the weights of `bot/text/weights.toml`, from the labelled texts of this directory.

The same texts give the same weights. One logistic regression a type of alert, over the signals that may speak of it: a
weight has the sign that `signals.toml` gives its signal, and is drawn towards what one would say before any text is
seen (`BEFORE_FOR`, `BEFORE_AGAINST`): with some hundred texts, a signal that few show stays where reason puts it.
Other sets of that format may be named, `make fit QUALITY=FILE.jsonl`: how the weights tell those is printed.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot import catalogue
from bot.domain.alert import AlertType
from bot.pipeline.analyse import source_of
from bot.pipeline.lines import read_line
from bot.settings import read as read_settings
from bot.text.signals import IN_TITLE, KINDS, SIGNALS, signs
from bot.text.understand import signals_of
from bot.text.weights import BIAS, Weights, strongest
from tests.quality.regression import Before, folds, regress
from tests.quality.rows import DEVELOPED, HERE, INPUTS, Rows, rows_of

WEIGHTS_FILE = Path(__file__).parent.parent.parent / "bot" / "text" / "weights.toml"
ENOUGH = -0.4  # where, across the folds, false alarms stay under three in a hundred
BEFORE_FOR, BEFORE_AGAINST, BEFORE_BIAS = 0.5, 1.2, -3.0
TITLE_AGAINST = 2.0  # times: what takes an alert away seldom stands in a title by chance
PULL = 1.0  # towards those
FOLDS = 5
SMALL = 0.05  # a weight under it is not written


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    story: str  # texts of one story are on one side of a fold
    shown: frozenset[str]
    kind: AlertType | None


def samples_of(rows: Rows) -> Sequence[Sample]:
    settings = read_settings({})
    listed, now = catalogue.read(settings.sources), datetime.now(UTC)
    found = []
    for row in rows.values():
        line = read_line(json.dumps({name: row[name] for name in INPUTS}).encode(), settings.zone)
        shown = signals_of(line.article(source_of(line.source_slug, listed), now))
        kind = AlertType(row["alert_type"]) if row["is_alert"] else None
        found.append(
            Sample(
                story=row["group"],
                shown=frozenset(shown),
                kind=AlertType.FUNDING_CALL if kind is AlertType.CARE_CALL else kind,
            )
        )
    return found


def fit(samples: Sequence[Sample]) -> Weights:
    may_weigh = signs()
    return {kind: _fit_one(samples, kind, may_weigh[kind]) for kind in KINDS}


def _fit_one(samples: Sequence[Sample], kind: AlertType, sign: Mapping[str, int]) -> Mapping[str, float]:
    before = {name: Before(side=side, weight=_before(name, side), pull=PULL) for name, side in sign.items()}
    wanted = [sample.kind is kind for sample in samples]
    bias, weights = regress([sample.shown for sample in samples], wanted, before, BEFORE_BIAS)
    heaviest = sorted(weights.items(), key=lambda pair: (-abs(round(pair[1], 2)), pair[0]))
    return {BIAS: round(bias, 2), **{name: round(weight, 2) for name, weight in heaviest if abs(weight) >= SMALL}}


_SURE = {signal.name: signal.sure for signal in SIGNALS}


def _before(name: str, side: int) -> float:
    if side > 0:
        return BEFORE_FOR * _SURE.get(name, 1.0)
    return -BEFORE_AGAINST * _SURE.get(name, TITLE_AGAINST if name.endswith(IN_TITLE) else 1.0)


# -- figures ----------------------------------------------------------------------------------------------------------


def told_by(weights: Weights, samples: Sequence[Sample]) -> Sequence[AlertType | None]:
    return [kind if value >= ENOUGH else None for kind, value in (strongest(s.shown, weights) for s in samples)]


def told_across(samples: Sequence[Sample]) -> Sequence[AlertType | None]:
    """Each text by weights fitted on the other folds: what the fit says of stories that it did not see."""
    fold = folds({sample.story for sample in samples}, FOLDS)
    told: dict[int, AlertType | None] = {}
    for n in range(FOLDS):
        weights = fit([sample for sample in samples if fold[sample.story] != n])
        mine = [place for place, sample in enumerate(samples) if fold[sample.story] == n]
        told |= dict(zip(mine, told_by(weights, [samples[place] for place in mine]), strict=True))
    return [told[place] for place in range(len(samples))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    f1: float
    false_alarms: float
    kinds: float  # share of the alerts that are told with their type

    def __str__(self) -> str:
        return f"alert F1 {self.f1:.3f}   false alarms {self.false_alarms:.3f}   right type {self.kinds:.3f}"


def figures_of(samples: Sequence[Sample], told: Sequence[AlertType | None]) -> Figures:
    pairs = [(sample.kind, kind) for sample, kind in zip(samples, told, strict=True)]
    hits = sum(wanted is not None and kind is not None for wanted, kind in pairs)
    alerts, rung = sum(wanted is not None for wanted, _ in pairs), sum(kind is not None for _, kind in pairs)
    return Figures(
        f1=2 * hits / max(1, alerts + rung),
        false_alarms=(rung - hits) / max(1, len(pairs) - alerts),
        kinds=sum(wanted is not None and wanted is kind for wanted, kind in pairs) / max(1, alerts),
    )


def written(weights: Weights) -> str:
    parts = ["# Fitted by `make fit`; never edited by hand.", f"enough = {ENOUGH}"]
    for kind, of_kind in weights.items():
        parts += ["", f"[{kind}]", *(f'"{name}" = {weight:.2f}' for name, weight in of_kind.items())]
    return "\n".join(parts) + "\n"


def own() -> Sequence[Sample]:
    return samples_of({name: row for file in DEVELOPED for name, row in rows_of(HERE / f"{file}.jsonl").items()})


def main(others: Sequence[str]) -> None:
    samples = own()
    weights = fit(samples)
    print(f"fitted           {figures_of(samples, told_by(weights, samples))}")
    print(f"across {FOLDS} folds   {figures_of(samples, told_across(samples))}")
    for path in others:
        unseen = samples_of(rows_of(Path(path)))
        print(f"{Path(path).stem[:15]:<17}{figures_of(unseen, told_by(weights, unseen))}")
    WEIGHTS_FILE.write_text(written(weights), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
