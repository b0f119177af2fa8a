"""Whenever the reader of well-formed feeds answers, it says what feedparser says of the same bytes."""

from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sources import _lenient, _well_formed, feed
from bot.domain.entry import Entry
from bot.ports import Page
from tests.stands.origin import rss

CORPUS = Path(__file__).parents[2] / "corpus" / "feed"
NAMESPACES = (
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/"'
    ' xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:wfw="http://wellformedweb.org/CommentAPI/"'
    ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:autre="https://autre.test/ns"'
)
HEAD = "<title>Écho fictif</title><link>https://echo.test/</link><description>Inventé</description>"


def a_page(body: str | bytes, *, charset: str = "") -> Page:
    raw = body.encode() if isinstance(body, str) else body
    return Page(url="https://echo-fictif.test/flux", body=raw, charset=charset)


def in_rss(item: str, head: str = HEAD) -> str:
    return f'<?xml version="1.0"?><rss version="2.0" {NAMESPACES}><channel>{head}<item>{item}</item></channel></rss>'


def in_rdf(item: str) -> str:
    return (
        '<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://echo.test/"><title>É</title></channel>'
        f'<item rdf:about="https://echo.test/1">{item}</item></rdf:RDF>'
    )


def in_atom(entry: str) -> str:
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom" {NAMESPACES}><title>É</title><id>urn:echo</id>'
        f"<author><name>Le journal</name></author><entry>{entry}</entry></feed>"
    )


def quick(page: Page) -> list[Entry] | None:
    items = _well_formed.read(page, feed.MOST_ENTRIES)
    return None if items is None else [feed._entry(item, page) for item in items]


def lenient(page: Page) -> list[Entry]:
    return [feed._entry(item, page) for item in _lenient.read(page, 1_000)]


LINK = "<link>https://echo.test/1</link>"
ID = "<id>urn:uuid:1</id>"
READ = {
    "the usual": in_rss(f"<title>Un</title>{LINK}<guid>https://echo.test/?p=1</guid><description>Deux</description>"),
    "CDATA": in_rss(
        f"<title><![CDATA[A & B]]></title>{LINK}<description><![CDATA[<p>Un</p><p>Deux</p>]]></description>"
    ),
    "escaped HTML": in_rss(
        f"{LINK}<title>Un &lt;b&gt;mot&lt;/b&gt;</title><description>&lt;p&gt;Un&lt;/p&gt;</description>"
    ),
    "no markup": in_rss(f"{LINK}<title>La balise &lt;canvas&gt;</title>"),
    "entities twice": in_rss(f"{LINK}<title>L&amp;#8217;hôpital &amp;amp; co</title>"),
    "creator and date": in_rss(
        f"{LINK}<dc:creator>Alice Roux</dc:creator><dc:date>2026-09-01T08:00:00+02:00</dc:date>"
    ),
    "two dates": in_rss(f"{LINK}<dc:date>2025-01-01</dc:date><pubDate>Tue, 01 Sep 2026 08:00:00 +0200</pubDate>"),
    "encoded first": in_rss(
        f"{LINK}<content:encoded>&lt;p&gt;Tout&lt;/p&gt;</content:encoded><description>Peu</description>"
    ),
    "encoded last": in_rss(f"{LINK}<description>Peu</description><content:encoded>Tout</content:encoded>"),
    "encoded alone": in_rss(f"{LINK}<content:encoded>Tout</content:encoded>"),
    "guid no link": in_rss(f'{LINK}<guid isPermaLink="false">abc 1</guid>'),
    "guid for a link": in_rss("<title>T</title><guid>https://echo.test/9</guid>"),
    "guid before its link": in_rss(f"<guid>https://echo.test/9</guid>{LINK}"),
    "mail and name": in_rss(f"{LINK}<author>alice@echo.test (Alice Roux)</author>"),
    "several authors": in_rss(f"{LINK}<dc:creator>Alice</dc:creator><dc:creator>Bob</dc:creator><author/>"),
    "categories": in_rss(f'{LINK}<category domain="x">Divers</category><category>Tribune</category><category/>'),
    "ignored": in_rss(f'{LINK}<slash:comments>3</slash:comments><media:content url="https://a.test/i.png"/>'),
    "enclosure": in_rss(
        f'{LINK}<enclosure url="https://a.test/a.mp3" length="1" type="audio/mpeg"/><comments>x</comments>'
    ),
    "foreign": in_rss(f"{LINK}<autre:titre>Non</autre:titre><title>Oui</title>"),
    "source": in_rss(f'<source url="https://a.test/">A</source>{LINK}<title>Oui</title>'),
    "odd dates": in_rss(f"{LINK}<pubDate>mardi 1 septembre 2026</pubDate>"),
    "impossible date": in_rss(f"{LINK}<pubDate>Tue, 31 Feb 2026 25:00:00 GMT</pubDate>"),
    "date of EST": in_rss(f"{LINK}<pubDate>Tue, 1 Sep 26 08:00 EST</pubDate>"),
    "year 1": in_rss(f"{LINK}<pubDate>Mon, 01 Jan 0001 00:00:00 +0000</pubDate>"),
    "comment inside": in_rss(f"{LINK}<title>Un <!-- deux --> trois</title><?quoi rien?>"),
    "feed's own": in_rss(LINK, f'{HEAD}<ttl>60</ttl><atom:link rel="self" href="/x"/><image><title>I</title></image>'),
    "windows characters": in_rss(f"{LINK}<title>L&#146;hôpital</title>"),
    "UTF-8 twice": in_rss(f"{LINK}<title>hÃ´pital</title>"),
    "RDF": in_rdf(f"<title>Un</title>{LINK}<dc:date>2026-09-01</dc:date><dc:subject>Tribune</dc:subject>"),
    "Atom": in_atom(
        f'{ID}<link rel="edit" href="https://a.test/e"/><link href="https://a.test/1"/>'
        "<title type='html'>&lt;b&gt;A</title><summary>Peu &lt;b&gt;</summary>"
        "<content type='html'>&lt;p&gt;Tout&lt;/p&gt;</content><category term='Tribune'/>"
        "<author><name>Alice</name><email>a@b.fr</email></author><author><name>Bob</name></author>"
        "<updated>2026-09-01T08:00:00Z</updated><published>2026-08-01T08:00:00.5+02:00</published>"
    ),
    "Atom by its id": in_atom("<id>https://echo.test/1</id><title>A</title>"),
    "Atom, content first": in_atom(f"{ID}<content>Tout &amp;</content><summary type='text'>Peu</summary><title/>"),
    "Atom with a prefix": in_atom(f"{ID}<title>A</title>")
    .replace('xmlns="', 'xmlns:a="')
    .replace("<", "<a:")
    .replace("<a:/", "</a:"),
}


@pytest.mark.parametrize("body", READ.values(), ids=READ)
def test_what_is_read_quickly_is_what_feedparser_reads(body: str) -> None:
    page = a_page(body)
    assert quick(page) == lenient(page)


LEFT = {
    "a relative link": in_rss("<link>/1</link>"),
    "xml:base": in_rss(f"{LINK}<title>A</title>").replace("<item>", '<item xml:base="https://b.test/">'),
    "a base around": in_rss(LINK).replace("<channel>", '<channel xml:base="https://b.test/">'),
    "no link at all": in_rss("<title>A</title>"),
    "a guid as a link": in_rss(f"{LINK}<guid>42</guid>"),
    "two titles": in_rss(f"{LINK}<title>A</title><title>B</title>"),
    "markup as elements": in_rss(f"{LINK}<description><p>A</p></description>"),
    "xhtml": in_atom(f'{ID}<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A</div></title>'),
    "base64": in_atom(f'{ID}<content type="application/octet-stream">QQ==</content>'),
    "content elsewhere": in_atom(f'{ID}<content src="https://a.test/">A</content>'),
    "itunes": in_rss(f"{LINK}<itunes:summary>A</itunes:summary>"),
    "media with a title": in_rss(f'{LINK}<media:content url="x"><media:title>A</media:title></media:content>'),
    "a link of Atom": in_rss(f'{LINK}<atom:link href="https://a.test/2"/>'),
    "a DOCTYPE": "<!DOCTYPE rss>" + in_rss(LINK).removeprefix('<?xml version="1.0"?>'),
    "an entity of HTML": in_rss(f"{LINK}<title>A&nbsp;B</title>"),
    "cut": in_rss(LINK)[:-20],
    "a prefix for something else": in_rss(LINK).replace("http://purl.org/dc/elements/1.1/", "https://autre.test/"),
    "an item in a corner": in_rss(LINK, f"{HEAD}<image><item><title>B</title></item></image>"),
    "capitals": in_rss(f"{LINK}<Title>A</Title>"),
    "a page": "<html><body>A</body></html>",
    "nothing": "",
    "other words": "bonjour",
    "deep": in_rss("<a>" * 300 + "</a>" * 300),
}


@pytest.mark.parametrize("body", LEFT.values(), ids=LEFT)
def test_what_is_unusual_is_left_to_feedparser(body: str) -> None:
    assert quick(a_page(body)) is None


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.xml")), ids=lambda path: path.name)
def test_the_corpus_is_read_alike(path: Path) -> None:
    page = a_page(path.read_bytes())
    assert quick(page) in (None, lenient(page))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1", "windows-1252", "utf-16", "iso-8859-15"])
@pytest.mark.parametrize("declared", ["utf-8", "iso-8859-1", "windows-1252", "utf-16", "x-inconnu", ""])
@pytest.mark.parametrize("charset", ["", "utf-8", "iso-8859-1"])
def test_every_pair_of_encodings_is_read_alike(encoding: str, declared: str, charset: str) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    text = in_rss(f"{LINK}<title>L’hôpital : 3 €</title>").removeprefix('<?xml version="1.0"?>')
    page = a_page((declaration + text).encode(encoding, "xmlcharrefreplace"), charset=charset)
    found = quick(page)
    assert found is None or found == lenient(page)


def test_a_usual_feed_does_not_need_feedparser() -> None:
    page = a_page(rss(30))
    assert quick(page) == lenient(page) != []


def test_not_more_than_asked_is_read() -> None:
    assert len(_well_formed.read(a_page(rss(30)), 7) or ()) == 7


TEXT = st.one_of(
    st.text("abé’Ã©<>&;/ \n\u00a0\u0092\u200b", max_size=12),
    st.sampled_from(
        [
            *(
                "Un mot",
                "A & B",
                "<b>gras</b>",
                "<p>un<p>deux",
                "&#8217;",
                "&nbsp;",
                "Ã©tÃ©",
                "\u0092",
                "  ",
                "a\n\nb",
                "]]>",
            ),
            *(
                "https://a.test/1",
                "https://a.test/a;b?x=1&amp;y=2",
                "http://a.test",
                "//a.test/",
                "?p=1",
                "urn:a:b",
                "a@b.fr",
            ),
            *(
                "Tue, 01 Sep 2026 08:00:00 GMT",
                "2026-09-01T08:00:00Z",
                "2026-09-01",
                "1 sept. 2026",
                "Sat, 05 Oct 2024 24:00:00 Z",
            ),
            *(
                "Tribune",
                "Actualités",
                "a@b.fr (Alice)",
                "Alice <a@b.fr>",
                "text",
                "html",
                "alternate",
                "true",
                "false",
            ),
        ]
    ),
)
NAMES = st.sampled_from(
    [
        *("title", "link", "guid", "description", "pubDate", "author", "category", "comments", "source", "enclosure"),
        *(
            "dc:creator",
            "dc:date",
            "dc:subject",
            "dc:title",
            "content:encoded",
            "media:content",
            "media:title",
            "autre:x",
        ),
        *("id", "summary", "content", "updated", "published", "name", "issued", "atom:link", "itunes:author", "item"),
    ]
)
ATTRIBUTE = st.sampled_from(
    ["", "", "", "isPermaLink", "type", "rel", "href", "domain", "term", "xml:base", "url", "label"]
)


@st.composite
def elements(draw: st.DrawFn) -> str:
    name, attribute, text = draw(NAMES), draw(ATTRIBUTE), draw(TEXT)
    said = escape(text) if draw(st.booleans()) or "]]>" in text else f"<![CDATA[{text}]]>"
    bears = f" {attribute}={_quoted(draw(TEXT))}" if attribute else ""
    return f"<{name}{bears}>{said}</{name}>"


def _quoted(text: str) -> str:
    return '"' + escape(text, {'"': "&quot;", "\n": "&#10;"}) + '"'


USUAL = st.sampled_from([LINK, ID, "<title>Titre</title>", "<author><name>Alice</name></author>", ""])


@settings(max_examples=600)
@given(st.lists(st.one_of(elements(), USUAL), max_size=6), st.sampled_from([in_rss, in_rdf, in_atom]))
def test_any_item_is_read_alike(parts: list[str], around: object) -> None:
    page = a_page(around("".join(parts)))  # type: ignore[operator]  # one of the three above
    found = quick(page)
    assert found is None or found == lenient(page)
