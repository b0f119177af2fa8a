"""Stems, and what somebody who types words asks for."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.rule import Term
from bot.text.analyse import LONGEST_TYPED, MOST_TERMS, read_words, stems, term
from tests.text.articles import ANY_TEXT

# -- stems ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("établissement", "etablissement"),
        ("L’établissement", "ÉTABLISSEMENTS"),
        ("l'établissement", "établissements"),
        ("e\u0301tablissement", "établissement"),
        ("cœur", "coeur"),
        ("hôpitaux", "hopitaux"),
        ("attaque", "attaques"),
        ("qu’attaquer", "attaquer"),
        ("jusqu’à", "a"),
        ("CVE-2026-1234", "cve 2026 1234"),
        ("rançongiciels", "Rancongiciel"),
    ],
)
def test_accents_elisions_case_and_number_make_no_other_word(one: str, other: str) -> None:
    assert stems(one) == stems(other)


def test_stems_come_in_the_order_of_the_words() -> None:
    assert len(stems("La panne, dit-il, est nationale.")) == 6
    assert stems("panne nationale") == (*stems("panne"), *stems("nationale"))


@pytest.mark.parametrize("text", ["aujourd’hui", "prud’homme"])
def test_an_apostrophe_inside_a_word_is_no_elision(text: str) -> None:
    assert len(stems(text)) == 2


@given(ANY_TEXT)
def test_any_text_has_stems_without_spaces(text: str) -> None:
    assert not any(set(stem) & set(string.whitespace) for stem in stems(text))


# -- what is typed ----------------------------------------------------------------------------------------------------


def texts(terms: tuple[Term, ...]) -> list[str]:
    return [t.text for t in terms]


def test_words_are_all_wanted_and_a_minus_excludes() -> None:
    all_of, any_of, none_of = read_words('panne -ransomware "messagerie sécurisée"')
    assert [(t.text, t.exact) for t in all_of] == [("panne", False), ("messagerie sécurisée", True)]
    assert any_of == ()
    assert texts(none_of) == ["ransomware"]


@pytest.mark.parametrize("quoted", ['"plan blanc"', "«plan blanc»", "« plan blanc »", "“plan blanc”"])
def test_quotes_of_every_kind_make_a_phrase(quoted: str) -> None:
    (phrase,), _, (excluded,) = read_words(f"{quoted} -{quoted}")
    assert phrase == excluded == term(quoted)
    assert (phrase.text, phrase.exact) == ("plan blanc", True)


@pytest.mark.parametrize("either", ["ou", "OU", "or", "OR", "|", "||"])
def test_an_or_joins_the_words_beside_it(either: str) -> None:
    all_of, any_of, none_of = read_words(f"hôpital panne {either} incident {either} coupure")
    assert texts(all_of) == ["hôpital"]
    assert texts(any_of) == ["panne", "incident", "coupure"]
    assert none_of == ()


def test_a_quoted_or_is_a_word() -> None:
    all_of, any_of, _ = read_words('panne "ou" incident')
    assert texts(all_of) == ["panne", "ou", "incident"]
    assert any_of == ()


def test_a_quote_that_is_not_closed_is_no_quote() -> None:
    all_of, _, _ = read_words('"panne nationale')
    assert [(t.stems, t.exact) for t in all_of] == [(stems("panne"), False), (stems("nationale"), False)]


def test_words_too_common_to_mean_anything_are_dropped_unless_quoted() -> None:
    assert texts(read_words("la panne de le")[0]) == ["panne"]
    assert texts(read_words('"de la"')[0]) == ["de la"]
    assert term("la panne de messagerie").stems == stems("panne messagerie")
    assert term('"la panne"').stems == stems("la panne")
    assert term("de la").stems == stems("de la")  # else nothing would be asked


def test_a_word_is_asked_once() -> None:
    assert texts(read_words("panne panne panne")[0]) == ["panne"]


@pytest.mark.parametrize(
    "text", ["", "   ", "-", '""', '-""', "ou", "| |", "!!! ???", "de la", "«»", "👩‍⚕️", "\ud800", "\0"]
)
def test_what_asks_for_nothing_is_three_empty_tuples(text: str) -> None:
    assert read_words(text) == ((), (), ())


def test_the_number_of_words_and_of_characters_is_bounded() -> None:
    many = " ".join(f"mot{number}" for number in range(100))
    assert len(read_words(many)[0]) == MOST_TERMS
    assert read_words("a" * LONGEST_TYPED + " panne") == read_words("a" * LONGEST_TYPED)
    assert term("a" * LONGEST_TYPED + " panne") == term("a" * LONGEST_TYPED)


@given(ANY_TEXT | st.text(st.sampled_from('«»“”"-| oua')))
def test_whatever_is_typed_is_read_without_a_term_that_asks_nothing(text: str) -> None:
    groups = read_words(text)
    found = [t for group in groups for t in group]
    assert all(t.stems for t in found)
    assert len(found) <= MOST_TERMS
    assert all(len(set(group)) == len(group) for group in groups)
    assert term(text).stems == () or term(text).text
