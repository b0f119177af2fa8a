"""Stand-ins with a door: a message waits before it, and after a kill it is as if it had never come."""

import asyncio
from typing import Any

from aiohttp import web

from tests.stands import discord_faults, telegram_faults
from tests.stands.bot_api import BotApi
from tests.stands.discord_api import DiscordApi
from tests.stands.telegram_world import Json


class Door:
    def __init__(self) -> None:
        self.waiting = 0
        self._opened = asyncio.Event()

    def open(self) -> None:
        """Whoever waits is turned away; whoever comes from now on passes."""
        self._opened.set()

    async def passes(self) -> bool:
        if self._opened.is_set():
            return True
        self.waiting += 1
        await self._opened.wait()
        return False


class TelegramWithDoor(BotApi):
    def __init__(self) -> None:
        super().__init__()
        self.door = Door()

    async def _send(self, asked: Json) -> Json:
        if not await self.door.passes():
            raise telegram_faults.Refused(500, "turned away")
        return await super()._send(asked)


class DiscordWithDoor(DiscordApi):
    def __init__(self) -> None:
        super().__init__()
        self.door = Door()

    async def _post(self, request: web.Request) -> Any:
        if not await self.door.passes():
            raise discord_faults.Refused(500, 0, "turned away")
        return await super()._post(request)
