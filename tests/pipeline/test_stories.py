"""One story, one message: what two sources that tell the same leave in the rows and in the chats."""

from datetime import timedelta

import pytest

from bot.domain.article import Article
from bot.domain.channel import Rhythm
from bot.domain.entry import Entry
from bot.domain.hold import Choice, Word
from bot.domain.ids import HoldId
from bot.domain.rule import Rule, What
from bot.domain.source import Source, Trust
from bot.pipeline.analyse import Groups
from bot.pipeline.decide import article_of
from bot.pipeline.keep import Said, Told
from bot.ports import Database
from bot.text.understand import understand
from bot.view import Facts as Rows
from bot.view import View
from tests.commands.desk import Chat
from tests.fakes import START, World, entry

EVERYTHING = Rule(what=What.EVERYTHING)
HOUR = timedelta(hours=1)

# Invented: no such hospital, no such product.
NEWS = (
    "Armelle Leroux-Fontange nommée DSI du GHT des Trois Rives",
    "Armelle Leroux-Fontange prend la direction des systèmes d’information du groupement des Trois Rives en mars.",
)
AGAIN = (
    "Trois Rives : Armelle Leroux-Fontange à la tête des systèmes d’information",
    "Le groupement des Trois Rives confie en mars ses systèmes d’information à Armelle Leroux-Fontange.",
)
ATTACK = (
    "Un rançongiciel frappe le CHU de Valdore",
    "Un rançongiciel paralyse le CHU de Valdore : les urgences sont déviées, les opérations annulées.",
)
ATTACK_AGAIN = (
    "Cyberattaque au CHU de Valdore : les urgences déviées",
    "Le CHU de Valdore est paralysé par un rançongiciel : les opérations sont annulées, les urgences déviées.",
)


def said(key: str, words: tuple[str, str], *, after: timedelta = timedelta()) -> Entry:
    return entry(key, words[0], summary=words[1], published=START + after)


async def want(world: World, rule: Rule = EVERYTHING, chat: str = "g1") -> None:
    channel = await world.channel(chat)
    async with world.db.tx() as tx:
        await world.store.subscriptions.add(tx, channel.id, rule, Rhythm.NOW, silent=False, now=world.clock.now())


async def tell(world: World, source: Source, *entries: Entry) -> None:
    world.site.publish(source, *entries)
    await world.read(source.slug)


def rows_in(view: View) -> dict[str, str]:
    return {name: value for block in view.blocks if isinstance(block, Rows) for name, value in block.rows}


async def test_two_sources_of_one_story_are_one_message_that_names_the_second(database: Database) -> None:
    world = World.on(database)
    first, second = await world.source("a"), await world.source("b")
    await want(world)
    await tell(world, first, said("x", NEWS))
    await world.deliver_all()
    world.clock.forward(HOUR)
    await tell(world, second, said("y", AGAIN, after=HOUR))
    await world.deliver_all()
    assert world.platform.titles("g1") == [NEWS[0]]
    ((_, ref, view),) = world.platform.edited
    assert ref == "m1"
    assert list(rows_in(view).values()) == ["B"]


async def test_a_channel_that_wants_only_the_second_source_is_owed_the_storys_post(database: Database) -> None:
    world = World.on(database)
    first, second = await world.source("a"), await world.source("b")
    await want(world, Rule(what=What.SOURCE, value="a"), "only-a")
    await want(world, Rule(what=What.SOURCE, value="b"), "only-b")
    await tell(world, first, said("x", NEWS))
    await tell(world, second, said("y", AGAIN))
    states = await world.states()
    assert sorted(chat for _, chat in states) == ["only-a", "only-b"]
    assert len({post for post, _ in states}) == 1


async def test_one_source_that_lists_two_articles_tells_two_stories(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    await want(world)
    await tell(world, source, said("x", NEWS), said("y", AGAIN))
    assert len(await world.states()) == 2


async def test_two_vulnerabilities_of_one_product_stay_two_stories(database: Database) -> None:
    world = World.on(database)
    first, second = await world.source("a"), await world.source("b")
    await want(world)
    body = "Une vulnérabilité de la passerelle Véloce, la {}, permet une exécution de code à distance."
    await tell(world, first, said("x", ("Vulnérabilité dans Véloce", body.format("CVE-2026-41001"))))
    await tell(world, second, said("y", ("Vulnérabilité dans Véloce", body.format("CVE-2026-41077"))))
    assert len({post for post, _ in await world.states()}) == 2


async def test_two_stages_of_care_stay_two_stories(database: Database) -> None:
    world = World.on(database)
    first, second = await world.source("a"), await world.source("b")
    await want(world)
    for source, domain in ((first, 1), (second, 2)):
        title = f"Programme CaRE : le guichet du domaine {domain} est ouvert"
        await tell(world, source, said(f"d{domain}", (title, "Les candidatures sont ouvertes aux établissements.")))
    assert len({post for post, _ in await world.states()}) == 2


async def test_an_alert_in_a_story_told_without_one_rings(database: Database) -> None:
    world = World.on(database)
    first, second = await world.source("a"), await world.source("b", trust=Trust.OFFICIAL)
    await want(world)
    body = "La passerelle Véloce du constructeur Orvane comporte une faille, la CVE-2026-41001."
    await tell(world, first, said("x", ("Orvane publie une version de sa passerelle Véloce", body)))
    grave = f"{body} Elle est activement exploitée, score CVSS 9,8 ; correctif à appliquer sans délai."
    await tell(world, second, said("y", ("Alerte : faille de la passerelle Véloce d’Orvane", grave)))
    posts = sorted(post for post, _ in await world.states())
    assert posts == ["s:1", "s:1:critical"]
    await world.deliver_all()
    assert [view.silent for _, view in world.platform.sent] == [False, True]  # what rings goes first


async def test_a_second_alert_as_grave_edits_and_does_not_ring_again(database: Database) -> None:
    world = World.on(database)
    first, second = await world.source("a"), await world.source("b")
    await want(world)
    await tell(world, first, said("x", ATTACK))
    await world.deliver_all()
    await tell(world, second, said("y", ATTACK_AGAIN))
    await world.deliver_all()
    assert len(world.platform.sent) == 1 and len(world.platform.edited) == 1


async def test_a_better_source_takes_the_lead(database: Database) -> None:
    world = World.on(database)
    first, second = await world.source("a"), await world.source("b", trust=Trust.OFFICIAL)
    await want(world)
    await tell(world, first, said("x", NEWS))
    await world.deliver_all()
    await tell(world, second, said("y", AGAIN))
    await world.deliver_all()
    ((_, _, view),) = world.platform.edited
    (headline, *_) = view.blocks
    assert getattr(headline, "text", "") == AGAIN[0]
    assert list(rows_in(view).values()) == ["A"]


async def test_a_first_reading_joins_in_silence(database: Database) -> None:
    world = World.on(database)
    first = await world.source("a")
    await want(world)
    await tell(world, first, said("x", NEWS))
    await world.deliver_all()
    later = await world.new_source("b")
    await tell(world, later, said("y", AGAIN))
    await world.deliver_all()
    assert (len(world.platform.sent), world.platform.edited) == (1, [])
    assert len({facts.story for facts in await world.store.articles.newest(9)}) == 1


async def test_what_is_told_again_after_the_window_is_another_story(database: Database) -> None:
    world = World.on(database)
    first, second = await world.source("a"), await world.source("b")
    await want(world)
    await tell(world, first, said("x", NEWS))
    world.clock.forward(timedelta(days=11))
    await tell(world, second, said("y", AGAIN, after=timedelta(days=11)))
    assert len(await world.states()) == 2


async def test_a_corrected_title_moves_no_article_to_another_story(database: Database) -> None:
    world = World.on(database)
    first, second = await world.source("a"), await world.source("b")
    await want(world)
    await tell(world, first, said("x", NEWS))
    await tell(world, second, said("y", AGAIN))
    world.site.pages[second.url] = [said("y", ATTACK)]
    await world.read("b")
    assert len({facts.story for facts in await world.store.articles.newest(9)}) == 1


class Killed(Exception):
    """Nothing of what was open is left."""


class Cut:
    """Dies where the reading would write the source's state, after all that it joined and owed."""

    async def save(self, tx: object, state: object) -> None:
        raise Killed


async def test_a_kill_while_it_joins_leaves_the_article_new(database: Database) -> None:
    world = World.on(database)
    first, second = await world.source("a"), await world.source("b")
    await want(world)
    await tell(world, first, said("x", NEWS))
    await world.deliver_all()
    world.site.publish(second, said("y", AGAIN))
    (source,) = [one for one in await world.store.sources.all() if one.slug == "b"]
    ingest = world.ingest
    object.__setattr__(ingest.keep.states, "sources", Cut())
    with pytest.raises(Killed):
        await ingest.check(source)
    assert len(await world.store.articles.newest(9)) == 1
    assert await world.read("b") == 1
    await world.deliver_all()
    assert len({facts.story for facts in await world.store.articles.newest(9)}) == 1
    assert (len(world.platform.sent), len(world.platform.edited)) == (1, 1)


async def test_a_held_article_joins_at_once_and_is_told_when_it_is_released(database: Database) -> None:
    world = World.on(database)
    first, second = await world.source("a"), await world.source("b")
    await want(world)
    await tell(world, first, said("x", NEWS))
    await world.deliver_all()
    hold = await hold_back(world, second, said("y", AGAIN))
    await world.deliver_all()
    assert world.platform.edited == []
    word = Word(hold=hold, community="", choice=Choice.RELEASE, said_at=world.clock.now())
    async with database.tx() as tx:
        assert await world.store.holds.say(tx, word)
    await world.settle.sweep()
    await world.deliver_all()
    assert world.platform.titles("g1") == [NEWS[0]]
    ((_, ref, view),) = world.platform.edited
    assert (ref, list(rows_in(view).values())) == ("m1", ["B"])


def test_analyse_groups_what_the_lines_before_it_told() -> None:
    groups = Groups()
    found = []
    for number, (slug, words) in enumerate(
        (("a", NEWS), ("a", ATTACK), ("b", AGAIN), ("c", ATTACK_AGAIN), ("b", ATTACK))
    ):
        article = Article(source_slug=slug, url="", title=words[0], body=words[1], first_seen=START)
        found.append(groups.of(number, article, understand(article)))
    assert found == [0, 1, 0, 1, 1]  # the last has the words of the second


async def test_the_card_of_an_article_names_the_other_sources_of_its_story(database: Database) -> None:
    world = World.on(database)
    first, second = await world.source("a"), await world.source("b")
    await tell(world, first, said("x", NEWS))
    await tell(world, second, said("y", AGAIN))
    reply = await Chat(world).say("/article 1")
    assert reply.view is not None
    assert "B" in rows_in(reply.view).values()


async def hold_back(world: World, source: Source, entry: Entry) -> HoldId:
    """A reading of this one entry that waits for somebody's word."""
    (source,) = [one for one in await world.store.sources.all() if one.slug == source.slug]
    found = article_of(entry, source, world.clock.now())
    told = Told(entry=entry, names=(entry.key,), content_hash="h", article=found, understanding=understand(found))
    await world.ingest.keep.reading(source, source, Said(new=[told], held="burst"))
    (row,) = await world.db.fetch("SELECT id FROM holds")
    return HoldId(row["id"])
