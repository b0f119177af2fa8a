"""The lane's side of the outbox: what may go now, in which order, and what each answer leaves in the row."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.channel import Address, ChannelState
from bot.domain.delivery import Outcome, PostKind, Prio, State, after
from bot.domain.ids import ChannelId, PostId, StoryId
from bot.errors import ChannelGone
from bot.foundation import Store
from bot.stores import Owed
from tests.fakes import START
from tests.storage.rows import LANE, MINUTE, a_post, add_channel, hold_lane, owe, owe_to, send, states, waiting, want


async def _keys(store: Store, *, busy: tuple[str, ...] = (), limit: int = 100) -> list[tuple[str, str]]:
    found = await store.outbox.next(LANE, START, busy, limit)
    return [(owed.post.key, owed.channel.address.chat) for owed in found]


async def _edits(store: Store, *, busy: tuple[str, ...] = ()) -> list[Owed]:
    return list(await store.outbox.next_edits(LANE, START, busy, 100))


async def _row(store: Store, owed: Owed) -> Owed:
    found = await store.outbox.delivery(store.db, owed.delivery.post, owed.delivery.channel)
    assert found is not None
    return found


async def test_first_things_first_and_the_oldest_of_equals(store: Store) -> None:
    for chat in "abcd":
        channel = await add_channel(store, chat)
        prio = {"a": Prio.DIGEST, "b": Prio.NEWS, "c": Prio.ALERT, "d": Prio.NEWS}[chat]
        await owe_to(store, a_post(f"s:{chat}", prio=prio), channel)
    assert [chat for _, chat in await _keys(store)] == ["c", "b", "d", "a"]
    assert [chat for _, chat in await _keys(store, limit=2)] == ["c", "b"]


async def test_a_chat_has_one_at_a_time_with_all_its_threads(store: Store) -> None:
    channel, topic = await add_channel(store, "1"), await add_channel(store, "1", thread="7")
    other = await add_channel(store, "2")
    await owe_to(store, a_post("s:1"), topic)
    await owe_to(store, a_post("s:2"), channel)
    await owe_to(store, a_post("s:3"), other)
    assert await _keys(store) == [("s:1", "1"), ("s:3", "2")]


async def test_a_busy_chat_is_left_alone(store: Store) -> None:
    for chat in ("1", "2", "é\"'"):
        await owe_to(store, a_post(), await add_channel(store, chat))
    assert await _keys(store, busy=("1", "é\"'")) == [("s:1", "2")]
    assert await _keys(store, busy=("1",), limit=1) == [("s:1", "2")]


async def test_a_lane_does_not_see_another_lanes_rows(store: Store) -> None:
    await owe_to(store, a_post("s:1"), await add_channel(store, "1", lane="telegram"))
    await owe_to(store, a_post("s:2"), await add_channel(store, "2", lane="discord"))
    assert [o.post.key for o in await waiting(store, "telegram")] == ["s:1"]
    assert [o.post.key for o in await waiting(store, "discord")] == ["s:2"]
    assert await waiting(store, "console") == []


async def test_a_chat_that_asked_for_silence_is_skipped_until_its_end(store: Store) -> None:
    channel = await add_channel(store)
    await owe_to(store, a_post(), channel)
    async with store.db.tx() as tx:
        await store.channels.hush(tx, channel.address, START + MINUTE)
    assert await store.outbox.next(LANE, START + MINUTE - timedelta(milliseconds=1), [], 10) == []
    assert len(await store.outbox.next(LANE, START + MINUTE, [], 10)) == 1


# -- one send ----------------------------------------------------------------------------------------------------------


async def test_a_send_is_counted_before_it_and_marked_after_it(store: Store) -> None:
    await owe_to(store, a_post(), await add_channel(store))
    lease = await hold_lane(store)
    (owed,) = await waiting(store)
    assert await store.outbox.begin(lease, owed, START)
    begun = (await _row(store, owed)).delivery
    assert (begun.state, begun.attempts, begun.attempted_at) == (State.TODO, 1, START)
    async with store.db.tx() as tx:
        await store.outbox.sent(tx, lease, owed, "m7", START)
    sent = (await _row(store, owed)).delivery
    assert (sent.state, sent.attempts, sent.message_ref, sent.shown) == (State.SENT, 0, "m7", 1)
    assert await waiting(store) == await _edits(store) == []


async def test_what_was_dropped_meanwhile_is_not_begun(store: Store) -> None:
    channel = await add_channel(store)
    await owe_to(store, a_post(), channel)
    lease = await hold_lane(store)
    (owed,) = await waiting(store)
    async with store.db.tx() as tx:
        await store.channels.gone(tx, channel.address)
    assert not await store.outbox.begin(lease, owed, START)
    await store.outbox.drop(lease, owed, "expired")
    assert (await _row(store, owed)).delivery.error == "channel gone"


async def test_an_outcome_is_written_to_the_row_and_to_the_whole_chat(store: Store) -> None:
    channel, topic = await add_channel(store), await add_channel(store, thread="7")
    await owe_to(store, a_post(), channel)
    lease = await hold_lane(store)
    (owed,) = await waiting(store)
    assert await store.outbox.begin(lease, owed, START)
    waits = Outcome(state=State.TODO, attempts=0, doubts=1, error="no answer", chat_waits=MINUTE)
    async with store.db.tx() as tx:
        await store.outbox.failed(tx, lease, owed, waits, START)
    row = (await _row(store, owed)).delivery
    assert (row.state, row.attempts, row.doubts, row.error) == (State.TODO, 0, 1, "no answer")
    for one in (channel, topic):
        kept = await store.channels.at(one.address)
        assert kept is not None
        assert kept.not_before == START + MINUTE


async def test_an_outcome_that_ends_the_channel_drops_the_rest(store: Store) -> None:
    channel = await add_channel(store)
    for key in ("s:1", "s:2"):
        await owe_to(store, a_post(key), channel)
    (owed,) = await waiting(store)
    gone = Outcome(state=State.DROPPED, attempts=0, error="kicked", channel_gone=True)
    lease = await hold_lane(store)
    async with store.db.tx() as tx:
        await store.outbox.failed(tx, lease, owed, gone, START)
    assert set((await states(store.db)).values()) == {State.DROPPED}
    kept = await store.channels.at(channel.address)
    assert kept is not None
    assert kept.state is ChannelState.GONE


async def test_an_outcome_that_moves_the_chat_keeps_the_row_to_be_sent_there(store: Store) -> None:
    channel = await add_channel(store, "old")
    await owe_to(store, a_post(), channel)
    (owed,) = await waiting(store)
    moved = Outcome(state=State.TODO, attempts=0, moved_to=Address(platform="telegram", chat="new"))
    lease = await hold_lane(store)
    async with store.db.tx() as tx:
        await store.outbox.failed(tx, lease, owed, moved, START)
    assert await _keys(store) == [("s:1", "new")]


async def test_a_row_that_does_not_exist_is_none(store: Store) -> None:
    assert await store.outbox.delivery(store.db, PostId(1), ChannelId(1)) is None


# -- edits -------------------------------------------------------------------------------------------------------------


async def test_a_revision_edits_what_is_sent_and_only_that(store: Store) -> None:
    rule = None
    for chat in ("1", "2"):
        rule = await want(store, await add_channel(store, chat))
    assert rule is not None
    await owe(store, a_post(), rule)
    lease = await hold_lane(store)
    await send(store, lease, next(o for o in await waiting(store) if o.channel.address.chat == "1"), "m1")
    async with store.db.tx() as tx:
        assert await store.outbox.revise(tx, StoryId(1)) == 2
        assert await store.outbox.revise(tx, StoryId(999)) == 0
    (edit,) = await _edits(store)
    assert (edit.channel.address.chat, edit.delivery.message_ref, edit.delivery.is_edit) == ("1", "m1", True)
    assert (edit.delivery.revision, edit.delivery.shown, edit.post.revision) == (2, 1, 2)
    assert await _edits(store, busy=("1",)) == []
    await send(store, lease, edit, "m1")
    assert await _edits(store) == []
    (unsent,) = await waiting(store)
    await send(store, lease, unsent, "m2")  # it shows the newest at once
    assert await _edits(store) == []


async def test_a_revision_made_while_an_edit_is_under_way_is_not_lost(store: Store) -> None:
    await owe_to(store, a_post(), await add_channel(store))
    lease = await hold_lane(store)
    (owed,) = await waiting(store)
    assert await store.outbox.begin(lease, owed, START)
    async with store.db.tx() as tx:
        await store.outbox.revise(tx, StoryId(1))
    async with store.db.tx() as tx:
        await store.outbox.sent(tx, lease, owed, "m1", START)
    assert [(o.delivery.revision, o.delivery.shown) for o in await _edits(store)] == [(2, 1)]


async def test_one_channels_message_is_revised_alone(store: Store) -> None:
    one, two = await add_channel(store, "1"), await add_channel(store, "2")
    lease = await hold_lane(store)
    for channel in (one, two):
        number = await owe_to(store, a_post(), channel)
    for owed in await waiting(store):
        await send(store, lease, owed)
    async with store.db.tx() as tx:
        await store.outbox.revise_one(tx, number, two.id)
    assert [o.channel.id for o in await _edits(store)] == [two.id]


async def test_an_edit_the_platform_refuses_is_given_up_and_the_message_stays_sent(store: Store) -> None:
    await owe_to(store, a_post(), await add_channel(store))
    lease = await hold_lane(store)
    await send(store, lease, (await waiting(store))[0])
    for refused, again in ((Outcome(state=State.SENT, attempts=0, chat_waits=MINUTE), 1), (_final(), 0)):
        async with store.db.tx() as tx:
            await store.outbox.revise(tx, StoryId(1))
        edit = (await store.outbox.next_edits(LANE, START + MINUTE, [], 1))[0]
        async with store.db.tx() as tx:
            await store.outbox.failed(tx, lease, edit, refused, START)
        assert len(await store.outbox.next_edits(LANE, START + MINUTE, [], 1)) == again
    assert (await _row(store, edit)).delivery.state is State.SENT


async def test_a_message_of_a_chat_that_put_us_out_stays_sent_though_its_edit_fails(store: Store) -> None:
    await owe_to(store, a_post(), await add_channel(store))
    lease = await hold_lane(store)
    await send(store, lease, (await waiting(store))[0])
    async with store.db.tx() as tx:
        await store.outbox.revise(tx, StoryId(1))
    (edit,) = await _edits(store)
    async with store.db.tx() as tx:
        await store.outbox.failed(tx, lease, edit, after(edit.delivery, ChannelGone("kicked")), START)
    assert (await _row(store, edit)).delivery.state is State.SENT


def _final() -> Outcome:
    return Outcome(state=State.SENT, attempts=0, error="message is too old")


# -- expiry ------------------------------------------------------------------------------------------------------------


async def test_a_held_post_that_expired_is_dropped_and_no_other(store: Store) -> None:
    channel = await add_channel(store)
    rule = await want(store, channel)
    end = START + 2 * MINUTE
    for key, expires_at in (("gone", end), ("still", end + MINUTE), ("never", None)):
        await owe(store, a_post(key, kind=PostKind.REMINDER, expires_at=expires_at), rule, hold=MINUTE)
    assert await store.outbox.expire(end - timedelta(milliseconds=1)) == 0
    assert await store.outbox.expire(end) == 1
    found = {key: state for (key, _), state in (await states(store.db)).items()}
    assert found == {"gone": State.DROPPED, "still": State.HELD, "never": State.HELD}


async def test_a_dropped_delivery_says_why(store: Store) -> None:
    await owe_to(store, a_post(), await add_channel(store))
    (owed,) = await waiting(store)
    await store.outbox.drop(await hold_lane(store), owed, "expired")
    row = (await _row(store, owed)).delivery
    assert row == replace(owed.delivery, state=State.DROPPED, error="expired")
