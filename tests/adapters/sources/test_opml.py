"""The kind `opml`: somebody's list of feeds, as readers export it and as people write it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources import detect, load
from adapters.sources.opml import outlines
from bot.domain.entry import canonical
from bot.domain.source import Source
from bot.errors import ParseError
from bot.ports import Page

CORPUS = Path(__file__).parents[2] / "corpus" / "opml"
EXPECTED: dict[str, Any] = json.loads((CORPUS / "expected.json").read_text("utf-8"))
NAMES = sorted(path.name for path in CORPUS.glob("*.opml"))
URL = "https://lecteur.test/export.opml"
SOURCE = Source(slug="liste", title="Liste", url=URL)
KIND = load("opml")


def page_of(body: str | bytes, *, truncated: bool = False) -> Page:
    return Page(url=URL, body=body.encode() if isinstance(body, str) else body, truncated=truncated)


def refusal(page: Page) -> str:
    with pytest.raises(ParseError) as refused:
        outlines(page)
    return refused.value.code


@pytest.mark.parametrize("name", NAMES)
def test_each_feed_is_told_with_its_line_and_folder(name: str) -> None:
    found = outlines(page_of((CORPUS / name).read_bytes()))
    assert [[one.line, one.folder, one.title, one.xml_url, one.html_url] for one in found] == EXPECTED[name]


@pytest.mark.parametrize("name", NAMES)
def test_each_feed_is_one_entry_once(name: str) -> None:
    page = page_of((CORPUS / name).read_bytes())
    assert detect(page) == "opml"
    expected = {canonical(url): (url, title, folder) for _, folder, title, url, _ in reversed(EXPECTED[name])}
    found = {entry.key: (entry.url, entry.title, entry.summary) for entry in KIND.parse(page, SOURCE)}
    assert found == expected


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<opml><body/></opml>", "bad-opml"),
        ("<opml><body><outline text='x'/></body></opml>", "bad-opml"),
        ("<rss/>", "bad-opml"),
        ("Introuvable", "bad-opml"),
        ("", "bad-opml"),
        (
            "<!DOCTYPE o [<!ENTITY a 'a'>]><opml><body><outline text='&a;' xmlUrl='http://a.test'/></body></opml>",
            "xml-bomb",
        ),
        ("<opml>" + "<outline text='x'>" * 100_000, "too-deep"),
    ],
)
def test_what_is_no_list_of_feeds_says_so(body: str, code: str) -> None:
    assert refusal(page_of(body)) == code


def test_of_a_cut_list_the_feeds_before_the_cut_are_kept() -> None:
    body = "<opml><body><outline text='A' xmlUrl='http://a.test/'/><outline text='B' xmlUrl='http://b.te"
    assert [one.title for one in outlines(page_of(body, truncated=True))] == ["A"]
    assert refusal(page_of(body[:40], truncated=True)) == "truncated"


@given(
    st.lists(
        st.sampled_from(
            [
                *(
                    "<opml>",
                    "<body>",
                    "<outline text='a'>",
                    "<outline text='b' xmlUrl='http://b.test/'/>",
                    "</outline>",
                ),
                *("</opml>", "<outline xmlUrl='http://['", "/>", ">", "&", "&#0;", "\0", "<!--", "\n", "é", "<outline"),
            ]
        ),
        max_size=25,
    ).map("".join),
    st.booleans(),
)
def test_any_text_gives_feeds_or_one_clear_error(text: str, truncated: bool) -> None:
    try:
        entries = KIND.parse(page_of("<opml>" + text, truncated=truncated), SOURCE)
    except ParseError:
        return
    assert entries and all(entry.key and entry.title and entry.url.startswith("http") for entry in entries)
