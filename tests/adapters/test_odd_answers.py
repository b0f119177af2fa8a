"""Answers that are hardly HTTP: each is a page, or one clear refusal, in its time; nothing else ever comes out."""

import asyncio
import gc
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from socket import SO_LINGER, SOL_SOCKET

import pytest

from adapters.chain import Limits
from adapters.http import HttpFetcher
from bot.errors import FetchError
from bot.ports import NotModified

Say = Callable[[asyncio.StreamWriter], Awaitable[None]]

# Small, so that what hangs is ended at once; the most a reading may take is far under what the test allows it.
LIMITS = Limits(
    total=timedelta(seconds=3),
    silence=timedelta(seconds=0.5),
    silences=timedelta(seconds=0.8),
    run_up=timedelta(seconds=0.2),
    most_bytes=2**20,
)
AT_MOST = 20  # seconds, on a machine that has other things to do

OK = b"HTTP/1.1 200 OK\r\n"
XML = b"Content-Type: application/xml\r\n"
BODY = b"<rss><channel><title>Fictif</title></channel></rss>"  # 51 bytes
LENGTH = b"Content-Length: 51\r\n"
PAGE = OK + XML + LENGTH + b"\r\n" + BODY
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
CHUNKED = OK + XML + b"Transfer-Encoding: chunked\r\n\r\n"


def to(location: bytes, status: bytes = b"302 Found") -> bytes:
    return b"HTTP/1.1 " + status + b"\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"


def with_status(status: bytes, body: bytes = BODY) -> bytes:
    return b"HTTP/1.1 " + status + b"\r\n" + XML + b"Content-Length: %d\r\n\r\n" % len(body) + body


async def silent(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def slow_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(OK)
    for _ in range(600):
        writer.write(b"X-Slow: 1\r\n")
        await writer.drain()
        await asyncio.sleep(0.1)


async def slow_status(writer: asyncio.StreamWriter) -> None:
    for byte in PAGE:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.1)


async def hints_for_ever(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


async def headers_for_ever(writer: asyncio.StreamWriter) -> None:
    writer.write(OK)
    while True:
        writer.write(b"X-More: and more\r\n" * 50)
        await writer.drain()


async def one_header_for_ever(writer: asyncio.StreamWriter) -> None:
    writer.write(OK + b"X-More: ")
    while True:
        writer.write(b"and more " * 500)
        await writer.drain()


async def body_for_ever(writer: asyncio.StreamWriter) -> None:
    writer.write(OK + XML + b"\r\n")
    while True:
        writer.write(BODY * 500)
        await writer.drain()


async def chunks_of_nothing(writer: asyncio.StreamWriter) -> None:
    writer.write(CHUNKED)
    for _ in range(600):
        writer.write(b"1\r\n \r\n")
        await writer.drain()
        await asyncio.sleep(0.1)


async def body_never_ends(writer: asyncio.StreamWriter) -> None:
    writer.write(OK + XML + b"Content-Length: 5000\r\n\r\n" + BODY * 20)
    await writer.drain()
    await asyncio.sleep(60)


async def body_never_begins(writer: asyncio.StreamWriter) -> None:
    writer.write(OK + XML + b"Content-Length: 5000\r\n\r\n")
    await writer.drain()
    await asyncio.sleep(60)


async def reset(writer: asyncio.StreamWriter) -> None:
    _reset(writer)


async def reset_in_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(OK + b"X-Half")
    await writer.drain()
    await asyncio.sleep(0.05)  # so that both arrive apart
    _reset(writer)


async def reset_in_body(writer: asyncio.StreamWriter) -> None:
    writer.write(OK + XML + b"Content-Length: 5000\r\n\r\n" + BODY)
    await writer.drain()
    await asyncio.sleep(0.05)
    _reset(writer)


def _reset(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


# What is said → "page", "cut" (a page marked as truncated) or the code of the refusal.
ANSWERS: dict[str, tuple[bytes | Say, str]] = {
    # the status line
    "a plain page": (PAGE, "page"),
    "nothing": (b"", "connection"),
    "an empty line": (b"\r\n\r\n", "connection"),
    "no status line": (XML + b"\r\n" + BODY, "bad-http"),
    "HTTP/0.9": (BODY, "bad-http"),
    "HTTP/1.0 without a length": (b"HTTP/1.0 200 OK\r\n" + XML + b"\r\n" + BODY, "page"),
    "HTTP/2.0 in letters": (b"HTTP/2.0 200 OK\r\n" + XML + LENGTH + b"\r\n" + BODY, "page"),
    "HTTP/9.9": (b"HTTP/9.9 200 OK\r\n" + XML + LENGTH + b"\r\n" + BODY, "bad-http"),
    "an HTTP/2 preface": (b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + bytes(18), "bad-http"),
    "a lower-case protocol": (b"http/1.1 200 ok\r\n" + LENGTH + b"\r\n" + BODY, "bad-http"),
    "another protocol": (b"SSH-2.0-OpenSSH_9.6\r\n", "bad-http"),
    "a mail server": (b"220 mail.example ESMTP\r\n", "bad-http"),
    "ICY": (b"ICY 200 OK\r\n\r\n" + BODY, "bad-http"),
    "TLS on a plain port": (b"\x15\x03\x01\x00\x02\x02\x46", "bad-http"),
    "no reason": (b"HTTP/1.1 200\r\n" + LENGTH + b"\r\n" + BODY, "page"),
    "a reason in Latin-1": (b"HTTP/1.1 200 R\xe9ussi\r\n" + LENGTH + b"\r\n" + BODY, "page"),
    "bare line feeds": (PAGE.replace(b"\r\n", b"\n"), "page"),
    "bytes of zero": (bytes(500), "bad-http"),
    "a long reason": (b"HTTP/1.1 200 " + b"x" * 200_000 + b"\r\n\r\n", "bad-http"),
    # statuses
    "status 000": (with_status(b"000 Nothing"), "http-error"),
    "status 99": (with_status(b"99 Short"), "bad-http"),
    "status 999": (with_status(b"999 Denied"), "http-error"),
    "status 1000": (with_status(b"1000 Long"), "bad-http"),
    "status -1": (with_status(b"-1 Minus"), "bad-http"),
    "status abc": (with_status(b"abc What"), "bad-http"),
    "100 before the page": (b"HTTP/1.1 100 Continue\r\n\r\n" + PAGE, "page"),
    "103 before the page": (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + PAGE, "page"),
    "101": (b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", "http-error"),
    "200 with an upgrade": (OK + b"Connection: upgrade\r\nUpgrade: h2c\r\n" + LENGTH + b"\r\n" + BODY, "page"),
    "204 with a body": (with_status(b"204 No Content"), "empty-body"),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", "empty-body"),
    "205": (b"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", "empty-body"),
    "205 with a body": (with_status(b"205 Reset Content"), "page"),
    "206 unasked": (with_status(b"206 Partial Content"), "cut"),
    "203": (with_status(b"203 Elsewhere"), "page"),
    "300 without a place": (with_status(b"300 Multiple Choices"), "http-error"),
    "300 with a place": (to(b"/fine", b"300 Multiple Choices"), "page"),
    "304 unasked": (b"HTTP/1.1 304 Not Modified\r\n\r\n", "unexpected-304"),
    "305": (to(b"/fine", b"305 Use Proxy"), "http-error"),
    "401": (with_status(b"401 Unauthorized"), "login-required"),
    "407": (with_status(b"407 Proxy Authentication Required"), "login-required"),
    "418": (with_status(b"418 Teapot"), "http-error"),
    "403 without a length": (b"HTTP/1.1 403 No\r\n\r\n", "http-error"),
    # redirects
    "a relative redirect": (to(b"fine"), "page"),
    "a redirect by path": (to(b"/fine"), "page"),
    "a redirect in Latin-1": (to(b"/fin\xe9"), "page"),
    "a redirect with a space": (to(b"/fine page"), "page"),
    "a redirect to a query": (to(b"?page=2"), "page"),
    "a redirect to itself": (to(b""), "bad-http"),
    "a redirect to a fragment": (to(b"#top"), "loop"),
    "a redirect to the same": (to(b"/odd"), "loop"),
    "a ping-pong": (to(b"/pong"), "loop"),
    "ever further": (to(b"/further"), "too-many-redirects"),
    "a redirect to javascript": (to(b"javascript:alert(1)"), "blocked-scheme"),
    "a redirect to a file": (to(b"file:///etc/passwd"), "blocked-scheme"),
    "a redirect to data": (to(b"data:text/xml,<rss/>"), "blocked-scheme"),
    "a redirect to a mailbox": (to(b"mailto:a@b.example"), "blocked-scheme"),
    "a redirect to ftp": (to(b"ftp://127.0.0.1/"), "blocked-scheme"),
    "a redirect to no host": (to(b"http:///x"), "bad-url"),
    "a redirect with a password": (to(b"http://a:b@127.0.0.1/"), "bad-url"),
    "a redirect to a private place": (to(b"//10.0.0.1/"), "blocked-address"),
    "a redirect to nonsense": (to(b"http://[::1"), "bad-url"),
    "a redirect too long": (to(b"/" + b"a" * 9_000), "bad-url"),
    "a redirect without a place": (b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", "bad-http"),
    "two places": (b"HTTP/1.1 302 F\r\nLocation: /fine\r\nLocation: /odd\r\nContent-Length: 0\r\n\r\n", "page"),
    "a redirect whose body never ends": (b"HTTP/1.1 302 F\r\nLocation: /fine\r\nContent-Length: 9\r\n\r\n", "page"),
    # headers
    "many headers": (OK + b"X-A: b\r\n" * 100 + LENGTH + b"\r\n" + BODY, "page"),
    "10,000 headers": (OK + b"X-A: b\r\n" * 10_000 + LENGTH + b"\r\n" + BODY, "bad-http"),
    "a header of 40 kB": (
        OK + b"Content-Security-Policy: " + b"a " * 20_000 + b"\r\n" + LENGTH + b"\r\n" + BODY,
        "page",
    ),
    "a header of 1 MB": (OK + b"X-Big: " + b"a" * 2**20 + b"\r\n" + LENGTH + b"\r\n" + BODY, "bad-http"),
    "a header without a colon": (OK + b"no colon here\r\n" + LENGTH + b"\r\n" + BODY, "bad-http"),
    "a header without a name": (OK + b": value\r\n" + LENGTH + b"\r\n" + BODY, "bad-http"),
    "a space before the colon": (OK + b"X-A : b\r\n" + LENGTH + b"\r\n" + BODY, "bad-http"),
    "a folded header": (OK + b"X-A: b\r\n c\r\n" + LENGTH + b"\r\n" + BODY, "page"),
    "a zero in a header": (OK + b"X-A: b\x00c\r\n" + LENGTH + b"\r\n" + BODY, "bad-http"),
    "a header in Latin-1": (OK + b"X-A: \xe9t\xe9\r\n" + LENGTH + b"\r\n" + BODY, "page"),
    "a storm of cookies": (OK + b"Set-Cookie: a=b; Path=/; Max-Age=9\r\n" * 500 + LENGTH + b"\r\n" + BODY, "page"),
    "odd cookies": (
        OK + b"Set-Cookie: =;;;=\xff\r\nSet-Cookie: " + b"[" * 900 + b"\r\n" + LENGTH + b"\r\n" + BODY,
        "page",
    ),
    "an odd content type": (OK + b"Content-Type: ;;charset=\xff\r\n" + LENGTH + b"\r\n" + BODY, "page"),
    "an unknown charset": (OK + b"Content-Type: text/xml; charset=klingon\r\n" + LENGTH + b"\r\n" + BODY, "page"),
    "two content types": (OK + XML + b"Content-Type: text/html\r\n" + LENGTH + b"\r\n" + BODY, "page"),
    "headers without an end": (OK + XML, "connection"),
    "an unknown coding": (OK + b"Content-Encoding: br\r\n" + LENGTH + b"\r\n" + BODY, "bad-encoding"),
    "plain text called gzip": (OK + b"Content-Encoding: gzip\r\n" + LENGTH + b"\r\n" + BODY, "page"),
    # lengths
    "no length": (OK + XML + b"\r\n" + BODY, "page"),
    "a length too great": (OK + XML + b"Content-Length: 5000\r\n\r\n" + BODY, "cut"),
    "a length too small": (OK + XML + b"Content-Length: 10\r\n\r\n" + BODY, "cut"),
    "a length too small, after a hint": (
        b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK + b"Content-Length: 10\r\n\r\n" + BODY,
        "cut",
    ),
    "noise after the page": (PAGE + b"\x00noise", "page"),
    "line breaks after the page": (PAGE + b"\r\n\r\n\r\n", "page"),
    "a length of zero, and no body": (OK + XML + b"Content-Length: 0\r\n\r\n", "empty-body"),
    "a length of zero": (OK + XML + b"Content-Length: 0\r\n\r\n" + BODY, "empty-body"),
    "a length below zero": (OK + XML + b"Content-Length: -5\r\n\r\n" + BODY, "bad-http"),
    "a length beyond measure": (OK + XML + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n" + BODY, "bad-http"),
    "a length in words": (OK + XML + b"Content-Length: many\r\n\r\n" + BODY, "bad-http"),
    "two lengths": (OK + XML + LENGTH + b"Content-Length: 9\r\n\r\n" + BODY, "bad-http"),
    "the same length twice": (OK + XML + LENGTH + LENGTH + b"\r\n" + BODY, "page"),
    "two answers": (PAGE + PAGE, "page"),
    # chunks
    "chunks": (CHUNKED + b"33\r\n" + BODY + b"\r\n0\r\n\r\n", "page"),
    "chunks with extensions": (CHUNKED + b"33;a=b\r\n" + BODY + b"\r\n0\r\n\r\n", "page"),
    "chunks with a trailer": (CHUNKED + b"33\r\n" + BODY + b"\r\n0\r\nX-A: b\r\n\r\n", "page"),
    "chunks with junk behind": (CHUNKED + b"33\r\n" + BODY + b"\r\n0\r\n\r\njunk", "page"),
    "chunks after a continue": (CONTINUE + CHUNKED + b"33\r\n" + BODY + b"\r\n0\r\n\r\njunk", "page"),
    "a chunk that holds what looks like the last": (
        CHUNKED + b"33\r\n" + BODY + b"\r\n7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n",
        "page",
    ),
    "chunks without the last": (CHUNKED + b"33\r\n" + BODY + b"\r\n", "cut"),
    "a chunk that is cut": (CHUNKED + b"99\r\n" + BODY, "cut"),
    "a chunk of bad size": (CHUNKED + b"zz\r\n" + BODY + b"\r\n0\r\n\r\n", "bad-http"),
    "a second chunk of bad size": (CHUNKED + b"33\r\n" + BODY + b"\r\n-1\r\n", "bad-http"),
    "a chunk beyond measure": (CHUNKED + b"f" * 30 + b"\r\n" + BODY, "bad-http"),
    "chunks and a length": (OK + XML + LENGTH + b"Transfer-Encoding: chunked\r\n\r\n33\r\n" + BODY, "bad-http"),
    "no chunk": (CHUNKED + b"0\r\n\r\n", "empty-body"),
    "an unknown transfer": (OK + XML + b"Transfer-Encoding: strange\r\n\r\n" + BODY, "page"),
    # the line
    "silence": (silent, "timeout"),
    "slow headers": (slow_headers, "timeout"),
    "a slow status line": (slow_status, "timeout"),
    "hints for ever": (hints_for_ever, "timeout"),
    "headers for ever": (headers_for_ever, "bad-http"),
    "one header for ever": (one_header_for_ever, "bad-http"),
    "a body for ever": (body_for_ever, "too-large"),
    "chunks of nothing": (chunks_of_nothing, "timeout"),
    "a body that stops": (body_never_ends, "cut"),
    "a body that never begins": (body_never_begins, "timeout"),
    "a reset": (reset, "connection"),
    "a reset in the headers": (reset_in_headers, "connection"),
    "a reset in the body": (reset_in_body, "cut"),
}


@asynccontextmanager
async def server(odd: bytes | Say, late_too: float = 0.0) -> AsyncIterator[str]:
    """Its address; /odd says what is odd, /further leads ever further, all else is a plain page (/late a late one)."""
    steps, open_now = 0, set[asyncio.Task[None]]()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal steps
        task = asyncio.current_task()
        assert task is not None
        open_now.add(task)
        try:
            path = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1]
            steps += 1
            if path == b"/odd" and isinstance(odd, bytes):
                writer.write(odd)
            elif path == b"/odd" and not isinstance(odd, bytes):
                await odd(writer)
            elif path.startswith(b"/further"):
                writer.write(to(b"/further%d" % steps))
            else:
                await asyncio.sleep(late_too if path == b"/late" else 0)
                writer.write(to(b"/odd") if path == b"/pong" else PAGE)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            writer.close()
            open_now.discard(task)

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as running:
        yield f"http://127.0.0.1:{running.sockets[0].getsockname()[1]}"
        left = list(open_now)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)


async def outcome_of(url: str, limits: Limits = LIMITS) -> str:
    async with HttpFetcher(private_networks=["127.0.0.0/8"], limits=limits) as fetcher:
        try:
            async with asyncio.timeout(AT_MOST):
                answer = await fetcher.get(url)
        except FetchError as error:
            assert "127.0.0.1" in str(error) or error.code.startswith(("blocked", "bad-url"))
            return error.code
    if isinstance(answer, NotModified):
        return "not modified"
    assert answer.body
    return "cut" if answer.truncated else "page"


@pytest.mark.parametrize("name", ANSWERS)
async def test_an_odd_answer_has_one_plain_outcome(name: str) -> None:
    odd, expected = ANSWERS[name]
    async with server(odd) as address:
        assert await outcome_of(f"{address}/odd") == expected
    gc.collect()  # what was left open says so here, and a warning is an error


# -- slow, and living or not ------------------------------------------------------------------------------------------


def in_parts(size: int, pause: float) -> Say:
    """2,040 bytes of a page, `size` at a time."""

    async def say(writer: asyncio.StreamWriter) -> None:
        body = BODY * 40
        writer.write(OK + XML + b"Content-Length: %d\r\n\r\n" % len(body))
        for at in range(0, len(body), size):
            writer.write(body[at : at + size])
            await writer.drain()
            await asyncio.sleep(pause)

    return say


@pytest.mark.parametrize(
    ("size", "pause", "slowest", "expected"),
    [
        (102, 0.05, 100, "page"),  # a second: far longer than anything may be silent, at a pace that lives
        (680, 0.4, 1_000_000, "cut"),  # what came is kept
        (10, 0.05, 1_000, "timeout"),  # too little came to hold anything
    ],
)
async def test_a_body_may_be_slow_but_not_crawl(size: int, pause: float, slowest: int, expected: str) -> None:
    async with server(in_parts(size, pause)) as address:
        assert (
            await outcome_of(f"{address}/odd", replace(LIMITS, total=timedelta(seconds=15), slowest=slowest))
            == expected
        )


async def test_what_stops_in_the_middle_is_not_waited_for_however_fast_it_began() -> None:
    async def stops(writer: asyncio.StreamWriter) -> None:
        writer.write(OK + XML + b"Content-Length: 90000\r\n\r\n" + BODY * 1_000)
        await writer.drain()
        await asyncio.sleep(60)

    limits = replace(LIMITS, total=timedelta(minutes=5), stall=timedelta(seconds=0.3), slowest=100)
    async with server(stops) as address:
        assert await outcome_of(f"{address}/odd", limits) == "cut"


@pytest.mark.parametrize("blank", [b" \r\n\t\n ", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n", b"\xff\xfe", b"\xfe\xff\0\n"])
async def test_a_body_without_a_character_in_it_is_empty(blank: bytes) -> None:
    async with server(with_status(b"200 OK", blank)) as address:
        assert await outcome_of(f"{address}/odd") == "empty-body"


async def test_a_body_of_half_byte_order_marks_is_not_empty() -> None:
    async with server(with_status(b"200 OK", b"\xff" * 99)) as address:
        assert await outcome_of(f"{address}/odd") == "page"


@pytest.mark.parametrize(("silences", "expected"), [(0.5, "timeout"), (15, "page")])
async def test_the_silences_of_all_redirects_are_added_up(silences: float, expected: str) -> None:
    async def late(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.3)
        writer.write(to(b"/late"))

    limits = replace(LIMITS, silence=timedelta(seconds=10), silences=timedelta(seconds=silences))
    async with server(late, late_too=0.3) as address:
        assert await outcome_of(f"{address}/odd", limits) == expected


async def test_the_whole_reading_has_an_end_too() -> None:
    limits = replace(
        LIMITS, total=timedelta(seconds=0.6), silence=timedelta(seconds=10), silences=timedelta(seconds=10)
    )
    async with server(in_parts(600, 0.5)) as address:
        assert await outcome_of(f"{address}/odd", limits) == "cut"
    async with server(silent) as address:
        assert await outcome_of(f"{address}/odd", limits) == "timeout"
