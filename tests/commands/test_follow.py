"""Following a message: what it tells is kept for the person, who hears how it stands and where the rest is read."""

from bot.domain.command import Audience, Follow, Reply
from bot.domain.press import sign
from bot.ports import Database
from bot.view import View
from tests.commands.desk import MEMBER, OTHER, Chat, actions, button, plain, said
from tests.fakes import KEY, World, entry, where

CRITICAL = (
    "La faille CVE-2026-4321 d’un pare-feu est activement exploitée, score CVSS 9,8. Correctif urgent à appliquer."
)
NOT_OURS = "Ce message n’est pas une de mes alertes"


async def _told(world: World, text: str = CRITICAL) -> View:
    source = await world.source("dsih", title="DSIH")
    await Chat(world).say("/abonner dsih")
    world.site.publish(source, entry("1", "Vulnérabilité dans un pare-feu", text=text))
    await world.read("dsih")
    await world.deliver_all()
    return world.platform.sent[-1][1]


async def _follow(world: World, *marks: str, person: object = MEMBER, chat: str = "g1") -> Reply:
    reply = await Chat(world, chat).talk.handle(Follow(marks=marks, where=where(chat), person=person))  # type: ignore[arg-type]
    assert isinstance(reply, Reply) and reply.audience is Audience.ASKER
    return reply


def _marks(view: View) -> list[str]:
    return [one.press for one in actions(Reply(view=view))]


async def test_an_alert_is_kept_and_how_it_stands_is_said(database: Database) -> None:
    world = World.on(database)
    alert = await _told(world)
    reply = await _follow(world, *_marks(alert))
    assert "Vulnérabilité dans un pare-feu" in said(reply)
    assert "Personne ne s’en occupe encore." in said(reply)
    assert "ce message dira qui s’en occupe" in said(reply)
    assert "Vulnérabilité dans un pare-feu" in said(await Chat(world).say("/favoris", MEMBER))
    assert "You have kept nothing yet" in said(await Chat(world).say("/saved", OTHER))


async def test_who_took_it_and_who_settled_it_is_said(database: Database) -> None:
    world = World.on(database)
    alert = await _told(world)
    await Chat(world).press(button(Reply(view=alert), "Je m’en occupe"), MEMBER)
    await world.deliver_all()
    assert "✋ Sacha s’en occupe depuis le 10 mars 2026" in plain(said(await _follow(world, *_marks(alert))))
    taken = world.platform.edited[-1][2]
    await Chat(world).press(button(Reply(view=taken), "C’est réglé"), MEMBER)
    await world.deliver_all()
    settled = world.platform.edited[-1][2]
    assert "✅ Réglé par Sacha le 10 mars 2026" in plain(said(await _follow(world, *_marks(settled))))


async def test_followed_twice_it_stays_kept(database: Database) -> None:
    world = World.on(database)
    alert = await _told(world)
    for _ in range(2):
        await _follow(world, *_marks(alert))
    assert len(await database.fetch("SELECT * FROM saved")) == 1


async def test_an_ordinary_article_is_followed_too(database: Database) -> None:
    world = World.on(database)
    reply = await _follow(world, *_marks(await _told(world, "Un texte sans rien de pressé.")))
    assert "qui d’autre en parle" in said(reply) and "Personne" not in said(reply)


async def test_it_answers_in_the_readers_language(database: Database) -> None:
    world = World.on(database)
    reply = await _follow(world, *_marks(await _told(world)), person=OTHER)
    assert "Nobody is on it yet." in said(reply)


async def test_a_message_of_somebody_else_gets_a_friendly_sentence_and_nothing_is_kept(database: Database) -> None:
    world = World.on(database)
    alert = await _told(world)
    elsewhere = sign(KEY, "more", "1", "g2")  # of another chat
    list_of_alerts = await Chat(world).say("/alertes")
    for marks in (
        (),
        ("more:1:0000000000000000",),
        (elsewhere,),
        ("x" * 200,),
        tuple(_marks(list_of_alerts.view or View(blocks=()))),
        (sign(KEY, "more", "not-a-number", "g1"),),
    ):
        reply = await _follow(world, *marks)
        assert NOT_OURS in said(reply)
    reply = await _follow(world, *_marks(alert), chat="g2")  # copied to another chat, where it was never said
    assert NOT_OURS in said(reply)
    assert await database.fetch("SELECT * FROM saved") == []


async def test_the_sample_alert_tells_nothing_to_follow(database: Database) -> None:
    world = World.on(database)
    await Chat(world).say("/test")
    await world.deliver_all()
    assert NOT_OURS in said(await _follow(world, *_marks(world.platform.sent[-1][1])))
