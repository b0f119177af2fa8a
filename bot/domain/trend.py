"""How much is said of a topic, now and before."""

from dataclasses import dataclass
from enum import StrEnum

LEAST, SHARE = 2, 0.25  # articles, and part of what was before: what moves less is chance


class Move(StrEnum):
    UP = "up"
    DOWN = "down"
    STEADY = "steady"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Articles of a period, and of the one of the same length before it."""

    topic: str
    now: int
    before: int

    @property
    def move(self) -> Move:
        change = self.now - self.before
        if abs(change) < LEAST or abs(change) < SHARE * self.before:
            return Move.STEADY
        return Move.UP if change > 0 else Move.DOWN
