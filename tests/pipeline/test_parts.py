"""A page that is but a list of further pages: those are read in its place."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from adapters import sources as kinds
from bot.domain.entry import Entry
from bot.domain.source import Source
from bot.errors import FetchError, SourceError
from bot.pipeline.ingest import Ingest
from bot.pipeline.parts import Listed, Lister
from bot.pipeline.preview import Look
from bot.ports import Database, NotModified, Page
from tests.fakes import InlineCpu, World

INDEX = "https://a.test/plan.xml"
SOURCE = Source(slug="a", title="A", url=INDEX, kind="sitemap")
DAY = "2026-03-{:02}"


def urls(*days: int) -> bytes:
    items = (
        f"<url><loc>https://a.test/articles/{day}/x</loc><lastmod>{DAY.format(day)}</lastmod></url>" for day in days
    )
    return f"<urlset>{''.join(items)}</urlset>".encode()


def index(parts: Mapping[str, int | None]) -> bytes:
    """Part → the day it changed."""
    items = (
        f"<sitemap><loc>https://a.test/{part}.xml</loc><lastmod>{DAY.format(day) if day else ''}</lastmod></sitemap>"
        for part, day in parts.items()
    )
    return f"<sitemapindex>{''.join(items)}</sitemapindex>".encode()


@dataclass
class Site:
    """Answers 304 to whoever repeats the etag, which is the body itself."""

    bodies: dict[str, bytes]
    never_answers: set[str] = field(default_factory=set)
    cut: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    etags: bool = True

    async def get(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Page | NotModified:
        self.asked.append(url.rpartition("/")[2])
        if url in self.never_answers:
            await asyncio.Event().wait()
        if url not in self.bodies:
            raise FetchError("http-error", f"{url}: 404")
        if etag == repr(self.bodies[url]):
            return NotModified()
        own = repr(self.bodies[url]) if self.etags else None
        return Page(url=url, body=self.bodies[url], etag=own, truncated=url in self.cut)


def site(parts: Mapping[str, int | None], **bodies: bytes) -> Site:
    return Site({INDEX: index(parts), **{f"https://a.test/{name}.xml": body for name, body in bodies.items()}})


async def listed(at: Site, *, most: int = 10, within: timedelta = timedelta(minutes=1)) -> Listed:
    page = await at.get(INDEX)
    assert isinstance(page, Page)
    at.asked.clear()
    lister = Lister(fetcher=at, cpu=InlineCpu(), most=most, within=within)
    return await lister.entries(kinds.load("sitemap"), page, SOURCE)


def days(entries: Sequence[Entry]) -> list[int]:
    return [entry.published.day for entry in entries if entry.published]


async def test_the_parts_are_listed_as_one_newest_first_and_each_entry_once() -> None:
    at = site({"old": 5, "new": 9}, old=urls(1, 5, 4), new=urls(7, 5, 9))
    found = await listed(at)
    assert (days(found.entries), found.whole) == ([9, 7, 5, 4, 1], True)
    assert at.asked == ["new.xml", "old.xml"]


async def test_a_page_without_parts_lists_its_own() -> None:
    at = Site({INDEX: urls(3, 4)})
    found = await listed(at)
    assert (days(found.entries), found.whole, at.asked) == ([4, 3], True, [])


async def test_only_the_first_parts_are_read() -> None:
    at = site({"a": 1, "b": 2, "c": 3}, a=urls(1), b=urls(2), c=urls(3))
    assert days((await listed(at, most=2)).entries) == [3, 2]


async def test_a_part_that_fails_is_skipped_and_looked_for_again() -> None:
    at = site(
        {"a": 1, "lost": 2, "index": 3, "page": 4}, a=urls(1), index=index({"lost": 1}), page=b"<html><p>x</p></html>"
    )
    found = await listed(at)
    assert (days(found.entries), found.whole) == ([1], False)
    assert at.asked == ["page.xml", "index.xml", "lost.xml", "lost.xml", "a.xml"]


async def test_when_all_parts_fail_the_first_error_is_told() -> None:
    at = site({"lost": 2, "page": 1}, page=b"<html><p>x</p></html>")
    with pytest.raises(SourceError) as refused:
        await listed(at)
    assert refused.value.code == "http-error"


async def test_a_part_may_list_parts_of_its_own() -> None:
    at = site({"years": 9, "new": 8}, years=index({"old": 5}), old=urls(1, 2), new=urls(7))
    found = await listed(at)
    assert (days(found.entries), found.whole) == ([7, 2, 1], True)


@pytest.mark.parametrize(
    ("bodies", "code"),
    [
        ({"a": {"plan": 1}}, "loop"),
        ({"a": {"a": 1}}, "loop"),
        ({"a": {"b": 1}, "b": {"a": 1}}, "loop"),
        ({"a": {"b": 1}, "b": {"c": 1}, "c": {"d": 1}}, "too-deep"),
    ],
)
async def test_lists_of_lists_come_to_an_end(bodies: Mapping[str, Mapping[str, int | None]], code: str) -> None:
    at = site({"a": 1}, **{name: index(parts) for name, parts in bodies.items()})
    with pytest.raises(SourceError) as refused:
        await listed(at)
    assert refused.value.code == code


async def test_a_part_that_does_not_answer_leaves_the_others() -> None:
    at = site({"a": 9, "mute": 1}, a=urls(1))
    at.never_answers.add("https://a.test/mute.xml")
    found = await listed(at, within=timedelta(milliseconds=50))
    assert (days(found.entries), found.whole) == ([1], False)


@pytest.mark.parametrize("cut", [INDEX, "https://a.test/a.xml"])
async def test_what_was_cut_is_not_the_whole(cut: str) -> None:
    at = site({"a": 9}, a=urls(1))
    at.cut.add(cut)
    found = await listed(at)
    assert (days(found.entries), found.whole) == ([1], False)


async def test_a_preview_reads_the_parts_too() -> None:
    at = site({str(n): n for n in range(1, 9)}, **{str(n): urls(n) for n in range(1, 9)})
    preview = await Look(fetcher=at, cpu=InlineCpu(), kinds=kinds).at(INDEX)
    assert (preview.kind, preview.error, days(preview.entries)) == ("sitemap", None, [8, 7, 6, 5, 4])


# -- the short cut of an unchanged page -------------------------------------------------------------------------------


async def _reading(database: Database, at: Site) -> tuple[World, Ingest]:
    world = World.on(database)
    await world.new_source("a", kind="sitemap", url=INDEX)
    return world, replace(world.ingest, fetcher=at, kinds=kinds)


async def _check(world: World, ingest: Ingest) -> int:
    (source,) = await world.store.sources.all()
    return await ingest.check(source)


@pytest.mark.parametrize("etags", [True, False])
async def test_an_unchanged_index_with_dates_needs_no_further_reading(database: Database, etags: bool) -> None:
    at = site({"a": 9}, a=urls(1))
    at.etags = etags
    world, ingest = await _reading(database, at)
    assert await _check(world, ingest) == 1
    at.asked.clear()
    assert await _check(world, ingest) == 0
    assert at.asked == ["plan.xml"]


@pytest.mark.parametrize("etags", [True, False])
async def test_the_parts_of_an_unchanged_index_without_dates_are_read_all_the_same(
    database: Database, etags: bool
) -> None:
    at = site({"a": None, "b": 9}, a=urls(1), b=urls(2))
    at.etags = etags
    world, ingest = await _reading(database, at)
    assert await _check(world, ingest) == 2
    at.bodies["https://a.test/a.xml"] = urls(1, 3)
    assert await _check(world, ingest) == 1
