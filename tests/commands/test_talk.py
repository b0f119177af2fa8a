"""Commands as people meet them: rights, words, and what they leave in the rows."""

from collections.abc import Sequence

import pytest

from bot.commands import BY_NAME
from bot.commands.talk import Talk
from bot.domain import press
from bot.domain.command import Audience, Command, Complete, Joined, Left, Moved, Person, Press, Reply
from bot.errors import Unreachable
from bot.examining import Arrival
from bot.ports import Database
from bot.view import Actions
from tests.commands.desk import ADMIN, MEMBER, OTHER, Chat, actions, said
from tests.fakes import KEY, FakePlatform, World, entry, where, words


def _talk(world: World, operators: frozenset[tuple[str, str]] = frozenset()) -> Talk:
    return Chat(world, operators=operators).talk


async def _type(talk: Talk, text: str, person: Person = ADMIN, chat: str = "g1") -> Reply:
    name, _, rest = text.removeprefix("/").partition(" ")
    arguments = BY_NAME[name].spec.read(rest) if name in BY_NAME else {}
    reply = await talk.handle(Command(name=name, arguments=arguments, where=where(chat), person=person))
    assert isinstance(reply, Reply)
    return reply


def _words(reply: Reply) -> str:
    assert reply.view is not None
    return words(reply.view)


async def test_an_administrator_subscribes_and_the_next_article_is_owed(database: Database) -> None:
    world = World.on(database)
    source = await world.source("dsih", title="DSIH")
    talk = _talk(world)
    reply = await _type(talk, "/abonner dsih")
    assert "tout ce que publie DSIH" in _words(reply)
    world.site.publish(source, entry("1"))
    await world.read("dsih")
    assert [chat for _, chat in await world.states()] == ["g1"]


@pytest.mark.parametrize("text", ["/subscribe dsih", "/abonner dsih", "/unsubscribe 1", "/status", "/etat", "/test"])
async def test_a_member_is_refused_in_private_and_nothing_changes(database: Database, text: str) -> None:
    world = World.on(database)
    await world.source("dsih")
    reply = await _type(_talk(world), text, MEMBER)
    assert reply.refused and reply.audience is Audience.ASKER
    assert "administrateurs" in _words(reply)
    assert await database.fetch("SELECT 1 AS one FROM subscriptions") == []


async def test_an_operator_may_do_what_administrators_may(database: Database) -> None:
    world = World.on(database)
    reply = await _type(_talk(world, frozenset({("telegram", "2")})), "/subscribe alerts", MEMBER)
    assert not reply.refused


async def test_both_spellings_do_the_same_in_the_channels_language(database: Database) -> None:
    world = World.on(database)
    await world.source("dsih")
    talk = _talk(world)
    english = await _type(talk, "/latest", OTHER)
    french = await _type(talk, "/derniers", MEMBER)
    assert english == french  # a public answer speaks the channel's language, whoever asks


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("care", "le sujet CaRE"),
        ("CaRE quotidien", "une fois par jour"),
        ("alertes critical", "les alertes à partir de « Critique »"),
        ("parc", "votre parc"),
        ('"panne totale" messagerie -exercice', "sauf : exercice"),
        ("daily silencieux care", "une fois par jour, sans sonner"),
    ],
)
async def test_what_is_typed_is_said_back_in_plain_words(database: Database, typed: str, expected: str) -> None:
    world = World.on(database)
    assert expected in _words(await _type(_talk(world), f"/abonner {typed}"))


async def test_subscribing_twice_is_one_subscription_and_unsubscribing_removes_it(database: Database) -> None:
    world = World.on(database)
    talk = _talk(world)
    await _type(talk, "/subscribe care")
    await _type(talk, "/subscribe care daily")
    assert "1 abonnement" in _words(await _type(talk, "/subscriptions"))
    await _type(talk, "/unsubscribe care")
    assert "ne reçoit rien" in _words(await _type(talk, "/subscriptions"))


@pytest.mark.parametrize("typed", ["", " ", "-", '""', "le la les", "🙈", "\u202e", "'", "a" * 5000])
async def test_whatever_is_typed_gets_a_sentence(database: Database, typed: str) -> None:
    world = World.on(database)
    for command in ("subscribe", "unsubscribe", "latest", "help", "status", "nothing"):
        arguments = {"what": typed, "command": typed, "n": typed, "how": ""}
        event = Command(name=command, arguments=arguments, where=where(), person=ADMIN)
        reply = await _talk(world).handle(event)
        assert isinstance(reply, Reply) and (reply.view or reply.notice)
        assert "mauvais côté" not in reply.notice and "s’est mal passé" not in reply.notice


async def _sample(world: World, talk: Talk) -> str:
    """What the button of a sample alert carries."""
    await _type(talk, "/test")
    await world.deliver_all()
    (_, view) = world.platform.sent[-1]
    (actions,) = [block for block in view.blocks if isinstance(block, Actions)]
    return actions.actions[0].press


async def _press(talk: Talk, data: str, person: Person, chat: str = "g1") -> str:
    reply = await talk.handle(Press(data=data, where=where(chat), person=person))
    assert isinstance(reply, Reply)
    return reply.notice or words(reply.view) if reply.view else reply.notice


async def test_taking_an_alert_shows_who_on_the_message(database: Database) -> None:
    world = World.on(database)
    talk = _talk(world)
    data = await _sample(world, talk)
    assert "vous vous en occupez" in await _press(talk, data, MEMBER)
    await world.deliver_all()
    (_, ref, view) = world.platform.edited[-1]
    assert ref == "m1" and "Sacha s’en occupe" in words(view)


async def test_a_taken_alert_stays_with_the_first_and_is_released_by_them_alone(database: Database) -> None:
    world = World.on(database)
    talk = _talk(world)
    data = await _sample(world, talk)
    await _press(talk, data, MEMBER)
    assert await _press(talk, data, OTHER) == "Sacha is already on it."
    release = press.sign(KEY, "release", data.split(":")[1], "g1")
    assert await _press(talk, release, OTHER) == "Sacha is already on it."
    assert "libre" in await _press(talk, release, MEMBER)
    assert "vous vous en occupez" in await _press(talk, data, MEMBER)


async def test_a_second_press_is_harmless(database: Database) -> None:
    world = World.on(database)
    talk = _talk(world)
    data = await _sample(world, talk)
    assert await _press(talk, data, MEMBER) == await _press(talk, data, MEMBER)
    assert len(await database.fetch("SELECT 1 AS one FROM acks")) == 1
    assert [row["verb"] for row in await database.fetch("SELECT verb FROM audit")] == ["take"]


@pytest.mark.parametrize("data", ["take:1:0000000000000000", "take:999999999999999999999:x", "", "x" * 64, "take:1"])
async def test_a_forged_press_is_expired(database: Database, data: str) -> None:
    world = World.on(database)
    talk = _talk(world)
    await _sample(world, talk)
    assert "n’a plus de sens" in await _press(talk, data, ADMIN)


async def test_a_press_copied_to_another_chat_is_expired(database: Database) -> None:
    world = World.on(database)
    talk = _talk(world)
    data = await _sample(world, talk)
    assert "n’a plus de sens" in await _press(talk, data, ADMIN, chat="g2")


async def test_a_persons_name_and_number_are_not_readable_in_the_rows(database: Database) -> None:
    world = World.on(database)
    talk = _talk(world)
    await _press(talk, await _sample(world, talk), Person(platform="telegram", id="8675309", name="Zébulon"))
    rows = str(await database.fetch("SELECT * FROM acks")) + str(await database.fetch("SELECT * FROM audit"))
    assert "8675309" not in rows and "Zébulon" not in rows


async def test_completion_proposes_sources_and_topics_at_most_25(database: Database) -> None:
    world = World.on(database)
    for number in range(40):
        await world.new_source(f"source-{number}")
    event = Complete(name="subscribe", argument="what", text="", where=where(), person=ADMIN)
    choices = await _talk(world).handle(event)
    assert isinstance(choices, tuple) and len(choices) == 25
    event = Complete(name="abonner", argument="what", text="source-33", where=where(), person=ADMIN)
    (choice,) = await _talk(world).handle(event)  # type: ignore[misc]  # a tuple, as asserted above
    assert choice.value == "source-33"


async def test_left_and_joined_again_keeps_the_subscriptions(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    talk = _talk(world)
    await _type(talk, "/subscribe a")
    await talk.handle(Left(where=where()))
    world.site.publish(source, entry("1"))
    await world.read()
    assert await world.states() == {}
    await talk.handle(Joined(where=where()))
    world.site.publish(source, entry("2"))
    await world.read()
    assert len(await world.states()) == 1


async def test_a_moved_chat_takes_its_subscriptions_along(database: Database) -> None:
    world = World.on(database)
    talk = _talk(world)
    await _type(talk, "/subscribe care")
    await talk.handle(Moved(old=where("g1").address, new=where("g9").address))
    assert "CaRE" in _words(await _type(talk, "/subscriptions", chat="g9"))


class Inviting(FakePlatform):
    """A platform that can be joined; `down`: it does not answer."""

    down: bool = False

    async def check(self) -> str:
        return "tocsin"

    async def invitation(self) -> str:
        if self.down:
            raise Unreachable("no route")
        return "https://t.me/tocsin?startgroup=true"

    async def arrivals(self) -> Sequence[Arrival]:
        return ()


async def test_alone_with_the_bot_a_person_is_shown_the_way_into_a_group(database: Database) -> None:
    world = World.on(database)
    world.platform = platform = Inviting()
    own = Chat(world, MEMBER.id, is_group=False)
    platform.down = True
    assert actions(await own.say("/start", MEMBER)) == []
    platform.down = False
    (button,) = actions(await own.say("/start", MEMBER))
    assert button.url == "https://t.me/tocsin?startgroup=true"
    assert actions(await Chat(world).say("/start", MEMBER)) == []


async def test_the_panel_says_where_it_will_be_and_what_does_the_same_here(database: Database) -> None:
    world = World.on(database)
    reply = await Chat(world).say("/panneau", ADMIN)
    assert reply.audience is Audience.ASKER
    assert "TOCSIN_WEB_URL" in said(reply) and "/reglages" in said(reply)
    world.web_url = "https://tocsin.exemple.test/"
    assert "https://tocsin.exemple.test/panel" in said(await Chat(world).say("/panneau", ADMIN))
