"""The task tree: who runs, who restarts alone, how it stops."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from bot.errors import BotError, ConfigError, TokenRefused
from bot.ports import Meter

FIRST_DELAY = timedelta(seconds=1)
LONGEST_DELAY = timedelta(minutes=1)
TOKEN_DELAY = timedelta(minutes=5)  # a refused token is tried again slowly: an operator may repair it
WELL_FOR = timedelta(minutes=2)  # a job that ran so long starts again with the first delay
LAST_WORDS = timedelta(seconds=9)  # a stop gives the deliveries so long to be recorded

Job = Callable[[], Awaitable[None]]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """`jobs` run until cancelled and restart alone; `senders` end by themselves once `stopping` is set."""

    jobs: Mapping[str, Job]
    senders: Mapping[str, Job]
    meter: Meter
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Until SIGTERM or SIGINT. Raises ConfigError when only the operator can help."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stopping.set)
        try:
            async with asyncio.TaskGroup() as tasks:
                jobs = [tasks.create_task(self._restart(name, job)) for name, job in self.jobs.items()]
                senders = [tasks.create_task(self._restart(name, job)) for name, job in self.senders.items()]
                await self.stopping.wait()
                if senders:
                    await asyncio.wait(senders, timeout=LAST_WORDS.total_seconds())
                for task in (*jobs, *senders):
                    task.cancel()
        except* ConfigError as group:
            raise _first(group) from None
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

    async def _restart(self, name: str, job: Job) -> None:
        """Telegram being down must not stop Discord: a job that fails restarts alone."""
        delay, told = FIRST_DELAY, False
        loop = asyncio.get_running_loop()
        while not self.stopping.is_set():
            began, refused = loop.time(), False
            try:
                await job()
            except* ConfigError:
                raise
            except* TokenRefused as group:
                if not told:
                    log.error("token refused; everything else goes on", job=name, error=str(_first(group)))
                told, refused = True, True
            except* BotError as group:  # expected to happen: a sentence, no traceback
                self.meter.count("errors", job=name)
                log.warning("job failed, it starts again", job=name, error=str(_first(group)))
            except* Exception:  # the one place anything may arrive; CancelledError passes through
                self.meter.count("errors", job=name)
                log.exception("job failed, it starts again", job=name, after=delay.total_seconds())
            if self.stopping.is_set():
                return
            if loop.time() - began > WELL_FOR.total_seconds():
                delay, told = FIRST_DELAY, False
            wait = TOKEN_DELAY if refused else delay
            with suppress(TimeoutError):  # a stop does not wait for the next life
                async with asyncio.timeout(wait.total_seconds() * random.uniform(0.5, 1.0)):  # noqa: S311  # a spread
                    await self.stopping.wait()
            delay = min(delay * 2, LONGEST_DELAY)


def _first(group: BaseException) -> BaseException:
    while isinstance(group, BaseExceptionGroup):
        group = group.exceptions[0]
    return group
