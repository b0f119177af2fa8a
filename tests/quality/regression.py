"""A small logistic regression of which every weight has a side: 1 for, -1 against, never past 0.

Newton's method, one weight after the other (coordinate descent), each drawn towards what was said of it before any text
was seen. The same samples give the same weights.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

SWEEPS = 60
FLATTEST = 0.05  # of p(1-p), so that a step stays bounded where the fit is sure


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """Of a signal, before any text is seen."""

    side: int  # 1 or -1
    weight: float  # of that side
    pull: float = 1.0  # how hard it draws: as much as so many samples of even odds, four times


def regress(
    shown: Sequence[Collection[str]], wanted: Sequence[bool], before: Mapping[str, Before], bias: float
) -> tuple[float, Mapping[str, float]]:
    """(bias, weights) by which `wanted` is told from the signals `shown`; one without a `before` is not looked at."""
    weights = {name: prior.weight for name, prior in before.items()}
    showing = {name: [n for n, signals in enumerate(shown) if name in signals] for name in before}
    margins = [bias + sum(weights[name] for name in signals if name in weights) for signals in shown]
    for _ in range(SWEEPS):
        slope = sum(chance(margin) - y for margin, y in zip(margins, wanted, strict=True))
        step = -slope / (len(shown) / 8)
        bias, margins = bias + step, [margin + step for margin in margins]
        for name, prior in before.items():
            if not showing[name]:
                continue
            slope, bend = prior.pull * (weights[name] - prior.weight), prior.pull
            for n in showing[name]:
                p = chance(margins[n])
                slope, bend = slope + p - wanted[n], bend + max(p * (1 - p), FLATTEST)
            held = max(0.0, prior.side * (weights[name] - slope / bend)) * prior.side
            if step := held - weights[name]:
                weights[name] = held
                for n in showing[name]:
                    margins[n] += step
    return bias, weights


def chance(margin: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, margin))))


def folds(stories: Collection[str], count: int) -> Mapping[str, int]:
    """Which fold each story is kept out of: the same in every process, neighbours in a file spread over all."""
    return {story: n % count for n, story in enumerate(sorted(stories, key=lambda one: (_spread(one), one)))}


def _spread(story: str) -> int:
    return sum(number * ord(letter) for number, letter in enumerate(story, 7)) * 2654435761 % 2**32
