"""What most of these tests begin with: two sources, four chats on each platform, nobody subscribed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.running import Town, town


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path, "journal", "alertes") as found:
        yield found
