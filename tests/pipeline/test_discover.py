"""What can be watched around an address, on a site of 127.0.0.1."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import sources as kinds
from adapters.http import HttpFetcher
from bot.errors import SourceError
from bot.pipeline.discover import REQUESTS, Discover, complete, sitemaps_of
from bot.pipeline.preview import Look
from bot.ports import Page
from tests.fakes import InlineCpu
from tests.stands.origin import Origin, Reply, origin, rss

HTML = {"Content-Type": "text/html; charset=utf-8"}
LIST = "".join(
    f"<article><h2><a href='/articles/{n}/panne-fictive'>Une panne fictive de messagerie numéro {n}</a></h2>"
    f"<p>{n:02} mars 2026 - 10:20</p><p>Le centre hospitalier imaginaire de Valmont raconte sa journée {n}.</p>"
    "</article>"
    for n in range(1, 6)
)


def page(head: str = "", body: str = "") -> Reply:
    text = f"<!doctype html><html><head><title>Valmont (fictif)</title>{head}</head><body>{body}</body></html>"
    return Reply(body=text.encode(), headers=HTML)


def declared(url: str, kind: str = "application/rss+xml") -> str:
    return f'<link rel="alternate" type="{kind}" href="{url}">'


def feed(count: int = 4, first: int = 1, title: str = "Hôpitaux (fictif)") -> Reply:
    return Reply(body=rss(count, first).replace("Hôpitaux (fictif)".encode(), title.encode()))


@asynccontextmanager
async def around(replies: Mapping[str, Reply], **changes: timedelta) -> AsyncIterator[tuple[Origin, Discover]]:
    async with origin(replies) as site, HttpFetcher(private_networks=["127.0.0.0/8"]) as fetcher:
        yield site, Discover(look=Look(fetcher=fetcher, cpu=InlineCpu(), kinds=kinds), **changes)


async def found(replies: Mapping[str, Reply], at: str = "/") -> list[tuple[str, str, str]]:
    """(path, kind, how) of each candidate."""
    async with around(replies) as (site, discover):
        seen = await discover.around(site.url(at))
        return [(one.url.removeprefix(site.url("")), one.kind, one.how) for one in seen]


async def test_a_feed_is_found_as_it_is_with_one_request() -> None:
    async with around({"/flux.xml": feed(5)}) as (site, discover):
        (one,) = await discover.around(site.url("/flux.xml"))
        assert (one.url, one.kind, one.how, one.title) == (site.url("/flux.xml"), "feed", "itself", "Hôpitaux (fictif)")
        assert (one.count, len(one.entries), len(one.dates)) == (5, 3, 5)
        assert one.newest == max(one.dates)
        assert len(site.asked) == 1


async def test_declared_feeds_come_before_links_and_links_before_the_page_itself() -> None:
    replies = {
        "/": page(declared("/declare"), f'<a href="/autre.rss">Autre</a><p><a href="/suivi">Flux RSS</a></p>{LIST}'),
        "/declare": feed(4),
        "/autre.rss": feed(4, first=50),
        "/suivi": feed(4, first=90),
    }
    assert await found(replies) == [
        ("/declare", "feed", "link"),
        ("/autre.rss", "feed", "anchor"),
        ("/suivi", "feed", "anchor"),
        ("/", "list", "list"),
    ]


async def test_atom_and_rss_of_the_same_articles_are_one_document() -> None:
    replies = {"/": page(declared("/a.xml") + declared("/b.xml")), "/a.xml": feed(4), "/b.xml": feed(4)}
    assert await found(replies) == [("/a.xml", "feed", "link")]


async def test_the_comments_come_last() -> None:
    replies = {
        "/": page(declared("/comments/feed/") + declared("/feed/"), LIST),
        "/comments/feed/": feed(4, first=70, title="Commentaires sur : Valmont"),
        "/feed/": feed(4),
    }
    assert [path for path, _, _ in await found(replies)] == ["/feed/", "/", "/comments/feed/"]


async def test_the_pages_own_host_comes_before_another() -> None:
    async with around({"/ici.xml": feed(4, first=40), "/la.xml": feed(4)}) as (site, discover):
        elsewhere = site.url("/la.xml", host="127.0.0.2")
        site.replies["/"] = page(declared(elsewhere) + declared("/ici.xml"))
        seen = await discover.around(site.url("/"))
    assert seen[0].url == site.url("/ici.xml")


@pytest.mark.parametrize("path", ["/feed/", "/rss.xml", "/spip.php?page=backend", "/fr/rss.xml"])
async def test_the_usual_paths_are_tried_when_the_page_names_no_feed(path: str) -> None:
    replies = {"/une/page": page(body="<p>Bienvenue.</p>"), path: feed(4)}
    assert await found(replies, "/une/page") == [(path, "feed", "path")]


async def test_a_site_that_shows_its_home_page_for_everything_has_one_list() -> None:
    home = page(body=LIST)
    everything = ["/", "/feed/", "/rss.xml", "/rss", "/feed.xml", "/atom.xml", "/index.xml", "/sitemap.xml"]
    assert await found(dict.fromkeys(everything, home)) == [("/", "list", "list")]


async def test_a_page_with_fewer_than_three_articles_is_no_list() -> None:
    async with around({"/": page(body=LIST[: LIST.index("</article>")])}) as (site, discover):
        with pytest.raises(SourceError) as caught:
            await discover.around(site.url("/"))
    assert caught.value.code == "no-items"


async def test_what_a_candidate_leads_to_is_never_followed() -> None:
    """A list that answers `.rss` with itself, and a link to one more `.rss` in each."""
    trap = {f"/actualite{n * '.rss'}": page(body=f'<a href="/actualite{(n + 1) * ".rss"}">RSS</a>') for n in range(30)}
    async with around(trap) as (site, discover):
        with pytest.raises(SourceError):
            await discover.around(site.url("/actualite"))
        asked = [one.path for one in site.asked]
    assert "/actualite.rss" in asked
    assert "/actualite.rss.rss" not in asked


async def test_a_search_asks_twelve_times_at_most() -> None:
    links = "".join(declared(f"/flux/{n}") for n in range(40))
    async with around({"/": page(links)}) as (site, discover):
        with pytest.raises(SourceError):
            await discover.around(site.url("/"))
        assert len(site.asked) == REQUESTS


async def test_four_candidates_are_read_at_once_at_most() -> None:
    async with around({"/": page("".join(declared(f"/{n}.xml") for n in range(8)))}) as (site, discover):
        site.replies |= {f"/{n}.xml": feed(3, first=10 * n + 1) for n in range(8)}
        assert len(await discover.around(site.url("/"))) == 8
        assert site.most_open <= 4


async def test_what_was_found_before_time_ran_out_is_told() -> None:
    gate = asyncio.Event()  # never set
    replies = {
        "/": page(declared("/vite.xml") + declared("/jamais.xml")),
        "/vite.xml": feed(4),
        "/jamais.xml": Reply(gate=gate),
    }
    async with around(replies, within=timedelta(seconds=1)) as (site, discover):
        (one,) = await discover.around(site.url("/"))
        assert one.url == site.url("/vite.xml")
        gate.set()


async def test_a_page_that_is_closed_may_have_a_site_with_a_feed() -> None:
    assert await found({"/abonnes": Reply(status=401), "/feed/": feed(4)}, "/abonnes") == [("/feed/", "feed", "path")]


async def test_an_address_that_cannot_be_read_says_why_and_nothing_else_is_asked() -> None:
    async with around({}) as (site, discover):
        for address, code in (("ftp://exemple.test/", "blocked-scheme"), ("http://10.0.0.1/", "blocked-address")):
            with pytest.raises(SourceError) as caught:
                await discover.around(address)
            assert caught.value.code == code
        with pytest.raises(SourceError) as caught:
            await discover.around(site.url("/disparue"))
        assert caught.value.code == "http-error"
        assert len(site.asked) == 1


@given(st.text(max_size=60))
def test_no_text_is_ever_the_name_of_a_file(typed: str) -> None:
    assert "://" in complete(typed)


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("exemple.test/actu", "https://exemple.test/actu"),
        (" http://exemple.test ", "http://exemple.test"),
        ("feed://exemple.test/x", "http://exemple.test/x"),
        ("feed:https://exemple.test/x", "https://exemple.test/x"),
        ("pyproject.toml", "https://pyproject.toml"),
    ],
)
def test_an_address_is_completed_as_people_type_it(typed: str, address: str) -> None:
    assert complete(typed) == address


def test_a_robots_file_names_sitemaps() -> None:
    robots = b"User-agent: *\nDisallow: /\nSITEMAP: https://a.test/s.xml\nSitemap:https://a.test/s.xml\nSitemap: /x\n"
    assert sitemaps_of(robots) == ["https://a.test/s.xml"]


# -- the links of a page ----------------------------------------------------------------------------------------------


def links(html: str) -> list[tuple[str, bool]]:
    return [(one.url, one.declared) for one in kinds.feeds_of(Page(url="https://exemple.test/a/", body=html.encode()))]


@pytest.mark.parametrize(
    ("html", "url"),
    [
        ('<link rel="alternate" type="application/atom+xml" href="x.atom">', "https://exemple.test/a/x.atom"),
        ('<LINK REL="Alternate Home" TYPE="application/rss+xml; charset=utf-8" HREF="/x">', "https://exemple.test/x"),
        ('<base href="https://b.test/"><link rel=alternate type=application/feed+json href=j>', "https://b.test/j"),
        ('<a href="/actu/rss">Actualités</a>', "https://exemple.test/actu/rss"),
        ('<a href="/suivre"><img alt=""><span>S’abonner au flux</span></a>', "https://exemple.test/suivre"),
        ('<a href="/suivre" title="Flux RSS"><img></a>', "https://exemple.test/suivre"),
    ],
)
def test_what_may_be_a_feed_is_seen(html: str, url: str) -> None:
    assert [found for found, _ in links(html)] == [url]


@pytest.mark.parametrize(
    "html",
    [
        '<link rel="stylesheet" type="application/rss+xml" href="/x">',
        '<link rel="alternate" hreflang="en" href="/en">',
        '<a href="/actu">Actualités</a>',
        '<a href="mailto:flux@exemple.test">Flux</a>',
        '<a href="javascript:rss()">RSS</a>',
        f'<a href="/eau">{40 * "Les eaux et leur flux. "}</a>',
        "",
        "<<<",
    ],
)
def test_what_leads_to_no_feed_is_left(html: str) -> None:
    assert links(html) == []


def test_an_address_is_told_once_and_as_declared_where_it_is() -> None:
    html = '<a href="/x.rss">RSS</a><link rel="alternate" type="application/rss+xml" href="/x.rss">'
    assert links(html) == [("https://exemple.test/x.rss", True)]


@given(st.binary(max_size=400))
def test_any_bytes_are_a_page_without_feeds_at_worst(body: bytes) -> None:
    for one in kinds.feeds_of(Page(url="https://exemple.test/", body=body)):
        assert one.url.startswith(("http://", "https://", "file:"))
