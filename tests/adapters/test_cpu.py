"""Worker processes: what comes back, and what happens to those that do not."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.cpu import CpuWorkers
from adapters.sources.feed import KIND
from bot.domain.entry import Entry
from bot.domain.source import Source
from bot.errors import FetchError, ParseError
from bot.ports import Page
from tests.stands import jobs
from tests.stands.origin import hostile, rss

LONG = timedelta(seconds=60)
SHORT = timedelta(seconds=0.5)
SOURCE = Source(slug="essai", title="Essai", url="https://exemple.test/feed")


@pytest.fixture
async def cpu() -> AsyncIterator[CpuWorkers]:
    async with CpuWorkers(1) as workers:
        yield workers


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.01)


def is_running(pid: int) -> bool:
    """A zombie is not: an orphan's end may never be noted by whoever inherits it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def test_a_call_gives_what_the_function_returns(cpu: CpuWorkers) -> None:
    assert await cpu.run(jobs.double, 21, deadline=LONG) == 42
    assert await cpu.run(jobs.whose, deadline=LONG) != os.getpid()


async def test_one_worker_serves_many_calls(cpu: CpuWorkers) -> None:
    assert await cpu.run(jobs.whose, deadline=LONG) == await cpu.run(jobs.whose, deadline=LONG)


async def test_a_long_list_comes_whole_and_in_order(cpu: CpuWorkers) -> None:
    assert await cpu.run(jobs.many, 1_001, deadline=LONG) == jobs.many(1_001)


async def test_what_the_function_raises_is_raised_here(cpu: CpuWorkers) -> None:
    with pytest.raises(ParseError) as refused:
        await cpu.run(KIND.parse, Page(url=SOURCE.url, body=b"{}"), SOURCE, deadline=LONG)
    assert refused.value.code == "not-a-feed"
    with pytest.raises(ValueError, match="invalid literal"):
        await cpu.run(int, "douze", deadline=LONG)


async def test_an_error_keeps_its_code_and_its_delay_across_processes(cpu: CpuWorkers) -> None:
    error = FetchError("rate-limited", "une phrase", after=timedelta(minutes=2))
    back: list[FetchError] = await cpu.run(list, [error], deadline=LONG)
    assert (type(back[0]), back[0].code, str(back[0]), back[0].after) == (
        FetchError,
        "rate-limited",
        "une phrase",
        timedelta(minutes=2),
    )


@pytest.mark.parametrize(
    ("job", "code"),
    [(jobs.die, "too-large"), (jobs.crash, "too-large"), (jobs.eat, "too-large"), (jobs.dive, "too-deep")],
)
async def test_a_job_that_fails_is_one_error_and_the_next_call_works(
    cpu: CpuWorkers, job: Callable[[], object], code: str
) -> None:
    with pytest.raises(ParseError) as refused:
        await cpu.run(job, deadline=LONG)
    assert refused.value.code == code
    assert await cpu.run(jobs.double, 1, deadline=LONG) == 2


async def test_a_job_past_its_deadline_is_killed_and_its_worker_replaced(cpu: CpuWorkers, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    before = await cpu.run(jobs.whose, deadline=LONG)
    with pytest.raises(ParseError) as refused:
        await cpu.run(jobs.stuck, str(mark), deadline=timedelta(seconds=2))
    assert refused.value.code == "timeout"
    await until(lambda: not is_running(before))
    assert await cpu.run(jobs.whose, deadline=LONG) != before


async def test_a_job_that_others_keep_from_the_processor_is_not_late(cpu: CpuWorkers) -> None:
    assert await cpu.run(jobs.wait, 3.05, deadline=timedelta(seconds=3)) == "enfin"


async def test_a_job_that_waits_for_ever_is_ended_too(cpu: CpuWorkers) -> None:
    with pytest.raises(ParseError) as refused:
        await cpu.run(jobs.wait, 3600, deadline=SHORT)
    assert refused.value.code == "timeout"


async def test_a_cancelled_call_frees_its_worker(cpu: CpuWorkers, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    async with asyncio.TaskGroup() as tasks:
        call = tasks.create_task(cpu.run(jobs.stuck, str(mark), deadline=LONG))
        await until(mark.exists)
        call.cancel()
    await until(lambda: not is_running(int(mark.read_text())))
    assert await cpu.run(jobs.double, 1, deadline=LONG) == 2


async def test_a_stuck_job_does_not_keep_others_waiting(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    async with CpuWorkers(2) as cpu, asyncio.TaskGroup() as tasks:
        stuck = tasks.create_task(cpu.run(jobs.stuck, str(mark), deadline=LONG))
        await until(mark.exists)
        for n in range(5):
            assert await cpu.run(jobs.double, n, deadline=LONG) == 2 * n
        assert not stuck.done()
        stuck.cancel()


async def test_what_a_library_prints_is_no_answer(cpu: CpuWorkers) -> None:
    assert await cpu.run(jobs.chatter, deadline=LONG) == "réponse"


async def test_closing_leaves_no_process(tmp_path: Path) -> None:
    async with CpuWorkers(1) as cpu:
        pid = await cpu.run(jobs.whose, deadline=LONG)
    assert not Path(f"/proc/{pid}").exists()


PARENT = """
import asyncio, sys
from datetime import timedelta
from adapters.cpu import CpuWorkers
from tests.stands import jobs
asyncio.run(CpuWorkers(1).run(jobs.stuck, sys.argv[1], deadline=timedelta(hours=1)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a worker ends after its current job")
async def test_a_busy_worker_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    root = Path(__file__).parents[2]
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", PARENT, str(mark), cwd=root)
    await until(mark.exists)
    worker = int(mark.read_text())
    assert is_running(worker)
    parent.send_signal(signal.SIGKILL)
    await parent.wait()
    await until(lambda: not is_running(worker))


async def test_a_feed_made_to_keep_the_parser_busy_is_set_aside_and_the_others_are_read() -> None:
    async with CpuWorkers(2) as cpu, asyncio.TaskGroup() as tasks:
        await cpu.run(KIND.parse, Page(url=SOURCE.url, body=rss(1)), SOURCE, deadline=LONG)  # imports are done
        trap = tasks.create_task(refused(cpu, Page(url=SOURCE.url, body=hostile())))
        for _ in range(20):
            entries = await cpu.run(KIND.parse, Page(url=SOURCE.url, body=rss(30)), SOURCE, deadline=LONG)
            assert len(entries) == 30
            assert isinstance(entries[0], Entry)
    assert trap.result() == "timeout"


async def refused(cpu: CpuWorkers, page: Page) -> str:
    with pytest.raises(ParseError) as error:
        await cpu.run(KIND.parse, page, SOURCE, deadline=timedelta(seconds=2))
    return error.value.code
