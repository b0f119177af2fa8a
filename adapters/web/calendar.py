"""`/calendar/<secret>.ics`: a channel's deadlines, for the calendars of its members."""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

import structlog
from aiohttp import ETag, web

from bot.domain.flood import Flood, Verdict
from bot.errors import BotError

PATH = "/calendar/{secret:[0-9a-f]{32}}.ics"
A_MINUTE = 30  # of one address: a whole hospital behind one proxy, and each calendar once in a while
ANSWERS_WITHIN = 10.0  # seconds
AT_ONCE = 4  # documents being made: the bot has other work
FRESH = "private, max-age=900"  # whoever has the address may keep it, a proxy that serves others may not
HEADERS = {"X-Content-Type-Options": "nosniff", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}

log = structlog.get_logger()


class Document(Protocol):
    @property
    def content(self) -> bytes: ...

    @property
    def changed_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarPage:
    """`read` gives the calendar at this secret address; None: there is none, or no longer."""

    read: Callable[[str], Awaitable[Document | None]]
    flood: Flood = field(default_factory=Flood)
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self._calendar)]  # … and HEAD

    async def _calendar(self, request: web.Request) -> web.Response:
        """Nothing tells an address that was renewed from one that never was, nor from a page that does not exist."""
        secret = request.match_info["secret"]
        if self.flood.admit({secret: A_MINUTE}, time.monotonic()) is not Verdict.WELCOME:
            raise web.HTTPTooManyRequests(headers={"Retry-After": "60"})
        try:
            async with asyncio.timeout(ANSWERS_WITHIN), self.room:
                document = await self.read(secret)
        except (BotError, TimeoutError) as error:
            log.warning("a calendar could not be read", kind=type(error).__name__)
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "60"}) from None
        if document is None:
            raise web.HTTPNotFound
        return _answer(request, document)


def _answer(request: web.Request, document: Document) -> web.Response:
    """The whole, or that it is known already (RFC 9110 §13.2.2)."""
    changed_at = document.changed_at.astimezone(UTC).replace(microsecond=0)
    etag = ETag(hashlib.sha256(document.content).hexdigest()[:32])
    known, since = request.if_none_match, request.if_modified_since
    is_known = (
        any(one.value in (etag.value, "*") for one in known) if known else since is not None and changed_at <= since
    )
    answer = web.Response(status=304, headers=HEADERS) if is_known else _whole(document)
    answer.etag, answer.last_modified = etag, changed_at
    answer.headers["Cache-Control"] = FRESH
    return answer


def _whole(document: Document) -> web.Response:
    shown = {**HEADERS, "Content-Disposition": 'inline; filename="tocsin.ics"'}
    return web.Response(body=document.content, content_type="text/calendar", charset="utf-8", headers=shown)
