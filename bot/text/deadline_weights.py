"""How much each signal of a date says for or against a deadline: fitted on labelled texts, kept as data.

`make fit` writes them; which signals there are: `bot.text.deadline_signals`.
"""

import tomllib
from collections.abc import Collection, Mapping
from importlib.resources import files

FILE = files("bot.text") / "deadline_weights.toml"
BIAS = "bias"

_read = tomllib.loads(FILE.read_text("utf-8"))
ENOUGH: float = _read["enough"]  # a score from which a date is a deadline


class _Weights(dict[str, float]):
    """Of a signal that is not written it is 0."""

    def __missing__(self, name: str) -> float:
        return 0.0


WEIGHTS: Mapping[str, float] = _Weights(_read["weights"])  # with the bias


def score_of(shown: Collection[str]) -> float:
    """As in a logistic regression: 0 is even odds."""
    return round(WEIGHTS[BIAS] + sum(map(WEIGHTS.__getitem__, shown)), 3)
