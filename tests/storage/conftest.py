import pytest

from bot.ports import Database
from bot.roles import Store
from bot.wiring import store_on


@pytest.fixture
def store(database: Database) -> Store:
    return store_on(database)
