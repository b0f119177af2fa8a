"""The schema: each step once, whole or not at all, never under a running bot, and never over what we do not know."""

import asyncio
import re
import sqlite3
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.ports import Database
from storage import migrate
from storage.database import OpenDatabase
from storage.database import database as opened
from storage.dialect import SQLITE
from storage.migrate import Migration, shipped
from tests import postgres

NEXT = shipped("sqlite")[-1].version + 1


def _step(sql: str, number: int = NEXT) -> Migration:
    return Migration(version=number, name=f"{number:04d}_step", sql=sql)


def _with(db: Database, *steps: Migration) -> tuple[Migration, ...]:
    return (*shipped(db.dialect.name), *steps)


COLOUR = _step("ALTER TABLE rules ADD COLUMN colour TEXT NOT NULL DEFAULT 'red';\n")
BROKEN = _step("ALTER TABLE rules ADD COLUMN colour TEXT;\nALTER TABLE no_such_table ADD COLUMN x TEXT;\n")


async def test_a_new_database_has_the_whole_schema_and_says_so(database: OpenDatabase) -> None:
    assert await migrate.version(database) == NEXT - 1
    assert await migrate.pending(database) == []
    assert await migrate.upgrade(database) == []


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_shipped_steps_are_numbered_without_a_gap(dialect: str) -> None:
    assert [step.version for step in shipped(dialect)] == list(range(1, NEXT))


async def test_what_is_missing_is_applied_once(database: OpenDatabase) -> None:
    async with database.tx() as tx:
        await tx.execute("INSERT INTO rules (canonical) VALUES ('kept')")
    assert await migrate.upgrade(database, _with(database, COLOUR)) == [COLOUR.name]
    assert await migrate.upgrade(database, _with(database, COLOUR)) == []
    assert [row["colour"] for row in await database.fetch("SELECT colour FROM rules")] == ["red"]
    assert await migrate.version(database) == NEXT


@pytest.fixture
async def empty_url(server: str, tmp_path: Path) -> AsyncIterator[str]:
    """Without any schema yet, on PostgreSQL too."""
    if not server:
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    name = f"t{uuid.uuid4().hex}"
    yield await postgres.create(server, name, template="template0")
    await postgres.drop(server, name)


async def test_several_that_open_a_new_database_at_once_make_one_schema(empty_url: str) -> None:
    async with asyncio.TaskGroup() as tasks:
        for _ in range(4):
            tasks.create_task(_open(empty_url))
    async with opened(empty_url) as db:
        assert await migrate.version(db) == NEXT - 1
        assert await db.fetch("SELECT * FROM rules") == []


async def test_it_can_be_opened_as_it_is(empty_url: str) -> None:
    async with opened(empty_url, upgrade=False) as db:
        assert len(await migrate.pending(db)) == NEXT - 1


@pytest.mark.parametrize("driver", ["postgresql"])
async def test_a_step_two_processes_apply_at_once_is_applied_once(database: OpenDatabase, store_url: str) -> None:
    async with opened(store_url) as other, asyncio.TaskGroup() as tasks:
        both = [tasks.create_task(migrate.upgrade(db, _with(db, COLOUR))) for db in (database, other)]
    assert sorted(len(task.result()) for task in both) == [0, 1]


async def test_a_step_that_fails_leaves_nothing_of_itself(database: OpenDatabase) -> None:
    with pytest.raises(StoreError, match="no_such_table"):
        await migrate.upgrade(database, _with(database, BROKEN))
    assert await migrate.version(database) == NEXT - 1
    assert await migrate.upgrade(database, _with(database, COLOUR)) == [COLOUR.name]  # its column was not there yet


async def test_the_steps_before_a_failing_one_are_kept(database: OpenDatabase) -> None:
    later = _step("SELECT nonsense;\n", NEXT + 1)
    with pytest.raises(StoreError):
        await migrate.upgrade(database, _with(database, COLOUR, later))
    assert await migrate.version(database) == NEXT


async def test_a_newer_database_is_refused_with_a_sentence(store_url: str) -> None:
    async with opened(store_url) as db:
        await migrate.upgrade(db, _with(db, COLOUR))
    for exclusive in (False, True):
        with pytest.raises(StoreError, match=f"has schema {NEXT}, this tocsin knows {NEXT - 1}: install a newer one"):
            await _open(store_url, exclusive=exclusive)


async def test_an_altered_step_is_refused_with_a_sentence(store_url: str) -> None:
    async with opened(store_url) as db, db.tx() as tx:
        await tx.execute("UPDATE schema_version SET hash = 'another' WHERE version = 1")
    with pytest.raises(StoreError, match=re.escape("migration 0001_start is not the one")):
        await _open(store_url)


async def test_only_the_bot_itself_changes_an_old_schema(database: OpenDatabase) -> None:
    with pytest.raises(StoreError, match="older schema: stop the bot and run `tocsin db upgrade`"):
        await migrate.upgrade(database, _with(database, COLOUR), only_if_new=True)
    assert await migrate.version(database) == NEXT - 1


async def _open(url: str, *, exclusive: bool = False) -> None:
    async with opened(url, exclusive=exclusive):
        pass


# -- the copy that is taken first --------------------------------------------------------------------------------------

only_sqlite = pytest.mark.parametrize("driver", ["sqlite"])


@only_sqlite
async def test_the_file_is_copied_before_it_is_changed(database: OpenDatabase, tmp_path: Path) -> None:
    async with database.tx() as tx:
        await tx.execute("INSERT INTO rules (canonical) VALUES ('kept')")
    with pytest.raises(StoreError):
        await migrate.upgrade(database, _with(database, COLOUR, _step("SELECT nonsense;\n", NEXT + 1)))
    copy = tmp_path / f"tocsin.db.before-{NEXT:04d}"
    assert copy.stat().st_mode & 0o777 == 0o600
    async with opened(f"sqlite:///{copy}") as restored:  # by the tocsin of before, which knows no colour
        assert [*map(dict, await restored.fetch("SELECT * FROM rules"))] == [{"id": 1, "canonical": "kept"}]
        assert await migrate.version(restored) == NEXT - 1


@only_sqlite
async def test_no_copy_is_taken_of_a_new_file_or_when_nothing_changes(store_url: str, tmp_path: Path) -> None:
    await _open(store_url, exclusive=True)
    await _open(store_url, exclusive=True)
    assert [path.name for path in tmp_path.iterdir() if "before" in path.name] == []


@only_sqlite
async def test_a_copy_that_cannot_be_finished_stops_the_upgrade(database: OpenDatabase, tmp_path: Path) -> None:
    (tmp_path / f"tocsin.db.before-{NEXT:04d}.unfinished").mkdir()
    with pytest.raises((StoreError, OSError)):
        await migrate.upgrade(database, _with(database, COLOUR))
    assert await migrate.version(database) == NEXT - 1


# -- the text of a step ------------------------------------------------------------------------------------------------


def test_a_step_is_cut_at_the_ends_of_its_statements() -> None:
    step = _step("-- first; a comment\nCREATE TABLE a (\n  x TEXT DEFAULT ';' -- no; end\n);\nDROP TABLE a;")
    found = step.statements(SQLITE)
    assert [" ".join(part.split()) for part in found] == ["CREATE TABLE a ( x TEXT DEFAULT ';' )", "DROP TABLE a"]


def test_the_shipped_schema_is_plain_sqlite_too() -> None:
    with sqlite3.connect(":memory:") as connection:
        for step in shipped("sqlite"):
            for statement in step.statements(SQLITE):
                connection.execute(statement)
