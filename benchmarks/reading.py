"""How late is the event loop while 300 feeds are read, one of them made to keep its parser busy?

    python -m benchmarks.reading [--feeds 300] [--items 30]

Goals: p99 of the lateness under 10 ms; the hostile feed fails with "timeout" after its 5 s; the others are not delayed:
each is read in about the time it takes when the hostile one is absent. The origin runs in a process of its own.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from adapters.cpu import CpuWorkers
from adapters.http import HttpFetcher
from adapters.sources import detect, load
from bot.domain.source import Source
from bot.errors import SourceError
from bot.ports import Page
from tests.stands.origin import Reply, hostile, origin, rss

PARSE = timedelta(seconds=5)
AT_ONCE = 20  # sources read at the same time, as the bot does
TICK = 0.005  # seconds


@dataclass(slots=True)
class Figures:
    lateness: list[float] = field(default_factory=list)  # seconds
    read: list[float] = field(default_factory=list)  # seconds a good feed took, from request to entries
    errors: list[str] = field(default_factory=list)
    entries: int = 0
    wall: float = 0.0  # seconds until the last good feed was read


async def measure(urls: list[str]) -> Figures:
    figures = Figures()
    async with HttpFetcher(private_networks=["127.0.0.0/8"]) as fetcher, CpuWorkers(2) as cpu:
        start = time.perf_counter()
        async with lateness(figures.lateness), asyncio.TaskGroup() as tasks:
            waiting = urls[::-1]

            async def work() -> None:
                while waiting:
                    await _read(waiting.pop(), fetcher, cpu, figures)

            for _ in range(AT_ONCE):
                tasks.create_task(work())
        figures.wall = figures.wall - start
    return figures


async def _read(url: str, fetcher: HttpFetcher, cpu: CpuWorkers, figures: Figures) -> None:
    start = time.perf_counter()
    try:
        page = await fetcher.get(url)
        assert isinstance(page, Page)
        kind = load(await cpu.run(detect, page, deadline=PARSE))
        entries = await cpu.run(kind.parse, page, Source(slug="b", title="b", url=url), deadline=PARSE)
    except SourceError as error:
        figures.errors.append(f"{error.code} after {time.perf_counter() - start:.1f} s")
        return
    figures.entries += len(entries)
    figures.wall = time.perf_counter()
    figures.read.append(figures.wall - start)


@asynccontextmanager
async def lateness(found: list[float]) -> AsyncIterator[None]:
    async def tick() -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + TICK
            await asyncio.sleep(TICK)
            found.append(loop.time() - due)

    async with asyncio.TaskGroup() as tasks:
        ticking = tasks.create_task(tick())
        try:
            yield
        finally:
            ticking.cancel()


async def serve(feeds: int, items: int) -> None:
    """In its own process: prints its port, serves until its input ends."""
    replies = {f"/{n}": Reply(body=rss(items, first=n * items)) for n in range(feeds)}
    async with origin({**replies, "/hostile": Reply(body=hostile())}) as site:
        print(site.port, flush=True)
        await asyncio.to_thread(sys.stdin.read)


async def test_the_loop_while_300_feeds_are_read_one_of_them_hostile() -> None:
    """Promised: late by under 10 ms at p99, whatever one of them does to its worker."""
    for figures in await main(300, 30):
        assert 1000 * statistics.quantiles(figures.lateness, n=100)[98] < 10


async def main(feeds: int, items: int) -> Sequence[Figures]:
    command = [sys.executable, "-m", "benchmarks.reading", "--serve", "--feeds", str(feeds), "--items", str(items)]
    pipe = asyncio.subprocess.PIPE
    server = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    assert server.stdin is not None
    assert server.stdout is not None
    port = int(await server.stdout.readline())
    good = [f"http://127.0.0.1:{port}/{n}" for n in range(feeds - 1)]
    bad = f"http://127.0.0.1:{port}/hostile"
    alone, beside = await measure(good), await measure([*good[:5], bad, *good[5:]])
    _print("without the hostile feed", alone)
    _print("with it", beside)
    server.stdin.close()
    await server.wait()
    return alone, beside


def _print(name: str, figures: Figures) -> None:
    late = statistics.quantiles([1000 * one for one in figures.lateness], n=100)
    took = statistics.quantiles([1000 * one for one in figures.read], n=100)
    print(
        f"{name}: {len(figures.read)} feeds, {figures.entries} entries in {figures.wall:.2f} s; "
        f"loop late p50 {late[49]:.2f} ms, p99 {late[98]:.2f} ms, most {1000 * max(figures.lateness):.1f} ms; "
        f"a feed p50 {took[49]:.0f} ms, p99 {took[98]:.0f} ms; failures: {', '.join(figures.errors) or 'none'}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=300)
    parser.add_argument("--items", type=int, default=30)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    asyncio.run((serve if chosen.serve else main)(chosen.feeds, chosen.items))
