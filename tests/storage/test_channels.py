"""Where people read: settings, the hours that follow from them, and chats that move or put us out."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.domain.channel import Address, Channel, ChannelState, Quiet, Rhythm
from bot.domain.delivery import Breaks, State
from bot.domain.rule import Rule, What
from bot.foundation import Store
from tests.fakes import START, where
from tests.storage.rows import LANE, a_post, add_channel, hold_lane, owe, owe_to, send, states, waiting, want

NIGHT = Quiet(start=time(22), end=time(7))
DPI = Rule(what=What.TOPIC, value="dpi")


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    """In March 2026, UTC: Paris is an hour ahead until the 29th."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


async def _ensure(store: Store, chat: str, *, thread: str = "", title: str | None = None) -> Channel:
    place = where(chat, thread=thread)
    async with store.db.tx() as tx:
        return await store.channels.ensure(
            tx, replace(place, title=place.title if title is None else title), LANE, "fr", "Europe/Paris"
        )


async def _hours(store: Store, channel: Channel) -> tuple[datetime, datetime]:
    """The quiet window that is kept for it."""
    (row,) = await store.db.fetch("SELECT quiet_from_at, quiet_until_at FROM channels WHERE id = $1", channel.id)
    return tuple(datetime.fromtimestamp(value / 1000, UTC) for value in row)  # type: ignore[return-value]


async def _digest(store: Store, channel: Channel, rhythm: Rhythm) -> datetime:
    statement = "SELECT next_at FROM digests WHERE channel = $1 AND period = $2"
    (row,) = await store.db.fetch(statement, channel.id, rhythm.value)
    return datetime.fromtimestamp(row["next_at"] / 1000, UTC)


async def _refresh(store: Store, now: datetime) -> None:
    async with store.db.tx() as tx:
        await store.channels.refresh_hours(tx, now)


async def test_an_address_has_one_channel_and_each_thread_its_own(store: Store) -> None:
    first = await _ensure(store, "g1")
    assert await _ensure(store, "g1") == first
    topic = await _ensure(store, "g1", thread="7")
    assert topic.id != first.id
    assert await store.channels.at(first.address) == first
    assert await store.channels.at(topic.address) == topic
    assert await store.channels.at(Address(platform="discord", chat="g1")) is None


async def test_a_new_title_is_kept_and_an_empty_one_is_not(store: Store) -> None:
    await _ensure(store, "g1", title="Avant")
    assert (await _ensure(store, "g1", title="Après")).title == "Après"
    assert (await _ensure(store, "g1", title="")).title == "Après"


async def test_settings_come_back_as_they_were_saved(store: Store) -> None:
    channel = replace(
        await _ensure(store, "g1"),
        language="en",
        timezone="America/Cayenne",
        quiet=Quiet(start=time(21, 5), end=time(6, 55)),
        daily_at=time(6, 5),
        weekly_at=time(18, 45),
        weekly_on=4,
        role="42",
        reminders=(14, 1),
        long_posts=True,
        holidays=True,
        paused_until=START + timedelta(hours=3),
    )
    async with store.db.tx() as tx:
        await store.channels.save(tx, channel, START)
    assert await store.channels.at(channel.address) == channel
    assert await _ensure(store, "g1") == channel  # talking to us again changes no setting


# -- hours -------------------------------------------------------------------------------------------------------------


async def test_saved_settings_have_the_hours_that_follow_from_them(store: Store) -> None:
    """10:00 on a Tuesday, in Paris."""
    channel = await add_channel(store, quiet=NIGHT, daily_at=time(7, 30), weekly_at=time(8, 30), weekly_on=0)
    assert await _hours(store, channel) == (_at(10, 21), _at(11, 6))
    assert await _digest(store, channel, Rhythm.DAILY) == _at(11, 6, 30)
    assert await _digest(store, channel, Rhythm.WEEKLY) == _at(16, 7, 30)


async def test_hours_that_have_passed_are_those_of_the_next_day(store: Store) -> None:
    channel = await add_channel(store, quiet=NIGHT)
    await _refresh(store, _at(11, 5, 59))
    assert await _hours(store, channel) == (_at(10, 21), _at(11, 6))
    await _refresh(store, _at(11, 6))
    assert await _hours(store, channel) == (_at(11, 21), _at(12, 6))
    assert await _digest(store, channel, Rhythm.DAILY) == _at(11, 6, 30)
    await _refresh(store, _at(11, 6, 30))
    assert await _digest(store, channel, Rhythm.DAILY) == _at(12, 6, 30)
    assert await _digest(store, channel, Rhythm.WEEKLY) == _at(16, 7, 30)


async def test_hours_after_a_long_stop_are_the_next_ones(store: Store) -> None:
    channel = await add_channel(store, quiet=NIGHT)
    await _refresh(store, _at(30, 12))  # summer time since the 29th: 07:30 in Paris is 05:30
    assert await _hours(store, channel) == (_at(30, 20), _at(31, 5))
    assert await _digest(store, channel, Rhythm.DAILY) == _at(31, 5, 30)


async def test_without_quiet_hours_none_are_kept(store: Store) -> None:
    channel = await add_channel(store, quiet=NIGHT)
    async with store.db.tx() as tx:
        await store.channels.save(tx, replace(channel, quiet=None), START)
    assert await _hours(store, channel) == (datetime(1970, 1, 1, tzinfo=UTC),) * 2


@pytest.mark.parametrize("quiet", [None, NIGHT])
async def test_the_hours_of_a_holiday_are_kept_as_those_of_a_night(store: Store, quiet: Quiet | None) -> None:
    channel = await add_channel(store, quiet=quiet, holidays=True)
    await _refresh(store, datetime(2026, 5, 13, 12, tzinfo=UTC))  # the eve of Ascension Day
    opens = datetime(2026, 5, 13, 20 if quiet else 22, tzinfo=UTC)
    assert await _hours(store, channel) == (opens, datetime(2026, 5, 15, 5, tzinfo=UTC))
    assert await _digest(store, channel, Rhythm.DAILY) == datetime(2026, 5, 15, 5, 30, tzinfo=UTC)
    await _refresh(store, datetime(2026, 5, 15, 5, tzinfo=UTC))
    assert (await _hours(store, channel))[1] > datetime(2026, 5, 15, 5, tzinfo=UTC)


@pytest.mark.parametrize(("how", "before"), [(Rhythm.DAILY, _at(11, 6, 30)), (Rhythm.WEEKLY, _at(16, 7, 30))])
async def test_what_waits_for_a_letter_goes_along_when_its_hour_is_changed(
    store: Store, how: Rhythm, before: datetime
) -> None:
    channel = await add_channel(store)
    rule = await want(store, channel, how=how)
    await owe(store, a_post(), rule)
    assert [one.due_at for one in await store.outbox.held(store.db, channel.id)] == [before]
    async with store.db.tx() as tx:
        changed = replace(channel, daily_at=time(9), weekly_at=time(18), weekly_on=3)
        await store.channels.save(tx, changed, START)
    after = _at(11, 8) if how is Rhythm.DAILY else _at(12, 17)
    assert [one.due_at for one in await store.outbox.held(store.db, channel.id)] == [after]


@pytest.mark.parametrize(
    ("settings", "due"),
    [
        ({"holidays": True}, datetime(2026, 5, 15, 5, tzinfo=UTC)),
        ({"quiet": Quiet(start=time(21), end=time(8))}, datetime(2026, 5, 14, 6, tzinfo=UTC)),
        ({"quiet": None}, datetime(2026, 5, 13, 21, tzinfo=UTC)),  # now
        ({"daily_at": time(9)}, datetime(2026, 5, 14, 5, tzinfo=UTC)),
    ],
)
async def test_what_quiet_hours_hold_goes_along_when_they_are_changed_while_they_run(
    store: Store, settings: dict[str, object], due: datetime
) -> None:
    """At 23:00 on the eve of Ascension Day."""
    now = datetime(2026, 5, 13, 21, tzinfo=UTC)
    channel = await add_channel(store, quiet=NIGHT)
    rule = await want(store, channel)
    await _refresh(store, now)
    async with store.db.tx() as tx:
        await store.outbox.owe(tx, a_post(), [rule], now=now, breaks_quiet=Breaks.NOBODY, hold_until=None)
        await store.channels.save(tx, replace(channel, **settings), now)  # type: ignore[arg-type]  # its fields
    assert [one.due_at for one in await store.outbox.held(store.db, channel.id)] == [due]


async def test_a_letter_at_the_end_of_the_night_goes_its_own_way(store: Store) -> None:
    """07:30 is both."""
    channel = await add_channel(store, quiet=Quiet(start=time(22), end=time(7, 30)))
    at_once, daily = await want(store, channel), await want(store, channel, DPI, Rhythm.DAILY)
    now = _at(10, 22)
    async with store.db.tx() as tx:
        for key, rule in (("s:1", at_once), ("s:2", daily)):
            await store.outbox.owe(tx, a_post(key), [rule], now=now, breaks_quiet=Breaks.NOBODY, hold_until=None)
    assert [one.due_at for one in await store.outbox.held(store.db, channel.id)] == [_at(11, 6, 30), _at(11, 6, 30)]
    async with store.db.tx() as tx:
        await store.channels.save(tx, replace(channel, daily_at=time(9)), now)
    assert [one.due_at for one in await store.outbox.held(store.db, channel.id)] == [_at(11, 6, 30), _at(11, 8)]
    async with store.db.tx() as tx:
        await store.channels.save(tx, replace(channel, daily_at=time(9), quiet=NIGHT), now)
    assert [one.due_at for one in await store.outbox.held(store.db, channel.id)] == [_at(11, 6), _at(11, 8)]


async def test_what_a_pause_holds_waits_for_its_end_whatever_hour_is_changed(store: Store) -> None:
    channel = await add_channel(store, quiet=NIGHT)
    await owe(store, a_post(), await want(store, channel, how=Rhythm.DAILY))
    async with store.db.tx() as tx:
        channel = await store.channels.pause(tx, channel, _at(11, 6, 30), START)  # the very hour of the letter
        await store.channels.save(tx, replace(channel, daily_at=time(6), quiet=None), START)
    assert [one.due_at for one in await store.outbox.held(store.db, channel.id)] == [_at(11, 6, 30)]


async def test_a_letter_whose_hour_has_come_does_not_go_along(store: Store) -> None:
    channel = await add_channel(store)
    await owe(store, a_post(), await want(store, channel, how=Rhythm.DAILY))
    async with store.db.tx() as tx:
        await store.channels.save(tx, replace(channel, daily_at=time(9)), _at(11, 6, 30))
    assert [one.due_at for one in await store.outbox.held(store.db, channel.id)] == [_at(11, 6, 30)]


# -- a chat that asks for silence, puts us out, moves ------------------------------------------------------------------


async def test_silence_asked_by_a_chat_is_that_of_all_its_threads(store: Store) -> None:
    until = START + timedelta(seconds=60)
    one, topic, other = await _ensure(store, "1"), await _ensure(store, "1", thread="7"), await _ensure(store, "2")
    async with store.db.tx() as tx:
        await store.channels.hush(tx, one.address, until)
        await store.channels.hush(tx, topic.address, START)  # a shorter one does not end the longer
    found = [await store.channels.at(channel.address) for channel in (one, topic, other)]
    assert [channel and channel.not_before for channel in found] == [until, until, None]


async def test_a_chat_that_put_us_out_is_owed_nothing_more_and_keeps_its_settings(store: Store) -> None:
    channel, topic, other = (
        await add_channel(store),
        await add_channel(store, thread="7"),
        await add_channel(store, "2"),
    )
    rule = await want(store, channel)
    await owe_to(store, a_post("sent"), channel)
    (owed,) = await waiting(store)
    await send(store, await hold_lane(store), owed)
    await owe_to(store, a_post("todo"), topic)
    await owe(store, a_post("held"), rule, hold=timedelta(hours=1))
    await owe_to(store, a_post("other"), other)
    async with store.db.tx() as tx:
        await store.channels.gone(tx, channel.address)
    assert await states(store.db) == {
        ("sent", channel.id): State.SENT,
        ("held", channel.id): State.DROPPED,
        ("todo", topic.id): State.DROPPED,
        ("other", other.id): State.TODO,
    }
    assert await owe(store, a_post("later"), rule) == 0
    back = await _ensure(store, "g1")
    assert back == channel
    assert [s.rule_id for s in await store.subscriptions.of(store.db, back.id)] == [rule]


async def test_a_whole_server_may_put_us_out(store: Store) -> None:
    place = replace(where("c1", platform="discord"), community="discord:s1")
    async with store.db.tx() as tx:
        inside = await store.channels.ensure(tx, place, "discord", "fr", "Europe/Paris")
        thread = replace(place, address=replace(place.address, chat="c2"))
        await store.channels.ensure(tx, thread, "discord", "fr", "Europe/Paris")
        elsewhere = replace(place, address=replace(place.address, chat="c3"), community="discord:s2")
        await store.channels.ensure(tx, elsewhere, "discord", "fr", "Europe/Paris")
        await store.channels.gone(tx, Address(platform="discord", chat=""), community="discord:s1")
    found = [await store.channels.at(replace(inside.address, chat=chat)) for chat in ("c1", "c2", "c3")]
    assert [c and c.state for c in found] == [ChannelState.GONE, ChannelState.GONE, ChannelState.ACTIVE]


async def test_a_chat_that_moved_keeps_its_threads_settings_and_what_it_is_owed(store: Store) -> None:
    channel = await add_channel(store, "old", quiet=NIGHT)
    topic = await add_channel(store, "old", thread="7")
    await want(store, channel)
    await owe_to(store, a_post(), topic)
    old, new = channel.address, replace(channel.address, chat="new")
    async with store.db.tx() as tx:
        await store.channels.moved(tx, old, new)
    assert await store.channels.at(old) is None
    assert await store.channels.at(new) == replace(channel, address=new, community="telegram:new")
    assert [(o.post.key, o.channel.address) for o in await waiting(store)] == [("s:1", replace(new, thread="7"))]
    assert len(await store.subscriptions.of(store.db, channel.id)) == 1


async def test_a_chat_that_moved_to_one_that_had_put_us_out_is_read_there(store: Store) -> None:
    old, new = await add_channel(store, "old"), await add_channel(store, "new")
    await owe_to(store, a_post(), old)
    async with store.db.tx() as tx:
        await store.channels.gone(tx, new.address)
        await store.channels.moved(tx, old.address, new.address)
    assert [o.channel.address for o in await waiting(store)] == [new.address]


@pytest.mark.parametrize("is_set", [False, True], ids=["nobody set anything there", "somebody did"])
async def test_settings_follow_into_a_chat_that_was_heard_of_first_unless_somebody_set_it(
    store: Store, is_set: bool
) -> None:
    old, new = await add_channel(store, "old", quiet=NIGHT), await add_channel(store, "new")
    async with store.db.tx() as tx:
        await store.channels.save(tx, replace(old, language="en", nudge=None, daily_at=time(6, 15)), START)
        if is_set:
            await store.audit.note(tx, START, new.id, "p", "settings", language="fr")
        await store.channels.moved(tx, old.address, new.address)
    kept = await store.channels.at(new.address)
    assert kept is not None
    assert (kept.language, kept.quiet, kept.daily_at) == (
        ("fr", None, time(7, 30)) if is_set else ("en", NIGHT, time(6, 15))
    )


async def test_a_chat_that_moved_to_one_that_already_talks_to_us_joins_it(store: Store) -> None:
    """Telegram may tell of the supergroup before it tells that the group became it."""
    old, new = await add_channel(store, "old"), await add_channel(store, "new")
    both = await want(store, old, how=Rhythm.DAILY)
    assert await want(store, new, how=Rhythm.NOW) == both
    only_old = await want(store, old, DPI)
    await owe(store, a_post("both"), both, hold=timedelta(hours=1))
    await owe(store, a_post("old"), only_old)
    async with store.db.tx() as tx:
        await store.channels.moved(tx, old.address, new.address)
    wanted = {s.rule_id: s.how for s in await store.subscriptions.of(store.db, new.id)}
    assert wanted == {both: Rhythm.NOW, only_old: Rhythm.NOW}
    assert await states(store.db) == {
        ("both", old.id): State.DROPPED,
        ("both", new.id): State.HELD,
        ("old", old.id): State.DROPPED,
        ("old", new.id): State.TODO,
    }
    gone = await store.channels.at(old.address)
    assert gone is not None
    assert gone.state is ChannelState.GONE
