"""What one reading of a source means, before anything is written."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alert import Alert, AlertType, Severity
from bot.domain.article import Article, Facts, Understanding
from bot.domain.channel import Rhythm
from bot.domain.delivery import Breaks, PostKind, Prio
from bot.domain.entry import Entry
from bot.domain.ids import ArticleId, SourceId, StoryId
from bot.domain.rule import Rule, What
from bot.domain.sighting import Known
from bot.domain.source import Source, Trust
from bot.pipeline.decide import (
    AT_ONCE,
    FOLD_AFTER,
    LONG_STOP,
    Pace,
    article_of,
    body_hash,
    breaks_quiet,
    post_of,
    same,
)
from bot.pipeline.identity import content_hash
from bot.ports import NotModified, Page
from storage.database import database
from tests.fakes import START, FakeSite, World, entry

SOURCE = Source(slug="a", title="A", url="https://exemple.test/flux", trust=Trust.PRESS, last_success=START)
RSS = b"<rss><channel><title>A</title><lastBuildDate>%s</lastBuildDate><item><title>%s</title></item></channel></rss>"
ATOM = b"<feed><updated>%s</updated><entry><title>%s</title></entry></feed>"
JSON = b'{"version": "https://jsonfeed.org/version/1.1", "updated": "%s", "items": [{"title": "%s"}]}'


def facts(severity: Severity | None) -> Facts:
    alert = None if severity is None else Alert(type=AlertType.OUTAGE, severity=severity)
    return Facts(
        number=ArticleId(5),
        story=StoryId(4),
        article=Article(url="https://exemple.test/1", title="t", first_seen=START),
        understanding=Understanding(analyser=1, language="fr", summary="", alert=alert),
    )


# -- the body ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [RSS, ATOM, JSON])
def test_a_date_that_moves_with_the_clock_is_no_change(shape: bytes) -> None:
    assert body_hash(shape % (b"Tue, 10 Mar 2026", b"one")) == body_hash(shape % (b"Wed, 11 Mar 2026", b"one"))


@pytest.mark.parametrize("shape", [RSS, ATOM, JSON])
def test_a_change_in_an_item_is_a_change(shape: bytes) -> None:
    assert body_hash(shape % (b"Tue", b"one")) != body_hash(shape % (b"Tue", b"two"))


def test_a_page_without_items_is_compared_whole() -> None:
    assert body_hash(b"<html><p>one</p></html>") != body_hash(b"<html><p>two</p></html>")


@given(body=st.binary())
def test_the_same_bytes_are_the_same(body: bytes) -> None:
    assert body_hash(body) == body_hash(bytes(bytearray(body)))


# -- the article and its post -----------------------------------------------------------------------------------------


def test_an_article_has_clean_lines_and_what_the_catalogue_knows() -> None:
    source = replace(SOURCE, topics=("dpi",), language="fr")
    article = article_of(entry("1", " Un\n titre ", authors=("Zoé\nLe Gall",), published=None), source, START)
    assert (article.title, article.authors) == ("Un titre", ("Zoé Le Gall",))
    assert (article.source_slug, article.source_topics, article.trust) == ("a", ("dpi",), Trust.PRESS)
    assert (article.published, article.first_seen) == (None, START)


def test_an_article_without_a_title_is_called_by_its_address() -> None:
    bare = Entry(key="1", url="https://exemple.test/1", title=" \n")
    assert article_of(bare, SOURCE, START).title == "https://exemple.test/1"


def test_one_story_is_one_post_and_a_rise_is_another() -> None:
    story, alert = post_of(facts(None), START), post_of(facts(Severity.WARNING), START)
    assert (story.key, story.kind, story.prio) == ("s:4", PostKind.STORY, Prio.NEWS)
    assert (alert.key, alert.kind, alert.prio) == ("s:4", PostKind.ALERT, Prio.ALERT)
    assert post_of(facts(Severity.CRITICAL), START, rise=True).key == "s:4:critical"
    assert story.payload == {"articles": [5]}


@pytest.mark.parametrize(
    ("severity", "breaks"),
    [
        (None, Breaks.NOBODY),
        (Severity.INFO, Breaks.NOBODY),
        (Severity.WARNING, Breaks.WATCHED),
        (Severity.CRITICAL, Breaks.EVERYBODY),
    ],
)
def test_what_is_critical_rings_in_all_quiet_hours_and_a_warning_where_it_concerns_what_they_run(
    severity: Severity | None, breaks: Breaks
) -> None:
    assert breaks_quiet(facts(severity)) is breaks


@pytest.mark.parametrize(
    ("place", "unread_for", "held"),
    [
        (0, timedelta(), False),
        (AT_ONCE - 1, timedelta(), False),
        (AT_ONCE, timedelta(), True),
        (999, timedelta(), True),
        (0, LONG_STOP, False),
        (0, LONG_STOP + timedelta(seconds=1), True),
    ],
)
def test_too_much_at_once_waits_to_be_folded_but_never_an_alert(place: int, unread_for: timedelta, held: bool) -> None:
    pace = Pace.of(replace(SOURCE, last_success=START - unread_for), 0, START)
    assert pace.hold_until(facts(None), place) == (START + FOLD_AFTER if held else None)
    assert pace.hold_until(facts(Severity.INFO), place) is None


def test_what_a_reading_holds_is_due_at_one_moment_after_all_of_it_is_written() -> None:
    pace = Pace.of(replace(SOURCE, last_success=START), 1_000, START)
    assert pace.hold_until(facts(None), AT_ONCE) == pace.hold_until(facts(None), 999)
    assert pace.fold_at >= START + FOLD_AFTER + timedelta(seconds=30)


def test_a_source_that_is_read_once_a_day_is_not_catching_up_each_time() -> None:
    daily = replace(SOURCE, every=timedelta(days=1), last_success=START - timedelta(days=1, minutes=5))
    assert not Pace.of(daily, 1, START).catching_up
    assert Pace.of(replace(daily, last_success=START - timedelta(days=4)), 1, START).catching_up


def _known(source: int, title: str, of: Entry | None = None) -> Known:
    written = "" if of is None else content_hash(of)
    return Known(number=ArticleId(source), story=StoryId(1), source=SourceId(source), title=title, content_hash=written)


def test_an_address_decides_for_another_source_and_only_proposes_for_the_same() -> None:
    one, own = entry("2", "Panne du portail"), replace(SOURCE, id=SourceId(1))
    assert same([], one, own) is None
    assert same([_known(2, "Autre titre")], one, own) == _known(2, "Autre titre")
    assert same([_known(1, "Autre titre")], one, own) is None  # a status page: one event after another
    assert same([_known(1, "panne du PORTAIL")], one, own) == _known(1, "panne du PORTAIL")  # its guid has changed
    assert same([_known(1, "Autre titre", one)], one, own) is not None


def test_a_source_read_for_the_first_time_is_not_catching_up() -> None:
    assert not Pace.of(replace(SOURCE, last_success=None), 1, datetime(2030, 1, 1, tzinfo=UTC)).catching_up


# -- one reading, on a real store -------------------------------------------------------------------------------------


MOVED = "https://autre.test/feed.xml"


@dataclass
class MovedSite(FakeSite):
    """Every page is reached through a redirect."""

    async def get(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Page | NotModified:
        page = await super().get(url, etag=etag, last_modified=last_modified)
        return replace(page, url=MOVED) if isinstance(page, Page) else page


async def told(*listed: Entry, site: FakeSite | None = None) -> list[str]:
    """The titles a channel that wants everything gets when a source lists these, newest first."""
    async with database("sqlite:///:memory:") as fresh:
        world = replace(World.on(fresh), site=site or FakeSite())
        source, channel = await world.source("a"), await world.channel()
        async with fresh.tx() as tx:
            everything = Rule(what=What.EVERYTHING)
            await world.store.subscriptions.add(tx, channel.id, everything, Rhythm.NOW, silent=False, now=START)
        world.site.publish(source, *reversed(listed))
        await world.read()
        await world.deliver_all()
        return world.platform.titles("g1")


async def test_two_entries_without_a_link_of_their_own_are_two_articles() -> None:
    """A kind gives them the address of the feed (`adapters/sources/feed.py`), and their own keys."""
    feed = "https://exemple.test/a/flux"
    assert await told(entry("2", url=feed), entry("1", url=feed)) == ["Article 1", "Article 2"]


@pytest.mark.parametrize("odd", [{"key": "2", "url": "https://exemple.test/\ud800"}, {"key": "\ud800"}])
async def test_an_address_that_cannot_be_written_does_not_hold_up_the_other_entries(odd: dict[str, str]) -> None:
    """A JSON Feed can say "\\ud800"."""
    assert await told(entry("3"), entry(**{"title": "Article 2", **odd}), entry("1")) == [
        *("Article 1", "Article 2", "Article 3")
    ]


async def test_two_entries_without_a_link_are_two_articles_behind_a_redirect_too() -> None:
    assert await told(entry("2", url=MOVED), entry("1", url=MOVED), site=MovedSite()) == ["Article 1", "Article 2"]
