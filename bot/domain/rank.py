"""What comes first in a letter: the group's own reactions, who tells it, how grave it is, whose word it is, its age."""

import math
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.alert import Severity
from bot.domain.source import Trust

# One vote is an opinion, four are the group's: until then the figure stays near nothing.
SMOOTHED_BY = 4
OF_STORY, OF_SOURCE = 4.0, 2.0  # what the story's votes weigh, and those of all that its source brought lately
SEVERITIES = {None: 0.0, Severity.INFO: 0.5, Severity.WARNING: 1.5, Severity.CRITICAL: 3.0}
TRUSTS = {Trust.OFFICIAL: 0.6, Trust.PRESS: 0.3, Trust.VENDOR: 0.1, Trust.OTHER: 0.0}
OLD = timedelta(days=7)  # from which more age counts for nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """How many of a group like something, and how many do not."""

    up: int = 0
    down: int = 0

    @property
    def liking(self) -> float:
        """-1 to 1; 0 without a vote. Each vote moves it its own way, the first ones most."""
        return (self.up - self.down) / (self.up + self.down + SMOOTHED_BY)

    def __add__(self, other: "Opinion") -> "Opinion":
        return Opinion(up=self.up + other.up, down=self.down + other.down)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """All on which the place of a story depends."""

    story: Opinion = Opinion()
    source: Opinion = Opinion()
    voices: int = 1  # sources that tell it
    severity: Severity | None = None
    trust: Trust = Trust.OTHER
    age: timedelta = timedelta()


def merit(grounds: Grounds) -> float:
    """The more, the earlier."""
    return (
        OF_STORY * grounds.story.liking
        + OF_SOURCE * grounds.source.liking
        + math.log2(max(grounds.voices, 1))
        + SEVERITIES[grounds.severity]
        + TRUSTS[grounds.trust]
        - min(max(grounds.age / OLD, 0.0), 1.0)
    )
