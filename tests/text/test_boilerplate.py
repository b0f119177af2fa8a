"""What a source says on every page is learned from its articles, and nothing an article says is taken for it."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.article import Article
from bot.text.boilerplate import FEW, LONGEST, MANY, REMEMBERED, SAME_CHAPEAU, Lines
from bot.text.clean import clean
from bot.text.understand import understand_together
from tests.text.articles import article

CLUB = "Rejoignez le cercle des décideurs numériques de Valombre."
TEXT = "Le centre fictif de Valombre change de logiciel et forme ses équipes numéro {}."


def of_one_source(count: int, line: str = CLUB, *, chapeau: str = "") -> list[Article]:
    return [
        article(f"Un titre fictif, le {n}e", f"{TEXT.format(n)}\n\n{line}\n\nFin du texte numéro {n}.", chapeau=chapeau)
        for n in range(count)
    ]


def bodies(articles: Sequence[Article]) -> list[str]:
    lines = Lines().learned(articles)
    return [lines.cleaned(one).body for one in articles]


def test_a_line_in_three_articles_of_one_reading_is_in_none_of_them() -> None:
    assert bodies(of_one_source(FEW)) == [f"{TEXT.format(n)}\n\nFin du texte numéro {n}." for n in range(FEW)]


def test_a_line_in_two_articles_is_a_quotation() -> None:
    assert all(CLUB in body for body in bodies(of_one_source(2)))


def test_what_was_learned_before_is_known_when_the_next_one_comes() -> None:
    *before, last = of_one_source(3)
    lines = Lines.unpacked(Lines().learned(before).packed())
    assert CLUB in lines.cleaned(last).body
    assert CLUB not in lines.learned([last]).cleaned(last).body


def test_another_figure_is_another_line() -> None:
    shown = [article(f"Titre {n}", f"{TEXT.format(n)}\nDéjà {n} lecteurs.") for n in range(1, 9)]
    assert bodies(shown) == [one.body for one in shown]


@pytest.mark.parametrize(
    "line",
    [
        "Les dossiers sont reçus jusqu’au 30 avril à 17 h.",
        "Réponse attendue le 12/05/2026.",
        "Le forfait est de 15 000 euros par établissement.",
        "Cette vulnérabilité est activement exploitée.",
    ],
)
def test_what_means_something_may_be_said_three_times_and_not_everywhere(line: str) -> None:
    assert all(line in body for body in bodies(of_one_source(MANY - 1, line)))
    assert not any(line in body for body in bodies(of_one_source(MANY, line)))


def test_a_vulnerability_is_named_however_often() -> None:
    line = "La faille CVE-2026-31207 est corrigée."
    assert all(line in body for body in bodies(of_one_source(2 * MANY, line)))


def test_what_stands_over_a_date_stays_with_it() -> None:
    shown = [article(f"Titre {n}", f"{TEXT.format(n)}\n\nDate limite de dépôt\n{n} avril 2026") for n in range(1, 9)]
    assert bodies(shown) == [one.body for one in shown]


def test_a_long_paragraph_is_never_taken_for_the_pages_own() -> None:
    line = "Un paragraphe fictif que personne ne coupe. " * 10
    assert len(line) > LONGEST
    assert all(line in body for body in bodies(of_one_source(MANY, line)))


def test_a_text_that_holds_nothing_else_stays_and_so_does_one_whose_only_sentence_it_is() -> None:
    shown = [article(f"Titre {n}", f"{n} mai, 9 h\n{CLUB}") for n in range(1, 6)]
    alone = [article(f"Titre {n}", CLUB) for n in range(1, 6)]
    assert bodies(shown) == [one.body for one in shown]
    assert bodies(alone) == [one.body for one in alone]


def test_an_article_listed_again_and_again_does_not_make_boilerplate_of_its_own_words() -> None:
    again = [article("Un titre fictif", f"{TEXT.format(1)}\nUne suite.\nMis à jour {n} fois.") for n in range(9)]
    assert bodies(again) == [one.body for one in again]


def test_articles_that_changed_teach_nothing() -> None:
    shown = of_one_source(FEW)
    together = understand_together(shown, Lines(), False)
    assert together.lines == Lines() and together.cleaned == {}


def test_a_chapeau_that_two_articles_share_is_none() -> None:
    slogan = "Toute l’actualité fictive de la santé numérique, racontée chaque matin par notre rédaction."
    shown = of_one_source(SAME_CHAPEAU, chapeau=slogan)
    together = understand_together(shown, Lines(), True)
    assert [one.chapeau for one in together.cleaned.values()] == ["", ""]
    assert all(found.summary.startswith("Le centre fictif") for found in together.found)
    assert understand_together(shown[:1], Lines(), True).found[0].summary == slogan


def test_a_chapeau_that_is_all_an_article_says_of_a_product_stays_its_text() -> None:
    said = "De multiples vulnérabilités ont été découvertes dans les produits Fortinet FortiOS fictifs."
    shown = [article(f"Avis {n}", "", chapeau=said) for n in range(2)]
    lines = Lines().learned(shown)
    assert [(one.chapeau, one.body) for one in map(lines.cleaned, shown)] == [("", said), ("", said)]


def test_the_pages_own_lines_reach_neither_summary_nor_search() -> None:
    together = understand_together(of_one_source(30), Lines(), True)
    assert len(together.cleaned) == 30
    for found in together.found:
        assert "cercle" not in found.summary + found.long_summary
        assert "valombr" in found.stems and "decideur" not in found.stems


def test_no_more_is_remembered_than_the_newest_lines() -> None:
    lines = Lines()
    for n in range(40):
        body = "\n".join(f"Ligne fictive {n}-{m}." for m in range(300))
        lines = lines.learned([article(f"Titre {n}", f"{body}\n{CLUB}")])
    assert len(lines.counts) == REMEMBERED
    assert max(lines.counts.values()) == MANY
    assert Lines.unpacked(lines.packed()) == lines
    assert list(Lines.unpacked(lines.packed()).counts) == list(lines.counts)


LINE = st.sampled_from(
    [CLUB, "Publicité maison", "Le 3 mai", "CVE-2026-1234", "À lire", "Une phrase assez longue, mais oui."]
)
BODY = st.lists(LINE | st.text(max_size=60), max_size=12).map("\n\n".join).map(clean)


@given(st.lists(st.tuples(st.text(min_size=1, max_size=20), BODY, BODY), max_size=12))
def test_no_article_is_emptied_and_nothing_is_added(texts: list[tuple[str, str, str]]) -> None:
    articles = [article(title, body, chapeau=chapeau) for title, chapeau, body in texts]
    lines = Lines().learned(articles)
    for one in articles:
        left = lines.cleaned(one)
        assert left.title == one.title
        assert bool(left.body) >= bool(one.body)
        assert set(left.body.split("\n")) <= set(f"{one.body}\n{one.chapeau}\n".split("\n"))
        assert lines.cleaned(left).title == left.title
