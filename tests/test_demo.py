"""`tocsin demo`, as a person starts it: one address, two rooms, a kill, and nothing left behind."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from lxml import html

ROOT = Path(__file__).parent.parent
JSON = {"Accept": "application/json"}
STARTS = 60.0  # seconds; 20 are promised, on a machine that does nothing else
ARRIVES = 30.0


@dataclass
class Played:
    process: asyncio.subprocess.Process
    session: aiohttp.ClientSession

    async def do(self, action: str) -> dict[str, Any]:
        async with self.session.post(f"/demo/{action}", headers=JSON) as response:
            assert response.status == 200, await response.text()
            state: dict[str, Any] = await response.json()
            return state

    async def told(self, title: str) -> dict[str, int]:
        """How often each room says it."""
        async with self.session.get("/") as response:
            page = html.document_fromstring(await response.text())
        return {
            room.get("data-room"): sum(
                title in line.text_content() for line in room.xpath(".//li[contains(@class,'bot')]")
            )
            for room in page.xpath("//section[@data-room]")
        }

    async def arrives(self, title: str) -> dict[str, int]:
        """Once both rooms say it; the core may be away meanwhile."""
        async with asyncio.timeout(ARRIVES):
            while True:
                with suppress(aiohttp.ClientError):
                    found = await self.told(title)
                    if all(found.values()):
                        return found
                await asyncio.sleep(0.1)


@asynccontextmanager
async def demo(folder: Path, *options: str) -> AsyncIterator[Played]:
    """`folder` takes the place of /tmp: what is left in it was left behind."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo", "--port", "0", "--seed", "1", "--speed", "0", *options),
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(folder)},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(STARTS):
            url = (await process.stdout.readline()).decode().strip()
        assert url.startswith("http://127.0.0.1:") and url.endswith("/")
        async with aiohttp.ClientSession(url) as session:
            yield Played(process, session)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def until(holds: Callable[[], bool], within: float = 15.0) -> None:
    async with asyncio.timeout(within):
        while not holds():
            await asyncio.sleep(0.05)


def alive_in(session: int) -> list[int]:
    """The processes that descend from the core: it leads a session of its own."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, _, of = stat.read_text().rpartition(")")[2].split()[:4]
            if int(of) == session and state != "Z":
                found.append(int(stat.parent.name))
    return found


async def test_news_arrive_once_in_both_rooms_also_through_a_kill_and_nothing_is_left(tmp_path: Path) -> None:
    async with demo(tmp_path) as played:
        async with played.session.get("/readyz") as response:
            assert response.status == 200
        article = await played.do("article")
        assert await played.arrives(article["last"]) == {"telegram": 1, "discord": 1}

        caught = await played.do("trap")  # killed as it hands the alert over
        assert await played.arrives(caught["last"]) == {"telegram": 1, "discord": 1}
        after = await _state(played)
        assert after["kills"] == 1 and after["pid"] != article["pid"]
        assert await played.told(article["last"]) == {"telegram": 1, "discord": 1}

        session, process = after["pid"], played.process
        process.send_signal(signal.SIGTERM)
        rest = await process.communicate()
    assert process.returncode == 0
    assert rest[0] == b""  # one address, and not another word
    assert list(tmp_path.iterdir()) == []
    assert alive_in(session) == []


async def _state(played: Played) -> dict[str, Any]:
    async with played.session.get("/demo/state") as response:
        state: dict[str, Any] = await response.json()
        return state


async def test_the_core_dies_with_its_supervisor_however_that_ends(tmp_path: Path) -> None:
    async with demo(tmp_path) as played:
        core = (await _state(played))["pid"]
        played.process.kill()
        await played.process.wait()
        await until(lambda: not alive_in(core))
        await until(lambda: not list(tmp_path.glob("tocsin-demo-*")))


async def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "demo", "--port", str(port)),
            cwd=ROOT,
            env=os.environ | {"TMPDIR": str(tmp_path)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, errors = await process.communicate()
    assert process.returncode == 1
    assert out == b"" and len(errors.decode().strip().splitlines()) == 1
    assert f"port {port}" in errors.decode() and "--port" in errors.decode()
