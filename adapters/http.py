"""One guarded GET over aiohttp: caps, one total deadline, politeness, conditional requests, our own redirects.

The address guard sits where sockets are made: a guarded resolver never sees an address written as digits, and a check
of the name says nothing of what DNS answers a moment later.
"""

import asyncio
import re
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Self
from weakref import WeakValueDictionary

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from adapters import addresses
from bot.errors import FetchError
from bot.ports import NotModified, Page

ACCEPT = "application/feed+json, application/atom+xml, application/rss+xml, text/html;q=0.9, */*;q=0.5"
CHUNK = 64 * 1024  # bytes
LONGEST_VALIDATOR = 1_024  # characters of an ETag or a Last-Modified worth sending back
LONGEST_ADVICE = timedelta(days=1)
REDIRECTS = frozenset({301, 302, 303, 307, 308})

# What the guard refused during the current request: the connector wraps or joins the errors of a socket factory.
_refusals: ContextVar[list[FetchError]] = ContextVar("_refusals")


def user_agent() -> str:
    try:
        return f"Tocsin/{version('tocsin')}"
    except PackageNotFoundError:  # a checkout that was never installed
        return "Tocsin/0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    total: timedelta = timedelta(seconds=30)  # of one GET with its redirects, from the moment it is its turn
    turn: timedelta = timedelta(seconds=60)  # how long it waits for its turn at a busy host
    most_bytes: int = 8 * 2**20  # decompressed
    redirects: int = 5
    per_host: int = 2  # connections
    gap: timedelta = timedelta(milliseconds=50)  # between two requests to one host


class HttpFetcher:
    """`async with HttpFetcher() as fetcher: await fetcher.get(url)`. One per event loop."""

    def __init__(
        self,
        *,
        private_networks: Sequence[str | addresses.Network] = (),
        proxy: str | None = None,
        ca_file: Path | None = None,
        user_agent: str = user_agent(),
        limits: Limits = Limits(),
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._private = addresses.networks(private_networks)
        self._proxy = proxy
        self._ca_file = ca_file
        self._headers = {"User-Agent": user_agent, "Accept": ACCEPT, "Accept-Encoding": "gzip, deflate"}
        self._limits = limits
        self._resolver = resolver
        self._hosts: WeakValueDictionary[str, _Host] = WeakValueDictionary()

    async def __aenter__(self) -> Self:
        # aiodns: the default resolver fills the thread pool. force_close: idle TLS connections cost 0.3 MB a host.
        self._resolver = self._resolver or aiohttp.AsyncResolver()
        connector = aiohttp.TCPConnector(
            resolver=self._resolver,
            socket_factory=None if self._proxy else self._guarded_socket,  # the proxy's own address may be private
            force_close=True,
            ssl=ssl.create_default_context(cafile=self._ca_file),
            limit=0,  # the caller bounds how many are read at once
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers=self._headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None),  # `_follow` has one deadline over all hops
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()
        if self._resolver is not None:
            await self._resolver.close()

    async def get(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Page | NotModified:
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        return await self._follow(
            addresses.check_url(url, self._private), {name: value for name, value in conditions.items() if value}
        )

    async def _follow(self, url: URL, conditions: Mapping[str, str]) -> Page | NotModified:
        seen: set[URL] = set()
        deadline: float | None = None
        while len(seen) <= self._limits.redirects:
            if url in seen:
                raise FetchError("loop", f"{url}: redirects to itself; give the address of the page itself")
            seen.add(url)
            async with self._turn(url):
                deadline = deadline or asyncio.get_running_loop().time() + self._limits.total.total_seconds()
                try:
                    async with asyncio.timeout_at(deadline):
                        answer = await self._ask(url, conditions)
                except TimeoutError:
                    seconds = self._limits.total.total_seconds()
                    raise FetchError("timeout", f"{url}: not read within {seconds:g} s; try again later") from None
            if not isinstance(answer, URL):
                return answer
            url = answer
        raise FetchError("too-many-redirects", f"{url}: after {self._limits.redirects} redirects, still no page")

    # -- one hop ------------------------------------------------------------------------------------------------------

    async def _ask(self, url: URL, conditions: Mapping[str, str]) -> Page | NotModified | URL:
        refusals: list[FetchError] = []
        _refusals.set(refusals)
        try:
            if self._proxy:
                await self._check_name(url)
            async with self._session.get(url, headers=conditions, allow_redirects=False, proxy=self._proxy) as response:
                return await self._answer(url, response, conditional=bool(conditions))
        except (aiohttp.ClientError, OSError, ValueError, UnicodeError) as error:
            if refusals:
                raise refusals[0] from None
            raise self._translated(url, error) from None  # the chain may hold the proxy's password

    async def _answer(
        self, url: URL, response: aiohttp.ClientResponse, *, conditional: bool
    ) -> Page | NotModified | URL:
        headers = response.headers
        if response.status in REDIRECTS:
            return self._target(url, headers.get("Location", ""))
        if response.status == 304:
            if not conditional:
                raise FetchError("unexpected-304", f"{url}: says 'not modified' to a first request; try again later")
            return NotModified(fresh_for(headers))
        if not 200 <= response.status < 300:
            raise _refused(url, response.status, response.headers)
        body, truncated = await self._body(url, response)
        if not body:
            code = "truncated" if truncated else "empty-body"
            raise FetchError(code, f"{url}: the answer holds no page; open the address in a browser")
        return Page(
            url=str(url),
            body=body,
            media_type=response.content_type if "Content-Type" in headers else "",
            charset=response.charset or "",
            etag=None if truncated else _validator(headers.get("ETag")),
            last_modified=None if truncated else _validator(headers.get("Last-Modified")),
            fresh_for=fresh_for(headers),
            truncated=truncated,
        )

    def _target(self, url: URL, location: str) -> URL:
        if not location:
            raise FetchError("bad-http", f"{url}: redirects without saying where; open the address in a browser")
        try:
            target = str(url.join(URL(location)))
        except ValueError:
            target = location
        return addresses.check_url(target, self._private)

    async def _body(self, url: URL, response: aiohttp.ClientResponse) -> tuple[bytes, bool]:
        """(decompressed bytes, whether they end early). Never holds more than the cap and one chunk."""
        most = self._limits.most_bytes
        unpack = _Unpack(url, response.headers.get("Content-Encoding", "identity").strip().lower())
        body = bytearray()
        try:
            async for chunk in response.content.iter_chunked(CHUNK):
                body += unpack.feed(chunk, most + 1 - len(body))
                if len(body) > most:
                    raise FetchError("too-large", f"{url}: more than {most / 2**20:g} MiB; watch a smaller page")
        except (aiohttp.ClientPayloadError, ConnectionResetError):
            return bytes(body), True
        except zlib.error:
            if body:
                return bytes(body), True
            raise FetchError("bad-encoding", f"{url}: its compression cannot be undone; try again later") from None
        return bytes(body), not unpack.finished

    # -- guards -------------------------------------------------------------------------------------------------------

    def _guarded_socket(self, address: aiohttp.AddrInfoType) -> socket.socket:
        """Every connection of every hop passes here, with the address it really goes to."""
        family, kind, protocol, _, target = address
        try:
            addresses.check_socket(ip_address(str(target[0])), int(target[1]), self._private)
        except FetchError as refusal:
            _refusals.get([]).append(refusal)
            raise OSError("refused by the address guard") from refusal
        return socket.socket(family=family, type=kind, proto=protocol)

    async def _check_name(self, url: URL) -> None:
        """Behind a proxy our sockets show the proxy only: what the name means here is the best that can be known."""
        if self._resolver is None or url.host is None or addresses.as_address(url.host) is not None:
            return
        try:
            answers = await self._resolver.resolve(url.host, url.port or 0, socket.AF_UNSPEC)
        except OSError:  # names are often known to the proxy alone
            return
        for answer in answers:
            addresses.check_socket(ip_address(answer["host"]), url.port or 0, self._private)

    @asynccontextmanager
    async def _turn(self, url: URL) -> AsyncIterator[None]:
        """A few connections a host, a moment apart; waiting here takes nothing from the page's own time."""
        host = self._hosts.setdefault(url.authority, _Host(self._limits.per_host))
        try:
            async with asyncio.timeout(self._limits.turn.total_seconds()):
                await host.slots.acquire()
        except TimeoutError:
            raise FetchError(
                "timeout", f"{url}: its host is busy with our other requests; read it less often"
            ) from None
        try:
            await asyncio.sleep(host.wait(self._gap(url), asyncio.get_running_loop().time()))
            yield
        finally:
            host.slots.release()

    def _gap(self, url: URL) -> float:
        """Seconds. The operator's own machines need no such manners."""
        literal = addresses.as_address(url.host or "")
        ours = literal is not None and addresses.is_ours(literal, self._private)
        return 0.0 if ours else self._limits.gap.total_seconds()

    def _translated(self, url: URL, error: Exception) -> FetchError:
        """Without the library's own words: they may name the proxy and its password."""
        match error:
            case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
                return FetchError("connection", f"{url}: the proxy did not lead there; check TOCSIN_HTTP_PROXY")
            case aiohttp.ClientConnectorDNSError():
                if url.port not in addresses.PORTS:  # a port we would have refused, had the name led anywhere
                    return FetchError("blocked-port", f"{url}: port {url.port} is not read; use 80, 443, 8080 or 8443")
                return FetchError("dns-failure", f"{url}: no such host is known; check the spelling")
            case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
                return FetchError(
                    "connection", f"{url}: its certificate is not valid; check the site or TOCSIN_CA_FILE"
                )
            case aiohttp.InvalidURL():
                return FetchError("bad-url", f"{url}: not an address; correct it")
            case aiohttp.ClientConnectionError() | OSError():
                return FetchError("connection", f"{url}: nothing answers, or the line was cut; try again later")
        return FetchError("bad-http", f"{url}: what answers there does not speak HTTP; check the address")


class _Host:
    """Manners towards one host, kept only while somebody asks it something."""

    def __init__(self, connections: int) -> None:
        self.slots = asyncio.Semaphore(connections)
        self._next_at = 0.0  # of the loop's clock

    def wait(self, gap: float, now: float) -> float:
        start = max(now, self._next_at)
        self._next_at = start + gap
        return start - now


class _Unpack:
    """Undoes one Content-Encoding, never further than there is room for. Raises zlib.error."""

    def __init__(self, url: URL, coding: str) -> None:
        windows = {"gzip": 31, "x-gzip": 31, "deflate": 15, "identity": None, "": None}
        if coding not in windows:
            raise FetchError(
                "bad-encoding", f"{url}: answers in {coding[:40]!r}, which nobody asked for; try again later"
            )
        self._window = windows[coding]
        self._stream = None if self._window is None else zlib.decompressobj(self._window)
        self._started = False

    @property
    def finished(self) -> bool:
        """A gzip body that is cut arrives without any other sign."""
        return self._stream is None or self._stream.eof or not self._started

    def feed(self, data: bytes, room: int) -> bytes:
        """At most `room` bytes, 1 or more."""
        if self._stream is None:
            return data[:room]
        if not self._started and self._window == 15 and data[0] & 0x0F != 8:  # deflate without its envelope is common
            self._stream = zlib.decompressobj(-15)
        self._started = True
        out = self._stream.decompress(data, room)
        while self._stream.eof and self._window == 31 and (rest := self._stream.unused_data).startswith(b"\x1f\x8b"):
            self._stream = zlib.decompressobj(31)  # RFC 1952 §2.2: members follow one another
            if len(out) == room:
                break
            out += self._stream.decompress(rest, room - len(out))
        return out


# -- what headers say -------------------------------------------------------------------------------------------------


def fresh_for(headers: Mapping[str, str]) -> timedelta | None:
    """How long the site says there is nothing new: max-age, else Expires, else Retry-After. A day at most."""
    control = headers.get("Cache-Control", "").lower()
    if re.search(r"\bno-(?:cache|store)\b", control):
        return None
    if found := re.search(r"(?<![\w-])max-age\s*=\s*\"?(\d{1,9})(?!\d)", control):
        return _advice(timedelta(seconds=int(found[1])))
    now, expires = _moment(headers.get("Date")), _moment(headers.get("Expires"))
    if now and expires:
        return _advice(expires - now)
    return retry_after(headers)


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """RFC 9110 §10.2.3: seconds or a date. A day at most; None: not said, or not sensible."""
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return _advice(timedelta(seconds=int(text)))
    at = _moment(text)
    return _advice(at - (_moment(headers.get("Date")) or datetime.now(UTC))) if at else None


def _advice(wait: timedelta) -> timedelta | None:
    return min(wait, LONGEST_ADVICE) if wait > timedelta() else None


def _moment(text: str | None) -> datetime | None:
    try:
        at = parsedate_to_datetime(text or "")
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _validator(text: str | None) -> str | None:
    return text if text and len(text) <= LONGEST_VALIDATOR else None


def _refused(url: URL, status: int, headers: Mapping[str, str]) -> FetchError:
    after = retry_after(headers)
    if status == 401:
        return FetchError("login-required", f"{url}: asks for a login (401); give a public address", after=after)
    if "challenge" in headers.get("cf-mitigated", "").lower():
        return FetchError("challenge", f"{url}: keeps readers like us out; ask the site, or find another address")
    if status == 410:
        return FetchError("gone", f"{url}: gone for good (410); look for its new address", after=after)
    if status == 429:
        return FetchError("rate-limited", f"{url}: asks us to come less often (429); we wait", after=after)
    return FetchError("http-error", f"{url}: answers {status}; open the address in a browser", after=after)
