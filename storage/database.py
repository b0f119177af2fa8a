"""`sqlite:///path`, `sqlite:///:memory:` or `postgresql://…` → an open database with its schema."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from bot.errors import ConfigError
from bot.ports import Database
from storage import migrate
from storage.sqlite import open_sqlite

SQLITE = "sqlite:///"


class OpenDatabase(Database, Protocol):
    async def check(self) -> None:
        """Raises StoreError when something in it is damaged."""
        ...

    async def close(self) -> None: ...


async def open_database(url: str, *, upgrade: bool = True, exclusive: bool = False) -> OpenDatabase:
    """`exclusive`: for the bot, and for whatever changes the schema; a second one is refused.

    Without it a new database gets its schema, and an old one is refused. Raises ConfigError, StoreError.
    """
    database = await _connect(url, exclusive=exclusive)
    try:
        if upgrade:
            await migrate.upgrade(database, only_if_new=not exclusive)
    except BaseException:
        await database.close()
        raise
    return database


@asynccontextmanager
async def database(url: str, *, upgrade: bool = True, exclusive: bool = False) -> AsyncIterator[OpenDatabase]:
    opened = await open_database(url, upgrade=upgrade, exclusive=exclusive)
    try:
        yield opened
    finally:
        await opened.close()


async def _connect(url: str, *, exclusive: bool) -> OpenDatabase:
    if url.startswith(SQLITE) and (path := url.removeprefix(SQLITE)):
        return await open_sqlite(None if path == ":memory:" else Path(path), exclusive=exclusive)
    if url.startswith(("postgresql://", "postgres://")):
        return await _connect_postgres(url, exclusive=exclusive)
    raise ConfigError(  # without the address itself, which may hold a password
        "TOCSIN_DATABASE_URL: give sqlite:///path/to/tocsin.db or postgresql://user:password@host:5432/name"
    )


async def _connect_postgres(url: str, *, exclusive: bool) -> OpenDatabase:
    try:
        from storage.postgres import open_postgres
    except ModuleNotFoundError as error:
        if error.name != "asyncpg":
            raise
        raise ConfigError("TOCSIN_DATABASE_URL: PostgreSQL needs the extra: pip install 'tocsin[postgres]'") from error
    return await open_postgres(url, exclusive=exclusive)
