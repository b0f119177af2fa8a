"""No spelling of a private address, and no detour to one, is ever connected to.

The victim listens on 127.0.0.1 and counts. Our own network is 127.0.0.2, where the site lives that sends readers there;
every name leads to 127.0.0.1.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from adapters.http import HttpFetcher
from bot.errors import FetchError
from tests import guard

OURS = ["127.0.0.2/32"]

HOSTS = (
    # decimal, octal, hexadecimal, with fewer dots, with zeros in front
    *("127.0.0.1", "127.0.1", "127.1", "2130706433", "0177.0.0.1", "0177.1", "017700000001", "00000177.0.0.1"),
    *("0x7f.0.0.1", "0x7f.1", "0x7F.0x0.0x0.0x1", "0x7f000001", "0x7F000001", "127.0.0x1", "0177.0.0x1", "127.0.0.01"),
    *("0", "0.0.0.0", "0x0", "00", "127.255.255.254", "127.0.0.1.", "127.1.", "2130706433.", "0x7f.1."),
    *("4294967296", "0x17f000001", "127.0.0.257", "127.0.0.1.1", "1.127.0.0.1"),
    # IPv6: itself, mapped, compatible, translated, NAT64, 6to4, Teredo, with a zone
    *("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[0000:0000::0001]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
    *("[::FFFF:7F00:0001]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[::7f00:1]", "[::ffff:0:127.0.0.1]"),
    *("[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:7f00:1::1]"),
    *("[2001:0:7f00:1::]", "[2001:0:4136:e378:8000:63bf:80ff:fffe]", "[fe80::1%25lo]", "[fe80::1%lo]", "[::1%25lo]"),
    *("[::1%lo]", "[::ffff:127.0.0.1%25lo]", "[fe80::5efe:127.0.0.1]", "[fd00::1]", "[fec0::1]", "[ff02::1]"),
    *("[127.0.0.1]", "[v1.127.0.0.1]", "[::1", "::1", "[::1].", "[:::1]"),
    # digits and dots of other scripts
    *(
        "１２７.0.0.1",
        "127.0.0.１",
        "①②⑦.0.0.1",
        "⑫7.0.0.1",
        "127。0。0。1",
        "127．0．0．1",
        "127｡0｡0｡1",
        "１２７。０。０。１",
    ),
    *("𝟭𝟮𝟳.𝟬.𝟬.𝟭", "٢٧.0.0.1", "127\u00ad.0.0.1", "127\u200b.0.0.1", "0ｘ7f.1", "[：：1]", "[::ffff:１27.0.0.1]"),
    # names
    *(
        "localhost",
        "localhost.",
        "LOCALHOST",
        "LocalHost",
        "ⓛocalhost",
        "localhost。",
        "loc\u00adalhost",
        "localhost..",
    ),
    *(
        "localhost.localdomain",
        "a.localhost",
        "ip6-localhost",
        "inside.example",
        "127.0.0.1.nip.example",
        "xn--a.example",
    ),
    *(
        "inside.example.",
        "①.example",
        "ⅽ.example",
        "a_b.example",
        "-a.example",
        "xn--",
        "xn--\u00e9",
        "a..b",
        ".",
        "..",
    ),
    *(
        "example.org／",
        "example.org⁄",
        "example.org∕",
        "example.org․",
        "example.org：80",
        "example.org？",
        "example.org＃",
    ),
    *("a" * 64 + ".example", "a." * 126 + "b", "a" * 300, "é" * 200, "localhost\x00", "localhost\x00.example.org"),
    # escaped
    *("127%2e0%2e0%2e1", "%31%32%37.0.0.1", "127.0.0.1%00", "127.0.0.1%20", "127.0.0.1%2f", "%6cocalhost", "%5b::1%5d"),
    *(
        "127.0.0.1%23",
        "127.0.0.1%09",
        "127.0.0.1%e3%80%82",
        "%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1",
        "127.0.0.1\t",
        "127.0.\n0.1",
    ),
)
ADDRESSES = (
    *("http://example.org@127.0.0.1:{port}/", "http://example.org:80@127.0.0.1:{port}/", "http://@127.0.0.1:{port}/"),
    *("http://:@127.0.0.1:{port}/", "http://a@b@127.0.0.1:{port}/", "http://example.org%40127.0.0.1:{port}/"),
    *("http://example.org\\@127.0.0.1:{port}/", "http://127.0.0.1:{port}\\@example.org/", "http://\\127.0.0.1:{port}/"),
    *("http:\\\\127.0.0.1:{port}/", "http:/\\127.0.0.1:{port}/", "http:/127.0.0.1:{port}/", "http:127.0.0.1:{port}/"),
    *(
        "http:///127.0.0.1:{port}/",
        "http:////127.0.0.1:{port}/",
        "//127.0.0.1:{port}/",
        "127.0.0.1:{port}/",
        "/etc/passwd",
    ),
    *(
        "ht\ttp://127.0.0.1:{port}/",
        "http:\n//127.0.0.1:{port}/",
        "\thttp://127.0.0.1:{port}/",
        "http://\t127.0.0.1:{port}/",
    ),
    *(
        "\x00http://127.0.0.1:{port}/",
        "\u00a0http://127.0.0.1:{port}/",
        "  http://127.0.0.1:{port}/  ",
        "\ufeffhttp://127.0.0.1:{port}",
    ),
    *(
        "http://127.0.0.1:{port}#@example.org/",
        "http://127.0.0.1:{port}?@example.org/",
        "http://127.0.0.1:{port};a@example.org/",
    ),
    *(
        "http://127.0.0.1:0{port}/",
        "http://127.0.0.1:+{port}/",
        "http://127.0.0.1: {port}/",
        "http://127.0.0.1:{port}:80/",
    ),
    *(
        "http://127.0.0.1:{port}.0/",
        "http://127.0.0.1:/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:22/",
        "http://127.0.0.1:65536/",
    ),
    *(
        "http://127.0.0.1:-1/",
        "http://127.0.0.1:{port}\r\nHost: example.org/",
        "HTTP://127.0.0.1:{port}/",
        "hTTpS://127.0.0.1:{port}/",
    ),
    *(
        "feed:127.0.0.1:{port}/",
        "feed:/127.0.0.1:{port}/",
        "feed:///127.0.0.1:{port}/",
        "feed:feed://127.0.0.1:{port}/",
    ),
    *(
        "FEED://127.0.0.1:{port}/",
        "feed:https://127.0.0.1:{port}/",
        "feed:HTTP://127.0.0.1:{port}/",
        "feeds://127.0.0.1:{port}/",
    ),
    *(
        "ftp://127.0.0.1:{port}/",
        "gopher://127.0.0.1:{port}/_x",
        "ws://127.0.0.1:{port}/",
        "file://127.0.0.1/etc/passwd",
    ),
    *(
        "file:///etc/passwd",
        "unix:///run/docker.sock",
        "http+unix://%2Frun%2Fdocker.sock/",
        "view-source:http://127.0.0.1:{port}/",
    ),
    *(
        "jar:http://127.0.0.1:{port}/!/",
        "data:text/xml,<rss/>",
        "javascript:fetch('http://127.0.0.1:{port}/')",
        "about:blank",
    ),
)
FORMS = ("http://{host}:{{port}}/", "feed://{host}:{{port}}/a?b", "feed:http://{host}:{{port}}/")


class EveryName(AbstractResolver):
    """Leads to the addresses it is given, one after the other; the last for good."""

    def __init__(self, *turns: tuple[str, ...]) -> None:
        self.turns = list(turns)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = self.turns.pop(0) if len(self.turns) > 1 else self.turns[0]
        return [
            ResolveResult(hostname=host, host=one, port=port, family=socket.AF_INET, proto=0, flags=0) for one in found
        ]

    async def close(self) -> None: ...


class Victim:
    """Counts who connects."""

    def __init__(self) -> None:
        self.connected = 0
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connected += 1
        writer.close()


@asynccontextmanager
async def victim() -> AsyncIterator[Victim]:
    there = Victim()
    async with await asyncio.start_server(there.serve, "127.0.0.1", 0) as server:
        there.port = server.sockets[0].getsockname()[1]
        yield there


@asynccontextmanager
async def guide(target: str) -> AsyncIterator[int]:
    """A site of our own, on 127.0.0.2, that sends every reader to `target`; its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + target.encode() + b"\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.2", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def refusal_of(url: str, fetcher: HttpFetcher) -> str:
    async with asyncio.timeout(30):
        with pytest.raises(FetchError) as refused:
            await fetcher.get(url)
    return refused.value.code


SPELLINGS = [*ADDRESSES, *(form.format(host=host) for host in HOSTS for form in FORMS)]


@pytest.mark.parametrize("networks", [[], OURS], ids=["nothing of ours", "a network of ours"])
async def test_no_spelling_of_a_private_address_is_connected(networks: list[str]) -> None:
    """The second time any port is open, so that the address alone can be the reason."""
    assert len(SPELLINGS) > 400
    names = EveryName(("127.0.0.1",))
    async with victim() as there, HttpFetcher(private_networks=networks, resolver=names) as fetcher:
        for url in SPELLINGS:
            await refusal_of(url.replace("{port}", str(there.port)), fetcher)
            assert there.connected == 0, url


@pytest.mark.parametrize("form", ["http://{host}:{port}/", "//{host}:{port}/"])
async def test_no_redirect_leads_to_one(form: str) -> None:
    names = EveryName(("127.0.0.1",))
    async with victim() as there, HttpFetcher(private_networks=OURS, resolver=names) as fetcher:
        for host in HOSTS:
            if {"\n", "\x00"} & set(host):  # no header holds them
                continue
            async with guide(form.format(host=host, port=there.port)) as port:
                await refusal_of(f"http://127.0.0.2:{port}/", fetcher)
            assert there.connected == 0, host


async def test_a_name_that_leads_elsewhere_the_second_time_is_refused_then() -> None:
    async with victim() as there, guide(f"http://rebound.example:{there.port}/") as port:
        resolver = EveryName(("127.0.0.2",), ("127.0.0.1",))
        async with HttpFetcher(private_networks=OURS, resolver=resolver) as fetcher:
            assert await refusal_of(f"http://rebound.example:{port}/", fetcher) == "blocked-address"
        assert there.connected == 0


@pytest.mark.parametrize(
    "found", [("127.0.0.1", "10.0.0.1"), ("10.0.0.1", "127.0.0.1"), ("127.0.0.1", "169.254.169.254")]
)
async def test_a_name_with_several_private_addresses_is_refused(found: tuple[str, ...]) -> None:
    async with victim() as there, HttpFetcher(private_networks=OURS, resolver=EveryName(found)) as fetcher:
        assert await refusal_of(f"http://mixed.example:{there.port}/", fetcher) == "blocked-address"
        assert there.connected == 0


@pytest.mark.parametrize("found", [("127.0.0.1", "93.184.215.14"), ("93.184.215.14", "127.0.0.1")])
async def test_of_a_public_and_a_private_address_only_the_public_is_tried(found: tuple[str, ...]) -> None:
    async with victim() as there, HttpFetcher(resolver=EveryName(found)) as fetcher:
        with pytest.raises((FetchError, guard.OutsideWorld)):
            await fetcher.get("http://mixed.example:8080/")
        assert set(guard.refused) == {"socket.connect 93.184.215.14"}
        guard.refused.clear()
        assert there.connected == 0
