"""A web server that answers as told: fixed, slow, cut, endless, packed to burst, conditional, redirecting, refusing.

`async with origin({"/flux": Reply(body=b"…")}) as site: site.url("/flux")`; or `python tests/stands/origin.py --port 0`
serves one page of each kind until it is stopped.
"""

import argparse
import asyncio
import gzip
import sys
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer. `raw` replaces the whole of it, status line included."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    etag: str = ""  # answers 304 to a request that repeats it
    last_modified: str = ""
    cut_at: int | None = None  # close the line after so many bytes of the body
    endless: bool = False  # the body again and again, until the reader goes away
    drip: float = 0.0  # seconds between two bytes
    gate: asyncio.Event | None = None  # answer only once it is set
    raw: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    path: str
    headers: Mapping[str, str]  # names in lower case


class Origin:
    """`replies` may be changed while it runs; `asked` is what came, in order."""

    def __init__(self, replies: Mapping[str, Reply]) -> None:
        self.replies = dict(replies)
        self.asked: list[Asked] = []
        self.open_now = 0
        self.most_open = 0
        self.seen: Counter[str] = Counter()
        self.port = 0

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._answer(await _request(reader), writer)
        finally:
            self.open_now -= 1
            writer.close()

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        self.asked.append(asked)
        self.seen[asked.path] += 1
        reply = self.replies.get(asked.path, Reply(status=404, body=b"not here"))
        if reply.gate is not None:
            await reply.gate.wait()
        if reply.raw is not None:
            writer.write(reply.raw)
            return await writer.drain()
        unchanged = (reply.etag and asked.headers.get("if-none-match") == reply.etag) or (
            reply.last_modified and asked.headers.get("if-modified-since") == reply.last_modified
        )
        writer.write(_head(reply, 304 if unchanged else reply.status))
        if not unchanged:
            await _send(reply, writer)
        return await writer.drain()


async def _request(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
    return Asked(path=head[0].split(" ")[1], headers={name.lower(): value for name, value in headers.items()})


def _head(reply: Reply, status: int) -> bytes:
    headers = {"Content-Type": "application/xml; charset=utf-8", "Connection": "close"}
    if not reply.endless and status != 304:
        headers["Content-Length"] = str(len(reply.body))
    if reply.etag:
        headers["ETag"] = reply.etag
    if reply.last_modified:
        headers["Last-Modified"] = reply.last_modified
    headers |= reply.headers
    lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1")


async def _send(reply: Reply, writer: asyncio.StreamWriter) -> None:
    if reply.drip:
        for byte in reply.body:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(reply.drip)
    elif reply.endless:
        while not writer.is_closing():
            writer.write(reply.body)
            await writer.drain()
    else:
        writer.write(reply.body[: reply.cut_at])


@asynccontextmanager
async def origin(replies: Mapping[str, Reply], port: int = 0) -> AsyncIterator[Origin]:
    site = Origin(replies)
    server = await asyncio.start_server(site.serve, "127.0.0.1", port)
    site.port = server.sockets[0].getsockname()[1]
    try:
        yield site
    finally:
        server.close()
        await server.wait_closed()


# -- bodies -----------------------------------------------------------------------------------------------------------

FEED = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Hôpitaux (fictif)</title><link>https://exemple.test/</link>{items}</channel></rss>"""
ITEM = """<item><title>Article fictif n° {n}</title><link>https://exemple.test/articles/{n}/fictif</link>
<guid>https://exemple.test/articles/{n}</guid><pubDate>Tue, 0{day} Sep 2026 08:00:00 +0200</pubDate>
<description>&lt;p&gt;Le centre hospitalier imaginaire de Valmont ouvre son chantier {n}.&lt;/p&gt;</description>
</item>"""


def rss(count: int = 30, first: int = 1) -> bytes:
    items = "".join(ITEM.format(n=n, day=n % 9 + 1) for n in range(first, first + count))
    return FEED.format(items=items).encode()


def hostile(size: int = 2**20) -> bytes:
    """Valid RSS: feedparser looks for an e-mail address in the author's name, and needs over an hour for a megabyte."""
    author = "<![CDATA[<" + "a." * (size // 2) + "@]]>"
    return FEED.format(items=f"<item><title>Piège</title><author>{author}</author></item>").encode()


def bomb(size: int) -> bytes:
    """`size` bytes of zeros as gzip: about a thousandth of it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(2**20)
    return b"".join(packer.compress(block) for _ in range(size // len(block))) + packer.flush()


def sample() -> dict[str, Reply]:
    """One page of each kind."""
    packed = {"Content-Encoding": "gzip"}
    feed = rss()
    return {
        "/feed.xml": Reply(body=feed, etag='"1"', last_modified="Tue, 01 Sep 2026 08:00:00 GMT"),
        "/packed.xml": Reply(body=gzip.compress(feed), headers=packed),
        "/cut.xml": Reply(body=feed, cut_at=len(feed) // 2),
        "/cut-packed.xml": Reply(body=gzip.compress(feed)[:-200], headers=packed),
        "/slow.xml": Reply(body=feed, drip=1.0),
        "/bomb.xml": Reply(body=bomb(512 * 2**20), headers=packed),
        "/endless.xml": Reply(body=feed, endless=True),
        "/hostile.xml": Reply(body=hostile()),
        "/empty.xml": Reply(),
        "/moved.xml": Reply(status=301, headers={"Location": "/feed.xml"}),
        "/loop.xml": Reply(status=302, headers={"Location": "/loop.xml"}),
        "/busy.xml": Reply(status=429, headers={"Retry-After": "120"}),
        "/broken.xml": Reply(status=500),
        "/gone.xml": Reply(status=410),
        "/garbage": Reply(raw=b"\x00\x01 not HTTP at all\r\n\r\n"),
    }


async def _main(port: int) -> None:
    async with origin(sample(), port) as site:
        for path in site.replies:
            print(site.url(path), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--port", type=int, default=0, help="0: any free one")
    with suppress(KeyboardInterrupt):
        sys.exit(asyncio.run(_main(arguments.parse_args().port)))
