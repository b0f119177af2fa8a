"""The rows the tests of the stores begin with, in one call each."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.article import Article, Understanding
from bot.domain.channel import Channel, Rhythm
from bot.domain.delivery import Breaks, Post, PostKind, Prio, State
from bot.domain.ids import ArticleId, ChannelId, PostId, RuleId, SourceId
from bot.domain.rule import Rule, What
from bot.domain.source import Source
from bot.foundation import Store
from bot.ports import Database, Lease
from bot.stores import Owed
from tests.fakes import START, where

EVERYTHING = Rule(what=What.EVERYTHING)
LANE = "telegram"
MINUTE = timedelta(minutes=1)


def a_source(slug: str = "a", **changes: object) -> Source:
    values: dict[str, object] = {"slug": slug, "title": slug.upper(), "url": f"https://exemple.test/{slug}"}
    return Source(**{"kind": "feed", **values, **changes})  # type: ignore[arg-type]  # the names are those of Source


def a_post(key: str = "s:1", **changes: object) -> Post:
    values: dict[str, object] = {"key": key, "kind": PostKind.STORY, "prio": Prio.NEWS, "created_at": START}
    return Post(**{**values, **changes})  # type: ignore[arg-type]  # the names are those of Post


def an_article(source: SourceId, url: str = "https://exemple.test/1", **changes: object) -> Article:
    values: dict[str, object] = {"title": "Un titre", "published": START, "first_seen": START}
    return Article(**{"source": source, "url": url, **values, **changes})  # type: ignore[arg-type]  # of Article


def understood(**changes: object) -> Understanding:
    values: dict[str, object] = {"analyser": 1, "language": "fr", "summary": "Un résumé."}
    return Understanding(**{**values, **changes})  # type: ignore[arg-type]  # the names are those of Understanding


async def add_source(store: Store, slug: str = "a", **changes: object) -> SourceId:
    async with store.db.tx() as tx:
        number = await store.sources.add(tx, a_source(slug, **changes))
    assert number is not None
    return number


async def add_article(store: Store, article: Article, found: Understanding | None = None) -> ArticleId:
    """Known, and sighted by its source under its address."""
    async with store.db.tx() as tx:
        ((number, _),) = await store.articles.add(tx, (article, found or understood(), "hash"))
        await store.articles.sight(tx, article.source, [article.url], number, "hash", article.first_seen)
    return number


async def add_channel(
    store: Store, chat: str = "g1", *, thread: str = "", lane: str = LANE, **settings: object
) -> Channel:
    """At 10:00 on its clock, in Paris, on Tuesday 10 March 2026."""
    async with store.db.tx() as tx:
        channel = await store.channels.ensure(tx, where(chat, thread=thread), lane, "fr", "Europe/Paris")
        channel = replace(channel, **settings)  # type: ignore[arg-type]  # the names are those of Channel
        await store.channels.save(tx, channel, START)
    return channel


async def want(
    store: Store, channel: Channel, rule: Rule = EVERYTHING, how: Rhythm = Rhythm.NOW, *, silent: bool = False
) -> RuleId:
    async with store.db.tx() as tx:
        return await store.subscriptions.add(tx, channel.id, rule, how, silent=silent, now=START)


async def owe(
    store: Store, post: Post, rule: RuleId, *, hold: timedelta | None = None, breaks_quiet: Breaks = Breaks.NOBODY
) -> int:
    until = None if hold is None else START + hold
    async with store.db.tx() as tx:
        return await store.outbox.owe(tx, post, [rule], now=START, breaks_quiet=breaks_quiet, hold_until=until)


async def owe_to(store: Store, post: Post, channel: Channel) -> PostId:
    async with store.db.tx() as tx:
        return await store.outbox.owe_to(tx, post, channel)


async def hold_lane(store: Store, owner: str = "one", lane: str = LANE) -> Lease:
    lease = await store.leases.hold(lane, owner, MINUTE, START)
    assert lease is not None
    return lease


async def send(store: Store, lease: Lease, owed: Owed, ref: str = "m1") -> None:
    assert await store.outbox.begin(lease, owed, START)
    async with store.db.tx() as tx:
        await store.outbox.sent(tx, lease, owed, ref, START)


async def waiting(store: Store, lane: str = LANE) -> list[Owed]:
    return list(await store.outbox.next(lane, START, [], 100))


async def states(db: Database) -> dict[tuple[str, ChannelId], State]:
    """(post key, channel) → where its one delivery stands."""
    rows = await db.fetch("SELECT p.post_key, d.channel, d.state FROM deliveries d JOIN posts p ON p.id = d.post")
    found = {(row["post_key"], ChannelId(row["channel"])): State(row["state"]) for row in rows}
    assert len(found) == len(rows)
    return found
