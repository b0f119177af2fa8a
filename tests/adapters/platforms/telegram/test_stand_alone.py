"""The stand-in as a process of its own, as the kill harness uses it."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from adapters.platforms.telegram.client import build
from bot.domain.channel import Address, Channel
from bot.errors import Uncertain
from bot.view import Headline, View
from tests.stands import telegram_world as world
from tests.stands.bot_api import TOKEN

ROOT = Path(__file__).parents[4]
GROUP = Channel(
    address=Address(platform="telegram", chat=str(world.chat_id(0))),
    community=f"telegram:{world.chat_id(0)}",
    lane="telegram",
)


@asynccontextmanager
async def server(ledger: Path) -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, ROOT / "tests/stands/bot_api.py", "--port", "0", "--ledger", ledger),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            yield (await process.stdout.readline()).decode().strip()
    finally:
        process.kill()
        await process.wait()


async def control(url: str, call: str, **told: object) -> Any:
    async with aiohttp.ClientSession() as session, session.post(f"{url}/control/{call}", json=told) as answer:
        assert answer.status == 200, call
        return await answer.json()


async def test_it_is_driven_from_outside_and_writes_down_what_it_took(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    async with server(ledger) as url:
        telegram = build(token=TOKEN, api_url=url)
        await control(url, "limits", on=False)
        await control(url, "lose")
        with pytest.raises(Uncertain):
            await telegram.send(GROUP, View(blocks=(Headline(text="Un"),)), nonce="1-1")
        await telegram.send(GROUP, View(blocks=(Headline(text="Deux"),)), nonce="2-1")
        told = await control(url, "say", text="/aide", sender=world.ADMIN)
        assert (told["messages"], told["problems"], told["confirmed"]) == (2, [], 0)
    lines = [json.loads(line) for line in ledger.read_text("utf-8").splitlines()]
    assert [(line["kind"], line["channel"], line["text"]) for line in lines] == [
        ("message", GROUP.address.chat, "Un"),
        ("message", GROUP.address.chat, "Deux"),
    ]
