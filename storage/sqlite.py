"""SQLite: one connection writes, behind a lock, another one reads, and a third one searches.

On a shared connection a second task's statement would join the first task's transaction. Each connection works in a
thread of its own, strictly in the order of its queue: a ROLLBACK asked for after a cancelled statement comes after it
and before whatever the next transaction begins with, even when nobody waits for it any more.
"""

import asyncio
import os
import re
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, LiteralString, TypeVar

import aiosqlite
import structlog

from bot.errors import StoreError
from bot.ports import Dialect, Reader, Row, Tx, Wakes
from storage.dialect import SQLITE
from storage.lock import file_lock
from storage.transaction import OneWriter, Transaction, check_values
from storage.wakes import Waiter, Waiters

OLDEST = (3, 35)  # RETURNING
WAL_TRIES, WAL_PAUSE = 20, 0.05  # seconds
BUSY_SECONDS = 10.0  # another process (a command line beside the bot) writes
SCRUBS, BETWEEN_SCRUBS = 40, 0.05  # tries, and seconds between two: no read of ours takes longer together
JOURNAL_BYTES = 64 * 1024 * 1024  # a large transaction's journal is cut back to this
CHECKPOINT_PAGES = 4_000  # of 4 KiB: pages written again meanwhile are copied once
STEPS = 1_000  # of SQLite's machine between two looks at the clock: well under a millisecond
PLACEHOLDER = re.compile(r"\$(\d+)")
T = TypeVar("T")

RESTORE = "restore it from a backup, or move it away to begin anew"


log = structlog.get_logger()


class SqliteDatabase:
    dialect: Dialect = SQLITE

    def __init__(self, path: Path, writer: aiosqlite.Connection, reader: aiosqlite.Connection, stack: AsyncExitStack):
        self.path = path
        self._writer = writer
        self._reader = reader
        self._stack = stack
        self._writing = OneWriter()
        self._waiters = Waiters()
        self._searcher: aiosqlite.Connection | None = None  # opened by the first search
        self._searching = asyncio.Lock()

    async def fetch(self, sql: LiteralString, *args: object) -> Sequence[Row]:
        check_values(args)
        with self._translated():
            return await _rows(self._reader, sql, args)

    @asynccontextmanager
    async def limited(self, at_most: timedelta) -> AsyncIterator[Reader]:
        """One after the other, on a connection of their own. `fetch` raises TimeoutError once `at_most` has passed."""
        async with self._searching:
            if self._searcher is None:
                with self._translated():
                    self._searcher = await self._stack.enter_async_context(_reading_connection(self.path))
            limited = Limited(self._searcher, self._translated, time.monotonic() + at_most.total_seconds())
            # Put into the connection's queue: a statement of a search given up before keeps its own limit.
            await self._searcher.set_progress_handler(limited.is_over, STEPS)
            yield limited

    @asynccontextmanager
    async def tx(self) -> AsyncIterator[Tx]:
        async with self._writing:
            tx = SqliteTx(self._writer, self._translated)
            try:
                yield tx
                await tx.commit()
            except BaseException:
                await self._writer.rollback()  # nothing, when nothing is open
                raise
            finally:
                tx.end()
        self._waiters.wake(tx.topics)

    def wakes(self, topic: str) -> Wakes:
        return self._waiters.add(topic, Waiter())

    async def scrub(self) -> None:
        """Deleted rows are zeros already; the journal still holds the pages as they were."""
        for _ in range(SCRUBS):
            async with self._writing:
                with self._translated():
                    (done,) = await self._writer.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
            if not dict(done)["busy"]:
                return
            await asyncio.sleep(BETWEEN_SCRUBS)  # somebody is reading what stands in the journal
        log.warning("the journal could not be emptied yet: it is at the next checkpoint")

    async def check(self) -> None:
        """Read every page. Raises StoreError when one is damaged; takes about a second a gigabyte."""
        (row,) = await self.fetch("PRAGMA quick_check(1)")
        if (found := row["quick_check"]) != "ok":
            raise StoreError(f"{self.path}: the database is damaged ({' '.join(found.split())}); {RESTORE}")

    async def copy_to(self, path: Path) -> None:
        """A consistent copy, whole or not there at all."""
        unfinished = path.with_name(path.name + ".unfinished")
        unfinished.unlink(missing_ok=True)
        _create(unfinished)
        async with aiosqlite.connect(unfinished) as copy:
            with self._translated():
                await self._reader.backup(copy)
        os.replace(unfinished, path)

    async def close(self) -> None:
        await self._stack.aclose()

    def _translated(self) -> AbstractContextManager[None]:
        return _translated(self.path)


class SqliteTx(Transaction):
    """What says nothing back (BEGIN, `execute_many`) waits for the next statement that does, or for the COMMIT, and
    goes with it: each trip to the connection's thread costs as much as ten small statements."""

    def __init__(self, connection: aiosqlite.Connection, translate: Callable[[], AbstractContextManager[None]]) -> None:
        super().__init__(translate)
        self._connection = connection
        self._waiting: list[tuple[str, Sequence[Sequence[object]]]] = [("BEGIN IMMEDIATE", ((),))]

    async def commit(self) -> None:
        with self.statement():
            await self._run("COMMIT", ())

    async def fetch(self, sql: LiteralString, *args: object) -> Sequence[Row]:
        with self.statement(args):
            return (await self._run(_numbered(sql), args))[0]

    async def execute(self, sql: LiteralString, *args: object) -> int:
        with self.statement(args):
            return (await self._run(_numbered(sql), args))[1]

    async def execute_many(self, sql: LiteralString, rows: Sequence[Sequence[object]]) -> None:
        with self.statement(*rows):
            self._waiting.append((_numbered(sql), rows))

    async def _run(self, sql: str, args: Sequence[object]) -> tuple[list[Any], int]:
        """(rows, how many were written), after what was waiting."""
        waiting, self._waiting = self._waiting, []

        def work(connection: sqlite3.Connection) -> tuple[list[Any], int]:
            for text, rows in waiting:
                connection.execute(text, *rows) if len(rows) == 1 else connection.executemany(text, rows)
            cursor = connection.execute(sql, args)
            return cursor.fetchall(), cursor.rowcount

        return await _in_its_thread(self._connection, work)


class Limited:
    """Statements that are stopped when their time is over."""

    def __init__(
        self, connection: aiosqlite.Connection, translate: Callable[[], AbstractContextManager[None]], until: float
    ) -> None:
        self._connection = connection
        self._translate = translate
        self._until = until  # of time.monotonic()

    def is_over(self) -> bool:
        return time.monotonic() > self._until

    async def fetch(self, sql: LiteralString, *args: object) -> Sequence[Row]:
        if self.is_over():
            raise TimeoutError
        check_values(args)
        with self._translate():
            try:
                return await _rows(self._connection, sql, args)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                    raise
        raise TimeoutError  # out here: it is an OSError, which would be taken for the disk's


async def open_sqlite(path: Path | None, *, exclusive: bool = False) -> SqliteDatabase:
    """`path` None: a file of its own, gone at the end (a database in memory would let no one read while one writes).

    Raises StoreError, and leaves a file it cannot use as it is.
    """
    if sqlite3.sqlite_version_info < OLDEST:
        raise StoreError(f"SQLite {sqlite3.sqlite_version} is too old: Python needs one of {_dotted(OLDEST)} or newer")
    async with AsyncExitStack() as stack:
        lasting = path is not None
        if path is None:
            path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-"))) / "tocsin.db"
        with _translated(path):
            _prepare(path)
            if exclusive:
                stack.enter_context(file_lock(path))
            writer = await stack.enter_async_context(_connection(path))
            await _use_wal(writer)
            await writer.execute_fetchall(f"PRAGMA journal_size_limit = {JOURNAL_BYTES}")
            await writer.execute_fetchall(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
            await writer.execute_fetchall(f"PRAGMA synchronous = {'FULL' if lasting else 'OFF'}")
            await writer.execute_fetchall("PRAGMA foreign_keys = ON")
            await writer.execute_fetchall("PRAGMA secure_delete = ON")  # what was deleted is overwritten with zeros
            reader = await stack.enter_async_context(_reading_connection(path))
        database = SqliteDatabase(path, writer, reader, stack.pop_all())
    if exclusive:
        try:
            await database.check()
        except BaseException:
            await database.close()
            raise
    return database


def _prepare(path: Path) -> None:
    """The directory and an empty file only we may read; SQLite gives its other files the same mode."""
    journal = path.with_name(path.name + "-wal")
    if journal.exists() and journal.stat().st_size and not (path.exists() and path.stat().st_size):
        raise StoreError(f"{path}: the database is gone and only its journal {journal.name} is left; {RESTORE}")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        _create(path)


def _create(path: Path) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


async def _use_wal(connection: aiosqlite.Connection) -> None:
    """Where two open a new file at once SQLite refuses one of them without waiting, lest both wait for each other."""
    for _ in range(WAL_TRIES):
        try:
            await connection.execute_fetchall("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY":
                raise
            await asyncio.sleep(WAL_PAUSE)
    await connection.execute_fetchall("PRAGMA journal_mode = WAL")


@asynccontextmanager
async def _connection(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    async with aiosqlite.connect(path, isolation_level=None, timeout=BUSY_SECONDS, cached_statements=256) as connection:
        await connection.execute_fetchall("PRAGMA schema_version")  # reads the file: says now if it is none of ours
        connection.row_factory = sqlite3.Row
        yield connection


@asynccontextmanager
async def _reading_connection(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    async with _connection(path) as connection:
        await connection.execute_fetchall("PRAGMA query_only = ON")
        yield connection


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise StoreError(_sentence(path, error)) from error
    except OSError as error:
        raise StoreError(f"{path}: cannot be opened ({error.strerror}): check the path and its rights") from error
    except (sqlite3.Error, ValueError, OverflowError) as error:
        raise StoreError(f"{path}: {error}") from error


def _sentence(path: Path, error: sqlite3.DatabaseError) -> str:
    match getattr(error, "sqlite_errorname", ""):
        case "SQLITE_NOTADB" | "SQLITE_CORRUPT" as name if name:
            return f"{path}: not a database, or a damaged one ({error}); {RESTORE}"
        case "SQLITE_CANTOPEN" | "SQLITE_READONLY":
            return f"{path}: {error}: check the path and its rights"
        case "SQLITE_BUSY":
            return f"{path}: another program has been writing for {BUSY_SECONDS:.0f} s: stop it or try again"
        case "SQLITE_FULL":
            return f"{path}: the disk is full: make room"
        case _:
            return f"{path}: {error}"


async def _in_its_thread(connection: aiosqlite.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    """In the order of its queue, as everything: aiosqlite has no public word for more than one statement at a time."""
    found: T = await connection._execute(work, connection._conn)  # type: ignore[no-untyped-call]
    return found


async def _rows(connection: aiosqlite.Connection, sql: str, args: Sequence[object]) -> Sequence[Row]:
    found: Iterable[Any] = await connection.execute_fetchall(_numbered(sql), args)  # Any: sqlite3.Row, read as a `Row`
    return list(found)


@lru_cache(1_024)  # as many statements as there are
def _numbered(sql: str) -> str:
    """`$1` is a name to SQLite, bound by a dictionary; `?1` is the first value, bound in half the time."""
    return PLACEHOLDER.sub(r"?\1", sql)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
