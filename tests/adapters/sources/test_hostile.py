"""What is served in the place of feeds, pages and sitemaps: each is read, or refused in the contract's words.

What a document gives was written down by hand before anything was run. The long ones go through a worker, as they do
in the bot: its deadline is of work, so a machine that is busy makes no difference.
"""

import gzip
import json
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest
import pytest_asyncio

from adapters.cpu import CpuWorkers
from adapters.sources import detect, load
from bot.domain.entry import Entry
from bot.domain.source import Source
from bot.errors import ParseError
from bot.ports import Page

URL = "https://echo-fictif.test/flux"
SOURCE = Source(slug="echo", title="Écho", url=URL)
WORK = timedelta(seconds=5)  # what the bot gives a page
TITLE = "Panne fictive au bloc"
XML = '<?xml version="1.0" encoding="utf-8"?>'


def read(body: bytes, kind: str | None = None, charset: str = "") -> Sequence[Entry]:
    page = Page(url=URL, body=body, charset=charset)
    return load(kind or detect(page)).parse(page, SOURCE)


def refusal(body: bytes, kind: str | None = None) -> str:
    try:
        found = read(body, kind)
    except ParseError as refused:
        return refused.code
    assert not found
    return "no-items"  # what a preview says of a page that lists none


def item(title: str = TITLE, more: str = "", *, guid: str = "g1", date: str = "") -> str:
    link = "https://echo-fictif.test/articles/1"
    return f"<item><title>{title}</title><link>{link}</link><guid>{guid}</guid><pubDate>{date}</pubDate>{more}</item>"


def rss(items: str, head: str = XML, attributes: str = 'version="2.0"') -> str:
    return f"{head}<rss {attributes}><channel><title>Flux</title>{items}</channel></rss>"


def atom(entries: str, attributes: str = 'xmlns="http://www.w3.org/2005/Atom"') -> str:
    return f"{XML}<feed {attributes}><title>Flux</title>{entries}</feed>"


def json_feed(items: object, version: object = "https://jsonfeed.org/version/1.1") -> bytes:
    return json.dumps({"version": version, "title": "Flux", "items": items}).encode()


def sitemap(urls: str, root: str = "urlset", head: str = XML) -> str:
    return f'{head}<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</{root}>'


ENTRY = f"<entry><title>{TITLE}</title><id>urn:1</id><link href='https://echo-fictif.test/1'/></entry>"
PLACE = "<url><loc>https://echo-fictif.test/articles/7101/panne</loc></url>"
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
LIST = "".join(
    f"<div><a href='/articles/{7100 + n}/titre'><h3>Un titre fictif de six mots, {n}</h3>"
    f"<p>0{n} mai 2026 - 16:39,</p><p>Actualité - Écho</p></a></div>"
    for n in range(1, 7)
)
PAGE = f"<!DOCTYPE html><html><head><title>Écho fictif</title></head><body>%s{LIST}%s</body></html>"


# -- feeds that are read ----------------------------------------------------------------------------------------------

AS_ONE_ENTRY = {
    "rss 0.91 with its DTD": rss(
        item(), '<?xml version="1.0"?><!DOCTYPE rss SYSTEM "http://127.0.0.1/rss-0.91.dtd">', 'version="0.91"'
    ),
    "rss without a version": rss(item(), attributes=""),
    "rss of a version nobody wrote": rss(item(), attributes='version="banane"'),
    "rss without a channel": f"<rss version='2.0'>{item()}</rss>",
    "items after the channel": f"{XML}<rss version='2.0'><channel></channel>{item()}</rss>",
    "no declaration": rss(item(), ""),
    "two declarations": XML + rss(item()),
    "a declaration without quotes": rss(item(), "<?xml version=1.0 encoding=utf-8 ?>"),
    "space before the declaration": "\n \t\n" + rss(item()),
    "words before the declaration": "PHP Notice: undefined index\n" + rss(item()),
    "a comment before and after": f"<!-- <html> -->{rss(item())}<!-- 0.1 s -->",
    "a page after": rss(item()) + "<html><body>x</body></html>",
    "a style sheet": rss(item(), f'{XML}<?xml-stylesheet href="http://127.0.0.1/x.xsl"?>'),
    "names nobody declared": rss(item(more="<dc:creator>A</dc:creator><media:content url='x'/>")),
    "XInclude of a file": rss(item(more='<xi:include href="file:///etc/passwd" parse="text"/>')),
    "raw markup in a description": rss(item(more="<description><p>a <b>b</b> & <br></p></description>")),
    "cut in its last tag": rss(item())[:-5],
    "atom without a name space": atom(ENTRY, ""),
    "atom of another name space": atom(ENTRY, 'xmlns="https://www.w3.org/2005/Atom"'),
    "atom by prefix": f"<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:title>{TITLE}</a:title></a:entry></a:feed>",
    "a guid of 100 kB": rss(item(guid="x" * 100_000)),
    "an author between brackets": rss(item(more=f"<author>{'(' * 20_000}</author>")),
}


@pytest.mark.parametrize("name", AS_ONE_ENTRY)
def test_a_feed_is_read_whatever_stands_around_it(name: str) -> None:
    assert [entry.title for entry in read(AS_ONE_ENTRY[name].encode())] == [TITLE]


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Panne&nbsp;fictive", "Panne\u00a0fictive"),
        ("Panne &eacute;crite", "Panne écrite"),
        ("Avis & alertes", "Avis & alertes"),
        ("A&amp;B", "A&B"),
        ("5 &euro; l&rsquo;an", "5 € l’an"),
        ("<![CDATA[a <b> & c]]>", "a <b> & c"),
        ("<![CDATA[Le mot <!ENTITY x]]>", "Le mot <!ENTITY x"),
        ("Le tag &lt;canvas&gt;", "Le tag <canvas>"),
    ],
)
def test_a_title_is_what_its_writer_meant(written: str, title: str) -> None:
    assert [entry.title for entry in read(rss(item(written)).encode())] == [title]


NONSENSE = ["hier", "0", "-1", "9" * 30, "2026-13-45", "Thu, 99 Sep 99999 25:61:61", "1e400", "NaN", "<b>2026</b>"]


@pytest.mark.parametrize("date", [*NONSENSE, "Mon, 02 Nov 2026 08:00:00 +9999", "9999-12-31T23:59:59-14:00"])
def test_a_date_that_is_none_costs_the_date_alone(date: str) -> None:
    (only,) = read(rss(item(date=date)).encode())
    assert only.title == TITLE
    assert only.published is None or 1990 <= only.published.year < 2100


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-16", "iso-8859-1", "iso-8859-15", "windows-1252", "mac-roman", "cp850", "utf-8-sig"],
)
def test_a_feed_is_read_in_the_encoding_it_declares(encoding: str) -> None:
    head = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
    assert read(rss(item("Été à l'hôpital"), head).encode(encoding))[0].title == "Été à l'hôpital"


@pytest.mark.parametrize("claimed", ["utf-8", "us-ascii", ""])
def test_a_feed_in_another_encoding_than_it_claims_is_read(claimed: str) -> None:
    head = f'<?xml version="1.0" encoding="{claimed}"?>' if claimed else ""
    assert read(rss(item("Été à l'hôpital"), head).encode("windows-1252"))[0].title == "Été à l'hôpital"


def test_noise_behind_a_feed_is_passed_over() -> None:
    assert [entry.title for entry in read(rss(item()).encode() + bytes(range(1, 9)) * 400)] == [TITLE]


@pytest.mark.parametrize("charset", ["banane", "idna", "base64", "zip", "rot13", "x" * 500, "../../etc"])
def test_a_charset_that_is_none_is_passed_over(charset: str) -> None:
    assert read(rss(item("Été")).encode(), charset=charset)[0].title == "Été"


# -- JSON -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "odd",
    [
        *(
            {"id": 42},
            {"id": 10**30},
            {"id": None},
            {"id": [1]},
            {"id": "x" * 100_000},
            {"url": 3},
            {"url": "http://["},
        ),
        *({"date_published": "hier"}, {"date_published": "9" * 100_000}, {"authors": "x"}, {"authors": [3, None, {}]}),
        *({"tags": [1, None, []]}, {"content_html": ["a"]}, {"summary": 4}, {"attachments": [{"url": 3}]}),
    ],
    ids=lambda odd: str(odd)[:30],
)
def test_an_item_with_an_odd_value_is_read_without_it(odd: dict[str, object]) -> None:
    assert read(json_feed([{"id": "1", "url": f"{URL}/1", "title": TITLE} | odd]))[0].title == TITLE


@pytest.mark.parametrize("items", [None, "x", 3, True, {"a": 1}, [], [1, "x", None, []]], ids=str)
def test_items_that_are_none_are_refused(items: object) -> None:
    assert refusal(json_feed(items)) in ("not-a-feed", "no-items")


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b"null", b"{", b"[", b'{"posts":[{"id":1}]}', b"[" * 100_000, b'{"a":' * 100_000]
)
def test_json_that_is_no_feed_is_refused(body: bytes) -> None:
    assert refusal(body, "feed") in ("not-a-feed", "too-deep")


# -- what is none of it -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        *(
            b"%PDF-1.7\n%%EOF",
            b"\x89PNG\r\n\x1a\n\0\0\0",
            b"ID3\x03\0\0",
            b"\x7fELF\0\0",
            b"\0" * 10_000,
            b"\xff" * 10_000,
        ),
        *(b"bonjour", b"42", b"/etc/passwd", b"a,b\n1,2\n", b"<svg><title>x</title></svg>", b"<root><a/></root>"),
        *(b"\xef\xbb\xbf", b"\xff\xfe", b"<", b"&", b"<!-- rien -->", b"<?xml version='1.0'?>", b"<!DOCTYPE html>"),
    ],
)
def test_what_lists_nothing_is_refused(body: bytes) -> None:
    assert refusal(body) in ("not-a-feed", "no-items", "no-text", "empty-body", "bad-encoding")


@pytest.mark.parametrize(
    ("kind", "code"), [("feed", "not-a-feed"), ("list", "no-items"), ("sitemap", "not-a-sitemap"), ("opml", "bad-opml")]
)
def test_a_kind_says_what_it_missed(kind: str, code: str) -> None:
    assert (
        refusal(b"<!DOCTYPE html><html><head><title>x</title></head><body><h1>Bonjour</h1></body></html>", kind) == code
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (rss(item("&b;"), BOMB), "feed"),
        (atom(ENTRY.replace(TITLE, "&b;")).replace(XML, BOMB), "feed"),
        (sitemap(PLACE.replace("panne", "&b;"), head=BOMB), "sitemap"),
        (rss(item("&x;"), '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), "feed"),
        (rss(item("&a;"), '<!DOCTYPE rss [<!ENTITY a "&b;"><!ENTITY b "&a;">]>'), "feed"),
        (rss(item(), '<!-- <rss> > --><?x <rss> ?><!DOCTYPE rss [<!ENTITY % a "b">%a;]>'), "feed"),
    ],
)
def test_a_document_made_to_burst_is_not_opened(document: str, kind: str, encoding: str) -> None:
    assert refusal(document.encode(encoding), kind) == "xml-bomb"


# -- pages and sitemaps -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("<nav><a href='/'>Accueil</a><a href='/contact'>Nous contacter par courriel</a></nav>", "<footer>x</footer>"),
        ("<div>Nous utilisons des cookies. <a href='/cookies'>En savoir plus</a></div>", "<a href='?page=2'>Suite</a>"),
        ("<br /><b>Warning</b>: x in <b>/var/www</b><br />", ""),
        ("<svg><title>Logo</title></svg><script>var a='<div>'</script>", "<noscript>x</noscript>"),
        ("\0\0", "\ufffe"),
    ],
)
def test_a_list_is_read_whatever_stands_around_it(before: str, after: str) -> None:
    found = read((PAGE % (before, after)).encode())
    assert [entry.key for entry in found] == [f"articles/{7100 + n}" for n in range(1, 7)]
    assert found[0].title == "Un titre fictif de six mots, 1"


@pytest.mark.parametrize(
    "body",
    [
        *("", "<h1>404</h1><p>Page introuvable. <a href='/'>Retour à l’accueil</a></p>", "<div id=root></div>"),
        *(
            "<form><input type=password></form>",
            "<h1>Site en maintenance</h1>",
            "<a href='/'>Un lien vers ici même</a>",
        ),
    ],
)
def test_a_page_without_articles_is_refused(body: str) -> None:
    assert refusal(f"<!DOCTYPE html><html><head><title>x</title></head><body>{body}</body></html>".encode()) in (
        *("no-items", "no-text", "login-required", "challenge"),
    )


@pytest.mark.parametrize(
    "document",
    [
        sitemap(PLACE).encode(),
        sitemap(PLACE).encode("utf-16"),
        sitemap(PLACE, head="").encode("utf-16-le"),
        gzip.compress(sitemap(PLACE).encode()),
        sitemap(PLACE).replace(' xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"', "").encode(),
        b"<!-- Yoast <urlset> -->" + sitemap(PLACE, head="").encode(),
        sitemap("<url><loc>javascript:alert(1)</loc></url><url/>" + PLACE).encode(),
        sitemap(PLACE.replace("</loc>", "</loc><lastmod>2026-13-45</lastmod>")).encode(),
    ],
)
def test_a_sitemap_is_read_in_any_dress(document: bytes) -> None:
    assert [entry.key for entry in read(document)] == ["articles/7101"]


@pytest.mark.parametrize("urls", ["", "<url/>", "<url><loc>javascript:alert(1)</loc></url>", "<url><loc> </loc></url>"])
def test_a_sitemap_without_an_address_lists_nothing(urls: str) -> None:
    assert refusal(sitemap(urls).encode()) == "no-items"


# -- made to keep a machine busy --------------------------------------------------------------------------------------


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cpu() -> AsyncIterator[CpuWorkers]:
    async with CpuWorkers(1) as workers:
        yield workers


ENDLESS = {
    "tags that open": "<div>" * 100_000,
    "comments that open": "<!--" * 200_000,
    "instructions that open": "<?" * 300_000,
    "signs": "<" * 500_000,
    "ampersands": "&" * 500_000,
    "tables": "<table><tr><td>" * 20_000,
    # libxml2 compares each with those before it: 50,000 of them take 4 s, more are ended by the deadline
    "attributes": "<div " + " ".join(f"a{n}=1" for n in range(10_000)) + ">",
    "spaces": " " * 1_000_000,
    "breaks": "<br>" * 200_000,
    "dates": "24 sept. 2021 - 17:34, " * 20_000,
    "names": "Par Alice Roux de " * 50_000,
    "marks on one letter": "e" + "\u0301" * 300_000,
}


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", ENDLESS)
async def test_a_page_made_to_keep_us_busy_is_done_in_time(name: str, cpu: CpuWorkers) -> None:
    page = Page(url=URL, body=(PAGE % ("", ENDLESS[name])).encode())
    assert await cpu.run(detect, page, deadline=WORK) == "list"
    try:
        await cpu.run(load("list").parse, page, SOURCE, deadline=WORK)
    except ParseError as refused:
        assert refused.code in ("too-deep", "no-items")


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", ENDLESS)
async def test_an_item_made_to_keep_us_busy_is_done_in_time(name: str, cpu: CpuWorkers) -> None:
    body = rss(item() + item(more=f"<description><![CDATA[{ENDLESS[name]}]]></description>"))
    try:
        found = await cpu.run(load("feed").parse, Page(url=URL, body=body.encode()), SOURCE, deadline=WORK)
    except ParseError as refused:
        assert refused.code == "too-deep"
    else:
        assert found[0].title == TITLE


@pytest.mark.asyncio(loop_scope="module")
async def test_a_thousand_authors_that_are_no_names_cost_no_entry(cpu: CpuWorkers) -> None:
    author = f"<author>{'a.' * 3_000}@</author>"
    many = "".join(item(more=author, guid=str(n)) for n in range(1_000))
    found = await cpu.run(load("feed").parse, Page(url=URL, body=rss(many).encode()), SOURCE, deadline=WORK)
    assert len(found) == 1_000


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("items", ["<item/>" * 300_000, "<item><title>Titre</title>" * 100_000])
async def test_items_that_are_empty_or_never_end_are_not_all_read(items: str, cpu: CpuWorkers) -> None:
    page = Page(url=URL, body=rss(item() + items).encode())
    found = await cpu.run(load("feed").parse, page, SOURCE, deadline=WORK)
    assert 0 < len(found) <= 1_000


@pytest.mark.asyncio(loop_scope="module")
async def test_five_thousand_items_give_a_thousand(cpu: CpuWorkers) -> None:
    many = "".join(f"<item><title>{n}</title><guid>{n}</guid></item>" for n in range(5_000))
    found = await cpu.run(load("feed").parse, Page(url=URL, body=rss(many).encode()), SOURCE, deadline=WORK)
    assert [entry.title for entry in found] == [str(n) for n in range(1_000)]
