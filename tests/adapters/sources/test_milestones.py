"""The kind `milestones`: dated lines in six shapes, and what beside them is none."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources import load
from bot.domain.entry import Entry
from bot.domain.source import Source
from bot.errors import ParseError, SourceError
from bot.ports import Page

CORPUS = Path(__file__).parents[2] / "corpus" / "milestones"
EXPECTED: dict[str, list[list[str]]] = json.loads((CORPUS / "expected.json").read_text("utf-8"))
URL = "https://agence-fictive.test/strategie/axe-4"
KIND = load("milestones")


def listed(html: str | bytes, **options: str) -> list[Entry]:
    source = Source(slug="agence", title="Agence", url=URL, options=options)
    return list(KIND.parse(Page(url=URL, body=html.encode() if isinstance(html, str) else html), source))


def told(html: str | bytes, **options: str) -> list[tuple[str, str]]:
    return [(entry.title, entry.text) for entry in listed(html, **options)]


def none(html: str) -> bool:
    with pytest.raises(ParseError) as raised:
        listed(html)
    return raised.value.code == "no-items"


# -- the corpus -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", sorted(path.stem for path in CORPUS.glob("*.html")))
def test_a_calendar_gives_its_milestones_whatever_its_shape(shape: str) -> None:
    found = listed((CORPUS / f"{shape}.html").read_bytes())
    assert [[entry.title, entry.text, entry.url.partition("#")[2]] for entry in found] == EXPECTED[shape]
    assert {(entry.genre, entry.published, entry.url.partition("#")[0]) for entry in found} == {("jalon", None, URL)}
    assert len({entry.key for entry in found}) == len(found)
    assert all(entry.summary == entry.text for entry in found)  # what a preview shows


# -- dates as pages write them ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        *("30 juin 2026", "1er sept. 2026", "mardi 30 juin 2026", "30/06/2026", "30 juin 2026 à 17h30", "juin 2026"),
        *(
            "fin juin 2026",
            "mi-juin 2026",
            "2e trimestre 2026",
            "T3 2026",
            "1er semestre 2026",
            "courant septembre 2026",
        ),
        *("du 18 mars au 19 avril 2024", "du 18 au 22 mars 2024", "à partir du 2 septembre 2025", "été 2026"),
        *("jusqu’au 30 juin 2026", "au plus tard le 30 juin 2026", "de juillet à septembre 2026", "avant fin 2026"),
    ],
)
def test_a_date_is_told_as_it_is_written(written: str) -> None:
    for html in (f"<p>{written}</p><p>Fermeture du guichet</p>", f"<ul><li>Fermeture du guichet : {written}</li></ul>"):
        assert told(html) == [("Fermeture du guichet", written)]


@pytest.mark.parametrize(
    "line",
    [
        *(
            "30 juin 2026 : fermeture du guichet",
            "Fermeture du guichet : 30 juin 2026",
            "Fermeture du guichet (30 juin 2026)",
        ),
        *(
            "Le 30 juin 2026, fermeture du guichet.",
            "30 juin 2026 – Fermeture du guichet",
            "À venir : 30 juin 2026 : fermeture du guichet",
        ),
        *("Fermeture du guichet le 30 juin 2026", "30&nbsp;juin 2026&#8239;: fermeture du guichet (à venir)"),
        *(
            "30 juin 2026 (date prévisionnelle) : fermeture du guichet",
            "Fermeture du guichet prévue pour le 30 juin 2026",
        ),
    ],
)
def test_a_line_holds_label_and_date_either_way(line: str) -> None:
    assert told(f"<p>{line}</p>") == [("Fermeture du guichet", "30 juin 2026")]


def test_a_date_in_a_label_is_not_the_milestones() -> None:
    line = "<p>16 juillet 2025</p><p>Publication de l’arrêté du 3 juillet 2025</p>"
    assert told(line) == [("Publication de l’arrêté du 3 juillet 2025", "16 juillet 2025")]


def test_a_number_before_a_date_is_the_labels() -> None:
    assert told("<li>Phase 2 – 13 février 2026</li>") == [("Phase 2", "13 février 2026")]
    assert told("<li>Dossiers de la phase 2 jusqu’au 13 février 2026</li>") == [
        ("Dossiers de la phase 2", "jusqu’au 13 février 2026")
    ]


# -- what is no milestone ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "html",
    [
        "<p>Publié le 16 juillet 2025</p><p>Une phrase.</p>",
        "<p>Mis à jour le 3 mars 2026 – 4 min de lecture</p>",
        "<p>Date de publication : 3 mars 2026</p>",
        "<nav><ul><li>30 juin 2026 : fermeture du guichet</li></ul></nav>",
        "<footer><p>© 2026 Agence, fin 2026</p><p>30 juin 2026</p><p>Fermeture</p></footer>",
        "<p>© Agence fictive, 30 juin 2026</p>",
        "<p>Tribune - 3 mars 2026</p>",
        "<article><h3><a href='/actualites/1'>Une nouvelle du programme</a></h3><p>3 mars 2026</p></article>",
        "<a href='/actualites/1'><p>3 mars 2026</p><h3>Une nouvelle du programme</h3></a>",
        "<h2>Dernières actualités</h2><p>3 mars 2026</p><p>Une nouvelle du programme</p>",
        f"<p>{'Un texte qui court et qui parle du 3 mars 2025. ' * 6}</p>",
        "<p>30 juin</p><p>Fermeture du guichet</p>",
        "<p>31 février 2026</p><p>Fermeture du guichet</p>",
        "<p>30 juin 2026</p>",
        "<h1>Bilan du 3 mars 2026</h1><p>Un texte.</p>",
        "",
        "bonjour",
    ],
)
def test_what_surrounds_a_calendar_is_no_milestone(html: str) -> None:
    assert none(html)


def test_a_link_to_a_file_or_to_another_site_may_be_a_label() -> None:
    for href in ("/docs/arrete.pdf", "https://journal-officiel-fictif.test/12", "#guichet"):
        html = f"<div><p>3 mars 2026</p><p><a href='{href}'>Arrêté de la deuxième vague</a></p></div>"
        assert told(html) == [("Arrêté de la deuxième vague", "3 mars 2026")]


# -- where to look ----------------------------------------------------------------------------------------------------


def test_an_option_says_where_to_look() -> None:
    html = """<p>1er mars 2026 : ailleurs sur la page</p><div class="frise">
        <div class="pas"><p>30 juin 2026</p><p><a href="/guichet">Fermeture du guichet</a></p></div></div>"""
    for item in ("div.frise", ".pas", "div"):
        assert told(html, item=item) == [("Fermeture du guichet", "30 juin 2026")]
    with pytest.raises(ParseError, match="selector"):
        listed(html, item="div > p")


# -- identity ---------------------------------------------------------------------------------------------------------

LINES = [
    ("30 juin 2026", "Fermeture du guichet"),
    ("13 février 2026", "Ouverture"),
    ("3 mars 2026", "Fermeture du guichet"),
]


def keys(html: str) -> dict[tuple[str, str], str]:
    return {(entry.title, entry.text): entry.key for entry in listed(html)}


@given(st.permutations(LINES))
def test_the_order_of_the_page_means_nothing(lines: list[tuple[str, str]]) -> None:
    assert keys("".join(f"<p>{date}</p><p>{label}</p>" for date, label in lines)) == keys(
        "".join(f"<p>{date}</p><p>{label}</p>" for date, label in LINES)
    )


def test_typography_and_marks_change_no_identity() -> None:
    (one,) = listed("<p>30 juin 2026</p><p>Clôture de l’appel à candidature</p>")
    (other,) = listed("<li>Clôture de l'appel à candidatures : mardi 30&nbsp;juin 2026 (à venir)</li>")
    assert one.key == other.key


def test_a_milestone_said_twice_is_one() -> None:
    assert len(listed("<li>30 juin 2026 : fermeture</li>" * 2)) == 1


# -- anything whatever ------------------------------------------------------------------------------------------------


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    for options in ({}, {"item": "p"}):
        try:
            listed(body, **options)
        except SourceError as error:
            assert error.code in ("no-items", "too-deep")


PIECES = st.sampled_from(
    [
        *(
            "<p>",
            "</p>",
            "<li>",
            "</li>",
            "<dl>",
            "<dt>",
            "<dd>",
            "</dl>",
            "<table>",
            "<tr>",
            "<td>",
            "</td>",
            "</table>",
        ),
        *(
            "<h2>",
            "</h2>",
            "<br>",
            "<a href='/x'>",
            "</a>",
            "<div id='a'>",
            "</div>",
            "30 juin 2026",
            "T3 2026",
            "2026",
        ),
        *(
            "du 3 au 7 mars 2025",
            "Fermeture du guichet",
            " : ",
            " – ",
            "(à venir)",
            "99 juin 2026",
            "9999",
            "\u00a0",
            "(",
        ),
    ]
)


@given(st.lists(PIECES, max_size=60))
def test_any_page_gives_milestones_with_label_and_date(pieces: list[str]) -> None:
    try:
        found = listed("".join(pieces))
    except SourceError as error:
        assert error.code == "no-items"
        return
    assert found
    for entry in found:
        assert entry.title and entry.text and "\n" not in entry.title
        assert "(à venir)" not in entry.title + entry.text


@pytest.mark.parametrize(
    "line",
    [
        *(
            "<p>30 juin 2026</p><p>Fermeture {}</p>",
            "<li>30 juin 2026 : fermeture {}</li>",
            "<p>du 18 mars {} 2026</p>",
        ),
        *("<tr><td>30 juin 2026</td><td>Fermeture {}</td></tr>", "<p>" + "1 " * 140 + "2026</p>", "<p>{}</p>"),
    ],
)
@pytest.mark.timeout(30)  # what is not linear takes minutes
def test_a_page_of_20_000_lines_is_read_in_proportion(line: str) -> None:
    with suppress(ParseError):
        listed("<table>" + "".join(line.format(n) for n in range(20_000)))
