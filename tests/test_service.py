"""The task tree: who restarts alone, what ends it all, how it stops. On a loop whose time jumps instead of passing."""

import asyncio
import os
import selectors
import signal
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from bot.errors import ConfigError, TokenRefused
from bot.service import LAST_WORDS, LONGEST_DELAY, TOKEN_DELAY, WELL_FOR, Job, Service
from tests.fakes import NoMeter

MINUTE = 60.0


class JumpingLoop(asyncio.SelectorEventLoop):
    """When nothing can happen before the next timer, its clock goes there at once. Signals and sockets are real."""

    def __init__(self) -> None:
        self.jumped = 0.0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        return self.jumped


class _Jumping(selectors.DefaultSelector):
    def __init__(self, loop: JumpingLoop) -> None:
        super().__init__()
        self.loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(timeout if timeout is None else 0.0)
        if not ready and timeout is not None:
            self.loop.jumped += max(timeout, 0.0)
        return ready


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(24 * 60 * MINUTE):  # of the loop's time
            await test()

    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        runner.run(bounded())


def now() -> float:
    return asyncio.get_running_loop().time()


@dataclass
class Play:
    """A job that does what it is told, life after life: an error to raise, or None to run until it is cancelled."""

    lives: list[BaseException | None]
    lasts: float = 0.0  # seconds before each error
    begun: list[float] = field(default_factory=list)
    cancelled: int = 0

    async def __call__(self) -> None:
        self.begun.append(now())
        error = self.lives.pop(0) if self.lives else None
        try:
            await asyncio.sleep(self.lasts)
            if error is None:
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if error is not None:
            raise error

    def waits(self) -> list[float]:
        return [later - earlier - self.lasts for earlier, later in pairwise(self.begun)]


@dataclass
class CountingMeter(NoMeter):
    counted: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def count(self, name: str, /, by: float = 1, **labels: str) -> None:
        self.counted.append((name, labels))


def service(jobs: dict[str, Job], senders: dict[str, Job] | None = None) -> Service:
    return Service(jobs=jobs, senders=senders or {}, meter=NoMeter())


async def stop_after(service: Service, seconds: float) -> float:
    """Runs it, stops it then; how many seconds the stop took."""

    async def stop() -> None:
        await asyncio.sleep(seconds)
        service.stopping.set()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(stop())
        await service.run()
    return now() - seconds


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[dict[str, object]]]:
    with capture_logs() as lines:
        yield lines  # type: ignore[misc]  # structlog's mapping is a dict of anything


def test_a_job_that_fails_starts_again_alone_while_the_others_go_on() -> None:
    async def test() -> None:
        failing, steady, sender = Play([OSError("gone"), ValueError("odd")]), Play([]), Play([])
        await stop_after(service({"a": failing, "b": steady}, {"c": sender}), 10.0)
        assert (len(failing.begun), len(steady.begun), len(sender.begun)) == (3, 1, 1)

    run(test)


def test_a_failure_is_counted_and_told_with_the_name_of_its_job(logged: list[dict[str, object]]) -> None:
    async def test() -> None:
        meter = CountingMeter()
        await stop_after(Service(jobs={"watch": Play([OSError("gone")])}, senders={}, meter=meter), 10.0)
        assert meter.counted == [("errors", {"job": "watch"})]

    run(test)
    (line,) = logged
    assert (line["job"], line["exc_info"]) == ("watch", True)


def test_each_failure_in_a_row_makes_the_next_try_later_up_to_a_minute() -> None:
    async def test() -> None:
        failing = Play([OSError("gone") for _ in range(9)])
        await stop_after(service({"a": failing}), 10 * MINUTE)
        waits = failing.waits()
        for wait, whole in zip(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60], strict=True):
            assert whole / 2 <= wait <= whole <= LONGEST_DELAY.total_seconds()

    run(test)


def test_a_job_that_ran_well_starts_again_as_quickly_as_at_first() -> None:
    async def test() -> None:
        failing = Play([OSError("gone") for _ in range(5)], lasts=WELL_FOR.total_seconds() + 1)
        await stop_after(service({"a": failing}), 5 * 2.5 * MINUTE)
        assert len(failing.begun) == 6
        assert all(wait <= 1.0 for wait in failing.waits())

    run(test)


def test_a_job_that_only_returns_is_run_again() -> None:
    async def test() -> None:
        lives = []

        async def brief() -> None:
            lives.append(now())

        await stop_after(service({"a": brief}), 5.0)
        assert len(lives) > 2

    run(test)


def test_a_refused_token_is_told_once_tried_again_slowly_and_stops_nothing_else(
    logged: list[dict[str, object]],
) -> None:
    async def test() -> None:
        refused, steady = Play([TokenRefused("telegram: 401") for _ in range(4)]), Play([])
        await stop_after(service({"talk telegram": refused, "b": steady}), 30 * MINUTE)
        assert len(refused.begun) == 5
        slow = TOKEN_DELAY.total_seconds()
        assert all(slow / 2 <= wait <= slow for wait in refused.waits())
        assert len(steady.begun) == 1

    run(test)
    (line,) = logged
    assert (line["job"], line["error"], line["log_level"]) == ("talk telegram", "telegram: 401", "error")


def test_a_token_refused_inside_a_group_of_tasks_is_a_refused_token_too(logged: list[dict[str, object]]) -> None:
    async def test() -> None:
        group = ExceptionGroup("tasks", [ExceptionGroup("inner", [TokenRefused("discord: 401")])])
        await stop_after(service({"talk discord": Play([group])}), 1 * MINUTE)

    run(test)
    (line,) = logged
    assert line["error"] == "discord: 401"


@pytest.mark.parametrize("grouped", [False, True])
def test_a_setting_that_cannot_work_ends_the_service(grouped: bool) -> None:
    async def test() -> None:
        error: Exception = ConfigError("TOCSIN_SOURCES='x': give a file")
        failing, steady = Play([ExceptionGroup("tasks", [error]) if grouped else error], lasts=1.0), Play([])
        with pytest.raises(ConfigError) as caught:
            await service({"a": failing, "b": steady}).run()
        assert caught.value is error
        assert (steady.cancelled, len(failing.begun)) == (1, 1)

    run(test)


def test_a_stop_cancels_the_jobs_and_ends_at_once_when_nothing_is_being_sent() -> None:
    async def test() -> None:
        one, two = Play([]), Play([])
        assert await stop_after(service({"a": one, "b": two}), 10.0) == 0.0
        assert (one.cancelled, two.cancelled) == (1, 1)

    run(test)


def test_a_stop_waits_for_the_senders_last_words_before_anything_is_cancelled() -> None:
    async def test() -> None:
        stopping, recorded, job = asyncio.Event(), [], Play([])

        async def sender() -> None:
            await stopping.wait()
            await asyncio.sleep(3.0)
            recorded.append(job.cancelled)

        one = Service(jobs={"a": job}, senders={"b": sender}, meter=NoMeter(), stopping=stopping)
        assert await stop_after(one, 10.0) == pytest.approx(3.0)
        assert (recorded, job.cancelled) == ([0], 1)

    run(test)


def test_a_sender_that_does_not_end_is_cancelled_after_the_limit() -> None:
    async def test() -> None:
        stuck = Play([])
        assert await stop_after(service({}, {"b": stuck}), 10.0) == pytest.approx(LAST_WORDS.total_seconds())
        assert stuck.cancelled == 1
        assert LAST_WORDS.total_seconds() < 10  # SIGTERM to the end

    run(test)


def test_a_sender_that_fails_while_stopping_is_not_started_again() -> None:
    async def test() -> None:
        stopping, lives = asyncio.Event(), []

        async def sender() -> None:
            lives.append(now())
            await stopping.wait()
            raise OSError("gone")

        one = Service(jobs={}, senders={"b": sender}, meter=NoMeter(), stopping=stopping)
        assert await stop_after(one, 5.0) == 0.0
        assert len(lives) == 1

    run(test)


def test_a_sender_that_waits_to_start_again_does_not_hold_up_a_stop() -> None:
    async def test() -> None:
        refused = Play([TokenRefused("telegram: 401")])
        assert await stop_after(service({}, {"deliver telegram": refused}), 10.0) < 1.0

    run(test)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_and_the_handlers_are_put_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)

    async def test() -> None:
        job = Play([])
        one = service({"a": job})
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(one.run())
            await asyncio.sleep(1.0)
            os.kill(os.getpid(), number)
            await running
        assert one.stopping.is_set()
        assert job.cancelled == 1

    run(test)
    assert signal.getsignal(number) in (before, signal.SIG_DFL, signal.default_int_handler)


def test_a_service_that_is_cancelled_takes_everything_with_it() -> None:
    async def test() -> None:
        job, sender = Play([]), Play([])
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(service({"a": job}, {"b": sender}).run())
            await asyncio.sleep(1.0)
            running.cancel()
        assert (job.cancelled, sender.cancelled) == (1, 1)

    run(test)
