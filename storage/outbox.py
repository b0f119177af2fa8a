"""Posts and the deliveries they owe: written with what causes them, then sent, then marked."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import LiteralString

from bot.domain.article import Facts
from bot.domain.channel import Channel
from bot.domain.delivery import Breaks, Delivery, Outcome, Post, Prio, State, move_keys, story_keys
from bot.domain.ids import ArticleId, ChannelId, PostId, RuleId, StoryId
from bot.domain.reminder import Habit
from bot.domain.sequel import SHOWN, sequel_key
from bot.domain.share import share_key
from bot.errors import LeaseLost
from bot.ports import Database, Lease, Reader, Row, Tx
from bot.stores import Owed
from storage import fan_out
from storage.channels import Channels, channel_of
from storage.columns import array, moment, ms, ms_or_none, ms_or_zero
from storage.owed import held_of, owed_of

DUE_ROWS = 2_000  # looked at to find channels with something due

_ADD_POST = """
INSERT INTO posts (post_key, kind, prio, payload, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (post_key) DO NOTHING RETURNING id
"""
_KNOWN = "SELECT post_key FROM posts WHERE post_key IN "
_ANY_POST = "SELECT id FROM posts WHERE post_key IN "
# What may be on its way is not taken back.
_RETRACT = "DELETE FROM deliveries WHERE (state = 0 OR (state = 1 AND attempts = 0)) AND post IN "
_FORGET = """
DELETE FROM posts WHERE NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.post = posts.id) AND id IN """
_POST = "SELECT id FROM posts WHERE post_key = $1"
_HAS_WITHDRAWN = "SELECT 1 AS one FROM deliveries WHERE post = $1 AND state = 4 AND error LIKE 'muted %' LIMIT 1"

_OWE_ONE = """
INSERT INTO deliveries (post, channel, lane, prio, silent, state, due_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (post, channel) DO NOTHING
"""
_REVISE_POSTS = """
UPDATE posts SET revision = revision + 1
WHERE post_key IN (SELECT 'h:' || CAST(a.id AS TEXT) FROM articles a WHERE a.story = $2) OR post_key IN """
_REVISE_DELIVERIES = "UPDATE deliveries SET revision = revision + 1 WHERE post = $1 AND state IN (0, 1, 2)"
_REVISE_SEQUELS = "UPDATE posts SET revision = revision + 1 WHERE post_key IN "
_REVISE_ONE = """
UPDATE deliveries SET revision = revision + 1 WHERE channel = $2 AND state IN (1, 2)
    AND post IN (SELECT id FROM posts WHERE id = $1 OR post_key IN """

OWED = """
SELECT d.post, d.channel, d.lane AS delivery_lane, d.prio AS delivery_prio, d.state AS delivery_state, d.silent,
    d.due_at, d.attempts, d.doubts, d.attempted_at, d.message_ref, d.revision AS wanted, d.shown, d.reason, d.error,
    d.sent_at,
    p.post_key, p.kind, p.prio AS post_prio, p.payload, p.revision AS post_revision, p.created_at, p.expires_at, c.*
FROM deliveries d JOIN posts p ON p.id = d.post JOIN channels c ON c.id = d.channel
"""
# What rings in a pause is to be sent already; what was to be sent when it began is held, unless it was being sent.
_MAY_GO = "AND c.state = 0 AND c.not_before <= $2 AND (d.prio = 0 OR c.paused_until <= $2) AND c.external_id NOT IN "
_ONE = OWED + "WHERE d.post = $1 AND d.channel = $2"
_OF_STORY = OWED + "WHERE d.channel = $1 AND p.post_key IN "

_BEGIN = (
    "UPDATE deliveries SET attempts = attempts + 1, attempted_at = $3 WHERE post = $1 AND channel = $2"
    " AND (state = 1 OR (state = 2 AND shown < revision))"
    " AND EXISTS (SELECT 1 FROM leases l WHERE l.name = $4 AND l.epoch = $5)"
)
_SENT = (
    "UPDATE deliveries SET state = 2, message_ref = $3, shown = $4, sent_at = COALESCE(sent_at, $5), attempts = 0,"
    " doubts = 0, error = NULL WHERE post = $1 AND channel = $2"
    " AND EXISTS (SELECT 1 FROM leases l WHERE l.name = $6 AND l.epoch = $7)"
)
_FAILED = (
    "UPDATE deliveries SET state = $3, attempts = $4, doubts = $5, error = $6,"
    " shown = CASE WHEN $7 = 1 THEN revision ELSE shown END WHERE post = $1 AND channel = $2"
    " AND EXISTS (SELECT 1 FROM leases l WHERE l.name = $8 AND l.epoch = $9)"
)
_HOLDS_LEASE = "SELECT 1 AS one FROM leases WHERE name = $1 AND epoch = $2"
_DROP = "UPDATE deliveries SET state = 4, error = $3 WHERE post = $1 AND channel = $2 AND state IN (0, 1)"
_PUT_OFF = "UPDATE deliveries SET state = 0, due_at = $3, attempts = 0 WHERE post = $1 AND channel = $2 AND state = 1"
_PAYLOADS = "SELECT id, payload FROM posts WHERE id IN "
_EXPIRE = """
UPDATE deliveries SET state = 4, error = 'expired' WHERE state = 0 AND due_at <= $1
    AND EXISTS (SELECT 1 FROM posts p WHERE p.id = deliveries.post AND p.expires_at <= $1)
"""
_NEXT_DUE = "SELECT MIN(due_at) AS at FROM deliveries WHERE state = 0"
# The first rows only: in the morning all channels are due at once, and each look would list them all.
_DUE_CHANNELS = """
SELECT * FROM channels WHERE id IN (
    SELECT channel FROM (
        SELECT d.channel FROM deliveries d JOIN channels c ON c.id = d.channel AND c.state = 0
        WHERE d.state = 0 AND d.due_at <= $1 ORDER BY d.due_at, d.channel LIMIT $3
    ) first
) ORDER BY id LIMIT $2
"""
_WAITING = """
SELECT d.*, CASE WHEN p.kind IN ('nudge', 'thread') THEN 1 ELSE 0 END AS wakes
FROM deliveries d JOIN posts p ON p.id = d.post WHERE d.channel = $1 AND d.state = 0 """
_DUE = _WAITING + "AND d.due_at <= $2 ORDER BY d.prio, d.post"
_HELD = _WAITING + "AND d.prio > $2 ORDER BY d.prio, d.post"
_TOLD_HERE = """
SELECT p.post_key FROM posts p JOIN deliveries d ON d.post = p.id AND d.channel = $1
    AND (d.state IN (2, 5) OR d.error = 'in a digest')
WHERE p.post_key IN """
_RELEASE = "UPDATE deliveries SET state = 1 WHERE state = 0 AND channel = $1 AND post IN "
_HOLD_LONGER = "UPDATE deliveries SET due_at = $2 WHERE state = 0 AND channel = $1 AND post IN "
_FOLD = "UPDATE deliveries SET state = 4, error = 'in a digest' WHERE state = 0 AND channel = $1 AND post IN "
_HOLD_OVERDUE = """
UPDATE deliveries SET state = 0, due_at = $1 WHERE state = 1 AND prio > 0 AND attempts = 0
    AND EXISTS (SELECT 1 FROM posts p WHERE p.id = deliveries.post AND p.created_at < $1
        AND p.kind IN ('story', 'reminder'))
"""
_COUNTS = """
SELECT lane, 'todo' AS state, COUNT(*) AS n FROM deliveries WHERE state = 1 GROUP BY lane
UNION ALL SELECT '', 'held', COUNT(*) FROM deliveries WHERE state = 0
UNION ALL SELECT '', 'failed', COUNT(*) FROM deliveries WHERE state IN (3, 5) AND state = 3
UNION ALL SELECT '', 'unknown', COUNT(*) FROM deliveries WHERE state IN (3, 5) AND state = 5
"""


@dataclass(frozen=True, slots=True)
class Outbox:
    db: Database
    channels: Channels

    async def owe(
        self,
        tx: Tx,
        post: Post,
        rules: Sequence[RuleId],
        *,
        now: datetime,
        breaks_quiet: Breaks,
        hold_until: datetime | None,
        only: str = "",
        but: Sequence[str] = (),
        told_of: Sequence[StoryId] = (),
        habit: Habit | None = None,
        unless_had: Sequence[str] = (),
        hushed: Sequence[ChannelId] = (),
    ) -> int:
        if not rules and not told_of:
            return 0
        number = await self._write(tx, post)
        values = (
            *(number, int(post.prio), int(post.rings)),
            *(ms(now), ms_or_zero(hold_until), int(breaks_quiet)),
        )
        anew = bool(await tx.fetch(_HAS_WITHDRAWN, number))
        into, further = self._further(unless_had, hushed, habit, anew=anew)
        wanted = fan_out.WANTED if habit is None else fan_out.WANTED_AT_ONCE
        of_rules = fan_out.FROM + wanted + self.db.dialect.ids_in("$7") + into
        written = await tx.execute(of_rules, *values, array(rules), only, array(but), *further)
        if told_of:  # after those who want it, so that their rhythm counts
            told = fan_out.TOLD if habit is None else fan_out.TOLD_AT_ONCE
            of_stories = fan_out.FROM + told + self.db.dialect.strings_in("$7") + into
            keys = array(key for story in told_of for key in story_keys(story))
            written += await tx.execute(of_stories, *values, keys, only, array(but), *further)
        self._wake(tx)
        return written

    def _further(
        self, unless_had: Sequence[str], hushed: Sequence[ChannelId], habit: Habit | None, *, anew: bool
    ) -> tuple[LiteralString, list[str]]:
        """The end of the statement, and the values it takes besides the first nine."""
        dialect, places = self.db.dialect, iter(fan_out.PLACES)
        sql: LiteralString = fan_out.INTO + dialect.strings_in("$9")
        values: list[str] = []
        if unless_had:
            sql += fan_out.UNLESS_HAD + dialect.strings_in(next(places)) + ")"
            values.append(array(unless_had))
        if hushed:
            sql += fan_out.UNLESS_HUSHED + dialect.ids_in(next(places))
            values.append(array(hushed))
        if habit is not None:
            sql += fan_out.IN_ZONE + next(places) + fan_out.REMINDED_SO + next(places)
            values += [habit.zone, habit.text()]
        return sql + (fan_out.OR_ANEW if anew else fan_out.ONCE_A_CHANNEL), values

    async def owe_to(
        self, tx: Tx, post: Post, channel: Channel, *, silent: bool = False, due: datetime | None = None
    ) -> PostId:
        number, state = await self._write(tx, post), State.TODO if due is None else State.HELD
        values = (number, channel.id, channel.lane, int(post.prio), int(silent), int(state), ms_or_zero(due))
        await tx.execute(_OWE_ONE, *values)
        self._wake(tx)
        return number

    async def _write(self, tx: Tx, post: Post) -> PostId:
        rows = await tx.fetch(
            _ADD_POST,
            post.key,
            post.kind.value,
            int(post.prio),
            post.payload_text(),
            ms(post.created_at),
            ms_or_none(post.expires_at),
        )
        (row,) = rows or await tx.fetch(_POST, post.key)
        return PostId(row["id"])

    async def retract(self, tx: Tx, keys: Sequence[str]) -> None:
        rows = await tx.fetch(_ANY_POST + self.db.dialect.strings_in("$1"), array(keys))
        posts = array(row["id"] for row in rows)
        if rows:
            await tx.execute(_RETRACT + self.db.dialect.ids_in("$1"), posts)
            await tx.execute(_FORGET + self.db.dialect.ids_in("$1"), posts)

    async def known(self, reader: Reader, keys: Sequence[str]) -> frozenset[str]:
        rows = await reader.fetch(_KNOWN + self.db.dialect.strings_in("$1"), array(keys)) if keys else ()
        return frozenset(row["post_key"] for row in rows)

    async def revise(self, tx: Tx, story: StoryId) -> int:
        keys = array(story_keys(story))
        rows = [*await tx.fetch(_REVISE_POSTS + self.db.dialect.strings_in("$1") + " RETURNING id", keys, story)]
        after = array(sequel_key(kind, row["id"]) for row in rows for kind in SHOWN)
        rows += await tx.fetch(_REVISE_SEQUELS + self.db.dialect.strings_in("$1") + " RETURNING id", after)
        self._wake(tx)
        return sum([await tx.execute(_REVISE_DELIVERIES, row["id"]) for row in rows])

    async def revise_one(self, tx: Tx, post: PostId, channel: ChannelId) -> None:
        after = array(sequel_key(kind, post) for kind in SHOWN)
        await tx.execute(_REVISE_ONE + self.db.dialect.strings_in("$3") + ")", post, channel, after)
        self._wake(tx)

    def _wake(self, tx: Tx) -> None:
        tx.wake("outbox")
        tx.wake("held")

    # -- what may go now -----------------------------------------------------------------------------------------------

    async def next(self, lane: str, now: datetime, busy: Sequence[str], limit: int) -> Sequence[Owed]:
        rows = await self.db.fetch(
            OWED
            + "WHERE d.lane = $1 AND d.state = 1 "
            + _MAY_GO
            + self.db.dialect.strings_in("$3")
            + " ORDER BY d.prio, d.post, d.channel LIMIT $4",
            lane,
            ms(now),
            array(busy),
            limit,
        )
        return _one_a_chat(rows)

    async def next_edits(self, lane: str, now: datetime, busy: Sequence[str], limit: int) -> Sequence[Owed]:
        rows = await self.db.fetch(
            OWED
            + "WHERE d.lane = $1 AND d.state = 2 AND d.shown < d.revision AND d.message_ref IS NOT NULL "
            + _MAY_GO
            + self.db.dialect.strings_in("$3")
            + " ORDER BY d.post, d.channel LIMIT $4",
            lane,
            ms(now),
            array(busy),
            limit,
        )
        return _one_a_chat(rows)

    async def delivery(self, reader: Reader, post: PostId, channel: ChannelId) -> Owed | None:
        rows = await reader.fetch(_ONE, post, channel)
        return owed_of(rows[0]) if rows else None

    async def of_story(self, reader: Reader, facts: Facts, channel: ChannelId) -> list[Owed]:
        keys = array((*story_keys(facts.story), *move_keys(facts.number, facts.revision), share_key(facts.number)))
        rows = await reader.fetch(_OF_STORY + self.db.dialect.strings_in("$2") + " ORDER BY d.post", channel, keys)
        return [owed_of(row) for row in rows]

    # -- the answers of a platform; each write repeats the epoch -------------------------------------------------------

    async def begin(self, lease: Lease, owed: Owed, now: datetime) -> bool:
        async with self.db.tx() as tx:
            begun = await tx.execute(
                _BEGIN, owed.delivery.post, owed.delivery.channel, ms(now), lease.name, lease.epoch
            )
            if not begun:
                await self._check(tx, lease)
            return bool(begun)

    async def sent(self, tx: Tx, lease: Lease, owed: Owed, ref: str, now: datetime) -> None:
        row = owed.delivery
        await self._check(tx, lease)
        await tx.execute(_SENT, row.post, row.channel, ref, row.revision, ms(now), lease.name, lease.epoch)

    async def failed(self, tx: Tx, lease: Lease, owed: Owed, outcome: Outcome, now: datetime) -> Sequence[Channel]:
        row, address = owed.delivery, owed.channel.address
        gives_up_edit = int(row.is_edit and outcome.chat_waits is None and outcome.lane_waits is None)
        await self._check(tx, lease)
        await tx.execute(
            _FAILED,
            row.post,
            row.channel,
            int(outcome.state),
            outcome.attempts,
            outcome.doubts,
            outcome.error,
            gives_up_edit,
            lease.name,
            lease.epoch,
        )
        if outcome.chat_waits is not None:
            await self.channels.hush(tx, address, now + outcome.chat_waits)
        if outcome.moved_to is not None:
            await self.channels.moved(tx, address, outcome.moved_to)
        return await self.channels.gone(tx, address) if outcome.channel_gone else ()

    async def drop(self, lease: Lease, owed: Owed, why: str) -> None:
        async with self.db.tx() as tx:
            await self._check(tx, lease)
            await tx.execute(_DROP, owed.delivery.post, owed.delivery.channel, why)

    async def put_off(self, lease: Lease, owed: Owed, until: datetime) -> None:
        async with self.db.tx() as tx:
            await self._check(tx, lease)
            await tx.execute(_PUT_OFF, owed.delivery.post, owed.delivery.channel, ms(until))
            tx.wake("held")

    async def _check(self, tx: Tx, lease: Lease) -> None:
        if not await tx.fetch(_HOLDS_LEASE, lease.name, lease.epoch):
            raise LeaseLost(f"lane {lease.name}: another process holds it now")

    # -- held ----------------------------------------------------------------------------------------------------------

    async def next_due(self) -> datetime | None:
        (row,) = await self.db.fetch(_NEXT_DUE)
        return None if row["at"] is None else moment(row["at"])

    async def due(self, now: datetime, limit: int) -> Sequence[tuple[Channel, Sequence[Delivery]]]:
        found = []
        for row in await self.db.fetch(_DUE_CHANNELS, ms(now), limit, DUE_ROWS):
            rows = await self.db.fetch(_DUE, row["id"], ms(now))
            found.append((channel_of(row), [held_of(r) for r in rows]))
        return found

    async def held(self, reader: Reader, channel: ChannelId) -> Sequence[Delivery]:
        return [held_of(row) for row in await reader.fetch(_HELD, channel, int(Prio.REMINDER))]

    async def told(self, reader: Reader, channel: ChannelId, keys: Sequence[str]) -> frozenset[str]:
        rows = await reader.fetch(_TOLD_HERE + self.db.dialect.strings_in("$2"), channel, array(keys))
        return frozenset(row["post_key"] for row in rows)

    async def release(self, tx: Tx, channel: ChannelId, posts: Sequence[PostId]) -> None:
        await tx.execute(_RELEASE + self.db.dialect.ids_in("$2"), channel, array(posts))
        tx.wake("outbox")

    async def hold_longer(self, tx: Tx, channel: ChannelId, posts: Sequence[PostId], until: datetime) -> None:
        await tx.execute(_HOLD_LONGER + self.db.dialect.ids_in("$3"), channel, ms(until), array(posts))

    async def fold(self, tx: Tx, channel: Channel, posts: Sequence[PostId], into: Sequence[Post]) -> None:
        key, place = into[0].key, 1
        for post in into:
            while await tx.fetch(_POST, post.key):  # that hour's post is written and perhaps sent: it gets another key
                place += 1
                post = replace(post, key=f"{key}:{place}")
            await self.owe_to(tx, post, channel, silent=True)
        await tx.execute(_FOLD + self.db.dialect.ids_in("$2"), channel.id, array(posts))

    async def hold_overdue(self, tx: Tx, now: datetime, older_than: timedelta) -> int:
        return await tx.execute(_HOLD_OVERDUE, ms(now - older_than))

    async def expire(self, now: datetime) -> int:
        async with self.db.tx() as tx:
            return await tx.execute(_EXPIRE, ms(now))

    async def articles_of(self, reader: Reader, posts: Sequence[PostId]) -> Sequence[ArticleId]:
        rows = await reader.fetch(_PAYLOADS + self.db.dialect.ids_in("$1"), array(posts))
        payloads = {row["id"]: json.loads(row["payload"]) for row in rows}
        return [ArticleId(n) for post in posts if post in payloads for n in payloads[post].get("articles", ())]

    async def counts(self) -> Mapping[tuple[str, str], int]:
        return {(row["lane"], row["state"]): row["n"] for row in await self.db.fetch(_COUNTS)}


def _one_a_chat(rows: Sequence[Row]) -> Sequence[Owed]:
    first: dict[str, Owed] = {}
    for row in rows:
        first.setdefault(row["external_id"], owed_of(row))
    return list(first.values())
