"""The first minute in a chat: three answers, and the rules they make. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from bot.domain.article import Product
from bot.domain.channel import Rhythm
from bot.domain.rule import Rule, What


class Kind(StrEnum):
    """What the establishment is."""

    GHT = "ght"
    CHU = "chu"
    CLINIC = "clinic"
    OTHER = "another"


class Much(StrEnum):
    """How much it wants to hear; alerts ring at once in any case."""

    ALERTS = "alerts"  # nothing else
    MORNINGS = "mornings"  # the rest once a day
    LETTERS = "letters"  # once a week
    ALL = "all"  # each at once, without a sound


class Question(StrEnum):
    KIND = "kind"
    PARK = "park"
    MUCH = "much"
    SAVE = "save"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A subscription to be."""

    rule: Rule
    how: Rhythm
    silent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """None: not answered yet."""

    kind: Kind | None = None
    park: tuple[Product, ...] | None = None  # (): they will say so later
    much: Much | None = None

    @property
    def question(self) -> Question:
        """The next one."""
        if self.kind is None:
            return Question.KIND
        if self.park is None:
            return Question.PARK
        return Question.MUCH if self.much is None else Question.SAVE

    def back(self) -> Self:
        """Without the last answer."""
        if self.much is not None:
            return replace(self, much=None)
        return replace(self, park=None) if self.park is not None else replace(self, kind=None)

    def wanted(self, community: str) -> tuple[Wanted, ...]:
        """The rules of these answers, `much` being one of them. What touches their list rings, an alert or not."""
        found = [Wanted(rule=Rule(what=What.ALERTS), how=Rhythm.NOW)]
        if self.park:
            found.append(Wanted(rule=Rule(what=What.WATCHLIST, value=community), how=Rhythm.NOW))
        everything = Rule(what=What.EVERYTHING)
        match self.much:
            case Much.MORNINGS:
                found.append(Wanted(rule=everything, how=Rhythm.DAILY))
            case Much.LETTERS:
                found.append(Wanted(rule=everything, how=Rhythm.WEEKLY))
            case Much.ALL:
                found.append(Wanted(rule=everything, how=Rhythm.NOW, silent=True))
            case _:
                pass
        return tuple(found)

    def payload(self) -> dict[str, Any]:
        """As a token keeps it."""
        park = None if self.park is None else [[one.vendor, one.name] for one in self.park]
        return {"kind": self.kind, "park": park, "much": self.much}

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> Self:
        kind, park, much = payload["kind"], payload["park"], payload["much"]
        return cls(
            kind=None if kind is None else Kind(kind),
            park=None if park is None else tuple(Product(vendor=vendor, name=name) for vendor, name in park),
            much=None if much is None else Much(much),
        )
