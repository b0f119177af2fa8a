"""How much processor does a reading take, beside the same reading by the library `reader` with its defaults?

    python -m benchmarks.reading_cost [--feeds 300] [--items 30]

A reading is what happens from the answer on: parse, compare, store, note where the source stands. The network is not
what a reader of feeds is about and a constant of both, so it is taken out of both in one way: answers come from memory,
304 included, to `reader` through a retriever of ours, which is how it is made to be extended, to ours through the port
`Fetcher`. Beside it the same with HTTP from one origin, which no goal is set for.

Both read the same feeds, of WordPress' shape (`benchmarks/feeds.py`), in turn, into SQLite files of their own. `reader`
is as `make_reader` builds it but for its copy of feedparser (below). Ours is the whole flow, worker processes included.
Counted: user and system time of all but the origin, without imports. What a text means `reader` does not ask, so ours
is measured with that and without. Goals, as times of ours that `reader` needs, without: GOALS.
"""

import argparse
import asyncio
import io
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import reader
import reader._parser
from reader._parser import HTTPInfo, RetrievedFeed

from benchmarks.feeds import MORE, SINCE, Face, Site, feed, served
from benchmarks.flow import Counter, Flow, processor_seconds
from benchmarks.nothing import understand_nothing
from bot.ports import NotModified, Page
from bot.text.understand import understand_together

os.environ.setdefault("READER_NO_VENDORED_FEEDPARSER", "1")  # its own copy wants a module that nothing brings any more

GOALS = {"first reading": 5, "304": 10, "same body": 30, "a date moves": 30, "one new item": 8}
MET = ("same body", "a date moves")  # the others are printed beside their goals, not asserted
STEPS = (
    ("first reading", Face.FIRST),
    ("304", Face.FIRST),
    ("bare", Face.BARE),  # uncounted: both forget their validators
    ("same body", Face.BARE),
    ("a date moves", Face.MOVED),
    # Thrice: at the first, one worker process has still to read the texts that the other one has read before.
    ("one new item", Face.NEWER),
    ("one new item", Face.STILL_NEWER),
    ("one new item", Face.NEWEST),
)
WARMING = 12  # feeds, so that each worker process has read one before anything is counted
TIMES = {"304": 3, "same body": 3}  # a step that can be repeated is: the cheapest counts
OURS, MEANT, THEIRS = "ours", "ours, understanding", "reader"


Answer = tuple[bytes, str | None, str | None]  # body, ETag, Last-Modified
Costs = Mapping[str, Mapping[str, float]]  # step → whose → seconds of processor for one reading


@dataclass(slots=True)
class Memory:
    """Answers without a network: our Fetcher, and a retriever of `reader`; each still remembers its validators."""

    feeds: int
    items: int
    _answers: dict[str, Answer] = field(default_factory=dict)

    def url(self, number: int) -> str:
        return f"http://memory.test/{number}"

    async def show(self, face: Face) -> None:
        etag, modified = (None, None) if face is Face.BARE else (f'"{face}"', SINCE if face is Face.FIRST else None)
        self._answers = {self.url(n): (feed(n, self.items, face), etag, modified) for n in range(self.feeds)}

    async def get(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Page | NotModified:
        body, tag, modified = self._answers[url]
        if tag is not None and tag == etag:
            return NotModified()
        return Page(url=url, body=body, media_type="application/rss+xml", etag=tag, last_modified=modified)

    @contextmanager
    def __call__(self, url: str, caching_info: Any = None, accept: str | None = None) -> Iterator[RetrievedFeed[Any]]:
        body, tag, modified = self._answers[url]
        if tag is not None and caching_info and caching_info.get("etag") == tag:
            raise reader._parser.NotModified(url, http_info=HTTPInfo(304, {}))
        kept: dict[str, Any] = {name: value for name, value in (("etag", tag), ("last-modified", modified)) if value}
        headers = {"content-type": "application/rss+xml", "content-location": url}
        yield RetrievedFeed(io.BytesIO(body), "application/rss+xml", kept or None, HTTPInfo(200, headers))

    def validate_url(self, url: str) -> None: ...


async def measure(place: Memory | Site, feeds: int, items: int) -> Costs:
    found: dict[str, dict[str, float]] = {}
    uncounted = place.process.pid if isinstance(place, Site) else 0
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-reading-cost-")))
        fetcher = place if isinstance(place, Memory) else None
        flows = {
            whose: await stack.enter_async_context(Flow.on(folder / f"{whose}.db", asked, Counter(), fetcher=fetcher))
            for whose, asked in ((OURS, understand_nothing), (MEANT, understand_together))
        }
        theirs = reader.make_reader(str(folder / "theirs.db"))
        stack.callback(theirs.close)
        if isinstance(place, Memory):
            memory = place
            theirs._parser.lazy_init(lambda parser: parser.mount_retriever("http://memory.test/", memory))
        await place.show(Face.FIRST)
        for some in (range(feeds, feeds + WARMING), range(feeds)):
            urls = [place.url(number) for number in some]
            for flow in flows.values():
                await flow.add(urls)
            for url in urls:
                theirs.add_feed(url)
            if some.start:  # what is imported late is imported now, in the worker processes too
                await _one_round(flows, theirs, uncounted)
        for name, face in STEPS:
            await place.show(face)
            for _ in range(TIMES.get(name, 1)):
                spent = await _one_round(flows, theirs, uncounted)
                before = found.get(name, spent)
                found[name] = {whose: min(cost, before[whose]) for whose, cost in spent.items()}
        for flow in flows.values():
            assert (
                await flow.articles()
                == theirs.get_entry_counts().total
                == (feeds + WARMING) * (items + MORE[Face.NEWEST])
            )
    # What was read to warm up is known at the first counted reading, and costs a 304.
    readings = {name: feeds + WARMING * (name != "first reading") for name in found}
    return {name: {w: cost / readings[name] for w, cost in spent.items()} for name, spent in found.items()}


async def _one_round(flows: Mapping[str, Flow], theirs: reader.Reader, uncounted: int) -> dict[str, float]:
    spent = {}
    for whose in (*flows, THEIRS):
        before = processor_seconds(but=uncounted)
        if whose == THEIRS:
            theirs.update_feeds(scheduled=False)  # all, whatever was read a moment ago
        else:
            await flows[whose].read_all()
        spent[whose] = processor_seconds(but=uncounted) - before
    return spent


@pytest.mark.timeout(900)
async def test_a_reading_beside_that_of_the_library_reader() -> None:
    ratios = await main(300, 30)
    assert {name: ratios[name] for name in MET if ratios[name] < GOALS[name]} == {}


async def main(feeds: int, items: int) -> Mapping[str, float]:
    """Prints all, returns how many times ours `reader` needs without a network, step by step."""
    ratios = _told("from memory", await measure(Memory(feeds=feeds + WARMING, items=items), feeds, items))
    async with served(feeds + WARMING, items) as site:
        _told("over HTTP, no goal", await measure(site, feeds, items))
    return ratios


def _told(place: str, found: Costs) -> Mapping[str, float]:
    ratios = {}
    for name, goal in GOALS.items():
        ours, meant, theirs = (1000 * found[name][whose] for whose in (OURS, MEANT, THEIRS))
        ratios[name] = theirs / ours
        print(
            f"{place}: {name}: reader {theirs:.2f} ms, ours {ours:.3f} ms: {theirs / ours:.1f} times (goal {goal});"
            f" with understanding {meant:.3f} ms: {theirs / meant:.1f} times",
            flush=True,
        )
    return ratios


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=300)
    parser.add_argument("--items", type=int, default=30)
    chosen = parser.parse_args()
    asyncio.run(main(chosen.feeds, chosen.items))
