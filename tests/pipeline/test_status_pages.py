"""Pages under one address of which one thing after another is told: nothing of it is swallowed, nothing told twice."""

from collections.abc import Sequence
from datetime import timedelta

from bot.domain.channel import Rhythm
from bot.domain.entry import Entry, canonical
from bot.domain.rule import Rule, What
from bot.domain.source import Source
from bot.ports import Database
from tests.fakes import START, World, entry

PAGE = "https://exemple.test/etat"
DAY = timedelta(days=1)


async def _want(world: World) -> None:
    channel = await world.channel()
    async with world.db.tx() as tx:
        rule = Rule(what=What.EVERYTHING)
        await world.store.subscriptions.add(tx, channel.id, rule, Rhythm.NOW, silent=False, now=START)


async def _ready(database: Database, first: Sequence[Entry]) -> tuple[World, Source]:
    world = World.on(database)
    source = await world.new_source("a")
    world.site.publish(source, *first)
    await world.read()
    await _want(world)
    return world, source


async def _now(world: World, source: Source, *listed: Entry) -> list[str]:
    """The titles told so far, after a reading that lists those."""
    world.clock.forward(timedelta(hours=1))
    world.site.pages[source.url] = list(listed)
    await world.read(source.slug)
    await world.deliver_all()
    return world.platform.titles("g1")


async def test_a_maintenance_of_the_same_title_on_another_day_is_told(database: Database) -> None:
    one = entry("1", "Maintenance programmée", url=PAGE, published=START, summary="Lundi, la paie.")
    world, source = await _ready(database, [one])
    two = entry("2", "Maintenance programmée", url=PAGE, published=START + 7 * DAY, summary="Mardi, le portail.")
    assert await _now(world, source, two, one) == ["Maintenance programmée"]


async def test_guids_that_number_places_swallow_no_bulletin_whose_title_is_a_pattern(database: Database) -> None:
    def listed(*names: str) -> list[Entry]:
        return [
            entry(
                str(n),
                f"Multiples vulnérabilités dans les produits {x}",
                url=f"https://exemple.test/{x}",
                published=START - n * timedelta(hours=1),
            )
            for n, x in enumerate(names, 1)
        ]

    world, source = await _ready(database, listed("Cisco", "Fortinet"))
    assert len(await _now(world, source, *listed("Zoho", "Cisco"))) == 1
    assert len(await _now(world, source, *listed("Xen", "Zoho"))) == 2


async def test_other_words_without_a_date_under_one_address_are_told(database: Database) -> None:
    def one(guid: str, text: str) -> Entry:
        return entry(guid, text, url="https://exemple.test/message-du-jour", published=None)

    world, source = await _ready(database, [one("a", "Messagerie coupée")])
    assert await _now(world, source, one("b", "Imprimantes volées")) == ["Imprimantes volées"]


async def test_what_links_to_the_home_page_is_told_each_time(database: Database) -> None:
    def one(guid: str, text: str, n: int) -> Entry:
        return entry(guid, text, url="https://exemple.test/", published=START + n * DAY)

    world, source = await _ready(database, [one("a", "Incident en cours sur la paie", 0)])
    assert await _now(world, source, one("b", "Incident en cours sur le portail", 1)) == [
        "Incident en cours sur le portail"
    ]


async def test_a_status_feed_without_guids_tells_each_event_once(database: Database) -> None:
    def one(text: str, n: int) -> Entry:
        return entry(canonical(PAGE), text, url=PAGE, published=START + n * DAY)

    world, source = await _ready(database, [one("Messagerie coupée", 0)])
    assert await _now(world, source, one("Imprimantes volées", 1), one("Messagerie coupée", 0)) == [
        "Imprimantes volées"
    ]
    assert await _now(world, source, one("Badge en panne", 2), one("Imprimantes volées", 1)) == [
        "Imprimantes volées",
        "Badge en panne",
    ]


async def test_two_sources_of_one_status_page_swallow_nothing_of_one_another(database: Database) -> None:
    world = World.on(database)
    first, second = await world.source("a"), await world.source("b")
    await _want(world)
    assert len(await _now(world, first, entry("1", "Messagerie coupée", url=PAGE))) == 1
    badge = entry("y", "Badge en panne", url=PAGE, summary="Au pavillon du fond, plus personne ne peut entrer.")
    printers = entry("x", "Imprimantes volées", url=PAGE, summary="Trois appareils neufs ont quitté la réserve.")
    world.site.pages[second.url] = [printers, badge]
    await world.read("b")
    await world.deliver_all()
    assert len(world.platform.titles("g1")) == 3
