"""The gateway half of the stand-in: https://discord.com/developers/docs/events/gateway, version 10."""

import asyncio
import json
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.stands import discord_world as world
from tests.stands.discord_rules import PRIVILEGED

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11
UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED, TOKEN_REFUSED, TOO_FAST = 4001, 4002, 4003, 4004, 4008
DISALLOWED_INTENTS = 4014
HEARTBEAT_MS = 41_250
MOST_COMMANDS = 120  # a minute


class Line:
    """One websocket: compressed as the client asked, in the order things were said."""

    def __init__(self, socket: web.WebSocketResponse, compression: str) -> None:
        self.socket = socket
        self._zlib = zlib.compressobj() if compression == "zlib-stream" else None
        self._order = asyncio.Lock()

    async def say(self, op: int, data: object = None, *, event: str | None = None, sequence: int | None = None) -> None:
        text = json.dumps({"op": op, "d": data, "t": event, "s": sequence})
        async with self._order:
            if self.socket.closed:
                return
            if self._zlib is None:
                await self.socket.send_str(text)
            else:
                await self.socket.send_bytes(self._zlib.compress(text.encode()) + self._zlib.flush(zlib.Z_SYNC_FLUSH))


@dataclass(slots=True, kw_only=True)
class Session:
    id: str
    line: Line | None
    said: list[tuple[str, Any]] = field(default_factory=list)  # every event, so that a resumption misses none


class Gateway:
    def __init__(self, token: str, servers: Callable[[], Iterable[int]]) -> None:
        self.token = token
        self.url = ""
        self.refuses_token = False
        self.identified = 0  # how many sessions began
        self.resumed = 0
        self.intents = 0
        self._servers = servers
        self._sessions: dict[str, Session] = {}

    async def emit(self, event: str, data: object) -> None:
        for session in list(self._sessions.values()):
            await self._dispatch(session, event, data)

    async def close(self, code: int) -> None:
        """From the platform's side. The session may be resumed."""
        for session in self._sessions.values():
            if session.line is not None:
                line, session.line = session.line, None
                await line.socket.close(code=code)

    async def ask_to_reconnect(self) -> None:
        for session in self._sessions.values():
            if session.line is not None:
                await session.line.say(RECONNECT)

    @property
    def is_connected(self) -> bool:
        return any(session.line is not None for session in self._sessions.values())

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        query = request.query
        if query.get("v") != "10" or query.get("encoding") != "json":
            raise web.HTTPBadRequest
        if query.get("compress", "") not in ("", "zlib-stream"):
            raise web.HTTPBadRequest(text="this stand-in speaks zlib-stream only")
        socket = web.WebSocketResponse(max_msg_size=4096)  # what Discord takes from a client
        await socket.prepare(request)
        line, session, heard = Line(socket, query.get("compress", "")), None, 0
        await line.say(HELLO, {"heartbeat_interval": HEARTBEAT_MS})
        try:
            async for message in socket:
                heard += 1
                if message.type is not WSMsgType.TEXT or (said := _decoded(message.data)) is None:
                    await socket.close(code=DECODE_ERROR)
                elif heard > MOST_COMMANDS:
                    await socket.close(code=TOO_FAST)
                else:
                    session = await self._hear(line, session, said)
        finally:
            if session is not None and session.line is line:
                session.line = None
        return socket

    async def _hear(self, line: Line, session: Session | None, said: dict[str, Any]) -> Session | None:
        match said.get("op"):
            case op if op == HEARTBEAT:
                await line.say(ACK)
            case op if op == IDENTIFY and session is None:
                return await self._identify(line, said["d"])
            case op if op == RESUME and session is None:
                return await self._resume(line, said["d"])
            case _:
                await line.socket.close(code=NOT_AUTHENTICATED if session is None else UNKNOWN_OPCODE)
        return session

    async def _identify(self, line: Line, said: dict[str, Any]) -> Session | None:
        if said.get("token") != self.token or self.refuses_token:
            await line.socket.close(code=TOKEN_REFUSED)
            return None
        if said.get("intents", 0) & PRIVILEGED:
            await line.socket.close(code=DISALLOWED_INTENTS)
            return None
        self.identified += 1
        self.intents = said.get("intents", 0)
        session = Session(id=f"session-{self.identified}", line=line)
        self._sessions = {session.id: session}  # this stand-in keeps one at a time, as one shard has
        servers = list(self._servers())
        await self._dispatch(session, "READY", self._ready(session, servers))
        for number in servers:
            await self._dispatch(session, "GUILD_CREATE", world.server(number))
        return session

    def _ready(self, session: Session, servers: list[int]) -> dict[str, Any]:
        return {
            "v": 10,
            "user": world.BOT_USER,
            "guilds": [{"id": world.server_id(number), "unavailable": True} for number in servers],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "application": {"id": world.APPLICATION, "flags": 0},
        }

    async def _resume(self, line: Line, said: dict[str, Any]) -> Session | None:
        session = self._sessions.get(str(said.get("session_id")))
        if said.get("token") != self.token or self.refuses_token:
            await line.socket.close(code=TOKEN_REFUSED)
            return None
        if session is None:
            await line.say(INVALID, False)
            return None
        self.resumed += 1
        session.line = line
        for sequence, (event, data) in enumerate(session.said[int(said["seq"]) :], int(said["seq"]) + 1):
            await line.say(DISPATCH, data, event=event, sequence=sequence)
        await self._dispatch(session, "RESUMED", {})
        return session

    async def _dispatch(self, session: Session, event: str, data: object) -> None:
        session.said.append((event, data))
        if session.line is not None:
            await session.line.say(DISPATCH, data, event=event, sequence=len(session.said))


def _decoded(text: str) -> dict[str, Any] | None:
    try:
        said = json.loads(text)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None
