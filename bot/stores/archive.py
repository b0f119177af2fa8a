"""Of the rows: what was read, and where from."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.alert import Alert
from bot.domain.article import Article, Facts, Understanding
from bot.domain.deadline import Claim, Deadline
from bot.domain.ids import ArticleId, DeadlineId, SourceId, StoryId
from bot.domain.milestone import Line
from bot.domain.sighting import Known, Sighting
from bot.domain.source import Source
from bot.domain.trend import Trend
from bot.ports import Reader, Tx
from bot.text.boilerplate import Lines


class Sources(Protocol):
    async def all(self) -> Sequence[Source]:
        """By slug; disabled ones too."""
        ...

    async def titles(self, reader: Reader, slugs: Collection[str]) -> Mapping[str, str]:
        """Of those that exist, by slug."""
        ...

    async def claim(self, now: datetime, limit: int, until: datetime) -> Sequence[Source]:
        """Due sources, now claimed: no other reader gets them before `until`."""
        ...

    async def renew(self, source: SourceId, held: datetime, until: datetime) -> bool:
        """Its claim that ends at `held`; False when it is claimed by another one, or by none."""
        ...

    async def next_due(self) -> datetime | None: ...

    async def release_claims(self) -> None:
        """Only where no other process can hold one."""
        ...

    async def save(self, tx: Tx, *sources: Source) -> None:
        """The state of reading, and the kind once it is found out; their claims end."""
        ...

    async def add(self, tx: Tx, source: Source) -> SourceId | None:
        """None when its slug or its address is already watched."""
        ...

    async def shelve(self, tx: Tx, source: Source) -> SourceId:
        """Kept disabled, the first time; its number every time."""
        ...

    async def decide(self, tx: Tx, source: SourceId, *, admitted: bool) -> bool:
        """The operator's word on a pending one: it is read from now on, or disabled. False when it waits no more."""
        ...

    async def disable(self, tx: Tx, slug: str) -> bool:
        """False when there is none. What it said stays in the archive, and its identities with it."""
        ...

    async def follow_file(self, tx: Tx, sources: Sequence[Source]) -> None:
        """A sources file owns its slugs: adds, updates, and disables what it no longer lists."""
        ...


class Articles(Protocol):
    async def sightings(self, reader: Reader, source: SourceId, keys: Sequence[str]) -> Mapping[str, Sighting]: ...

    async def under(self, reader: Reader, url: str) -> Sequence[Known]:
        """The articles under this canonical address, oldest first."""
        ...

    async def under_each(self, reader: Reader, urls: Sequence[str]) -> Mapping[str, Sequence[Known]]:
        """The same for several, by the address as it was given."""
        ...

    async def add(self, tx: Tx, *new: tuple[Article, Understanding, str]) -> Sequence[tuple[ArticleId, StoryId]]:
        """New articles, each with its content hash and in a story of its own; in their order."""
        ...

    async def sight(
        self, tx: Tx, source: SourceId, names: Sequence[str], article: ArticleId, content_hash: str, now: datetime
    ) -> bool:
        """True when this source had not listed this article before, under whatever name. A name another article of the
        source goes by stays that one's."""
        ...

    async def sight_new(
        self, tx: Tx, source: SourceId, *new: tuple[Sequence[str], ArticleId, str], now: datetime
    ) -> None:
        """(names, article, content hash) of those added in this transaction, which nobody can have listed: what goes by
        one of their names goes by it no more."""
        ...

    async def sight_again(self, tx: Tx, source: SourceId, article: ArticleId, content_hash: str) -> None:
        """What the source says of this article has changed."""
        ...

    async def said_before(self, reader: Reader, source: SourceId, hashes: Collection[str]) -> int:
        """How many of these contents the source has said under whatever name."""
        ...

    async def revise(
        self, tx: Tx, number: ArticleId, article: Article, found: Understanding, content_hash: str
    ) -> None: ...

    async def adopt(self, tx: Tx, number: ArticleId, article: Article, found: Understanding, content_hash: str) -> None:
        """What only members had shared is told by the article's source from now on."""
        ...

    async def hide(self, tx: Tx, number: ArticleId) -> None:
        """No search finds it, no list of what is new begins with it."""
        ...

    async def unhide(self, tx: Tx, facts: Facts) -> None: ...

    async def mark_exploited(self, tx: Tx, number: ArticleId, alert: Alert | None) -> None:
        """A new revision, of which this and what the alert is from now on are all that changes."""
        ...

    async def facts(self, reader: Reader, numbers: Sequence[ArticleId]) -> Sequence[Facts]:
        """In the order asked; numbers that do not exist are left out."""
        ...

    async def lines(self, reader: Reader, source: SourceId) -> Sequence[Line]:
        """The milestones of a living page as they were last told, oldest first."""
        ...

    async def newest(
        self, limit: int, *, source: str | None = None, topic: str | None = None, alerts: bool = False
    ) -> Sequence[Facts]: ...

    async def since(self, moment: datetime, limit: int) -> Sequence[Facts]:
        """The newest `limit` published (or first seen) at or after `moment`, newest first."""
        ...


class Trends(Protocol):
    async def topics(self, reader: Reader, before: datetime, since: datetime, until: datetime) -> Sequence[Trend]:
        """How many articles of each topic from `since` to `until`, most first, and from `before` to `since`."""
        ...

    async def stories(
        self, reader: Reader, since: datetime, until: datetime, limit: int
    ) -> Sequence[tuple[StoryId, int]]:
        """Those that two sources or more tell, with how many; most first."""
        ...

    async def begins(self, reader: Reader) -> datetime | None:
        """The date of the oldest article."""
        ...


class Boilerplate(Protocol):
    """What sources say on every page."""

    async def of(self, reader: Reader, sources: Collection[SourceId]) -> Mapping[SourceId, Lines]:
        """For each; nothing is known yet of a new one."""
        ...

    async def keep(self, tx: Tx, learned: Mapping[SourceId, Lines]) -> None: ...


class Deadlines(Protocol):
    async def coming(self, reader: Reader, after: datetime, limit: int) -> Sequence[Deadline]:
        """Soonest first, each with its claims, newest first."""
        ...

    async def one(self, reader: Reader, number: DeadlineId) -> Deadline | None:
        """With its claims, newest first."""
        ...

    async def of_article(self, reader: Reader, article: ArticleId) -> Sequence[Deadline]:
        """Those of which it claims something, oldest first."""
        ...

    async def like(self, reader: Reader, claim: Claim, story: StoryId) -> Sequence[Deadline]:
        """Of the claim's `key`, or of the whole country; of no programme only those that this story tells."""
        ...

    async def calling(self, reader: Reader, after: datetime, until: datetime) -> Sequence[Deadline]:
        """Those between that are worth a reminder: of a programme we know, calls, obligations, pages of dates."""
        ...

    async def add(self, tx: Tx, claim: Claim, subject: str) -> DeadlineId | None:
        """A new one of this `key`; None: there is one of this subject."""
        ...

    async def change(self, tx: Tx, before: Deadline, after: Deadline) -> None:
        """Its claims, and what has come of them."""
        ...
