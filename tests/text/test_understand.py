"""Everything in one call: the same every time, on any text, and no longer than its caps allow."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alert import AlertType
from bot.domain.article import Article, Product
from bot.domain.source import Trust
from bot.text.analyse import ANALYSER, stems
from bot.text.reading import LONGEST_TITLE, READ, RECOGNISED, read
from bot.text.understand import understand
from tests.text.articles import ANY_TEXT, article

FLAW = article(
    "FortiOS : une faille critique",
    "La vulnérabilité CVE-2026-11111 et -22222, notée 9,8 sur 10, est activement exploitée. "
    "Il est recommandé d’installer le correctif.",
)
LATE = " Une cyberattaque frappe l’hôpital : CVE-2026-99999, CVSS 10,0, activement exploitée, avant le 3 mars 2026."


def test_an_article_is_understood_in_one_call() -> None:
    found = understand(FLAW)
    assert found.analyser == ANALYSER
    assert found.language == "fr"
    assert found.summary
    assert found.long_summary == FLAW.body
    assert found.alert is not None
    assert found.alert.type is AlertType.VULNERABILITY
    assert found.cves == ("CVE-2026-11111", "CVE-2026-22222")
    assert (found.cvss, found.exploited) == (9.8, True)
    assert found.products == (Product(vendor="fortinet", name="fortios"),)
    assert {"cybersecurite", "vulnerabilite"} <= set(found.topics)


def test_a_completed_identifier_can_be_searched_by_its_whole_name() -> None:
    title, text = understand(FLAW).stems.split("\n")
    assert title.split() == list(stems(FLAW.title))
    assert set(stems("CVE-2026-22222")) <= set(text.split())
    assert set(stems("vulnérabilités correctifs")) <= set(text.split())


def test_nothing_is_made_of_an_article_that_says_nothing() -> None:
    found = understand(article())
    assert (found.summary, found.topics, found.alert, found.cves, found.cvss) == ("", (), None, (), None)


articles = st.builds(
    article,
    ANY_TEXT,
    ANY_TEXT,
    chapeau=ANY_TEXT,
    genre=ANY_TEXT,
    trust=st.sampled_from(Trust),
    language=st.none() | st.text(max_size=5),
)


@given(articles)
def test_any_article_is_understood_and_the_same_way_twice(item: Article) -> None:
    assert understand(item) == understand(item)


@pytest.mark.parametrize(
    "piece",
    [
        *(
            " ",
            "\u00a0",
            "\n",
            "\n ",
            ".",
            ". ",
            "...",
            "?!",
            "1",
            "9.8 ",
            "9.8/10",
            "10/10/",
            "CVE-2024-",
            "CVE-2024-12345",
        ),
        *(
            "CVE-2024-12345 et -",
            "score ",
            "score cvss de base ",
            "note 4 sur ",
            "a",
            "a ",
            "A. ",
            "fin.Le ",
            "«",
            "« “ ",
            "[",
        ),
        *(
            "(",
            "😀",
            "👩‍👩‍👧",
            "\u202e\u05d0",
            "\ud800",
            "ﷺ",
            "\u0301",
            "l’",
            "1er mars 2026 ",
            "dossier a b c d ",
            "\0",
        ),
        *("Nous utilisons ", "Tout accepter ", "ouverture a a a ", "exploitation active "),
    ],
)
@pytest.mark.parametrize("where", ["title", "chapeau", "body"])
@pytest.mark.timeout(20)  # a pattern that is not linear takes minutes
def test_a_hostile_text_is_understood_and_no_more_of_it_is_read_than_the_caps(piece: str, where: str) -> None:
    text = piece * (200_000 // len(piece))
    fields = {"title": "", "body": "", "chapeau": "", where: text}
    item = article(fields["title"], fields["body"], chapeau=fields["chapeau"], trust=Trust.OFFICIAL)
    found, reading = understand(item), read(item)
    assert len(found.summary) <= 280
    assert len(found.long_summary) <= 600
    assert len(reading.title) <= 3 * LONGEST_TITLE
    assert len(reading.written) <= 3 * (LONGEST_TITLE + 2 * RECOGNISED)
    assert len(reading.folded_whole) <= 5 * (LONGEST_TITLE + 2 * RECOGNISED)


# -- what stands after the caps changes nothing: hence the time does not depend on it ----------------------------------


def unstemmed(item: Article) -> tuple[object, ...]:
    found = understand(item)
    return found.summary, found.long_summary, found.topics, found.alert, found.cvss, found.exploited


@pytest.mark.parametrize(
    ("cap", "make"),
    [
        (RECOGNISED, lambda text: article("Une crèche ouvre", text)),
        (RECOGNISED, lambda text: article("Une crèche ouvre", chapeau=text)),
        (LONGEST_TITLE, lambda text: article(text, "Les enfants des agents y sont accueillis.")),
    ],
    ids=["body", "chapeau", "title"],
)
def test_what_stands_after_its_cap_is_not_recognised(cap: int, make: Callable[[str], Article]) -> None:
    text = ("Les enfants jouent dans la cour. " * (cap // 33 + 1))[:cap]
    assert unstemmed(make(text + LATE)) == unstemmed(make(text + " Rien de plus."))
    assert understand(make(text + LATE)).alert is None
    assert understand(make(LATE + text)).alert is not None


def test_what_stands_after_the_first_pages_is_not_searched() -> None:
    text = ("Les enfants jouent dans la cour. " * (READ // 33 + 1))[:READ]
    assert understand(article("Une crèche", text + LATE)) == understand(article("Une crèche", text + " Rien."))
    assert "cyberattaqu" in understand(article("Une crèche", text[: READ - 200] + LATE)).stems


@pytest.mark.parametrize("space", [" ", "\n", "\u00a0"])
def test_no_more_than_a_word_is_lost_to_a_cap(space: str) -> None:
    text = f"Une crèche{space}{f'jouer{space}' * RECOGNISED}"
    assert len(read(article("", text)).written) > RECOGNISED - 10


def test_an_identifier_that_a_cap_cuts_is_not_taken_for_another() -> None:
    cut = "CVE-2026-1234567"
    text = "x" * (READ - len(cut)) + " " + cut  # the cap falls before the last figure
    assert understand(article("Faille", text)).cves == ()


def test_every_identifier_of_the_longest_advisory_is_found() -> None:
    listed = tuple(f"CVE-2026-{number}" for number in range(10_000, 11_924))
    found = understand(article("Noyau Linux", f"Deux mille failles.\n\nVulnérabilités : {', '.join(listed)}"))
    assert found.cves == listed
    assert set(stems(listed[-1])) <= set(found.stems.split())
