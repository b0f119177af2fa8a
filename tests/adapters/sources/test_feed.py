"""The kind `feed`: RSS, Atom, RDF and JSON Feed; and whatever else is served in their place."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.cpu import CpuWorkers
from adapters.sources.feed import KIND
from bot.domain.entry import Entry
from bot.domain.source import Source
from bot.errors import ParseError, SourceError
from bot.ports import Page
from tests.stands.origin import rss

CORPUS = Path(__file__).parents[2] / "corpus" / "feed"
URL = "https://echo-fictif.test/flux"
SOURCE = Source(slug="echo", title="Écho", url=URL)
WORK = timedelta(seconds=10)  # all that a reading may take
FILES = sorted(path for path in CORPUS.iterdir() if ".expected" not in path.name)


def entries(body: bytes, *, charset: str = "", truncated: bool = False, media_type: str = "") -> list[Entry]:
    page = Page(url=URL, body=body, charset=charset, truncated=truncated, media_type=media_type)
    return list(KIND.parse(page, SOURCE))


def refusal(body: bytes, *, truncated: bool = False) -> str:
    with pytest.raises(ParseError) as refused:
        entries(body, truncated=truncated)
    assert URL in str(refused.value)
    return refused.value.code


def as_json(entry: Entry) -> dict[str, object]:
    published = entry.published.isoformat() if entry.published else None
    names = ("key", "url", "title", "summary", "text", "genre")
    return {name: getattr(entry, name) for name in names} | {"published": published, "authors": list(entry.authors)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_feed_of_the_corpus_says_what_stands_beside_it(path: Path) -> None:
    expected = json.loads((CORPUS / f"{path.stem}.expected.json").read_text("utf-8"))
    assert [as_json(entry) for entry in entries(path.read_bytes())] == expected


def test_a_thousand_entries_are_read_and_not_one_more() -> None:
    assert len(entries(rss(1_001))) == 1_000


def test_a_body_that_was_cut_gives_its_complete_items() -> None:
    whole = rss(10)
    cut = whole[: whole.index(b"n\xc2\xb0 8") + 30]
    assert [entry.key for entry in entries(cut, truncated=True)] == [entry.key for entry in entries(whole)][:7]


def test_a_body_cut_before_its_first_item_is_truncated() -> None:
    assert refusal(rss(3)[:120], truncated=True) == "truncated"
    assert refusal(b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id', truncated=True) == "truncated"


def test_a_feed_served_as_html_is_a_feed() -> None:
    assert len(entries(rss(3), media_type="text/html", charset="utf-8")) == 3


def test_the_charset_of_the_header_counts() -> None:
    body = rss(1).decode().replace(' encoding="utf-8"', "").replace("n°", "numéro").encode("iso-8859-1")
    assert entries(body, charset="iso-8859-1")[0].title == "Article fictif numéro 1"


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body><h1>Bonjour</h1></body></html>",
        b"bonjour",
        b"{}",
        b'{"items": []}',
        b"[1]",
        b"{",
        b"\x00" * 40,
        b"<a/>",
    ],
)
def test_what_is_no_feed_is_said_to_be_none(body: bytes) -> None:
    assert refusal(body) == "not-a-feed"


def test_a_wall_in_the_place_of_a_feed_says_that_it_is_one() -> None:
    assert refusal(b"<html><form><input name='mot' type='password'></form></html>") == "login-required"
    assert refusal(b"<html><title>Just a moment...</title></html>") == "challenge"


def test_an_empty_feed_is_no_error() -> None:
    assert entries(rss(0)) == []


BOMB = (
    '<?xml version="1.0"?><!-- <rss> --><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]>'
    "<rss version='2.0'><channel><item><title>&b;</title></item></channel></rss>"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_a_document_that_declares_entities_is_not_read(encoding: str) -> None:
    assert refusal(BOMB.encode(encoding)) == "xml-bomb"


def test_a_file_named_by_an_entity_is_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    body = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]><rss version="2.0"><channel></channel></rss>'
    assert refusal(body.encode()) == "xml-bomb"


def test_an_article_about_entities_is_read() -> None:
    body = rss(1).replace(b"Article fictif", b"Que fait &lt;!ENTITY")
    assert entries(body)[0].title.startswith("Que fait <!ENTITY")


def test_bytes_that_name_a_file_do_not_open_it(tmp_path: Path) -> None:
    feed = tmp_path / "feed.xml"
    feed.write_bytes(rss(3))
    assert refusal(str(feed).encode()) == "not-a-feed"
    assert refusal(b"https://exemple.test/feed.xml") == "not-a-feed"


def test_json_nested_without_end_is_one_error() -> None:
    assert refusal(b'{"a":' + b"[" * 200_000) == "too-deep"


def test_a_key_has_a_bounded_length() -> None:
    body = rss(1).replace(b"<guid>https://exemple.test/articles/1</guid>", b"<guid>" + b"x" * 10_000 + b"</guid>")
    assert len(entries(body)[0].key) <= 500


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Panne &#x110000; fictive", "Panne \ufffd fictive"),
        ("Panne &#99999999999999999999; fictive", "Panne \ufffd fictive"),
        ("Panne &#xD800; fictive", "Panne \ufffd fictive"),
        ("Panne &#0055296; fictive", "Panne \ufffd fictive"),
        ("Panne &#x00E9;crite &#x10FFFD;", "Panne \u00e9crite \U0010fffd"),
        ("a\0b", "ab"),
        ("a&#0;b", "ab"),
        ("\x1b[31mrouge", "[31mrouge"),
    ],
)
def test_what_is_no_character_costs_that_character_only(written: str, title: str) -> None:
    body = rss(2).replace("Article fictif n° 1".encode(), written.encode())
    assert [entry.title for entry in entries(body)] == [title, "Article fictif n° 2"]


def test_half_a_character_in_json_is_nowhere_in_an_entry() -> None:
    item = {name: "a\ud800b" for name in ("id", "title", "content_text", "summary")} | {"url": "https://a.test/\udfff"}
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": [item | {"authors": [{"name": "A\udc00"}]}]}
    (entry,) = entries(json.dumps(feed).encode())
    said = (entry.key, entry.title, entry.text, entry.summary, entry.url, *entry.authors)
    assert said == ("a\ufffdb", "a\ufffdb", "a\ufffdb", "", "https://a.test/\ufffd", "A\ufffd")


ACCENTS = '<!DOCTYPE rss [<!ENTITY nbsp "&#160;"><!ENTITY eacute "&#233;"><!ENTITY chu "hôpital fictif">]>'


def test_entities_that_stand_for_a_character_or_a_word_are_read() -> None:
    body = f"{ACCENTS}<rss version='2.0'><channel><item><title>L&eacute;o, &chu;</title></item></channel></rss>"
    assert [entry.title for entry in entries(body.encode())] == ["Léo, hôpital fictif"]


@pytest.mark.parametrize(
    "entities",
    [
        '<!NOTATION n SYSTEM "<rss >"><!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">',
        "<!NOTATION n SYSTEM '<rss >'><!ENTITY a SYSTEM 'file:///etc/passwd'>",
        '<!ENTITY a "&#38;b;">',
        '<!ENTITY % a "b">',
        f'<!ENTITY a "{"a" * 100}">',
        "".join(f'<!ENTITY a{n} "a">' for n in range(1_000)),
    ],
    ids=lambda entities: entities[:40],
)
def test_no_entity_that_may_grow_is_read(entities: str) -> None:
    body = f"<!DOCTYPE rss [{entities}]><rss version='2.0'><channel><item><title>a</title></item></channel></rss>"
    assert refusal(body.encode()) == "xml-bomb"


def undated(count: int) -> str:
    return "".join(f"<item><title>{n}</title><guid>{n}</guid></item>" for n in range(1, count + 1))


# Each takes feedparser alone minutes, or all the memory there is.
LONG = {
    "a hundred thousand items without a link": f"<rss version='2.0'><channel>{undated(100_000)}</channel></rss>",
    "a million line breaks": "\n" * 1_000_000 + f"<rss version='2.0'><channel>{undated(1)}</channel></rss>",
    "a million line breaks further on": "<?xml version='1.0'?>"
    + "\n" * 1_000_000
    + f"<rss version='2.0'><channel>{undated(1)}</channel></rss>",
    **{
        f"an author {name}": "<rss version='2.0'><channel><item><title>1</title>"
        f"<author>{author}</author></item></channel></rss>"
        for name, author in {
            "of dots": "a." * 50_000,
            "of letters": "a" * 100_000 + "@",
            "of dashes": "<![CDATA[" + "a-b." * 30_000 + "@b]]>",
        }.items()
    },
}


@pytest.mark.parametrize("name", LONG)
async def test_what_is_made_to_take_long_is_read_in_time(name: str) -> None:
    async with CpuWorkers(1) as cpu:
        found = await cpu.run(KIND.parse, Page(url=URL, body=LONG[name].encode()), SOURCE, deadline=WORK)
    assert found[0].title == "1"
    assert len(found) == min(LONG[name].count("<item>"), 1_000)


def test_items_beyond_the_thousandth_are_not_read_where_feedparser_reads() -> None:
    body = f"<rss version='2.0'><channel>{undated(1_002)}<title>Flux fictif</title></channel></rss>".encode()
    assert [entry.title for entry in entries(body)] == [str(n) for n in range(1, 1_001)]


ODD = (
    "<?xml version='1.0' encoding='{}'?>"
    "<rss version='2.0'><channel><item><title>Écrit à Valmont</title></item></channel></rss>"
)


@pytest.mark.parametrize("declared", ["undefined", "idna", "punycode", "cp037", "utf-7", "utf-16", "fictif-8"])
def test_an_encoding_the_document_cannot_be_in_is_not_believed(declared: str) -> None:
    assert [entry.title for entry in entries(ODD.format(declared).encode())] == ["Écrit à Valmont"]
    assert [entry.title for entry in entries(ODD.format("utf-8").encode(), charset=declared)] == ["Écrit à Valmont"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("more", [b"", b"\n"])
def test_two_bytes_a_letter_and_one_too_many_are_read(encoding: str, more: bytes) -> None:
    assert [entry.title for entry in entries(ODD.format("utf-16").encode(encoding) + more)] == ["Écrit à Valmont"]


def test_an_encoding_of_mainframes_is_refused() -> None:
    assert refusal(ODD.format("cp037").encode("cp037", "replace")) == "bad-encoding"


@pytest.mark.parametrize(
    "magic", [b"PK\3\4", b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"\x7fELF", b"ID3\4"]
)
def test_a_file_that_is_no_text_is_no_feed_even_if_it_holds_one(magic: bytes) -> None:
    assert refusal(magic + b"\x14\0\0\0feed.xml" + rss(2)) == "not-a-feed"


PIECES = st.sampled_from(
    [
        *(b"<rss version='2.0'>", b"<channel>", b"<item>", b"</item>", b"<title>", b"</title>", b"<link>", b"<guid>"),
        *(
            b"<feed xmlns='http://www.w3.org/2005/Atom'>",
            b"<entry>",
            b"<content type='html'>",
            b"<pubDate>",
            b"<![CDATA[",
        ),
        *(
            b"]]>",
            b"&#x0;",
            b"&amp;",
            b"\xff\xfe",
            b"\x00",
            b"<!DOCTYPE ",
            b"<?xml encoding='utf-16'?>",
            b"http://[",
            b"-1",
        ),
        *(
            b"Thu, 99 Sep 99999 25:61:61",
            b'{"version":"https://jsonfeed.org/version/1","items":[{"id":1e999}]}',
            b"\xed\xa0\x80",
        ),
    ]
)


@given(
    st.one_of(st.binary(max_size=300), st.lists(st.one_of(PIECES, st.binary(max_size=8))).map(b"".join)), st.booleans()
)
def test_any_bytes_give_entries_or_one_clear_error(body: bytes, truncated: bool) -> None:
    try:
        found = entries(body, truncated=truncated)
    except SourceError:
        return
    for entry in found:
        assert entry.key
        assert entry.url
        assert "\n" not in entry.title
        assert entry.published is None or entry.published.utcoffset() is not None
