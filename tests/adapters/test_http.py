"""The fetcher against a real server on this machine."""

import asyncio
import gzip
import socket
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from adapters.chain import Chain, Limits, Redirect
from adapters.http import HttpFetcher
from bot.errors import FetchError
from bot.ports import NotModified, Page
from tests.stands.origin import Origin, Reply, bomb, origin, rss

HERE = ["127.0.0.0/8"]
FEED = rss(3)
NORMAL = Limits()
PACKED = {"Content-Encoding": "gzip"}


@asynccontextmanager
async def reading(
    replies: Mapping[str, Reply], limits: Limits = NORMAL, **options: Any
) -> AsyncIterator[tuple[Origin, HttpFetcher]]:
    options.setdefault("private_networks", HERE)
    async with origin(replies) as site, HttpFetcher(limits=limits, **options) as fetcher:
        yield site, fetcher


async def page_of(reply: Reply, limits: Limits = NORMAL) -> Page:
    async with reading({"/feed": reply}, limits) as (site, fetcher):
        page = await fetcher.get(site.url("/feed"))
        assert isinstance(page, Page)
        return page


async def refusal_of(reply: Reply, limits: Limits = NORMAL) -> FetchError:
    with pytest.raises(FetchError) as refused:
        await page_of(reply, limits)
    return refused.value


class Names(AbstractResolver):
    """A name server that answers what it is told."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=one, port=port, family=socket.AF_INET, proto=0, flags=0)
            for one in self.addresses
        ]

    async def close(self) -> None: ...


# -- the guard --------------------------------------------------------------------------------------------------------


async def test_a_name_that_leads_to_a_private_address_is_refused_when_the_socket_is_made() -> None:
    """Nothing else stands between a name server's answer and our own network: without that guard the page is read."""
    resolver = Names("127.0.0.1")
    replies = {"/feed": Reply(body=FEED)}
    async with reading(replies, private_networks=["10.0.0.0/8"], resolver=resolver) as (site, fetcher):
        with pytest.raises(FetchError) as refused:
            await fetcher.get(site.url("/feed", host="innocent.example"))
        assert refused.value.code == "blocked-address"
        assert not site.asked


async def test_an_address_written_as_digits_is_refused() -> None:
    async with reading({"/feed": Reply(body=FEED)}, private_networks=()) as (site, fetcher):
        for host in ("127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"):
            with pytest.raises(FetchError) as refused:
                await fetcher.get(site.url("/feed", host=host))
            assert refused.value.code == "blocked-address"
        assert not site.asked


async def test_a_redirect_to_a_private_address_is_refused() -> None:
    target = {"Location": "http://10.1.2.3/secret"}
    assert (await refusal_of(Reply(status=302, headers=target))).code == "blocked-address"


async def test_a_redirect_to_another_scheme_is_refused() -> None:
    assert (await refusal_of(Reply(status=302, headers={"Location": "file:///etc/passwd"}))).code == "blocked-scheme"


async def test_a_proxy_may_be_private_but_what_it_is_asked_for_may_not() -> None:
    async with origin({"http://93.184.215.14/feed": Reply(body=FEED)}) as proxy:
        async with HttpFetcher(proxy=proxy.url(""), resolver=Names("10.0.0.1")) as fetcher:
            assert isinstance(await fetcher.get("http://93.184.215.14/feed"), Page)
            for url in ("http://10.0.0.1/", "http://inside.example/"):
                with pytest.raises(FetchError) as refused:
                    await fetcher.get(url)
                assert refused.value.code == "blocked-address"
        assert len(proxy.asked) == 1


async def test_the_password_of_a_proxy_is_in_no_error() -> None:
    async with HttpFetcher(proxy="http://us:hunter2@127.0.0.1:1") as fetcher:
        with pytest.raises(FetchError) as refused:
            await fetcher.get("http://93.184.215.14/")
    assert refused.value.code == "connection"
    assert "hunter2" not in repr(refused.value)
    assert refused.value.__cause__ is None


# -- what comes back --------------------------------------------------------------------------------------------------


async def test_a_page_says_what_its_headers_say() -> None:
    page = await page_of(Reply(body=FEED, etag='"v1"', headers={"Cache-Control": "max-age=600"}))
    assert page.body == FEED
    assert (page.media_type, page.charset, page.etag) == ("application/xml", "utf-8", '"v1"')
    assert page.fresh_for == timedelta(minutes=10)
    assert not page.truncated


async def test_an_unchanged_page_is_not_read_again() -> None:
    stamp = "Tue, 01 Sep 2026 08:00:00 GMT"
    async with reading({"/e": Reply(body=FEED, etag='"v1"'), "/m": Reply(body=FEED, last_modified=stamp)}) as (
        site,
        fetcher,
    ):
        assert isinstance(await fetcher.get(site.url("/e"), etag='"v1"'), NotModified)
        assert isinstance(await fetcher.get(site.url("/m"), last_modified=stamp), NotModified)
        assert isinstance(await fetcher.get(site.url("/e"), etag='"v0"'), Page)


async def test_we_say_who_we_are_and_take_no_cookie() -> None:
    async with reading({"/feed": Reply(body=FEED, headers={"Set-Cookie": "a=b"})}) as (site, fetcher):
        await fetcher.get(site.url("/feed"))
        await fetcher.get(site.url("/feed"))
    assert all(asked.headers["user-agent"].startswith("Tocsin/") for asked in site.asked)
    assert all("cookie" not in asked.headers for asked in site.asked)
    assert site.asked[0].headers["accept-encoding"] == "gzip, deflate"


RAW = zlib.compressobj(wbits=-15)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(FEED)),
        ("gzip", gzip.compress(FEED[:100]) + gzip.compress(FEED[100:])),
        ("deflate", zlib.compress(FEED)),
        ("deflate", RAW.compress(FEED) + RAW.flush()),
    ],
)
async def test_a_packed_body_is_unpacked(coding: str, body: bytes) -> None:
    page = await page_of(Reply(body=body, headers={"Content-Encoding": coding}))
    assert page.body == FEED
    assert not page.truncated


async def test_a_cut_body_is_kept_and_marked() -> None:
    page = await page_of(Reply(body=FEED, etag='"v1"', cut_at=400))
    assert (page.body, page.truncated, page.etag) == (FEED[:400], True, None)


async def test_a_cut_gzip_body_is_marked_though_nothing_else_tells() -> None:
    """The length announced is that of the cut body: only the missing end of the gzip stream shows it."""
    page = await page_of(Reply(body=gzip.compress(FEED)[:-40], headers=PACKED, etag='"v1"'))
    assert page.truncated
    assert page.etag is None
    assert FEED.startswith(page.body)


async def test_a_redirect_is_followed_and_the_page_says_where_it_is() -> None:
    replies = {"/old": Reply(status=301, headers={"Location": "new"}), "/new": Reply(body=FEED)}
    async with reading(replies) as (site, fetcher):
        page = await fetcher.get(site.url("/old#top"))
        assert isinstance(page, Page)
        assert page.url == site.url("/new")


@pytest.mark.parametrize(
    ("statuses", "moved_to"),
    [
        ([], None),
        ([301], "/1"),
        ([308], "/1"),
        ([301, 308, 301], "/3"),
        ([302], None),
        ([303], None),
        ([307], None),
        ([302, 301], None),  # what follows a step for now is not where it will stay
        ([301, 302], "/1"),
        ([301, 307, 308], "/1"),
        ([300], None),
    ],
)
async def test_a_page_says_where_it_moved_for_good(statuses: list[int], moved_to: str | None) -> None:
    hops = {f"/{n}": Reply(status=status, headers={"Location": f"/{n + 1}"}) for n, status in enumerate(statuses)}
    end = f"/{len(statuses)}"
    async with reading({**hops, end: Reply(body=FEED, etag='"v1"')}) as (site, fetcher):
        expected = moved_to and site.url(moved_to)
        for etag, kind in ((None, Page), ('"v1"', NotModified)):
            answer = await fetcher.get(site.url("/0"), etag=etag)
            assert isinstance(answer, kind)
            assert answer.moved_to == expected


@pytest.mark.parametrize(
    ("hops", "moved_to"),
    [
        ([("http://a.example/1", 301, "https://a.example/2")], "https://a.example/2"),
        ([("https://a.example/1", 301, "http://a.example/2")], None),
        (
            [("http://a.example/1", 301, "https://a.example/2"), ("https://a.example/2", 301, "http://a.example/3")],
            "https://a.example/2",
        ),
        (
            [("https://a.example/1", 308, "http://a.example/2"), ("http://a.example/2", 308, "https://a.example/3")],
            None,
        ),
    ],
)
async def test_nobody_moves_from_https_to_http_for_good(hops: list[tuple[str, int, str]], moved_to: str | None) -> None:
    chain = Chain(URL(hops[0][0]), NORMAL, NORMAL.total)
    for _, status, target in hops:
        chain.go(Redirect(status, URL(target)))
    assert chain.moved_to == moved_to


async def test_five_redirects_are_followed_and_not_six() -> None:
    chain = {f"/{n}": Reply(status=302, headers={"Location": f"/{n + 1}"}) for n in range(6)}
    async with reading({**chain, "/6": Reply(body=FEED)}) as (site, fetcher):
        assert isinstance(await fetcher.get(site.url("/1")), Page)
        with pytest.raises(FetchError) as refused:
            await fetcher.get(site.url("/0"))
        assert refused.value.code == "too-many-redirects"


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(status=302, headers={"Location": "/feed"}), "loop"),
        (Reply(status=302), "bad-http"),
        (Reply(status=304), "unexpected-304"),
        (Reply(status=404), "http-error"),
        (Reply(status=500), "http-error"),
        (Reply(status=410), "gone"),
        (Reply(status=429), "rate-limited"),
        (Reply(), "empty-body"),
        (Reply(body=FEED, cut_at=0), "truncated"),
        (Reply(body=b"\x00" * 50, headers=PACKED), "bad-encoding"),
        (Reply(body=FEED, headers={"Content-Encoding": "br"}), "bad-encoding"),
        (Reply(raw=b"not HTTP at all\r\n\r\n"), "bad-http"),
        (Reply(raw=b""), "connection"),
        (Reply(body=FEED, drip=0.2), "timeout"),
        (Reply(body=FEED, endless=True), "too-large"),
        (Reply(body=bytes(2**20 + 1)), "too-large"),
        (Reply(body=bomb(64 * 2**20), headers=PACKED), "too-large"),
    ],
)
async def test_what_is_no_page_is_one_clear_error(reply: Reply, code: str) -> None:
    error = await refusal_of(reply, Limits(total=timedelta(seconds=2), most_bytes=2**20))
    assert error.code == code
    assert "127.0.0.1" in str(error)


JUST_A_MOMENT = b"<html><head><title>Just a moment...</title></head></html>"
CLOUDFLARE = {"Server": "cloudflare"}


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(status=403, headers={"cf-mitigated": "challenge"}), "challenge"),
        (Reply(status=503, headers=CLOUDFLARE, body=JUST_A_MOMENT), "challenge"),
        (Reply(status=403, headers=CLOUDFLARE | PACKED, body=gzip.compress(JUST_A_MOMENT)), "challenge"),
        (Reply(status=403, headers=CLOUDFLARE, body=JUST_A_MOMENT * 2_000), "challenge"),
        (Reply(status=403, headers=CLOUDFLARE, body=b"<html>Interdit</html>"), "http-error"),
        (Reply(status=403, headers=CLOUDFLARE | {"Content-Encoding": "br"}, body=b"\x8b"), "http-error"),
        (Reply(status=429, headers=CLOUDFLARE), "rate-limited"),
        (Reply(status=403, body=JUST_A_MOMENT), "challenge"),  # a proxy may have taken the server's name away
        (Reply(status=403, body=b"<h1>Just a moment, please</h1>"), "http-error"),  # anybody may say so
        (Reply(status=404, body=JUST_A_MOMENT), "http-error"),
        (Reply(status=403, headers={"x-datadome": "protected"}), "challenge"),
        (Reply(status=202, headers={"x-amzn-waf-action": "challenge"}, body=b"<html></html>"), "challenge"),
        (Reply(status=401), "login-required"),
        (Reply(status=407), "login-required"),
    ],
)
async def test_a_wall_is_told_from_a_failure(reply: Reply, code: str) -> None:
    assert (await refusal_of(reply)).code == code


async def test_a_page_may_ask_for_a_login_and_still_be_one() -> None:
    assert (await page_of(Reply(body=FEED, headers={"WWW-Authenticate": "Basic"}))).body == FEED
    assert (await page_of(Reply(body=FEED, headers={"x-datadome": "protected"} | CLOUDFLARE))).body == FEED


async def test_a_proxy_that_wants_a_login_is_the_operators_to_mend() -> None:
    replies = {"http://93.184.215.14/feed": Reply(status=407)}
    async with origin(replies) as proxy, HttpFetcher(proxy=proxy.url("")) as fetcher:
        with pytest.raises(FetchError, match="TOCSIN_HTTP_PROXY") as refused:
            await fetcher.get("http://93.184.215.14/feed")
    assert refused.value.code == "connection"


async def test_a_closed_port_and_an_unknown_name_have_codes_of_their_own() -> None:
    async with HttpFetcher(private_networks=HERE) as fetcher:
        for url, code in (("http://127.0.0.1:1/", "connection"), ("http://nowhere.invalid/", "dns-failure")):
            with pytest.raises(FetchError) as refused:
                await fetcher.get(url)
            assert refused.value.code == code


async def test_what_the_site_asks_is_handed_on() -> None:
    assert (await refusal_of(Reply(status=429, headers={"Retry-After": "120"}))).after == timedelta(minutes=2)
    assert (await refusal_of(Reply(status=503, headers={"Retry-After": "60"}))).after == timedelta(minutes=1)


# -- manners ----------------------------------------------------------------------------------------------------------


async def test_a_host_sees_two_connections_at_most() -> None:
    gate = asyncio.Event()
    async with reading({"/feed": Reply(body=FEED, gate=gate)}) as (site, fetcher), asyncio.TaskGroup() as tasks:
        for _ in range(6):
            tasks.create_task(fetcher.get(site.url("/feed")))
        async with asyncio.timeout(10):
            while site.open_now < 2:
                await asyncio.sleep(0.01)
        gate.set()
    assert site.most_open == 2
    assert site.seen["/feed"] == 6


async def test_waiting_for_a_busy_host_takes_nothing_from_the_time_of_the_page() -> None:
    limits = Limits(total=timedelta(seconds=10), turn=timedelta(minutes=2), per_host=1)
    gates = [asyncio.Event() for _ in range(3)]
    async with reading({f"/{n}": Reply(body=FEED, gate=gate) for n, gate in enumerate(gates)}, limits) as (
        site,
        fetcher,
    ):
        async with asyncio.TaskGroup() as tasks:
            pages = [tasks.create_task(fetcher.get(site.url(f"/{n}"))) for n in range(3)]
            for n, gate in enumerate(gates):
                async with asyncio.timeout(10):
                    while not site.seen[f"/{n}"]:
                        await asyncio.sleep(0.01)
                assert site.open_now == 1
                gate.set()
        assert all(isinstance(page.result(), Page) for page in pages)


async def test_a_cancelled_reading_gives_its_place_back() -> None:
    async with reading({"/stuck": Reply(gate=asyncio.Event()), "/feed": Reply(body=FEED)}, Limits(per_host=1)) as (
        site,
        fetcher,
    ):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await fetcher.get(site.url("/stuck"))
        site.replies["/stuck"] = Reply(body=FEED)
        assert isinstance(await fetcher.get(site.url("/feed")), Page)
