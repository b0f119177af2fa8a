"""The adapter with the unmodified library, against the strict server on 127.0.0.1."""

import asyncio
import contextlib
import json
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.platforms.telegram.client import CONFLICTS, SETTLED_AFTER, Conflicts
from bot.domain.command import (
    Answer,
    Argument,
    Audience,
    Command,
    CommandSpec,
    Event,
    Joined,
    Left,
    Moved,
    Press,
    Reply,
    Rights,
)
from bot.errors import ChannelGone, ChannelMoved, ConfigError, PlatformError, Throttled, TokenRefused
from bot.view import Action, Actions, Attachment, Headline, Note, Text, View
from tests.stands import telegram_world as world
from tests.stands.bot_api import BotApi
from tests.stands.telegram import TelegramStand, Watched, stand, until

LATEST = CommandSpec(name="latest", fr="derniers", arguments=(Argument(name="what"), Argument(name="n")), public=True)
HELP = CommandSpec(name="help", fr="aide", arguments=(Argument(name="command"),), also=("start",))
SUBSCRIBE = CommandSpec(name="subscribe", fr="abonner", arguments=(Argument(name="what"),), admin=True, public=True)
SPECS = (LATEST, HELP, SUBSCRIBE)
HELLO = View(blocks=(Headline(text="Bonjour", url="https://exemple.fr"), Note(text="Exemple · #1")))
BUTTON = Actions(actions=(Action(label="Pris", press="take:1:0123456789abcdef"),))
LONG = View(blocks=(Text(text="Une longue réponse, pour vous seulement. " * 10),))
ICS = Attachment(name="dates.ics", media_type="text/calendar", content=b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")

Script = Callable[[Event], Awaitable[Answer]]


class Core:
    """What the core would be: notes every event, answers as it is told."""

    def __init__(self, answer: Answer = None, script: Script | None = None) -> None:
        self.events: list[Event] = []
        self._answer = answer
        self._script = script

    async def handle(self, event: Event) -> Answer:
        self.events.append(event)
        return await self._script(event) if self._script is not None else self._answer


@asynccontextmanager
async def running(telegram: TelegramStand, core: Core | None = None) -> AsyncIterator[asyncio.Task[None]]:
    telegram.channel()
    task = asyncio.create_task(telegram.platform.run((core or Core()).handle, SPECS))
    try:
        await until(lambda: task.done() or telegram.platform.is_ready())
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, PlatformError, ConfigError):
            await task


@asynccontextmanager
async def talking(core: Core | None = None, ledger: Path | None = None) -> AsyncIterator[TelegramStand]:
    async with stand(ledger) as telegram, running(telegram, core):
        yield telegram


async def heard(core: Core, count: int = 1) -> Event:
    await until(lambda: len(core.events) >= count)
    return core.events[count - 1]


def private(api: BotApi, person: int = world.MEMBER) -> list[str]:
    return [message.text for message in api.messages if message.chat == person]


# -- who we are -------------------------------------------------------------------------------------------------------


async def test_a_check_tells_the_bots_name() -> None:
    async with stand() as telegram:
        assert await telegram.platform.check() == "tocsin_essai_bot"
        telegram.reject_token(on=True)
        with pytest.raises(TokenRefused):
            await telegram.platform.check()


# -- sending ----------------------------------------------------------------------------------------------------------


async def test_the_ledger_is_written_before_the_answer(tmp_path: Path) -> None:
    async with stand(tmp_path / "ledger") as telegram:
        ref = await telegram.platform.send(telegram.channel(), HELLO, nonce="1-1")
        (line,) = (tmp_path / "ledger").read_text("utf-8").splitlines()
    assert {key: json.loads(line)[key] for key in ("kind", "id", "text")} == {
        "kind": "message",
        "id": ref,
        "text": "Bonjour\n\nExemple · #1",
    }


async def test_a_view_with_a_file_is_one_message() -> None:
    async with stand() as telegram:
        view = View(blocks=(Headline(text="Échéances"), ICS), silent=True)
        await telegram.platform.send(telegram.channel(), view, nonce="1-1")
        (shown,) = telegram.messages()
        assert (shown.text, shown.silent, shown.payload["document"]) == ("Échéances", True, "dates.ics")


async def test_a_file_keeps_its_message_when_its_caption_changes() -> None:
    async with stand() as telegram:
        view = View(blocks=(Headline(text="Échéances"), ICS))
        ref = await telegram.platform.send(telegram.channel(), view, nonce="1-1")
        telegram.api.limits(False)
        await telegram.platform.edit(telegram.channel(), ref, View(blocks=(Headline(text="Dates"), ICS)))
        (shown,) = telegram.messages()
        assert (shown.ref, shown.text) == (ref, "Dates")


@pytest.mark.parametrize("is_open", [False, None])
async def test_a_topic_that_is_closed_or_deleted_is_gone(is_open: bool | None) -> None:
    async with stand() as telegram:
        channel = telegram.channel(thread="77")
        telegram.api.chat(0).threads.pop("77")
        if is_open is not None:
            telegram.api.add_thread(0, "77", is_open)
        with pytest.raises(ChannelGone):
            await telegram.platform.send(channel, HELLO, nonce="1-1")


async def test_a_group_that_moved_says_where_it_is_now() -> None:
    async with stand() as telegram:
        channel, new = telegram.channel(0), telegram.channel(9).address
        telegram.api.migrate(0, 9, quiet=True)
        with pytest.raises(ChannelMoved) as caught:
            await telegram.platform.send(channel, HELLO, nonce="1-1")
        assert caught.value.to == new


async def test_a_bot_that_may_not_write_is_not_gone() -> None:
    async with stand() as telegram:
        channel = telegram.channel()
        telegram.api.muzzle()
        with pytest.raises(Throttled):
            await telegram.platform.send(channel, HELLO, nonce="1-1")


# -- what people say --------------------------------------------------------------------------------------------------


async def test_a_command_carries_its_topic_and_is_answered_there() -> None:
    core = Core(Reply(view=HELLO))
    async with talking(core) as telegram:
        telegram.channel(thread="77")
        telegram.api.say("/derniers care", thread="77")
        event = await heard(core)
        assert isinstance(event, Command)
        assert event.where.address.thread == "77"
        await until(lambda: len(telegram.messages(thread="77")) == 1)


@pytest.mark.parametrize("text", ["/derniers@autre_bot", "/inconnue", "bonjour", "/", "//derniers", "/derniers/3"])
async def test_what_is_for_others_is_left_alone(text: str) -> None:
    core = Core(Reply(view=HELLO))
    async with talking(core) as telegram:
        answered = await telegram.say(text)
    assert core.events == []
    assert (answered.public, answered.private, answered.reaction) == ((), "", "")


@pytest.mark.parametrize("text", ["/derniers@Tocsin_Essai_Bot", "/DERNIERS", "/inconnue@tocsin_essai_bot"])
async def test_what_is_for_us_is_heard(text: str) -> None:
    core = Core()
    async with talking(core) as telegram:
        await telegram.say(text)
    assert len(core.events) == 1


async def test_an_unknown_command_in_our_own_chat_is_handed_in() -> None:
    core = Core()
    async with talking(core) as telegram:
        telegram.api.say("/inconnue", private=True)
        event = await heard(core)
    assert isinstance(event, Command)
    assert (event.name, event.where.is_group, event.person.rights) == ("inconnue", False, Rights.ADMIN)


async def test_the_word_of_a_deep_link_is_no_argument() -> None:
    core = Core()
    async with talking(core) as telegram:
        telegram.api.say("/start answer", private=True)
        event = await heard(core)
    assert isinstance(event, Command) and event.arguments == {}


async def test_an_anonymous_administrator_counts_as_one() -> None:
    core = Core()
    async with talking(core) as telegram:
        telegram.api.say("/abonner alertes", sender=world.ANONYMOUS)
        event = await heard(core)
        assert isinstance(event, Command)
        assert await telegram.platform.rights(event.where, event.person) is Rights.ADMIN


async def test_an_anonymous_press_is_asked_to_be_typed() -> None:
    core = Core(Reply(notice="C’est noté."))
    async with talking(core) as telegram:
        ref = await telegram.platform.send(telegram.channel(), View(blocks=(BUTTON,)), nonce="1-1")
        _, query = telegram.api.press(ref, "take:1:0123456789abcdef", sender=world.ANONYMOUS)
        await until(lambda: query.answered_after is not None)
    assert "tapez" in query.text or "type" in query.text
    assert core.events == []


async def test_a_post_in_a_channel_is_an_administrators() -> None:
    core = Core()
    async with talking(core) as telegram:
        telegram.api.add_chat(3, kind="channel")
        telegram.api.say("/abonner alertes", number=3)
        event = await heard(core)
    assert isinstance(event, Command)
    assert event.person.rights is Rights.ADMIN


async def test_being_put_out_and_let_in_again_is_told() -> None:
    core = Core()
    async with talking(core) as telegram:
        telegram.api.kick()
        telegram.api.let_in()
        await heard(core, 2)
        assert core.events == [Left(where=telegram.where()), Joined(where=telegram.where(), is_new=True)]


async def test_a_group_that_moved_is_told() -> None:
    core = Core()
    async with talking(core) as telegram:
        old, new = telegram.where(0).address, telegram.where(9).address
        telegram.api.migrate(0, 9)
        assert await heard(core) == Moved(old=old, new=new)


async def test_a_topic_that_opens_again_is_let_in_again() -> None:
    core = Core()
    async with talking(core) as telegram:
        message = world.typed(telegram.api.chat(0), 5000, "", world.person(world.ADMIN), "77")
        telegram.api.updates.add(message={**message, "forum_topic_reopened": {}})
        telegram.api.say("/aide")
        event = await heard(core)
    assert event == Joined(where=replace(telegram.where(), address=telegram.channel(thread="77").address))


# -- what they are answered -------------------------------------------------------------------------------------------


async def test_an_answer_replies_to_its_question() -> None:
    async with talking(Core(Reply(view=HELLO))) as telegram:
        answered = await telegram.say("/derniers")
    (shown,) = answered.public
    assert shown.payload["reply_parameters"]["message_id"] in telegram.api.reactions


async def test_files_follow_an_answer() -> None:
    async with talking(Core(Reply(view=HELLO, files=(ICS,)))) as telegram:
        telegram.api.limits(False)
        answered = await telegram.say("/derniers", within=10)
    assert [one.payload.get("document") for one in answered.public] == [None, "dates.ics"]


async def test_a_refusal_is_a_reaction_and_a_sentence_in_private() -> None:
    refusal = Reply(view=View(blocks=(Text(text="Réservé."),)), audience=Audience.ASKER, refused=True)
    async with talking(Core(refusal)) as telegram:
        answered = await telegram.say("/abonner alertes")
    assert (answered.public, answered.private, answered.reaction) == ((), "Réservé.", "🙈")


async def test_who_never_opened_our_chat_gets_the_reaction_alone() -> None:
    refusal = Reply(view=View(blocks=(Text(text="Réservé."),)), audience=Audience.ASKER, refused=True)
    async with talking(Core(refusal)) as telegram:
        telegram.api.open_private(world.MEMBER, False)
        answered = await telegram.say("/abonner alertes")
    assert (answered.public, answered.private, answered.reaction) == ((), "", "🙈")


async def test_a_chat_without_reactions_still_hears_its_answer() -> None:
    sentence = Reply(view=View(blocks=(Text(text="Réservé."),)), audience=Audience.ASKER, refused=True)
    async with talking(Core(sentence)) as telegram:
        telegram.api.chat(0).reacts = False
        answered = await telegram.say("/abonner alertes")
    assert (answered.public, answered.private, answered.reaction) == ((), "Réservé.", "")


async def test_a_long_private_answer_to_a_press_waits_in_our_own_chat() -> None:
    async with talking(Core(Reply(view=LONG, audience=Audience.ASKER))) as telegram:
        ref = await telegram.platform.send(telegram.channel(), View(blocks=(BUTTON,)), nonce="1-1")
        answered = await telegram.press(ref, "take:1:0123456789abcdef")
        assert answered.public == ()
        assert private(telegram.api) == [LONG.blocks[0].text.strip()]  # type: ignore[union-attr]  # it is a Text


async def test_a_long_private_answer_is_a_link_for_who_never_opened_our_chat() -> None:
    async with talking(Core(Reply(view=LONG, audience=Audience.ASKER))) as telegram:
        telegram.api.open_private(world.MEMBER, False)
        ref = await telegram.platform.send(telegram.channel(), View(blocks=(BUTTON,)), nonce="1-1")
        _, query = telegram.api.press(ref, "take:1:0123456789abcdef")
        await until(lambda: query.answered_after is not None)
        assert query.url == "https://t.me/tocsin_essai_bot?start=answer"
        assert len(telegram.messages()) == 1


async def test_a_press_is_acknowledged_while_its_answer_is_still_thought_about() -> None:
    thought = asyncio.Event()

    async def slow(event: Event) -> Answer:
        await thought.wait()
        return Reply(view=View(blocks=(Text(text="Enfin."),)), audience=Audience.ASKER, notice="Enfin.")

    async with talking(Core(script=slow)) as telegram:
        ref = await telegram.platform.send(telegram.channel(), View(blocks=(BUTTON,)), nonce="1-1")
        _, query = telegram.api.press(ref, "take:1:0123456789abcdef")
        await until(lambda: query.answered_after is not None)
        thought.set()
        await until(lambda: private(telegram.api) == ["Enfin."])


async def test_a_press_is_acknowledged_when_nothing_is_answered() -> None:
    core = Core(None)
    async with talking(core) as telegram:
        _, query = telegram.api.press("99", "forgé")
        await until(lambda: query.answered_after is not None)
        event = await heard(core)
    assert isinstance(event, Press) and event.data == "forgé"


async def test_answers_keep_to_the_budget() -> None:
    """Three answers at once into one chat: one a second is all that Telegram takes."""
    async with talking(Core(Reply(view=HELLO))) as telegram:
        for _ in range(3):
            telegram.api.say("/derniers")
        await until(lambda: len(telegram.messages()) == 3, within=10)
        assert telegram.refusals() == 0


# -- listening --------------------------------------------------------------------------------------------------------


async def test_an_update_is_only_confirmed_once_it_was_heard() -> None:
    """Killed while it thinks, the next process hears it again; a graceful end is no different."""
    never = asyncio.Event()

    async def stuck(event: Event) -> Answer:
        await never.wait()
        return None

    first, second = Core(script=stuck), Core()
    async with stand() as telegram:
        async with running(telegram, first):
            telegram.api.say("/aide")
            await heard(first)
        async with running(telegram, second):
            assert await heard(second) == first.events[0]


async def test_what_was_heard_is_not_heard_again() -> None:
    core = Core()
    async with stand() as telegram:
        async with running(telegram, core):
            await telegram.say("/aide")
        async with running(telegram, core):
            await telegram.say("/derniers")
    assert [event.name for event in core.events if isinstance(event, Command)] == ["aide", "derniers"]


async def test_an_outage_is_outlived() -> None:
    core = Core()
    async with talking(core) as telegram:
        telegram.refuse_connections(on=True)
        await until(lambda: not telegram.platform.is_ready())
        telegram.refuse_connections(on=False)
        await until(telegram.platform.is_ready, within=15)
        await telegram.say("/aide")
    assert len(core.events) == 1


async def test_a_token_refused_while_we_listen_ends_the_run_with_a_sentence() -> None:
    async with stand() as telegram, running(telegram) as task:
        telegram.reject_token(on=True)
        with pytest.raises(TokenRefused, match="BotFather"):
            await task
        assert not telegram.platform.is_ready()


async def test_a_newcomer_is_not_ready_while_another_process_polls() -> None:
    async with stand() as telegram, running(telegram):
        telegram.api.poll_elsewhere(True)
        await until(lambda: not telegram.platform.is_ready())
        telegram.api.poll_elsewhere(False)
        await until(telegram.platform.is_ready, within=15)


async def test_the_second_process_on_a_token_gives_up_and_the_first_goes_on() -> None:
    async with stand() as telegram, running(telegram, core := Core()):
        telegram.platform.conflicts.well_since = 0.0  # it has been there for long
        second = Watched(telegram.api)
        second.conflicts = Conflicts(newcomer_gives_up=0.0)
        with pytest.raises(ConfigError, match="another process"):
            await second.run(Core().handle, SPECS)
        assert not second.is_ready()
        assert telegram.platform.is_ready()
        await telegram.say("/aide")
    assert len(core.events) == 1


def test_who_was_there_first_is_patient() -> None:
    newcomer, settled = Conflicts(), Conflicts()
    settled.none(0.0)
    begin = SETTLED_AFTER + 1
    assert not any(one.one_more(begin + n) for one in (newcomer, settled) for n in range(CONFLICTS))
    assert newcomer.one_more(begin + 15) and not settled.one_more(begin + 15)
    assert not settled.one_more(begin + 60)
    assert settled.one_more(begin + 119.9) is False and settled.one_more(begin + 121) is True


def test_conflicts_long_ago_are_forgotten() -> None:
    settled = Conflicts()
    settled.none(0.0)
    assert not any(settled.one_more(10.0 + n) for n in range(CONFLICTS))
    assert not settled.one_more(10_000.0)


async def test_a_webhook_left_behind_is_taken_down() -> None:
    async with stand() as telegram:
        telegram.api.has_webhook = True
        async with running(telegram):
            assert telegram.platform.is_ready()
            assert not telegram.api.has_webhook


async def test_menus_show_members_what_they_may_do_in_the_readers_language() -> None:
    async with talking() as telegram:
        await until(lambda: telegram.api.publications == 8)
        menus = {place: [one["command"] for one in menu] for place, menu in telegram.api.menus.items()}
    assert menus["all_group_chats", "fr"] == ["derniers", "aide"]
    assert menus["all_group_chats", ""] == ["latest", "help"]
    assert menus["all_chat_administrators", "fr"] == ["derniers", "aide", "abonner"]
    assert menus["all_private_chats", ""] == ["latest", "help", "subscribe"]
    assert telegram.api.problems == []


async def test_the_token_stays_out_of_the_librarys_own_logs(caplog: pytest.LogCaptureFixture) -> None:
    """Without the filter of bot/logs.py: that one is the net under this."""
    caplog.set_level(logging.DEBUG)
    async with talking(Core(Reply(view=HELLO))) as telegram:
        await telegram.say("/derniers")
        telegram.lose_answers()
        telegram.garble_answers()
        telegram.fail(500)
        for _ in range(3):
            with pytest.raises(PlatformError) as caught:
                await telegram.platform.send(telegram.channel(4), HELLO, nonce="1-1")
            telegram.api.limits(False)
            assert telegram.api.token not in "".join(traceback.format_exception(caught.value))
        telegram.reject_token(on=True)
        await until(lambda: not telegram.platform.is_ready())
    assert telegram.api.token not in caplog.text
    assert telegram.api.token not in repr(telegram.platform)
