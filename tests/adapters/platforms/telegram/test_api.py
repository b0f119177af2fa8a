"""What each answer of the Bot API means, over real connections where the connection is what matters."""

import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from aiohttp import web

from adapters.platforms.telegram.api import Api, OneByOne, Refusals
from adapters.platforms.telegram.client import RATES
from bot.domain.budget import Budget
from bot.domain.channel import Address
from bot.errors import (
    ChannelGone,
    ChannelMoved,
    PlatformError,
    Rejected,
    Throttled,
    TokenRefused,
    Uncertain,
    Unreachable,
)

TOKEN = "123456789:un-jeton_invente_0123456789abcdefgh"


def api(url: str) -> Api:
    return Api(token=TOKEN, api_url=url, proxy=None, ca_file=None, budget=Budget(RATES))


@asynccontextmanager
async def answering(handle: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def told(status: int, description: str, **parameters: int) -> PlatformError:
    body = {"ok": False, "error_code": status, "description": description}

    async def handle(request: web.Request) -> web.StreamResponse:
        return web.json_response(body | ({"parameters": parameters} if parameters else {}), status=status)

    async with answering(handle) as url:
        return await failure(url)


async def failure(url: str) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        await api(url).send("-1001", "", {"text": "Bonjour"})
    error = caught.value
    assert (
        error.__cause__ is None and error.__context__ is None
    )  # the library's errors name the address, token included
    assert TOKEN not in repr(error) + str(error)
    return error


@pytest.mark.parametrize(
    ("status", "description", "kind"),
    [
        (400, "Bad Request: chat not found", ChannelGone),
        (400, "Bad Request: message thread not found", ChannelGone),
        (400, "Bad Request: TOPIC_CLOSED", ChannelGone),
        (400, "Bad Request: PEER_ID_INVALID", ChannelGone),
        (403, "Forbidden: bot was kicked from the supergroup chat", ChannelGone),
        (403, "Forbidden: bot was blocked by the user", ChannelGone),
        (403, "Forbidden: user is deactivated", ChannelGone),
        (400, "Bad Request: message is too long", Rejected),
        (400, "Bad Request: message to edit not found", Rejected),
        (413, "Request Entity Too Large", Rejected),
        (401, "Unauthorized", TokenRefused),
        (404, "Not Found", TokenRefused),
        (500, "Internal Server Error", Uncertain),
        (502, "Bad Gateway", Uncertain),
        (409, "Conflict: terminated by other getUpdates request", Unreachable),
    ],
)
async def test_each_error_has_its_meaning(status: int, description: str, kind: type[PlatformError]) -> None:
    assert isinstance(await told(status, description), kind)


async def test_a_chat_that_moved_says_where() -> None:
    error = await told(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1009)
    assert isinstance(error, ChannelMoved)
    assert error.to == Address(platform="telegram", chat="-1009")


async def test_the_seconds_of_a_refusal_are_kept() -> None:
    error = await told(429, "Too Many Requests: retry after 37", retry_after=37)
    assert isinstance(error, Throttled)
    assert (error.scope, error.after) == ("chat", timedelta(seconds=37))


async def test_a_refusal_without_seconds_still_waits() -> None:
    error = await told(429, "Too Many Requests")
    assert isinstance(error, Throttled)
    assert error.after >= timedelta(seconds=30)


@pytest.mark.parametrize("status", [400, 403])
async def test_a_bot_that_may_not_write_keeps_its_chat(status: int) -> None:
    error = await told(status, "Bad Request: not enough rights to send text messages to the chat")
    assert isinstance(error, Throttled)
    assert (error.scope, error.after >= timedelta(minutes=1)) == ("chat", True)


@pytest.mark.parametrize(
    ("status", "kind"), [(403, Unreachable), (302, Unreachable), (504, Uncertain), (200, Uncertain)]
)
async def test_a_firewall_is_not_telegram(status: int, kind: type[PlatformError]) -> None:
    """Its 403 must not make us believe that every chat has put us out."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return web.Response(text="<h1>Accès filtré</h1>", status=status, content_type="text/html")

    async with answering(handle) as url:
        assert isinstance(await failure(url), kind)


@pytest.mark.parametrize(
    "body", ["{}", '{"ok": true}', '{"ok": true, "result": 3}', '{"ok": true, "result": {}}', "[]", ""]
)
async def test_an_answer_that_cannot_be_read_is_uncertain(body: str) -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        return web.Response(text=body, content_type="application/json")

    async with answering(handle) as url:
        assert isinstance(await failure(url), Uncertain)


async def test_a_connection_cut_before_the_answer_is_uncertain() -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        await request.read()
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with answering(handle) as url:
        assert isinstance(await failure(url), Uncertain)


async def test_where_nothing_listens_nothing_was_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert isinstance(await failure(f"http://127.0.0.1:{taken.getsockname()[1]}"), Unreachable)


async def test_an_edit_that_changes_nothing_is_a_success() -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        said = "Bad Request: message is not modified: specified new message content is exactly the same"
        return web.json_response({"ok": False, "error_code": 400, "description": said}, status=400)

    async with answering(handle) as url:
        await api(url).edit("-1001", "12", {"text": "Bonjour"})


def test_one_refused_chat_is_that_chat_however_often() -> None:
    refusals = Refusals()
    for _ in range(5):
        assert refusals.judge("1", timedelta(seconds=60)).scope == "chat"


def test_several_chats_refused_in_a_row_stop_the_lane_for_a_moment_that_doubles() -> None:
    refusals, minute = Refusals(), timedelta(minutes=1)
    found = [refusals.judge(str(chat), minute) for chat in range(4)]
    assert [one.scope for one in found] == ["chat", "lane", "lane", "lane"]
    assert [one.after.total_seconds() for one in found] == [60, 2, 4, 8]


def test_the_lane_never_waits_longer_than_asked() -> None:
    refusals = Refusals()
    assert [refusals.judge(str(n), timedelta(seconds=1)).after.total_seconds() for n in range(3)] == [1, 1, 1]


def test_a_success_in_between_shows_that_the_lane_is_free() -> None:
    refusals = Refusals()
    refusals.judge("1", timedelta(seconds=60))
    refusals.forget()
    assert refusals.judge("2", timedelta(seconds=60)).scope == "chat"


def test_an_update_the_library_cannot_read_is_left_empty_and_the_others_are_read() -> None:
    """Read all or none, it would come again for ever, and nothing after it."""
    good = {"update_id": 3, "message": {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}}}
    odd = [{"update_id": 1, "message": {}}, {"update_id": 2, "callback_query": {"id": "x"}}, good, {"nothing": 1}, "x"]
    answer = OneByOne.parse_json_payload(json.dumps({"ok": True, "result": odd}).encode())
    assert answer["result"] == [{"update_id": 1}, {"update_id": 2}, good]
    assert OneByOne.parse_json_payload(b'{"ok": true, "result": true}')["result"] is True
