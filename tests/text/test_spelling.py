"""What is typed wrong is read as what was meant, or left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.analyse import term
from bot.text.spelling import Known, nearest, respelled, slips, slips_allowed, spellings

WORDS = ("messagerie", "message", "ménagerie", "authentification", "certificat", "panne", "penne", "orage", "organe")


def known(**articles: int) -> list[Known]:
    return [Known(word=word, said=word, articles=count) for word, count in articles.items()]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("mesagerie", "messagerie"),
        ("messagreie", "messagerie"),
        ("mesagere", "messagerie"),
        ("authentificaton", "authentification"),
        ("certifcat", "certificat"),
        ("orgae", "orage"),
        ("organne", "organe"),
        ("orgues", None),  # two slips away, and six letters bear one
        ("pane", None),  # four letters bear none
        ("certif1cat", None),  # figures are never typed wrong
        ("xylophone", None),
    ],
)
def test_the_nearest_word_is_meant(typed: str, meant: str | None) -> None:
    found = nearest(typed, [Known(word=word, said=word, articles=1) for word in WORDS if word.isascii()])
    assert (found and found.word) == meant


def test_of_equally_near_words_the_one_of_most_articles_is_meant() -> None:
    assert nearest("pannx", known(panno=3, panne=40, panni=7)) == known(panne=40)[0]
    assert nearest("messagerix", known(messageries=90, messageri=1)) == known(messageri=1)[0]


def test_doubled_letters_are_what_is_missed_most() -> None:
    assert nearest("mesagerie", known(menagerie=9, messagerie=1)) == known(messagerie=1)[0]


def test_two_neighbours_exchanged_are_one_slip() -> None:
    assert slips("orage", "oarge", 1) == 1
    assert slips("abcd", "badc", 2) == 2
    assert slips("abcd", "badc", 1) == 2


def _all_slips(word: str, letters: str = "abc") -> set[str]:
    cut = [(word[:n], word[n:]) for n in range(len(word) + 1)]
    return {
        *(a + b[1:] for a, b in cut if b),
        *(a + c + b[1:] for a, b in cut if b for c in letters),
        *(a + c + b for a, b in cut for c in letters),
        *(a + b[1] + b[0] + b[2:] for a, b in cut if len(b) > 1),
    } - {word}


@given(word=st.text("abc", min_size=1, max_size=5), data=st.data())
def test_one_slip_is_a_distance_of_one(word: str, data: st.DataObject) -> None:
    assert slips(word, word, 1) == 0
    other = data.draw(st.sampled_from(sorted(_all_slips(word))))
    assert slips(word, other, 2) == slips(other, word, 2) == 1


def _by_table(a: str, b: str) -> int:
    """As textbooks have it."""
    table = [[i + j if i * j == 0 else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i, x in enumerate(a, 1):
        for j, y in enumerate(b, 1):
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


@given(a=st.text("abc", max_size=7), b=st.text("abc", max_size=7), at_most=st.integers(0, 3))
def test_it_is_the_distance_of_the_textbooks_up_to_a_bound(a: str, b: str, at_most: int) -> None:
    assert slips(a, b, at_most) == min(_by_table(a, b), at_most + 1)


def test_words_are_known_as_they_are_most_often_written() -> None:
    text = "La Santé, la sante, l’Hôpital de la santé : 2026, ETC, CVE-2026-1, aujourd’hui, cœur"
    assert spellings(text) == {"sante": "santé", "hopital": "hôpital", "aujourd": "aujourd", "coeur": "cœur"}


def test_what_is_typed_keeps_its_form_around_the_word() -> None:
    assert respelled(term("l’attaqe"), {"attaqe": "attaque"}) == term("l’attaque")
    assert respelled(term("Pare-fau"), {"fau": "feu"}) == term("Pare-feu")


@given(st.text())
def test_any_text_has_spellings_and_any_word_a_number_of_slips(text: str) -> None:
    assert all(word.isalpha() for word in spellings(text))
    assert slips_allowed(text) in (0, 1, 2)
