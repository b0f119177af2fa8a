"""What makes two spellings one word."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.words import fold, words

# What the two expected failures below are about: letters whose compatibility form is upper case or a ligature
PLAIN = st.characters(blacklist_categories=["Cs"], max_codepoint=0x1CF)


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("l'Établissement", "etablissement"),
        ("L’ÉTABLISSEMENT", "etablissement"),
        ("lʼétablissement", "etablissement"),
        ("e\u0301tablissement", "établissement"),
        ("Cœur", "coeur"),
        ("ŒUVRE", "oeuvre"),
        ("Lætitia", "laetitia"),
        ("Straße", "strasse"),
        ("ÇA", "ca"),
        ("données_patient", "donnees patient"),
        ("jusqu’à", "a"),
        ("lorsqu'ils", "ils"),
        ("puisqu’elle", "elle"),
        ("quoiqu’on", "on"),
        ("qu’un", "un"),
        ("s’il", "il"),
        ("ﬁchier", "fichier"),
        ("ＣＶＥ", "cve"),
        ("2²", "22"),
    ],
)
def test_two_spellings_of_one_word_meet(written: str, same: str) -> None:
    assert words(written) == words(same)


@pytest.mark.parametrize("letter", "ldnscmtj")
@pytest.mark.parametrize("mark", "'’ʼ")
def test_one_letter_is_cut_from_the_word_it_leans_on(letter: str, mark: str) -> None:
    assert words(f"{letter}{mark}hôpital") == ("hopital",)
    assert words(f"{letter.upper()}{mark}Hôpital") == ("hopital",)


@pytest.mark.parametrize("mark", "'’")
@pytest.mark.parametrize("word", ["aujourd{}hui", "prud{}homme", "presqu{}île", "entr{}aide"])
def test_the_list_of_elisions_is_closed_so_other_words_lose_nothing(word: str, mark: str) -> None:
    """Both halves stay: the d of aujourd’hui is no article."""
    first, second = word.split("{}")
    assert words(word.format(mark)) == (*words(first), *words(second))
    assert fold(word.format(mark)).strip() == f"{fold(first)}{fold(mark)}{fold(second)}"


def test_words_come_in_the_order_of_the_text() -> None:
    assert words("Panne de l’ENT : 3 sites, CVE-2026-1.") == ("panne", "de", "ent", "3", "sites", "cve", "2026", "1")


@pytest.mark.parametrize("text", ["", " ", "’'", "…!?", "_", "l’", "\u0301"])
def test_a_text_without_a_word_has_none(text: str) -> None:
    assert words(text) == () or all(word.isalnum() for word in words(text))


@given(text=st.text(PLAIN))
def test_words_of_words_are_themselves(text: str) -> None:
    found = words(text)
    assert words(" ".join(found)) == found


@given(text=st.text(PLAIN))
def test_a_word_is_lower_case_without_accents(text: str) -> None:
    for word in words(text):
        assert word == word.lower()
        assert not set(word) & set("àâäéèêëîïôöùûüÿçœæ")


@given(text=st.text())
def test_any_text_has_words_or_none(text: str) -> None:
    assert all(word and "_" not in word and not any(c.isspace() for c in word) for word in words(text))


@given(text=st.text(st.characters(blacklist_categories=["Cs"])))
@example("™")
@example("Ǽ")
def test_words_of_words_are_themselves_in_any_script(text: str) -> None:
    found = words(text)
    assert words(" ".join(found)) == found


@pytest.mark.parametrize(
    ("written", "same"), [("Fortinet™", "fortinettm"), ("N№", "nno"), ("STRAẞE", "strasse"), ("Ǽ", "ae")]
)
def test_letters_that_decompose_into_capitals_are_lower_case_too(written: str, same: str) -> None:
    assert words(written) == (same,)


def test_the_letter_apostrophe_is_an_apostrophe_inside_words_too() -> None:
    assert words("aujourdʼhui") == words("aujourd’hui")
