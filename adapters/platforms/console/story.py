"""The demo's own part of the console: the wire to the process that plays the news and starts us again."""

import asyncio
import json
import os
import shutil
import signal
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp

from bot.domain.alert import Severity
from bot.errors import Unreachable
from bot.view import View

ACTIONS = ("article", "care", "critical", "alert", "flood", "down", "trap", "kill", "play")
ARMED_FOR = 20.0  # seconds; a trap nobody stepped into is taken away
ANSWER = aiohttp.ClientTimeout(total=15.0)  # the first articles wait until the papers were read once


@dataclass(kw_only=True, eq=False)
class Story:
    """`control` is the supervisor's address, its secret in it; `folder` all that a demo leaves on the disk."""

    control: str
    folder: Path
    _armed_until: float = field(default=0.0, repr=False)
    _is_sprung: bool = field(default=False, repr=False)

    async def state(self) -> Mapping[str, Any]:
        return await self._ask("state")

    async def act(self, action: str) -> Mapping[str, Any]:
        """Raises Unreachable when nobody holds the other end."""
        if action == "trap":
            self._armed_until = asyncio.get_running_loop().time() + ARMED_FOR
        return await self._ask(action)

    async def before_a_message(self, view: View) -> None:
        """The worst moment to be killed: the message is handed over, and not yet accepted."""
        is_armed = asyncio.get_running_loop().time() < self._armed_until
        if view.severity is Severity.CRITICAL and (is_armed or self._is_sprung):
            if not self._is_sprung:  # by the other room: a second word of it would reach our next life
                self._is_sprung = True
                await self._ask("sprung")
            await asyncio.sleep(timedelta(minutes=1).total_seconds())

    async def leash(self) -> None:
        """The supervisor holds the other end of our standard input and writes nothing: readable means it is gone."""
        loop, gone = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(sys.stdin.fileno(), gone.set)
        try:
            await gone.wait()
        finally:
            loop.remove_reader(sys.stdin.fileno())
        shutil.rmtree(self.folder, ignore_errors=True)
        os.kill(os.getpid(), signal.SIGKILL)

    async def _ask(self, action: str) -> Mapping[str, Any]:
        try:
            async with aiohttp.ClientSession(timeout=ANSWER) as session, session.post(f"{self.control}/{action}") as to:
                to.raise_for_status()
                state: Mapping[str, Any] = await to.json()
                return state
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unreachable(f"console: the demo's supervisor does not answer ({type(error).__name__})") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """What a supervisor hands down: the port's socket, the file of the rooms, the story."""

    listen: socket.socket
    ledger: Path
    story: Story


def staged(told: str | None) -> Staged | None:
    """`told` is the supervisor's JSON: `{fd, control, folder}`. None: nobody plays."""
    if told is None:
        return None
    words = json.loads(told)
    folder = Path(words["folder"])
    return Staged(
        listen=socket.socket(fileno=words["fd"]),
        ledger=folder / "rooms.jsonl",
        story=Story(control=words["control"], folder=folder),
    )
