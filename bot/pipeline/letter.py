"""A letter: what a channel is owed and has not been told, ranked and laid out. One function draws those that are sent
and those that are only shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.article import Facts
from bot.domain.channel import Channel, Rhythm
from bot.domain.delivery import Post, PostKind, Prio, story_key
from bot.domain.ids import ArticleId, PostId, StoryId
from bot.domain.rank import Grounds, Opinion, merit
from bot.domain.standing import days_left, is_sure
from bot.domain.story import best_of, together
from bot.locale.say import Say
from bot.pipeline.agenda import Agenda, Due
from bot.pipeline.compose import dated, line
from bot.pipeline.countdown import what_of
from bot.pipeline.sections import DATES, LIKED, Section, by_topic, in_messages, room_of
from bot.pipeline.stories import StoryRows
from bot.ports import Database
from bot.stores import Articles, Outbox, Votes

SHOWN = 24  # the rest is counted: a wall of links is read by nobody
LOOKED_AT = 500  # articles that are ranked
PERIOD = timedelta(days=7)
VOTES = timedelta(days=90)  # in which a group's votes say what it likes
MOST_LIKED = 3  # of what it was told of this week
MOST_DATES = 5
AHEAD = {Rhythm.WEEKLY: 30, Rhythm.DAILY: 7}  # days in which a deadline is worth a line


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The posts that would be sent now. `due`: when; None: nothing waits, and these were told in the last days."""

    posts: Sequence[Post]
    due: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    db: Database
    outbox: Outbox
    articles: Articles
    stories: StoryRows
    votes: Votes
    agenda: Agenda

    async def of(self, channel: Channel, posts: Sequence[PostId], due: datetime, now: datetime) -> Sequence[Post]:
        """One post for many, or as many as it takes. Their key comes from the hour they were due, so the same period
        cannot be told twice."""
        articles = await self.outbox.articles_of(self.db, posts)
        return await self._drawn(channel, articles, due, why_of(channel, due), now)

    async def draft(self, channel: Channel, now: datetime) -> Draft:
        held = await self.outbox.held(self.db, channel.id)
        if held:
            due = min(one.due_at or now for one in held)
            return Draft(posts=await self.of(channel, [one.post for one in held], due, now), due=due)
        recent = await self.articles.since(now - PERIOD, LOOKED_AT)
        told = await self.outbox.told(self.db, channel.id, [story_key(facts.story) for facts in recent])
        articles = [facts.number for facts in recent if story_key(facts.story) in told]
        return Draft(posts=await self._drawn(channel, articles, now, Rhythm.WEEKLY, now), due=None)

    async def _drawn(
        self, channel: Channel, articles: Sequence[ArticleId], due: datetime, why: str, now: datetime
    ) -> Sequence[Post]:
        opinions = await self._opinions(channel, now)
        together = await self._stories(articles)
        ranked = opinions.ranked(together, now)[:SHOWN]
        rhythm = next((one for one in AHEAD if one == why), None)
        liked = await self._liked(channel, opinions, together, now) if rhythm is Rhythm.WEEKLY else []
        dates = await self._dates(channel, AHEAD[rhythm], now) if rhythm is not None else []
        return letter_of(
            channel,
            ranked,
            liked,
            [_payload(one, now) for one in dates],
            key=f"d:{channel.id}:{int(due.timestamp() * 1000)}",
            why=why,
            total=len(together),
            now=now,
        )

    async def _stories(self, articles: Sequence[ArticleId]) -> Sequence[Facts]:
        """Each story once, in the voice that speaks for it, with all who tell it."""
        owed = await self.articles.facts(self.db, list(dict.fromkeys(articles))[-LOOKED_AT:])
        numbers = await self.stories.articles(self.db, sorted({facts.story for facts in owed}))
        told: dict[StoryId, list[Facts]] = {}
        for facts in await self.articles.facts(self.db, numbers):
            told.setdefault(facts.story, []).append(facts)
        return [together(best_of(some), some) for some in told.values()]

    async def _opinions(self, channel: Channel, now: datetime) -> "Opinions":
        """Of the group, on what it was told of lately."""
        tallies = await self.votes.lately(self.db, channel.id, now - VOTES)
        facts = await self.articles.facts(self.db, list(tallies))
        return Opinions.of((one, Opinion(up=tallies[one.number].up, down=tallies[one.number].down)) for one in facts)

    async def _liked(
        self, channel: Channel, opinions: "Opinions", but: Sequence[Facts], now: datetime
    ) -> Sequence[Facts]:
        """What the channel was told of this week, and most liked."""
        tallies = await self.votes.lately(self.db, channel.id, now - PERIOD)
        found = [
            facts
            for facts in await self._stories([number for number, tally in tallies.items() if tally.up > tally.down])
            if facts.story not in {one.story for one in but}
        ]
        return opinions.ranked(found, now)[:MOST_LIKED]

    async def _dates(self, channel: Channel, days: int, now: datetime) -> Sequence[Due]:
        coming = await self.agenda.coming(now)
        return [due for due in coming if days_left(due.next(now).claim, now, channel.zone) <= days][:MOST_DATES]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinions:
    """What a group thinks of stories, and of those who tell them."""

    stories: Mapping[StoryId, Opinion]
    sources: Mapping[str, Opinion]

    @classmethod
    def of(cls, voted: Iterable[tuple[Facts, Opinion]]) -> "Opinions":
        stories: dict[StoryId, Opinion] = {}
        sources: dict[str, Opinion] = {}
        for facts, opinion in voted:
            stories[facts.story] = stories.get(facts.story, Opinion()) + opinion
            slug = facts.article.source_slug
            sources[slug] = sources.get(slug, Opinion()) + opinion
        return cls(stories=stories, sources=sources)

    def ranked(self, some: Iterable[Facts], now: datetime) -> list[Facts]:
        """Best first; of equals, what we knew last."""
        return sorted(some, key=lambda facts: (-merit(self._grounds(facts, now)), -facts.number))

    def _grounds(self, facts: Facts, now: datetime) -> Grounds:
        article = facts.article
        return Grounds(
            story=self.stories.get(facts.story, Opinion()),
            source=self.sources.get(article.source_slug, Opinion()),
            voices=len(facts.sources),
            severity=facts.severity,
            trust=article.trust,
            age=now - (article.published or article.first_seen),
        )


def letter_of(
    channel: Channel,
    ranked: Sequence[Facts],
    liked: Sequence[Facts],
    dates: Sequence[Mapping[str, object]],
    *,
    key: str,
    why: str,
    total: int,
    now: datetime,
) -> Sequence[Post]:
    """Pure. `total`: of its articles, shown or not."""
    say = Say(channel.language)
    sections = [*by_topic(ranked)]
    if liked:
        sections.append(Section(name=LIKED, articles=tuple(facts.number for facts in liked)))
    if dates:
        sections.append(Section(name=DATES))
    room = {facts.number: room_of(line(facts, channel, say, len(facts.sources))) for facts in (*ranked, *liked)}
    dated_room = sum(room_of(dated(one, channel, say, now)) for one in dates)
    voices = {str(facts.number): len(facts.sources) for facts in (*ranked, *liked) if len(facts.sources) > 1}
    messages = in_messages(sections, room, dated_room)
    posts = []
    for place, message in enumerate(messages, 1):
        numbers = [number for section in message for number in section.articles]
        payload = {
            "articles": numbers,
            "sections": [section.payload() for section in message],
            "voices": {number: count for number, count in voices.items() if int(number) in numbers},
            "why": why,
            "part": place,
            "parts": len(messages),
            "total": total,
            "left": total - len(ranked) if place == len(messages) else 0,
            "dates": list(dates) if any(section.name == DATES for section in message) else [],
        }
        posts.append(Post(key=key, kind=PostKind.DIGEST, prio=Prio.DIGEST, payload=payload, created_at=now))
    return [replace(post, key=f"{key}:{n}") if n > 1 else post for n, post in enumerate(posts, 1)]


def _payload(due: Due, now: datetime) -> dict[str, object]:
    first = due.next(now)
    return {
        "claim": first.claim.payload(),
        "what": what_of(first),
        "url": first.url,
        "number": first.facts.number if first.facts else 0,
        "sure": is_sure(due.deadline),
    }


def why_of(channel: Channel, due: datetime) -> str:
    """What the post is called: by the hour it was due, since that is all a held row knows."""
    if due == channel.paused_until:
        return "pause"
    for rhythm in (Rhythm.WEEKLY, Rhythm.DAILY):
        if channel.next_digest(rhythm, due - timedelta(milliseconds=1)) == due:
            return rhythm.value
    return "held"
