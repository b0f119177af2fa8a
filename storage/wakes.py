"""Whoever waits on a topic, within this process."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from weakref import WeakSet


async def _ready() -> None: ...


class Waiter:
    """`listen` makes sure, before each wait, that calls from elsewhere arrive."""

    def __init__(self, listen: Callable[[], Awaitable[None]] = _ready) -> None:
        self._woken = asyncio.Event()
        self._listen = listen

    def wake(self) -> None:
        self._woken.set()

    async def wait(self, at_most: timedelta) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most.total_seconds()):
                await self._listen()
                await self._woken.wait()
        self._woken.clear()


class Waiters:
    """A waiter nobody holds any more is forgotten by itself."""

    def __init__(self) -> None:
        self._by_topic: defaultdict[str, WeakSet[Waiter]] = defaultdict(WeakSet)

    def add(self, topic: str, waiter: Waiter) -> Waiter:
        self._by_topic[topic].add(waiter)
        return waiter

    def wake(self, topics: Iterable[str]) -> None:
        for topic in topics:
            for waiter in self._by_topic.get(topic, ()):
                waiter.wake()

    def wake_all(self) -> None:
        self.wake(tuple(self._by_topic))
