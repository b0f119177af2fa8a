"""What every test has: no network but this machine, and an open database of its own, on both drivers."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from storage.database import OpenDatabase, open_database
from tests import guard, postgres

guard.install()


@pytest.fixture(autouse=True)
def _stays_on_this_machine() -> Iterator[None]:
    guard.refused.clear()
    yield
    assert not guard.refused, f"the test asked for the outside world: {guard.refused}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """One a worker. When it cannot start the tests fail: half a suite that passes says nothing about the other half."""
    with postgres.server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def driver(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(driver: str, request: pytest.FixtureRequest) -> str:
    """Started outside of any event loop, and only by a test that asks for it; "" for SQLite."""
    return str(request.getfixturevalue("postgres_server")) if driver == "postgresql" else ""


@pytest.fixture
async def store_url(server: str, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a database nobody else uses. On PostgreSQL the schema is there already."""
    if not server:
        yield f"sqlite:///{tmp_path}/tocsin.db"
        return
    name = await postgres.lend(server)
    yield postgres.address(server, name)
    await postgres.give_back(server, name)


@pytest.fixture
async def database(store_url: str) -> AsyncIterator[OpenDatabase]:
    opened = await open_database(store_url)
    yield opened
    await opened.close()
