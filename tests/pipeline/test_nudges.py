"""A critical alert that nobody takes is said once more, by the channel's own delay, and never when somebody did."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.domain.channel import Quiet
from bot.domain.command import Moved, Reply
from bot.domain.mute import Mute
from bot.domain.rule import Rule, What
from bot.ports import Database
from bot.text.analyse import read_words
from bot.view import View
from tests.commands.desk import ADMIN, MEMBER, Chat, button
from tests.fakes import World, entry, where, words

CRITICAL = (
    "La faille CVE-2026-4321 d’un pare-feu est activement exploitée, score CVSS 9,8. Correctif urgent à appliquer."
)
GRAVE = "Une faille du pare-feu Valmont, CVE-2026-4321, permet de contourner l’authentification. Score CVSS : 9,1."
ALERT = "Vulnérabilité critique dans un pare-feu"
SECOND = "Deuxième appel"
MINUTE = timedelta(minutes=1)

_keys = itertools.count(1)


async def _world(database: Database, *typed: str, chats: tuple[str, ...] = ("g1",)) -> World:
    """Chats that want everything, and whatever settings were typed in the first."""
    world = World.on(database)
    await world.source("dsih", title="DSIH")
    for chat in chats:
        await Chat(world, chat).say("/abonner tout")
    for text in typed:
        await Chat(world, chats[0]).say(text)
    return world


async def _rings(world: World, title: str = ALERT, text: str = CRITICAL) -> View:
    """The alert as the first chat hears it."""
    (source,) = await world.store.sources.all()
    world.site.publish(source, entry(str(next(_keys)), title, text=text, published=world.clock.now()))
    await world.read("dsih")
    await world.deliver_all()
    return world.platform.sent[-1][1]


async def _after(world: World, wait: timedelta) -> None:
    """So much later, as a new process would see it."""
    world.clock.forward(wait)
    world.platform.budget._asked.clear()  # the budget keeps real time, this test does not
    await world.plan.catch_up(world.clock.now())
    await world.plan.sweep(world.clock.now())
    await world.deliver_all()


def _calls(world: World, chat: str = "g1") -> list[View]:
    return [view for at, view in world.platform.sent if at == chat and SECOND in words(view)]


async def test_what_nobody_took_is_said_once_more_after_half_an_hour(database: Database) -> None:
    world = await _world(database)
    first = await _rings(world)
    await _after(world, 29 * MINUTE)
    assert _calls(world) == []
    await _after(world, MINUTE)
    (call,) = _calls(world)
    assert "Deuxième appel : personne ne s’en occupe depuis le 10 mars 2026, 10:00." in words(call)
    assert (call.silent, call.answers) == (False, "m1")
    assert button(Reply(view=call), "Je m’en occupe") == button(Reply(view=first), "Je m’en occupe")
    for wait in (MINUTE, 60 * MINUTE, timedelta(hours=23), timedelta(days=2)):
        await _after(world, wait)
    assert len(_calls(world)) == 1


@pytest.mark.parametrize(("typed", "minutes"), [("45", 45), ("1h30", 90), ("15", 15)])
async def test_a_channel_chooses_after_how_long(database: Database, typed: str, minutes: int) -> None:
    world = await _world(database, f"/reglages relance {typed}")
    await _rings(world)
    await _after(world, (minutes - 1) * MINUTE)
    assert _calls(world) == []
    await _after(world, MINUTE)
    assert len(_calls(world)) == 1


async def test_each_channel_counts_from_when_it_was_told_and_by_its_own_delay(database: Database) -> None:
    world = await _world(database, "/reglages nudge 15", chats=("g1", "g2"))
    await _rings(world)
    await _after(world, 15 * MINUTE)
    assert (len(_calls(world, "g1")), len(_calls(world, "g2"))) == (1, 0)
    await _after(world, 15 * MINUTE)
    assert (len(_calls(world, "g1")), len(_calls(world, "g2"))) == (1, 1)


@pytest.mark.parametrize("until", ["taken", "settled"])
@pytest.mark.parametrize("planned", [False, True], ids=["before", "between planning and sending"])
async def test_what_somebody_took_is_not_said_again(database: Database, until: str, planned: bool) -> None:
    world = await _world(database)
    first = await _rings(world)
    world.clock.forward(30 * MINUTE)
    if planned:
        await world.plan.sweep(world.clock.now())
        assert "todo" in (await world.states()).values()
    await Chat(world).press(button(Reply(view=first), "Je m’en occupe"), MEMBER)
    if until == "settled":
        await world.deliver_all()
        await Chat(world).press(button(Reply(view=world.platform.edited[-1][2]), "C’est réglé"), MEMBER)
    await _after(world, MINUTE)
    assert _calls(world) == []
    assert set((await world.states()).values()) == {"sent", "dropped"}


async def test_whom_it_was_taken_by_elsewhere_is_no_answer_here(database: Database) -> None:
    world = await _world(database, chats=("g1", "g2"))
    await _rings(world)
    there = next(view for chat, view in world.platform.sent if chat == "g2")
    await Chat(world, "g2").press(button(Reply(view=there), "Je m’en occupe"), MEMBER)
    await _after(world, 30 * MINUTE)
    assert (len(_calls(world, "g1")), len(_calls(world, "g2"))) == (1, 0)


async def test_the_alert_and_its_second_call_both_show_who_took_it(database: Database) -> None:
    world = await _world(database)
    await _rings(world)
    await _after(world, 30 * MINUTE)
    await Chat(world).press(button(Reply(view=_calls(world)[0]), "Je m’en occupe"), MEMBER)
    await world.deliver_all()
    assert [(ref, "Sacha s’en occupe" in words(view)) for _, ref, view in world.platform.edited] == [
        ("m1", True),
        ("m2", True),
    ]
    assert SECOND not in words(world.platform.edited[-1][2])


async def test_given_back_before_its_hour_it_is_said_again(database: Database) -> None:
    world = await _world(database)
    chat, first = Chat(world), await _rings(world)
    await chat.press(button(Reply(view=first), "Je m’en occupe"), MEMBER)
    await world.deliver_all()
    await chat.press(button(Reply(view=world.platform.edited[-1][2]), "Passer la main"), MEMBER)
    await _after(world, 30 * MINUTE)
    assert len(_calls(world)) == 1


async def test_what_is_not_critical_waits_for_somebody_to_look(database: Database) -> None:
    world = await _world(database)
    await _rings(world, "Vulnérabilité dans le pare-feu Valmont", GRAVE)
    (row,) = await database.fetch("SELECT kind, payload FROM posts")
    assert row["kind"] == "alert" and '"severity":2' in row["payload"]
    await _after(world, timedelta(hours=2))
    assert len(world.platform.sent) == 1


async def test_an_alert_that_grew_critical_counts_from_then(database: Database) -> None:
    world = await _world(database)
    await _rings(world, "Vulnérabilité dans le pare-feu Valmont", GRAVE)
    world.clock.forward(timedelta(hours=3))
    world.platform.budget._asked.clear()
    (source,) = await world.store.sources.all()
    (known,) = world.site.pages[source.url]
    text = "Vulnérabilité du pare-feu Valmont, CVE-2026-4321 : elle est activement exploitée, score CVSS 9,8."
    world.site.pages[source.url] = [replace(known, text=text)]
    await world.read("dsih")
    await world.deliver_all()
    assert len(world.platform.sent) == 2
    await _after(world, 29 * MINUTE)
    assert _calls(world) == []
    await _after(world, MINUTE)
    (call,) = _calls(world)
    assert call.answers == "m2" and "10 mars 2026, 13:00" in words(call)


async def test_one_that_is_critical_no_more_is_left_alone(database: Database) -> None:
    world = await _world(database)
    await _rings(world)
    (source,) = await world.store.sources.all()
    (known,) = world.site.pages[source.url]
    world.site.pages[source.url] = [
        replace(known, title="Le pare-feu Valmont fête ses dix ans", text="Un anniversaire.")
    ]
    await world.read("dsih")
    await _after(world, 30 * MINUTE)
    assert _calls(world) == []


async def test_after_a_stop_of_a_day_nothing_is_said_again(database: Database) -> None:
    world = await _world(database)
    await _rings(world)
    await _after(world, timedelta(hours=24))
    assert _calls(world) == []


async def test_after_a_shorter_stop_it_is_said_late(database: Database) -> None:
    world = await _world(database)
    await _rings(world)
    await _after(world, timedelta(hours=23))
    assert len(_calls(world)) == 1


@pytest.mark.parametrize("late", [0, 20], ids=["at its hour", "late, after a stop"])
async def test_what_woke_everybody_at_night_wakes_them_again(database: Database, late: int) -> None:
    world = await _world(database, "/reglages quiet 22:00-07:00")
    world.clock.moment = datetime(2026, 3, 10, 22, 0, tzinfo=UTC)  # 23:00 in Paris
    await _rings(world)
    await _after(world, (30 + late) * MINUTE)
    assert len(_calls(world)) == 1


async def test_a_pause_keeps_it_until_its_end(database: Database) -> None:
    world = await _world(database)
    await _rings(world)
    await Chat(world).say("/pause 4h")
    await _after(world, timedelta(hours=3))
    assert _calls(world) == []
    await _after(world, timedelta(hours=1))
    assert len(_calls(world)) == 1


@pytest.mark.parametrize(("ends_after", "then"), [(5, 25), (90, 0)])
async def test_a_pause_that_ends_early_gives_it_back_its_hour(database: Database, ends_after: int, then: int) -> None:
    world = await _world(database)
    await _rings(world)
    await Chat(world).say("/pause 12h")
    await _after(world, ends_after * MINUTE)
    await Chat(world).say("/reprendre")
    await _after(world, then * MINUTE - MINUTE if then else timedelta())
    assert len(_calls(world)) == (0 if then else 1)
    await _after(world, MINUTE)
    assert len(_calls(world)) == 1


async def test_a_silence_that_speaks_of_it_keeps_it(database: Database) -> None:
    world = await _world(database)
    await _rings(world)
    channel = await world.store.channels.at(where("g1").address)
    assert channel is not None
    all_of, _, _ = read_words("pare-feu")
    now = world.clock.now()
    mute = Mute(
        channel=channel.id,
        rule=Rule(what=What.WORDS, all_of=all_of),
        since=now,
        until=now + timedelta(hours=2),
    )
    async with database.tx() as tx:
        await world.store.mutes.put(tx, mute)
    await _after(world, 30 * MINUTE)
    assert _calls(world) == []


async def test_switched_off_it_is_said_no_more_what_was_owed_neither(database: Database) -> None:
    world = await _world(database)
    await _rings(world)
    await Chat(world).say("/reglages relance off")
    await _after(world, 30 * MINUTE)
    await _rings(world, "Vulnérabilité critique dans une messagerie", CRITICAL.replace("4321", "4322"))
    await _after(world, 30 * MINUTE)
    assert _calls(world) == []


@pytest.mark.parametrize(("typed", "minutes"), [("60", 60), ("15", 15)])
async def test_a_new_delay_holds_for_what_rang_already(database: Database, typed: str, minutes: int) -> None:
    world = await _world(database)
    await _rings(world)
    world.clock.forward(10 * MINUTE)
    await Chat(world).say(f"/reglages relance {typed}")
    await _after(world, (minutes - 11) * MINUTE)
    assert _calls(world) == []
    await _after(world, MINUTE)
    assert len(_calls(world)) == 1


async def test_who_wants_alerts_without_a_sound_gets_it_without_one(database: Database) -> None:
    world = World.on(database)
    await world.source("dsih", title="DSIH")
    await Chat(world).say("/abonner tout silent")
    await _rings(world)
    await _after(world, 30 * MINUTE)
    assert [call.silent for call in _calls(world)] == [True]


async def test_quiet_hours_are_of_the_channel_and_not_of_its_nudges(database: Database) -> None:
    """The settings that are saved beside it change nothing of when it is due."""
    world = await _world(database)
    await _rings(world)
    channel = await world.store.channels.at(where("g1").address)
    assert channel is not None
    async with database.tx() as tx:
        quiet = Quiet(start=time(9), end=time(18))
        await world.store.channels.save(tx, replace(channel, quiet=quiet), world.clock.now())
    await _after(world, 30 * MINUTE)
    assert len(_calls(world)) == 1


async def test_the_sample_alert_is_never_said_again(database: Database) -> None:
    world = await _world(database)
    await Chat(world).say("/test", ADMIN)
    await world.deliver_all()
    await _after(world, timedelta(hours=1))
    assert len(world.platform.sent) == 1


async def test_a_group_that_became_a_supergroup_is_called_there_with_a_button_of_its_own(database: Database) -> None:
    world = await _world(database)
    await _rings(world)
    await Chat(world).talk.handle(Moved(old=where("g1").address, new=where("g2").address))
    await _after(world, 31 * MINUTE)
    (call,) = _calls(world, "g2")
    assert call.answers == ""
    taken = await Chat(world, "g2").press(button(Reply(view=call), "Je m’en occupe"), MEMBER)
    assert "C’est noté" in taken.notice
