"""robots.txt: what it asks of us, how long that is remembered, and what a hostile one may cost."""

import asyncio
import gc
import time
import tracemalloc
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from adapters import robots
from adapters.chain import USUAL, Limits
from adapters.http import HttpFetcher
from adapters.robots import KNOWN_FOR, UNKNOWN_FOR, Robots, excerpt
from bot.errors import FetchError
from bot.ports import Page
from tests.stands.origin import Origin, Reply, origin, rss

HERE = ["127.0.0.0/8"]
FEED = Reply(body=rss(3))
PAGE = "http://site.example/actus/1"
OUT = b"User-agent: *\nDisallow: /"


class Site:
    """Answers for its robots.txt what it is told, and counts how often it is asked."""

    def __init__(self, body: bytes | FetchError) -> None:
        self.body = body
        self.asked: Counter[str] = Counter()
        self.clock = 0.0

    async def ask(self, url: URL) -> bytes:
        self.asked[str(url)] += 1
        await asyncio.sleep(0)
        if isinstance(self.body, FetchError):
            raise self.body
        return self.body

    def now(self) -> float:
        return self.clock


def memory_of(site: Site) -> Robots:
    return Robots(site.ask, site.now)


async def may(memory: Robots, url: str = PAGE) -> bool:
    try:
        await memory.check(URL(url))
    except FetchError as refusal:
        assert refusal.code == "challenge"
        assert url in str(refusal)
        return False
    return True


async def judged(body: bytes, url: str = PAGE) -> bool:
    return await may(memory_of(Site(body)), url)


# -- what it asks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", True),
        (b"<html><body>Page introuvable</body></html>", True),
        (OUT, False),
        (b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /\r\n", False),
        (b"user-agent:*\rDISALLOW:/actus", False),
        (b"User-agent: *\nDisallow:", True),
        (b"User-agent: *\nDisallow: # /", True),
        (b"User-agent: *\nDisallow: /actus # nos nouvelles", False),
        (b"User-agent: *\nDisallow: /act*/1$", False),
        (b"User-agent: *\nDisallow: /*/2$", True),
        (b"User-agent: *\nDisallow: /\nAllow: /actus/", True),
        (b"User-agent: *\nAllow: /\nDisallow: /actus/", False),
        (b"Disallow: /", True),  # for nobody
        # Groups: ours before everybody's, whatever the order; several of one name are one.
        (b"User-agent: *\nDisallow: /\n\nUser-agent: tocsin\nDisallow: /admin", True),
        (b"User-agent: Tocsin\nDisallow: /actus\n\nUser-agent: *\nDisallow:", False),
        (b"User-agent: Tocsin/0.1\nDisallow: /", False),
        (b"User-agent: Tocsin\nUser-agent: Other\nDisallow: /", False),
        (b"User-agent: Other\nUser-agent: *\nDisallow: /", False),
        (b"User-agent: Other\nDisallow: /", True),
        (b"User-agent: TocsinBot\nDisallow: /", True),
        (b"User-agent: *\nDisallow: /admin\nUser-agent: Other\nDisallow: /", True),
        (b"User-agent: *\nCrawl-delay: 5\nUser-agent: Other\nDisallow: /", True),
        (b"User-agent: *\nDisallow: /admin\nSitemap: /s.xml\nDisallow: /actus", False),
        (b"User-agent: *\nDisallow: /admin\n\nUser-agent: *\nDisallow: /actus", False),
        (b"User-agent: tocsin\n\nUser-agent: *\nDisallow: /", False),
        (b"User agent *\nDissalow /", False),
    ],
)
async def test_the_rules_for_us_decide(body: bytes, expected: bool) -> None:
    assert await judged(body) == expected


async def test_a_rule_may_be_written_in_either_spelling() -> None:
    assert not await judged("User-agent: *\nDisallow: /actualités".encode(), "http://site.example/actualit%C3%A9s/1")
    assert not await judged(b"User-agent: *\nDisallow: /actualit%c3%a9s", "http://site.example/actualit%C3%A9s/1")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10", 10), ("1.5", 1.5), ("86400", 30), ("1e308", 30), *((n, 0) for n in ("-1", "nan", "inf", "soon", "", "0"))],
)
async def test_a_crawl_delay_is_thirty_seconds_at_most(text: str, seconds: float) -> None:
    body = f"User-agent: *\nCrawl-delay: {text}\nDisallow: /admin".encode()
    assert await memory_of(Site(body)).check(URL(PAGE)) == seconds


# -- how long it is remembered ----------------------------------------------------------------------------------------


async def test_a_site_is_asked_once_a_day() -> None:
    site = Site(b"")
    memory = memory_of(site)
    for n in range(5):
        assert await may(memory, f"http://site.example/{n}")
    site.body = OUT
    site.clock = KNOWN_FOR.total_seconds() - 1
    assert await may(memory)
    site.clock += 1
    assert not await may(memory)
    assert site.asked == {"http://site.example/robots.txt": 2}


async def test_two_readings_at_once_ask_once() -> None:
    site = Site(OUT)
    memory = memory_of(site)
    async with asyncio.TaskGroup() as tasks:
        found = [tasks.create_task(may(memory, f"http://site.example/{n}")) for n in range(20)]
    assert not any(one.result() for one in found)
    assert site.asked.total() == 1


async def test_every_origin_has_its_own() -> None:
    site = Site(b"")
    memory = memory_of(site)
    for url in (
        "http://site.example/1",
        "https://site.example/1",
        "http://site.example:8080/1",
        "http://www.site.example/",
    ):
        assert await may(memory, url)
    assert site.asked.total() == 4


async def test_where_nobody_can_tell_the_last_answer_holds_and_is_asked_for_again_soon() -> None:
    site = Site(OUT)
    memory = memory_of(site)
    assert not await may(memory)
    site.body, site.clock = FetchError("http-error", "503"), KNOWN_FOR.total_seconds()
    assert not await may(memory)
    assert not await may(memory)
    assert site.asked.total() == 2
    site.body, site.clock = b"", site.clock + UNKNOWN_FOR.total_seconds()
    assert await may(memory)


async def test_a_site_that_never_answered_for_it_is_read() -> None:
    site = Site(FetchError("timeout", "too slow"))
    memory = memory_of(site)
    assert await may(memory)
    site.body = OUT
    assert await may(memory)
    site.clock = UNKNOWN_FOR.total_seconds()
    assert not await may(memory)


async def test_a_reader_that_gives_up_leaves_the_question_to_the_next() -> None:
    site, gate = Site(OUT), asyncio.Event()
    ask = site.ask

    async def slow(url: URL) -> bytes:
        await gate.wait()
        return await ask(url)

    memory = Robots(slow, site.now)
    async with asyncio.TaskGroup() as tasks:
        first, second = tasks.create_task(may(memory)), tasks.create_task(may(memory))
        await asyncio.sleep(0)
        first.cancel()
        gate.set()
    assert not second.result()
    assert site.asked.total() == 1


# -- what it may cost -------------------------------------------------------------------------------------------------

WORDPRESS = b"User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\nSitemap: https://%s/s.xml"


async def test_ten_thousand_sites_are_remembered_in_a_few_megabytes() -> None:
    class Many(Site):
        async def ask(self, url: URL) -> bytes:
            return WORDPRESS % (url.host or "").encode()

    memory, sites = memory_of(Many(b"")), 1_000  # a tenth: tracing takes its time
    await memory.check(URL("https://first.example/feed"))
    tracemalloc.start()
    try:
        for n in range(sites):
            await memory.check(URL(f"https://site{n}.example/feed"))
        robots.allows.cache_clear()  # 512 verdicts, however many sites
        gc.collect()
        each = tracemalloc.get_traced_memory()[0] / sites
    finally:
        tracemalloc.stop()
    assert 10_000 * each < 8 * 2**20


async def test_what_is_remembered_is_bounded_and_the_oldest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(robots, "MOST_HOSTS", 3)
    site = Site(b"")
    memory = memory_of(site)
    for host in ("a", "b", "c", "a", "d", "a", "b"):  # d drives b out
        await may(memory, f"http://{host}.example/")
    assert site.asked == {
        f"http://{host}.example/robots.txt": n for host, n in (("a", 1), ("b", 2), ("c", 1), ("d", 1))
    }


HOSTILE = {
    "one rule of stars": b"User-agent: *\nDisallow: /" + b"a*" * 2**18,
    "many rules of stars": b"User-agent: *\n" + b"".join(b"Disallow: /%sb%d\n" % (b"a*" * 20, n) for n in range(9_000)),
    "many needles": b"User-agent: *\n" + b"".join(b"Disallow: /*%sb%d\n" % (b"a" * 90, n) for n in range(5_000)),
    "many rules": b"User-agent: *\n" + b"".join(b"Disallow: /%d$\n" % n for n in range(35_000)),
    "many foreign rules": b"User-agent: *\n" + b"".join("Disallow: /é%d*\n".encode() % n for n in range(30_000)),
    "many names": b"".join(b"User-agent: a%d\n" % n for n in range(20_000)) + b"Disallow: /a\n" * 9_000,
    "our name again and again": b"User-agent: tocsin\n" * 15_000 + b"Disallow: /b\n" * 15_000,
    "empty lines": b"\n" * 2**19,
    "short lines": b"a\n" * 2**18,
    "spaces": b" " * 2**19,
    "lines of spaces": (b" " * 900 + b"\n") * 580,
    "colons": b"User-agent: *\nDisallow" + b":" * 2**19,
    "zeros": bytes(2**19),
    "odd line ends": b"User-agent: *\x0bDisallow: /b\xe2\x80\xa8" * 15_000,
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_is_given_to_the_parser_is_small(name: str) -> None:
    """Its time grows with the square of what it is given: names × rules."""
    text, _ = await excerpt(HOSTILE[name])
    assert len(text) < 32 * 1024
    assert text.count("\n") <= robots.MOST_RULES + 1
    assert text.lower().count("user-agent") <= 1
    assert await judged(HOSTILE[name], "http://site.example/" + "a" * 2_000)


@pytest.mark.parametrize("name", HOSTILE)
async def test_the_loop_goes_on_while_it_is_read(name: str) -> None:
    """Counted in turns of the loop, which a slow machine does not change: a thousand lines at most between two."""
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    body = HOSTILE[name]
    async with asyncio.TaskGroup() as tasks:
        counting = tasks.create_task(count())
        await excerpt(body)
        counting.cancel()
    lines = len([line for line in body.replace(b"\r", b"\n").split(b"\n") if line])
    assert turns >= lines // 1_000


LINES = st.sampled_from(
    ["User-agent: *", "User-agent: x", "User-agent: tocsin", "Allow: /a", "Disallow: /", "Disallow: /a"]
)
TEXTS = st.lists(LINES | st.text(max_size=20) | st.text("/*$%?[]#: é", max_size=20).map("Disallow: {}".format))


@given(TEXTS, st.text(max_size=20))
def test_any_text_is_a_robots_txt(lines: list[str], path: str) -> None:
    asyncio.run(
        judged("\n".join(lines).encode("utf-8", "replace"), str(URL("http://site.example/") / path.replace("/", "")))
    )


# -- in the fetcher ---------------------------------------------------------------------------------------------------


async def code_of(fetcher: HttpFetcher, url: str) -> str:
    try:
        return "page" if isinstance(await fetcher.get(url), Page) else "not modified"
    except FetchError as error:
        return error.code


async def read(
    replies: dict[str, Reply], *paths: str, obeys: bool = True, limits: Limits = USUAL
) -> tuple[list[str], Origin]:
    """(what became of each path, the site)."""
    async with (
        origin(replies) as site,
        HttpFetcher(private_networks=HERE, robots=obeys, limits=limits) as fetcher,
    ):
        return [await code_of(fetcher, site.url(path)) for path in paths], site


def rules(text: str, **options: object) -> dict[str, Reply]:
    return {"/robots.txt": Reply(body=text.encode(), **options), "/feed": FEED, "/admin/feed": FEED}  # type: ignore[arg-type]


async def test_the_bot_obeys_and_a_person_need_not() -> None:
    replies = rules("User-agent: *\nDisallow: /admin")
    codes, site = await read(replies, "/feed", "/admin/feed", "/feed")
    assert codes == ["page", "challenge", "page"]
    assert [asked.path for asked in site.asked] == ["/robots.txt", "/feed", "/feed"]
    codes, site = await read(replies, "/admin/feed", obeys=False)
    assert codes == ["page"]
    assert [asked.path for asked in site.asked] == ["/admin/feed"]


async def test_where_a_redirect_leads_is_asked_too() -> None:
    moved = {"/feed": Reply(status=302, headers={"Location": "/admin/feed"})}
    codes, site = await read(rules("User-agent: *\nDisallow: /admin") | moved, "/feed")
    assert codes == ["challenge"]
    assert site.seen["/admin/feed"] == 0


async def test_a_robots_txt_may_have_moved() -> None:
    moved = {"/robots.txt": Reply(status=301, headers={"Location": "/r"}), "/r": Reply(body=OUT), "/feed": FEED}
    assert (await read(moved, "/feed"))[0] == ["challenge"]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=404, body=OUT),
        Reply(status=401, body=OUT),
        Reply(status=429, body=OUT),
        Reply(status=503, body=OUT),
        Reply(status=304),
        Reply(raw=b"not HTTP\r\n\r\n"),
        Reply(body=OUT, gate=asyncio.Event()),
        Reply(body=OUT + b"a" * 50, drip=0.1),
        Reply(status=302, headers={"Location": "/robots.txt"}),
        Reply(status=302, headers={"Location": "http://10.0.0.1/robots.txt"}),
        Reply(body=OUT, headers={"Content-Encoding": "br"}),
        Reply(body=b""),
        Reply(body=b"# too long to be read to its end\n" * 20_000 + OUT),
        Reply(body=b"# endless\n" * 99, endless=True),
    ],
)
async def test_without_a_robots_txt_that_can_be_read_the_page_is(reply: Reply) -> None:
    limits = Limits(robots=timedelta(seconds=0.5), run_up=timedelta(seconds=0.2))
    assert (await read({"/robots.txt": reply, "/feed": FEED}, "/feed", limits=limits))[0] == ["page"]


async def test_what_a_cut_robots_txt_says_counts() -> None:
    assert (await read(rules(OUT.decode() + "\n" * 50, cut_at=len(OUT)), "/feed"))[0] == ["challenge"]


async def test_a_crawl_delay_stands_between_two_requests_though_nothing_else_holds_the_host() -> None:
    started = time.monotonic()
    codes, _ = await read(rules("User-agent: *\nCrawl-delay: 0.3"), "/feed", "/feed")
    assert codes == ["page", "page"]
    assert time.monotonic() - started >= 0.3  # never less, however slow the machine
