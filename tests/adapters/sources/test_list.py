"""The kind `list`: the same articles in seven markups, and pages that go wrong."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.cpu import CpuWorkers
from adapters.sources import load
from adapters.sources._selected import xpath
from bot.domain.entry import Entry
from bot.domain.source import Source
from bot.errors import ParseError, SourceError
from bot.ports import Page, ReadsArticle

CORPUS = Path(__file__).parents[2] / "corpus" / "list"
EXPECTED: dict[str, Any] = json.loads((CORPUS / "expected.json").read_text("utf-8"))
MARKUPS = sorted(path.name.removesuffix(".list.html") for path in CORPUS.glob("*.list.html"))
URL = "https://echo-fictif.test/articles"
SOURCE = Source(slug="echo", title="Écho", url=URL)
KIND = load("list")
assert isinstance(KIND, ReadsArticle)
READ = KIND.read
TEASER = "Un chapeau inventé, assez long pour être autre chose qu’une étiquette."


def listed(html: str | bytes, *, url: str = URL, source: Source = SOURCE) -> list[Entry]:
    body = html.encode() if isinstance(html, str) else html
    return list(KIND.parse(Page(url=url, body=body), source))


def says(entry: Entry, expected: dict[str, Any]) -> dict[str, Any]:
    """What the entry says of what is expected, spaces aside: pages differ in theirs."""
    said = {name: getattr(entry, name) for name in expected}
    said["authors"] = list(entry.authors)
    said["published"] = entry.published.isoformat() if entry.published else None
    return {name: plain(value) for name, value in said.items()}


def plain(value: object) -> object:
    return "\n\n".join(" ".join(part.split()) for part in value.split("\n\n")) if isinstance(value, str) else value


def wanted(expected: dict[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in expected.items()}


# -- the corpus -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("markup", MARKUPS)
def test_a_list_gives_its_articles_whatever_its_markup(markup: str) -> None:
    found = listed((CORPUS / f"{markup}.list.html").read_bytes())
    assert [says(entry, EXPECTED["list"][0]) for entry in found] == [wanted(one) for one in EXPECTED["list"]]


@pytest.mark.parametrize("markup", MARKUPS)
def test_an_articles_page_completes_its_entry(markup: str) -> None:
    entry = listed((CORPUS / f"{markup}.list.html").read_bytes())[0]
    read = READ(Page(url=entry.url, body=(CORPUS / f"{markup}.article.html").read_bytes()), entry)
    assert says(read, EXPECTED["article"]) == wanted(EXPECTED["article"])
    assert (read.key, read.url) == (entry.key, entry.url)


@pytest.mark.parametrize("markup", MARKUPS)
def test_an_articles_page_read_as_a_list_gives_that_article_alone(markup: str) -> None:
    url = "https://echo-fictif.test/articles/7101/panne-de-nuit-au-centre-hospitalier-de-valmont"
    (only,) = listed((CORPUS / f"{markup}.article.html").read_bytes(), url=url)
    assert says(only, EXPECTED["article"]) == wanted(EXPECTED["article"])


@pytest.mark.parametrize("markup", MARKUPS)
def test_a_page_without_its_date_does_not_take_a_neighbours(markup: str) -> None:
    page = (CORPUS / f"{markup}.article.html").read_text("utf-8").replace(EXPECTED_DATE, "")
    entry = Entry(key="articles/7101", url=URL, title=EXPECTED["article"]["title"])
    read = READ(Page(url="https://echo-fictif.test/articles/7101/panne", body=page.encode()), entry)
    assert read.published is None
    assert read.text


EXPECTED_DATE = "24 sept. 2026 - 17:34,"


@pytest.mark.parametrize("markup", MARKUPS)
def test_a_teaser_that_was_cut_is_completed_from_the_text(markup: str) -> None:
    entry = listed((CORPUS / f"{markup}.list.html").read_bytes())[0]
    read = READ(Page(url=entry.url, body=(CORPUS / f"{markup}.article.html").read_bytes()), entry)
    assert entry.summary.endswith("...")
    assert "..." not in read.summary
    assert read.text.startswith(read.summary)


# -- identity ---------------------------------------------------------------------------------------------------------


def test_the_number_is_the_article_whatever_host_and_slug() -> None:
    item = "<li><a href='{}'>Un titre de quatre mots au moins</a><p>24 sept. 2021 - 17:34,</p></li>"
    for address in (
        "/articles/6135/un-titre",
        "https://www.echo-fictif.test/articles/6135/un-autre-titre?utm_source=x",
        "/article/6135/ancien.html",
    ):
        assert listed(item.format(address))[0].key == "articles/6135"


def test_another_address_is_its_own_identity() -> None:
    (entry,) = listed("<p><a href='/story?ID=2939&utm_source=x'>Un titre de quatre mots</a></p><p>24 sept. 2021</p>")
    assert entry.key == "https://echo-fictif.test/story?ID=2939"


# -- what surrounds a list --------------------------------------------------------------------------------------------


def card(number: int, date: str = "24 sept. 2021 - 17:34,", more: str = "") -> str:
    return f"<article><h3><a href='/articles/{number}/x'>Titre {number}</a></h3><p>{date}</p>{more}</article>"


def test_a_most_read_box_adds_nothing_and_takes_no_date() -> None:
    box = "<ul><li><a href='/articles/1/vieux'>Le plus lu de tous les temps</a></li></ul>"
    assert [entry.key for entry in listed(box + card(9) + card(8) + box)] == ["articles/9", "articles/8"]


def test_an_article_without_a_date_counts_among_dated_ones() -> None:
    found = listed(f"<main>{card(9)}{card(8, '')}{card(7)}</main>")
    assert [(entry.key, entry.published is None) for entry in found] == [
        ("articles/9", False),
        ("articles/8", True),
        ("articles/7", False),
    ]


def test_an_article_shown_twice_is_listed_once_with_what_says_more() -> None:
    top = "<section><h2><a href='/articles/9/x'>Titre 9</a></h2></section>"
    found = listed(top + f"<main>{card(9, more=f'<p>{TEASER}</p>')}{card(8)}</main>")
    assert [(entry.key, entry.summary) for entry in found] == [("articles/9", TEASER), ("articles/8", "")]


def test_a_title_without_a_link_is_that_of_its_read_more() -> None:
    item = "<h2>{}</h2><p>{}</p><p>Actualité - ECHO</p><p>{}</p><a href='/articles/{}/x'>Lire la suite</a>"
    found = listed(
        item.format("Premier titre", "24 sept. 2021", TEASER, 2)
        + item.format("Second titre", "23 sept. 2021", TEASER, 1)
    )
    assert [(entry.key, entry.title, entry.published and entry.published.day) for entry in found] == [
        ("articles/2", "Premier titre", 23),  # midnight of the 24th in Paris
        ("articles/1", "Second titre", 22),
    ]


def teaser(number: int, heading: str = "h3") -> str:
    title = f"<{heading}>Titre {number}</{heading}>"
    return f"<div>{title}<p>{number} mai 2026</p><p>{TEASER}</p><a href='/p/{number}'>Lire la suite</a></div>"


def test_titles_without_a_link_are_those_of_their_read_more_whatever_the_addresses() -> None:
    menu = "<ul><li><a href='/equipe'>Toute notre équipe fictive au complet</a></li></ul>"
    found = listed(f"<title>Écho</title>{menu}<main>{''.join(map(teaser, (9, 8, 7)))}</main>")
    assert [(entry.url[-4:], entry.title, entry.summary) for entry in found] == [
        ("/p/9", "Titre 9", TEASER),
        ("/p/8", "Titre 8", TEASER),
        ("/p/7", "Titre 7", TEASER),
    ]


def test_read_mores_below_an_article_do_not_make_its_page_a_list() -> None:
    text = "<p>Le centre hospitalier imaginaire de Valmont a perdu sa messagerie pendant une nuit entière.</p>" * 3
    article = f"<article><h1>Une panne fictive à Valmont</h1><p>9 mai 2026</p>{text}</article>"
    found = listed(f"<main>{article}<section>{teaser(8)}{teaser(7)}</section></main>")
    assert [entry.title for entry in found] == ["Une panne fictive à Valmont"]


LONG = (
    "<p>Le centre hospitalier imaginaire de Valmont a perdu sa messagerie pendant une nuit entière, "
    "faute de place sur un serveur que personne ne surveillait plus.</p>"
)


@pytest.mark.parametrize("name", ["Une panne fictive à Valmont", "Une panne fictive à Valmont | Écho"])
def test_an_article_without_a_date_is_one_though_its_neighbours_have_theirs(name: str) -> None:
    page = f"<title>{name}</title><h1>Une panne fictive à Valmont</h1>{LONG * 3}<h2>A lire également</h2>{{}}"
    near = "".join(
        f"<div><h3><a href='/p/{n}'>Un titre voisin fictif</a></h3><p>{n} mai 2026</p></div>" for n in "4321"
    )
    for html in (page.format(near), page.format("")):
        assert [(entry.title, entry.published) for entry in listed(html)] == [("Une panne fictive à Valmont", None)]


def test_a_list_may_be_named_and_introduced() -> None:
    head = "<title>Toutes les actualités fictives</title><h1>Toutes les actualités fictives</h1>"
    cards = "".join(f"<div><h3><a href='/p/{n}'>Un titre fictif de six mots {n}</a></h3>{LONG}</div>" for n in range(9))
    assert len(listed(head + LONG + cards)) == 9
    assert len(listed(head + LONG * 3 + cards)) == 9


MANY = {
    "cards": "<main>" + "".join(card(n, more=f"<p>{TEASER}</p>") for n in range(1, 3_001)) + "</main>",
    "links in one line": "".join(f"<a href='/n/{n}'>Un titre inventé de cinq mots</a>" for n in range(50_000)),
    "dates in one line": "".join(f"<a href='/n/{n}'>Titre</a> 24 sept. 2021 " for n in range(50_000)),
    "links and nothing else": "<a href=/>a" * 700_000,
}


@pytest.mark.parametrize(("name", "count"), [(name, 1_000 if name == "cards" else 0) for name in MANY])
async def test_a_page_of_any_number_of_links_is_read_in_time(name: str, count: int) -> None:
    page = Page(url=URL, body=MANY[name].encode())
    async with CpuWorkers(1) as cpu:
        try:
            found = await cpu.run(KIND.parse, page, SOURCE, deadline=timedelta(seconds=10))
        except ParseError as refused:
            assert refused.code == "no-items"
            found = []
    assert len(found) == count


def test_links_to_other_sites_are_no_articles() -> None:
    advert = "<p><a href='https://annonceur.test/articles/99/offre'>Une offre à ne surtout pas manquer</a></p>"
    assert [entry.key for entry in listed(advert + card(9) + card(8))] == ["articles/9", "articles/8"]


@pytest.mark.parametrize("html", ["", "<p>rien</p>", "<nav><a href='/a'>Un menu de plusieurs mots</a></nav>", "\x00"])
def test_a_page_that_lists_nothing_says_so(html: str) -> None:
    with pytest.raises(ParseError) as refused:
        listed(html)
    assert refused.value.code == "no-items"


FORM = "<form action='/login'><input name=user><input type='password' name=pass></form>"


@pytest.mark.parametrize(
    ("html", "url", "code"),
    [
        (f"<h1>Connexion</h1>{FORM}", URL, "login-required"),
        ("<form><input type=hidden name=SAMLRequest></form>", URL, "login-required"),
        ("<div id=app></div>", "https://echo-fictif.test/login?next=/articles", "login-required"),
        ("<div id=app></div>", "https://echo-fictif.test/catalogue", "no-items"),
        ("<title>Just a moment...</title><h1>Vérification</h1>", URL, "challenge"),
        ("<script src='https://geo.captcha-delivery.com/c.js'></script>", URL, "challenge"),
        ("<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>", URL, "no-items"),
        (
            "<h1>Index of /</h1><pre><a href='../'>../</a>\n<a href='a.txt'>a.txt</a> 01-Jan-2026 10:00 1</pre>",
            URL,
            "no-items",
        ),
        (
            "<title>Index of /flux</title><pre><a href='un-deux-trois-quatre'>un deux trois quatre</a></pre>" * 2,
            URL,
            "no-items",
        ),
        ("\x89PNG\r\n\x1a\n", URL, "no-items"),
    ],
)
def test_a_page_that_lists_nothing_says_what_it_is_instead(html: str, url: str, code: str) -> None:
    with pytest.raises(ParseError) as refused:
        listed(html.encode("latin-1") if html[0] == "\x89" else html, url=url)
    assert refused.value.code == code


def test_a_list_may_have_a_login_of_its_own() -> None:
    assert len(listed(FORM + card(9) + card(8))) == 2


def test_a_page_without_text_says_so() -> None:
    with pytest.raises(ParseError) as refused:
        READ(Page(url=URL, body=b"<h1>Titre</h1>"), Entry(key="a", url=URL, title="Titre"))
    assert refused.value.code == "no-text"


# -- selectors --------------------------------------------------------------------------------------------------------


def test_options_say_where_to_look() -> None:
    html = (
        f"{card(1)}<div class='x bloc'><em>Le titre choisi</em><a href='/n/5'>voir</a><i id='quand'>3 mai 2026</i>"
        f"<p class='chapeau'>{TEASER}</p></div>"
    )
    options = {"item": "div.bloc", "title": "em", "date": "#quand", "body": "p.chapeau"}
    (entry,) = listed(html, source=replace(SOURCE, options=options))
    assert (entry.key, entry.title, entry.summary) == ("https://echo-fictif.test/n/5", "Le titre choisi", TEASER)
    assert entry.published is not None


@pytest.mark.parametrize("selector", ["a[href]", "a > b", "", "'", "a'b", "..", "a:hover"])
def test_a_selector_we_do_not_know_is_refused(selector: str) -> None:
    with pytest.raises(ParseError):
        xpath(selector)


# -- anything ---------------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *(
            "<p>",
            "</p>",
            "<br>",
            "<li>",
            "<td>",
            "<a href='/articles/1/x'>",
            "<a href='/articles/2/x'>",
            "<a href='http://['>",
        ),
        *(
            "</a>",
            "<h1>",
            "</h1>",
            "<h3>",
            "<article>",
            "</article>",
            "<time datetime='9999-12-31T23:59:59-12:00'>",
            "\ud800",
        ),
        *(
            "24 sept. 2021 - 17:34,",
            "31 févr. 2021",
            "Actualité",
            "- DSIH",
            "Tribune - A. B et C. D",
            "A lire également.",
        ),
        *(
            "Un titre de quatre mots",
            TEASER,
            "<script>",
            "<!--",
            "&#0;",
            "\u00a0",
            "<base href='http://['>",
            "<img src='/i/1.jpg'>",
            "<img src='http://[' width='9999999'>",
            "<meta property='og:image' content='http://['>",
            "<img srcset=','>",
            "<div>" * 50,
        ),
    ]
)


@given(
    st.one_of(
        st.binary(max_size=200), st.lists(PIECES, max_size=25).map(lambda p: "".join(p).encode("utf-8", "replace"))
    )
)
def test_any_page_gives_entries_or_one_clear_error(body: bytes) -> None:
    page = Page(url="https://echo-fictif.test/articles/1/x", body=body)
    for entries in (_parsed(page), _read(page)):
        assert all(entry.key and entry.title for entry in entries)
        assert len({entry.key for entry in entries}) == len(entries)


def _parsed(page: Page) -> list[Entry]:
    try:
        return list(KIND.parse(page, SOURCE))
    except SourceError:
        return []


def _read(page: Page) -> list[Entry]:
    try:
        return [READ(page, Entry(key="k", url=URL, title="Titre 1"))]
    except SourceError:
        return []
