"""Each suite is run on every platform."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from importlib import import_module

import pytest

from tests.contracts.stand import Stand
from tests.contracts.talking import PLATFORMS


@pytest.fixture(params=PLATFORMS)
async def stand(request: pytest.FixtureRequest) -> AsyncIterator[Stand]:
    module = import_module(f"tests.stands.{request.param}")
    opened: AbstractAsyncContextManager[Stand] = module.stand()
    async with opened as found:
        yield found
