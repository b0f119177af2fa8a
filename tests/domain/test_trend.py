"""When a topic rises: by a few articles at least, and by a quarter of what it was."""

import pytest

from bot.domain.trend import Move, Trend


@pytest.mark.parametrize(
    ("before", "now", "move"),
    [
        (0, 0, Move.STEADY),
        (0, 1, Move.STEADY),
        (0, 2, Move.UP),
        (8, 9, Move.STEADY),
        (8, 10, Move.UP),
        (100, 124, Move.STEADY),
        (100, 125, Move.UP),
        (100, 75, Move.DOWN),
        (2, 0, Move.DOWN),
        (1, 0, Move.STEADY),
    ],
)
def test_what_moves_little_is_steady(before: int, now: int, move: Move) -> None:
    assert Trend(topic="ia", now=now, before=before).move is move
