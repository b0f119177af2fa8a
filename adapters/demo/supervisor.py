"""`tocsin demo`: holds the port and the invented papers, starts the real core, starts it again when it dies.

The listening socket is this process's own and is handed down, so that the address answers through every kill: whoever
comes meanwhile waits in the socket's queue. The core dies with us, because it watches its end of a pipe we hold.
"""

import asyncio
import json
import os
import secrets
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from aiohttp import web

from adapters.demo.newsroom import Newsroom
from adapters.demo.origin import Origin
from bot.errors import BotError

VARIABLE = "_TOCSIN_DEMO"  # what the core is told of us; not a setting, hence the underscore
ROOT = Path(__file__).parents[2]

ANSWERS_WITHIN = 60.0  # seconds for the first page; more is no demo
STOPS_WITHIN = 6.0  # seconds given to the core before it is killed
QUICK_DEATH = 3.0  # seconds; a core that dies so young, so often, will not get better
QUICK_DEATHS = 3
PACE = 40.0  # seconds between two articles of the story
OPENING = 1.5  # seconds between its first two, so that a visitor need not wait
HEARD = 0.2  # seconds between an answer and the kill it announces
PUBLISHES = {"article", "care", "alert", "critical", "trap", "flood"}
FAILING = "gazette"  # the paper that "source down" takes down


@dataclass(kw_only=True, eq=False)
class Demo:
    """`speed` 0: nothing is published but by the buttons."""

    newsroom: Newsroom
    speed: float
    origin: Origin = field(init=False)
    playing: asyncio.Event = field(default_factory=asyncio.Event)
    kills: int = 0
    last: str = ""  # title of what was published last
    child: asyncio.subprocess.Process | None = None
    _doom: asyncio.Event = field(default_factory=asyncio.Event)
    _doom_after: float = 0.0

    def __post_init__(self) -> None:
        self.origin = Origin(self.newsroom)
        if self.speed > 0:
            self.playing.set()

    # -- what the panel of the page asks for --------------------------------------------------------------------------

    def routes(self, secret: str) -> list[web.RouteDef]:
        async def act(request: web.Request) -> web.Response:
            if (action := request.match_info["action"]) in PUBLISHES:
                await self.origin.watched.wait()  # what a first reading finds goes to the archive without a word
            if action != "state" and not self.act(action):
                raise web.HTTPNotFound
            return web.json_response(self.state())

        return [web.post(f"/{secret}/{{action}}", act)]

    def state(self) -> Mapping[str, object]:
        return {
            "playing": self.playing.is_set(),
            "down": bool(self.origin.down),
            "kills": self.kills,
            "last": self.last,
            "pid": self.child.pid if self.child else 0,
        }

    def act(self, action: str) -> bool:
        """False for an action nobody has. A kill comes after the answer to it, or at once when the core asks."""
        match action:
            case "article" | "care" | "alert":
                self.publish(action)
            case "critical" | "trap":
                self.publish("critical")
            case "flood":
                self.newsroom.flood(datetime.now(UTC))
            case "down":
                self.origin.down ^= {FAILING}
            case "play":
                (self.playing.clear if self.playing.is_set() else self.playing.set)()
            case "kill" | "sprung":
                self._doom_after = HEARD if action == "kill" else 0.0
                self._doom.set()
            case _:
                return False
        return True

    def publish(self, kind: str) -> None:
        self.last = self.newsroom.publish(kind, datetime.now(UTC)).sample.title

    # -- what goes on by itself ---------------------------------------------------------------------------------------

    async def tell(self) -> None:
        """The story, from the moment every paper is being watched."""
        await self.origin.watched.wait()
        for place, kind in enumerate(self.newsroom.story()):
            await self.playing.wait()
            self.publish(kind)
            await asyncio.sleep((OPENING if place == 0 else PACE) / (self.speed or 1.0))

    async def execute(self) -> None:
        while True:
            await self._doom.wait()
            await asyncio.sleep(self._doom_after)
            self._doom.clear()
            if self.child is not None and self.child.returncode is None:
                self.kills += 1
                self.child.kill()

    async def keep_alive(self, start: Callable[[], Awaitable[asyncio.subprocess.Process]]) -> None:
        """Raises BotError when the core cannot stay up."""
        loop, young = asyncio.get_running_loop(), 0
        while True:
            born, kills = loop.time(), self.kills
            self.child = await start()
            code = await self.child.wait()
            young = young + 1 if self.kills == kills and loop.time() - born < QUICK_DEATH else 0
            if young >= QUICK_DEATHS:
                raise BotError(f"the bot stops at once (exit code {code}); what it said stands above")
            await asyncio.sleep(0.3 * young)


async def demo(*, port: int, seed: int, speed: float, announce: Callable[[str], object]) -> None:
    """Until SIGTERM or SIGINT; `announce` is given the page's address once it answers. Raises BotError."""
    story = Demo(newsroom=Newsroom(seed=seed, now=datetime.now(UTC)), speed=speed)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    with _listening(port) as listener, tempfile.TemporaryDirectory(prefix="tocsin-demo-") as name:
        folder, secret = Path(name), secrets.token_urlsafe(24)
        async with _serving(story, secret) as url:
            story.origin.url = url
            (folder / "sources.toml").write_text(story.origin.sources_file(), "utf-8")
            told = json.dumps({"fd": listener.fileno(), "control": f"{url}/{secret}", "folder": name})
            environment = _environment(folder, told, _address(listener))

            async def start() -> asyncio.subprocess.Process:
                return await _start(environment, folder, listener)

            try:
                async with asyncio.TaskGroup() as tasks:
                    jobs = [
                        tasks.create_task(story.keep_alive(start)),
                        tasks.create_task(story.execute()),
                        tasks.create_task(story.tell()),
                        tasks.create_task(_announce(listener, announce)),
                    ]
                    await stopping.wait()
                    for job in jobs:
                        job.cancel()
            except* BotError as group:
                raise group.exceptions[0] from None
            finally:
                await _stop(story.child)


def _listening(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise BotError(
            f"port {port} of 127.0.0.1 cannot be used ({error.strerror}); give another one, or --port 0 for any"
        ) from None
    listener.listen(128)
    return listener


@asynccontextmanager
async def _serving(story: Demo, secret: str) -> AsyncIterator[str]:
    app = web.Application()
    app.add_routes([*story.origin.routes(), *story.routes(secret)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _environment(folder: Path, told: str, web_url: str) -> dict[str, str]:
    """Ours without its settings: a demo must never speak with somebody's real token."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    return kept | {
        VARIABLE: told,
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), kept.get("PYTHONPATH", "")))),
        "TMPDIR": str(folder),  # locks and the like go with the rest
        "TOCSIN_DATABASE_URL": f"sqlite:///{folder / 'tocsin.db'}",
        "TOCSIN_SOURCES": str(folder / "sources.toml"),
        "TOCSIN_PRIVATE_NETWORKS": "127.0.0.0/8",
        "TOCSIN_POLL_MIN_SECONDS": "1",
        "TOCSIN_WEB_URL": web_url,
        "TOCSIN_LOG_LEVEL": "ERROR",
    }


def _address(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


async def _start(environment: Mapping[str, str], folder: Path, listener: socket.socket) -> asyncio.subprocess.Process:
    """In a folder and a session of its own: no `.env` is found there, and Ctrl-C is for us, who then stop it."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run"),
        cwd=folder,
        env=environment,
        stdin=asyncio.subprocess.PIPE,  # never written to: it ends when we do, however we do
        stdout=asyncio.subprocess.DEVNULL,
        pass_fds=(listener.fileno(),),
        start_new_session=True,
    )


async def _announce(listener: socket.socket, announce: Callable[[str], object]) -> None:
    url = f"{_address(listener)}/"
    try:
        async with asyncio.timeout(ANSWERS_WITHIN), aiohttp.ClientSession() as session:
            while True:
                with suppress(aiohttp.ClientError, OSError):
                    async with session.get(url) as response:
                        if response.status == 200:
                            break
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise BotError(
            f"the page does not answer within {ANSWERS_WITHIN:.0f} s; what the bot said stands above"
        ) from None
    announce(url)


async def _stop(child: asyncio.subprocess.Process | None) -> None:
    if child is None:
        return
    with suppress(ProcessLookupError):
        child.terminate()
    try:
        async with asyncio.timeout(STOPS_WITHIN):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)  # its workers are dying already; nobody is left behind
