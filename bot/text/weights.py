"""How much each signal says for or against an alert of a type: fitted on labelled texts (`make fit`), kept as data.

A type's score is its `bias` and the weights of the signals seen, as in a logistic regression: 0 is even odds.
"""

import tomllib
from collections.abc import Collection, Mapping
from importlib.resources import files

from bot.domain.alert import AlertType

FILE = files("bot.text") / "weights.toml"
BIAS = "bias"

Weights = Mapping[AlertType, Mapping[str, float]]

_read = tomllib.loads(FILE.read_text("utf-8"))
ENOUGH: float = _read.pop("enough")  # a score from which an article is an alert
WEIGHTS: Weights = {AlertType(kind): weights for kind, weights in _read.items()}


def strongest(shown: Collection[str], weights: Weights) -> tuple[AlertType, float]:
    """The type with the highest score; of two equal ones, the first."""
    scores = {kind: score(shown, of_kind) for kind, of_kind in weights.items()}
    kind = max(scores, key=scores.__getitem__)
    return kind, scores[kind]


def score(shown: Collection[str], weights: Mapping[str, float]) -> float:
    return round(weights[BIAS] + sum(weights.get(name, 0.0) for name in shown), 3)
