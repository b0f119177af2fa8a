"""What is owed: once to each channel, at its hour, and as one post when much is held."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.domain.channel import Channel, Quiet, Rhythm
from bot.domain.delivery import Breaks, PostKind, Prio, State
from bot.domain.ids import ChannelId, PostId, RuleId
from bot.domain.rule import Rule, What
from bot.foundation import Store
from bot.stores import Owed
from tests.fakes import START
from tests.storage.rows import (
    EVERYTHING,
    LANE,
    MINUTE,
    a_post,
    add_channel,
    hold_lane,
    owe,
    owe_to,
    send,
    states,
    waiting,
    want,
)

DPI = Rule(what=What.TOPIC, value="dpi")
HOUR = timedelta(hours=1)
NOON = datetime(2026, 3, 10, 11, 0, tzinfo=UTC)  # in Paris
MORNING = Quiet(start=time(9, 30), end=time(12))  # START is inside
TOMORROW = datetime(2026, 3, 11, 6, 30, tzinfo=UTC)  # 07:30 in Paris, the default of a digest
MONDAY = datetime(2026, 3, 16, 7, 30, tzinfo=UTC)


async def _due_at(store: Store, channel: Channel, key: str = "s:1") -> datetime | None:
    (owed,) = [o for o in await _rows(store, channel.id) if o.post.key == key]
    return owed.delivery.due_at


async def _rows(store: Store, channel: ChannelId) -> list[Owed]:
    posts = await store.db.fetch("SELECT post FROM deliveries WHERE channel = $1 ORDER BY post", channel)
    found = [await store.outbox.delivery(store.db, PostId(row["post"]), channel) for row in posts]
    return [owed for owed in found if owed is not None]


async def test_a_channel_gets_one_delivery_however_many_of_its_rules_match(store: Store) -> None:
    channel, other = await add_channel(store, "1"), await add_channel(store, "2")
    rules = [await want(store, channel, EVERYTHING), await want(store, channel, DPI)]
    await want(store, other, DPI)
    async with store.db.tx() as tx:
        owed = await store.outbox.owe(tx, a_post(), rules, now=START, breaks_quiet=Breaks.NOBODY, hold_until=None)
    assert owed == 2
    assert await states(store.db) == {("s:1", channel.id): State.TODO, ("s:1", other.id): State.TODO}


async def test_a_second_cause_owes_the_same_post_to_whom_it_is_new(store: Store) -> None:
    one, two = await add_channel(store, "1"), await add_channel(store, "2")
    everything, dpi = await want(store, one), await want(store, two, DPI)
    assert await owe(store, a_post(), everything) == 1
    async with store.db.tx() as tx:
        again = await store.outbox.owe(
            tx, a_post(), [everything, dpi], now=START, breaks_quiet=Breaks.NOBODY, hold_until=None
        )
    assert again == 1
    assert len(await store.db.fetch("SELECT id FROM posts")) == 1


async def test_a_post_nobody_wants_is_not_written_and_one_without_readers_is_harmless(store: Store) -> None:
    async with store.db.tx() as tx:
        assert await store.outbox.owe(tx, a_post(), [], now=START, breaks_quiet=Breaks.NOBODY, hold_until=None) == 0
    assert await store.db.fetch("SELECT id FROM posts") == []
    assert await owe(store, a_post(), RuleId(999)) == 0


async def test_the_soonest_rhythm_wins(store: Store) -> None:
    channel = await add_channel(store)
    rules = [await want(store, channel, EVERYTHING, Rhythm.WEEKLY), await want(store, channel, DPI, Rhythm.DAILY)]
    async with store.db.tx() as tx:
        await store.outbox.owe(tx, a_post(), rules, now=START, breaks_quiet=Breaks.NOBODY, hold_until=None)
    assert await _due_at(store, channel) == TOMORROW
    await want(store, channel, EVERYTHING, Rhythm.NOW)
    async with store.db.tx() as tx:
        await store.outbox.owe(tx, a_post("s:2"), rules, now=START, breaks_quiet=Breaks.NOBODY, hold_until=None)
    assert [o.post.key for o in await waiting(store)] == ["s:2"]


@pytest.mark.parametrize(("how", "due"), [(Rhythm.DAILY, TOMORROW), (Rhythm.WEEKLY, MONDAY)])
async def test_a_digest_is_held_until_the_channels_hour(store: Store, how: Rhythm, due: datetime) -> None:
    channel = await add_channel(store)
    await owe(store, a_post(), await want(store, channel, how=how))
    assert await states(store.db) == {("s:1", channel.id): State.HELD}
    assert await _due_at(store, channel) == due
    assert await store.outbox.next_due() == due


async def test_quiet_hours_hold_until_their_end_unless_the_post_breaks_them(store: Store) -> None:
    quiet, open_ = await add_channel(store, "1", quiet=MORNING), await add_channel(store, "2")
    night = await add_channel(store, "3", quiet=Quiet(start=time(22), end=time(7)))
    for channel in (quiet, open_, night):
        rule = await want(store, channel)
    await owe(store, a_post("news"), rule)
    await owe(store, a_post("alert", prio=Prio.ALERT), rule, breaks_quiet=Breaks.EVERYBODY)
    found = await states(store.db)
    assert [found["news", c.id] for c in (quiet, open_, night)] == [State.HELD, State.TODO, State.TODO]
    assert [found["alert", c.id] for c in (quiet, open_, night)] == [State.TODO] * 3
    assert await _due_at(store, quiet, "news") == NOON


async def test_a_warning_breaks_the_quiet_hours_of_whom_it_concerns_only(store: Store) -> None:
    mine = await add_channel(store, "1", quiet=MORNING)
    others = await add_channel(store, "2", quiet=MORNING)
    listed = Rule(what=What.WATCHLIST, value=mine.community)
    rules = [await want(store, mine), await want(store, mine, listed), await want(store, others)]
    for key, breaks in (("a", Breaks.NOBODY), ("b", Breaks.WATCHED), ("c", Breaks.EVERYBODY)):
        async with store.db.tx() as tx:
            post = a_post(key, prio=Prio.ALERT)
            await store.outbox.owe(tx, post, rules, now=START, breaks_quiet=breaks, hold_until=None)
    found = await states(store.db)
    assert [found[key, mine.id] for key in "abc"] == [State.HELD, State.TODO, State.TODO]
    assert [found[key, others.id] for key in "abc"] == [State.HELD, State.HELD, State.TODO]


async def test_a_pause_holds_what_quiet_hours_would_and_lets_the_same_through(store: Store) -> None:
    channel = await add_channel(store, paused_until=START + HOUR)
    rule = await want(store, channel)
    await owe(store, a_post("grave", prio=Prio.ALERT), rule, breaks_quiet=Breaks.EVERYBODY)
    await owe(store, a_post("alert", prio=Prio.ALERT), rule, breaks_quiet=Breaks.WATCHED)
    found = await states(store.db)
    assert (found["grave", channel.id], found["alert", channel.id]) == (State.TODO, State.HELD)
    assert await _due_at(store, channel, "alert") == START + HOUR
    assert [owed.post.key for owed in await waiting(store)] == ["grave"]


async def test_what_is_held_back_waits_for_the_later_of_its_reasons(store: Store) -> None:
    plain, quiet = await add_channel(store, "1"), await add_channel(store, "2", quiet=MORNING)
    await want(store, plain)
    rule = await want(store, quiet)
    await owe(store, a_post(), rule, hold=MINUTE)
    assert await _due_at(store, plain) == START + MINUTE
    assert await _due_at(store, quiet) == NOON
    await owe(store, a_post("s:2"), rule, hold=5 * HOUR)
    assert await _due_at(store, quiet, "s:2") == START + 5 * HOUR


@pytest.mark.parametrize("how", [Rhythm.DAILY, Rhythm.NOW])
async def test_a_pause_lasts_as_long_as_asked_whatever_the_rhythm(store: Store, how: Rhythm) -> None:
    until = START + timedelta(days=3)
    channel = await add_channel(store, paused_until=until)
    await owe(store, a_post(), await want(store, channel, how=how))
    assert await _due_at(store, channel) == until


async def test_a_pause_holds_what_was_owed_before_it(store: Store) -> None:
    channel = await add_channel(store)
    await owe(store, a_post(), await want(store, channel))
    async with store.db.tx() as tx:
        await store.channels.save(tx, replace(channel, paused_until=START + HOUR), START)
    assert await waiting(store) == []
    assert len(await store.outbox.next(LANE, START + HOUR, [], 10)) == 1


async def test_nothing_is_due_inside_quiet_hours(store: Store) -> None:
    """Neither what waits for the end of a pause, nor what is held back for a while."""
    quiet = Quiet(start=time(10, 30), end=time(12))
    paused = await add_channel(store, "1", quiet=MORNING, paused_until=START + HOUR)
    soon = await add_channel(store, "2", quiet=quiet)
    await want(store, paused)
    await owe(store, a_post(), await want(store, soon), hold=HOUR)
    assert [await _due_at(store, channel) for channel in (paused, soon)] == [NOON, NOON]


async def test_only_an_alert_rings_and_only_where_it_may(store: Store) -> None:
    loud, silent, mixed = [await add_channel(store, chat) for chat in "123"]
    await want(store, loud)
    await want(store, silent, silent=True)
    await want(store, mixed, silent=True)
    rules = [await want(store, mixed, DPI), await want(store, loud)]
    async with store.db.tx() as tx:
        for post in (a_post("news"), a_post("alert", prio=Prio.ALERT)):
            await store.outbox.owe(tx, post, rules, now=START, breaks_quiet=Breaks.NOBODY, hold_until=None)
    rows = await store.db.fetch(
        "SELECT d.silent, p.post_key, d.channel FROM deliveries d JOIN posts p ON p.id = d.post"
    )
    found = {(row["post_key"], row["channel"]): bool(row["silent"]) for row in rows}
    assert [found["news", c.id] for c in (loud, silent, mixed)] == [True, True, True]
    assert [found["alert", c.id] for c in (loud, silent, mixed)] == [False, True, False]


async def test_a_post_for_one_channel_is_owed_once(store: Store) -> None:
    channel = await add_channel(store)
    post = a_post("n:1", kind=PostKind.NOTICE, payload={"text": "Bonjour", "n": [1, 2]}, expires_at=START + HOUR)
    number = await owe_to(store, post, channel)
    assert await owe_to(store, post, channel) == number
    (owed,) = await waiting(store)
    assert owed.channel == channel
    assert (owed.post.id, owed.post.key, owed.post.kind, owed.post.payload) == (number, "n:1", post.kind, post.payload)
    assert (owed.post.created_at, owed.post.expires_at) == (START, START + HOUR)
    assert owed.delivery.nonce == f"{number}-{channel.id}"


# -- held --------------------------------------------------------------------------------------------------------------


async def _held(store: Store, channel: Channel, *posts: tuple[str, Prio], hold: timedelta = MINUTE) -> list[PostId]:
    rule = await want(store, channel)
    for key, prio in posts:
        await owe(store, a_post(key, prio=prio, payload={"articles": [len(key)]}), rule, hold=hold)
    return [o.delivery.post for o in await _rows(store, channel.id)]


async def test_what_is_due_comes_channel_by_channel_first_things_first(store: Store) -> None:
    one, two = await add_channel(store, "1"), await add_channel(store, "2")
    await _held(store, one, ("news", Prio.NEWS), ("alert", Prio.ALERT), ("reminder", Prio.REMINDER))
    await _held(store, two, ("later", Prio.NEWS), hold=HOUR)
    assert await store.outbox.due(START + MINUTE - timedelta(milliseconds=1), 10) == []
    due = dict(await store.outbox.due(START + MINUTE, 10))
    assert list(due) == [one]
    assert [d.prio for d in due[one]] == [Prio.ALERT, Prio.REMINDER, Prio.NEWS]
    assert {d.due_at for d in due[one]} == {START + MINUTE}
    assert [len(deliveries) for _, deliveries in await store.outbox.due(START + HOUR, 10)] == [4, 1]


async def test_no_more_channels_are_due_than_asked(store: Store) -> None:
    for chat in "12345":
        rule = await want(store, await add_channel(store, chat))
    await owe(store, a_post(), rule, hold=MINUTE)
    found = await store.outbox.due(START + MINUTE, 2)
    assert [len(deliveries) for _, deliveries in found] == [1, 1]


async def test_a_released_delivery_may_go(store: Store) -> None:
    channel = await add_channel(store)
    _, second = await _held(store, channel, ("s:1", Prio.NEWS), ("s:2", Prio.NEWS))
    async with store.db.tx() as tx:
        await store.outbox.release(tx, channel.id, [second])
        await store.outbox.release(tx, channel.id, [])
    assert [o.post.key for o in await waiting(store)] == ["s:2"]
    assert await store.outbox.next_due() == START + MINUTE


async def test_many_are_folded_into_one_silent_post(store: Store) -> None:
    channel, other = await add_channel(store, "1"), await add_channel(store, "2")
    await want(store, other)
    posts = await _held(store, channel, ("s:1", Prio.NEWS), ("s:2", Prio.NEWS))
    digest = a_post("d:1", kind=PostKind.DIGEST, prio=Prio.DIGEST)
    async with store.db.tx() as tx:
        await store.outbox.fold(tx, channel, posts, [digest])
    assert await states(store.db) == {
        ("s:1", channel.id): State.DROPPED,
        ("s:2", channel.id): State.DROPPED,
        ("d:1", channel.id): State.TODO,
        ("s:1", other.id): State.HELD,
        ("s:2", other.id): State.HELD,
    }
    (owed,) = await waiting(store)
    assert owed.delivery.silent


async def test_a_second_fold_of_the_same_hour_is_a_second_post(store: Store) -> None:
    """The first is perhaps sent: joined to it, what came later would never be read."""
    channel = await add_channel(store)
    digest = a_post("d:1", kind=PostKind.DIGEST, prio=Prio.DIGEST)
    for number in range(3):
        posts = await _held(store, channel, (f"s:{number}", Prio.NEWS))
        async with store.db.tx() as tx:
            await store.outbox.fold(tx, channel, posts, [digest])
    assert sorted(key for (key, _), state in (await states(store.db)).items() if state is State.TODO) == [
        "d:1",
        "d:1:2",
        "d:1:3",
    ]


async def test_the_articles_of_posts_come_in_the_order_of_the_posts(store: Store) -> None:
    channel = await add_channel(store)
    numbers = [
        await owe_to(store, a_post(f"s:{n}", payload=payload), channel)
        for n, payload in enumerate([{"articles": [3, 1]}, {"text": "x"}, {"articles": [2]}])
    ]
    assert await store.outbox.articles_of(store.db, [numbers[2], PostId(999), numbers[1], numbers[0]]) == [2, 3, 1]


async def test_what_waited_too_long_is_held_but_alerts_notices_and_what_was_begun(store: Store) -> None:
    channel = await add_channel(store)
    kinds = {
        "story": a_post("story"),
        "reminder": a_post("reminder", kind=PostKind.REMINDER, prio=Prio.REMINDER),
        "alert": a_post("alert", kind=PostKind.ALERT, prio=Prio.ALERT),
        "notice": a_post("notice", kind=PostKind.NOTICE),
        "digest": a_post("digest", kind=PostKind.DIGEST, prio=Prio.DIGEST),
        "young": a_post("young", created_at=START + HOUR),
    }
    for post in kinds.values():
        await owe_to(store, post, channel)
    begun = await add_channel(store, "begun")
    await owe_to(store, a_post("story"), begun)
    (owed,) = [o for o in await waiting(store) if o.channel == begun]
    assert await store.outbox.begin(await hold_lane(store), owed, START)
    async with store.db.tx() as tx:
        assert await store.outbox.hold_overdue(tx, START + 2 * HOUR, HOUR) == 2
    held = {key for key, state in (await states(store.db)).items() if state is State.HELD}
    assert held == {("story", channel.id), ("reminder", channel.id)}
    assert [c for c, _ in await store.outbox.due(START + 2 * HOUR, 10)] == [channel]


async def test_counts_tell_what_waits_and_what_went_wrong(store: Store) -> None:
    one, two = await add_channel(store, "1"), await add_channel(store, "2", lane="discord")
    assert await store.outbox.counts() == {("", "held"): 0, ("", "failed"): 0, ("", "unknown"): 0}
    await _held(store, one, ("s:1", Prio.NEWS))
    await owe_to(store, a_post("s:2"), one)
    await owe_to(store, a_post("s:2"), two)
    await owe_to(store, a_post("s:3"), two)
    for key, state in {"f": State.FAILED, "u": State.UNKNOWN, "v": State.UNKNOWN, "x": State.SENT}.items():
        number = await owe_to(store, a_post(key), one)
        async with store.db.tx() as tx:
            await tx.execute("UPDATE deliveries SET state = $2 WHERE post = $1", number, int(state))
    assert await store.outbox.counts() == {
        ("telegram", "todo"): 1,
        ("discord", "todo"): 2,
        ("", "held"): 1,
        ("", "failed"): 1,
        ("", "unknown"): 2,
    }
    await send(store, await hold_lane(store), (await waiting(store))[0])
    assert ("telegram", "todo") not in await store.outbox.counts()
