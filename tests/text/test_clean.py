"""What is left of a text before anything reads it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.clean import clean, is_boilerplate, one_line
from tests.text.articles import ANY_TEXT


@pytest.mark.parametrize(
    "line",
    [
        "Publicité en cours de chargement...",
        "PUBLICITÉ",
        "Nous utilisons des cookies pour mesurer l’audience de ce site.",
        "Tout accepter",
        "Abonnez-vous à notre newsletter",
        "Cet article est réservé aux abonnés",
        "Partager cet article",
        "Avez-vous apprécié ce contenu ?",
        "A lire également.",
        "We use cookies to improve this site.",
        "5 min de lecture",
        "Tous droits réservés",
    ],
)
def test_a_line_that_says_nothing_of_the_article_is_dropped(line: str) -> None:
    assert is_boilerplate(line)
    assert clean(f"La messagerie est en panne.\n\n{line}\n\nElle revient demain.") == (
        "La messagerie est en panne.\n\nElle revient demain."
    )


@pytest.mark.parametrize(
    "line",
    [
        "La publicité en cours de chargement bloque le portail des soignants.",
        "La CNIL rappelle les règles sur les cookies.",
        "Les établissements partagent leurs sauvegardes.",
        "",
    ],
)
def test_a_line_that_only_speaks_of_such_things_is_kept(line: str) -> None:
    assert not is_boilerplate(line)
    assert clean(line) == line


def test_paragraphs_are_kept_apart_and_their_lines_too() -> None:
    assert clean("  Un \r\n deux\t trois \n \n\u00a0\n\nquatre  \n") == "Un\ndeux trois\n\nquatre"


def test_a_lone_no_break_space_is_typography_and_a_run_of_spaces_is_one() -> None:
    assert clean("Attention\u00a0: 45\u202fM€ \u00a0 au total") == "Attention\u00a0: 45\u202fM€ au total"


@pytest.mark.parametrize("unseen", ["\u202e", "\u200b", "\u00ad", "\x07", "\ud800", "\ufeff", "\0"])
def test_what_cannot_be_seen_is_gone(unseen: str) -> None:
    assert clean(f"aler{unseen}te") == one_line(f"aler{unseen}te") == "alerte"


def test_a_sign_that_stands_for_a_phrase_does_not_swell_the_text() -> None:
    assert clean("a ﷺ b") == "a b"
    assert clean("½ … ﬁn №") == "½ … ﬁn №"


def test_accents_are_composed() -> None:
    assert clean("e\u0301tablissement") == "établissement"


def test_a_title_is_one_line() -> None:
    assert one_line(" Panne\nnationale \u2028 de  messagerie ") == "Panne nationale de messagerie"


@given(ANY_TEXT)
def test_cleaning_any_text_twice_is_cleaning_it_once(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert len(once) <= 3 * len(text)  # composition may take three signs for one, never more
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in once.replace("\n", ""))
    assert "\n" not in one_line(text)


@given(st.text(st.sampled_from("aé ’\u00a0\u202f\n\t\u00ad«œ€-\u0301\u2028"), max_size=30))
def test_ordinary_text_is_read_no_otherwise_than_text_that_is_not(text: str) -> None:
    assert clean(text) == clean(text + "\u200b")
