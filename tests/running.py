"""The bot as a process of its own, between stand-ins of both platforms and a place that publishes.

The stand-ins live in the test's process: what they wrote down is what really reached people, whatever the bot believes.
"""

import asyncio
import os
import random
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

import aiohttp

from bot import catalogue
from bot.domain.channel import Address, Channel, Rhythm
from bot.domain.command import Where
from bot.domain.rule import Rule, What
from bot.domain.source import Rhythm as Pace
from bot.locale.say import Say
from bot.wiring import store_on
from storage.database import database
from tests.stands import discord_rules, discord_world, telegram_world
from tests.stands.bot_api import BotApi
from tests.stands.discord_api import DiscordApi
from tests.stands.origin import FEED, Origin, Reply, origin

ROOT = Path(__file__).parent.parent
STARTS = 30.0  # seconds a process may take to be ready, on a machine that runs other tests
ARRIVES = 30.0  # from a publication to the chats, when sources are read every second
# A nudge waits for its half hour, and nobody else for it.
OPEN = """SELECT COUNT(*) FROM deliveries d JOIN posts p ON p.id = d.post WHERE d.state = 1
    OR (d.state = 0 AND (p.kind <> 'nudge' OR d.due_at <= CAST(strftime('%s', 'now') AS INTEGER) * 1000))"""

ITEM = """<item><title>{title}</title><link>https://exemple.test/{slug}/{number}</link>
<guid isPermaLink="false">{slug}-{number}</guid><pubDate>{date}</pubDate><description>{text}</description></item>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A channel that wants sources from the first start on."""

    platform: str
    number: int
    thread: str = ""
    language: str = "fr"
    wants: tuple[str, ...] = ()

    @property
    def where(self) -> Where:
        if self.platform == "telegram":
            chat = str(telegram_world.chat_id(self.number))
            community = f"telegram:{chat}"
        else:
            chat = discord_world.channel_id(self.number)
            community = f"discord:{discord_world.server_id(self.number)}"
        return Where(address=Address(platform=self.platform, chat=chat, thread=self.thread), community=community)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message as it stands in a chat, its spaces ordinary ones."""

    chat: str
    thread: str
    text: str
    pings: tuple[str, ...]


class Process:
    """`tocsin run`, from outside."""

    def __init__(self, process: asyncio.subprocess.Process, out: Path, err: Path, port: int) -> None:
        self.process = process
        self.out = out
        self.err = err
        self.port = port

    @property
    def log(self) -> str:
        return self.err.read_text("utf-8", "replace")

    async def get(self, path: str) -> tuple[int, str]:
        """Status and text of one of its pages; (0, "") while nothing listens."""
        url = f"http://127.0.0.1:{self.port}{path}"
        with suppress(aiohttp.ClientError, TimeoutError):
            async with aiohttp.request("GET", url, timeout=aiohttp.ClientTimeout(10)) as response:
                return response.status, await response.text()
        return 0, ""

    async def ready(self) -> None:
        await self.answers(200)

    async def answers(self, status: int, path: str = "/readyz", within: float = STARTS) -> str:
        """What it says once it answers so."""
        ends = time.monotonic() + within
        while (found := await self.get(path))[0] != status:
            assert self.process.returncode is None, f"it ended with {self.process.returncode}: {self.log[-2000:]}"
            assert time.monotonic() < ends, f"{path}: {found}, not {status}, after {within} s: {self.log[-2000:]}"
            await asyncio.sleep(0.05)
        return found[1]

    async def kill(self) -> None:
        """SIGKILL: no line of it runs any more."""
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    async def stop(self, within: float = 10.0) -> int:
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await self.ended(within)

    async def ended(self, within: float = STARTS) -> int:
        try:
            async with asyncio.timeout(within):
                return await self.process.wait()
        except TimeoutError:
            raise AssertionError(f"still there after {within} s: {self.log[-2000:]}") from None


def invented(title: str) -> str:
    """Words that no item of another title has: papers that print the same words tell one story."""
    chance = random.Random(title)
    return " ".join("".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=6)) for _ in range(60)) + "."


class Town:
    """Sources by slug, both platforms, and a folder for whatever the bot leaves behind."""

    def __init__(
        self, folder: Path, telegram: BotApi, discord: DiscordApi, site: Origin, slugs: Sequence[str], servers: int
    ) -> None:
        self.folder = folder
        self.telegram = telegram
        self.discord = discord
        self.site = site
        self.database = folder / "tocsin.db"
        self.papers: dict[str, list[tuple[str, str]]] = {slug: [] for slug in slugs}
        self._starts = 0
        discord.servers = set(range(servers))
        for number in range(servers):
            telegram.chat(number)
        for slug in slugs:
            self._print(slug)
        (folder / "sources.toml").write_text(
            "".join(
                f'[[source]]\nid = "{slug}"\ntitle = "Journal {slug}"\nurl = "{site.url(f"/{slug}.xml")}"\n'
                'kind = "feed"\ntrust = "official"\nevery = 0.01\n'
                for slug in slugs
            )
        )

    def publish(self, slug: str, title: str, text: str = "") -> None:
        """One more item, on top of the page; its text is invented, and no other's, if none is given."""
        self.papers[slug].append((title, text or invented(title)))
        self._print(slug)

    def _print(self, slug: str) -> None:
        date = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
        items = [
            ITEM.format(slug=slug, number=number, title=escape(title), text=escape(text), date=date)
            for number, (title, text) in enumerate(self.papers[slug])
        ]
        self.site.replies[f"/{slug}.xml"] = Reply(body=FEED.format(items="".join(reversed(items))).encode())

    async def read_again(self, slug: str) -> None:
        """Until the source has been asked for once more."""
        before = self.site.seen[f"/{slug}.xml"]
        await until(lambda: self.site.seen[f"/{slug}.xml"] > before, ARRIVES, f"{slug} is read again")

    def said(self, platform: str, chat: str = "") -> list[Said]:
        """All that stands in the chats (or in one), oldest first; private answers are not among it."""
        if platform == "telegram":
            return [
                Said(chat=str(one.chat), thread=one.thread, text=spaced(one.text), pings=one.pings)
                for one in self.telegram.messages
                if chat in ("", str(one.chat))
            ]
        found = []
        for one in self.discord.messages:
            number = self.discord.threads.get(one.channel)
            at, thread = (one.channel, "") if number is None else (discord_world.channel_id(number), one.channel)
            if chat in ("", at) and not one.ephemeral_for and not one.loading:
                text = spaced(discord_rules.read_message(one.body))
                found.append(Said(chat=at, thread=thread, text=text, pings=one.pings))
        return found

    def heard(self, room: Room, words: str) -> list[Said]:
        """The messages in that room, thread included, which hold those words."""
        at = room.where.address
        found = self.said(at.platform, at.chat)
        return [one for one in found if one.thread == at.thread and words in one.text]

    async def arrives(self, words: str, *rooms: Room, within: float = ARRIVES) -> None:
        def missing() -> list[Room]:
            return [room for room in rooms if not self.heard(room, words)]

        await until(lambda: not missing(), within, lambda: f"{words!r} arrives in {missing()}")

    # -- rows ---------------------------------------------------------------------------------------------------------

    async def furnish(self, *rooms: Room) -> Mapping[Room, Channel]:
        """Rows as if the rooms had subscribed long ago, and every source had been read once."""
        now = datetime.now(UTC)
        found: dict[Room, Channel] = {}
        async with database(f"sqlite:///{self.database}") as db:
            store = store_on(db)
            async with db.tx() as tx:
                await store.sources.follow_file(tx, catalogue.read(self.folder / "sources.toml"))
            for source in await store.sources.all():
                pace = Pace(least=timedelta(), most=timedelta())
                async with db.tx() as tx:
                    await store.sources.save(tx, source.read(now, pace, jitter=0))
            async with db.tx() as tx:
                for room in rooms:
                    self._let_in(room)
                    where = room.where
                    lane = where.address.platform
                    found[room] = await store.channels.ensure(tx, where, lane, room.language, "Europe/Paris")
                    for slug in room.wants:
                        rule = Rule(what=What.SOURCE, value=slug)
                        await store.subscriptions.add(tx, found[room].id, rule, Rhythm.NOW, silent=False, now=now)
        return found

    def _let_in(self, room: Room) -> None:
        if room.platform == "telegram":
            self.telegram.chat(room.number)
            if room.thread:
                self.telegram.add_thread(room.number, room.thread)
        else:
            self.discord.servers.add(room.number)
            if room.thread:
                self.discord.threads[room.thread] = room.number

    def ask(self, sql: str) -> int:
        """One number of the rows, read beside the bot."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)) as connection:
            return int(connection.execute(sql).fetchone()[0])

    async def drained(self, within: float = 60.0) -> None:
        """Until nothing is owed any more."""
        await until(lambda: self.ask(OPEN) == 0, within, lambda: f"nothing is owed, but {self.ask(OPEN)} are")

    # -- the bot ------------------------------------------------------------------------------------------------------

    def settings(self, port: int) -> dict[str, str]:
        return {
            "TOCSIN_DATABASE_URL": f"sqlite:///{self.database}",
            "TOCSIN_TELEGRAM_TOKEN": self.telegram.token,
            "TOCSIN_TELEGRAM_API_URL": self.telegram.url,
            "TOCSIN_DISCORD_TOKEN": self.discord.token,
            "TOCSIN_DISCORD_API_URL": self.discord.api_url,
            "TOCSIN_DISCORD_GATEWAY_URL": self.discord.gateway.url,
            "TOCSIN_SOURCES": str(self.folder / "sources.toml"),
            "TOCSIN_PRIVATE_NETWORKS": "127.0.0.0/8",
            "TOCSIN_POLL_MIN_SECONDS": "1",
            "TOCSIN_WEB_LISTEN": f"127.0.0.1:{port}" if port else "",
        }

    @asynccontextmanager
    async def bot(
        self, changes: Mapping[str, str] | None = None, *, module: str = "bot", web: bool = True
    ) -> AsyncIterator[Process]:
        """Started, not yet ready. `changes` are settings; what is still running at the end is killed."""
        self._starts += 1
        out, err = (self.folder / f"{name}-{self._starts}" for name in ("out", "err"))
        port = _free_port() if web else 0
        env = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), "TMPDIR": str(self.folder)}
        with out.open("wb") as stdout, err.open("wb") as stderr:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", module, "run"),
                cwd=self.folder,
                env=env | self.settings(port) | dict(changes or {}),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
        running = Process(process, out, err, port)
        try:
            yield running
        except BaseException:
            print(f"-- the bot, start {self._starts} --\n{running.log[-4000:]}")
            raise
        finally:
            if process.returncode is None:
                await running.kill()


@asynccontextmanager
async def town(
    folder: Path,
    *slugs: str,
    servers: int = 4,
    telegram: BotApi | None = None,
    discord: DiscordApi | None = None,
) -> AsyncIterator[Town]:
    """`servers`: so many chats on each platform know the bot from the start."""
    bot_api, rest = telegram or BotApi(), discord or DiscordApi()
    async with origin({}) as site:
        await bot_api.start()
        await rest.start()
        try:
            yield Town(folder, bot_api, rest, site, slugs or ("journal",), servers)
        finally:
            await bot_api.stop()
            await rest.stop()


async def until(holds: Callable[[], bool], within: float, what: str | Callable[[], str]) -> None:
    ends = time.monotonic() + within
    while not holds():
        assert time.monotonic() < ends, f"not within {within} s: {what if isinstance(what, str) else what()}"
        await asyncio.sleep(0.02)


def spaced(text: str) -> str:
    """French spaces become ordinary ones: how they look is not what is tested here."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def sentence(key: str, language: str = "fr") -> str:
    """What the bot says there, as it reads in a `Said`."""
    return spaced(Say(language)(key))


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
