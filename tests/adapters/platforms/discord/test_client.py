"""The adapter with the unmodified library, against the strict server on 127.0.0.1."""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.platforms.discord.client import build
from bot.domain.command import (
    Answer,
    Argument,
    Audience,
    Choice,
    Command,
    CommandSpec,
    Complete,
    Event,
    Follow,
    Joined,
    Left,
    Person,
    Press,
    Reply,
    Rights,
)
from bot.errors import (
    ChannelGone,
    PlatformError,
    Rejected,
    Throttled,
    TokenRefused,
    Uncertain,
    Unreachable,
)
from bot.view import Action, Actions, Attachment, Headline, Note, Text, View
from tests.stands import discord_world as world
from tests.stands.discord import DiscordStand, stand, until
from tests.stands.discord_api import TOKEN, running

LATEST = CommandSpec(
    name="latest", fr="derniers", arguments=(Argument(name="what", completes=True), Argument(name="n")), public=True
)
HELP = CommandSpec(name="help", fr="aide", arguments=(Argument(name="command", completes=True),))
SUBSCRIBE = CommandSpec(
    name="subscribe",
    fr="abonner",
    arguments=(
        Argument(name="what", completes=True),
        Argument(name="how", choices=("now", "daily", "weekly", "silent")),
    ),
    admin=True,
    public=True,
)
SPECS = (LATEST, HELP, SUBSCRIBE)
HELLO = View(blocks=(Headline(text="Bonjour", url="https://exemple.fr"), Note(text="Exemple · #1")))
Script = Callable[[Event], Awaitable[Answer]]


class Core:
    """What the core would be: notes every event, answers as it is told."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.found: list[Joined] = []  # servers we were in already, as they are told at each connection
        self.answer: Script = self._echo

    async def handle(self, event: Event) -> Answer:
        if isinstance(event, Joined) and not event.where.title:
            self.found.append(event)
            return None
        self.events.append(event)
        return await self.answer(event)

    async def _echo(self, event: Event) -> Answer:
        return Reply(view=View(blocks=(Text(text=type(event).__name__),)))


@asynccontextmanager
async def talking(core: Core | None = None, ledger: Path | None = None) -> AsyncIterator[DiscordStand]:
    """Connected, with its commands published."""
    async with stand(ledger) as discord, running_platform(discord, core or Core()):
        yield discord


@asynccontextmanager
async def running_platform(discord: DiscordStand, core: Core) -> AsyncIterator[None]:
    running = asyncio.create_task(discord.platform.run(core.handle, SPECS))
    try:
        await until(lambda: running.done() or (discord.platform.is_ready() and bool(discord.api.commands)))
        yield
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def answers(reply: Answer) -> Script:
    async def answer(event: Event) -> Answer:
        return reply

    return answer


# -- sending ----------------------------------------------------------------------------------------------------------


async def test_a_message_arrives_once_with_its_nonce(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    async with talking(ledger=ledger) as discord:
        ref = await discord.platform.send(discord.channel(), HELLO, nonce="12-34")
        again = await discord.platform.send(discord.channel(), HELLO, nonce="12-34")
        other = await discord.platform.send(discord.channel(1), HELLO, nonce="12-34")
        assert (again, len(discord.messages())) == (ref, 1)
        assert other != ref
    kinds = [json.loads(line)["kind"] for line in ledger.read_text("utf-8").splitlines()]
    assert kinds == ["message", "repeat", "message"]


async def test_a_thread_is_written_to_as_a_channel_of_its_own() -> None:
    async with talking() as discord:
        await discord.platform.send(discord.channel(thread="77"), HELLO, nonce="1-1")
        assert [one.thread for one in discord.messages(thread="77")] == ["77"]
        assert discord.messages() == []


async def test_a_message_is_edited_in_place_and_twice_the_same_is_no_error() -> None:
    async with talking() as discord:
        ref = await discord.platform.send(discord.channel(), HELLO, nonce="1-1")
        for _ in range(2):
            await discord.platform.edit(discord.channel(), ref, View(blocks=(Text(text="Corrigé"),), silent=True))
        (shown,) = discord.messages()
        assert (shown.ref, shown.text) == (ref, "Corrigé")


async def test_only_the_role_of_the_channel_is_mentioned() -> None:
    async with talking() as discord:
        channel = discord.channel()
        view = View(blocks=(Text(text="@everyone <@1> alerte"),), mention=channel.role)
        await discord.platform.send(channel, view, nonce="1-1")
        assert discord.messages()[0].pings == (channel.role,)


async def test_a_file_travels_with_its_message() -> None:
    async with talking() as discord:
        file = Attachment(name="echeance.ics", media_type="text/calendar", content=b"BEGIN:VCALENDAR")
        await discord.platform.send(discord.channel(), View(blocks=(file,)), nonce="1-1")
        assert len(discord.messages()) == 1
        assert discord.api.problems == []


@pytest.mark.parametrize(
    ("misbehave", "error", "arrives"),
    [
        (lambda api: api.lose(), Uncertain, True),
        (lambda api: api.garble(), Uncertain, True),
        (lambda api: api.fail(500), Uncertain, False),
        (lambda api: api.fail(503), Uncertain, False),
        (lambda api: api.fail(400, code=50006), Rejected, False),
        (lambda api: api.fail(409), Rejected, False),
        (lambda api: api.fail(404, code=10008), Rejected, False),
        (lambda api: api.fail(404, code=10003), ChannelGone, False),
        (lambda api: api.fail(403, code=50001), ChannelGone, False),
        (lambda api: api.kick(), ChannelGone, False),
        (lambda api: api.muzzle(world.channel_id(0), 50013), Throttled, False),
        (lambda api: api.throttle(60.0), Throttled, False),
        (lambda api: api.reject_token(), TokenRefused, False),
        (lambda api: api.refuse_connections(), Unreachable, False),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
async def test_each_failure_has_its_type(
    misbehave: Callable[..., None], error: type[PlatformError], arrives: bool
) -> None:
    async with talking() as discord:
        misbehave(discord.api)
        with pytest.raises(error):
            await discord.platform.send(discord.channel(), HELLO, nonce="1-1")
        assert len(discord.messages()) == arrives


async def test_a_refusal_says_whom_it_means_and_for_how_long() -> None:
    async with talking() as discord:
        discord.throttle(timedelta(seconds=61), number=0)
        with pytest.raises(Throttled) as one_chat:
            await discord.platform.send(discord.channel(0), HELLO, nonce="1-1")
        assert (one_chat.value.scope, one_chat.value.after) == ("chat", timedelta(seconds=61))
        await discord.platform.send(discord.channel(1), HELLO, nonce="1-2")
        discord.throttle(timedelta(seconds=7))
        with pytest.raises(Throttled) as everything:
            await discord.platform.send(discord.channel(1), HELLO, nonce="1-3")
        assert (everything.value.scope, everything.value.after) == ("lane", timedelta(seconds=7))


async def test_an_exhausted_channel_is_left_alone_until_its_window_ends() -> None:
    async with talking() as discord:
        channel, budget = discord.channel(), discord.platform.budget
        for number in range(5):
            assert budget.wait(channel.address.chat, time.monotonic()) == 0
            await discord.platform.send(channel, HELLO, nonce=f"{number}-1")
        assert budget.wait(channel.address.chat, time.monotonic()) > 0  # the headers said so, nobody was refused
        assert budget.wait(discord.channel(1).address.chat, time.monotonic()) == 0
        assert discord.refusals() == 0


async def test_a_stop_lets_a_message_on_its_way_arrive() -> None:
    async with stand() as discord:
        async with running_platform(discord, Core()):
            discord.api.delay(0.2)
            sending = asyncio.create_task(discord.platform.send(discord.channel(), HELLO, nonce="1-1"))
            await discord.api.reads_late.wait()
        assert not discord.platform.is_ready()
        assert await sending == discord.messages()[0].ref


async def test_a_stop_leaves_no_task_behind() -> None:
    async with stand() as discord:
        async with running_platform(discord, Core()):
            before = asyncio.all_tasks()
            await discord.api.command("latest", {})
            assert len(before) > 1
        await until(lambda: not any(_is_ours(task) for task in asyncio.all_tasks()))


def _is_ours(task: asyncio.Task[object]) -> bool:
    """Not the server's, and not this test itself."""
    return task is not asyncio.current_task() and "aiohttp" not in repr(task)


# -- connecting -------------------------------------------------------------------------------------------------------


async def test_a_refused_token_ends_the_run_and_is_not_ready() -> None:
    async with stand() as discord:
        discord.reject_token(on=True)
        with pytest.raises(TokenRefused):
            await discord.platform.run(Core().handle, SPECS)
        assert not discord.platform.is_ready()
        discord.reject_token(on=False)
        async with running_platform(discord, Core()):
            assert discord.platform.is_ready()


async def test_a_token_refused_by_the_gateway_alone_ends_the_run_too() -> None:
    async with stand() as discord:
        discord.api.gateway.refuses_token = True
        with pytest.raises(TokenRefused):
            await discord.platform.run(Core().handle, SPECS)


async def test_nobody_listening_is_unreachable() -> None:
    async with stand() as discord:
        discord.refuse_connections(on=True)
        with pytest.raises(Unreachable):
            await discord.platform.run(Core().handle, SPECS)


async def test_a_first_gateway_that_cannot_be_reached_is_unreachable() -> None:
    async with running() as api:
        nowhere = build(token=api.token, api_url=api.api_url, gateway_url="ws://127.0.0.1:9/")
        with pytest.raises(Unreachable):
            await nowhere.run(Core().handle, SPECS)


async def test_a_closed_gateway_is_resumed_and_loses_no_event() -> None:
    core = Core()
    async with talking(core) as discord:
        await discord.api.gateway.close(4000)
        interaction = await discord.api.command("latest", {})  # said while nobody listens
        await until(lambda: interaction.id in discord.watched.done)
        assert (discord.api.gateway.resumed, discord.api.gateway.identified) == (1, 1)
        assert discord.platform.is_ready()


async def test_no_privileged_intent_is_asked_for() -> None:
    async with talking() as discord:
        assert discord.api.gateway.intents == 1  # guilds


async def test_commands_are_published_once_and_again_only_when_they_changed() -> None:
    async with talking() as discord:
        assert discord.api.publications == 1
        names = [command["name"] for command in discord.api.commands]
        assert names == ["latest", "help", "tocsin", "Follow this alert"]
        (group,) = (command for command in discord.api.commands if command["name"] == "tocsin")
        assert group["default_member_permissions"] == "32"  # Manage Server
        assert [option["name"] for option in group["options"]] == ["subscribe"]
        asked = discord.api.requests.count(f"GET /applications/{world.APPLICATION}/commands")
        second = DiscordStand(discord.api)
        async with running_platform(second, Core()):
            path = f"GET /applications/{world.APPLICATION}/commands"
            await until(lambda: discord.api.requests.count(path) > asked)
        assert discord.api.publications == 1


async def test_the_bot_knows_its_own_name_before_it_runs() -> None:
    async with stand() as discord:
        assert await discord.watched.check() == "tocsin"
        discord.reject_token(on=True)
        with pytest.raises(TokenRefused):
            await discord.watched.check()


# -- conversation -----------------------------------------------------------------------------------------------------


async def test_a_command_carries_who_where_and_what() -> None:
    core = Core()
    async with talking(core) as discord:
        answered = await discord.say("/derniers care 3", language="en")
        assert [one.text for one in answered.public] == ["Command"]
        (event,) = core.events
        assert isinstance(event, Command)
        assert (event.name, dict(event.arguments)) == ("latest", {"what": "care", "n": "3"})
        assert event.where == discord.where()
        assert event.person.language == "en"
        assert event.person.name == "Dominique"
        assert event.person.rights is Rights.MEMBER


async def test_a_command_in_a_thread_names_the_channel_and_the_thread() -> None:
    core = Core()
    async with talking(core) as discord:
        await discord.api.command("latest", {}, thread="77")
        await until(lambda: bool(core.events))
        (event,) = core.events
        assert isinstance(event, Command)
        assert event.where.address == discord.channel(thread="77").address


async def test_in_the_bots_own_chat_everybody_is_at_home() -> None:
    core = Core()
    async with talking(core) as discord:
        interaction = await discord.api.command("tocsin subscribe", {"what": "care"}, direct=True)
        await until(lambda: interaction.id in discord.watched.done)
        (event,) = core.events
        assert isinstance(event, Command)
        assert (event.where.address.chat, event.where.is_group) == (world.direct_id(0), False)
        assert event.person.rights is Rights.ADMIN
        assert [one.channel for one in interaction.messages] == [world.direct_id(0)]


async def test_a_private_command_is_answered_to_the_asker_alone() -> None:
    core = Core()
    core.answer = answers(Reply(view=View(blocks=(Text(text="pour vous"),)), audience=Audience.ASKER))
    async with talking(core) as discord:
        answered = await discord.say("/aide")
        assert (answered.public, answered.private) == ((), "pour vous")
        assert discord.messages() == []


async def test_a_public_command_refused_to_one_person_says_so_to_that_person_alone() -> None:
    core = Core()
    core.answer = answers(Reply(view=View(blocks=(Text(text="non"),)), audience=Audience.ASKER, refused=True))
    async with talking(core) as discord:
        answered = await discord.say("/latest")
        assert (answered.public, answered.private) == ((), "non")


async def test_rights_come_with_the_event() -> None:
    core = Core()
    async with talking(core) as discord:
        await discord.say("/subscribe care daily silent", admin=True)
        await discord.say("/subscribe care", admin=False)
        first, second = core.events
        assert isinstance(first, Command) and isinstance(second, Command)
        assert dict(first.arguments) == {"what": "care", "how": "daily silent"}
        assert (first.person.rights, second.person.rights) == (Rights.ADMIN, Rights.MEMBER)
        assert await discord.platform.rights(first.where, first.person) is Rights.ADMIN


async def test_whom_the_server_allowed_a_command_counts_as_its_administrator() -> None:
    core = Core()
    async with talking(core) as discord:
        member = world.person(admin=False, number=0)["user"]["id"]
        rule = {"id": member, "type": 2, "permission": True}
        discord.api.permissions = [{"id": world.APPLICATION, "permissions": [rule]}]
        answered = await discord.say("/subscribe care", admin=False)
        (event,) = core.events
        assert isinstance(event, Command)
        assert event.person.rights is Rights.ADMIN
        assert len(answered.public) == 1


async def test_rights_are_asked_anew_when_the_event_did_not_tell() -> None:
    async with talking() as discord:
        for admin, rights in ((True, Rights.ADMIN), (False, Rights.MEMBER)):
            who = world.person(admin=admin, number=0)["user"]["id"]
            assert await discord.platform.rights(discord.where(), Person(platform="discord", id=who)) is rights
        stranger = Person(platform="discord", id="1")
        with pytest.raises(PlatformError):
            await discord.platform.rights(discord.where(), stranger)


async def test_a_press_edits_its_message_and_tells_the_person() -> None:
    core = Core()
    button = Actions(actions=(Action(label="Je m’en occupe", press="take:1:abc"),))
    taken = View(blocks=(Text(text="Camille s’en occupe"),))
    core.answer = answers(Reply(view=taken, replaces=True, notice="C’est noté", audience=Audience.ASKER))
    async with talking(core) as discord:
        ref = await discord.platform.send(discord.channel(), View(blocks=(Text(text="Alerte"), button)), nonce="1-1")
        answered = await discord.press(ref, "take:1:abc", admin=True)
        (event,) = core.events
        assert isinstance(event, Press)
        assert (event.data, event.message_ref, event.person.rights) == ("take:1:abc", ref, Rights.ADMIN)
        (shown,) = discord.messages()
        assert (shown.text, shown.edits, shown.buttons) == ("Camille s’en occupe", 1, ())
        assert (answered.private, answered.public) == ("C’est noté", ())


async def test_a_message_is_followed_from_its_own_menu_and_answered_to_the_person_alone() -> None:
    core, button = Core(), Actions(actions=(Action(label="⋯", press="more:1:abc"), Action(label="P", press="why:1:d")))
    after = View(blocks=(Headline(text="Une faille"), Text(text="Personne ne s’en occupe.")))
    core.answer = answers(Reply(view=after, audience=Audience.ASKER))
    async with talking(core) as discord:
        ref = await discord.platform.send(discord.channel(), View(blocks=(*HELLO.blocks, button)), nonce="1-1")
        interaction = await discord.api.pick("Follow this alert", ref, locale="fr")
        await until(lambda: interaction.id in discord.watched.done)
    (asked,) = [event for event in core.events if isinstance(event, Follow)]
    assert asked.marks == ("more:1:abc", "why:1:d")
    assert (asked.person.language, asked.where.address) == ("fr", discord.where().address)
    assert interaction.ephemeral and [one.ephemeral_for for one in interaction.messages] == [interaction.user]
    assert discord.api.problems == []


async def test_a_message_of_somebody_else_bears_no_marks() -> None:
    core = Core()
    core.answer = answers(Reply(view=View(blocks=(Text(text="Rien à suivre."),)), audience=Audience.ASKER))
    async with talking(core) as discord:
        said = discord.api.book.say(discord.where().address.chat, {"content": "Qui prend le café ?"})
        interaction = await discord.api.pick("Follow this alert", said.id)
        await until(lambda: interaction.id in discord.watched.done)
    assert [event.marks for event in core.events if isinstance(event, Follow)] == [()]


async def test_an_expired_press_leaves_its_message_and_says_so_once() -> None:
    core = Core()
    told = Reply(view=View(blocks=(Text(text="expiré"),)), notice="expiré", audience=Audience.ASKER)
    core.answer = answers(told)
    async with talking(core) as discord:
        ref = await discord.platform.send(discord.channel(), HELLO, nonce="1-1")
        answered = await discord.press(ref, "forgé")
        assert answered.private == "expiré"
        assert discord.messages()[0].edits == 0


async def test_an_acknowledgement_does_not_wait_for_the_answer() -> None:
    core, asked, go_on = Core(), asyncio.Event(), asyncio.Event()

    async def slow(event: Event) -> Answer:
        asked.set()
        await go_on.wait()
        return Reply(view=HELLO)

    core.answer = slow
    async with talking(core) as discord:
        interaction = await discord.api.command("latest", {})
        await asked.wait()
        assert interaction.acknowledged == 5
        go_on.set()
        await until(lambda: interaction.id in discord.watched.done)
        assert [one.text for one in discord.messages()] == ["Bonjour\nExemple · #1"]


async def test_an_answer_waits_out_a_short_refusal() -> None:
    async with talking() as discord:
        discord.api.hook_refusals = [0.01]
        answered = await discord.say("/latest")
        assert (len(answered.public), discord.refusals()) == (1, 1)


async def test_proposals_are_completed_by_the_core() -> None:
    core = Core()
    core.answer = answers(tuple(Choice(label=f"Source {n}", value=f"s{n}") for n in range(30)))
    async with talking(core) as discord:
        interaction = await discord.api.complete("latest", "what", "car")
        await until(lambda: interaction.acknowledged is not None)
        assert [choice["value"] for choice in interaction.choices] == [f"s{n}" for n in range(25)]
        (event,) = core.events
        assert isinstance(event, Complete)
        assert (event.name, event.argument, event.text) == ("latest", "what", "car")


async def test_proposals_that_come_too_late_are_none_at_all() -> None:
    core = Core()

    async def never(event: Event) -> Answer:
        await asyncio.Event().wait()
        return None

    core.answer = never
    async with talking(core) as discord:
        interaction = await discord.api.complete("latest", "what", "")
        await until(lambda: interaction.acknowledged is not None)
        assert interaction.choices == []


async def test_fixed_words_are_completed_one_after_the_other() -> None:
    async with talking() as discord:
        interaction = await discord.api.complete("tocsin subscribe", "how", "daily s", admin=True)
        await until(lambda: interaction.acknowledged is not None)
        assert interaction.choices == [{"name": "daily silent", "value": "daily silent"}]


async def test_servers_that_let_the_bot_in_while_it_was_away_are_told_when_it_connects() -> None:
    core = Core()
    async with talking(core):
        await until(lambda: bool(core.found))
        assert {one.where.community for one in core.found} >= {f"discord:{world.server_id(0)}"}
        assert all(one.where.address.chat == "" for one in core.found)


async def test_a_server_that_lets_the_bot_in_or_puts_it_out_is_told() -> None:
    core = Core()
    async with talking(core) as discord:
        discord.api.invite(3)
        await until(lambda: len(core.events) == 1)
        discord.api.kick(3)
        await until(lambda: len(core.events) == 2)
        joined, left = core.events
        assert isinstance(joined, Joined) and isinstance(left, Left)
        assert joined.where.community == left.where.community == f"discord:{world.server_id(3)}"
        assert left.where.address.chat == ""


async def test_a_deleted_channel_is_told_as_that_channel() -> None:
    core = Core()
    async with talking(core) as discord:
        discord.api.delete_channel(0)
        await until(lambda: bool(core.events))
        (left,) = core.events
        assert isinstance(left, Left)
        assert left.where.address == discord.channel().address


# -- secrets ----------------------------------------------------------------------------------------------------------


async def test_the_token_is_in_no_error_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    texts: list[str] = []
    async with talking() as discord:
        for status in (400, 401, 404, 409, 429, 500):
            discord.api.fail(status)
            with pytest.raises(PlatformError) as failed:
                await discord.platform.send(discord.channel(), HELLO, nonce="1-1")
            texts += [repr(failed.value), repr(failed.getrepr(showlocals=False, style="long"))]
        texts.append(repr(discord.platform))
        discord.reject_token(on=True)
        with pytest.raises(TokenRefused) as refused:
            await discord.watched.check()
        texts += [str(refused.value), str(refused.getrepr(chain=True))]
    assert TOKEN not in "\n".join([*texts, caplog.text])
