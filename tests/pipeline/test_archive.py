"""What is brought in from a file is searched at once, and never told as news."""

import json
from collections.abc import Callable, Sequence

from bot.domain.article import Article, Understanding
from bot.domain.channel import Rhythm
from bot.domain.rule import Rule, What
from bot.errors import ParseError, UserError
from bot.pipeline.archive import Archive
from bot.pipeline.learn import Learn
from bot.text.dates_fr import PARIS
from bot.text.query import read_query
from bot.text.understand import understand
from bot.wiring import imports_on
from storage.database import OpenDatabase
from tests.fakes import START, InlineCpu, World, entry

Understand = Callable[[Sequence[Article]], Sequence[Understanding]]


def archive_of(world: World, understanding: Understand | None = None) -> Archive:
    return Archive(
        db=world.db,
        cpu=InlineCpu(),
        understand=understanding or (lambda articles: [understand(article) for article in articles]),
        sources=world.store.sources,
        articles=world.store.articles,
        boilerplate=world.store.boilerplate,
        imports=imports_on(world.db),
        learn=Learn(terms=world.store.terms),
        clock=world.clock,
        zone=PARIS,
        workers=2,
    )


async def bring_in(archive: Archive, *rows: object) -> tuple[int, list[int]]:
    """How many were new, and the numbers of the lines that were refused."""
    refused: list[int] = []

    def note(number: int, error: UserError) -> None:
        refused.append(number)

    added = await archive.bring_in([json.dumps(row).encode() for row in rows], note, lambda lines, size: None)
    return added, refused


async def subscribed(world: World) -> None:
    channel = await world.channel()
    async with world.db.tx() as tx:
        for rule in (Rule(what=What.EVERYTHING), Rule(what=What.SOURCE, value="a")):
            await world.store.subscriptions.add(tx, channel.id, rule, Rhythm.NOW, silent=False, now=START)


async def test_nothing_is_owed_for_it_now_or_when_its_source_lists_it(database: OpenDatabase) -> None:
    world = World.on(database)
    source = await world.source("a")
    await subscribed(world)
    row = {"id": "x", "url": entry("k").url, "title": "Panne fictive", "source": "a", "published": "2026-03-10"}
    assert await bring_in(archive_of(world), row) == (1, [])
    assert await world.states() == {}
    world.site.publish(source, entry("k"))
    await world.read("a")
    assert await world.states() == {}
    hits = await world.store.search.find(read_query("panne", zone=PARIS, now=START), 5)
    assert len(hits.numbers) == 1


async def test_an_article_that_was_read_takes_the_id_of_the_file(database: OpenDatabase) -> None:
    world = World.on(database)
    source = await world.source("a")
    world.site.publish(source, entry("k", "Panne fictive"))
    await world.read("a")
    archive = archive_of(world)
    (row,) = [row async for row in archive.take_out()]
    assert row["id"] == 1
    assert await bring_in(archive, {**row, "id": "x"}) == (0, [])
    assert [row["id"] async for row in archive.take_out()] == ["x"]


async def test_two_ids_are_two_articles_even_under_one_address(database: OpenDatabase) -> None:
    archive = archive_of(World.on(database))
    rows = [{"id": name, "url": "https://exemple.test/", "title": f"Titre {name}"} for name in "abc"]
    assert await bring_in(archive, *rows, rows[0]) == (3, [])
    assert [row["id"] async for row in archive.take_out()] == ["a", "b", "c"]


async def test_a_text_that_cannot_be_understood_is_refused_alone(database: OpenDatabase) -> None:
    def picky(articles: Sequence[Article]) -> Sequence[Understanding]:
        if any(article.title == "piège" for article in articles):
            raise ParseError("timeout", "not done in time")
        return [understand(article) for article in articles]

    archive = archive_of(World.on(database), picky)
    rows = [{"id": n, "title": "piège" if n == 2 else "Un titre"} for n in range(1, 4)]
    assert await bring_in(archive, *rows) == (2, [2])
