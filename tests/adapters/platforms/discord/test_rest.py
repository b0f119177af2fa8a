"""What each of Discord's answers means. The shapes are those of its documentation."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from adapters.platforms.discord.rest import BLOCKED_FOR, MUZZLED_FOR, Misformed, Rest, judge
from bot.domain.budget import Budget, Rates
from bot.errors import ChannelGone, PlatformError, Rejected, Throttled, TokenRefused, Uncertain, Unreachable
from tests.stands.certificate import issued

HTML = b"<html>error code: 1015</html>"


@pytest.mark.parametrize(
    ("status", "content", "error"),
    [
        (200, b"{", Uncertain),
        (200, b"\xff", Uncertain),
        (302, b"", Unreachable),
        (400, b'{"code": 50035, "message": "Invalid Form Body"}', Misformed),
        (401, b'{"code": 0, "message": "401: Unauthorized"}', TokenRefused),
        (401, HTML, TokenRefused),
        (403, b'{"code": 50001, "message": "Missing Access"}', ChannelGone),
        (403, b'{"code": "50001"}', Rejected),
        (403, HTML, Unreachable),
        (404, b'{"code": 10003, "message": "Unknown Channel"}', ChannelGone),
        (404, b'{"code": 10008, "message": "Unknown Message"}', Rejected),
        (404, HTML, Unreachable),
        (409, b"{}", Rejected),
        (500, b"", Uncertain),
        (502, HTML, Uncertain),
    ],
)
def test_each_answer_has_one_meaning(status: int, content: bytes, error: type[PlatformError]) -> None:
    with pytest.raises(error) as judged:
        judge(status, {}, content)
    assert type(judged.value) is error


def test_what_was_accepted_is_handed_back() -> None:
    assert judge(200, {}, b'{"id": "1"}') == {"id": "1"}
    assert judge(204, {}, b"") is None


@pytest.mark.parametrize(
    ("headers", "body", "scope", "after"),
    [
        ({"X-RateLimit-Scope": "user"}, {"retry_after": 1.5, "global": False}, "chat", timedelta(seconds=1.5)),
        ({"X-RateLimit-Scope": "shared"}, {"retry_after": 60, "global": False}, "chat", timedelta(seconds=60)),
        ({}, {"retry_after": 0.25, "global": True}, "lane", timedelta(seconds=0.25)),
        ({"X-RateLimit-Global": "true"}, {"retry_after": 3}, "lane", timedelta(seconds=3)),
        ({"Retry-After": "90"}, None, "lane", timedelta(seconds=90)),
        ({}, None, "lane", BLOCKED_FOR),
        ({"Retry-After": "soon"}, {"retry_after": "nan"}, "chat", BLOCKED_FOR),
    ],
)
def test_a_refusal_names_its_scope_and_its_time(
    headers: dict[str, str], body: object, scope: str, after: timedelta
) -> None:
    with pytest.raises(Throttled) as refused:
        judge(429, headers, HTML if body is None else json.dumps(body).encode())
    assert (refused.value.scope, refused.value.after) == (scope, after)


@pytest.mark.parametrize("code", [50013, 50083, 160005])
def test_what_an_administrator_may_repair_keeps_what_is_owed(code: int) -> None:
    with pytest.raises(Throttled) as refused:
        judge(403, {}, json.dumps({"code": code}).encode())
    assert (refused.value.scope, refused.value.after) == ("chat", MUZZLED_FOR)


def test_no_error_repeats_what_the_platform_wrote() -> None:
    body = json.dumps({"code": 50035, "message": "secret-of-the-answer"}).encode()
    with pytest.raises(Rejected) as refused:
        judge(400, {}, body)
    assert "secret" not in repr(refused.value)


async def test_a_proxy_with_an_authority_of_its_own_is_reached_with_its_file_and_not_without(tmp_path: Path) -> None:
    trusted, context = issued(tmp_path)
    app = web.Application()
    app.router.add_get("/api/v10/gateway", _gateway)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    try:
        await site.start()
        url = f"https://127.0.0.1:{runner.addresses[0][1]}/api/v10"
        assert await _rest(url, trusted).call("GET", "/gateway") == {"url": "wss://gateway.test"}
        with pytest.raises(Unreachable):
            await _rest(url, None).call("GET", "/gateway")
    finally:
        await runner.cleanup()


async def _gateway(_: web.Request) -> web.Response:
    return web.json_response({"url": "wss://gateway.test"})


def _rest(url: str, ca_file: Path | None) -> Rest:
    budget = Budget(Rates(overall=(50, 1.0), chat=(5, 1.0), width=4))
    return Rest(token="t", api_url=url, proxy=None, ca_file=ca_file, budget=budget)
