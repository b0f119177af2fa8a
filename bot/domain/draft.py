"""A subscription being put together, step by step: what was chosen so far, and what each choice makes of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from bot.domain.channel import Rhythm
from bot.domain.rule import Rule


class Step(StrEnum):
    WHAT = "what"
    TOPIC = "topic"
    SOURCE = "source"
    HOW = "how"
    SAVE = "save"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    step: Step = Step.WHAT
    page: int = 0  # of the sources
    rule: Rule | None = None
    how: Rhythm = Rhythm.NOW
    silent: bool = False
    editing: bool = False  # of a subscription that is there already

    def wanting(self, rule: Rule) -> Self:
        return replace(self, rule=rule, step=Step.HOW)

    def delivered(self, how: Rhythm) -> Self:
        return replace(self, how=how, step=Step.SAVE)

    def at(self, step: Step, page: int = 0) -> Self:
        return replace(self, step=step, page=page)

    def payload(self) -> dict[str, Any]:
        """As a token keeps it."""
        rule = None if self.rule is None else self.rule.canonical()
        return {
            "step": self.step,
            "page": self.page,
            "rule": rule,
            "how": self.how,
            "silent": self.silent,
            "editing": self.editing,
        }

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> Self:
        return cls(
            step=Step(payload["step"]),
            page=int(payload["page"]),
            rule=None if payload["rule"] is None else Rule.parse(payload["rule"]),
            how=Rhythm(payload["how"]),
            silent=bool(payload["silent"]),
            editing=bool(payload["editing"]),
        )
