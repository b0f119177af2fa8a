"""`tocsin init` as a person meets it: a real terminal, in which a token that is typed is not to be seen."""

import asyncio
import fcntl
import os
import re
import sys
import termios
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dotenv import dotenv_values

from tests.stands import bot_api
from tests.stands.bot_api import BotApi

ROOT = Path(__file__).parents[2]
WRONG = "123456789:AAF0canaryCanaryCanaryCanaryCanary_0"


class Screen:
    """The other end of a terminal. What was waited for is behind us: the same words are waited for anew."""

    def __init__(self, master: int) -> None:
        os.set_blocking(master, False)
        self._master = master
        self._passed = 0
        self.seen = ""

    async def until(self, text: str) -> None:
        async with asyncio.timeout(60):
            while (found := self.seen.find(text, self._passed)) < 0:
                self.seen += await self._more()
        self._passed = found + len(text)

    async def _more(self) -> str:
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._master, ready.set)
        try:
            await ready.wait()
            return os.read(self._master, 65_536).decode("utf-8", "replace")
        except OSError:  # the program has ended
            raise AssertionError(f"ended before it was said:\n{self.seen}") from None
        finally:
            loop.remove_reader(self._master)

    def type(self, text: str) -> None:
        os.write(self._master, f"{text}\n".encode())


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api.running() as running:
        yield running


async def test_a_token_is_typed_unseen_the_arrival_can_be_skipped_and_the_file_is_written(
    api: BotApi, tmp_path: Path
) -> None:
    master, slave = os.openpty()
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "TERM": "xterm",
        "TOCSIN_LANGUAGE": "en",
        "TOCSIN_TELEGRAM_API_URL": api.url,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "init"),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=tmp_path,
        env=env,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(slave)
    screen = Screen(master)
    try:
        await screen.until("Paste the token")
        screen.type(WRONG)
        await screen.until("This token is refused")
        await screen.until("Paste the token")
        screen.type(api.token)
        await screen.until("Waiting for it")
        command = Path(f"/proc/{process.pid}/cmdline").read_text()
        screen.type("")
        await screen.until("Later, then")
        await screen.until("Paste the token")
        screen.type("")
        for question in ("Who answers", "Sources file", "Time zone"):
            await screen.until(question)
            screen.type("")
        await screen.until("[Y/n]")
        screen.type("")
        await screen.until("is written")
        assert await process.wait() == 0
    finally:
        os.close(master)  # whoever still asks is hung up on
    everything = re.sub(r"\s", "", screen.seen + command)
    assert WRONG not in everything and api.token not in everything
    assert dotenv_values(tmp_path / ".env")["TOCSIN_TELEGRAM_TOKEN"] == api.token
