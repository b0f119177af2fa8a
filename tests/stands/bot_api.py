"""A strict Bot API server on 127.0.0.1. It refuses what Telegram refuses, and writes down what it took.

In a test: `async with running() as api`. For another process: `python tests/stands/bot_api.py --ledger FILE` prints its
address; `POST /control/<call>` with the call's arguments as JSON drives it.
"""

import argparse
import asyncio
import contextlib
import socket
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web

if __package__ in (None, ""):  # run as a file: its own folder must not be where modules are looked for
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.stands import telegram_rules as rules
from tests.stands import telegram_world as world
from tests.stands.telegram_faults import Faults, Refused, Window, throttled
from tests.stands.telegram_messages import Messages, form_of
from tests.stands.telegram_world import Json

TOKEN = "123456789:stand-in_of-nobody_0123456789abcdef"
MESSAGES = {"sendMessage", "sendDocument", "editMessageText", "editMessageCaption", "editMessageReplyMarkup"}
MESSAGES |= {"createForumTopic"}  # which leaves one of the service

Method = Callable[[Json], Awaitable[Any]]


class BotApi(Messages, Faults):
    def __init__(self, ledger: Path | None = None, token: str = TOKEN) -> None:
        Messages.__init__(self, ledger)
        Faults.__init__(self)
        self.token = token
        self.menus: dict[tuple[str, str], list[Json]] = {}
        self.publications = 0  # how often a menu was written
        self.refusals = 0  # 429
        self.problems: list[str] = []  # what was refused as malformed, in words
        self.requests: list[str] = []  # methods, in the order they came
        self.has_limits = True
        self.dislikes_formatting = False  # every message with entities is refused
        self.has_webhook = False
        self.me: Json = {}  # what getMe says otherwise
        self.port = 0
        self._refuses_token = False
        self._others_poll = False
        self._poller: asyncio.Event | None = None  # set when a newer poll ends this one
        self._overall = Window(30, 1.0)
        self._windows: defaultdict[int, Window] = defaultdict(lambda: Window(1, 1.0))
        self._groups: defaultdict[int, Window] = defaultdict(lambda: Window(20, 60.0))
        self._server: asyncio.Server | None = None
        self._reopening: asyncio.Task[None] | None = None
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # -- life ---------------------------------------------------------------------------------------------------------

    async def start(self, port: int = 0) -> None:
        app = web.Application(client_max_size=64 * 2**20)
        app.add_routes(
            [
                web.route("*", "/bot{token}/{method}", self._handle),
                web.post("/control/{call}", self._control),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await self._listen(_bound(port))

    async def stop(self) -> None:
        self._end_poll()
        if self._reopening is not None:
            await self._reopening
        if self._server is not None:
            self._server.close()
        if self._runner is not None:
            await self._runner.cleanup()
        self.close()

    async def _listen(self, sock: socket.socket) -> None:
        assert self._runner is not None
        self._server = await asyncio.get_running_loop().create_server(self._protocol(), sock=sock)
        self.port = sock.getsockname()[1]

    def _protocol(self) -> Any:
        assert self._runner is not None
        return self._runner.server

    # -- what may go wrong --------------------------------------------------------------------------------------------

    def reject_token(self, on: bool = True) -> None:
        self._refuses_token = on
        self._end_poll()

    def poll_elsewhere(self, on: bool = True) -> None:
        """Another process asks for the same updates, again and again."""
        self._others_poll = on
        self._end_poll()

    def limits(self, on: bool) -> None:
        self.has_limits = on

    def refuse_connections(self, on: bool) -> None:
        """Nothing listens, and what was open is cut."""
        if on and self._server is not None:
            self._server.close()
            self._server = None
            self._end_poll()
            for connection in list(self._protocol().connections):
                if connection.transport is not None:
                    connection.transport.abort()
        elif not on and self._server is None:
            self._reopening = asyncio.get_running_loop().create_task(self._listen(_bound(self.port)))

    # -- the methods --------------------------------------------------------------------------------------------------

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        self.requests.append(method)
        try:
            if self._refuses_token or request.match_info["token"] != self.token:
                raise Refused(401, "Unauthorized")
            if method not in METHODS:
                raise Refused(404, "Not Found: method not found")
            call: Method = getattr(self, METHODS[method])
            asked = rules.parameters(await form_of(request))
            if method in MESSAGES:
                return await self._about_a_message(request, method, asked, call)
            return _answer(await call(asked))
        except Refused as refused:
            return self._refuse(refused)

    async def _about_a_message(
        self, request: web.Request, method: str, asked: Json, call: Method
    ) -> web.StreamResponse:
        fault = self.meets(int(asked["chat_id"]))
        if fault is not None and fault.kind == "throttle":
            raise throttled(fault.seconds)
        if fault is not None and fault.kind == "fail":
            raise Refused(fault.status, "Made to fail")
        self._limit(int(asked["chat_id"]))
        if self.dislikes_formatting and (asked.get("entities") or asked.get("caption_entities")):
            raise Refused(400, "Bad Request: can't parse entities: unsupported entity at byte offset 0")
        if found := list(rules.message_problems(method, asked)):
            self.problems += found
            raise Refused(400, found[0])
        said = await call(asked)
        if fault is not None and fault.kind == "lose":
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if fault is not None and fault.kind == "garble":
            return web.Response(text="<html>Bad gateway</html>", content_type="text/html")
        if fault is not None and fault.kind == "late":
            await asyncio.sleep(fault.seconds)
        return _answer(said)

    def _refuse(self, refused: Refused) -> web.StreamResponse:
        self.refusals += refused.status == 429
        body: Json = {"ok": False, "error_code": refused.status, "description": refused.description}
        if refused.parameters:
            body["parameters"] = refused.parameters
        return web.json_response(body, status=refused.status)

    def _limit(self, chat: int) -> None:
        if not self.has_limits:
            return
        now = time.monotonic()
        windows = [self._overall, self._windows[chat]] + ([self._groups[chat]] if chat < 0 else [])
        if (wait := max(window.wait(now) for window in windows)) > 0:
            raise throttled(wait)
        for window in windows:
            window.take(now)

    async def _get_me(self, asked: Json) -> Json:
        return world.BOT | self.me

    async def _get_updates(self, asked: Json) -> list[Json]:
        if self.has_webhook:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active")
        self._end_poll()
        self.updates.confirm(asked.get("offset", 0))
        ended = self._poller = asyncio.Event()
        if self._others_poll:
            ended.set()
        deadline = time.monotonic() + asked.get("timeout", 0)
        while not ended.is_set() and not self.updates.waiting and (left := deadline - time.monotonic()) > 0:
            self._arrived.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), left)
        if self._refuses_token:
            raise Refused(401, "Unauthorized")
        if ended.is_set():
            text = "terminated by other getUpdates request; make sure that only one bot instance is running"
            raise Refused(409, f"Conflict: {text}")
        wanted = asked.get("allowed_updates")
        return [update for update in self.updates.waiting if not wanted or set(update) & set(wanted)]

    def _end_poll(self) -> None:
        if self._poller is not None:
            self._poller.set()
            self._arrived.set()

    async def _answer_query(self, asked: Json) -> bool:
        query = self.queries.get(str(asked["callback_query_id"]))
        if query is None or query.answered_after is not None:
            raise Refused(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        if rules.units(asked.get("text", "")) > rules.NOTICE:
            raise Refused(400, "Bad Request: MESSAGE_TOO_LONG")
        if asked.get("url") and not asked["url"].startswith(f"https://t.me/{world.BOT['username']}?start="):
            raise Refused(400, "Bad Request: URL_INVALID")
        query.answered_after = time.monotonic() - query.asked_at
        query.text, query.url = asked.get("text", ""), asked.get("url", "")
        return True

    async def _member_of(self, asked: Json) -> Any:
        return world.member_of(self._chat_of(asked), asked["user_id"])

    async def _chat(self, asked: Json) -> Json:
        return world.about(self._chat_of(asked))

    async def _get_commands(self, asked: Json) -> list[Json]:
        return self.menus.get(_place(asked), [])

    async def _set_commands(self, asked: Json) -> bool:
        if found := list(rules.menu_problems(asked)):
            self.problems += found
            raise Refused(400, found[0])
        self.menus[_place(asked)] = asked["commands"]
        self.publications += 1
        return True

    async def _delete_webhook(self, asked: Json) -> bool:
        self.has_webhook = False
        return True

    # -- other processes ----------------------------------------------------------------------------------------------

    async def _control(self, request: web.Request) -> web.StreamResponse:
        call, told = request.match_info["call"], await request.json() if request.can_read_body else {}
        if call not in CONTROLS:
            raise web.HTTPNotFound
        found = getattr(self, call)(**told) if call != "state" else None
        return web.json_response(
            {
                "update": found[0] if isinstance(found, tuple) else found if isinstance(found, int) else None,
                "refusals": self.refusals,
                "problems": self.problems,
                "messages": len(self.messages),
                "confirmed": self.updates.confirmed,
                "publications": self.publications,
            }
        )


CONTROLS = {"throttle", "lose", "garble", "delay", "fail", "reject_token", "poll_elsewhere", "limits", "say", "press"}
CONTROLS |= {"open_private", "add_thread", "set_admin", "kick", "let_in", "muzzle", "migrate", "state", "add_chat"}
CONTROLS |= {"refuse_connections"}
METHODS = {
    "getMe": "_get_me",
    "getUpdates": "_get_updates",
    "sendMessage": "_send",
    "sendDocument": "_send",
    "createForumTopic": "_create_topic",
    "editMessageText": "_edit",
    "editMessageCaption": "_edit",
    "editMessageReplyMarkup": "_edit",
    "deleteMessage": "_delete",
    "answerCallbackQuery": "_answer_query",
    "getChatMember": "_member_of",
    "getChat": "_chat",
    "setMessageReaction": "_react",
    "getMyCommands": "_get_commands",
    "setMyCommands": "_set_commands",
    "deleteWebhook": "_delete_webhook",
}


def _place(asked: Json) -> tuple[str, str]:
    return asked.get("scope", {}).get("type", "default"), asked.get("language_code", "")


def _answer(result: object) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def _bound(port: int) -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    return sock


@contextlib.asynccontextmanager
async def running(ledger: Path | None = None, port: int = 0) -> AsyncIterator[BotApi]:
    api = BotApi(ledger)
    await api.start(port)
    try:
        yield api
    finally:
        await api.stop()


async def _serve(port: int, ledger: Path | None, groups: int) -> None:
    async with running(ledger, port) as api:
        for number in range(groups):
            api.chat(number)
        print(api.url, flush=True)
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ledger", type=Path)
    parser.add_argument("--groups", type=int, default=1, help="how many groups the bot is in from the start")
    told = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(told.port, told.ledger, told.groups))


if __name__ == "__main__":
    main()
