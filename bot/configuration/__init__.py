"""What the groups chose, as one value: their channels, settings, subscriptions and watchlists.

No person is in it: a person's own chat bears their number, so those chats are left out and never touched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.article import Product
from bot.domain.channel import Address, Rhythm
from bot.domain.command import Where
from bot.domain.rule import Rule, Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One subscription, without what only a database knows of it."""

    rule: Rule
    how: Rhythm = Rhythm.NOW
    silent: bool = False

    @property
    def key(self) -> tuple[object, ...]:
        """What the rule says. Stems are left out: they change with the analyser, and nobody reads them."""
        rule = self.rule
        severity = 0 if rule.from_severity is None else int(rule.from_severity)
        return (rule.what, rule.value, _said(rule.all_of), _said(rule.any_of), _said(rule.none_of), severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One channel. `settings` are those of `settings_of`; `paused_until` lies ahead, or is None."""

    where: Where
    settings: Mapping[str, str]
    paused_until: datetime | None = None
    wanted: Sequence[Wanted] = ()

    @property
    def address(self) -> Address:
        return self.where.address


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """`places` by address; a watchlist by the community that shares it, never an empty one."""

    places: Sequence[Place] = ()
    watchlists: Mapping[str, frozenset[Product]] = field(default_factory=dict)

    def place(self, address: Address) -> Place | None:
        return next((place for place in self.places if place.address == address), None)

    @property
    def communities(self) -> frozenset[str]:
        return frozenset(place.where.community for place in self.places)


def _said(terms: Sequence[Term]) -> tuple[tuple[str, bool], ...]:
    return tuple(sorted({(term.text, term.exact) for term in terms}))
