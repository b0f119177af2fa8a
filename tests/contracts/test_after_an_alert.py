"""What follows an alert, on every platform: a second call as a reply to it, a thread to talk about it in."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.channel import Channel
from bot.errors import Throttled, Unpermitted
from bot.ports import OpensThreads
from bot.view import Headline, Note, View
from storage.database import open_database
from tests.commands.desk import plain
from tests.contracts.stand import Shown, Stand
from tests.contracts.talking import only, send, turn
from tests.contracts.test_same_story import Telling, staged
from tests.fakes import World

TITLE = "Vulnérabilité critique du pare-feu Valmont"
TEXT = "La faille CVE-2026-4321 d’un pare-feu est activement exploitée, score CVSS 9,8. Correctif urgent à appliquer."
VIEW = View(blocks=(Headline(text=TITLE, url="https://exemple.test/1"), Note(text="Source fictive · #1")))
MINUTE = timedelta(minutes=1)


def threads_of(stand: Stand) -> list[str]:
    """Names of the threads the bot opened in the first chat."""
    api: Any = getattr(stand, "api", None)  # of the stands, the console has no server
    if stand.name == "discord":
        return list(api.opened.values())
    if stand.name == "telegram":
        return list(api.chat(0).topics.values())
    return [line.thread for line in stand.book.lines("telegram") if line.thread]  # type: ignore[attr-defined]


def in_topics(stand: Stand) -> Sequence[Shown]:
    """What stands in Telegram's topics; elsewhere a thread hangs on the alert, and nothing is said in it."""
    if stand.name != "telegram":
        return ()
    topics = stand.api.chat(0).topics  # type: ignore[attr-defined]  # its stand has a server
    return [one for topic in topics for one in stand.messages(0, thread=topic)]


def opener(stand: Stand) -> OpensThreads:
    assert isinstance(stand.platform, OpensThreads)
    return stand.platform


def forum(stand: Stand) -> Channel:
    channel = stand.channel()
    if stand.name == "telegram":
        stand.api.chat(0).is_forum = True  # type: ignore[attr-defined]  # its stand has a server
        stand.api.limits(False)  # type: ignore[attr-defined]  # they are tried elsewhere
    return channel


# -- the adapters -----------------------------------------------------------------------------------------------------


async def test_a_reply_stands_under_what_it_answers(stand: Stand) -> None:
    first = await send(stand, VIEW)
    ref = await send(stand, replace(VIEW, answers=first))
    assert [one.answers for one in stand.messages()] == ["", first]
    await turn(stand, stand.channel().address.chat)
    await stand.platform.edit(stand.channel(), ref, replace(VIEW, blocks=(Note(text="Réglé"),), answers=first))
    assert [one.edits for one in stand.messages()] == [0, 1]


async def test_a_reply_to_what_was_deleted_arrives_all_the_same(stand: Stand) -> None:
    await send(stand, replace(VIEW, answers="999999999"))
    assert len(stand.messages()) == 1


async def test_a_thread_bears_the_title_cut_to_what_the_platform_takes(stand: Stand) -> None:
    channel, ref = forum(stand), await send(stand, VIEW)
    long = View(blocks=(Headline(text=f"{TITLE} @everyone /start \n{'du grand hôpital ' * 20}"), Note(text="#1")))
    await opener(stand).open_thread(channel, ref, long)
    (name,) = threads_of(stand)
    assert name.startswith(TITLE) and "\n" not in name[:100]


async def test_a_thread_that_hangs_on_its_message_is_opened_once_however_often(stand: Stand) -> None:
    channel, ref = forum(stand), await send(stand, VIEW)
    opened = [await opener(stand).open_thread(channel, ref, VIEW) for _ in range(2)]
    assert len(threads_of(stand)) == (1 if opener(stand).hangs_threads else 2)
    assert len(set(opened)) == len(threads_of(stand))


@only("telegram", "discord")
async def test_without_the_right_it_is_unpermitted_and_messages_go_on(stand: Stand) -> None:
    channel, ref = forum(stand), await send(stand, VIEW)
    _forbid(stand)
    with pytest.raises(Unpermitted):
        await opener(stand).open_thread(channel, ref, VIEW)
    await send(stand, VIEW)
    assert (threads_of(stand), len(stand.messages())) == ([], 2)


@only("telegram")
async def test_a_group_without_topics_is_one_whose_administrators_can_change_that(stand: Stand) -> None:
    with pytest.raises(Unpermitted):
        await opener(stand).open_thread(stand.channel(), "1", VIEW)


@only("discord")
async def test_how_many_threads_may_be_opened_is_no_limit_of_messages(stand: Stand) -> None:
    channel, ref = forum(stand), await send(stand, VIEW)
    stand.throttle(timedelta(seconds=60), number=0)
    with pytest.raises(Throttled):
        await opener(stand).open_thread(channel, ref, VIEW)
    await send(stand, VIEW)
    assert len(stand.messages()) == 2


def test_threads_are_opened_in_no_thread_and_in_no_chat_with_one_person(stand: Stand) -> None:
    takes = opener(stand).takes_threads
    assert takes(stand.channel())
    if stand.name == "discord":
        assert not takes(stand.channel(0, thread="77"))
    if stand.name != "console":
        alone = replace(stand.channel(), is_group=False)
        assert not takes(replace(alone, address=replace(alone.address, chat="700000001")))


def _forbid(stand: Stand) -> None:
    api: Any = stand.api  # type: ignore[attr-defined]  # both have a server
    if stand.name == "discord":
        api.may_not_open.add(stand.channel().address.chat)
    else:
        api.chat(0).may_make_topics = False


# -- from the alert on ------------------------------------------------------------------------------------------------


@pytest.fixture
async def telling(stand: Stand, tmp_path: Path) -> AsyncIterator[Telling]:
    """A chat that wants everything, with a thread per alert."""
    forum(stand)
    db = await open_database(f"sqlite:///{tmp_path}/tocsin.db")
    try:
        async with staged(stand, 0, "fr", World.on(db)) as told:
            await told.join()
            await told.say("subscribed", "/abonner tout", admin=True)
            await told.say("threads", "/reglages fils on", admin=True)
            yield told
    finally:
        await db.close()


async def _rings(telling: Telling) -> Shown:
    source = await telling.world.source("journal", title="Le Journal de Valmont")
    await telling.publish(source, "1", TITLE, text=TEXT)
    return next(one for one in telling.standing() if TITLE in one.text)


async def _later(telling: Telling, wait: timedelta) -> None:
    telling.world.clock.forward(wait)
    now, lane = telling.world.clock.now(), telling.lane
    # The lease is renewed every few seconds of real time, and the test's clock has just jumped over its end.
    lane._lease = await telling.world.store.leases.hold(lane.platform.lane, lane.owner, wait + MINUTE, now)
    await telling.world.plan.sweep(now)
    await telling._settled()


def _calls(telling: Telling) -> list[Shown]:
    return [one for one in telling.standing() if "Deuxième appel" in one.text]


async def test_an_alert_gets_its_thread_and_its_second_call_once(telling: Telling) -> None:
    stand, alert = telling.stand, await _rings(telling)
    assert [name.strip() for name in threads_of(stand)] == [TITLE]
    for wait in (30 * MINUTE, MINUTE, timedelta(hours=3)):
        await _later(telling, wait)
    (call,) = _calls(telling)
    assert (call.answers, call.silent) == (alert.ref, False)
    assert [plain(one.label) for one in call.buttons] == [plain(one.label) for one in alert.buttons]
    assert len(threads_of(stand)) == 1


async def test_taken_from_the_second_call_all_that_tells_the_alert_shows_it(telling: Telling) -> None:
    await _rings(telling)
    await _later(telling, 30 * MINUTE)
    await telling.press("taken", "Je m’en occupe", admin=False, on=_calls(telling)[0])
    told = [*(one for one in telling.standing() if TITLE in one.text), *in_topics(telling.stand)]
    assert len(told) == (3 if telling.stand.name == "telegram" else 2)
    assert all("s’en occupe depuis le" in one.text for one in told)
    assert _calls(telling) == []


@only("telegram")
async def test_a_topic_holds_the_alert_without_a_sound_and_the_way_to_its_message(telling: Telling) -> None:
    alert = await _rings(telling)
    (card,) = in_topics(telling.stand)
    chat = alert.chat.removeprefix("-100")
    assert card.silent and TITLE in card.text
    assert [one.url for one in card.buttons if one.url] == [f"https://t.me/c/{chat}/{alert.ref}"]


@only("telegram", "discord")
async def test_a_missing_right_leaves_the_alert_and_is_told_once(telling: Telling) -> None:
    _forbid(telling.stand)
    await _rings(telling)
    source = next(one for one in await telling.world.store.sources.all() if one.slug == "journal")
    for number in ("2", "3"):
        title = f"Vulnérabilité critique de la messagerie fictive {number}"
        await telling.publish(source, number, title, text=TEXT.replace("4321", f"432{number}"))
    rows = await telling.world.db.fetch(
        "SELECT p.kind, d.state FROM deliveries d JOIN posts p ON p.id = d.post WHERE p.kind IN ('alert', 'thread')"
    )
    assert sorted((row["kind"], row["state"]) for row in rows) == [("alert", 2)] * 3 + [("thread", 3)] * 3
    notices = await telling.world.db.fetch("SELECT payload FROM posts WHERE post_key LIKE 'n:threads:%'")
    assert len(notices) == 1
    assert threads_of(telling.stand) == []


@only("discord")
async def test_the_role_of_the_channel_is_called_by_an_alert_and_its_second_call_alone(telling: Telling) -> None:
    role = telling.stand.channel(0).role
    await telling.say("role", f"/reglages role <@&{role}>", admin=True)
    alert = await _rings(telling)
    source = next(one for one in await telling.world.store.sources.all() if one.slug == "journal")
    await telling.publish(source, "9", f"La cantine de Valmont <@&{role}> @everyone")
    await _later(telling, 30 * MINUTE)
    (call,) = _calls(telling)
    called = {one.ref: one.pings for one in telling.standing() if one.pings}
    assert called == {alert.ref: (role,), call.ref: (role,)}
    assert [one.payload["allowed_mentions"] for one in (alert, call)] == [{"parse": [], "roles": [role]}] * 2


@only("discord")
async def test_the_role_of_everybody_is_no_role_to_call(telling: Telling) -> None:
    server = telling.stand.channel(0).community.removeprefix("discord:")
    answered = await telling.say("everybody", f"/reglages role <@&{server}>", admin=True)
    assert "n’est pas un rôle" in plain(answered.private)
    (row,) = await telling.world.db.fetch("SELECT role FROM channels WHERE is_group = 1")
    assert row["role"] == ""
