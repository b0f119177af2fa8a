"""What a file of addresses adds: decided without reading or writing anything."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import sources as kinds
from bot import catalogue, opml
from bot.domain.source import Origin, Source, Trust
from bot.errors import FetchError
from bot.locale.say import Say
from bot.pipeline.enlist import Enlisted, Fate, enlist, free_slug, named, slug_of, topics_of, wanted
from bot.ports import Page

NOW = datetime(2026, 11, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Line:
    xml_url: str
    title: str = ""
    folder: str = ""
    line: int = 1


def check(url: str) -> object:
    if "mauvais" in url:
        raise FetchError("bad-url", url)
    return None


def enlisted(urls: Sequence[str], kept: Sequence[Source] = ()) -> list[Enlisted]:
    return list(enlist([(n, wanted(Line(url))) for n, url in enumerate(urls, 1)], kept, check))


def kept(slug: str, url: str, *, enabled: bool = True) -> Source:
    return Source(slug=slug, title=slug, url=url, enabled=enabled)


def test_two_spellings_of_one_address_are_one_place() -> None:
    found = enlisted(["https://a.test/x", "http://www.a.test/x/", "https://b.test/"], [kept("b", "http://b.test")])
    assert [one.fate for one in found] == [Fate.ADDED, Fate.DOUBLE, Fate.KNOWN]


def test_a_bad_address_is_refused_with_its_reason() -> None:
    (found,) = enlisted(["https://mauvais.test"])
    assert found.fate is Fate.REFUSED and found.error is not None and found.error.code == "bad-url"


def test_a_place_that_comes_back_keeps_its_name() -> None:
    (found,) = enlisted(["https://a.test/x"], [kept("ancien", "https://a.test/x", enabled=False)])
    assert (found.fate, found.source.slug) == (Fate.ADDED, "ancien")


def test_names_are_unique_and_the_same_each_time() -> None:
    urls = ["https://a.test/été", "https://a.test/ete", "https://a.test/e-t-e", "https://a.test/e/t/e"]
    slugs = [one.source.slug for one in enlisted(urls)]
    assert len(set(slugs)) == 4
    assert slugs[0] == "a-test-ete"
    assert slugs == [one.source.slug for one in enlisted(urls)]


def test_a_place_without_a_title_is_called_after_its_host() -> None:
    (found,) = list(enlist([(1, wanted(Line("https://a.test/x", title="https://a.test/x")))], (), check))
    assert found.source.title == "a.test"


@given(st.text(max_size=300))
def test_any_address_gives_a_name_a_sources_file_can_hold(url: str) -> None:
    assert catalogue.is_id(slug_of(url))
    assert catalogue.is_id(free_slug("", url, {slug_of(url)}))


@pytest.mark.parametrize(
    ("folder", "topics"),
    [
        ("CaRE", ("care",)),
        ("Veille / Vulnérabilités", ("vulnerabilite",)),
        ("nis2", ("nis2",)),
        ("Funding", ("financement",)),
        ("CaRE / dpi", ("care", "dpi")),
        ("Divers", ()),
        ("", ()),
    ],
)
def test_a_folder_is_a_topic_where_it_is_called_like_one(folder: str, topics: tuple[str, ...]) -> None:
    assert topics_of(folder) == topics


# -- written and read again -------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).map(str.strip)
TITLES = st.text(min_size=1, max_size=80).map(named).filter(bool)
SOURCES = st.builds(
    Source,
    slug=st.from_regex(catalogue.ID, fullmatch=True).filter(catalogue.is_id),
    title=TITLES,
    url=st.from_regex(r"https://[a-z]{1,9}\.test/[a-z0-9&=?;+-]{0,12}", fullmatch=True),
    kind=st.sampled_from([None, "feed", "list"]),
    language=st.sampled_from([None, "fr"]),
    topics=st.lists(st.sampled_from(["care", "dpi", "nis2"]), unique=True).map(tuple),
    trust=st.sampled_from(Trust),
    every=st.none() | st.integers(1, 10**10).map(lambda ms: timedelta(milliseconds=ms)),
    options=st.dictionaries(st.from_regex(r"[a-z .]{1,8}", fullmatch=True).map(str.strip), TEXTS),
    enabled=st.booleans(),
    origin=st.just(Origin.FILE),
)
CATALOGUES = st.lists(SOURCES, min_size=1, max_size=6, unique_by=(lambda one: one.slug, lambda one: one.url))


@given(CATALOGUES)
def test_a_sources_file_says_all_again(sources: list[Source]) -> None:
    assert catalogue.parse(catalogue.written(sources), "x") == tuple(sources)


@given(CATALOGUES)
def test_opml_says_addresses_and_titles_again(sources: list[Source]) -> None:
    text = opml.written(sources, Say("fr"), NOW)
    outlines = kinds.outlines_of(Page(url="https://x.test/", body=text.encode()))
    found = {one.url: one.title for one in map(wanted, outlines)}
    assert found == {one.url: one.title for one in sources}


@pytest.mark.parametrize(
    "title", ["« Été » & <b>", "&lt;b&gt; et &eacute;", "\u200f\x01Ligne\u2028deux\ufffe", "🩺\U0010ffff"]
)
def test_titles_of_any_letters_come_back_without_what_cannot_be_seen(title: str) -> None:
    source = replace(kept("a", "https://a.test/"), title=named(title))
    (found,) = kinds.outlines_of(Page(url="https://x.test/", body=opml.written([source], Say("fr"), NOW).encode()))
    assert wanted(found).title == source.title
    assert not set(source.title) & set("\u200f\x01\u2028\ufffe")
