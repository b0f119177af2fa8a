"""Ten thousand sources in one process: how much memory, how late the loop, how evenly are they read?

    python -m benchmarks.ten_thousand [--sources 10000] [--seconds 60]

The whole flow as `tocsin run` builds it, on a SQLite file. Every source is known already and due once in `--seconds`;
the origin answers 304, one in a hundred has a new item. Goals: under 300 MB at most, the loop late by at most 10 ms at
p99, the readings spread over the time, none bunched.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.feeds import Face, served
from benchmarks.flow import Counter, Flow, children
from benchmarks.reading import lateness
from bot.domain.source import Rhythm
from bot.text.understand import understand_together

ITEMS = 3
NEWS = 100  # one source in so many has a new item
KNOWN = """UPDATE sources SET kind = 'feed', etag = $3, last_success_at = $1, next_fetch_at = $1 + (id * 7919) % $2"""
FIRST_SECONDS = 5  # not counted: what was due while the flow was built


@dataclass
class Ticking(Counter):
    """The true clock, and a meter that notes when a reading was over."""

    over: list[float] = field(default_factory=list)  # seconds of the monotonic clock
    news: int = 0

    def now(self) -> datetime:
        return datetime.now(UTC)

    def count(self, name: str, /, by: float = 1, **labels: str) -> None:
        assert name != "source_failures", labels
        if name == "readings":
            self.over.append(time.monotonic())
            self.news += labels["outcome"] == "news"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    memory: int  # bytes, the most the process itself held
    workers: int  # bytes, what its worker processes hold
    late: list[float]  # seconds
    per_second: list[int]  # readings
    news: int

    @property
    def late_p99(self) -> float:
        """Milliseconds."""
        return 1000 * statistics.quantiles(self.late, n=100)[98]

    @property
    def unevenness(self) -> float:
        """Of the readings a second: deviation over mean."""
        return statistics.pstdev(self.per_second) / statistics.fmean(self.per_second)


async def measure(sources: int, seconds: int) -> Figures:
    meter, late = Ticking(), list[float]()
    rhythm = Rhythm(least=timedelta(seconds=seconds), most=timedelta(days=1))
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-ten-thousand-")))
        site = await stack.enter_async_context(served(sources, ITEMS))
        flow = await stack.enter_async_context(Flow.on(folder / "tocsin.db", understand_together, meter, rhythm))
        await flow.add([site.url(number) for number in range(sources)])
        await site.show(Face.FIRST, newer=range(0, sources, NEWS))
        async with flow.store.db.tx() as tx:
            await tx.execute(KNOWN, int(time.time() * 1000), 1000 * seconds, f'"{Face.FIRST}"')
        end = time.monotonic() + seconds
        async with lateness(late), asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(flow.watch.run())
            await asyncio.sleep(seconds)
            watching.cancel()
        begin = int(meter.over[0]) + FIRST_SECONDS
        counts = [sum(int(at) == second for at in meter.over) for second in range(begin, int(end))]
        workers = sum(_memory(pid, "VmRSS") for pid in children() if pid != site.process.pid)
        return Figures(memory=_memory("self", "VmHWM"), workers=workers, late=late, per_second=counts, news=meter.news)


def _memory(pid: int | str, name: str) -> int:
    """Bytes; 0 of a worker that was killed in the middle of a parse, when the watch ended."""
    _, said, rest = Path(f"/proc/{pid}/status").read_text().partition(f"{name}:")
    return 1024 * int(rest.split()[0]) if said else 0


@pytest.mark.timeout(900)
async def test_ten_thousand_sources_in_one_process() -> None:
    figures = await main(10_000, 60)
    assert figures.memory < 300e6
    assert figures.late_p99 <= 10
    assert figures.unevenness < 0.5


async def main(sources: int, seconds: int) -> Figures:
    figures = await measure(sources, seconds)
    late = [1000 * one for one in figures.late]
    print(
        f"memory: {figures.memory / 1e6:.0f} MB at most, its workers {figures.workers / 1e6:.0f} MB;"
        f" loop late p50 {statistics.median(late):.2f} ms, p99 {figures.late_p99:.2f} ms, most {max(late):.1f} ms;"
        f" {statistics.fmean(figures.per_second):.0f} readings a second, deviation {figures.unevenness:.2f} of that,"
        f" {min(figures.per_second)} to {max(figures.per_second)}; {figures.news} readings had news"
    )
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=60)
    chosen = parser.parse_args()
    asyncio.run(main(chosen.sources, chosen.seconds))
