"""`/calendar/<secret>.ics`, asked over a real socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import aiohttp
from aiohttp import web
from yarl import URL

from adapters.web.calendar import A_MINUTE, CalendarPage
from bot.errors import StoreError

OPEN, CLOSED = "a" * 32, "b" * 32
CONTENT = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
CHANGED = datetime(2026, 3, 10, 9, 0, 0, 500_000, tzinfo=UTC)


@dataclass
class Kept:
    content: bytes = CONTENT
    changed_at: datetime = CHANGED
    asked: list[str] = field(default_factory=list)
    error: Exception | None = None

    async def read(self, secret: str) -> "Kept | None":
        self.asked.append(secret)
        if self.error is not None:
            raise self.error
        return self if secret == OPEN else None


@asynccontextmanager
async def served(kept: Kept) -> AsyncIterator[aiohttp.ClientSession]:
    app = web.Application()
    app.add_routes(CalendarPage(read=kept.read).routes())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        async with aiohttp.ClientSession(f"http://{host}:{port}") as session:
            yield session
    finally:
        await runner.cleanup()


def undated(answer: aiohttp.ClientResponse) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "Date"}


async def test_whoever_has_the_address_gets_the_calendar() -> None:
    async with served(Kept()) as session, session.get(f"/calendar/{OPEN}.ics") as answer:
        assert answer.status == 200 and await answer.read() == CONTENT
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert answer.headers["Last-Modified"] == "Tue, 10 Mar 2026 09:00:00 GMT"
        assert "private" in answer.headers["Cache-Control"]
        assert answer.headers["X-Robots-Tag"] == "noindex"


async def test_a_head_is_the_same_without_the_calendar() -> None:
    path = f"/calendar/{OPEN}.ics"
    async with served(Kept()) as session, session.get(path) as whole, session.head(path) as head:
        assert head.status == 200 and await head.read() == b""
        assert undated(head) == undated(whole)


async def test_what_is_known_already_is_not_sent_again_until_it_changes() -> None:
    kept = Kept()
    async with served(kept) as session:

        async def status(**headers: str) -> int:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            async with session.get(f"/calendar/{OPEN}.ics", headers=named) as answer:
                if answer.status == 304:
                    assert await answer.read() == b"" and answer.headers["ETag"] and answer.headers["Cache-Control"]
                return answer.status

        async with session.get(f"/calendar/{OPEN}.ics") as answer:
            etag = answer.headers["ETag"]
        assert await status(If_None_Match=etag) == 304
        assert await status(If_None_Match=f"W/{etag}") == 304
        assert await status(If_None_Match='"other"') == 200
        assert await status(If_Modified_Since="Tue, 10 Mar 2026 09:00:00 GMT") == 304
        assert await status(If_Modified_Since="Tue, 10 Mar 2026 08:59:59 GMT") == 200
        # The first one decides when both are given (RFC 9110 §13.1.3)
        assert await status(If_None_Match='"other"', If_Modified_Since="Tue, 10 Mar 2026 09:00:00 GMT") == 200
        kept.content += b" "
        assert await status(If_None_Match=etag) == 200


async def test_nothing_tells_a_closed_address_from_one_that_never_was_or_another_page() -> None:
    answers = []
    async with served(kept := Kept()) as session:
        for path in (f"/calendar/{CLOSED}.ics", f"/calendar/{'c' * 32}.ics", "/calendar/short.ics", "/no-such-page"):
            async with session.get(path) as answer:
                answers.append((answer.status, undated(answer), await answer.read()))
    assert answers[0][0] == 404 and all(one == answers[0] for one in answers)
    assert kept.asked == [CLOSED, "c" * 32], "what cannot be an address is not looked for"


async def test_odd_addresses_lead_nowhere() -> None:
    async with served(kept := Kept()) as session:
        for path in (f"/calendar/{OPEN}.ics/x", f"/calendar/{OPEN.upper()}.ics", f"/calendar/%00{OPEN}.ics"):
            async with session.get(URL(path, encoded=True)) as answer:
                assert answer.status == 404
        async with session.post(f"/calendar/{OPEN}.ics") as answer:
            assert answer.status == 405
    assert kept.asked == []


async def test_who_asks_too_often_waits_and_nobody_else_does() -> None:
    async with served(kept := Kept()) as session:
        for _ in range(A_MINUTE):
            async with session.get(f"/calendar/{OPEN}.ics") as answer:
                assert answer.status == 200
        async with session.get(f"/calendar/{OPEN}.ics") as answer:
            assert answer.status == 429 and answer.headers["Retry-After"] == "60"
        async with session.get(f"/calendar/{CLOSED}.ics") as answer:
            assert answer.status == 404
    assert len(kept.asked) == A_MINUTE + 1


async def test_a_store_that_is_away_is_said_and_not_why() -> None:
    away = Kept(error=StoreError("the password of the store"))
    async with served(away) as session, session.get(f"/calendar/{OPEN}.ics") as answer:
        assert answer.status == 503 and "password" not in await answer.text()
