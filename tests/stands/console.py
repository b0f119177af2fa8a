"""The console, driven over HTTP as its page drives it. Its ledger plays the platform, so that is what misbehaves."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
from lxml import html

from adapters.platforms.console import drawing
from adapters.platforms.console.client import Console
from adapters.platforms.console.ledger import Ledger, Line
from adapters.platforms.console.rooms import manner_of, room_of
from adapters.platforms.discord.render import render as discord
from adapters.platforms.telegram.render import render as telegram
from bot.domain.channel import Address, Channel
from bot.domain.command import Where
from bot.domain.ids import ChannelId
from bot.errors import ChannelGone, PlatformError, Throttled, TokenRefused, Uncertain, Unreachable
from bot.locale.say import Say
from bot.view import Attachment
from tests.contracts.stand import Answered, Button, Language, Shown, Window

RENDERERS = {"telegram": telegram, "discord": discord}
QUESTION = "question"
FRAME = ("who", "when", "asked", "keys", "file", QUESTION)


class Book(Ledger):
    """A ledger that refuses, or loses its answers, as told."""

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path)
        self.before: list[tuple[str, PlatformError]] = []  # (room, or "" for any; raised without accepting)
        self.after: list[PlatformError] = []  # raised although accepted
        self.always: PlatformError | None = None
        self.gone: set[str] = set()
        self.refusals = 0

    def accept(self, line: Line) -> Line:
        if self.always is not None:
            raise self.always
        if line.room in self.gone:
            raise ChannelGone(f"put out of {line.room}")
        for place, (room, error) in enumerate(self.before):
            if room in ("", line.room):
                del self.before[place]
                self.refusals += isinstance(error, Throttled)
                raise error
        accepted = super().accept(line)
        if self.after:
            raise self.after.pop(0)
        return accepted


class ConsoleStand:
    """Even rooms are like Telegram's, odd ones like Discord's."""

    name = "console"

    def __init__(self, book: Book) -> None:
        self.book = book
        self.platform = Console(
            renderers=RENDERERS, ledger=book, language="fr", zone=ZoneInfo("Europe/Paris"), listen=("127.0.0.1", 0)
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.platform.port}"

    def channel(self, number: int = 0, *, thread: str = "") -> Channel:
        manner = ("telegram", "discord")[number % 2]
        chat = manner if number < 2 else f"{manner}-{number}"
        address = Address(platform="console", chat=chat, thread=thread)
        return Channel(id=ChannelId(number + 1), address=address, community=f"console:{chat}", lane="console")

    def where(self, number: int = 0) -> Where:
        return self.platform.where(self.channel(number).address.chat)

    def messages(self, number: int = 0, *, thread: str = "") -> Sequence[Shown]:
        room = room_of(self.channel(number, thread=thread).address)
        return [shown(line) for line in self.book.lines(room) if line.voice != "person"]

    def refusals(self) -> int:
        return self.book.refusals

    async def say(
        self, text: str, *, admin: bool = False, language: Language = "fr", number: int = 0, within: float = 5.0
    ) -> Answered:
        return await self._ask("/say", {"text": text}, number, admin, language, within)

    async def press(
        self,
        ref: str,
        data: str,
        *,
        admin: bool = False,
        language: Language = "fr",
        number: int = 0,
        within: float = 5.0,
    ) -> Answered:
        return await self._ask("/press", {"ref": ref, "data": data}, number, admin, language, within)

    async def choose(
        self,
        ref: str,
        data: str,
        *,
        admin: bool = False,
        language: Language = "fr",
        number: int = 0,
        within: float = 5.0,
    ) -> Answered:
        return await self.press(ref, data, admin=admin, language=language, number=number, within=within)

    async def fill(
        self,
        window: Window,
        text: str,
        *,
        admin: bool = False,
        language: Language = "fr",
        number: int = 0,
        within: float = 5.0,
    ) -> Answered:
        return await self._ask("/press", {**window.handle, "text": text}, number, admin, language, within)

    async def _ask(
        self, path: str, fields: dict[str, str], number: int, admin: bool, language: Language, within: float
    ) -> Answered:
        room, before = self.channel(number).address.chat, self.book.number
        fields |= {"room": room, "lang": language, "role": "admin" if admin else "member"}
        async with (
            asyncio.timeout(within),
            aiohttp.ClientSession(headers={"Accept": "application/json"}) as session,
            session.post(self.url + path, data=fields) as response,
        ):
            answer = await response.json()
        new = [line for line in self.book.since(before) if line.room == room]
        strip = answer.get("html", "")
        private = [answer.get("notice", ""), text_of(strip) if strip else ""]
        public = [(shown(line), drawing.draw(manner_of(room), line.payload)) for line in new if line.voice == "answer"]
        return Answered(
            public=tuple([replace(one, files=await self._files(url for _, url in it.files)) for one, it in public]),
            private="\n".join(filter(None, private)),
            whispered=(await self._whispered(strip, room),) if strip else (),
            window=window_of(strip) if strip else None,
            reaction="".join(line.reaction for line in new),
        )

    async def _whispered(self, strip: str, room: str) -> Shown:
        form = html.fragment_fromstring(strip)
        pressed = [one for one in form.xpath(".//button[@name='data']") if one.getparent().get("class") != QUESTION]
        chosen = form.xpath(".//option[@value!='']")
        return Shown(
            ref=form.xpath("string(.//input[@name='ref']/@value)"),
            chat=room,
            thread="",
            text=text_of(strip),
            silent=True,
            pings=tuple(form.xpath(".//*[@class='mention']/text()")),
            buttons=tuple(Button(label=one.text, data=one.get("value")) for one in (*pressed, *chosen)),
            edits=0,
            files=await self._files(form.xpath(".//a[@download]/@href")),
        )

    async def _files(self, paths: Iterable[str]) -> tuple[Attachment, ...]:
        found = []
        async with aiohttp.ClientSession(self.url) as session:
            for path in paths:
                async with session.get(path) as response:
                    disposition, content = response.content_disposition, await response.read()
                    assert disposition is not None and disposition.type == "attachment"
                    name = disposition.filename or ""
                    found.append(Attachment(name=name, media_type=response.content_type, content=content))
        return tuple(found)

    # -- the next calls misbehave -------------------------------------------------------------------------------------

    def throttle(self, after: timedelta, *, number: int | None = None, calls: int = 1) -> None:
        room = "" if number is None else self.channel(number).address.chat
        self.book.before += [(room, Throttled("chat" if room else "lane", after))] * calls

    def lose_answers(self, calls: int = 1) -> None:
        self.book.after += [Uncertain("console: the answer was lost")] * calls

    def garble_answers(self, calls: int = 1) -> None:
        self.book.after += [Uncertain("console: the answer cannot be read")] * calls

    def refuse_connections(self, *, on: bool) -> None:
        self.book.always = Unreachable("console: nobody listens") if on else None

    def fail(self, status: int, calls: int = 1) -> None:
        self.book.before += [("", Uncertain(f"console: {status}"))] * calls

    def kick(self, number: int = 0) -> None:
        self.book.gone.add(self.channel(number).address.chat)

    def reject_token(self, *, on: bool) -> None:
        self.book.always = TokenRefused("console: the token is refused") if on else None


def shown(line: Line) -> Shown:
    """Read off the page's own drawing, as a browser would."""
    manner = manner_of(line.room)
    drawn = drawing.draw(manner, line.payload)
    page = drawing.line(line, manner, Say("fr"), ZoneInfo("Europe/Paris"))
    chat, _, thread = line.room.partition("/")
    return Shown(
        ref=line.ref,
        chat=chat,
        thread=thread,
        text=text_of(page),
        silent=line.silent,
        pings=tuple(re.findall(r'class="mention">([^<]*)<', drawn.text)),
        buttons=tuple(Button(label=one.label, data=one.data, url=one.url) for one in drawn.buttons),
        edits=line.edits,
        answers=line.answers,
        payload=line.payload,
    )


def window_of(strip: str) -> Window | None:
    form = html.fragment_fromstring(strip)
    for question in form.find_class(QUESTION):
        (field,) = question.xpath(".//input[@name='text'] | .//textarea[@name='text']")
        return Window(
            title=question.xpath("string(.//*[@class='title'])"),
            label=question.xpath("string(.//label)"),
            hint=field.get("placeholder", ""),
            value=field.get("value") or (field.text or "").removeprefix("\n"),  # the first is no part of it in HTML
            handle={
                "ref": form.xpath("string(.//input[@name='ref']/@value)"),
                "data": question.xpath("string(.//button/@value)"),
            },
        )
    return None


def text_of(page: str) -> str:
    """What is said, without the frame around it: name, hour, buttons."""
    drawn = html.fragment_fromstring(page)
    for frame in (one for name in FRAME for one in drawn.find_class(name)):
        frame.drop_tree()
    return "\n".join(text.strip() for text in drawn.itertext() if text.strip())


async def until(holds: Callable[[], bool], within: float = 5.0) -> None:
    async with asyncio.timeout(within):
        while not holds():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def stand(ledger: Path | None = None) -> AsyncIterator[ConsoleStand]:
    book = Book(ledger)
    try:
        yield ConsoleStand(book)
    finally:
        book.close()
