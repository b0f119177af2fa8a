"""How much processor does a reading take, beside the same reading by the library `reader` with its defaults?

    python -m benchmarks.reading_cost [--feeds 300] [--items 30]

Both read the same feeds of one origin in turn, into SQLite files of their own; ours is the whole flow, worker processes
included. Counted: user and system time of all but the origin, without imports. What a text means `reader` does not ask,
so ours is measured with that and without. Goals, as times of ours that `reader` needs, without understanding: 5 at the
first reading, 10 for a 304, 30 for the same body again, 30 when only a date moves, 8 for one new item.
"""

import argparse
import asyncio
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import reader

from benchmarks.feeds import Face, Site, served
from benchmarks.flow import Counter, Flow, processor_seconds
from benchmarks.nothing import understand_nothing
from bot.text.understand import understand_all

os.environ.setdefault("READER_NO_VENDORED_FEEDPARSER", "1")  # its own copy wants a module that nothing brings any more

FLOORS = {"first reading": 5, "304": 10, "same body": 30, "a date moves": 30, "one new item": 8}
STEPS = (
    ("first reading", Face.FIRST),
    ("304", Face.FIRST),
    ("bare", Face.BARE),  # uncounted: both forget their validators
    ("same body", Face.BARE),
    ("a date moves", Face.MOVED),
    ("one new item", Face.NEWER),
)
WARMING = 12  # feeds, so that each worker process has read one before anything is counted
TIMES = {"304": 2}  # a step that can be repeated is: the cheapest counts


async def measure(feeds: int, items: int) -> Mapping[str, Mapping[str, float]]:
    """Step → whose → seconds of processor for one reading."""
    found: dict[str, dict[str, float]] = {}
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-reading-cost-")))
        site = await stack.enter_async_context(served(feeds + WARMING, items))
        understanding = await stack.enter_async_context(Flow.on(folder / "meant.db", understand_all, Counter()))
        ours = await stack.enter_async_context(Flow.on(folder / "ours.db", understand_nothing, Counter()))
        theirs = reader.make_reader(str(folder / "theirs.db"))
        stack.callback(theirs.close)
        await _warm_up([site.url(feeds + n) for n in range(WARMING)], ours, understanding, theirs)
        urls = [site.url(feed) for feed in range(feeds)]
        await ours.add(urls)
        await understanding.add(urls)
        for url in urls:
            theirs.add_feed(url)
        for name, face in STEPS:
            await site.show(face)
            for _ in range(TIMES.get(name, 1)):
                spent = await _one_round(site, ours, understanding, theirs)
                before = found.get(name, spent)
                found[name] = {whose: min(cost, before[whose]) for whose, cost in spent.items()}
        for flow in (ours, understanding):
            assert (await flow.articles(), theirs.get_entry_counts().total) == 2 * ((feeds + WARMING) * (items + 1),)
    # What was read to warm up is known at the first counted reading, and costs a 304.
    readings = {name: feeds + WARMING * (name != "first reading") for name in found}
    return {name: {w: cost / readings[name] for w, cost in spent.items()} for name, spent in found.items()}


async def _warm_up(urls: Sequence[str], ours: Flow, understanding: Flow, theirs: reader.Reader) -> None:
    """What is imported late is imported now, in the worker processes too."""
    for flow in (ours, understanding):
        await flow.add(urls)
        await flow.read_all()
    for url in urls:
        theirs.add_feed(url)
    theirs.update_feeds()


async def _one_round(site: Site, ours: Flow, understanding: Flow, theirs: reader.Reader) -> Mapping[str, float]:
    spent = {}
    for whose in ("ours", "ours, understanding", "reader"):
        before = processor_seconds(but=site.process.pid)
        if whose == "reader":
            theirs.update_feeds(scheduled=False)  # all, whatever was read a moment ago
        else:
            await (ours if whose == "ours" else understanding).read_all()
        spent[whose] = processor_seconds(but=site.process.pid) - before
    return spent


@pytest.mark.timeout(900)
async def test_a_reading_beside_that_of_the_library_reader() -> None:
    ratios = await main(300, 30)
    assert {name: ratio for name, ratio in ratios.items() if ratio < FLOORS[name]} == {}


async def main(feeds: int, items: int) -> Mapping[str, float]:
    """Prints all, returns how many times ours `reader` needs, step by step."""
    found = await measure(feeds, items)
    ratios = {}
    for name, floor in FLOORS.items():
        ours, understanding, theirs = (1000 * cost for cost in found[name].values())
        ratios[name] = theirs / ours
        print(
            f"{name}: reader {theirs:.2f} ms, ours {ours:.3f} ms: {theirs / ours:.1f} times (goal {floor});"
            f" with understanding {understanding:.3f} ms: {theirs / understanding:.1f} times",
            flush=True,
        )
    return ratios


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=300)
    parser.add_argument("--items", type=int, default=30)
    chosen = parser.parse_args()
    asyncio.run(main(chosen.feeds, chosen.items))
