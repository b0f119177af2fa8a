"""Our own calls to Discord's REST API, beside the library's gateway.

The library's client sleeps inside a call when it is refused, and also after a message was accepted: a refusal would
look like a lost answer, and an answer would reach us seconds late. Here a refusal is an error, and nothing waits.
"""

import json
import ssl
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
import discord
import structlog

from adapters.platforms.discord.components import Payload
from adapters.platforms.discord.render import plainly
from bot.domain.budget import Budget
from bot.errors import ChannelGone, Muzzled, PlatformError, Rejected, Throttled, TokenRefused, Uncertain, Unreachable
from bot.view import Attachment

API_URL = "https://discord.com/api/v10"
USER_AGENT = f"DiscordBot (https://github.com/Rapptz/discord.py, {discord.__version__}) Tocsin"  # its form is asked for
SEND_TIMEOUT = timedelta(seconds=15)
CONNECT_SECONDS = 5.0

# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
UNKNOWN_CHANNEL, UNKNOWN_SERVER, MISSING_ACCESS = 10003, 10004, 50001
GONE = {UNKNOWN_CHANNEL, UNKNOWN_SERVER, MISSING_ACCESS}
INVALID_FORM = 50035
# The bot is in the chat and may not write there: an administrator's slip, or a closed thread. What is owed stays owed.
MUZZLED = {50013: "missing permissions", 50083: "the thread is archived", 160005: "the thread is locked"}
THREAD_EXISTS = 160004
MUZZLED_FOR = timedelta(minutes=10)
BLOCKED_FOR = timedelta(minutes=1)  # a 429 that is not the API's own and does not say how long

NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)
Json = Any  # what json.loads gives

log = structlog.get_logger()


def connector(ca_file: Path | None) -> aiohttp.TCPConnector:
    """Trusts these authorities, None: the machine's. Without a limit of its own: the budget's width is what limits."""
    return aiohttp.TCPConnector(limit=0, ssl=ssl.create_default_context(cafile=ca_file))


class Misformed(Rejected):
    """How the message is formatted is refused, not what it says. `buttons`: it is about them."""

    def __init__(self, status: int, errors: Json) -> None:
        super().__init__(f"discord: HTTP {status}, code {INVALID_FORM}")
        self.buttons = isinstance(errors, dict) and "components" in errors


class ThreadExists(Rejected):
    """The message has its thread already."""


class Rest:
    """Opened by whoever uses it and closed after the last of them: a stop never cuts a message on its way."""

    def __init__(self, *, token: str, api_url: str, proxy: str | None, ca_file: Path | None, budget: Budget) -> None:
        self.api_url = api_url.rstrip("/")
        self._token = token
        self._proxy = proxy
        self._ca_file = ca_file
        self._budget = budget
        self._session: aiohttp.ClientSession | None = None
        self._users = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[aiohttp.ClientSession]:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=connector(self._ca_file),
                headers={"User-Agent": USER_AGENT},
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        self._users += 1
        try:
            yield self._session
        finally:
            self._users -= 1
            if not self._users:
                session, self._session = self._session, None
                await session.close()

    async def call(
        self,
        method: str,
        path: str,
        body: Json = None,
        *,
        chat: str = "",
        files: Sequence[Attachment] = (),
        anonymous: bool = False,
        within: timedelta = SEND_TIMEOUT,
    ) -> Json:
        """The answer's JSON, None for an empty one. `chat`: whose budget the answer's limits are about.

        `anonymous`: the path itself holds the right to call (interactions). Raises PlatformError; no error of this
        file tells an address, a header or a body, for they hold secrets.
        """
        try:
            async with (
                self.open() as session,
                session.request(
                    method,
                    self.api_url + path,
                    **_content(body, files),
                    headers={} if anonymous else {"Authorization": f"Bot {self._token}"},
                    proxy=self._proxy,
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(total=within.total_seconds(), sock_connect=CONNECT_SECONDS),
                ) as response,
            ):
                content = await response.read()
        except NOT_SENT as error:
            raise Unreachable(f"discord cannot be reached ({type(error).__name__})") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Uncertain(f"discord did not answer ({type(error).__name__})") from None
        try:
            answer = judge(response.status, response.headers, content)
        except Throttled as error:
            self._obey(chat, error.scope == "lane", error.after.total_seconds())
            raise
        if response.headers.get("X-RateLimit-Remaining") == "0":
            self._obey(chat, False, _seconds(response.headers.get("X-RateLimit-Reset-After")) or 0.0)
        return answer

    async def message(
        self,
        method: str,
        path: str,
        body: Payload | None,
        *,
        chat: str = "",
        files: Sequence[Attachment] = (),
        anonymous: bool = False,
    ) -> Json:
        """`call` for what people read. Where its formatting is refused it goes once more without: no post is lost for
        its looks."""
        try:
            return await self.call(method, path, body, chat=chat, files=files, anonymous=anonymous)
        except Misformed as error:
            if body is None:
                raise
            log.warning("sent without formatting", platform="discord", error=str(error))
            plain = plainly(body, buttons=not error.buttons)
        return await self.call(method, path, plain, chat=chat, files=files, anonymous=anonymous)

    def _obey(self, chat: str, whole_lane: bool, seconds: float) -> None:
        if chat or whole_lane:
            self._budget.obey("" if whole_lane else chat, seconds, time.monotonic())


def _content(body: Json, files: Sequence[Attachment]) -> dict[str, Any]:
    """The request's body, as aiohttp takes it."""
    if body is None:
        return {}
    if not files:
        return {"json": body}
    form = aiohttp.FormData(quote_fields=False)  # Discord does not know the escaped brackets of files[0]
    form.add_field("payload_json", json.dumps(body))
    for number, file in enumerate(files):
        form.add_field(f"files[{number}]", file.content, filename=file.name, content_type=file.media_type)
    return {"data": form}


def judge(status: int, headers: Mapping[str, str], content: bytes) -> Json:
    """What an answer means for the message it answers. Pure; raises PlatformError."""
    try:
        answer: Json = json.loads(content) if content else None
        readable = True
    except ValueError:
        answer, readable = None, False
    if 200 <= status < 300:
        if not readable:
            raise Uncertain("discord: the answer cannot be read")
        return answer
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Uncertain(f"discord: HTTP {status}")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise _throttled(headers, answer)
    if status == HTTPStatus.UNAUTHORIZED:
        raise TokenRefused("discord: the token is refused; copy it again from the developer portal")
    if not isinstance(answer, dict):  # a proxy or a firewall speaks, not Discord
        raise Unreachable(f"discord: HTTP {status} from something that is not Discord")
    if answer.get("code") == INVALID_FORM:
        raise Misformed(status, answer.get("errors"))
    raise _refusal(status, answer.get("code"))


def _throttled(headers: Mapping[str, str], answer: Json) -> Throttled:
    said = answer if isinstance(answer, dict) else {}
    seconds = _seconds(said.get("retry_after")) or _seconds(headers.get("Retry-After"))
    after = BLOCKED_FOR if seconds is None else timedelta(seconds=seconds)
    scope = headers.get("X-RateLimit-Scope", "")
    ours = "retry_after" in said  # else the network's own protection: it means the address, so all of us
    whole_lane = not ours or bool(said.get("global")) or scope == "global" or "X-RateLimit-Global" in headers
    return Throttled("lane" if whole_lane else "chat", after)


def _refusal(status: int, code: object) -> PlatformError:
    if code in GONE:
        return ChannelGone(f"discord: HTTP {status}, code {code}: the bot is not in this chat, or it is no more")
    if isinstance(code, int) and code in MUZZLED:
        return Muzzled(MUZZLED_FOR)
    said = f"discord: HTTP {status}, code {code if isinstance(code, int) else 'none'}"
    return ThreadExists(said) if code == THREAD_EXISTS else Rejected(said)


def _seconds(value: object) -> float | None:
    """A duration as Discord writes it, number or text; None for anything that is not one."""
    try:
        seconds = float(value)  # type: ignore[arg-type]  # whatever it is, the answer is yes or no
    except (TypeError, ValueError):
        return None
    return seconds if 0 <= seconds < 86_400 * 7 else None
