"""What a reading need not tell again, and what it must not leave out: `test_identity.py` holds its own to it."""

from dataclasses import replace

from adapters.sources.feed import KIND
from bot.domain.ids import SourceId
from bot.domain.source import Source
from bot.pipeline.fresh import DIGEST, Remembered, fresh_of, read_apart, together
from bot.ports import Database, Page
from tests.fakes import World, entry

SOURCE = Source(id=SourceId(1), slug="a", title="A", url="https://exemple.test/flux", body_hash="une")
FEED = (
    "<rss version='2.0'><channel>"
    "<item><guid isPermaLink='false'>2</guid><link>https://exemple.test/2</link><title>Deux</title></item>"
    "<item><guid isPermaLink='false'>1</guid><link>https://exemple.test/1</link><title>Un</title></item>"
    "</channel></rss>"
)


def test_what_was_said_the_last_time_is_left_out_and_still_counted() -> None:
    before = fresh_of([entry("2"), entry("1")], (), b"").said
    found = fresh_of([entry("3"), entry("2"), entry("1")], (), before)
    assert [one.key for one in found.entries] == ["3"] == list(found.names) == list(found.hashes)
    assert (found.size, len(found.dates), len(found.addresses), len(found.said)) == (3, 3, 3, 3 * DIGEST)


def test_another_word_or_another_name_is_told_and_another_date_is_not() -> None:
    one = entry("1")
    before = fresh_of([one], (), b"").said
    for again in (replace(one, title="Corrigé"), replace(one, url="https://exemple.test/ailleurs")):
        assert list(fresh_of([again], (), before).entries) == [again]
    assert fresh_of([replace(one, published=None)], (), before).entries == []


def test_what_is_taken_apart_for_its_way_is_put_together_again() -> None:
    page = Page(url=SOURCE.url, body=FEED.encode())
    found = together(read_apart(KIND, page, SOURCE, (), b""))
    assert found == fresh_of(KIND.parse(page, SOURCE), (), b"")
    assert [one.title for one in found.entries] == ["Un", "Deux"]


def test_only_what_the_last_reading_said_is_remembered() -> None:
    remembered = Remembered()
    assert remembered.of(SOURCE) == b""
    remembered.keep(SOURCE.id, "une", b"dit")
    assert remembered.of(SOURCE) == b"dit"
    assert remembered.of(replace(SOURCE, body_hash="autre")) == b""  # somebody else read it since


def test_what_is_remembered_has_a_bound_and_the_longest_unread_goes_first() -> None:
    remembered = Remembered(largest=3 * DIGEST)
    sources = [replace(SOURCE, id=SourceId(number)) for number in (1, 2, 3)]
    for one in (*sources, sources[0]):
        remembered.keep(one.id, "une", bytes(DIGEST))
    remembered.keep(SourceId(4), "une", bytes(DIGEST))
    assert [len(remembered.of(one)) for one in sources] == [DIGEST, 0, DIGEST]


async def test_after_a_start_what_is_not_remembered_is_not_told_again(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    world.site.publish(source, entry("1"))
    assert await world.read() == 1
    world.remembered = Remembered()
    world.site.publish(source, entry("2"))
    assert await world.read() == 1


async def test_an_entry_that_was_away_for_a_reading_is_known_again(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    for listed in ([entry("1")], [entry("2")], [entry("2"), entry("1")]):
        world.site.pages[source.url] = listed
        await world.read()
    assert len(await world.store.articles.newest(10)) == 2
