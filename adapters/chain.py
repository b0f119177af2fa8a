"""One GET with its redirects: where it is, where it moved for good, how long each part may take, what it brings."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import TypeVar

import aiohttp
from yarl import URL

from adapters.unpack import Overflow, Unpacking
from bot.errors import FetchError

CHUNK = 64 * 1024  # bytes
REDIRECTS = frozenset({301, 302, 303, 307, 308})
FOR_GOOD = frozenset({301, 308})

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    total: timedelta = timedelta(seconds=30)  # of one GET with its redirects, while it is its turn
    turn: timedelta = timedelta(seconds=60)  # how long it waits for its turn at a busy host
    silence: timedelta = timedelta(seconds=7)  # from the first packet to the end of an answer's headers
    silences: timedelta = timedelta(seconds=9)  # the same, of all answers of one GET
    run_up: timedelta = timedelta(seconds=2)  # what a body has at least, before its pace counts
    stall: timedelta = timedelta(seconds=5)  # between two pieces of a body
    slowest: int = 1024  # bytes a second, on average, once `silence` is over
    most_bytes: int = 8 * 2**20  # decompressed
    redirects: int = 5
    per_host: int = 2  # connections
    gap: timedelta = timedelta(milliseconds=50)  # between two requests to one host
    robots: timedelta = timedelta(seconds=5)  # of asking for a robots.txt


USUAL = Limits()


@dataclass(frozen=True, slots=True)
class Redirect:
    status: int
    url: URL


class Chain:
    def __init__(self, url: URL, limits: Limits, total: timedelta) -> None:
        self.url = url
        self.moved_to: str | None = None
        self._for_good = True  # so far
        self._seen = {url}
        self._limits = limits
        self._left = total.total_seconds()
        self._silence_left = limits.silences.total_seconds()
        self._clock = asyncio.get_running_loop().time
        self._started = self._answered = 0.0  # of the loop's clock: this hop, and its answer

    def go(self, to: Redirect) -> None:
        """Raises FetchError for a way that leads nowhere."""
        if to.url in self._seen:
            raise FetchError("loop", f"{to.url}: redirects to itself; give the address of the page itself")
        if len(self._seen) > self._limits.redirects:
            raise FetchError("too-many-redirects", f"{to.url}: after {self._limits.redirects} redirects, still no page")
        # What follows a step for now is not where it will stay; and nobody gives up https for good.
        self._for_good &= to.status in FOR_GOOD and (self.url.scheme, to.url.scheme) != ("https", "http")
        if self._for_good:
            self.moved_to = str(to.url)
        self.url = to.url
        self._seen.add(to.url)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Its time runs; it does not while it waits for its turn."""
        self._started = self._clock()
        try:
            yield
        finally:
            self._left -= self._clock() - self._started

    @property
    def head_by(self) -> float:
        limit = self._limits.silence.total_seconds()
        return self._started + min(limit, self._silence_left, self._left)

    def answered(self) -> None:
        self._answered = self._clock()
        self._silence_left -= self._answered - self._started

    def next_by(self, came: int) -> float:
        """When, after `came` bytes of the body, the next must have come."""
        limits = self._limits
        own_pace = self._answered + max(limits.run_up.total_seconds(), came / limits.slowest)
        by = min(self._started + self._left, max(self._started + limits.silence.total_seconds(), own_pace))
        return min(by, self._clock() + limits.stall.total_seconds()) if came else by


Take = Callable[[Chain, aiohttp.ClientResponse], Awaitable[T]]  # makes of an answer what it was asked for


class End(Enum):
    """How a body ended."""

    WHOLE = auto()
    CUT = auto()
    SLOW = auto()  # we ended it
    FULL = auto()  # more came than is wanted


async def body_of(chain: Chain, response: aiohttp.ClientResponse, most: int) -> tuple[bytes, End]:
    """(`most` decompressed bytes at most, how they ended). Never holds more than that and one chunk."""
    unpacking = Unpacking(str(chain.url), ",".join(response.headers.getall("Content-Encoding", [])), most)
    body, came = bytearray(), 0
    try:
        while came <= most:  # what unpacks to nothing has an end, too
            async with asyncio.timeout_at(chain.next_by(came)):
                chunk = await response.content.read(CHUNK)
            if not chunk:
                return bytes(body), End.WHOLE if unpacking.finished else End.CUT
            came += len(chunk)
            for piece in unpacking.feed(chunk):
                body += piece
                if len(body) > most:
                    return bytes(body[:most]), End.FULL
    except TimeoutError:
        return bytes(body), End.SLOW
    except (aiohttp.ClientPayloadError, ConnectionResetError):
        return bytes(body), End.CUT
    except Overflow:
        return bytes(body), End.FULL
    except zlib.error:
        if body:
            return bytes(body), End.CUT
        why = "its compression cannot be undone; try again later"
        raise FetchError("bad-encoding", f"{chain.url}: {why}") from None
    return bytes(body), End.FULL
