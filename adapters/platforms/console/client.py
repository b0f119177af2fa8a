"""The console: a platform without a network, whose rooms stand on a page of this machine."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp import web

from adapters.platforms.console.ledger import Ledger
from adapters.platforms.console.page import Page
from adapters.platforms.console.rooms import Renderer, Rooms
from adapters.platforms.console.story import Story
from bot.domain.command import CommandSpec
from bot.errors import ConfigError
from bot.ports import Handle

Listen = tuple[str, int] | socket.socket  # a socket is one that listens already, and is not ours to close

LAST_WORDS = 0.2  # seconds a stop gives to open requests; a page's stream never ends by itself


class Console(Rooms):
    """`routes` are served beside the page, on the same port."""

    def __init__(
        self,
        *,
        renderers: Mapping[str, Renderer],
        ledger: Ledger,
        language: str,
        zone: ZoneInfo,
        listen: Listen,
        routes: Sequence[web.RouteDef] = (),
        hosts: frozenset[str] = frozenset(),
        story: Story | None = None,
    ) -> None:
        super().__init__(renderers=renderers, ledger=ledger, language=language, story=story)
        self.port = 0  # known while it runs
        self._zone = zone
        self._listen = listen
        self._routes = routes
        self._hosts = hosts

    async def run(self, handle: Handle, specs: Sequence[CommandSpec]) -> None:
        page = Page(rooms=self, handle=handle, specs=specs, zone=self._zone, hosts=self._hosts)
        async with _served(page.app(self._routes), self._listen) as self.port:
            try:
                if self.story is not None:
                    await self.story.leash()
                await asyncio.Event().wait()
            finally:
                self.port = 0

    def is_ready(self) -> bool:
        return bool(self.port)


@asynccontextmanager
async def _served(app: web.Application, listen: Listen) -> AsyncIterator[int]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=LAST_WORDS)
    await runner.setup()
    try:
        if isinstance(listen, socket.socket):
            await web.SockSite(runner, listen.dup()).start()
        else:
            await web.TCPSite(runner, *listen).start()
        yield runner.addresses[0][1]
    except OSError as error:
        raise ConfigError(
            f"TOCSIN_WEB_LISTEN: {listen} cannot be used ({error.strerror}); give another HOST:PORT, or nothing"
        ) from None
    finally:
        await runner.cleanup()


def build(
    *,
    renderers: Mapping[str, Renderer],
    listen: Listen,
    ledger: Path | None = None,
    language: str = "fr",
    timezone: str = "Europe/Paris",
    routes: Sequence[web.RouteDef] = (),
    hosts: frozenset[str] = frozenset(),
    story: Story | None = None,
) -> Console:
    """`renderers`: how each room is drawn, by the name of the platform it is like; `hosts`: further names of this page.

    Without a `ledger` the rooms are forgotten with the process.
    """
    return Console(
        renderers=renderers,
        ledger=Ledger(ledger),
        language=language,
        zone=ZoneInfo(timezone),
        listen=listen,
        routes=routes,
        hosts=hosts,
        story=story,
    )
