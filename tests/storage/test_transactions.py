"""The contract of `Database`: what is written together stays together, and no value is quietly changed."""

import asyncio
from datetime import timedelta
from enum import IntEnum

import pytest

from bot.errors import StoreError
from bot.ports import Database
from storage.database import OpenDatabase
from storage.database import database as opened

INSERT = "INSERT INTO watchlists (community, vendor, product) VALUES ($1, $2, $3)"
LONG = timedelta(seconds=10).total_seconds()


async def _vendors(db: Database) -> list[str]:
    return [row["vendor"] for row in await db.fetch("SELECT vendor FROM watchlists ORDER BY vendor")]


async def test_what_a_block_wrote_is_there_after_it(database: Database) -> None:
    async with database.tx() as tx:
        assert await tx.execute(INSERT, "c", "a", "") == 1
        await tx.execute_many(INSERT, [("c", "b", ""), ("c", "d", "")])
    assert await _vendors(database) == ["a", "b", "d"]


async def test_the_rows_written_are_counted(database: Database) -> None:
    async with database.tx() as tx:
        await tx.execute_many(INSERT, [("c", "a", ""), ("c", "b", "")])
        assert await tx.execute("UPDATE watchlists SET product = $1", "x") == 2
        assert await tx.execute("DELETE FROM watchlists WHERE vendor = $1", "none") == 0
        assert await tx.execute(INSERT + " ON CONFLICT DO NOTHING", "c", "a", "") == 1
        assert await tx.execute(INSERT + " ON CONFLICT DO NOTHING", "c", "a", "") == 0


async def test_any_exception_takes_it_all_back(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.tx() as tx:
            await tx.execute(INSERT, "c", "a", "")
            raise ZeroDivisionError
    assert await _vendors(database) == []


async def test_a_cancelled_block_is_taken_back_and_the_next_one_works(database: Database) -> None:
    inside = asyncio.Event()

    async def write() -> None:
        async with database.tx() as tx:
            await tx.execute(INSERT, "c", "cancelled", "")
            inside.set()
            await asyncio.sleep(LONG)

    async with asyncio.timeout(LONG), asyncio.TaskGroup() as tasks:
        task = tasks.create_task(write())
        await inside.wait()
        task.cancel()
    async with database.tx() as tx:
        await tx.execute(INSERT, "c", "next", "")
    assert await _vendors(database) == ["next"]


@pytest.mark.parametrize("turns", range(12))
async def test_a_block_cancelled_at_any_of_its_turns_leaves_all_or_nothing(database: Database, turns: int) -> None:
    """The cancellation may come while the driver works on a statement, on the commit, or on giving back."""

    async def write() -> None:
        async with database.tx() as tx:
            await tx.execute(INSERT, "c", "a", "")
            await tx.execute(INSERT, "c", "b", "")

    async with asyncio.timeout(LONG), asyncio.TaskGroup() as tasks:
        task = tasks.create_task(write())
        for _ in range(turns):
            await asyncio.sleep(0.0002)
        task.cancel()
    assert await _vendors(database) in ([], ["a", "b"])
    async with database.tx() as tx:
        await tx.execute("DELETE FROM watchlists")
        await tx.execute(INSERT, "c", "next", "")
    assert await _vendors(database) == ["next"]


async def test_a_failed_statement_dooms_the_whole_even_when_its_error_is_swallowed(database: Database) -> None:
    with pytest.raises(StoreError, match="an earlier statement"):
        async with database.tx() as tx:
            await tx.execute(INSERT, "c", "a", "")
            with pytest.raises(StoreError):
                await tx.execute(INSERT, "c", "a", "")
    assert await _vendors(database) == []


async def test_no_statement_follows_a_failed_one(database: Database) -> None:
    with pytest.raises(StoreError, match="an earlier statement"):
        async with database.tx() as tx:
            with pytest.raises(StoreError):
                await tx.execute("UPDATE no_such_table SET x = 1")
            await tx.fetch("SELECT 1 AS one")


async def test_a_transaction_cannot_be_used_after_its_end(database: Database) -> None:
    async with database.tx() as tx:
        pass
    with pytest.raises(StoreError, match="has ended"):
        await tx.execute(INSERT, "c", "a", "")
    assert await _vendors(database) == []


async def test_a_transaction_inside_another_is_refused_instead_of_waiting_for_itself(database: Database) -> None:
    async with asyncio.timeout(LONG):
        with pytest.raises(RuntimeError, match="inside another"):
            async with database.tx() as tx:
                await tx.execute(INSERT, "c", "a", "")
                async with database.tx():
                    pass
    assert await _vendors(database) == []


async def test_a_reader_sees_what_was_committed_and_not_what_a_writer_is_about_to(database: Database) -> None:
    async with database.tx() as tx:
        await tx.execute(INSERT, "c", "before", "")
    async with asyncio.timeout(LONG), database.tx() as tx:
        await tx.execute(INSERT, "c", "within", "")
        assert await _vendors(database) == ["before"]
        assert len(await tx.fetch("SELECT vendor FROM watchlists")) == 2
    assert await _vendors(database) == ["before", "within"]


async def test_writers_come_one_after_the_other(database: Database) -> None:
    """Each adds to what it read; were two inside at once, an addition would be lost."""

    async def add() -> None:
        async with database.tx() as tx:
            (row,) = await tx.fetch("SELECT COUNT(*) AS n FROM watchlists")
            await asyncio.sleep(0)
            await tx.execute(INSERT, "c", f"{row['n']:02d}", "")

    async with asyncio.timeout(LONG), asyncio.TaskGroup() as tasks:
        for _ in range(20):
            tasks.create_task(add())
    assert await _vendors(database) == [f"{number:02d}" for number in range(20)]


async def test_writers_of_two_processes_come_one_after_the_other(database: OpenDatabase, store_url: str) -> None:
    async def add(db: Database) -> None:
        async with db.tx() as tx:
            (row,) = await tx.fetch("SELECT COUNT(*) AS n FROM watchlists")
            await asyncio.sleep(0.001)
            await tx.execute(INSERT, "c", f"{row['n']:02d}", "")

    async with opened(store_url) as other, asyncio.timeout(LONG), asyncio.TaskGroup() as tasks:
        for db in (database, other) * 5:
            tasks.create_task(add(db))
    assert await _vendors(database) == [f"{number:02d}" for number in range(10)]


async def test_writing_beside_a_transaction_is_refused(database: Database) -> None:
    with pytest.raises(StoreError):
        await database.fetch("INSERT INTO watchlists (community, vendor) VALUES ('c', 'a')")
    assert await _vendors(database) == []


async def test_placeholders_are_numbered_not_counted(database: Database) -> None:
    (row,) = await database.fetch("SELECT CAST($2 AS TEXT) AS second, CAST($1 AS TEXT) AS first", "1", "2")
    assert (row["first"], row["second"]) == ("1", "2")
    async with database.tx() as tx:
        await tx.execute("INSERT INTO watchlists (vendor, product, community) VALUES ($2, $1, $2)", "one", "two")
        await tx.execute_many("UPDATE watchlists SET product = $2 WHERE vendor = $1", [("two", "three")])
    (row,) = await database.fetch("SELECT * FROM watchlists")
    assert (row["community"], row["vendor"], row["product"]) == ("two", "two", "three")


REFUSED = [True, "a\0b", "\ud800", 2**63, float("nan"), timedelta(1), ["a"]]


@pytest.mark.parametrize("value", REFUSED, ids=["bool", "NUL", "surrogate", "too large", "NaN", "timedelta", "list"])
async def test_a_value_one_database_would_refuse_is_refused_by_both(database: Database, value: object) -> None:
    column = "at" if isinstance(value, int) else "verb"
    statement = {
        "at": "INSERT INTO audit (at, person, verb) VALUES ($1, 'p', 'v')",
        "verb": "INSERT INTO audit (verb, person, at) VALUES ($1, 'p', 1)",
    }[column]
    with pytest.raises(StoreError):
        async with database.tx() as tx:
            await tx.execute(statement, value)
    with pytest.raises(StoreError):
        async with database.tx() as tx:
            await tx.execute_many(statement, [(value,)])
    assert await database.fetch("SELECT * FROM audit") == []
    with pytest.raises(StoreError):
        await database.fetch("SELECT 1 AS one FROM audit WHERE verb = $1", value)


async def test_values_come_back_as_they_were_given(database: Database) -> None:
    class Kind(IntEnum):
        LAST = 2**63 - 1

    text = "L’hôpital 🏥 – « é » e\u0301\u00a0; \r\n\t'\"$1 %s {identity}"
    async with database.tx() as tx:
        await tx.execute("INSERT INTO audit (at, person, verb) VALUES ($1, $2, $3)", Kind.LAST, text, "")
    (row,) = await database.fetch("SELECT at, person, verb, channel FROM audit")
    assert dict(row) == {"at": 2**63 - 1, "person": text, "verb": "", "channel": None}


async def test_a_number_is_never_given_twice(database: Database) -> None:
    """People quote #123: after its deletion it must not mean another row."""
    insert = "INSERT INTO rules (canonical) VALUES ($1) RETURNING id"
    async with database.tx() as tx:
        numbers = [(await tx.fetch(insert, str(n)))[0]["id"] for n in range(3)]
        await tx.execute("DELETE FROM rules")
    async with database.tx() as tx:
        (row,) = await tx.fetch(insert, "again")
    assert row["id"] > max(numbers)


async def test_lists_of_values_are_one_parameter(database: Database) -> None:
    async with database.tx() as tx:
        await tx.execute_many(INSERT, [("c", vendor, "") for vendor in ("a", 'b"', "c’")])
    among = "SELECT vendor FROM watchlists WHERE vendor IN " + database.dialect.strings_in("$1") + " ORDER BY vendor"
    assert [row["vendor"] for row in await database.fetch(among, '["a", "c’", "none"]')] == ["a", "c’"]
    assert await database.fetch(among, "[]") == []
    ids = "SELECT 1 AS one FROM watchlists WHERE 7 IN " + database.dialect.ids_in("$1")
    assert len(await database.fetch(ids, "[1, 7]")) == 3
