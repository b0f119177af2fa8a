"""Opening: one bot at a time, and a file that is none of ours stays as it is."""

import asyncio
import os
import signal
import sqlite3
import sys
from pathlib import Path

import pytest

from bot.errors import ConfigError, StoreError
from storage.database import database as opened

only_sqlite = pytest.mark.parametrize("driver", ["sqlite"])
HOLD = """
import asyncio, sys
from storage.database import database

async def main() -> None:
    async with database(sys.argv[1], exclusive=True):
        print("held", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


async def _open(url: str, *, exclusive: bool = False) -> None:
    async with asyncio.timeout(20), opened(url, exclusive=exclusive) as db:
        await db.check()


@pytest.mark.parametrize(
    "url", ["", "tocsin.db", "sqlite:///", "mysql://u:secret@h/n", "postgresql://u:sec@ret@h:port/n"]
)
async def test_an_address_that_cannot_be_read_is_refused_without_quoting_its_password(url: str) -> None:
    with pytest.raises(ConfigError, match="TOCSIN_DATABASE_URL") as caught:
        await _open(url)
    assert "sec" not in str(caught.value).removeprefix("TOCSIN_DATABASE_URL")


async def test_a_second_bot_is_refused_with_a_sentence(store_url: str) -> None:
    async with opened(store_url, exclusive=True):
        with pytest.raises(StoreError, match="already in use by another tocsin: stop that one first"):
            await _open(store_url, exclusive=True)
    await _open(store_url, exclusive=True)


async def test_a_command_line_may_look_beside_the_bot(store_url: str) -> None:
    async with opened(store_url, exclusive=True) as bot:
        async with opened(store_url) as beside, beside.tx() as tx:
            await tx.execute("INSERT INTO rules (canonical) VALUES ('beside')")
        assert len(await bot.fetch("SELECT 1 AS one FROM rules")) == 1


async def test_a_killed_bot_leaves_no_lock(store_url: str) -> None:
    pipe = asyncio.subprocess.PIPE
    holder = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLD, store_url, stdout=pipe)
    assert holder.stdout is not None
    async with asyncio.timeout(20):
        assert await holder.stdout.readline() == b"held\n"
    with pytest.raises(StoreError, match="already in use"):
        await _open(store_url, exclusive=True)
    os.kill(holder.pid, signal.SIGKILL)
    await holder.wait()
    await _open(store_url, exclusive=True)


async def test_a_closed_database_says_so(store_url: str) -> None:
    async with opened(store_url) as db:
        pass
    with pytest.raises(StoreError):
        await db.fetch("SELECT 1 AS one")


@pytest.mark.parametrize("driver", ["postgresql"])
async def test_a_server_nobody_runs_is_told_without_the_password(server: str) -> None:
    with pytest.raises(StoreError) as caught:
        await _open("postgresql://user:secret@127.0.0.1:9/tocsin")
    assert "postgresql://127.0.0.1:9/tocsin" in str(caught.value)
    assert "secret" not in str(caught.value)


# -- a file ------------------------------------------------------------------------------------------------------------


async def test_a_new_file_and_its_directory_are_ours_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "tocsin.db"
    async with opened(f"sqlite:///{path}", exclusive=True):
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
        assert modes == dict.fromkeys(["tocsin.db", "tocsin.db-wal", "tocsin.db-shm", "tocsin.db.lock"], 0o600)
        assert path.parent.stat().st_mode & 0o777 == 0o700


async def test_an_address_of_memory_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    async with opened("sqlite:///:memory:") as db, db.tx() as tx:
        await tx.execute("INSERT INTO rules (canonical) VALUES ('x')")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("exclusive", [False, True], ids=["shared", "exclusive"])
@pytest.mark.parametrize("content", [b"a text, not a database\n" * 400, b"short\n", bytes(8192)])
async def test_a_file_that_is_no_database_is_refused_and_stays_as_it_is(
    tmp_path: Path, content: bytes, exclusive: bool
) -> None:
    path = tmp_path / "tocsin.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="restore it from a backup, or move it away"):
        await _open(f"sqlite:///{path}", exclusive=exclusive)
    assert path.read_bytes() == content


async def _filled(path: Path) -> bytes:
    async with opened(f"sqlite:///{path}", exclusive=True) as db, db.tx() as tx:
        rows = [(f"{number:06d}{'x' * 200}",) for number in range(2_000)]
        await tx.execute_many("INSERT INTO rules (canonical) VALUES ($1)", rows)
    return path.read_bytes()


@pytest.mark.parametrize("damage", ["pages", "cut", "header"])
async def test_a_damaged_file_is_refused_by_the_bot_and_stays_as_it_is(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "tocsin.db"
    whole = await _filled(path)
    middle = len(whole) // 2 // 4096 * 4096
    broken = {
        "pages": whole[:middle] + b"\xa5" * 40960 + whole[middle + 40960 :],
        "cut": whole[:middle],
        "header": b"\0" * 100 + whole[100:],
    }[damage]
    path.write_bytes(broken)
    with pytest.raises(StoreError, match="restore it from a backup, or move it away"):
        await _open(f"sqlite:///{path}", exclusive=True)
    assert path.read_bytes() == broken


async def test_a_journal_without_its_database_is_no_new_database(tmp_path: Path) -> None:
    """What was written last is still in it; a new empty file beside it would destroy it."""
    path = tmp_path / "tocsin.db"
    journal = tmp_path / "tocsin.db-wal"
    async with opened(f"sqlite:///{path}") as db:
        async with db.tx() as tx:
            await tx.execute("INSERT INTO rules (canonical) VALUES ('x')")
        left = journal.read_bytes()
    assert left
    path.unlink()
    journal.write_bytes(left)
    with pytest.raises(StoreError, match=r"only its journal tocsin\.db-wal is left"):
        await _open(f"sqlite:///{path}", exclusive=True)
    assert journal.read_bytes() == left
    assert not path.exists()


async def test_what_a_killed_process_committed_is_read_from_its_journal(tmp_path: Path) -> None:
    path, copy = tmp_path / "tocsin.db", tmp_path / "copy.db"
    async with opened(f"sqlite:///{path}") as db:
        async with db.tx() as tx:
            await tx.execute("INSERT INTO rules (canonical) VALUES ('x')")
        copy.write_bytes(path.read_bytes())  # the two files as a kill at this line leaves them
        copy.with_name("copy.db-wal").write_bytes(path.with_name("tocsin.db-wal").read_bytes())
    async with opened(f"sqlite:///{copy}") as db:
        assert [row["canonical"] for row in await db.fetch("SELECT canonical FROM rules")] == ["x"]


async def test_a_place_that_cannot_be_written_is_told_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match="check the path and its rights"):
        await _open(f"sqlite:///{tmp_path}/file/tocsin.db")


async def test_a_file_another_program_keeps_locked_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.sqlite.BUSY_SECONDS", 0.1)
    path = tmp_path / "tocsin.db"
    await _open(f"sqlite:///{path}")
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another program has been writing"):
            await _open(f"sqlite:///{path}")
    finally:
        other.close()
