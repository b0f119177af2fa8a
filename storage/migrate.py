"""The numbered SQL files of `storage/migrations`: only forward, each in one transaction.

One text serves both databases; where that cannot be, each has its own (`0002_search.sqlite.sql`). A released file is
never edited: its hash is kept, and another one is refused.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import LiteralString, Protocol, cast, runtime_checkable

from bot.errors import StoreError
from bot.ports import Database, Reader
from storage.columns import ms
from storage.dialect import Sql

_CREATE = """
CREATE TABLE IF NOT EXISTS schema_version (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    applied_at BIGINT NOT NULL
)
"""
_APPLIED = "SELECT version, name, hash FROM schema_version"
_NOTE = "INSERT INTO schema_version (version, name, hash, applied_at) VALUES ($1, $2, $3, $4)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    version: int
    name: str  # "0001_start"
    sql: str

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()

    def statements(self, dialect: Sql) -> Sequence[LiteralString]:
        """A statement ends with `;` at the end of a line; `--` begins a comment wherever it stands."""
        bare = re.sub(r"--[^\n]*", "", self.sql).replace("{identity}", dialect.identity)
        found = (part.strip() for part in re.split(r";[ \t]*(?:\n|\Z)", bare))
        return [cast(LiteralString, statement) for statement in found if statement]  # our own files, not input


@runtime_checkable
class Copies(Protocol):
    """A database that is a file can be copied before it is changed."""

    path: Path

    async def copy_to(self, path: Path) -> None: ...


@cache
def shipped(dialect: str) -> tuple[Migration, ...]:
    """Oldest first."""
    found = []
    for file in (files("storage") / "migrations").iterdir():
        name, *only, ending = file.name.split(".")
        if ending == "sql" and only in ([], [dialect]):
            found.append(Migration(version=int(name[:4]), name=name, sql=file.read_text("utf-8")))
    return tuple(sorted(found, key=lambda migration: migration.version))


async def upgrade(
    db: Database, migrations: Sequence[Migration] | None = None, *, only_if_new: bool = False
) -> list[str]:
    """Applies what is missing; returns its names. Raises StoreError on a newer or an altered schema.

    `only_if_new`: for whoever has not the database alone, since nothing may change under a running bot.
    """
    wanted = shipped(db.dialect.name) if migrations is None else migrations
    missing = await pending(db, wanted)
    if missing and len(missing) < len(wanted):
        if only_if_new:
            raise StoreError("the database has an older schema: stop the bot and run `tocsin db upgrade`")
        if isinstance(db, Copies):
            await db.copy_to(db.path.with_name(f"{db.path.name}.before-{missing[0].version:04d}"))
        return [name for migration in missing for name in await _apply(db, [migration])]
    # A new database is made whole or not at all: whoever opens it meanwhile never sees a part of it.
    return await _apply(db, missing)


async def version(reader: Reader) -> int:
    """0 before the first migration is applied."""
    return max(await _applied(reader), default=0)


async def pending(db: Database, migrations: Sequence[Migration] | None = None) -> Sequence[Migration]:
    """What is still to be applied. Raises StoreError on a newer or an altered schema."""
    wanted = shipped(db.dialect.name) if migrations is None else migrations
    async with db.tx() as tx:
        await tx.execute(_CREATE)
        applied = await _applied(tx)
    if unknown := set(applied) - {migration.version for migration in wanted}:
        newest = wanted[-1].version
        raise StoreError(f"the database has schema {max(unknown)}, this tocsin knows {newest}: install a newer one")
    for migration in wanted:
        if applied.get(migration.version, migration.hash) != migration.hash:
            raise StoreError(f"migration {migration.name} is not the one this database was made with: reinstall tocsin")
    return [migration for migration in wanted if migration.version not in applied]


async def _apply(db: Database, migrations: Sequence[Migration]) -> list[str]:
    """In one transaction; the names of those that no other process applied in the meantime."""
    done = []
    async with db.tx() as tx:
        applied = await _applied(tx)
        for migration in migrations:
            if migration.version in applied:
                continue
            for statement in migration.statements(cast(Sql, db.dialect)):
                await tx.execute(statement)
            await tx.execute(_NOTE, migration.version, migration.name, migration.hash, ms(datetime.now(UTC)))
            done.append(migration.name)
    return done


async def _applied(reader: Reader) -> Mapping[int, str]:
    return {row["version"]: row["hash"] for row in await reader.fetch(_APPLIED)}
