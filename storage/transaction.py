"""What both drivers' transactions have in common: which statements may still come, and whom to wake afterwards."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from enum import Enum

from bot.errors import StoreError

Translate = Callable[[], AbstractContextManager[None]]  # turns the library's exceptions into StoreError


class _State(Enum):
    OPEN = "open"
    FAILED = "an earlier statement of this transaction failed, so nothing of it is kept"
    OVER = "this transaction has ended"


class Transaction:
    """A failed or cancelled statement dooms the whole: PostgreSQL works so, and SQLite is made to.

    Without it a flow that swallows an error would commit one half on one database and nothing on the other.
    """

    def __init__(self, translate: Translate) -> None:
        self.topics: set[str] = set()
        self._translate = translate
        self._state = _State.OPEN

    def wake(self, topic: str) -> None:
        self.topics.add(topic)

    @contextmanager
    def statement(self, *rows: Sequence[object]) -> Iterator[None]:
        """Around each statement; `rows` are its values."""
        self.assert_whole()
        try:
            for row in rows:
                check_values(row)
            with self._translate():
                yield
        except BaseException:
            self._state = _State.FAILED
            raise

    def assert_whole(self) -> None:
        if self._state is not _State.OPEN:
            raise StoreError(self._state.value)

    def end(self) -> None:
        self._state = _State.OVER


class OneWriter:
    """The lock around every transaction of this process. A task that waits for itself is told so."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._holder: asyncio.Task[object] | None = None

    async def __aenter__(self) -> None:
        if self._holder is asyncio.current_task():
            raise RuntimeError("a transaction was begun inside another of the same task")
        await self._lock.acquire()
        self._holder = asyncio.current_task()

    async def __aexit__(self, *_: object) -> None:
        self._holder = None
        self._lock.release()


def check_values(row: Sequence[object]) -> None:
    """Refuse on both databases what one of them would refuse or quietly change. Raises StoreError."""
    for value in row:
        if value is None or type(value) is int or (type(value) is str and "\0" not in value):
            continue  # nearly all of them, at once
        if isinstance(value, bool) or not isinstance(value, int | str | float | bytes | None):
            raise StoreError(f"a {type(value).__name__} cannot be stored: give an int, a str, a float, bytes or None")
        if isinstance(value, float) and value != value:  # SQLite would store null in its place
            raise StoreError("a number that is none (NaN) cannot be stored")
        if isinstance(value, str) and "\0" in value:
            raise StoreError("a text with a NUL character cannot be stored: clean it first")
