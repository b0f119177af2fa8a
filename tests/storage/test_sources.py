"""The catalogue: who is due and whose it is, and what a sources file may do."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.source import Origin, Source, Trust
from bot.foundation import Store
from bot.wiring import store_on
from storage.database import database as opened
from tests.fakes import START
from tests.storage.rows import MINUTE, a_source, add_source

UNTIL = START + MINUTE


async def _by_slug(store: Store) -> dict[str, Source]:
    return {source.slug: source for source in await store.sources.all()}


async def _follow(store: Store, *sources: Source) -> None:
    async with store.db.tx() as tx:
        await store.sources.follow_file(tx, sources)


async def _read(store: Store, slug: str, **changes: object) -> None:
    """As after a reading that went well."""
    state = {"etag": "e", "last_modified": "m", "body_hash": "h", "last_success": START, **changes}
    source = replace((await _by_slug(store))[slug], **state)  # type: ignore[arg-type]  # the names are those of Source
    async with store.db.tx() as tx:
        await store.sources.save(tx, source)


def _slugs(sources: Sequence[Source]) -> list[str]:
    return sorted(source.slug for source in sources)


async def test_a_source_comes_back_as_it_was_added(store: Store) -> None:
    source = a_source(
        "a",
        language="fr",
        topics=("santé", "dpi"),
        trust=Trust.OFFICIAL,
        every=timedelta(hours=6),
        options={"selector": "li > a", "été": "é"},
        origin=Origin.CHAT,
        community="telegram:g1",
        pending=True,
    )
    number = await add_source(store, **{f: getattr(source, f) for f in Source.__slots__ if f not in ("id", "slug")})
    assert await store.sources.all() == [replace(source, id=number)]


async def test_the_state_of_a_reading_comes_back_as_it_was_saved(store: Store) -> None:
    await add_source(store, kind=None)
    await _read(store, "a", kind="feed", next_fetch_at=UNTIL, fails=3, last_error="dns")
    (found,) = await store.sources.all()
    assert (found.kind, found.etag, found.last_modified, found.body_hash) == ("feed", "e", "m", "h")
    assert (found.next_fetch_at, found.fails, found.last_success, found.last_error) == (UNTIL, 3, START, "dns")


async def test_the_same_slug_or_address_is_not_added_twice(store: Store) -> None:
    await add_source(store, "a")
    async with store.db.tx() as tx:
        assert await store.sources.add(tx, a_source("a", url="https://exemple.test/other")) is None
        assert await store.sources.add(tx, a_source("b", url="https://exemple.test/a", kind=None)) is None
    assert _slugs(await store.sources.all()) == ["a"]


async def test_a_disabled_source_is_no_longer_due_and_keeps_its_number_when_it_comes_back(store: Store) -> None:
    number = await add_source(store, "a")
    async with store.db.tx() as tx:
        assert await store.sources.disable(tx, "a")
        assert not await store.sources.disable(tx, "a")
        assert not await store.sources.disable(tx, "none")
    assert await store.sources.claim(START, 10, UNTIL) == []
    assert not (await _by_slug(store))["a"].enabled
    assert await add_source(store, "a") == number
    assert _slugs(await store.sources.claim(START, 10, UNTIL)) == ["a"]


# -- claims ------------------------------------------------------------------------------------------------------------


async def test_a_claimed_source_is_nobody_elses_until_its_claim_ends(store: Store) -> None:
    await add_source(store)
    assert _slugs(await store.sources.claim(START, 10, UNTIL)) == ["a"]
    assert await store.sources.claim(UNTIL - timedelta(milliseconds=1), 10, UNTIL) == []
    assert _slugs(await store.sources.claim(UNTIL, 10, UNTIL + MINUTE)) == ["a"]


async def test_saving_its_state_ends_the_claim(store: Store) -> None:
    await add_source(store)
    await store.sources.claim(START, 10, UNTIL)
    await _read(store, "a", next_fetch_at=START + timedelta(seconds=5))
    assert await store.sources.claim(START, 10, UNTIL) == []
    assert _slugs(await store.sources.claim(START + timedelta(seconds=5), 10, UNTIL)) == ["a"]


async def test_claims_of_dead_processes_can_be_ended(store: Store) -> None:
    await add_source(store)
    await store.sources.claim(START, 10, UNTIL)
    await store.sources.release_claims()
    assert _slugs(await store.sources.claim(START, 10, UNTIL)) == ["a"]


async def test_those_that_wait_longest_are_claimed_first(store: Store) -> None:
    for number, slug in enumerate("abcd"):
        await add_source(store, slug)
        await _read(store, slug, next_fetch_at=START - number * MINUTE)
    assert _slugs(await store.sources.claim(START, 1, UNTIL)) == ["d"]
    assert _slugs(await store.sources.claim(START, 2, UNTIL)) == ["b", "c"]
    assert _slugs(await store.sources.claim(START, 9, UNTIL)) == ["a"]


async def test_no_source_is_claimed_twice_by_readers_of_two_processes(store: Store, store_url: str) -> None:
    for number in range(20):
        await add_source(store, f"s{number:02d}")
    async with opened(store_url) as db:
        sides = (store, store_on(db))
        async with asyncio.TaskGroup() as tasks:
            asked = [tasks.create_task(sides[n % 2].sources.claim(START, 3, UNTIL)) for n in range(10)]
    assert _slugs([s for task in asked for s in task.result()]) == [f"s{number:02d}" for number in range(20)]


async def test_the_next_hour_to_look_is_the_first_due_or_end_of_a_claim(store: Store) -> None:
    assert await store.sources.next_due() is None
    for slug, due in (("a", START + MINUTE), ("b", START)):
        await add_source(store, slug)
        await _read(store, slug, next_fetch_at=due)
    assert await store.sources.next_due() == START
    await store.sources.claim(START, 1, START + 5 * MINUTE)
    assert await store.sources.next_due() == START + MINUTE
    async with store.db.tx() as tx:
        await store.sources.disable(tx, "a")
    assert await store.sources.next_due() == START + 5 * MINUTE


async def test_a_source_never_read_is_due_at_once(store: Store) -> None:
    await add_source(store)
    due = await store.sources.next_due()
    assert due is not None
    assert due < START


# -- a sources file ----------------------------------------------------------------------------------------------------


async def test_a_file_adds_updates_and_disables_what_it_no_longer_lists(store: Store) -> None:
    await _follow(store, a_source("a"), a_source("b"))
    numbers = {slug: source.id for slug, source in (await _by_slug(store)).items()}
    await _follow(store, a_source("b", title="B bis", topics=("dpi",)), a_source("c"))
    found = await _by_slug(store)
    assert {slug: source.enabled for slug, source in found.items()} == {"a": False, "b": True, "c": True}
    assert (found["b"].id, found["b"].title, found["b"].topics) == (numbers["b"], "B bis", ("dpi",))
    await _follow(store, a_source("a"), a_source("b"), a_source("c"))
    assert (await _by_slug(store))["a"] == replace(a_source("a"), id=numbers["a"])


async def test_a_file_does_not_touch_what_others_added(store: Store) -> None:
    await add_source(store, "chat", origin=Origin.CHAT)
    await add_source(store, "line", origin=Origin.COMMAND_LINE)
    await _follow(store, a_source("a"))
    await _follow(store)
    assert {slug: s.enabled for slug, s in (await _by_slug(store)).items()} == {"a": False, "chat": True, "line": True}


async def test_a_file_read_again_keeps_the_state_of_reading(store: Store) -> None:
    await _follow(store, a_source("a", kind=None))
    await _read(store, "a", kind="feed", next_fetch_at=UNTIL)
    before = await _by_slug(store)
    await _follow(store, a_source("a", kind=None))
    assert await _by_slug(store) == before


async def test_a_new_address_is_read_anew(store: Store) -> None:
    """Its old ETag and its first reading were those of another page."""
    await _follow(store, a_source("a"))
    await _read(store, "a", next_fetch_at=UNTIL)
    await _follow(store, a_source("a", url="https://exemple.test/new"))
    found = (await _by_slug(store))["a"]
    state = (found.etag, found.last_modified, found.body_hash, found.next_fetch_at, found.last_success)
    assert state == (None, None, None, None, None)


async def test_a_source_added_by_hand_is_the_files_once_it_lists_the_address(store: Store) -> None:
    number = await add_source(store, "by-hand", url="https://exemple.test/a", origin=Origin.CHAT)
    await _read(store, "by-hand")
    await _follow(store, a_source("a"))
    (found,) = await store.sources.all()
    assert (found.id, found.slug, found.origin, found.etag) == (number, "a", Origin.FILE, "e")
    await _follow(store)
    assert not (await _by_slug(store))["a"].enabled


async def test_a_slug_renamed_in_the_file_keeps_its_row(store: Store) -> None:
    await _follow(store, a_source("old", url="https://exemple.test/x"))
    (before,) = await store.sources.all()
    await _follow(store, a_source("new", url="https://exemple.test/x"))
    (after,) = await store.sources.all()
    assert (after.id, after.slug, after.enabled) == (before.id, "new", True)


async def test_two_slugs_of_the_file_may_exchange_their_addresses(store: Store) -> None:
    one, two = "https://exemple.test/1", "https://exemple.test/2"
    await _follow(store, a_source("a", url=one), a_source("b", url=two))
    await _read(store, "a")
    await _follow(store, a_source("a", url=two), a_source("b", url=one))
    assert {s.slug: (s.url, s.etag) for s in await store.sources.all()} == {"a": (two, None), "b": (one, None)}


async def test_a_source_the_file_itself_disables_is_not_read(store: Store) -> None:
    await _follow(store, a_source("a", enabled=False), a_source("b"))
    assert _slugs(await store.sources.claim(START, 10, UNTIL)) == ["b"]


async def test_what_the_file_keeps_off_stays_on_for_who_asked_for_it(store: Store) -> None:
    await _follow(store, a_source("a", enabled=False))
    asked = a_source("a", origin=Origin.CHAT, community="telegram:g1")
    await add_source(store, **{f: getattr(asked, f) for f in Source.__slots__ if f not in ("id", "slug")})
    await _follow(store, a_source("a", enabled=False))
    (found,) = await store.sources.all()
    assert (found.enabled, found.origin, found.community) == (True, Origin.CHAT, "telegram:g1")
    await _follow(store)  # the file lists it no more, and it is not the file's
    assert (await _by_slug(store))["a"].enabled


async def test_what_waits_for_an_operator_waits_no_more_once_the_file_lists_it(store: Store) -> None:
    await add_source(store, origin=Origin.CHAT, pending=True)
    assert await store.sources.claim(START, 10, UNTIL) == []
    await _follow(store, a_source("a"))
    assert _slugs(await store.sources.claim(START, 10, UNTIL)) == ["a"]


async def test_a_decision_is_made_once(store: Store) -> None:
    number = await add_source(store, origin=Origin.CHAT, pending=True)
    async with store.db.tx() as tx:
        assert await store.sources.decide(tx, number, admitted=True)
        assert not await store.sources.decide(tx, number, admitted=False)
    (found,) = await store.sources.all()
    assert (found.enabled, found.pending) == (True, False)


async def test_a_place_that_moves_in_the_file_is_of_a_kind_still_to_be_found_out(store: Store) -> None:
    await _follow(store, a_source("a", kind=None))
    await _read(store, "a", kind="feed")
    await _follow(store, a_source("a", kind=None))
    assert (await _by_slug(store))["a"].kind == "feed"
    await _follow(store, a_source("a", kind=None, url="https://exemple.test/plan.xml"))
    assert (await _by_slug(store))["a"].kind is None


@pytest.mark.parametrize("change", [{"options": {"selector": "h2 a"}}, {"kind": "list"}])
async def test_a_body_that_the_file_says_to_read_otherwise_is_read_again(
    store: Store, change: dict[str, object]
) -> None:
    await _follow(store, a_source("a", kind="feed"))
    await _read(store, "a")
    await _follow(store, a_source("a", kind="feed"))
    assert (await _by_slug(store))["a"].body_hash == "h"
    await _follow(store, a_source("a", **{"kind": "feed", **change}))
    found = (await _by_slug(store))["a"]
    assert (found.etag, found.last_modified, found.body_hash, found.last_success) == (None, None, None, START)


@pytest.mark.parametrize(
    ("moved_to", "url", "goes_on"),
    [
        (None, "https://exemple.test/flux", True),
        ("https://ailleurs.test/flux", "https://ailleurs.test/flux", True),
        (None, "https://ailleurs.test/flux", False),
    ],
)
async def test_a_corrected_address_in_the_file_is_no_first_reading(
    store: Store, moved_to: str | None, url: str, goes_on: bool
) -> None:
    """What came out since the last reading would go to the archive, alerts included."""
    listed = Source(slug="a", title="A", url="http://exemple.test/flux")
    async with store.db.tx() as tx:
        await store.sources.follow_file(tx, [listed])
    (kept,) = await store.sources.all()
    async with store.db.tx() as tx:
        await store.sources.save(tx, replace(kept, last_success=START, moved_to=moved_to, moves=3))
        await store.sources.follow_file(tx, [replace(listed, url=url)])
    (after,) = await store.sources.all()
    assert (after.url, after.last_success) == (url, START if goes_on else None)


async def test_what_somebody_changed_between_two_readings_is_read_anew(store: Store) -> None:
    """A claim compares what it finds with what was kept."""
    await add_source(store, "a")
    (claimed,) = await store.sources.claim(START, 10, UNTIL)
    async with store.db.tx() as tx:
        await store.sources.save(tx, replace(claimed, etag="e", next_fetch_at=START))
    (again,) = await store.sources.claim(START, 10, UNTIL)
    assert (again.etag, again.title) == ("e", claimed.title)
    async with store.db.tx() as tx:
        await store.sources.follow_file(tx, [replace(claimed, title="Autre titre")])
    await store.sources.release_claims()
    (other,) = await store.sources.claim(START, 10, UNTIL)
    async with store.db.tx() as tx:
        await store.sources.save(tx, replace(again, etag="f", next_fetch_at=START))  # of a reading begun before
    (last,) = await store.sources.claim(START, 10, UNTIL)
    assert (other.title, last.title, last.etag) == ("Autre titre", "Autre titre", "f")
