"""Kinds are found by the name of their file, and a page by what it holds."""

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources import detect, known, load
from bot.errors import ConfigError
from bot.ports import Page, ReadsArticle
from tests.stands.origin import rss

CORPUS = Path(__file__).parents[2] / "corpus"


def test_each_file_is_a_kind_by_its_name() -> None:
    assert {"feed", "list"} <= set(known())
    for name in known():
        assert load(name).name == name


def test_an_unknown_kind_is_refused_with_those_that_exist() -> None:
    with pytest.raises(ConfigError, match=r"'carrier-pigeon'.*feed.*list"):
        load("carrier-pigeon")


@pytest.mark.parametrize("name", ["_pieces", "__init__", "os", "../feed", "", "feed.py"])
def test_no_other_module_can_be_loaded(name: str) -> None:
    with pytest.raises(ConfigError):
        load(name)


def test_a_kind_travels_to_a_worker() -> None:
    for name in known():
        assert pickle.loads(pickle.dumps(load(name))).name == name


def test_the_kind_of_a_list_completes_its_articles() -> None:
    assert isinstance(load("list"), ReadsArticle)
    assert not isinstance(load("feed"), ReadsArticle)


@pytest.mark.parametrize("path", [*sorted((CORPUS / "feed").glob("*.xml")), CORPUS / "feed" / "json.json"], ids=str)
def test_a_feed_is_recognised(path: Path) -> None:
    assert detect(Page(url="https://a.test/", body=path.read_bytes(), media_type="text/html")) == "feed"


@pytest.mark.parametrize("path", sorted((CORPUS / "list").glob("*.html")), ids=lambda path: path.name)
def test_a_page_is_recognised(path: Path) -> None:
    assert detect(Page(url="https://a.test/", body=path.read_bytes(), media_type="application/xml")) == "list"


def test_a_mark_and_another_encoding_hide_nothing() -> None:
    for body in (b"\xef\xbb\xbf" + rss(1), rss(1).decode().encode("utf-16"), b"\n\n<!-- <html> -->" + rss(1)):
        assert detect(Page(url="https://a.test/", body=body)) == "feed"


@given(st.binary(max_size=200))
def test_any_bytes_have_a_kind(body: bytes) -> None:
    assert detect(Page(url="https://a.test/", body=body)) in known()
