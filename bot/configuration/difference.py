"""What an import would change: the database's configuration held against the file's. Pure.

What the file names, it says wholly: a subscription that its channel no longer lists goes. What it does not name stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.configuration import Configuration, Place, Wanted
from bot.domain.article import Product


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceChange:
    """`place` is the file's. Settings by name, (before, after); a subscription that only arrives otherwise likewise."""

    place: Place
    is_new: bool = False
    settings: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    pause: tuple[datetime | None, datetime | None] | None = None
    added: Sequence[Wanted] = ()
    removed: Sequence[Wanted] = ()
    otherwise: Sequence[tuple[Wanted, Wanted]] = ()

    def __bool__(self) -> bool:
        return any((self.is_new, self.settings, self.pause, self.added, self.removed, self.otherwise))


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchlistChange:
    community: str
    added: frozenset[Product] = frozenset()
    removed: frozenset[Product] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    places: Sequence[PlaceChange] = ()
    watchlists: Sequence[WatchlistChange] = ()
    untouched: int = 0  # channels the file does not name

    def __bool__(self) -> bool:
        return bool(self.places or self.watchlists)


def difference(before: Configuration, after: Configuration) -> Difference:
    """`after` is the file."""
    known = {place.address: place for place in before.places}
    places = [_place(known.get(place.address), place) for place in after.places]
    watchlists = [_watchlist(community, before, after) for community in sorted(after.communities)]
    return Difference(
        places=tuple(filter(None, places)),
        watchlists=tuple(filter(None, watchlists)),
        untouched=len(known.keys() - {place.address for place in after.places}),
    )


def _place(was: Place | None, place: Place) -> PlaceChange:
    had = {one.key: one for one in was.wanted} if was else {}
    wants = {one.key: one for one in place.wanted}
    both = [(had[key], one) for key, one in wants.items() if key in had]
    before = was.settings if was else {}
    return PlaceChange(
        place=place,
        is_new=was is None,
        settings={
            name: (before[name], text) for name, text in place.settings.items() if was and before.get(name) != text
        },
        pause=(was.paused_until, place.paused_until) if was and was.paused_until != place.paused_until else None,
        added=tuple(one for key, one in wants.items() if key not in had),
        removed=tuple(one for key, one in had.items() if key not in wants),
        otherwise=tuple(pair for pair in both if (pair[0].how, pair[0].silent) != (pair[1].how, pair[1].silent)),
    )


def _watchlist(community: str, before: Configuration, after: Configuration) -> WatchlistChange:
    was, now = before.watchlists.get(community, frozenset()), after.watchlists.get(community, frozenset())
    return WatchlistChange(community=community, added=now - was, removed=was - now)
