"""PostgreSQL: one connection writes, a few read, two search, one listens.

Transactions are serialised by an advisory lock, across processes too, so that a flow decides on the same rows as on
SQLite: "is there a story for this address?" has one answer. asyncpg is strict: an int for BIGINT, SMALLINT and INTEGER,
a str for TEXT; nothing is converted.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from functools import partial
from typing import Any, LiteralString
from urllib.parse import urlsplit

import asyncpg

from bot.errors import ConfigError, StoreError
from bot.ports import Dialect, Reader, Row, Tx, Wakes
from storage.dialect import POSTGRESQL
from storage.transaction import OneWriter, Transaction, check_values
from storage.wakes import Waiter, Waiters

CONNECT_SECONDS = 10.0
STATEMENT_SECONDS = 60.0
CLOSE_SECONDS = 5.0
READERS = 4
SEARCHERS = 2
CHANNEL = "tocsin"
TOPICS_BYTES = 7_900  # a notification carries at most 8,000
# Any two numbers: advisory locks are counted for each database apart.
WRITING = 7_461_001
RUNNING = 7_461_002
RUNNING_WAIT = "3s"  # the server may need a moment to notice that a killed process is gone

ONE_WRITER = f"SELECT pg_advisory_xact_lock({WRITING})"
LIMIT = "SELECT set_config('statement_timeout', $1, true)"  # milliseconds, for this transaction
NOTIFY = f"SELECT pg_notify('{CHANNEL}', $1)"


class PostgresDatabase:
    dialect: Dialect = POSTGRESQL

    def __init__(self, where: str, *, connect: Callable[[], Any], exclusive: bool) -> None:
        self._where = where
        self._connect = connect  # one more connection, for the listener
        self._exclusive = exclusive
        self._stack = AsyncExitStack()
        self._readers: Any = None  # Any: asyncpg's pools and connections carry no types
        self._searchers: Any = None
        self._writer: Any = None
        self._listener: Any = None
        self._listening = asyncio.Lock()
        self._writing = OneWriter()
        self._waiters = Waiters()

    async def open(self, pool: Callable[..., Any]) -> None:
        """Raises StoreError; what was opened until then is to be closed."""
        with self._translated():
            self._readers = await pool(max_size=READERS, server_settings={"default_transaction_read_only": "on"})
            self._stack.push_async_callback(_close, self._readers)
            self._searchers = await pool(
                min_size=0, max_size=SEARCHERS, server_settings={"default_transaction_read_only": "on"}
            )
            self._stack.push_async_callback(_close, self._searchers)
            self._writer = await pool(max_size=1)
            self._stack.push_async_callback(_close, self._writer)
        await self._listen()

    async def fetch(self, sql: LiteralString, *args: object) -> Sequence[Row]:
        check_values(args)
        with self._translated():
            return [*await self._readers.fetch(sql, *args)]

    @asynccontextmanager
    async def limited(self, at_most: timedelta) -> AsyncIterator[Reader]:
        """On connections of their own. `fetch` raises TimeoutError once `at_most` has passed."""
        with self._translated():
            connection = await self._searchers.acquire(timeout=CONNECT_SECONDS)
        try:
            transaction = connection.transaction()
            with self._translated():
                await transaction.start()
            try:
                yield Limited(connection, self._translated, time.monotonic() + at_most.total_seconds())
            finally:
                with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                    await transaction.rollback()
        finally:
            with self._translated():
                await self._searchers.release(connection, timeout=CLOSE_SECONDS)

    @asynccontextmanager
    async def tx(self) -> AsyncIterator[Tx]:
        async with self._writing:
            with self._translated():
                connection = await self._writer.acquire(timeout=CONNECT_SECONDS)
            try:
                async with self._transaction(connection) as tx:
                    yield tx
            finally:
                with self._translated():
                    await self._writer.release(connection, timeout=CLOSE_SECONDS)

    @asynccontextmanager
    async def _transaction(self, connection: Any) -> AsyncIterator[Tx]:
        tx = PostgresTx(connection, self._translated)
        try:
            await tx.begin()
            yield tx
            await tx.commit()
        except BaseException:
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):  # a dead connection rolls back too
                await tx.roll_back()
            raise
        finally:
            tx.end()

    def wakes(self, topic: str) -> Wakes:
        return self._waiters.add(topic, Waiter(self._listen))

    async def scrub(self) -> None:
        """Old versions of rows stay until they are swept; the server's own journal is its operator's affair."""
        async with self._writing:
            with self._translated():
                await self._writer.execute("VACUUM")

    async def check(self) -> None:
        """The server looks after its pages itself; that it answers is all we ask. Raises StoreError."""
        await self.fetch("SELECT 1 AS one")

    async def close(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            await _close(listener)
        await self._stack.aclose()

    async def _listen(self) -> None:
        """Again, when the connection was lost: whoever waits is woken, since a call may have been missed meanwhile."""
        async with self._listening:
            if self._listener is not None and not self._listener.is_closed():
                return
            with self._translated():
                listener = await self._connect()
                try:
                    if self._exclusive:
                        await self._take_over(listener)
                    await listener.add_listener(CHANNEL, self._notified)
                except BaseException:
                    listener.terminate()
                    raise
            self._listener = listener
            self._waiters.wake_all()

    async def _take_over(self, connection: Any) -> None:
        try:
            await connection.execute(f"SET lock_timeout = '{RUNNING_WAIT}'; SELECT pg_advisory_lock({RUNNING})")
        except asyncpg.LockNotAvailableError as error:
            raise StoreError(f"{self._where}: already in use by another tocsin: stop that one first") from error

    def _notified(self, _connection: Any, _pid: int, _channel: str, payload: str) -> None:
        if payload:
            self._waiters.wake(json.loads(payload))
        else:
            self._waiters.wake_all()

    def _translated(self) -> AbstractContextManager[None]:
        return _translated(self._where)


class PostgresTx(Transaction):
    def __init__(self, connection: Any, translate: Callable[[], AbstractContextManager[None]]) -> None:
        super().__init__(translate)
        self._connection = connection
        self._transaction = connection.transaction()

    async def begin(self) -> None:
        with self.statement():
            await self._transaction.start()
            await self._connection.execute(ONE_WRITER)

    async def commit(self) -> None:
        with self.statement():
            if self.topics:
                await self._connection.fetch(NOTIFY, _payload(self.topics))
            await self._transaction.commit()

    async def roll_back(self) -> None:
        if self._connection.is_in_transaction():
            await self._transaction.rollback()

    async def fetch(self, sql: LiteralString, *args: object) -> Sequence[Row]:
        with self.statement(args):
            return [*await self._connection.fetch(sql, *args)]

    async def execute(self, sql: LiteralString, *args: object) -> int:
        with self.statement(args):
            return _written(await self._connection.execute(sql, *args))

    async def execute_many(self, sql: LiteralString, rows: Sequence[Sequence[object]]) -> None:
        with self.statement(*rows):
            if rows:
                await self._connection.executemany(sql, rows)


class Limited:
    """Statements that the server stops when their time is over."""

    def __init__(self, connection: Any, translate: Callable[[], AbstractContextManager[None]], until: float) -> None:
        self._connection = connection
        self._translate = translate
        self._until = until  # of time.monotonic()

    async def fetch(self, sql: LiteralString, *args: object) -> Sequence[Row]:
        left = int(1000 * (self._until - time.monotonic()))
        if left < 1:
            raise TimeoutError
        check_values(args)
        with self._translate():
            try:
                await self._connection.fetch(LIMIT, str(left))
                return [*await self._connection.fetch(sql, *args)]
            except asyncpg.QueryCanceledError:
                pass
        raise TimeoutError


async def open_postgres(url: str, *, exclusive: bool = False) -> PostgresDatabase:
    """Raises ConfigError when the address cannot be read, StoreError when nobody answers there."""
    limits = {"timeout": CONNECT_SECONDS, "command_timeout": STATEMENT_SECONDS}
    where = _without_secrets(url)
    database = PostgresDatabase(where, connect=partial(asyncpg.connect, url, **limits), exclusive=exclusive)
    try:
        await database.open(partial(asyncpg.create_pool, url, min_size=1, **limits))
    except BaseException:
        await database.close()
        raise
    return database


def _without_secrets(url: str) -> str:
    """`postgresql://host/name`. The parser's own words may quote a piece of the password, so they are not kept."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
        return f"postgresql://{parts.hostname or ''}{port}{parts.path}"
    except ValueError:
        raise ConfigError(
            "TOCSIN_DATABASE_URL: not an address of PostgreSQL: give postgresql://user:password@host:5432/name,"
            " with what is special in the password as %XX"
        ) from None


async def _close(pool_or_connection: Any) -> None:
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await pool_or_connection.close()
    except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        pool_or_connection.terminate()


@contextmanager
def _translated(where: str) -> Iterator[None]:
    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InterfaceError, ValueError, OverflowError) as error:
        raise StoreError(f"{where}: {error}") from error
    except TimeoutError as error:
        raise StoreError(f"{where}: no answer in time: look at the server's load and the network") from error
    except OSError as error:
        raise StoreError(f"{where}: cannot be reached ({error}): is the server running there?") from error


def _written(status: str) -> int:
    """ "INSERT 0 3", "UPDATE 3", "CREATE TABLE"."""
    last = status.rpartition(" ")[2]
    return int(last) if last.isdecimal() else 0


def _payload(topics: set[str]) -> str:
    """One notification a transaction; "" wakes everybody, when the topics are too many for one."""
    payload = json.dumps(sorted(topics))
    return payload if len(payload.encode()) <= TOPICS_BYTES else ""
