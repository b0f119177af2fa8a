"""A strict Discord: REST v10 and gateway on 127.0.0.1. It refuses what Discord refuses, and writes down what it took.

In a test: `async with running() as api`. For another process: `python tests/stands/discord_api.py --ledger FILE` prints
its addresses as one line of JSON; `POST /control/<call>` with the call's arguments as JSON drives it.
"""

import argparse
import asyncio
import contextlib
import json
import socket
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

from aiohttp import web

if __package__ in (None, ""):  # run as a file: its own folder must not be where modules are looked for
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.stands import discord_rules as rules
from tests.stands import discord_world as world
from tests.stands.discord_book import Book
from tests.stands.discord_faults import Fault, Refused, Window, answer, throttled
from tests.stands.discord_gateway import Gateway
from tests.stands.discord_hooks import Hooks, body_of
from tests.stands.discord_people import People
from tests.stands.discord_threads import Threads
from tests.stands.discord_world import Interaction, Json, Message

TOKEN = "stand-in.discord.token-of-nobody-0123456789"
WINDOW, PER_CHANNEL, OVERALL = 5.0, 5, 50

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class DiscordApi(People, Hooks, Threads):
    def __init__(self, ledger: Path | None = None, token: str = TOKEN) -> None:
        Threads.__init__(self)
        self.token = token
        self.book = Book(ledger)
        self.interactions: list[Interaction] = []
        self.commands: list[Json] = []
        self.publications = 0  # how often the list of commands was written
        self.permissions: list[Json] = []  # what servers set for commands
        self.overwrites: list[Json] = []  # of every channel
        self.refusals = 0
        self.requests: list[str] = []  # "POST /channels/…/messages", in the order they came
        self.hook_refusals: list[float] = []  # the next answers to interactions are refused for so many seconds
        self.reads_late: asyncio.Event = asyncio.Event()  # set when an answer is being withheld
        self.gateway = Gateway(token, lambda: sorted(self.servers - self.left))
        self.servers: set[int] = {0}
        self.left: set[int] = set()
        self.threads: dict[str, int] = {}  # thread → number
        self.muzzled: dict[str, int] = {}  # channel → the error code it answers
        self.port = 0
        self._faults: list[Fault] = []
        self._refuses_token = False
        self._overall = Window(OVERALL, 1.0)
        self._windows: defaultdict[str, Window] = defaultdict(lambda: Window(PER_CHANNEL, WINDOW))
        self._tasks: set[asyncio.Task[Any]] = set()
        self._server: asyncio.Server | None = None
        self._runner: web.AppRunner | None = None

    @property
    def messages(self) -> list[Message]:
        return self.book.messages

    @property
    def problems(self) -> list[str]:
        return self.book.problems

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v10"

    # -- life ---------------------------------------------------------------------------------------------------------

    async def start(self, port: int = 0) -> None:
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        self._server = await asyncio.get_running_loop().create_server(self._protocol(), sock=_bound(port))
        self.port = self._server.sockets[0].getsockname()[1]
        self.gateway.url = f"ws://127.0.0.1:{self.port}/gateway"

    async def stop(self) -> None:
        await self.gateway.close(1001)
        for task in self._tasks:
            task.cancel()
        if self._server is not None:
            self._server.close()
        if self._runner is not None:
            await self._runner.cleanup()
        self.book.close()

    def later(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _protocol(self) -> Any:
        assert self._runner is not None
        return self._runner.server

    def _application(self) -> web.Application:
        app = web.Application(middlewares=[self._guard], client_max_size=32 * 2**20)
        api, commands = "/api/v10", "/api/v10/applications/{app}/commands"
        message, hook = api + "/channels/{channel}/messages", api + "/webhooks/{app}/{token}"
        original = hook + "/messages/@original"
        app.add_routes(
            [
                web.get("/gateway", self.gateway.handle),
                web.get(api + "/users/@me", self._me),
                web.get(api + "/users/@me/guilds", self._servers),
                web.get(api + "/oauth2/applications/@me", self._about),
                web.get(commands, self._list_commands),
                web.put(commands, self._put_commands),
                web.get(api + "/applications/{app}/guilds/{server}/commands/permissions", self._list_permissions),
                web.get(api + "/guilds/{server}", self._server_of),
                web.get(api + "/guilds/{server}/members/{person}", self._member_of),
                web.get(api + "/channels/{channel}", self._channel_of),
                web.post(message, self._post),
                web.patch(message + "/{message}", self._patch),
                web.post(message + "/{message}/threads", self._open_thread),
                web.post(api + "/interactions/{id}/{token}/callback", self._callback),
                web.post(hook, self._follow_up),
                web.patch(original, self._edit_original),
                web.delete(original, self._delete_original),
                web.post("/control/{call}", self._control),
            ]
        )
        return app

    # -- what may go wrong --------------------------------------------------------------------------------------------

    def throttle(self, seconds: float, number: int | None = None, calls: int = 1) -> None:
        self._faults.append(Fault(kind="throttle", seconds=seconds, number=number, calls=calls))

    def lose(self, calls: int = 1) -> None:
        """Accepted, then the connection ends without an answer."""
        self._faults.append(Fault(kind="lose", calls=calls))

    def garble(self, calls: int = 1) -> None:
        self._faults.append(Fault(kind="garble", calls=calls))

    def delay(self, seconds: float, calls: int = 1) -> None:
        """Accepted at once, answered late."""
        self._faults.append(Fault(kind="late", seconds=seconds, calls=calls))

    def fail(self, status: int, calls: int = 1, code: int = 0) -> None:
        self._faults.append(Fault(kind="fail", status=status, code=code, calls=calls))

    def muzzle(self, channel: str, code: int = 50013) -> None:
        self.muzzled[channel] = code

    def reject_token(self, on: bool = True) -> None:
        self._refuses_token = self.gateway.refuses_token = on

    def refuse_connections(self, on: bool = True) -> None:
        """Nothing listens on the port; open connections go on."""
        if on and self._server is not None:
            self._server.close()
            self._server = None
        elif not on and self._server is None:
            self.later(self._listen_again(_bound(self.port)))

    async def _listen_again(self, listening: socket.socket) -> None:
        self._server = await asyncio.get_running_loop().create_server(self._protocol(), sock=listening)

    def kick(self, number: int = 0) -> None:
        self.left.add(number)
        self.later(self.gateway.emit("GUILD_DELETE", {"id": world.server_id(number)}))

    def invite(self, number: int = 0) -> None:
        self.left.discard(number)
        self.servers.add(number)
        joined = world.server(number)
        del joined["unavailable"]  # how a new server differs from one that is merely back
        self.later(self.gateway.emit("GUILD_CREATE", joined))

    def know(self, number: int) -> None:
        """The bot has been in that server all the time."""
        if number not in self.servers:
            self.servers.add(number)
            self.later(self.gateway.emit("GUILD_CREATE", world.server(number)))

    def delete_channel(self, number: int = 0) -> None:
        self.muzzle(world.channel_id(number), 10003)
        self.later(self.gateway.emit("CHANNEL_DELETE", world.channel(number)))

    # -- every request ------------------------------------------------------------------------------------------------

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith("/api/"):
            return await handler(request)
        self.requests.append(f"{request.method} {request.path.removeprefix('/api/v10')}")
        try:
            if not request.headers.get("User-Agent", "").startswith("DiscordBot ("):
                return web.Response(status=403, text="error code: 1010", content_type="text/html")
            self._authorise(request)
            response = await handler(request)
        except Refused as refused:
            self.refusals += refused.status == 429
            response = answer(refused.body, refused.status, refused.headers)
        except web.HTTPException as error:
            response = answer({"message": f"{error.status}: {error.reason}", "code": 0}, error.status)
        response.force_close()
        return response

    def _authorise(self, request: web.Request) -> None:
        path = request.path.removeprefix("/api/v10")
        if path.startswith(("/interactions/", "/webhooks/")):
            return
        if self._refuses_token or request.headers.get("Authorization") != f"Bot {self.token}":
            raise Refused(401, 0, "401: Unauthorized")
        if wait := self._overall.take():
            raise throttled(wait, whole_lane=True)

    # -- messages -----------------------------------------------------------------------------------------------------

    def _fault(self, channel: str) -> Fault | None:
        number = self._number(channel)
        for fault in self._faults:
            if fault.number in (None, number):
                fault.calls -= 1
                if fault.calls <= 0:
                    self._faults.remove(fault)
                return fault
        return None

    def _number(self, channel: str) -> int | None:
        return self.threads[channel] if channel in self.threads else world.number_of(channel)

    def _enter(self, channel: str, fault: Fault | None) -> None:
        """Raises unless something may be written there now."""
        if fault is not None and fault.kind == "throttle":
            raise throttled(fault.seconds, whole_lane=fault.number is None)
        if fault is not None and fault.kind == "fail":
            raise Refused(fault.status, fault.code, f"{fault.status}: made to fail")
        number = self._number(channel)
        if number is None:
            raise Refused(404, 10003, "Unknown Channel")
        if number in self.left:
            raise Refused(403, 50001, "Missing Access")
        if channel in self.muzzled:
            code = self.muzzled[channel]
            raise Refused(404 if code == 10003 else 403, code, "made to refuse")

    async def _post(self, request: web.Request) -> web.StreamResponse:
        channel = request.match_info["channel"]
        body, files = await body_of(request)
        fault = self._fault(channel)
        self._enter(channel, fault)
        if wait := self._windows[channel].take():
            raise throttled(wait, whole_lane=False)
        self.book.accept(rules.message_problems(body, files=len(files)))
        reference = body.get("message_reference") or {}
        if reference.get("fail_if_not_exists", True) and reference:
            self.book.find(channel, str(reference["message_id"]))
        message = self.book.post(channel, body, files)
        return await self._told(request, message, fault, self._windows[channel].headers(f"post-{channel}"))

    async def _patch(self, request: web.Request) -> web.StreamResponse:
        channel = request.match_info["channel"]
        body, files = await body_of(request)
        fault = self._fault(channel)
        self._enter(channel, fault)
        message = self.book.find(channel, request.match_info["message"])
        self.book.change(message, body, files)
        return await self._told(request, message, fault, {})

    async def _told(
        self, request: web.Request, message: Message, fault: Fault | None, headers: dict[str, str]
    ) -> web.StreamResponse:
        if fault is not None and fault.kind == "lose":
            assert request.transport is not None
            request.transport.abort()
        if fault is not None and fault.kind == "garble":
            return web.Response(text='{"id": 12', content_type="application/json", headers=headers)
        if fault is not None and fault.kind == "late":
            self.reads_late.set()
            await asyncio.sleep(fault.seconds)
        return answer(message.json(), 200, headers)

    # -- the rest -----------------------------------------------------------------------------------------------------

    async def _me(self, request: web.Request) -> web.StreamResponse:
        return answer(world.BOT_USER)

    async def _about(self, request: web.Request) -> web.StreamResponse:
        return answer(world.application())

    async def _servers(self, request: web.Request) -> web.StreamResponse:
        listed = [world.server(number) for number in sorted(self.servers - self.left)]
        return answer([{key: one[key] for key in ("id", "name", "features")} for one in listed])

    async def _list_commands(self, request: web.Request) -> web.StreamResponse:
        drop = () if request.query.get("with_localizations") == "true" else ("localizations",)
        return answer([_published(one, number, drop) for number, one in enumerate(self.commands)])

    async def _put_commands(self, request: web.Request) -> web.StreamResponse:
        commands = await request.json()
        self.book.accept(rules.command_problems(commands))
        self.commands, self.publications = commands, self.publications + 1
        return answer([_published(one, number, ()) for number, one in enumerate(commands)])

    async def _list_permissions(self, request: web.Request) -> web.StreamResponse:
        return answer(self.permissions)

    async def _server_of(self, request: web.Request) -> web.StreamResponse:
        return answer(world.server(self._server_number(request)))

    async def _channel_of(self, request: web.Request) -> web.StreamResponse:
        channel = request.match_info["channel"]
        self._enter(channel, None)
        return answer(world.channel(self._number(channel) or 0) | {"permission_overwrites": self.overwrites})

    async def _member_of(self, request: web.Request) -> web.StreamResponse:
        number = self._server_number(request)
        if request.match_info["person"] == world.BOT:
            return answer(world.member(world.BOT_USER))
        for admin in (True, False):
            who = world.person(admin=admin, number=number)
            if who["user"]["id"] == request.match_info["person"]:
                return answer({key: value for key, value in who.items() if key != "permissions"})
        raise Refused(404, 10007, "Unknown Member")

    def _server_number(self, request: web.Request) -> int:
        number = int(request.match_info["server"]) - world.SERVERS
        if number not in self.servers - self.left:
            raise Refused(404, 10004, "Unknown Guild")
        return number

    async def _control(self, request: web.Request) -> web.StreamResponse:
        call, told = request.match_info["call"], await request.json() if request.can_read_body else {}
        if call in ("command", "press"):
            interaction: Interaction = await getattr(self, call)(**told)
            return answer({"id": interaction.id})
        if call == "interaction":
            return answer(self._tell(next(one for one in self.interactions if one.id == told["id"])))
        if call == "close_gateway":
            await self.gateway.close(told.get("code", 4000))
        elif call in CONTROLS:
            getattr(self, call)(**told)
        elif call != "state":
            raise web.HTTPNotFound
        return answer({"refusals": self.refusals, "problems": self.problems, "connected": self.gateway.is_connected})

    def _tell(self, one: Interaction) -> Json:
        said = [(m, rules.read_message(m.body)) for m in one.messages if not m.loading]
        return {
            "acknowledged": one.acknowledged is not None,
            "acknowledged_after": one.acknowledged_after,
            "public": [text for message, text in said if not message.ephemeral_for],
            "private": [text for message, text in said if message.ephemeral_for],
        }


CONTROLS = {
    "throttle", "lose", "garble", "delay", "fail", "muzzle", "reject_token", "refuse_connections", "kick", "invite",
    "know", "delete_channel",
}  # fmt: skip


def _published(command: Json, number: int, drop: tuple[str, ...]) -> Json:
    """As Discord gives it back: with ids, without what is empty."""
    kept = {key: value for key, value in command.items() if not key.endswith(drop or ("\0",)) and value != []}
    identity = str(1_700_000_000_000_000_000 + number)
    return kept | {"id": identity, "application_id": world.APPLICATION, "version": "1", "nsfw": False}


def _bound(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(128)
    listening.setblocking(False)
    return listening


@contextlib.asynccontextmanager
async def running(ledger: Path | None = None, port: int = 0) -> AsyncIterator[DiscordApi]:
    api = DiscordApi(ledger)
    await api.start(port)
    try:
        yield api
    finally:
        await api.stop()


async def _serve(port: int, ledger: Path | None, servers: int) -> None:
    async with running(ledger, port) as api:
        api.servers = set(range(servers))
        told = {"api_url": api.api_url, "gateway_url": api.gateway.url, "token": api.token}
        channels = [world.channel_id(number) for number in range(servers)]
        communities = [world.server_id(number) for number in range(servers)]
        print(json.dumps(told | {"channels": channels, "servers": communities}), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A strict Discord on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ledger", type=Path)
    parser.add_argument("--servers", type=int, default=8, help="how many servers the bot is in from the start")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(**vars(parser.parse_args())))
