"""A thread per alert, where a channel wants one: once, whatever restarts, and never in the way of the alert."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.domain.channel import Channel
from bot.domain.command import Reply
from bot.errors import ChannelGone, PlatformError, Rejected, Throttled, Uncertain, Unpermitted, Unreachable
from bot.ports import Database
from bot.view import Actions, View
from tests.commands.desk import ADMIN, Chat, button
from tests.fakes import FakePlatform, World, entry, title

CRITICAL = (
    "La faille CVE-2026-{n} d’un pare-feu est activement exploitée, score CVSS 9,8. Correctif urgent à appliquer."
)
GRAVE = "Une faille du pare-feu Valmont, CVE-2026-4321, permet de contourner l’authentification. Score CVSS : 9,1."
MINUTE = timedelta(minutes=1)
PERHAPS = Uncertain("no answer")

_keys = itertools.count(1)


@dataclass
class Forum(FakePlatform):
    """Threads too. `hangs_threads`: as on Discord, else as on Telegram; `refusals` meet the next ones."""

    hangs_threads: bool = True
    opened: list[tuple[str, str]] = field(default_factory=list)  # (message, name)
    asked: int = 0
    refusals: list[PlatformError | None] = field(default_factory=list)
    threads: list[str] = field(default_factory=list)  # of each message that was sent
    loses_answers: bool = False  # a refusal by Uncertain leaves the thread there

    def takes_threads(self, channel: Channel) -> bool:
        return channel.is_group

    async def open_thread(self, channel: Channel, ref: str, view: View) -> str:
        self.asked += 1
        error = self.refusals.pop(0) if self.refusals else None
        stands = self.hangs_threads and ref in [of for of, _ in self.opened]
        if (error is None or self.loses_answers) and not stands:
            self.opened.append((ref, title(view)))
        if error is not None:
            raise error
        return ref if self.hangs_threads else f"t{len(self.opened)}"

    async def send(self, channel: Channel, view: View, *, nonce: str) -> str:
        if channel.address.thread in self.refuses:
            raise self.refuses[channel.address.thread]
        ref = await super().send(channel, view, nonce=nonce)
        self.threads.append(channel.address.thread)
        return ref

    def link(self, channel: Channel, ref: str) -> str:
        return f"https://exemple.test/{ref}"


async def _world(database: Database, forum: Forum, *typed: str) -> World:
    world = World.on(database)
    world.platform = forum
    await world.source("dsih", title="DSIH")
    for text in ("/abonner tout", *(typed or ("/reglages fils on",))):
        await Chat(world).say(text)
    return world


async def _rings(world: World, text: str = "") -> None:
    number = next(_keys)
    (source,) = await world.store.sources.all()
    said = text or CRITICAL.format(n=1000 + number)
    world.site.publish(
        source, entry(str(number), f"Vulnérabilité critique n° {number}", text=said, published=world.clock.now())
    )
    await world.read("dsih")
    await world.deliver_all()


async def _later(world: World, wait: timedelta) -> None:
    world.clock.forward(wait)
    world.platform.budget._asked.clear()  # the budget keeps real time, this test does not
    await world.plan.sweep(world.clock.now())
    await world.deliver_all()


async def _states(world: World, kind: str) -> Sequence[int]:
    rows = await world.db.fetch(
        "SELECT d.state FROM deliveries d JOIN posts p ON p.id = d.post WHERE p.kind = $1 ORDER BY p.id", kind
    )
    return [row["state"] for row in rows]


SENT, FAILED, DROPPED, UNKNOWN = 2, 3, 4, 5


async def test_nobody_gets_a_thread_unasked(database: Database) -> None:
    world = await _world(database, Forum(), "/reglages fils off")
    await _rings(world)
    assert (await _states(world, "alert"), await _states(world, "thread")) == ([SENT], [])


async def test_each_alert_gets_one_named_as_it_is_and_an_article_none(database: Database) -> None:
    forum = Forum()
    world = await _world(database, forum)
    await _rings(world)
    await _rings(world, "Un texte sans rien de pressé.")
    await _later(world, MINUTE)
    assert [ref for ref, _ in forum.opened] == ["m1"] and forum.opened[0][1].startswith("Vulnérabilité critique n° ")
    assert await _states(world, "card") == []


async def test_a_thread_apart_holds_the_alert_and_the_way_to_its_message(database: Database) -> None:
    forum = Forum(hangs_threads=False)
    world = await _world(database, forum)
    await _rings(world)
    (_, alert), (_, card) = forum.sent
    assert forum.threads == ["", "t1"]
    assert (alert.silent, card.silent, title(card)) == (False, True, title(alert))
    urls = [one.url for block in card.blocks if isinstance(block, Actions) for one in block.actions if one.url]
    assert urls == ["https://exemple.test/m1"]


async def test_a_story_that_grows_graver_is_talked_about_where_it_was(database: Database) -> None:
    forum = Forum()
    world = await _world(database, forum)
    await _rings(world, GRAVE)
    (source,) = await world.store.sources.all()
    (known,) = world.site.pages[source.url]
    world.site.pages[source.url] = [replace(known, text=CRITICAL.format(n=4321))]
    await world.read("dsih")
    await _later(world, MINUTE)
    assert await _states(world, "alert") == [SENT, SENT]
    assert len(forum.opened) == 1


@pytest.mark.parametrize("error", [Unreachable("down"), Throttled("lane", timedelta(milliseconds=1))], ids=repr)
@pytest.mark.parametrize("hangs", [True, False])
async def test_what_surely_did_not_happen_is_tried_again(database: Database, hangs: bool, error: PlatformError) -> None:
    forum = Forum(hangs_threads=hangs, refusals=[error])
    world = await _world(database, forum)
    await _rings(world)
    assert (forum.asked, len(forum.opened), await _states(world, "thread")) == (2, 1, [SENT])


@pytest.mark.parametrize(("hangs", "asked", "state"), [(True, 2, SENT), (False, 1, UNKNOWN)])
async def test_what_perhaps_happened_is_tried_again_only_where_it_stays_one(
    database: Database, hangs: bool, asked: int, state: int
) -> None:
    forum = Forum(hangs_threads=hangs, refusals=[PERHAPS], loses_answers=True)
    world = await _world(database, forum)
    await _rings(world)
    await _later(world, MINUTE)
    assert (forum.asked, len(forum.opened), await _states(world, "thread")) == (asked, 1, [state])


async def test_a_limit_on_threads_holds_that_thread_alone(database: Database) -> None:
    forum = Forum(refusals=[Throttled("chat", 10 * MINUTE)])
    world = await _world(database, forum)
    await _rings(world)
    await _rings(world)
    assert (len(forum.sent), [ref for ref, _ in forum.opened]) == (2, ["m2"])
    await _later(world, 10 * MINUTE)
    assert [ref for ref, _ in forum.opened] == ["m2", "m1"]


async def test_a_missing_right_is_told_to_those_who_configured_it_once_a_month(database: Database) -> None:
    forum = Forum(refusals=[Unpermitted("no right")] * 3)
    world = World.on(database)
    await world.channel(ADMIN.id, is_group=False)
    world = await _world(database, forum)
    for _ in range(2):
        await _rings(world)
    notices = [view for chat, view in forum.sent if chat == ADMIN.id]
    assert [title(one) for one in notices] == ["g1\u00a0: je ne peux pas y ouvrir de sujet"]
    assert (await _states(world, "alert"), await _states(world, "thread")) == ([SENT] * 2, [FAILED] * 2)
    world.clock.forward(timedelta(days=31))
    world.platform.budget._asked.clear()
    await _rings(world)
    assert len([chat for chat, _ in forum.sent if chat == ADMIN.id]) == 2


async def test_where_nobody_opened_the_bots_chat_the_channel_itself_is_told_without_a_sound(database: Database) -> None:
    forum = Forum(refusals=[Unpermitted("no right")])
    world = await _world(database, forum)
    await _rings(world)
    told = [view for chat, view in forum.sent if chat == "g1"][-1]
    assert "je ne peux pas y ouvrir" in title(told) and told.silent


async def test_an_alert_that_was_deleted_meanwhile_gets_none_and_nobody_is_bothered(database: Database) -> None:
    forum = Forum(refusals=[Rejected("unknown message")])
    world = await _world(database, forum)
    await _rings(world)
    assert (await _states(world, "thread"), await _states(world, "notice")) == ([FAILED], [])


async def test_a_thread_somebody_closed_takes_no_card_and_the_channel_goes_on(database: Database) -> None:
    forum = Forum(hangs_threads=False, refuses={"t1": ChannelGone("topic closed")})
    world = await _world(database, forum)
    await _rings(world)
    assert (await _states(world, "alert"), await _states(world, "card")) == ([SENT], [FAILED])
    await _rings(world)
    assert await _states(world, "alert") == [SENT, SENT]


async def test_in_a_pause_the_thread_goes_with_the_alert_that_broke_it(database: Database) -> None:
    forum = Forum()
    world = await _world(database, forum, "/reglages fils on", "/pause 4h")
    await _rings(world)
    assert [ref for ref, _ in forum.opened] == ["m1"]


async def test_what_was_said_before_threads_were_wanted_gets_none(database: Database) -> None:
    forum = Forum()
    world = await _world(database, forum, "/reglages fils off")
    await _rings(world)
    await Chat(world).say("/reglages fils on")
    await _later(world, MINUTE)
    assert forum.opened == []


async def test_taking_it_does_not_touch_the_thread(database: Database) -> None:
    forum = Forum()
    world = await _world(database, forum)
    await _rings(world)
    await Chat(world).press(button(Reply(view=forum.sent[0][1]), "Je m’en occupe"))
    await world.deliver_all()
    assert [ref for _, ref, _ in forum.edited] == ["m1"]
