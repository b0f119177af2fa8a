"""The page: rooms, a box in each, the story beside them; server-sent events keep it fresh through every restart."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.resources import files
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web

from adapters.platforms.console import drawing
from adapters.platforms.console.files import PATH
from adapters.platforms.console.ledger import Line
from adapters.platforms.console.rooms import PEOPLE, PLATFORM, Private, Rooms, manner_of
from adapters.platforms.console.story import ACTIONS
from bot.domain.command import CommandSpec, Person
from bot.errors import BotError
from bot.locale.say import LANGUAGES, Say
from bot.ports import Handle

SHOWN = 80  # messages of a room when the page opens
LONGEST = 4096  # characters of a typed line
HEARTBEAT = 10.0  # seconds; a stream on which nothing is said must still be found dead
STATIC = {"console.css": "text/css", "console.js": "text/javascript", "bell.svg": "image/svg+xml"}
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who looks at the page: all of it stands in the address, so that a link says it and nothing is kept."""

    language: str
    role: str

    @property
    def say(self) -> Say:
        return Say(self.language)

    @property
    def person(self) -> Person:
        return Person(platform=PLATFORM, id=self.role, name=PEOPLE[self.role], language=self.language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`hosts`: names this page may be called by, besides addresses and `localhost`."""

    rooms: Rooms
    handle: Handle
    specs: Sequence[CommandSpec]
    zone: ZoneInfo
    hosts: frozenset[str] = frozenset()

    def app(self, beside: Sequence[web.RouteDef]) -> web.Application:
        app = web.Application(client_max_size=64 * 1024)
        ours = [
            web.get("/", self.show),
            web.get("/static/{name}", self.static),
            web.get("/events", self.events),
            web.get("/complete", self.complete),
            web.post("/say", self.say),
            web.post("/press", self.press),
            web.get(PATH + "{code}", self.file),
        ]
        if self.rooms.story is not None:
            ours += [web.post("/demo/{action}", self.act), web.get("/demo/state", self.state)]
        app.add_routes([*(web.RouteDef(r.method, r.path, self._guarded(r.handler), {}) for r in ours), *beside])
        return app

    def _guarded(self, handler: Any) -> Handler:
        """Against other sites in the same browser: a name that leads here (DNS rebinding), a form that aims here."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            if not _is_ours(request.host, self.hosts):
                raise web.HTTPForbidden(text="This page is not called by that name; open it by its address.")
            origin = request.headers.get("Origin")  # browsers send it with every POST
            if request.method == "POST" and origin is not None and urlsplit(origin).netloc != request.host:
                raise web.HTTPForbidden(text="That request comes from another site.")
            response: web.StreamResponse = await handler(request)
            if not response.prepared:
                response.headers.update(HEADERS)
            return response

        return guarded

    # -- what is shown ------------------------------------------------------------------------------------------------

    async def show(self, request: web.Request) -> web.Response:
        return await self._whole(self._reader(request.query))

    async def static(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in STATIC:
            raise web.HTTPNotFound
        body = (files("adapters.platforms.console") / "static" / name).read_bytes()
        return web.Response(body=body, content_type=STATIC[name], charset="utf-8")

    async def _whole(self, reader: Reader, private: Private | None = None, room: str = "") -> web.Response:
        shown = {
            name: [self._drawn(line, reader) for line in self.rooms.ledger.lines(name)[-SHOWN:]]
            for name in self.rooms.manners
        }
        html = (
            drawing.templates()
            .get_template("page.html")
            .render(
                say=reader.say,
                reader=reader,
                rooms=shown,
                number=self.rooms.ledger.number,
                person=PEOPLE[reader.role],
                people=PEOPLE,
                languages=LANGUAGES,
                story=await self._story_state(),
                answered={room: self._told(room, private, reader)} if private else {},
                pid=os.getpid(),
            )
        )
        return web.Response(text=html, content_type="text/html")

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Each message as it changes, numbered, so that a browser that comes back misses nothing."""
        after = _number(request.headers.get("Last-Event-ID") or request.query.get("after", ""))
        stream = web.StreamResponse(headers=HEADERS | {"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        is_known = after <= self.rooms.ledger.number  # rooms kept in memory begin again with the process
        with suppress(ConnectionError):  # the browser is gone
            await stream.write(_event("hello", {"pid": os.getpid(), "reload": not is_known}))
            if is_known:
                await self._follow(stream, self._reader(request.query), after)
        return stream

    async def _follow(self, stream: web.StreamResponse, reader: Reader, number: int) -> None:
        ledger = self.rooms.ledger
        while True:
            changed, number = ledger.since(number), ledger.number
            for line in changed:
                if line.room in self.rooms.manners:
                    said = {"ref": line.ref, "room": line.room, "voice": line.voice, "silent": line.silent}
                    await stream.write(_event("line", said | {"html": self._drawn(line, reader)}, number))
            try:
                async with asyncio.timeout(HEARTBEAT):
                    await ledger.news(number)
            except TimeoutError:
                await stream.write(b": still here\n\n")

    def _drawn(self, line: Line, reader: Reader) -> str:
        return drawing.line(line, manner_of(line.room), reader.say, self.zone)

    # -- what people do -----------------------------------------------------------------------------------------------

    async def say(self, request: web.Request) -> web.Response:
        form = await request.post()
        reader, room, text = self._reader(form), self._room(form), str(form.get("text", "")).strip()[:LONGEST]
        private = None
        if text:
            private = await self.rooms.say(room, text, reader.person, self.handle, self.specs)
        return await self._answer(request, reader, room, private)

    async def press(self, request: web.Request) -> web.Response:
        """Without scripts, a button tells its message, and a menu's button its menu, in the address it goes to."""
        form, query = await request.post(), request.query
        reader, room = self._reader(form), self._room(form)
        ref = str(form.get("ref") or query.get("ref", ""))
        data, text = str(form.get(query.get("menu", "data"), "")), str(form.get("text", "")).strip()[:LONGEST]
        private = None
        if data:  # of a menu, perhaps nothing was chosen
            private = await self.rooms.press(room, ref, data, reader.person, self.handle, text=text)
        return await self._answer(request, reader, room, private)

    async def file(self, request: web.Request) -> web.Response:
        """Always saved, never shown: it may hold anything."""
        file = self.rooms.files.find(request.match_info["code"])
        if file is None:
            raise web.HTTPNotFound(text=Say(self.rooms.language)("console.file.gone"))
        headers = {
            "Content-Type": file.media_type,
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        }
        return web.Response(body=file.content, headers=headers)

    async def complete(self, request: web.Request) -> web.Response:
        reader, room, text = self._reader(request.query), self._room(request.query), request.query.get("text", "")
        offered = await self.rooms.complete(room, text[:LONGEST], reader.person, self.handle, self.specs)
        return web.json_response([asdict(one) for one in offered])

    async def _answer(self, request: web.Request, reader: Reader, room: str, private: Private | None) -> web.Response:
        """To the page's own script what is for this reader alone; to a browser without scripts the page again."""
        if "application/json" not in request.headers.get("Accept", ""):
            return await self._whole(reader, private, room)
        return web.json_response(self._told(room, private, reader) if private else {})

    def _told(self, room: str, private: Private, reader: Reader) -> dict[str, str]:
        told = {"notice": private.notice} if private.notice else {}
        if private.payload is not None or private.form is not None:
            told["html"] = drawing.private(private, room, manner_of(room), reader)
        return told

    # -- the story ----------------------------------------------------------------------------------------------------

    async def act(self, request: web.Request) -> web.Response:
        form, action, story = await request.post(), request.match_info["action"], self.rooms.story
        if story is None or action not in ACTIONS:
            raise web.HTTPNotFound
        reader = self._reader(form)
        try:
            state = await story.act(action)
        except BotError as error:
            log.warning("the story does not go on", action=action, error=str(error))
            raise web.HTTPBadGateway(text=reader.say("console.story.unreachable")) from None
        if "application/json" not in request.headers.get("Accept", ""):
            return await self._whole(reader)
        return web.json_response({**state, "watch": _watch(action, state, reader.say)})

    async def state(self, request: web.Request) -> web.Response:
        return web.json_response(await self._story_state())

    async def _story_state(self) -> Mapping[str, Any] | None:
        if self.rooms.story is None:
            return None
        try:
            return await self.rooms.story.state()
        except BotError:
            return {}

    # -- reading a request --------------------------------------------------------------------------------------------

    def _reader(self, given: Mapping[str, Any]) -> Reader:
        language, role = given.get("lang"), given.get("role")
        return Reader(
            language=str(language) if language in LANGUAGES else self.rooms.language,
            role=str(role) if role in PEOPLE else "admin",
        )

    def _room(self, given: Mapping[str, Any]) -> str:
        room = str(given.get("room", ""))
        if manner_of(room) not in self.rooms.manners:
            raise web.HTTPBadRequest(text="No room is called so.")
        return room


def _watch(action: str, state: Mapping[str, Any], say: Say) -> str:
    """What to look at now; two buttons say something else when pressed again."""
    again = {"down": not state.get("down"), "play": not state.get("playing")}
    suffix = ".off" if again.get(action) else ".on" if action in again else ""
    return say(f"console.story.{action}.watch{suffix}", title=str(state.get("last", "")))


def _is_ours(host: str, hosts: frozenset[str]) -> bool:
    """An address, `localhost`, or a name the operator gave; any other name may be somebody else's that leads here."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name in hosts or name == "localhost" or bool(ip_address(name))
    except ValueError:
        return False


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def _event(name: str, data: Mapping[str, Any], number: int | None = None) -> bytes:
    head = f"id: {number}\n" if number is not None else ""
    return f"{head}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
