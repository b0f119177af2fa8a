"""One function decides who gets what: delivery, rehearsal and `why` are `Rule.explain` on the same rows,
and a channel's silences are asked by all three in the same words."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.article import Facts, Product
from bot.domain.channel import Subscription
from bot.domain.ids import ChannelId, RuleId
from bot.domain.mute import Mute
from bot.domain.rule import Explanation, Reason, Rule, What, anchors_of
from bot.ports import Reader
from bot.stores import Articles, Mutes, Subscriptions

BREATH = 20  # articles held against a list of hundreds of names, in a few milliseconds
REHEARSED = 3_000  # articles looked at, about 30 days of the shipped catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    rule: RuleId
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What a rule would have sent. `taken` newest first."""

    taken: Sequence[Facts]
    looked_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    subscriptions: Subscriptions
    articles: Articles
    mutes: Mutes

    async def explain(self, reader: Reader, rule: Rule, facts: Facts) -> Explanation:
        if rule.what is What.WATCHLIST:
            return rule.explain(facts, await self.subscriptions.watchlist(reader, rule.value))
        return rule.explain(facts)

    async def match(self, reader: Reader, facts: Facts) -> Sequence[Match]:
        """Every wanted rule that takes these facts: the anchors propose, `explain` decides once each."""
        found = []
        for number, rule in await self.subscriptions.candidates(reader, anchors_of(facts)):
            explanation = await self.explain(reader, rule, facts)
            if explanation.matched:
                found.append(Match(rule=number, reason=explanation.reason))
        return found

    async def hushed(self, reader: Reader, facts: Facts, now: datetime) -> Sequence[ChannelId]:
        """Channels that do not want to hear of it now, whatever rule takes it."""
        return sorted({mute.channel for mute in await self.mutes.running(reader, now) if mute.hushes(facts, now)})

    async def hushed_here(self, reader: Reader, channel: ChannelId, facts: Facts) -> Mute | None:
        """The silence that kept it from this channel when it was first seen."""
        at = facts.article.first_seen
        return next((mute for mute in await self.mutes.of(reader, channel, at) if mute.hushes(facts, at)), None)

    async def rehearse_mute(self, reader: Reader, mute: Mute, since: datetime) -> Rehearsal:
        """What this channel's rules brought and such a silence would have kept."""
        facts, wanted = await self.articles.since(since, REHEARSED), await self.subscriptions.of(reader, mute.channel)
        kept = [f for f in facts if mute.hushes(f, mute.since)]
        taken = [f for f in kept if any([(await self.explain(reader, s.rule, f)).matched for s in wanted])]
        return Rehearsal(taken=taken, looked_at=len(facts))

    async def rehearse(self, reader: Reader, rule: Rule, since: datetime) -> Rehearsal:
        facts = await self.articles.since(since, REHEARSED)
        taken = [f for f in facts if (await self.explain(reader, rule, f)).matched]
        return Rehearsal(taken=taken, looked_at=len(facts))

    async def concerned(self, since: datetime, *lists: frozenset[Product]) -> Sequence[Rehearsal]:
        """What each of these watchlists would have brought: what is before a change of one, and after it."""
        facts, rule = await self.articles.since(since, REHEARSED), Rule(what=What.WATCHLIST)
        taken: list[list[Facts]] = [[] for _ in lists]
        for place, one in enumerate(facts):
            for kept, watched in zip(taken, lists, strict=True):
                if rule.explain(one, watched).matched:
                    kept.append(one)
            if place % BREATH == 0:
                await asyncio.sleep(0)  # others are answered meanwhile
        return [Rehearsal(taken=kept, looked_at=len(facts)) for kept in taken]

    async def why(self, reader: Reader, channel: ChannelId, facts: Facts) -> Sequence[tuple[Subscription, Explanation]]:
        """Rule by rule, in the order they were subscribed."""
        subscriptions = await self.subscriptions.of(reader, channel)
        return [(s, await self.explain(reader, s.rule, facts)) for s in subscriptions]
