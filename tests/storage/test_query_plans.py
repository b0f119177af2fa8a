"""SQLite's own word on how it finds rows: what is asked all the time walks an index that holds only what is open.

Without statistics (nothing here runs ANALYZE) a plan depends on the schema alone, so an empty database tells it.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import LiteralString

import pytest

from bot.domain.channel import Address
from bot.domain.ids import ArticleId, ChannelId, PostId, StoryId
from bot.foundation import Store
from bot.ports import Database, Dialect, Row, Tx, Wakes
from bot.wiring import store_on
from storage.database import database as opened
from storage.dialect import SQLITE
from tests.fakes import START, where
from tests.storage.rows import a_post

NOBODY = Address(platform="telegram", chat="x")
Asks = Callable[[Store, Tx], Awaitable[object]]


@dataclass
class Overheard:
    """A database, and every statement that was asked of it."""

    db: Database
    asked: list[tuple[LiteralString, tuple[object, ...]]] = field(default_factory=list)
    inner: Tx | None = None  # while a transaction is open
    dialect: Dialect = SQLITE

    async def fetch(self, sql: LiteralString, *args: object) -> Sequence[Row]:
        self.asked.append((sql, args))
        return await (self.inner or self.db).fetch(sql, *args)

    async def execute(self, sql: LiteralString, *args: object) -> int:
        assert self.inner is not None
        self.asked.append((sql, args))
        return await self.inner.execute(sql, *args)

    async def execute_many(self, sql: LiteralString, rows: Sequence[Sequence[object]]) -> None:
        assert self.inner is not None
        self.asked += [(sql, tuple(row)) for row in rows[:1]]
        await self.inner.execute_many(sql, rows)

    def wake(self, topic: str) -> None: ...

    @asynccontextmanager
    async def tx(self) -> AsyncIterator[Tx]:
        async with self.db.tx() as self.inner:
            yield self
        self.inner = None

    def wakes(self, topic: str) -> Wakes:
        return self.db.wakes(topic)

    async def scrub(self) -> None: ...


async def _plans(asks: Asks, *, inside: bool) -> list[list[str]]:
    """For each statement, the steps of its plan."""
    async with opened("sqlite:///:memory:") as db:
        heard = Overheard(db)
        store = store_on(heard)
        if inside:
            async with heard.tx() as tx:
                await asks(store, tx)
        else:
            await asks(store, heard)
        found = []
        for sql, args in heard.asked:
            if re.match(r"\s*(SELECT|UPDATE|DELETE|INSERT)", sql):
                rows = await db.fetch("EXPLAIN QUERY PLAN " + sql, *args)
                found.append([row["detail"] for row in rows])
        return found


READS: dict[str, tuple[Asks, str]] = {
    "next": (lambda s, _: s.outbox.next("telegram", START, ["x"], 64), "deliveries_todo"),
    "edits": (lambda s, _: s.outbox.next_edits("telegram", START, ["x"], 64), "deliveries_edits"),
    "due": (lambda s, _: s.outbox.due(START, 50), "deliveries_held"),
    "next due": (lambda s, _: s.outbox.next_due(), "deliveries_held"),
    "newest": (lambda s, _: s.articles.newest(5), "articles_newest"),
    "alerts": (lambda s, _: s.articles.newest(5, alerts=True), "articles_newest"),
    "since": (lambda s, _: s.articles.since(START, 5), "articles_newest"),
    "address": (lambda s, tx: s.articles.under(tx, "https://exemple.test/"), "articles_url"),
    "next source": (lambda s, _: s.sources.next_due(), "sources_due"),
    "alarms": (lambda s, tx: s.acks.alarms(tx, ChannelId(1), START, 5), "posts_alerts"),
}


@pytest.mark.parametrize(("asks", "index"), READS.values(), ids=READS)
async def test_a_hot_read_walks_its_own_index_in_its_order(asks: Asks, index: str) -> None:
    first, *_ = await _plans(asks, inside=False)
    assert any(re.search(rf"INDEX {index}\b", step) for step in first), first
    assert not any("TEMP B-TREE" in step for step in first), first
    for step in first:
        assert not step.startswith("SCAN deliveries") or "INDEX" in step


STRETCHES: dict[str, tuple[Asks, str]] = {
    "topics": (lambda s, tx: s.trends.topics(tx, START, START, START), "articles_newest"),
    "stories": (lambda s, tx: s.trends.stories(tx, START, START, 3), "articles_told"),
    "votes": (lambda s, tx: s.votes.lately(tx, ChannelId(1), START), "votes_channel"),
}


@pytest.mark.parametrize(("asks", "index"), STRETCHES.values(), ids=STRETCHES)
async def test_what_is_counted_over_a_stretch_of_time_walks_that_stretch_only(asks: Asks, index: str) -> None:
    """What it finds there may be sorted; a SCAN would walk all there ever was."""
    (steps,) = await _plans(asks, inside=False)
    assert not any(step.startswith("SCAN") for step in steps), steps
    assert re.search(rf"SEARCH \w+ USING COVERING INDEX {index} ", steps[0]), steps


async def test_counting_walks_partial_indexes_only() -> None:
    (steps,) = await _plans(lambda s, _: s.outbox.counts(), inside=False)
    walked = [step.split(" INDEX ")[1].split()[0] for step in steps if "deliveries" in step]
    assert [name.removesuffix("_channel") for name in walked] == [
        "deliveries_todo",
        "deliveries_held",
        "deliveries_trouble",
        "deliveries_trouble",
    ]


async def test_candidates_are_found_by_their_anchors() -> None:
    (steps,) = await _plans(lambda s, tx: s.subscriptions.candidates(tx, frozenset({"any"})), inside=False)
    assert not any(step.startswith("SCAN") and "json_each" not in step for step in steps), steps


AHEAD: dict[str, Asks] = {
    "coming": lambda s, tx: s.deadlines.coming(tx, START, 5),
    "calling": lambda s, tx: s.deadlines.calling(tx, START, START),
}


@pytest.mark.parametrize("asks", AHEAD.values(), ids=AHEAD)
async def test_deadlines_ahead_are_found_by_their_days(asks: Asks) -> None:
    """What is over stays in the rows."""
    steps, *_ = await _plans(asks, inside=False)
    assert any("INDEX claims_date " in step for step in steps), steps
    assert not any(re.match(r"SCAN (claims|c|articles|a|deadlines|d)\b", step) for step in steps), steps


async def test_how_channels_are_reminded_is_read_from_an_index_alone() -> None:
    (steps,) = await _plans(lambda s, tx: s.channels.habits(tx), inside=False)
    assert any("COVERING INDEX channels_habits" in step for step in steps), steps


async def _saved(store: Store, tx: Tx) -> None:
    channel = await store.channels.ensure(tx, where(), "telegram", "fr", "Europe/Paris")
    await store.channels.save(tx, channel, START)


WRITES: dict[str, Asks] = {
    "claim": lambda s, _: s.sources.claim(START, 20, START),
    "release": lambda s, tx: s.outbox.release(tx, ChannelId(1), [PostId(1)]),
    "revise": lambda s, tx: s.outbox.revise_one(tx, PostId(1), ChannelId(1)),
    "hush": lambda s, tx: s.channels.hush(tx, NOBODY, START),
    "hours": lambda s, tx: s.channels.refresh_hours(tx, START),
    "unmarked": lambda s, tx: s.exploited.unmarked(tx, ["CVE-2026-10001"], 8),
    "revise a story": lambda s, tx: s.outbox.revise(tx, StoryId(1)),
    "save": _saved,
    "retract": lambda s, tx: s.outbox.retract(tx, ["r:1:2026-04-30:-7d"]),
    "of an article": lambda s, tx: s.deadlines.of_article(tx, ArticleId(1)),
    "listed": lambda s, tx: s.exploited.listed(tx, ["CVE-2026-10001"]),
}


@pytest.mark.parametrize("asks", WRITES.values(), ids=WRITES)
async def test_a_write_reads_no_whole_table(asks: Asks) -> None:
    for steps in await _plans(asks, inside=asks is not WRITES["claim"]):
        assert not any(step.startswith("SCAN") and "json_each" not in step for step in steps), steps


async def _put_out(store: Store, tx: Tx) -> None:
    channel = await store.channels.ensure(tx, where(), "telegram", "fr", "Europe/Paris")
    await store.channels.gone(tx, channel.address)


async def _due_in_one_channel(store: Store, tx: Tx) -> None:
    channel = await store.channels.ensure(tx, where(), "telegram", "fr", "Europe/Paris")
    post = await store.outbox.owe_to(tx, a_post(), channel)
    await tx.execute("UPDATE deliveries SET state = 0 WHERE post = $1 AND channel = $2", post, channel.id)
    await store.outbox.due(START, 1)


OPEN_ONLY: dict[str, tuple[Asks, str]] = {
    "expire": (lambda s, _: s.outbox.expire(START), r"deliveries_held\b"),
    "hold overdue": (lambda s, tx: s.outbox.hold_overdue(tx, START, timedelta(hours=1)), r"deliveries_todo"),
    "gone": (_put_out, r"deliveries_todo_channel \(channel=\?\)"),
    "due in a channel": (_due_in_one_channel, r"\w+ \(channel=\? AND due_at<\?\)"),
}


@pytest.mark.parametrize(("asks", "index"), OPEN_ONLY.values(), ids=OPEN_ONLY)
async def test_what_is_open_is_found_by_itself_among_all_that_ever_was(asks: Asks, index: str) -> None:
    """Millions of rows are over; in the morning every channel has some that are due."""
    *_, steps = await _plans(asks, inside=asks is not OPEN_ONLY["expire"][0])
    assert not any(re.match(r"SCAN (posts|deliveries)$", step) for step in steps), steps
    assert any(re.search(rf"INDEX {index}", step) for step in steps), steps
