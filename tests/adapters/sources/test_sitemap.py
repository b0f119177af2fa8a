"""The kind `sitemap`: what sites say of themselves, whole, packed, cut, and made to burst."""

import gzip
import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources import detect, load
from adapters.sources.sitemap import moment, readable
from bot.domain.entry import Entry
from bot.domain.source import Source
from bot.errors import ParseError
from bot.ports import HasParts, Page, ReadsArticle
from tests.stands.origin import bomb

CORPUS = Path(__file__).parents[2] / "corpus" / "sitemap"
EXPECTED: dict[str, Any] = json.loads((CORPUS / "expected.json").read_text("utf-8"))
NAMES = sorted(path.name for path in CORPUS.glob("*.xml"))
URL = "https://echo-fictif.test/sitemap.xml"
SOURCE = Source(slug="echo", title="Écho", url=URL)
KIND = load("sitemap")
assert isinstance(KIND, HasParts) and isinstance(KIND, ReadsArticle)
PARTS, DATES_PARTS = KIND.parts, KIND.dates_parts
READ = KIND.read


def listed(body: bytes | str, *, truncated: bool = False, match: str = "") -> list[Entry]:
    page = Page(url=URL, body=body.encode() if isinstance(body, str) else body, truncated=truncated)
    return list(KIND.parse(page, replace(SOURCE, options={"match": match} if match else {})))


def refusal(body: bytes | str, *, truncated: bool = False) -> str:
    with pytest.raises(ParseError) as refused:
        listed(body, truncated=truncated)
    return refused.value.code


def urls(*items: str) -> str:
    return f"<urlset>{''.join(f'<url>{item}</url>' for item in items)}</urlset>"


def numbered(first: int, last: int) -> str:
    return urls(*(f"<loc>https://echo-fictif.test/articles/{n}/x</loc>" for n in range(first, last)))


# -- the corpus -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in NAMES if EXPECTED[name]["entries"]])
def test_a_sitemap_gives_its_addresses_newest_first(name: str) -> None:
    found = listed((CORPUS / name).read_bytes())
    said = [
        {
            "key": entry.key,
            "url": entry.url,
            "title": entry.title,
            "published": entry.published.isoformat() if entry.published else None,
            "image": entry.image,
        }
        for entry in found
    ]
    assert said == EXPECTED[name]["entries"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("packed", [False, True])
def test_an_index_gives_its_parts_what_changed_last_first(name: str, packed: bool) -> None:
    body = (CORPUS / name).read_bytes()
    page = Page(url=URL, body=gzip.compress(body) if packed else body)
    assert list(PARTS(page, SOURCE)) == EXPECTED[name]["parts"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("media_type", ["application/xml", "text/html", "application/octet-stream"])
def test_a_sitemap_is_recognised_by_what_it_holds(name: str, media_type: str) -> None:
    body = (CORPUS / name).read_bytes()
    for served in (body, gzip.compress(body), b"\xef\xbb\xbf\n" + body):
        assert detect(Page(url=URL, body=served, media_type=media_type)) == "sitemap"


# -- what it lists ----------------------------------------------------------------------------------------------------


def test_an_index_lists_no_entry_itself() -> None:
    assert refusal((CORPUS / "index.xml").read_bytes()) == "no-items"


def test_an_index_has_twenty_parts_at_most_and_each_once() -> None:
    children = [f"<sitemap><loc>https://a.test/{n % 30}.xml</loc></sitemap>" for n in range(60)]
    page = Page(url=URL, body=f"<sitemapindex>{''.join(children)}</sitemapindex>".encode())
    assert list(PARTS(page, SOURCE)) == [f"https://a.test/{n}.xml" for n in range(20)]


@pytest.mark.parametrize(("dates", "dated"), [(("2026-01-01", "2026-01-02"), True), (("2026-01-01", ""), False)])
def test_an_index_tells_changes_when_each_part_is_dated(dates: tuple[str, ...], dated: bool) -> None:
    children = [f"<sitemap><loc>https://a.test/</loc><lastmod>{date}</lastmod></sitemap>" for date in dates]
    page = Page(url=URL, body=f"<sitemapindex>{''.join(children)}</sitemapindex>".encode())
    assert DATES_PARTS(page) is dated


def test_only_addresses_with_the_wanted_piece_are_listed() -> None:
    body = urls("<loc>https://a.test/articles/1/x</loc>", "<loc>https://a.test/tags/x</loc>")
    assert [entry.url for entry in listed(body, match="/articles/")] == ["https://a.test/articles/1/x"]


def test_a_thousand_entries_are_enough_and_they_are_the_newest() -> None:
    items = [
        f"<loc>https://a.test/{n}</loc><lastmod>2026-{n % 12 + 1:02}-{n % 28 + 1:02}</lastmod>" for n in range(3000)
    ]
    found = listed(urls(*items))
    assert len(found) == 1_000
    assert found[0].published == datetime(2026, 12, 28, tzinfo=UTC)
    assert min(entry.published for entry in found if entry.published) > datetime(2026, 8, 1, tzinfo=UTC)


def test_a_sitemap_may_be_bare_lines() -> None:
    body = "https://a.test/articles/2/un-titre\r\nhttps://a.test/articles/1/un-autre\n\npas une adresse\n"
    assert [(entry.key, entry.title) for entry in listed(body)] == [
        ("articles/2", "Un titre"),
        ("articles/1", "Un autre"),
    ]
    assert detect(Page(url=URL, body=body.encode(), media_type="text/plain")) == "sitemap"


def test_an_articles_page_completes_its_entry() -> None:
    page = (CORPUS.parent / "list" / "cards.article.html").read_bytes()
    (entry,) = listed(urls("<loc>https://echo-fictif.test/articles/7101/panne-de-nuit</loc>"))
    read = READ(Page(url=entry.url, body=page), entry)
    assert read.title.startswith("Panne de nuit au centre hospitalier de Valmont")
    assert (read.genre, read.published) == ("actualité", datetime(2026, 9, 24, 15, 34, tzinfo=UTC))
    assert read.text.startswith("Pendant sept heures") and (read.key, read.url) == (entry.key, entry.url)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026", "2026-01-01T00:00:00+00:00"),
        ("2026-09", "2026-09-01T00:00:00+00:00"),
        ("2026-09-24", "2026-09-24T00:00:00+00:00"),
        ("2026-09-24T17:34+02:00", "2026-09-24T15:34:00+00:00"),
        ("2026-09-24T15:34:09Z", "2026-09-24T15:34:09+00:00"),
        ("2026-09-24T15:34:09.123Z", "2026-09-24T15:34:09.123000+00:00"),
        ("2026-09-24 15:34:09", "2026-09-24T15:34:09+00:00"),
        ("1970-01-01", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("2026-02-30", None),
        ("hier", None),
        ("", None),
    ],
)
def test_a_date_has_any_precision_and_an_implausible_one_is_none(text: str, at: str | None) -> None:
    assert moment(text) == (datetime.fromisoformat(at) if at else None)


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("https://a.test/articles/6135/un-titre_court.html", "Un titre court"),
        ("https://a.test/articles/6135", "Articles 6135"),
        ("https://a.test/%C3%A9t%C3%A9+2026/", "Été 2026"),
        ("https://a.test/", "A.test"),
        ("https://a.test/%FF%00-x", "\ufffd\0 x"),
    ],
)
def test_a_slug_is_made_readable(url: str, title: str) -> None:
    assert readable(url) == title


# -- what goes wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<html><body><p>Introuvable</p></body></html>", "not-a-sitemap"),
        ("<rss><channel/></rss>", "not-a-sitemap"),
        ("Introuvable", "not-a-sitemap"),
        ("{}", "not-a-sitemap"),
        ("<urlset/>", "no-items"),
        (urls("<loc/>", "<loc>mailto:a@a.test</loc>"), "no-items"),
        ("", "no-items"),
        ('<!DOCTYPE x [<!ENTITY a "a"><!ENTITY b "&a;&a;">]><urlset><url><loc>&b;</loc></url></urlset>', "xml-bomb"),
        ("<!-- <x> --><!DOCTYPE x SYSTEM 'y' [ <!entity a SYSTEM 'file:///etc/passwd'> ]><urlset/>", "xml-bomb"),
        ("<urlset>" + "<url>" * 100_000, "too-deep"),
        (gzip.compress(b"", mtime=0)[:12], "empty-body"),
    ],
)
def test_what_is_no_sitemap_says_so(body: str | bytes, code: str) -> None:
    assert refusal(body) == code


def test_a_bomb_is_not_unpacked() -> None:
    assert refusal(bomb(512 * 2**20)) == "too-large"


@pytest.mark.parametrize("truncated", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_of_a_cut_sitemap_the_complete_items_are_kept(truncated: bool, packed: bool) -> None:
    body = numbered(100, 300).encode()
    cut = gzip.compress(body)[:-40] if packed else body[: body.index(b"/articles/200/") + 13]
    found = listed(cut, truncated=truncated)
    assert [entry.key for entry in found] == [f"articles/{n}" for n in range(100, 100 + len(found))]
    assert len(found) == 100 or (packed and 0 < len(found) <= 200)


@pytest.mark.parametrize("body", ["<urlset><url><loc>https://a.test/1", "<urlset", "<?xml version"])
def test_a_sitemap_cut_before_its_first_item_says_so(body: str) -> None:
    assert refusal(body, truncated=True) == "truncated"


def test_a_title_may_speak_of_entities() -> None:
    title = "<news:news><news:title><![CDATA[Le piège de <!ENTITY a>]]></news:title></news:news>"
    (entry,) = listed(urls(f"<loc>https://a.test/1</loc>{title}"))
    assert entry.title == "Le piège de <!ENTITY a>"


def test_a_declared_encoding_and_a_mark_are_obeyed() -> None:
    body = "<?xml version='1.0' encoding='{}'?><urlset><url><loc>https://a.test/é</loc></url></urlset>"
    for served in (
        body.format("utf-16").encode("utf-16"),
        body.format("utf-16").encode(),
        body.format("latin-1").encode("latin-1"),
    ):
        assert [entry.title for entry in listed(served)] == ["É"]


SOUP = st.lists(
    st.sampled_from(
        [
            *("<urlset>", "</urlset>", "<sitemapindex>", "<url>", "</url>", "<loc>", "</loc>", "<sitemap>", "&", "]]>"),
            *("https://a.test/articles/1/x", "http://[", "<lastmod>", "</lastmod>", "2026-09-24", "<!--", "<![CDATA["),
            *(
                "<image:image>",
                "<s:url>",
                "<news:news>",
                "&#0;",
                "&x;",
                "\0",
                "é",
                "\n",
                "<?",
                "<!DOCTYPE x [",
                "file:///x",
            ),
        ]
    ),
    max_size=30,
).map(lambda pieces: "".join(pieces).encode())


@given(st.one_of(st.binary(max_size=200), SOUP), st.booleans())
def test_any_bytes_give_entries_or_one_clear_error(body: bytes, truncated: bool) -> None:
    for served in (body, gzip.compress(body), gzip.compress(body)[:-5]):
        page = Page(url=URL, body=served, truncated=truncated)
        with suppress(ParseError):
            found = KIND.parse(page, SOURCE)
            assert found and all(entry.key and entry.title and entry.url.startswith("http") for entry in found)
        with suppress(ParseError):
            assert all(part.startswith("http") for part in PARTS(page, SOURCE))
