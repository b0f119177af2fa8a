"""One guarded GET over aiohttp: caps, limits of time, politeness, conditional requests, our own redirects.

The address guard sits where sockets are made: a guarded resolver never sees an address written as digits, and a check
of the name says nothing of what DNS answers a moment later.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from contextvars import ContextVar
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Self
from weakref import WeakValueDictionary

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.client_proto import ResponseHandler
from yarl import URL

from adapters import addresses
from adapters.chain import REDIRECTS, USUAL, Chain, End, Limits, Redirect, T, Take, body_of
from adapters.headers import fresh_for, is_challenge, may_be_challenge, retry_after, validator
from adapters.lengths import MeasuredHandler
from adapters.robots import MOST_BYTES, Robots
from bot.errors import FetchError
from bot.ports import NotModified, Page

ACCEPT = "application/feed+json, application/atom+xml, application/rss+xml, text/html;q=0.9, */*;q=0.5"
LONGEST_HEADER = 64 * 1024  # bytes: some sites list half the web in their Content-Security-Policy
MOST_HEADERS = 1_000  # some set a cookie for each of their advertisers
BLANK = re.compile(rb"(?:\xef\xbb\xbf\s*+|(?:\xff\xfe|\xfe\xff)[\s\0]*+|\s*+)")  # no character but a byte order mark
SMALLEST_PART = 512  # bytes: less holds nothing that is complete
# What the walls of Cloudflare, DataDome and Amazon say
CHALLENGE = re.compile(
    rb"<title>\s{0,99}(?:just a moment|attention required!)|cf[-_]chl|captcha-delivery\.com|awswaf\.com", re.IGNORECASE
)
CHALLENGE_WITHIN = 32 * 1024  # bytes

# What the guard refused during the current request: the connector wraps or joins the errors of a socket factory.
_refusals: ContextVar[list[FetchError]] = ContextVar("_refusals")


def user_agent() -> str:
    try:
        return f"Tocsin/{version('tocsin')}"
    except PackageNotFoundError:  # a checkout that was never installed
        return "Tocsin/0"


class HttpFetcher:
    """`async with HttpFetcher() as fetcher: await fetcher.get(url)`. One per event loop.

    `robots`: obeys robots.txt, as who reads unasked must (RFC 9309); a page that a person asks for needs no such leave.
    """

    def __init__(
        self,
        *,
        private_networks: Sequence[str | addresses.Network] = (),
        proxy: str | None = None,
        ca_file: Path | None = None,
        user_agent: str = user_agent(),
        limits: Limits = USUAL,
        resolver: AbstractResolver | None = None,
        robots: bool = False,
    ) -> None:
        self._private = addresses.networks(private_networks)
        self._proxy = proxy
        self._ca_file = ca_file
        self._headers = {"User-Agent": user_agent, "Accept": ACCEPT, "Accept-Encoding": "gzip, deflate"}
        self._limits = limits
        self._resolver = resolver
        self._hosts: WeakValueDictionary[str, _Host] = WeakValueDictionary()
        self._robots = Robots(self._robots_txt) if robots else None

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
        handler: type[ResponseHandler] = MeasuredHandler
        connector._factory = partial(handler, loop=asyncio.get_running_loop())  # there is no public way
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers=self._headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            max_field_size=LONGEST_HEADER,
            max_line_size=LONGEST_HEADER,
            max_headers=MOST_HEADERS,
            timeout=aiohttp.ClientTimeout(total=None),  # a `Chain` knows how long each part may take
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
        headers = {name: value for name, value in conditions.items() if value}
        chain = Chain(addresses.check_url(url, self._private), self._limits, self._limits.total)
        return await self._follow(chain, self._page, headers, self._robots)

    async def _follow(self, chain: Chain, take: Take[T], headers: Mapping[str, str], rules: Robots | None) -> T:
        while True:
            delay = 0.0 if rules is None else await rules.check(chain.url)
            async with self._turn(chain.url, delay):
                answer = await self._hop(chain, take, headers)
            if not isinstance(answer, Redirect):
                return answer
            chain.go(answer)

    # -- one hop ------------------------------------------------------------------------------------------------------

    async def _hop(self, chain: Chain, take: Take[T], headers: Mapping[str, str]) -> T | Redirect:
        refusals: list[FetchError] = []
        _refusals.set(refusals)
        url = chain.url
        try:
            with chain.running():
                async with AsyncExitStack() as stack:
                    async with asyncio.timeout_at(chain.head_by):
                        if self._proxy:
                            await self._check_name(url)
                        response = await stack.enter_async_context(
                            self._session.get(url, headers=headers, allow_redirects=False, proxy=self._proxy)
                        )
                    chain.answered()
                    if response.status in REDIRECTS or (response.status == 300 and "Location" in response.headers):
                        return Redirect(response.status, self._target(url, response.headers.get("Location", "")))
                    return await take(chain, response)
        except TimeoutError:
            raise FetchError("timeout", f"{url}: no answer came in time; try again later") from None
        except (aiohttp.ClientError, OSError, ValueError, UnicodeError) as error:
            if refusals:
                raise refusals[0] from None
            raise self._translated(url, error) from None  # the chain may hold the proxy's password

    def _target(self, url: URL, location: str) -> URL:
        if not location:
            raise FetchError("bad-http", f"{url}: redirects without saying where; open the address in a browser")
        # Bytes that are no UTF-8 are sent back as they came, as browsers do.
        if re.match(r"\s*https?://(?:[/?#]|$)", location, re.IGNORECASE):  # joining would take it for our host's
            return addresses.check_url(location, self._private)
        location = re.sub("[\udc80-\udcff]", lambda byte: f"%{ord(byte[0]) - 0xDC00:02X}", location)
        try:
            target = str(url.join(URL(location)))
        except ValueError:
            target = location
        return addresses.check_url(target, self._private)

    async def _page(self, chain: Chain, response: aiohttp.ClientResponse) -> Page | NotModified:
        url, headers, moved_to = chain.url, response.headers, chain.moved_to
        if response.status == 304:
            if not {"If-None-Match", "If-Modified-Since"} & response.request_info.headers.keys():
                raise FetchError("unexpected-304", f"{url}: says 'not modified' to a first request; try again later")
            return NotModified(fresh_for(headers), moved_to)
        if not 200 <= response.status < 300 or is_challenge(response.status, headers):
            raise await self._refused(chain, response)
        body, end = await body_of(chain, response, self._limits.most_bytes)
        if end is End.FULL:
            most = self._limits.most_bytes / 2**20
            raise FetchError("too-large", f"{url}: more than {most:g} MiB; watch a smaller page")
        if end is End.SLOW and len(body) < SMALLEST_PART:
            raise FetchError("timeout", f"{url}: hardly anything came in time; try again later")
        truncated = end is not End.WHOLE or response.status == 206  # a part nobody asked for
        if BLANK.fullmatch(body):
            code = "truncated" if truncated else "empty-body"
            raise FetchError(code, f"{url}: the answer holds no page; open the address in a browser")
        return Page(
            url=str(url),
            body=body,
            media_type=response.content_type if "Content-Type" in headers else "",
            charset=response.charset or "",
            etag=None if truncated else validator(headers.get("ETag")),
            last_modified=None if truncated else validator(headers.get("Last-Modified")),
            fresh_for=fresh_for(headers),
            truncated=truncated,
            moved_to=moved_to,
        )

    async def _refused(self, chain: Chain, response: aiohttp.ClientResponse) -> FetchError:
        url, status, after = chain.url, response.status, retry_after(response.headers)
        challenge = is_challenge(status, response.headers)
        if not challenge and may_be_challenge(status):
            with suppress(FetchError):  # a body that cannot be read says nothing more
                challenge = CHALLENGE.search((await body_of(chain, response, CHALLENGE_WITHIN))[0]) is not None
        if challenge:
            wall = "keeps readers like us out; ask the site, or find another address"
            return FetchError("challenge", f"{url}: {wall}", after=after)
        match status:
            case 401:
                return FetchError(
                    "login-required", f"{url}: asks for a login (401); give a public address", after=after
                )
            case 407 if self._proxy:
                return FetchError("connection", f"{url}: the proxy asks for a login (407); check TOCSIN_HTTP_PROXY")
            case 407:
                return FetchError(
                    "login-required", f"{url}: asks for a login (407); give a public address", after=after
                )
            case 410:
                return FetchError("gone", f"{url}: gone for good (410); look for its new address", after=after)
            case 429:
                return FetchError("rate-limited", f"{url}: asks us to come less often (429); we wait", after=after)
        message = f"{url}: answers {status}; open the address in a browser"
        return FetchError("http-error", message, after=after, detail=str(status))

    # -- robots.txt ---------------------------------------------------------------------------------------------------

    async def _robots_txt(self, url: URL) -> bytes:
        """b"" where there is none. Raises FetchError when nobody can tell."""
        chain = Chain(addresses.check_url(str(url), self._private), self._limits, self._limits.robots)
        return await self._follow(chain, self._rules, {}, None)

    async def _rules(self, chain: Chain, response: aiohttp.ClientResponse) -> bytes:
        if 400 <= response.status < 500:
            return b""
        if not 200 <= response.status < 300:
            raise FetchError("http-error", f"{chain.url}: answers {response.status}")
        body, end = await body_of(chain, response, MOST_BYTES)
        if end is End.SLOW:
            raise FetchError("timeout", f"{chain.url}: not read in time")
        return body

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
    async def _turn(self, url: URL, delay: float) -> AsyncIterator[None]:
        """A few connections a host, a moment apart; waiting here takes nothing from the page's own time.

        `delay`: seconds the host asks for.
        """
        host = self._hosts.setdefault(url.authority, _Host(self._limits.per_host))
        try:
            async with asyncio.timeout(self._limits.turn.total_seconds()):
                await host.slots.acquire()
        except TimeoutError:
            raise FetchError(
                "timeout", f"{url}: its host is busy with our other requests; read it less often"
            ) from None
        try:
            loop = asyncio.get_running_loop()
            await asyncio.sleep(host.wait(max(self._gap(url), delay), loop.time()))
            loop.call_at(host.next_at, lambda: host)  # known until then, though nobody asks it anything
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
                    "connection",
                    f"{url}: its certificate is not valid; check the site or TOCSIN_CA_FILE",
                    detail="certificate",
                )
            case aiohttp.InvalidURL():
                return FetchError("bad-url", f"{url}: not an address; correct it")
            case aiohttp.ClientConnectionError() | OSError():
                return FetchError("connection", f"{url}: nothing answers, or the line was cut; try again later")
        return FetchError("bad-http", f"{url}: what answers there does not speak HTTP; check the address")


class _Host:
    """Manners towards one host, kept while somebody asks it something, or may not yet."""

    def __init__(self, connections: int) -> None:
        self.slots = asyncio.Semaphore(connections)
        self.next_at = 0.0  # of the loop's clock

    def wait(self, gap: float, now: float) -> float:
        start = max(now, self.next_at)
        self.next_at = start + gap
        return start - now
