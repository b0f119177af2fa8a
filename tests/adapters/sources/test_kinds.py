"""Kinds are found by the name of their file, and a page by what it holds."""

import gzip
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources import detect, known, load
from bot.domain.source import Source
from bot.errors import ConfigError
from bot.ports import HasParts, Page, ReadsArticle
from tests.stands.origin import rss

CORPUS = Path(__file__).parents[2] / "corpus"


def test_each_file_is_a_kind_by_its_name() -> None:
    assert {"feed", "list", "opml", "sitemap"} <= set(known())
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
    assert isinstance(load("sitemap"), ReadsArticle)
    assert not isinstance(load("feed"), ReadsArticle)


def test_only_a_sitemap_has_parts() -> None:
    assert [name for name in known() if isinstance(load(name), HasParts)] == ["sitemap"]


@pytest.mark.parametrize("path", [*sorted((CORPUS / "feed").glob("*.xml")), CORPUS / "feed" / "json.json"], ids=str)
def test_a_feed_is_recognised(path: Path) -> None:
    assert detect(Page(url="https://a.test/", body=path.read_bytes(), media_type="text/html")) == "feed"


@pytest.mark.parametrize("path", sorted((CORPUS / "list").glob("*.html")), ids=lambda path: path.name)
def test_a_page_is_recognised(path: Path) -> None:
    assert detect(Page(url="https://a.test/", body=path.read_bytes(), media_type="application/xml")) == "list"


def test_a_mark_and_another_encoding_hide_nothing() -> None:
    for body in (b"\xef\xbb\xbf" + rss(1), rss(1).decode().encode("utf-16"), b"\n\n<!-- <html> -->" + rss(1)):
        assert detect(Page(url="https://a.test/", body=body)) == "feed"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"title": "CISA", "count": 1, "vulnerabilities": [{"cveID": "CVE-2026-0001"}]}', "kev"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": []}', "feed"),
        (b"<opml version='2.0'><head/></opml>", "opml"),
        (b"<!-- <rss> --><?xml-stylesheet <feed> ?><!DOCTYPE opml><ns:opml/>", "opml"),
        (b"<urlset>", "sitemap"),
        (b"<SitemapIndex xmlns='x'>", "sitemap"),
        (b"https://a.test/1\nhttps://a.test/2\n", "sitemap"),
        (b"https://a.test/1 est une adresse", "feed"),
        (b"<html><urlset>", "list"),
    ],
)
def test_each_kind_of_document_is_recognised_packed_or_not(body: bytes, kind: str) -> None:
    for served in (body, gzip.compress(body), gzip.compress(body + b" " * 200_000)[:-20]):
        assert detect(Page(url="https://a.test/", body=served, media_type="text/plain")) == kind


def test_a_packed_feed_is_read() -> None:
    page = Page(url="https://a.test/flux.xml.gz", body=gzip.compress(rss(3)), media_type="application/gzip")
    assert detect(page) == "feed"
    assert len(load("feed").parse(page, Source(slug="a", title="A", url=page.url))) == 3


def test_a_prolog_without_end_takes_no_longer_than_any_other() -> None:
    assert detect(Page(url="https://a.test/", body=b"<!--" * 2**20 + b"<rss>")) == "feed"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<br />\n<b>Warning</b>: mysql in /srv/flux.php\n<?xml version='1.0'?><rss version='2.0'>", "feed"),
        (b"<xml version='1.0'><rss\nversion='2.0'>", "feed"),
        (b"<!DOCTYPE html><html><pre>&lt;rss&gt;</pre><rss version='2.0'>", "list"),
        (b"https://a.test/flux", "feed"),
        (b"https://a.test/1\nhttps://a.test/2\n", "sitemap"),
        (b'[{"id": "EUVD-2026-1", "aliases": "CVE-2026-0001"}]', "kev"),
        (b'[{"titre": "rien"}]', "feed"),
    ],
)
def test_what_stands_before_a_document_does_not_hide_it(body: bytes, kind: str) -> None:
    assert detect(Page(url="https://a.test/", body=body)) == kind


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"<!doctype html><html><body>", "list"), (b"<rss version='2.0'>", "feed"), (b"<urlset>", "sitemap")],
)
def test_a_long_comment_does_not_hide_what_follows(body: bytes, kind: str) -> None:
    assert (
        detect(Page(url="https://a.test/", body=b"\n<!-- " + b"x" * 100_000 + b" -->\n<!-- <rss> -->" + body)) == kind
    )


def test_a_feed_of_certfr_is_completed_by_its_documents() -> None:
    feed = b"<rss version='2.0'>"
    assert detect(Page(url="https://www.cert.ssi.gouv.fr/alerte/feed/", body=feed)) == "certfr"
    assert detect(Page(url="https://a.test/?cert.ssi.gouv.fr", body=feed)) == "feed"


@given(st.binary(max_size=200))
def test_any_bytes_have_a_kind(body: bytes) -> None:
    for served in (body, b"\x1f\x8b\x08" + body):
        assert detect(Page(url="https://a.test/", body=served)) in known()
