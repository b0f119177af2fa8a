"""Places found around an address somebody gave, one of them shown: what a draft of `addsource` remembers. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One place. `recent`: how many of its articles are of the last 30 days; None: it gives no dates."""

    url: str
    kind: str
    title: str
    count: int
    recent: int | None
    latest: tuple[tuple[str, datetime | None], ...]  # title, date

    def payload(self) -> dict[str, Any]:
        latest = [[title, at and at.isoformat()] for title, at in self.latest]
        plain = {name: getattr(self, name) for name in ("url", "kind", "title", "count", "recent")}
        return {**plain, "latest": latest}

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> Self:
        latest = tuple((title, at and datetime.fromisoformat(at)) for title, at in payload["latest"])
        return cls(**{**payload, "latest": latest})


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """Best first; `at`: which one is shown."""

    offers: tuple[Offer, ...]
    at: int = 0

    @property
    def shown(self) -> Offer:
        return self.offers[self.at]

    def next(self) -> Self:
        """The one after it, and after the last the first again."""
        return replace(self, at=(self.at + 1) % len(self.offers))

    def payload(self) -> dict[str, Any]:
        """As a token keeps it."""
        offers: Sequence[Mapping[str, Any]] = [one.payload() for one in self.offers]
        return {"offers": offers, "at": self.at}

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> Self:
        return cls(offers=tuple(map(Offer.parse, payload["offers"])), at=int(payload["at"]))
