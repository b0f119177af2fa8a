import pytest

from bot.ports import Database
from bot.store import Store
from bot.wiring import store_on


@pytest.fixture
def store(database: Database) -> Store:
    return store_on(database)
