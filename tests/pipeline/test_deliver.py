"""The lane: what follows each answer of a platform."""

import asyncio
import time
from datetime import timedelta

import pytest

from bot.domain.budget import Budget, Rates, Use
from bot.domain.channel import Address, Channel
from bot.domain.delivery import Post, PostKind, Prio
from bot.errors import ChannelGone, ChannelMoved, PlatformError, Rejected, Throttled, Uncertain, Unreachable
from bot.ports import Database
from tests.fakes import World, words


async def _owe(
    world: World, channel: Channel, text: str, prio: Prio = Prio.NEWS, expires: timedelta | None = None
) -> None:
    now = world.clock.now()
    post = Post(
        key=f"n:{channel.id}:{text}",
        kind=PostKind.NOTICE,
        prio=prio,
        payload={"text": text},
        created_at=now,
        expires_at=None if expires is None else now + expires,
    )
    async with world.db.tx() as tx:
        await world.store.outbox.owe_to(tx, post, channel)


def _said(world: World, chat: str = "g1") -> list[str]:
    return [words(view) for at, view in world.platform.sent if at == chat]


async def test_an_alert_overtakes_what_waits(database: Database) -> None:
    world = World.on(database)
    channel = await world.channel()
    for number in range(5):
        await _owe(world, channel, f"lettre {number}", Prio.DIGEST)
    await _owe(world, channel, "alerte", Prio.ALERT)
    await world.deliver_all()
    assert _said(world) == ["alerte", *(f"lettre {n}" for n in range(5))]


async def test_a_refused_chat_waits_as_long_as_asked_and_delays_no_other(database: Database) -> None:
    world = World.on(database)
    refused, other = await world.channel("refused"), await world.channel("other")
    world.platform.refuses["refused"] = Throttled("chat", timedelta(seconds=60))
    await _owe(world, refused, "un")
    await _owe(world, refused, "deux")
    await _owe(world, other, "alerte", Prio.ALERT)
    await world.deliver_all()
    assert _said(world, "other") == ["alerte"]
    (row,) = await database.fetch("SELECT not_before FROM channels WHERE external_id = 'refused'")
    assert row["not_before"] == int((world.clock.now() + timedelta(seconds=60)).timestamp() * 1000)
    world.platform.refuses.clear()
    world.clock.forward(timedelta(seconds=61))
    world.platform.budget._asked.clear()  # the budget keeps real time, this test does not
    await world.deliver_all()
    assert _said(world, "refused") == ["un", "deux"]


async def test_a_lost_answer_is_repeated_once_and_says_so(database: Database) -> None:
    world = World.on(database)
    await _owe(world, await world.channel(), "alerte")
    world.platform.accepts_lost = True
    world.platform.answers = [Uncertain("no answer")]
    await world.deliver_all()
    first, second = _said(world)
    assert first == "alerte"
    assert second == "Message répété : le précédent s’est peut-être perdu en route.\nalerte"


async def test_twice_uncertain_is_shown_to_the_operator_and_not_sent_again(database: Database) -> None:
    world = World.on(database)
    await _owe(world, await world.channel(), "alerte")
    world.platform.answers = [Uncertain("no answer"), Uncertain("no answer")]
    await world.deliver_all()
    assert _said(world) == []
    assert set((await world.states()).values()) == {"unknown"}


async def test_a_platform_that_remembers_the_nonce_needs_no_mention_of_a_repeat(database: Database) -> None:
    world = World.on(database)
    world.platform.dedupes_for = timedelta(minutes=2)
    await _owe(world, await world.channel(), "alerte")
    world.platform.answers = [Uncertain("no answer")]
    await world.deliver_all()
    assert _said(world) == ["alerte"]


async def test_what_surely_did_not_leave_is_sent_later_without_a_doubt(database: Database) -> None:
    world = World.on(database)
    await _owe(world, await world.channel(), "alerte")
    world.platform.answers = [Unreachable("refused")]
    await world.deliver_all()
    assert _said(world) == ["alerte"]


async def test_a_rejected_message_ends_and_the_next_one_goes(database: Database) -> None:
    world = World.on(database)
    channel = await world.channel()
    await _owe(world, channel, "impossible")
    await _owe(world, channel, "possible")
    world.platform.answers = [Rejected("bad request")]
    await world.deliver_all()
    assert _said(world) == ["possible"]
    assert sorted((await world.states()).values()) == ["failed", "sent"]


async def test_a_chat_that_put_us_out_loses_what_was_owed_and_keeps_its_settings(database: Database) -> None:
    world = World.on(database)
    channel = await world.channel()
    await _owe(world, channel, "un")
    await _owe(world, channel, "deux")
    world.platform.answers = [ChannelGone("kicked")]
    await world.deliver_all()
    assert set((await world.states()).values()) == {"dropped"}
    again = await world.channel()
    assert again.id == channel.id


async def test_a_chat_that_moved_gets_its_message_at_the_new_address(database: Database) -> None:
    world = World.on(database)
    channel = await world.channel("old")
    await _owe(world, channel, "alerte")
    world.platform.answers = [ChannelMoved(Address(platform="telegram", chat="new"))]
    await world.deliver_all()
    assert world.platform.chats() == ["new"]


async def test_an_expired_post_is_not_sent(database: Database) -> None:
    world = World.on(database)
    await _owe(world, await world.channel(), "trop tard", expires=timedelta(minutes=1))
    world.clock.forward(timedelta(minutes=2))
    await world.deliver_all()
    assert _said(world) == []
    assert set((await world.states()).values()) == {"dropped"}


async def test_what_was_being_sent_at_a_kill_is_repeated_and_says_so(database: Database) -> None:
    """The row as a kill leaves it: the attempt counted, no answer."""
    world = World.on(database)
    await _owe(world, await world.channel(), "alerte")
    async with database.tx() as tx:
        await tx.execute("UPDATE deliveries SET attempts = 1, attempted_at = 1")
    await world.deliver_all()
    assert _said(world) == ["Message répété : le précédent s’est peut-être perdu en route.\nalerte"]


@pytest.mark.parametrize("kills", [2, 3, 4, 5])
async def test_kills_in_a_row_on_one_message_do_not_lose_it(database: Database, kills: int) -> None:
    world = World.on(database)
    await _owe(world, await world.channel(), "alerte")
    async with database.tx() as tx:
        await tx.execute("UPDATE deliveries SET attempts = $1, attempted_at = 1", kills)
    await world.deliver_all()
    assert len(_said(world)) == 1


async def test_order_is_kept_inside_a_channel_across_failures(database: Database) -> None:
    world = World.on(database)
    channel = await world.channel()
    for number in range(6):
        await _owe(world, channel, str(number))
    refusals: list[PlatformError | None] = [None, Unreachable("x"), None, None, Uncertain("x"), None]
    world.platform.answers = refusals
    world.platform.dedupes_for = timedelta(minutes=2)
    await world.deliver_all()
    assert _said(world) == [str(n) for n in range(6)]


async def test_a_chat_is_served_one_message_at_a_time(database: Database) -> None:
    world = World.on(database)
    at_once: dict[str, int] = {}
    most: list[int] = []
    original = world.platform.send

    async def send(channel: Channel, view: object, *, nonce: str) -> str:
        chat = channel.address.chat
        at_once[chat] = at_once.get(chat, 0) + 1
        most.append(at_once[chat])
        await asyncio.sleep(0.002)
        at_once[chat] -= 1
        return await original(channel, view, nonce=nonce)  # type: ignore[arg-type]  # a View, as Deliver gives it

    world.platform.send = send  # type: ignore[method-assign]  # the fake is ours to slow down
    for chat in ("g1", "g2", "g3"):
        channel = await world.channel(chat)
        for number in range(4):
            await _owe(world, channel, f"{chat} {number}")
    await world.deliver_all()
    assert len(world.platform.sent) == 12
    assert max(most) == 1


async def test_a_lane_held_by_another_process_sends_nothing(database: Database) -> None:
    world = World.on(database)
    await _owe(world, await world.channel(), "alerte")
    ttl = timedelta(minutes=2)
    assert await world.store.leases.hold("telegram", "another", ttl, world.clock.now()) is not None
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await world.deliver().run()
    assert _said(world) == []


async def test_edits_leave_a_group_its_posts_and_answers(database: Database) -> None:
    """Of six messages an hour, edits and posts together fill three; the next edit waits, alone."""
    world = World.on(database)
    world.platform.budget = Budget(Rates(overall=(1000, 1.0), chat=(1000, 1.0), group=(6, 3_600.0)))
    lively, calm = await world.channel("lively"), await world.channel("calm")
    for channel in (lively, calm):
        await _owe(world, channel, "un")
    await world.deliver_all()
    for _ in range(2):
        await _revise(world, lively)
        await world.deliver_all()
    await _revise(world, lively)
    await _revise(world, calm)
    await world.deliver_all(until=lambda: [chat for chat, _, _ in world.platform.edited][2:] == ["calm"])
    await _owe(world, lively, "deux")
    await world.deliver_all(until=lambda: _said(world, "lively") == ["un", "deux"])
    assert len(world.platform.edited) == 3
    assert world.platform.budget.wait("lively", time.monotonic(), Use.ANSWER) == 0.0


async def _revise(world: World, channel: Channel) -> None:
    rows = await world.db.fetch("SELECT post FROM deliveries WHERE channel = $1 ORDER BY post LIMIT 1", channel.id)
    async with world.db.tx() as tx:
        await world.store.outbox.revise_one(tx, rows[0]["post"], channel.id)
