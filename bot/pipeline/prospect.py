"""What a set of rules would have sent one channel: how often at once, how many mornings, how many letters."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.article import Facts, Product
from bot.domain.channel import Channel, Rhythm
from bot.domain.concern import concern_of
from bot.domain.setup import Wanted

AT_A_TIME = 50  # articles between two looks at the loop: somebody else is waiting for an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """`at_once` newest first; of those that wait, how many posts they make."""

    looked_at: int
    at_once: Sequence[Facts]
    concerned: int  # alerts that touch the watchlist
    mornings: int
    letters: int

    @property
    def alerts(self) -> Sequence[Facts]:
        return [facts for facts in self.at_once if facts.severity is not None]


async def prospect(
    facts: Sequence[Facts], wanted: Sequence[Wanted], channel: Channel, watchlist: frozenset[Product]
) -> Prospect:
    """By the very rules that deliver; several that match give one post, and the soonest wins."""
    at_once: list[Facts] = []
    digests: dict[Rhythm, set[datetime]] = {Rhythm.DAILY: set(), Rhythm.WEEKLY: set()}
    for place, one in enumerate(facts):
        if place % AT_A_TIME == 0:
            await asyncio.sleep(0)
        hows = {each.how for each in wanted if each.rule.explain(one, watchlist).matched}
        if Rhythm.NOW in hows:
            at_once.append(one)
        elif hows:
            how = Rhythm.DAILY if Rhythm.DAILY in hows else Rhythm.WEEKLY
            digests[how].add(channel.next_digest(how, one.article.published or one.article.first_seen))
    concerned = [one for one in at_once if one.severity is not None and concern_of(one, watchlist) is not None]
    return Prospect(
        looked_at=len(facts),
        at_once=at_once,
        concerned=len(concerned),
        mornings=len(digests[Rhythm.DAILY]),
        letters=len(digests[Rhythm.WEEKLY]),
    )
