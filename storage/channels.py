"""Where people read: addresses, settings, and the hours that follow from them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from bot.domain.channel import Address, Channel, ChannelState, Quiet, Rhythm
from bot.domain.command import Where
from bot.domain.delivery import State
from bot.domain.ids import ChannelId
from bot.domain.reminder import Habit
from bot.domain.rule import Rule, What
from bot.ports import Database, Reader, Row, Tx
from storage.columns import array, moment_or_none, ms, ms_or_zero

MINUTE = timedelta(minutes=1)
AT_ONCE = 500  # at 07:30 every channel's digest hour passes: the writer and the loop are not theirs alone

_ENSURE = """
INSERT INTO channels (platform, external_id, thread_id, community, lane, title, is_group, language, timezone)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (platform, external_id, thread_id) DO UPDATE SET state = 0, lane = excluded.lane,
    community = excluded.community,
    title = CASE WHEN excluded.title = '' THEN channels.title ELSE excluded.title END
RETURNING *
"""
_AT = "SELECT * FROM channels WHERE platform = $1 AND external_id = $2 AND thread_id = $3"
_NUMBERED = "SELECT * FROM channels WHERE id = $1"
_LOCK = "UPDATE channels SET state = state WHERE id = $1"
_PRIVATE = "SELECT * FROM channels WHERE is_group = 0 AND state <> 2"
_GROUPS = "SELECT * FROM channels WHERE is_group = 1"
_CONFIGURED_BY = """
SELECT * FROM channels WHERE is_group = 1 AND id IN (SELECT channel FROM audit WHERE person = $1) ORDER BY id
"""
_SAVE = """
UPDATE channels SET language = $2, timezone = $3, quiet = $4, daily_at = $5, weekly_at = $6, weekly_on = $7,
    role = $8, long_posts = $9, paused_until = $10, reminders = $11, nudge = $12, threads = $13, holidays = $14
WHERE id = $1
"""
# Counted from when the alert was sent here; its number stands in the key of the nudge.
_NUDGE_AT = """
UPDATE deliveries SET due_at = COALESCE((
    SELECT CASE WHEN a.sent_at + $2 < $3 THEN $3 ELSE a.sent_at + $2 END
    FROM posts n JOIN deliveries a ON a.post = CAST(SUBSTR(n.post_key, 3) AS BIGINT) AND a.channel = $1
    WHERE n.id = deliveries.post
), due_at)
WHERE channel = $1 AND state = 0 AND EXISTS (SELECT 1 FROM posts p WHERE p.id = deliveries.post AND p.kind = 'nudge')
"""
# What waits for a letter whose hour is another from now on …
_WANTED_SO = """
    AND EXISTS (SELECT 1 FROM subscriptions s WHERE s.rule = deliveries.rule AND s.channel = $1 AND s.how = $2)
"""
_FOLLOW_LETTER = (
    """UPDATE deliveries SET due_at = $4 WHERE channel = $1 AND state = 0
    AND due_at = (SELECT g.next_at FROM digests g WHERE g.channel = $1 AND g.period = $5 AND g.next_at > $3)"""
    + _WANTED_SO
)
# … and what was to come at once, for the end of quiet hours that are others.
_FOLLOW_QUIET = (
    """UPDATE deliveries SET due_at = $4 WHERE channel = $1 AND state = 0
    AND due_at = (SELECT c.quiet_until_at FROM channels c WHERE c.id = $1
        AND c.quiet_from_at <= $3 AND c.quiet_until_at > $3)"""
    + _WANTED_SO
)
_SET_QUIET = "UPDATE channels SET quiet_from_at = $2, quiet_until_at = $3 WHERE id = $1"
_SET_DIGEST = """
INSERT INTO digests (channel, period, next_at) VALUES ($1, $2, $3)
ON CONFLICT (channel, period) DO UPDATE SET next_at = excluded.next_at
"""
_HABITS = "SELECT DISTINCT timezone, reminders FROM channels WHERE reminders <> ''"
_PASSED = """
SELECT * FROM channels WHERE (quiet <> '' AND quiet_until_at <= $1)
    OR (holidays = 1 AND quiet_until_at <= $1)
    OR id IN (SELECT channel FROM digests WHERE next_at <= $1)
LIMIT $2
"""
# A thread that is closed or deleted is that thread: the others will say for themselves.
_GONE_CHAT = """
UPDATE channels SET state = 2 WHERE platform = $1 AND external_id = $2 AND ($3 = '' OR thread_id = $3) AND state <> 2
RETURNING *
"""
_BACK_IN_CHAT = "UPDATE channels SET state = 0, not_before = 0 WHERE platform = $1 AND external_id = $2"
_BACK_IN_COMMUNITY = "UPDATE channels SET state = 0, not_before = 0 WHERE platform = $1 AND community = $2"
_GONE_COMMUNITY = "UPDATE channels SET state = 2 WHERE platform = $1 AND community = $2 AND state <> 2 RETURNING *"
_TELL = "UPDATE channels SET told = $1 WHERE id IN "
# Each open state has an index of its own; asked for together, all that ever was would be looked at.
_DROP_OPEN = (
    "UPDATE deliveries SET state = $2, error = 'channel gone' WHERE channel = $1 AND state = 0",
    "UPDATE deliveries SET state = $2, error = 'channel gone' WHERE channel = $1 AND state = 1",
)
_HUSH = "UPDATE channels SET not_before = $3 WHERE platform = $1 AND external_id = $2 AND not_before < $3"
_THREADS = "SELECT * FROM channels WHERE platform = $1 AND external_id = $2"
_MOVE = "UPDATE channels SET external_id = $2, community = $3, state = 0, not_before = 0 WHERE id = $1"
# A pause takes in all that is owed before it ends; alerts that are on their way, and what people asked for, go.
_PAUSE = (
    """UPDATE deliveries SET state = 0, due_at = $2 WHERE channel = $1 AND state = 1 AND prio > 0 AND attempts = 0
    AND NOT EXISTS (SELECT 1 FROM posts p WHERE p.id = deliveries.post AND p.kind = 'notice')""",
    "UPDATE deliveries SET due_at = $2 WHERE channel = $1 AND state = 0 AND due_at < $2",
)
# … and when it ends before its time, what is of a letter still to come waits for that letter.
_TO_ITS_LETTER = """
UPDATE deliveries SET due_at = $3 WHERE channel = $1 AND state = 0 AND due_at = $2
    AND EXISTS (SELECT 1 FROM subscriptions s JOIN posts p ON p.id = deliveries.post
        WHERE s.rule = deliveries.rule AND s.channel = $1 AND s.how = $4 AND p.created_at >= $5)
"""
_LET_GO = "UPDATE deliveries SET due_at = $3 WHERE channel = $1 AND state = 0 AND due_at = $2"
NOW = 0  # as subscriptions name how they are delivered
_LETTERS = ((Rhythm.DAILY, 1), (Rhythm.WEEKLY, 2))
# A new chat counts its messages anew: the old numbers would edit others.
_FORGET_MESSAGES = "UPDATE deliveries SET message_ref = NULL, shown = revision WHERE channel = $1 AND state = 2"
_RESUME = "UPDATE channels SET state = 0 WHERE id = $1"
# What nobody has set in the new chat, which may be heard of before the move is told, is as it was in the old one.
_SETTINGS = (
    *("language", "timezone", "quiet", "daily_at", "weekly_at", "weekly_on", "role", "long_posts", "paused_until"),
    *("reminders", "nudge", "threads", "holidays", "quiet_from_at", "quiet_until_at"),
)
_MERGE = (
    f"""UPDATE channels SET {", ".join(f"{name} = o.{name}" for name in _SETTINGS)}
    FROM (SELECT * FROM channels WHERE id = $1) o
    WHERE channels.id = $2 AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.channel = $2)""",
    """UPDATE digests SET next_at = (SELECT o.next_at FROM digests o WHERE o.channel = $1 AND o.period = digests.period)
    WHERE channel = $2 AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.channel = $2)
        AND EXISTS (SELECT 1 FROM digests o WHERE o.channel = $1 AND o.period = digests.period)""",
    """INSERT INTO subscriptions (rule, channel, how, silent, created_at)
    SELECT rule, $2, how, silent, created_at FROM subscriptions WHERE channel = $1 ON CONFLICT DO NOTHING""",
    """INSERT INTO deliveries (post, channel, lane, prio, state, silent, due_at)
    SELECT post, $2, lane, prio, state, silent, due_at FROM deliveries
    WHERE (channel = $1 AND state = 0) OR (channel = $1 AND state = 1) ON CONFLICT DO NOTHING""",
    """INSERT INTO mutes (channel, canonical, person, name, since_at, until_at)
    SELECT $2, canonical, person, name, since_at, until_at FROM mutes WHERE channel = $1 ON CONFLICT DO NOTHING""",
)
# A chat's own list goes along, and the rule that names it: under its new name, or as the one there already.
_MOVE_LIST = """
INSERT INTO watchlists (community, vendor, product)
SELECT CAST($2 AS TEXT), vendor, product FROM watchlists WHERE community = $1 ON CONFLICT DO NOTHING
"""
_DROP_LIST = "DELETE FROM watchlists WHERE community = $1"
_MOVE_RULE = (
    """INSERT INTO subscriptions (rule, channel, how, silent, created_at)
    SELECT n.id, s.channel, s.how, s.silent, s.created_at FROM subscriptions s
    JOIN rules o ON o.id = s.rule AND o.canonical = $1 JOIN rules n ON n.canonical = $2 WHERE 1 = 1
    ON CONFLICT DO NOTHING""",
    """DELETE FROM subscriptions WHERE rule IN (SELECT id FROM rules WHERE canonical = $1)
    AND EXISTS (SELECT 1 FROM rules WHERE canonical = $2)""",
    """UPDATE rules SET canonical = $2 WHERE canonical = $1
    AND NOT EXISTS (SELECT 1 FROM rules n WHERE n.canonical = $2)""",
)


@dataclass(frozen=True, slots=True)
class Channels:
    db: Database

    async def ensure(self, tx: Tx, where: Where, lane: str, language: str, timezone: str) -> Channel:
        at = where.address
        (row,) = await tx.fetch(
            _ENSURE,
            at.platform,
            at.chat,
            at.thread,
            where.community,
            lane,
            where.title,
            int(where.is_group),
            language,
            timezone,
        )
        return channel_of(row)

    async def at(self, address: Address) -> Channel | None:
        rows = await self.db.fetch(_AT, address.platform, address.chat, address.thread)
        return channel_of(rows[0]) if rows else None

    async def numbered(self, reader: Reader, number: ChannelId) -> Channel | None:
        rows = await reader.fetch(_NUMBERED, number)
        return channel_of(rows[0]) if rows else None

    async def lock(self, tx: Tx, number: ChannelId) -> None:
        await tx.execute(_LOCK, number)

    async def private(self, reader: Reader, communities: Sequence[str] | None = None) -> Sequence[Channel]:
        if communities is None:
            return [channel_of(row) for row in await reader.fetch(_PRIVATE)]
        among = " AND community IN " + self.db.dialect.strings_in("$1")
        return [channel_of(row) for row in await reader.fetch(_PRIVATE + among, array(communities))]

    async def groups(self, reader: Reader) -> Sequence[Channel]:
        return [channel_of(row) for row in await reader.fetch(_GROUPS)]

    async def configured_by(self, reader: Reader, person: str) -> Sequence[Where]:
        found = [channel_of(row) for row in await reader.fetch(_CONFIGURED_BY, person)]
        return [Where(address=one.address, community=one.community, title=one.title) for one in found]

    async def save(self, tx: Tx, channel: Channel, now: datetime) -> None:
        quiet = f"{channel.quiet.start:%H:%M}-{channel.quiet.end:%H:%M}" if channel.quiet else ""
        await tx.execute(
            _SAVE,
            channel.id,
            channel.language,
            channel.timezone,
            quiet,
            f"{channel.daily_at:%H:%M}",
            f"{channel.weekly_at:%H:%M}",
            channel.weekly_on,
            channel.role,
            int(channel.long_posts),
            ms_or_zero(channel.paused_until),
            " ".join(map(str, channel.reminders)),
            0 if channel.nudge is None else channel.nudge // MINUTE,
            int(channel.threads),
            int(channel.holidays),
        )
        await self._follow(tx, channel, now)
        await self._set_hours(tx, [channel], now)
        if channel.nudge is not None:
            wait, free_at = channel.nudge // timedelta(milliseconds=1), ms_or_zero(channel.pause(now))
            await tx.execute(_NUDGE_AT, channel.id, wait, free_at)

    async def _follow(self, tx: Tx, channel: Channel, now: datetime) -> None:
        """What waits for an hour that is another from now on; a pause lasts as long as it does."""
        free_at = channel.pause(now) or now
        wakes_at = max(channel.wakes_at(now), free_at)
        await tx.execute(_FOLLOW_QUIET, channel.id, NOW, ms(now), ms(wakes_at))
        for rhythm, how in _LETTERS:
            next_at = max(channel.next_digest(rhythm, now), free_at)
            await tx.execute(_FOLLOW_LETTER, channel.id, how, ms(now), ms(next_at), rhythm.value)

    async def _set_hours(self, tx: Tx, channels: Sequence[Channel], now: datetime) -> None:
        windows = [c.window(now) or (None, None) for c in channels]
        await tx.execute_many(
            _SET_QUIET,
            [
                (c.id, ms_or_zero(opens), ms_or_zero(closes))
                for c, (opens, closes) in zip(channels, windows, strict=True)
            ],
        )
        rhythms = (Rhythm.DAILY, Rhythm.WEEKLY)
        await tx.execute_many(
            _SET_DIGEST, [(c.id, r.value, ms(c.next_digest(r, now))) for c in channels for r in rhythms]
        )

    async def habits(self, reader: Reader) -> Sequence[Habit]:
        return [Habit.parse(row["timezone"], row["reminders"]) for row in await reader.fetch(_HABITS)]

    async def refresh_hours(self, tx: Tx, now: datetime) -> bool:
        rows = await tx.fetch(_PASSED, ms(now), AT_ONCE)
        await self._set_hours(tx, [channel_of(row) for row in rows], now)
        return len(rows) == AT_ONCE

    async def pause(self, tx: Tx, channel: Channel, until: datetime, now: datetime) -> Channel:
        if (before := channel.pause(now)) is not None:
            await self._let_go(tx, channel, before, now)
        after = replace(channel, paused_until=until)
        await self.save(tx, after, now)
        if until > now:
            for statement in _PAUSE:
                await tx.execute(statement, channel.id, ms(until))
        tx.wake("held")
        return after

    async def _let_go(self, tx: Tx, channel: Channel, until: datetime, now: datetime) -> None:
        for rhythm, how in _LETTERS:
            last, coming = channel.last_digest(rhythm, now), channel.next_digest(rhythm, now)
            await tx.execute(_TO_ITS_LETTER, channel.id, ms(until), ms(coming), how, ms(last))
        await tx.execute(_LET_GO, channel.id, ms(until), ms(channel.wakes_at(now)))

    async def gone(self, tx: Tx, address: Address, *, community: str = "") -> Sequence[Channel]:
        if address.chat:
            rows = await tx.fetch(_GONE_CHAT, address.platform, address.chat, address.thread)
        else:
            rows = await tx.fetch(_GONE_COMMUNITY, address.platform, community)
        for row in rows:
            for statement in _DROP_OPEN:
                await tx.execute(statement, row["id"], int(State.DROPPED))
        return [channel_of(row) for row in sorted(rows, key=lambda row: row["id"])]  # a database returns them anyhow

    async def back(self, tx: Tx, address: Address, *, community: str = "") -> None:
        if address.chat:
            await tx.execute(_BACK_IN_CHAT, address.platform, address.chat)
        else:
            await tx.execute(_BACK_IN_COMMUNITY, address.platform, community)
        tx.wake("outbox")

    async def moved(self, tx: Tx, old: Address, new: Address) -> None:
        there = {row["thread_id"]: row["id"] for row in await tx.fetch(_THREADS, new.platform, new.chat)}
        for row in await tx.fetch(_THREADS, old.platform, old.chat):
            if row["thread_id"] not in there:
                community = f"{new.platform}:{new.chat}" if row["community"] == f"{old.platform}:{old.chat}" else None
                await tx.execute(_MOVE, row["id"], new.chat, community or row["community"])
                await tx.execute(_FORGET_MESSAGES, row["id"])
                continue
            await tx.execute(_RESUME, there[row["thread_id"]])
            for statement in _MERGE:  # the new chat already talked to us: what the old one wanted joins it
                await tx.execute(statement, row["id"], there[row["thread_id"]])
        await self._move_list(tx, f"{old.platform}:{old.chat}", f"{new.platform}:{new.chat}")
        await self.gone(tx, old)
        tx.wake("outbox")

    async def _move_list(self, tx: Tx, old: str, new: str) -> None:
        await tx.execute(_MOVE_LIST, old, new)
        await tx.execute(_DROP_LIST, old)
        before, after = (Rule(what=What.WATCHLIST, value=community).canonical() for community in (old, new))
        for statement in _MOVE_RULE:
            await tx.execute(statement, before, after)

    async def of_chat(self, reader: Reader, address: Address) -> Sequence[Channel]:
        return [channel_of(row) for row in await reader.fetch(_THREADS, address.platform, address.chat)]

    async def tell(self, tx: Tx, channels: Sequence[ChannelId], *, told: bool) -> None:
        await tx.execute(_TELL + self.db.dialect.ids_in("$2"), int(told), array(channels))

    async def hush(self, tx: Tx, address: Address, until: datetime) -> None:
        await tx.execute(_HUSH, address.platform, address.chat, ms(until))


def channel_of(row: Row) -> Channel:
    """From a row that has the columns of `channels`."""
    return Channel(
        id=ChannelId(row["id"]),
        address=Address(platform=row["platform"], chat=row["external_id"], thread=row["thread_id"]),
        community=row["community"],
        lane=row["lane"],
        title=row["title"],
        is_group=bool(row["is_group"]),
        language=row["language"],
        timezone=row["timezone"],
        quiet=_quiet(row["quiet"]),
        holidays=bool(row["holidays"]),
        daily_at=time.fromisoformat(row["daily_at"]),
        weekly_at=time.fromisoformat(row["weekly_at"]),
        weekly_on=row["weekly_on"],
        role=row["role"],
        long_posts=bool(row["long_posts"]),
        reminders=tuple(map(int, row["reminders"].split())),
        nudge=row["nudge"] * MINUTE or None,
        threads=bool(row["threads"]),
        not_before=moment_or_none(row["not_before"]),
        paused_until=moment_or_none(row["paused_until"]),
        state=ChannelState(row["state"]),
        told=bool(row["told"]),
    )


def _quiet(text: str) -> Quiet | None:
    if not text:
        return None
    start, end = (time.fromisoformat(part) for part in text.split("-"))
    return Quiet(start=start, end=end)
