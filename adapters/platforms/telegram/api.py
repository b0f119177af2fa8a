"""Calls to the Bot API through the library, and what its errors mean for the message they are about.

The texts of the library's errors may hold the token, so none is chained to ours: they are read here and forgotten.
"""

import asyncio
import os
import re
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
import structlog
import telegram
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from adapters.platforms.telegram.render import Payload, plainly
from adapters.platforms.telegram.updates import PLATFORM
from bot.domain.budget import Budget
from bot.domain.channel import Address
from bot.errors import (
    ChannelGone,
    ChannelMoved,
    Muzzled,
    PlatformError,
    Rejected,
    Throttled,
    TokenRefused,
    Uncertain,
    Unreachable,
)
from bot.view import Attachment

os.environ.setdefault("PTB_TIMEDELTA", "true")  # the library's own switch: RetryAfter.retry_after is a timedelta

API_URL = "https://api.telegram.org"
SEND_TIMEOUT = timedelta(seconds=60)  # 5 s, the library's default, makes doubles
CONNECT_SECONDS = 10.0
AS_IT_ARRIVED = ("disable_notification", "reply_parameters")  # no edit changes these
CONNECTIONS = 32  # the budget's width is what limits; answers to people come on top

NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)
# https://github.com/tdlib/telegram-bot-api: the sentences are all it says, in whatever case the library leaves them
GONE = re.compile(
    r"chat not found|peer_id_invalid|group chat was (deleted|deactivated)|channel_private"
    r"|message thread not found|topic_(deleted|closed)",
    re.IGNORECASE,
)
# The bot is in the chat and may not write there: an administrator's slip. What is owed stays owed.
MUZZLED = re.compile(
    r"not enough rights|have no rights|need administrator rights"
    r"|chat_(write_forbidden|restricted|admin_required|guest_send_forbidden|send_\w+_forbidden)",
    re.IGNORECASE,
)
MISFORMED = re.compile(r"entit(y|ies)|parse|button|keyboard|reply.?markup|url_invalid|http url", re.IGNORECASE)
MUZZLED_FOR = timedelta(minutes=10)
THROTTLED_FOR = timedelta(minutes=1)  # a 429 that does not say how long
FIRST_BRAKE = timedelta(seconds=2)

log = structlog.get_logger()

T = TypeVar("T")


class Taken(Unreachable):
    """409: somebody else asks for this bot's updates."""


class Hooked(Unreachable):
    """409: updates still go to a webhook, which must be taken down before they can be asked for."""


class Unchanged(Rejected):
    """An edit that says what the message says already."""


class Misformed(Rejected):
    """How the message is formatted is refused, not what it says. `buttons`: it is about them."""

    def __init__(self, said: str) -> None:
        super().__init__(f"telegram: {said}")
        self.buttons = "button" in said.lower() or "keyboard" in said.lower() or "markup" in said.lower()


class OneByOne(HTTPXRequest):
    """For what comes in: the library reads all updates of an answer or none.

    So one that it cannot read would come again for ever, and nothing after it. Here it is left empty and goes by.
    """

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        answer = HTTPXRequest.parse_json_payload(payload)
        if isinstance(updates := answer.get("result"), list):
            answer["result"] = [_readable(one) for one in updates if _number(one) is not None]
        return answer


def _readable(update: dict[str, Any]) -> dict[str, Any]:
    try:
        telegram.Update.de_json(update)
    except Exception:  # whatever somebody else's words make of the library
        return {"update_id": update["update_id"]}
    return update


def _number(update: object) -> int | None:
    number = update.get("update_id") if isinstance(update, dict) else None
    return number if isinstance(number, int) else None


class Refusals:
    """A 429 does not say whom it means. One chat refused is that chat. Several in a row, with no success in between,
    are the lane as well: it stops for a moment, doubled each time, while each chat waits as long as it was told.
    """

    def __init__(self) -> None:
        self._chats: set[str] = set()
        self._brakes = 0

    def judge(self, chat: str, after: timedelta) -> Throttled:
        self._chats.add(chat)
        if len(self._chats) < 2:
            return Throttled("chat", after)
        brake = min(after, FIRST_BRAKE * 2 ** min(self._brakes, 10))
        self._brakes += 1
        return Throttled("lane", brake)

    def forget(self) -> None:
        self._chats.clear()
        self._brakes = 0


class Api:
    """Opened by whoever uses it and closed after the last of them: a stop never cuts a message on its way."""

    def __init__(self, *, token: str, api_url: str, proxy: str | None, ca_file: Path | None, budget: Budget) -> None:
        self._token = token
        self._root = api_url.rstrip("/")
        self._proxy = proxy
        self._ssl = ssl.create_default_context(cafile=ca_file)
        self._budget = budget
        self._refusals = Refusals()
        self._bot: telegram.Bot | None = None
        self._requests: Sequence[HTTPXRequest] = ()
        self._users = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[telegram.Bot]:
        if self._bot is None:
            self._requests = self._request(1, OneByOne), self._request(CONNECTIONS)
            self._bot = telegram.Bot(
                self._token,
                base_url=f"{self._root}/bot",
                base_file_url=f"{self._root}/file/bot",
                get_updates_request=self._requests[0],
                request=self._requests[1],
            )
        self._users += 1
        try:
            yield self._bot
        finally:
            self._users -= 1
            if not self._users:
                self._bot = None
                async with AsyncExitStack() as closing:  # both, even when we are cancelled at the first
                    for request in self._requests:
                        closing.push_async_callback(request.shutdown)

    async def call(self, ask: Callable[[telegram.Bot], Awaitable[T]], *, chat: str = "") -> T:
        """What `ask` returns. `chat`: whom the call speaks to, when it counts as a message. Raises PlatformError."""
        try:
            async with self.open() as bot:
                answer = await ask(bot)
        except TelegramError as error:
            meaning = judge(error)
        except (LookupError, TypeError, ValueError, AttributeError):  # what the library makes of an odd answer
            meaning = Uncertain("telegram: the answer cannot be read")
        else:
            if chat:
                self._refusals.forget()
            return answer
        if type(meaning) is Throttled and chat:
            self._budget.obey(chat, meaning.after.total_seconds(), time.monotonic())
            meaning = self._refusals.judge(chat, meaning.after)
        raise meaning  # outside of the handler, so that nothing is chained to it

    async def send(
        self, chat: str, thread: str, payload: Payload, *, file: Attachment | None = None, answers: int = 0
    ) -> str:
        """One message; its number. `answers`: the message it replies to, if that still exists. Raises PlatformError.

        Where its formatting is refused it goes once more without: no post is lost for its looks.
        """
        try:
            return await self._send(chat, thread, payload, file, answers)
        except Misformed as error:
            log.warning("sent without formatting", platform="telegram", error=str(error))
            plain = plainly(payload, buttons=not error.buttons)
        await self._turn(chat)  # the refused one counted as a message
        return await self._send(chat, thread, plain, file, answers)

    async def _send(self, chat: str, thread: str, payload: Payload, file: Attachment | None, answers: int) -> str:
        where = dict(payload)
        if thread:
            where["message_thread_id"] = int(thread)
        if answers:
            where["reply_parameters"] = {"message_id": answers, "allow_sending_without_reply": True}
        if file is not None:
            document = telegram.InputFile(file.content, filename=file.name)
            sent = await self.call(lambda bot: bot.send_document(chat, document, api_kwargs=where), chat=chat)
        else:
            text = where.pop("text")
            sent = await self.call(lambda bot: bot.send_message(chat, text, api_kwargs=where), chat=chat)
        return str(sent.message_id)

    async def create_topic(self, chat: str, name: str) -> str:
        """The topic's number. Raises PlatformError."""
        topic = await self.call(lambda bot: bot.create_forum_topic(chat, name), chat=chat)
        return str(topic.message_thread_id)

    async def edit(self, chat: str, ref: str, payload: Payload) -> None:
        """The same text twice is no error; where its formatting is refused, see `send`. Raises PlatformError."""
        try:
            return await self._edit(chat, ref, payload)
        except Misformed as error:
            log.warning("edited without formatting", platform="telegram", error=str(error))
            plain = plainly(payload, buttons=not error.buttons)
        await self._turn(chat)
        return await self._edit(chat, ref, plain)

    async def _edit(self, chat: str, ref: str, payload: Payload) -> None:
        where = {key: value for key, value in payload.items() if key not in AS_IT_ARRIVED}
        number = int(ref)
        with suppress(Unchanged):
            if "caption" in where:
                await self.call(lambda bot: bot.edit_message_caption(chat, number, api_kwargs=where), chat=chat)
            else:
                text = where.pop("text")
                await self.call(lambda bot: bot.edit_message_text(text, chat, number, api_kwargs=where), chat=chat)

    async def _turn(self, chat: str) -> None:
        """One message more than was reckoned with."""
        await asyncio.sleep(self._budget.wait(chat, time.monotonic()))
        self._budget.take(chat, time.monotonic(), is_group=chat.startswith("-"))

    async def edit_buttons(self, chat: str, ref: str, rows: Sequence[Sequence[Payload]]) -> None:
        """The same buttons twice are no error. Raises PlatformError."""
        where = {"reply_markup": {"inline_keyboard": rows}}
        with suppress(Unchanged):
            await self.call(lambda bot: bot.edit_message_reply_markup(chat, int(ref), api_kwargs=where), chat=chat)

    async def delete(self, chat: str, message: int) -> None:
        """One of ours; not after two days. Raises PlatformError."""
        await self.call(lambda bot: bot.delete_message(chat, message))

    def _request(self, connections: int, kind: type[HTTPXRequest] = HTTPXRequest) -> HTTPXRequest:
        return kind(
            connection_pool_size=connections,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=SEND_TIMEOUT.total_seconds(),
            write_timeout=SEND_TIMEOUT.total_seconds(),
            pool_timeout=CONNECT_SECONDS,
            proxy=self._proxy,
            # The proxy is the one of the settings, whatever other variables say
            httpx_kwargs={"trust_env": False, "verify": self._ssl},
        )


def judge(error: TelegramError) -> PlatformError:
    """Pure. `__cause__` says how far the request came."""
    said = str(error)
    if isinstance(error.__cause__, TelegramError):  # an answer that is not JSON, so not Telegram's
        return _from_somebody_else(said)
    match error:
        case RetryAfter():
            after = error.retry_after
            return Throttled("chat", after if isinstance(after, timedelta) else timedelta(seconds=after))
        case ChatMigrated():
            return ChannelMoved(Address(platform=PLATFORM, chat=str(error.new_chat_id)))
        case InvalidToken():
            return TokenRefused("telegram: the token is refused; copy it again from BotFather")
        case Conflict() if "webhook" in said.lower():
            return Hooked("telegram: updates go to a webhook")
        case Conflict():
            return Taken("telegram: somebody else asks for this bot's updates")
        case Forbidden() if not MUZZLED.search(said):
            return ChannelGone("telegram: the bot is not in this chat")
        case Forbidden() | BadRequest():
            return _refusal(said)
    return _failure(error, said)


def _refusal(said: str) -> PlatformError:
    if MUZZLED.search(said):
        return Muzzled(MUZZLED_FOR)
    if GONE.search(said):
        return ChannelGone(f"telegram: {said}")
    if "not modified" in said.lower():
        return Unchanged(f"telegram: {said}")
    if MISFORMED.search(said):
        return Misformed(said)
    return Rejected(f"telegram: {said}")


def _failure(error: TelegramError, said: str) -> PlatformError:
    cause = error.__cause__
    if isinstance(cause, NOT_SENT):
        return Unreachable(f"telegram cannot be reached ({type(cause).__name__})")
    if isinstance(cause, Exception):  # ours, or the network's, once the request was on its way
        return Uncertain(f"telegram did not answer ({type(cause).__name__})")
    if "too many requests" in said.lower():
        return Throttled("chat", THROTTLED_FOR)
    if "too large" in said.lower():  # 413
        return Rejected("telegram: the message is too large")
    return Uncertain("telegram: an error of its own")


def _from_somebody_else(said: str) -> PlatformError:
    """A proxy or a firewall speaks; behind a gateway's error, Telegram may still have heard us."""
    status = re.search(r"\((\d{3})\)", said)
    if status and int(status[1]) < 500:
        return Unreachable(f"telegram: HTTP {status[1]} from something that is not Telegram")
    return Uncertain("telegram: the answer cannot be read")
