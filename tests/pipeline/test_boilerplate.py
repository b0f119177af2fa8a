"""What a source says on every page is learned with its articles, and stays out of what is made of them."""

import json
from datetime import UTC, datetime

import pytest

from bot.domain.entry import Entry
from bot.pipeline.analyse import Analyse
from bot.ports import Database
from bot.text.dates_fr import PARIS
from bot.text.understand import understand_all
from tests.fakes import InlineCpu, World, entry
from tests.pipeline.test_archive import archive_of, bring_in

CLUB = "Rejoignez le cercle des décideurs numériques de Valombre."


def said(n: int, line: str = CLUB) -> Entry:
    text = f"Le centre fictif change de logiciel et forme ses équipes numéro {n}.\n\n{line}"
    return entry(str(n), f"Un titre fictif, le {n}e", summary="", text=text)


async def bodies(world: World) -> list[str]:
    """Newest first."""
    return [facts.article.body for facts in await world.store.articles.newest(100)]


async def test_a_first_reading_learns_from_itself(database: Database) -> None:
    world = World.on(database)
    source = await world.new_source("a")
    world.site.publish(source, *(said(n) for n in range(30)))
    assert await world.read() == 30
    assert not any(CLUB in body for body in await bodies(world))
    found = await world.store.articles.newest(100)
    assert not any("decideur" in facts.stems for facts in found)


async def test_what_one_reading_taught_the_next_one_knows(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    for n in range(4):
        world.site.publish(source, said(n))
        await world.read()
    assert [CLUB in body for body in await bodies(world)] == [False, False, True, True]


async def test_a_corrected_article_teaches_nothing_and_is_cleaned(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    own = "Une phrase que seul cet article fictif prononce."
    world.site.pages[source.url] = [said(1, own), said(2), said(3), said(4)]
    await world.read()
    for n in range(5):
        changed = said(1, own)
        text = f"{changed.text}\n\n{CLUB}\n\nCorrigé {n} fois."
        world.site.pages[source.url] = [entry("1", changed.title, summary="", text=text), said(2), said(3), said(4)]
        await world.read()
    (body,) = [body for body in await bodies(world) if own in body]
    assert "Corrigé 4 fois." in body and CLUB not in body


@pytest.mark.parametrize("kind", ["certfr", "milestones"])
async def test_documents_that_hold_nothing_else_are_left_alone(database: Database, kind: str) -> None:
    world = World.on(database)
    source = await world.new_source("a", kind=kind)
    world.site.name = kind
    world.site.publish(source, *(said(n, "Exécution de code arbitraire à distance") for n in range(30)))
    await world.read()
    assert len([body for body in await bodies(world) if "Exécution de code" in body]) == 30


async def test_sources_know_nothing_of_each_other(database: Database) -> None:
    world = World.on(database)
    for n, slug in enumerate("abc"):
        source = await world.source(slug)
        world.site.publish(source, said(n))
        await world.read(slug)
    assert all(CLUB in body for body in await bodies(world))


async def test_a_reading_that_brings_nothing_asks_and_writes_nothing(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    world.site.publish(source, said(1))
    await world.read()
    async with database.tx() as tx:
        await tx.execute("UPDATE boilerplate SET lines = 'not to be read'")
    world.site.pages[source.url] = [*world.site.pages[source.url]]
    assert await world.read() == 0
    (row,) = await database.fetch("SELECT lines FROM boilerplate")
    assert row["lines"] == "not to be read"


# -- from files -------------------------------------------------------------------------------------------------------


def line(n: int, source: str = "gazette") -> dict[str, object]:
    one = said(n)
    return {"id": n, "source": source, "title": one.title, "body": one.text, "url": one.url, "published": "2026-03-10"}


async def test_an_import_learns_line_by_line_and_goes_on_from_what_is_known(database: Database) -> None:
    world = World.on(database)
    archive = archive_of(world)
    assert await bring_in(archive, line(0), line(1)) == (2, [])
    assert await bring_in(archive, line(0), line(1)) == (0, [])
    assert await bring_in(archive, line(2), line(3, "revue"), line(4)) == (3, [])
    kept = {row["id"]: CLUB in row["body"] async for row in archive.take_out()}
    assert kept == {0: True, 1: True, 2: False, 3: True, 4: False}


async def test_an_analysis_looks_back_at_the_lines_of_the_same_source() -> None:
    flow = Analyse(
        cpu=InlineCpu(),
        understand=understand_all,
        listed=(),
        zone=PARIS,
        now=datetime(2026, 3, 10, tzinfo=UTC),
        workers=1,
    )
    demand = "Le service fictif est indisponible, nos équipes cherchent la cause."
    rows = [line(n) | {"body": f"{CLUB}\n\n{demand}\n\nNuméro {n}."} for n in range(9)]
    shown = [json.dumps(row).encode() for row in (*rows, line(9, "revue") | {"body": CLUB})]
    answers = [answer async for answer in flow.read(shown, lambda number, error: None, lambda lines, size: None)]
    assert [answer["id"] for answer in answers] == list(range(10))
    assert ["cercle" in answer["summary"] for answer in answers] == [True] * 2 + [False] * 7 + [True]
