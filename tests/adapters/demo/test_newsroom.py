"""What the demo publishes is invented, says so, and lies ahead."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from adapters import sources
from adapters.demo import newsroom
from adapters.demo.newsroom import FLOOD, PAPERS, Newsroom, Published
from adapters.demo.origin import Origin
from bot import catalogue
from bot.domain.alert import AlertType, Severity
from bot.domain.article import Article, Understanding
from bot.domain.entry import Entry
from bot.domain.source import Source, Trust
from bot.ports import Page, ReadsArticle
from bot.text.dates_fr import read_date
from bot.text.understand import understand

Site = TestClient[web.Request, web.Application]
ORIGIN = web.AppKey("origin", Origin)
NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


def everything(room: Newsroom) -> list[Published]:
    for kind in ("article", "care", "critical", "alert"):
        for _ in range(12):
            room.publish(kind, NOW)
    return [one for paper in PAPERS for one in room.listed(paper.name)]


def test_there_are_enough_articles_of_every_kind() -> None:
    kinds = [sample.kind for sample in newsroom.samples()]
    assert len(kinds) >= 25
    assert min(kinds.count(kind) for kind in ("article", "care", "critical", "alert", newsroom.ARCHIVE)) >= 3
    assert {sample.lang for sample in newsroom.samples()} == {"fr", "en"}


def test_every_paper_says_that_it_is_invented() -> None:
    assert all("(fictif)" in paper.title for paper in PAPERS)


def test_nothing_is_left_to_fill_in_and_dates_lie_ahead() -> None:
    for one in everything(Newsroom(seed=1, now=NOW)):
        text = f"{one.sample.title} {one.sample.chapeau} {one.sample.text}"
        assert "{" not in text
        for day, month, year in re.findall(r"\b(\d{1,2}|1er) ([a-zéû]{3,9}) (20\d\d)\b", text):
            date = read_date(f"{day} {month} {year}")
            assert date is not None and date > one.at


def test_the_same_seed_tells_the_same_story() -> None:
    def told(seed: int) -> list[str]:
        room = Newsroom(seed=seed, now=NOW)
        return [room.publish(kind, NOW).sample.title for kind in room.story()]

    assert told(7) == told(7)
    assert told(7) != told(8)
    assert len(told(7)) == len(set(told(7)))


def test_no_number_and_no_path_is_used_twice() -> None:
    room = Newsroom(seed=1, now=NOW)
    paths = [one.path for one in everything(room)]
    assert len(paths) == len(set(paths))


def test_a_flood_is_as_much_as_one_reading_takes() -> None:
    room = Newsroom(seed=1, now=NOW)
    assert room.flood(NOW) == FLOOD
    assert len(room.listed("depeches")) == FLOOD


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    origin = Origin(Newsroom(seed=1, now=NOW))
    everything(origin.newsroom)
    app = web.Application()
    app.add_routes(origin.routes())
    app[ORIGIN] = origin
    async with TestClient(TestServer(app)) as client:
        origin.url = str(client.make_url("")).rstrip("/")
        yield client


async def entries(site: Site, name: str) -> list[Entry]:
    paper = next(paper for paper in PAPERS if paper.name == name)
    response = await site.get(paper.feed)
    page = Page(url=str(site.make_url(paper.feed)), body=await response.read(), media_type=response.content_type)
    source = Source(slug=paper.name, title=paper.title, url=page.url, kind=paper.kind)
    return list(sources.load(paper.kind).parse(page, source))


@pytest.mark.parametrize("name", [paper.name for paper in PAPERS])
async def test_our_own_readers_read_every_paper(site: Site, name: str) -> None:
    listed = site.app[ORIGIN].newsroom.listed(name)
    found = await entries(site, name)
    shown = listed[:20] if name == "gazette" else listed
    assert [one.title for one in found] == [one.sample.title for one in shown]
    assert all(entry.published is not None and entry.summary for entry in found)


async def test_an_article_of_the_list_is_completed_by_its_page(site: Site) -> None:
    entry = next(one for one in await entries(site, "gazette") if "Hébergement de données" in one.title)
    kind = sources.load("list")
    assert isinstance(kind, ReadsArticle)
    response = await site.get(URL(entry.url).path)
    read = kind.read(Page(url=entry.url, body=await response.read(), media_type="text/html"), entry)
    assert (read.genre, read.authors) == ("tribune", ("Solène Abgrall", "Idris Benhaddou"))
    assert "Sept ne répondaient" in read.text
    assert "apprécié" not in read.text and "hebdomadaire" not in read.text


async def test_a_paper_that_did_not_change_answers_so(site: Site) -> None:
    first = await site.get("/cert/atom.xml")
    again = await site.get("/cert/atom.xml", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304
    site.app[ORIGIN].newsroom.publish("critical", NOW)
    assert (await site.get("/cert/atom.xml", headers={"If-None-Match": first.headers["ETag"]})).status == 200


async def test_a_paper_can_be_down(site: Site) -> None:
    site.app[ORIGIN].down.add("gazette")
    assert (await site.get("/gazette/articles")).status == 503
    assert (await site.get("/cert/atom.xml")).status == 200


def test_the_sources_file_is_one() -> None:
    origin = Origin(Newsroom(seed=1, now=NOW))
    origin.url = "http://127.0.0.1:9999"
    assert [source.slug for source in catalogue.parse(origin.sources_file(), "sources.toml")] == [
        paper.name for paper in PAPERS
    ]


def test_what_its_buttons_call_an_alert_is_one() -> None:
    room = Newsroom(seed=1, now=NOW)
    for kind, count in (("article", 10), ("care", 3), ("critical", 3), ("alert", 4)):
        found = [understood(room.publish(kind, NOW)) for _ in range(count)]
        assert all((one.alert is not None) == (kind != "article") for one in found), kind
        if kind == "critical":
            assert all(one.alert is not None and one.alert.severity is Severity.CRITICAL for one in found)
        if kind == "care":
            assert all(one.alert is not None and one.alert.type is AlertType.CARE_CALL for one in found)


def understood(one: Published) -> Understanding:
    paper, sample = next(paper for paper in PAPERS if paper.name == one.sample.source), one.sample
    return understand(
        Article(
            source_slug=paper.name,
            source_title=paper.title,
            source_topics=paper.topics,
            trust=Trust(paper.trust),
            url=f"http://127.0.0.1{one.path}",
            title=sample.title,
            chapeau=sample.chapeau,
            body=sample.text,
            genre=sample.genre,
            language="fr",
            published=one.at,
            first_seen=one.at,
        )
    )
