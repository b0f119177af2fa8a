"""A place added from the chat: shown first, kept once, taken back, and where it must be, approved by an operator."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.commands.drafts import OPEN_FOR
from bot.domain.command import Audience, Person, Rights
from bot.domain.source import MOST_OF_A_COMMUNITY, Origin, Source
from bot.errors import FetchError
from bot.pipeline.discover import Found
from bot.ports import Database
from bot.view import Actions
from tests.commands.desk import ADMIN, MEMBER, Chat, actions, button, said
from tests.fakes import START, World, entry, title, where

OPERATOR = Person(platform="telegram", id="77", name="Op", language="fr", rights=Rights.MEMBER)
OPERATORS = frozenset({("telegram", "77")})


def place(name: str = "a", title: str = "Hôpitaux (fictif)", kind: str = "feed") -> Found:
    entries = tuple(
        entry(f"{name}{n}", f"Article fictif {name}{n}", published=START - n * timedelta(days=20)) for n in range(3)
    )
    return Found(
        url=f"https://{name}.test/flux",
        kind=kind,
        title=title,
        entries=entries,
        count=12,
        dates=tuple(one.published for one in entries if one.published is not None),
        how="link",
    )


def world_on(database: Database, *found: Found) -> World:
    world = World.on(database)
    world.places.found = list(found)
    return world


async def watched(world: World) -> list[Source]:
    return [one for one in await world.store.sources.all() if one.enabled]


async def wanted(world: World) -> list[str]:
    rows = await world.db.fetch("SELECT r.canonical FROM subscriptions s JOIN rules r ON r.id = s.rule")
    return [row["canonical"] for row in rows]


async def test_what_is_found_is_shown_with_its_last_articles_and_nothing_is_kept(database: Database) -> None:
    world = world_on(database, place())
    reply = await Chat(world).say("/ajoutersource exemple.test")
    assert world.places.asked == ["exemple.test"]
    text = said(reply)
    assert "Trouvé : Hôpitaux (fictif)" in text and "https://a.test/flux · genre feed · 12 articles" in text
    assert "Article fictif a0 10 mars 2026, 10:00" in text and "Article fictif a2" in text
    assert "Sur les 30 derniers jours, cela aurait donné 2 articles." in text
    assert [one.label for one in actions(reply)] == ["Ajouter", "Abandonner"]
    assert await watched(world) == [] and await wanted(world) == []


async def test_adding_keeps_the_source_and_subscribes_the_channel_even_after_a_restart(database: Database) -> None:
    world = world_on(database, place())
    add = button(await Chat(world).say("/ajoutersource exemple.test"), "Ajouter")
    reply = await Chat(world).press(add)
    assert reply.replaces and "Source ajoutée : Hôpitaux (fictif)" in said(reply)
    assert "Sur les 30 derniers jours, cela aurait donné 2 articles." in said(reply)
    (source,) = await watched(world)
    assert (source.slug, source.url, source.kind) == ("a-test-flux", "https://a.test/flux", "feed")
    assert (source.origin, source.community, source.pending) == (Origin.CHAT, "telegram:g1", False)
    (rule,) = await wanted(world)
    assert '"a-test-flux"' in rule
    audit = await world.db.fetch("SELECT verb, payload FROM audit")
    assert [row["verb"] for row in audit] == ["addsource"] and "https://a.test/flux" in audit[0]["payload"]


async def test_undo_takes_back_the_source_and_the_subscription(database: Database) -> None:
    world = world_on(database, place())
    added = await Chat(world).press(button(await Chat(world).say("/ajoutersource exemple.test"), "Ajouter"))
    undone = await Chat(world).press(button(added, "Annuler"))
    assert undone.replaces
    assert await watched(world) == [] and await wanted(world) == []
    again = await Chat(world).press(button(await Chat(world).say("/ajoutersource exemple.test"), "Ajouter"))
    assert "Source ajoutée" in said(again)
    assert [one.slug for one in await watched(world)] == ["a-test-flux"]  # the same name as before


async def test_pressed_twice_it_is_added_once(database: Database) -> None:
    world = world_on(database, place())
    add = button(await Chat(world).say("/ajoutersource exemple.test"), "Ajouter")
    chat = Chat(world)
    async with asyncio.TaskGroup() as tasks:
        both = [tasks.create_task(chat.press(add)) for _ in range(2)]
    replies = [task.result() for task in both]
    assert len(await watched(world)) == 1 and len(await wanted(world)) == 1
    assert sum(any(one.label == "Annuler" for one in actions(reply)) for reply in replies) == 1
    again = await Chat(world).press(add)  # the first answer may have been lost
    assert again.replaces and "Source ajoutée" in said(again) and actions(again) == []


async def test_other_places_are_leafed_through_and_the_one_shown_is_added(database: Database) -> None:
    world = world_on(database, place("a"), place("b", "Autre (fictif)"))
    reply = await Chat(world).press(
        button(await Chat(world).say("/ajoutersource exemple.test"), "Autre adresse trouvée")
    )
    assert reply.replaces and "Trouvé : Autre (fictif)" in said(reply)
    first_again = await Chat(world).press(button(reply, "Autre adresse trouvée"))
    assert "Trouvé : Hôpitaux (fictif)" in said(first_again)
    reply = await Chat(world).press(button(first_again, "Autre adresse trouvée"))
    await Chat(world).press(button(reply, "Ajouter"))
    assert [one.url for one in await watched(world)] == ["https://b.test/flux"]


async def test_giving_up_leaves_nothing(database: Database) -> None:
    world = world_on(database, place())
    first = await Chat(world).say("/ajoutersource exemple.test")
    assert "rien n’a été ajouté" in said(await Chat(world).press(button(first, "Abandonner")))
    assert "déjà fait" in said(await Chat(world).press(button(first, "Ajouter")))
    assert await watched(world) == []


@pytest.mark.parametrize("typed", ["https://a.test/flux", "http://www.a.test/flux/", "exemple.test"])
async def test_what_is_watched_already_is_offered_as_a_subscription(database: Database, typed: str) -> None:
    world = world_on(database, place("a"))
    await world.new_source("ancienne", title="Ancienne", url="https://a.test/flux")
    chat = Chat(world)
    reply = await chat.say(f"/ajoutersource {typed}")
    assert "Ancienne est déjà suivie" in said(reply)
    assert world.places.asked == (["exemple.test"] if typed == "exemple.test" else [])
    reply = await chat.press(button(reply, "Aussitôt"))
    await chat.press(button(reply, "Enregistrer"))
    (rule,) = await wanted(world)
    assert '"ancienne"' in rule
    assert "ce canal y est abonné" in said(await chat.say(f"/ajoutersource {typed}"))


async def test_rights_are_asked_at_the_command_and_again_at_each_press(database: Database) -> None:
    world = world_on(database, place())
    assert (await Chat(world).say("/ajoutersource exemple.test", MEMBER)).refused
    add = button(await Chat(world).say("/ajoutersource exemple.test"), "Ajouter")
    assert (await Chat(world).press(add, replace(ADMIN, rights=Rights.MEMBER))).refused
    assert "quelqu’un d’autre" in said(await Chat(world).press(add, replace(ADMIN, id="9")))
    assert await watched(world) == []


async def test_a_search_that_lay_too_long_says_so(database: Database) -> None:
    world = world_on(database, place())
    add = button(await Chat(world).say("/ajoutersource exemple.test"), "Ajouter")
    world.clock.forward(OPEN_FOR + timedelta(seconds=1))
    assert "n’a plus de sens" in said(await Chat(world).press(add))


async def test_ten_sources_a_group_are_the_most(database: Database) -> None:
    world = world_on(database, place("neuve"))
    add = button(await Chat(world).say("/ajoutersource exemple.test"), "Ajouter")
    for number in range(MOST_OF_A_COMMUNITY):
        await world.new_source(f"s{number}", community="telegram:g1")
    refused = await Chat(world).press(add)
    assert "10 sources" in said(refused) and refused.audience is Audience.ASKER
    assert "10 sources" in said(await Chat(world).say("/ajoutersource exemple.test"))
    assert len(await watched(world)) == MOST_OF_A_COMMUNITY
    assert "Trouvé" in said(await Chat(world, name="g2").say("/ajoutersource exemple.test"))
    async with world.db.tx() as tx:
        await world.store.sources.disable(tx, "s0")
    assert "Source ajoutée" in said(await Chat(world).press(add))  # the same button, now that there is room


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (FetchError("blocked-address", "10.0.0.1: …"), "adresse interdite (réseau privé)"),
        (FetchError("dns-failure", "x"), "nom de domaine introuvable"),
        (None, "ni flux, ni liste"),
    ],
)
async def test_what_cannot_be_read_is_said_in_plain_words(
    database: Database, error: FetchError | None, told: str
) -> None:
    world = world_on(database)
    world.places.error = error
    reply = await Chat(world).say("/ajoutersource exemple.test")
    assert told in said(reply) and reply.audience is Audience.ASKER
    assert "Donnez une adresse" in said(await Chat(world).say("/ajoutersource"))


async def test_a_list_of_feeds_is_no_place_to_watch(database: Database) -> None:
    reply = await Chat(world_on(database, place(kind="opml"))).say("/ajoutersource exemple.test")
    assert "ni flux, ni liste" in said(reply)


# -- an operator approves ---------------------------------------------------------------------------------------------


async def asked_for(database: Database) -> World:
    world = world_on(database, place())
    world.approval = True
    chat = Chat(world)
    reply = await chat.press(button(await chat.say("/ajoutersource exemple.test"), "Ajouter"))
    assert "Un opérateur doit encore donner son accord" in said(reply)
    return world


async def test_a_source_that_waits_is_not_read_until_it_is_approved(database: Database) -> None:
    world = await asked_for(database)
    later = world.clock.now() + timedelta(days=1)
    assert await world.store.sources.claim(later, 10, later) == []
    assert await world.store.sources.next_due() is None
    operator = Chat(world, name="77", is_group=False, operators=OPERATORS)
    reply = await operator.say("/etat", OPERATOR)
    assert "1 source attend votre accord" in said(reply) and "https://a.test/flux · telegram:g1" in said(reply)
    done = await operator.press(button(reply, "Approuver"), OPERATOR)
    assert done.replaces and "approuvée" in said(done)
    assert [one.slug for one in await world.store.sources.claim(later, 10, later)] == ["a-test-flux"]
    assert "déjà décidé" in said(await operator.press(button(reply, "Refuser"), OPERATOR))
    assert "attend" not in said(await operator.say("/etat", OPERATOR))


async def test_a_refused_source_is_never_read(database: Database) -> None:
    world = await asked_for(database)
    operator = Chat(world, name="77", is_group=False, operators=OPERATORS)
    await operator.press(button(await operator.say("/etat", OPERATOR), "Refuser"), OPERATOR)
    assert await watched(world) == []
    verbs = [row["verb"] for row in await world.db.fetch("SELECT verb FROM audit ORDER BY id")]
    assert verbs == ["addsource", "refuse"]


@pytest.mark.parametrize(
    ("label", "told", "subscribed"), [("Approuver", "source acceptée", True), ("Refuser", "source non retenue", False)]
)
async def test_the_operator_is_asked_in_their_own_chat_and_the_group_is_told(
    database: Database, label: str, told: str, subscribed: bool
) -> None:
    world = world_on(database, place())
    world.approval = True
    boss = replace(OPERATOR, id="99", rights=Rights.ADMIN)  # whom the notices of these tests are for
    own = Chat(world, name="99", is_group=False, operators=frozenset({("telegram", "99")}))
    async with database.tx() as tx:
        await world.store.channels.ensure(tx, where("99", is_group=False), "telegram", "fr", "Europe/Paris")
    chat = Chat(world)
    await chat.press(button(await chat.say("/ajoutersource exemple.test"), "Ajouter"))
    await world.deliver_all()
    ((asked_in, notice),) = world.platform.sent
    assert asked_in == "99" and "source proposée" in title(notice)
    (row,) = [block for block in notice.blocks if isinstance(block, Actions)]
    await own.press(next(one.press for one in row.actions if one.label == label), boss)
    await world.deliver_all()
    assert [told in title(view) for at, view in world.platform.sent if at == "g1"] == [True]
    channel = await world.store.channels.at(where("g1").address)
    assert channel is not None
    assert bool(await world.store.subscriptions.of(database, channel.id)) is subscribed


async def test_only_operators_see_and_press_the_buttons(database: Database) -> None:
    world = await asked_for(database)
    reply = await Chat(world).say("/etat")  # an administrator of the group
    assert "attend l’accord d’un opérateur" in said(reply) and actions(reply) == []
    in_group = await Chat(world, operators=OPERATORS).say("/etat", OPERATOR)
    assert in_group.audience is Audience.ASKER
    own = Chat(world, name="77", is_group=False, operators=OPERATORS)  # where the answer is read, and pressed
    data = button(in_group, "Approuver")
    impostor = replace(OPERATOR, id="78", rights=Rights.ADMIN)
    assert "réservé aux opérateurs" in said(await own.press(data, impostor))
    assert "approuvée" in said(await own.press(data, OPERATOR))


async def test_an_operators_own_source_waits_for_nobody(database: Database) -> None:
    world = world_on(database, place())
    world.approval = True
    chat = Chat(world, operators=OPERATORS)
    await chat.press(button(await chat.say("/ajoutersource exemple.test", OPERATOR), "Ajouter"), OPERATOR)
    assert [one.pending for one in await watched(world)] == [False]
