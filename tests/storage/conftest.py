import pytest

from bot.foundation import Store
from bot.ports import Database
from bot.wiring import store_on


@pytest.fixture
def store(database: Database) -> Store:
    return store_on(database)
