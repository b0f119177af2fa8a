"""A reading that brings too much at once waits for somebody's word; who answers for the bot is told, once."""

from datetime import timedelta

import pytest

from bot.domain.channel import Channel, Rhythm
from bot.domain.command import Person, Rights
from bot.domain.delivery import PostKind
from bot.domain.entry import Entry
from bot.domain.hold import Choice, Word
from bot.domain.ids import ArticleId, HoldId
from bot.domain.rule import Rule, What
from bot.domain.source import FAILS_TOLD, Source, Trust
from bot.errors import SourceError
from bot.pipeline.keep import WRITTEN_AT_ONCE
from bot.ports import Database, Tx
from bot.view import Actions, View
from tests.commands.desk import Chat, button, said
from tests.fakes import OPERATORS, START, World, entry, title, where, words

EVERYTHING = Rule(what=What.EVERYTHING)
(OPERATOR,) = OPERATORS
ALERT = "Faille critique activement exploitée dans FortiOS : appliquez le correctif sans délai"
MANY = [entry(str(n)) for n in range(40)]


async def _want(world: World, chat: str = "g1", platform_chat_is_group: bool = True) -> Channel:
    async with world.db.tx() as tx:
        at = where(chat, is_group=platform_chat_is_group)
        channel = await world.store.channels.ensure(tx, at, "telegram", "fr", "Europe/Paris")
        await world.store.channels.save(tx, channel, world.clock.now())
        await world.store.subscriptions.add(tx, channel.id, EVERYTHING, Rhythm.NOW, silent=False, now=START)
    return channel


async def _operator(world: World) -> None:
    async with world.db.tx() as tx:
        at = where(OPERATOR[1], is_group=False)
        await world.store.channels.ensure(tx, at, "telegram", "fr", "Europe/Paris")


async def _quiet_source(world: World, slug: str = "a", **changes: object) -> Source:
    """One that said something now and then, long ago."""
    source = await world.new_source(slug, **changes)
    world.site.publish(
        source, *(entry(f"old-{slug}-{n}", published=START - timedelta(days=60 - n * 6)) for n in range(10))
    )
    await world.read(slug)
    world.clock.forward(timedelta(hours=1))
    return source


async def _settled(world: World) -> None:
    await world.settle.sweep()
    world.clock.forward(timedelta(minutes=2))
    await world.plan.sweep(world.clock.now())
    await world.deliver_all()


def _to(world: World, chat: str) -> list[View]:
    return [view for at, view in world.platform.sent if at == chat]


def _buttons(view: View) -> dict[str, str]:
    rows = [block for block in view.blocks if isinstance(block, Actions)]
    return {action.label: action.press for row in rows for action in row.actions}


async def test_a_burst_reaches_no_channel_and_the_operator_once(database: Database) -> None:
    world = World.on(database)
    source = await _quiet_source(world)
    await _want(world)
    await _operator(world)
    world.site.publish(source, *MANY)
    assert await world.read() == 40
    await world.deliver_all()
    await world.read()
    await world.deliver_all()
    assert world.platform.chats() == [OPERATOR[1]]
    (notice,) = _to(world, OPERATOR[1])
    assert "lecture retenue" in title(notice) and "40 nouveaux articles" in words(notice)
    assert list(_buttons(notice)) == ["Envoyer en un message", "Envoyer normalement", "Ne rien envoyer"]
    assert len(await world.store.articles.newest(100)) == 50  # the archive has them at once


async def test_an_official_alert_in_a_burst_rings_at_once_and_what_only_looks_like_one_waits(
    database: Database,
) -> None:
    world = World.on(database)
    official = await _quiet_source(world, "a", trust=Trust.OFFICIAL)
    paper = await _quiet_source(world, "b", trust=Trust.PRESS)
    await _want(world)
    world.site.publish(official, *MANY, entry("alerte", ALERT))
    world.site.publish(paper, *(entry(f"b{n}") for n in range(40)), entry("rumeur", ALERT))
    await world.read("a")
    await world.read("b")
    await world.deliver_all()
    assert world.platform.titles("g1") == [ALERT]


async def test_what_is_released_as_one_digest_is_one_message(database: Database) -> None:
    world = World.on(database)
    source = await _quiet_source(world)
    await _want(world)
    await _operator(world)
    world.site.publish(source, *MANY)
    await world.read()
    await world.deliver_all()
    presses = _buttons(_to(world, OPERATOR[1])[0])
    private = Chat(world, OPERATOR[1], is_group=False, operators=OPERATORS)
    boss = Person(platform="telegram", id=OPERATOR[1], language="fr", rights=Rights.ADMIN)
    reply = await private.press(presses["Envoyer en un message"], boss)
    assert "un seul message" in said(reply)
    await _settled(world)
    await _settled(world)
    assert len(_to(world, "g1")) == 1
    again = await private.press(presses["Ne rien envoyer"], boss)
    assert "déjà décidé" in again.notice


async def test_what_is_released_leaves_as_any_reading_would(database: Database) -> None:
    world = World.on(database)
    source = await _quiet_source(world)
    await _want(world)
    await _operator(world)
    world.site.publish(source, *MANY)
    await world.read()
    await world.deliver_all()
    private = Chat(world, OPERATOR[1], is_group=False, operators=OPERATORS)
    boss = Person(platform="telegram", id=OPERATOR[1], language="fr", rights=Rights.ADMIN)
    await private.press(_buttons(_to(world, OPERATOR[1])[0])["Envoyer normalement"], boss)
    await _settled(world)
    assert len(_to(world, "g1")) == 6  # five, and the rest as one


async def test_an_administrator_decides_for_their_own_chat_and_not_for_the_others(database: Database) -> None:
    world = World.on(database)
    source = await _quiet_source(world)
    await _want(world, "g1")
    await _want(world, "g2")
    world.site.publish(source, *MANY)
    await world.read()
    chat = Chat(world, "g1", operators=OPERATORS)
    status = await chat.say("/etat")
    assert "40 articles retenus" in words(status.view or View(blocks=()))
    await chat.press(button(status, "Envoyer en un message"))
    await _settled(world)
    assert (len(_to(world, "g1")), len(_to(world, "g2"))) == (1, 0)
    assert "retenus" not in said(await chat.say("/etat"))
    assert "40 articles retenus" in said(await Chat(world, "g2", operators=OPERATORS).say("/etat"))


async def test_the_operators_word_leaves_alone_who_decided_otherwise(database: Database) -> None:
    world = World.on(database)
    source = await _quiet_source(world)
    await _want(world, "g1")
    await _want(world, "g2")
    await _operator(world)
    world.site.publish(source, *MANY)
    await world.read()
    await world.deliver_all()
    one = Chat(world, "g1", operators=OPERATORS)
    await one.press(button(await one.say("/etat"), "Ne rien envoyer"))
    private = Chat(world, OPERATOR[1], is_group=False, operators=OPERATORS)
    boss = Person(platform="telegram", id=OPERATOR[1], language="fr", rights=Rights.ADMIN)
    await private.press(_buttons(_to(world, OPERATOR[1])[0])["Envoyer en un message"], boss)
    await _settled(world)
    assert (len(_to(world, "g1")), len(_to(world, "g2"))) == (0, 1)


async def test_an_administrator_who_set_the_chat_up_is_told_in_their_own_chat(database: Database) -> None:
    world = World.on(database)
    source = await _quiet_source(world)
    group, own = Chat(world, "g1"), Chat(world, "1", is_group=False)
    await own.say("/abonner alerts")  # they once opened the bot's chat …
    await group.say("/abonner a")  # … and configured the group
    world.site.publish(source, *MANY)
    await world.read()
    await world.deliver_all()
    assert world.platform.chats() == ["1"]
    press = _buttons(_to(world, "1")[0])["Envoyer en un message"]
    await own.press(
        press
    )  # the platform says that they are no administrator of the group today: their word is their own
    await _settled(world)
    assert _to(world, "g1") == []
    assert "40 articles retenus" in said(await group.say("/etat"))


async def test_in_their_own_chat_an_administrator_decides_for_the_group(database: Database) -> None:
    world = World.on(database)
    source = await _quiet_source(world)
    group, own = Chat(world, "g1"), Chat(world, "1", is_group=False)
    await own.say("/abonner alerts")
    await group.say("/abonner a")
    world.platform.administrators["g1"] = {"1"}
    world.site.publish(source, *MANY)
    await world.read()
    await world.deliver_all()
    await own.press(_buttons(_to(world, "1")[0])["Envoyer en un message"])
    await _settled(world)
    assert len(_to(world, "g1")) == 1


async def test_a_feed_whose_identities_all_change_is_held(database: Database) -> None:
    world = World.on(database)
    source = await world.new_source("a")
    site = [entry(f"k{n}", f"Sujet numéro {n}", published=START - timedelta(days=n)) for n in range(12)]
    world.site.publish(source, *site)
    await world.read()
    await _want(world)
    await _operator(world)
    world.site.pages[source.url] = [
        entry(f"nouveau-{n}", f"Sujet numéro {n}", published=START - timedelta(days=n)) for n in range(12)
    ]
    await world.read()
    await world.deliver_all()
    assert world.platform.chats() == [OPERATOR[1]]
    assert "seulement changé ses adresses" in words(_to(world, OPERATOR[1])[0])


async def test_a_hold_whose_reading_was_cut_short_is_announced_all_the_same(database: Database) -> None:
    world = World.on(database)
    await _quiet_source(world)
    await _want(world)
    await _operator(world)
    async with world.db.tx() as tx:  # what a kill after the first batch leaves
        (kept,) = await world.store.sources.all()
        (one,) = await world.store.articles.newest(1)
        hold = await world.holding.open(tx, kept, "burst", 40, world.clock.now())
        await world.holding.keep(tx, hold, one.number)
    await world.settle.sweep()
    await world.deliver_all()
    assert world.platform.sent == []
    world.clock.forward(timedelta(minutes=6))
    for _ in range(2):
        await world.settle.sweep()
        await world.deliver_all()
    assert world.platform.chats() == [OPERATOR[1]]


class Killed(Exception):
    pass


@pytest.mark.parametrize("batches", [1, 3])
async def test_a_held_reading_that_is_killed_goes_on_as_the_same_hold(database: Database, batches: int) -> None:
    world = World.on(database)
    source = await _quiet_source(world)
    await _want(world)
    await _operator(world)
    world.site.publish(source, *MANY)
    ingest = world.ingest
    kept = 0

    class Holds:
        """Dies after some articles."""

        def __getattr__(self, name: str) -> object:
            return getattr(world.store.holds, name)

        async def keep(self, tx: Tx, hold: HoldId, article: ArticleId) -> None:
            nonlocal kept
            kept += 1
            if kept > batches * WRITTEN_AT_ONCE:
                raise Killed
            await world.store.holds.keep(tx, hold, article)

    object.__setattr__(ingest.keep.holding, "holds", Holds())
    with pytest.raises(Killed):
        await ingest.check((await world.store.sources.all())[0])
    assert await world.read() == 40 - batches * WRITTEN_AT_ONCE
    await world.deliver_all()
    assert world.platform.chats() == [OPERATOR[1]]
    assert "40 nouveaux articles" in words(_to(world, OPERATOR[1])[0])


async def test_a_word_carried_out_after_a_stop_is_one_message_all_the_same(database: Database) -> None:
    world = World.on(database)
    source = await _quiet_source(world)
    await _want(world)
    await _operator(world)
    world.site.publish(source, *MANY)
    await world.read()
    await world.deliver_all()
    (hold,) = await world.store.holds.undecided(world.db, "", START, 9)
    async with world.db.tx() as tx:
        await world.store.holds.say(
            tx, Word(hold=hold.id, community="", choice=Choice.DIGEST, said_at=world.clock.now())
        )
    world.clock.forward(timedelta(minutes=10))
    await _settled(world)
    assert len(_to(world, "g1")) == 1


async def test_what_is_left_of_a_held_reading_is_held_however_long_we_were_stopped(database: Database) -> None:
    world = World.on(database)
    source = await _quiet_source(world)
    await _want(world)
    await _operator(world)
    world.site.publish(source, *MANY[:24])
    ingest = world.ingest
    kept = 0

    class Holds:
        def __getattr__(self, name: str) -> object:
            return getattr(world.store.holds, name)

        async def keep(self, tx: Tx, hold: HoldId, article: ArticleId) -> None:
            nonlocal kept
            kept += 1
            if kept > 8:
                raise Killed
            await world.store.holds.keep(tx, hold, article)

    object.__setattr__(ingest.keep.holding, "holds", Holds())
    with pytest.raises(Killed):
        await ingest.check((await world.store.sources.all())[0])
    world.clock.forward(timedelta(minutes=20))
    await world.settle.sweep()
    await world.read()
    await world.deliver_all()
    assert _to(world, "g1") == []


async def test_a_burst_long_after_one_that_nobody_decided_on_is_told(database: Database) -> None:
    world = World.on(database)
    source = await _quiet_source(world)
    await _want(world)
    await _operator(world)
    world.site.publish(source, *MANY)
    await world.read()
    await world.deliver_all()
    world.clock.forward(timedelta(days=40))
    world.site.publish(source, *(entry(f"later-{n}") for n in range(400)))
    await world.read()
    await world.deliver_all()
    assert len(_to(world, OPERATOR[1])) == 2


async def test_old_alerts_of_an_official_feed_that_has_turned_do_not_ring(database: Database) -> None:
    world = World.on(database)
    source = await world.new_source("a", trust=Trust.OFFICIAL)

    def listed(prefix: str) -> list[Entry]:
        return [
            entry(
                f"{prefix}{n}",
                f"{ALERT} ({n})",
                url=f"https://exemple.test/{prefix}/{n}",
                published=START - timedelta(days=1) * (n + 5),
            )
            for n in range(12)
        ]

    world.site.publish(source, *listed("a"))
    await world.read()
    await _want(world)
    await _operator(world)
    world.site.pages[source.url] = [*listed("nouveau")]
    await world.read()
    await world.deliver_all()
    assert _to(world, "g1") == []
    assert len(_to(world, OPERATOR[1])) == 1


async def test_a_burst_of_nothing_but_alerts_that_rang_leaves_no_hold(database: Database) -> None:
    world = World.on(database)
    source = await world.new_source("a", trust=Trust.OFFICIAL)
    await world.read()
    await _want(world)
    await _operator(world)
    world.site.pages[source.url] = [*(entry(f"n{n}", f"{ALERT} ({n})", published=START) for n in range(30))]
    await world.read()
    await world.deliver_all()
    assert len(_to(world, "g1")) == 30
    assert _to(world, OPERATOR[1]) == []


async def test_a_hold_with_nobody_to_tell_is_told_once_somebody_is_there(database: Database) -> None:
    world = World.on(database)
    source = await _quiet_source(world)
    await _want(world)
    world.site.publish(source, *MANY)
    await world.read()
    await _operator(world)
    world.clock.forward(timedelta(minutes=6))
    await world.settle.sweep()
    await world.deliver_all()
    assert world.platform.chats() == [OPERATOR[1]]


# -- sources that tell on themselves ----------------------------------------------------------------------------------


async def _fail(world: World, times: int) -> None:
    for _ in range(times):
        with pytest.raises(SourceError):
            await world.read()
        await world.deliver_all()


async def test_a_source_in_trouble_is_told_once_to_the_operator_and_once_when_it_is_back(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    await _want(world)
    await _operator(world)
    world.site.broken.add(source.url)
    await _fail(world, FAILS_TOLD - 1)
    assert world.platform.sent == []
    await _fail(world, 5)
    assert [title(view) for view in _to(world, OPERATOR[1])] == ["A\u00a0: source en difficulté"]
    assert "connexion impossible" in words(_to(world, OPERATOR[1])[0])
    world.site.broken.clear()
    for _ in range(3):
        await world.read()
        await world.deliver_all()
    assert [title(view) for view in _to(world, OPERATOR[1])] == [
        "A\u00a0: source en difficulté",
        "A\u00a0: source revenue",
    ]
    assert world.platform.chats() == [OPERATOR[1]] * 2


async def test_a_source_that_falls_silent_is_told_and_stands_in_the_status(database: Database) -> None:
    world = World.on(database)
    await _quiet_source(world)
    await _want(world)
    await _operator(world)
    world.clock.forward(timedelta(days=60))
    await world.read()
    await world.read()
    await world.deliver_all()
    (notice,) = _to(world, OPERATOR[1])
    assert "ne dit plus rien" in words(notice)
    assert "ne dit plus rien" in said(await Chat(world, "g1").say("/etat"))


async def test_trouble_with_nobody_to_tell_is_told_once_somebody_is_there(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    world.site.broken.add(source.url)
    await _fail(world, 5)
    await _operator(world)
    await _fail(world, 2)
    assert len(_to(world, OPERATOR[1])) == 1


async def test_notices_are_no_news_to_the_lists(database: Database) -> None:
    """A notice tells no article: whoever asks why is told it has expired, and a digest leaves it out."""
    world = World.on(database)
    source = await _quiet_source(world)
    await _operator(world)
    world.site.publish(source, *MANY)
    await world.read()
    rows = await world.db.fetch("SELECT kind FROM posts")
    assert [row["kind"] for row in rows] == [PostKind.NOTICE.value]
