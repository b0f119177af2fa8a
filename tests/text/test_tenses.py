"""What the endings of verbs say."""

import pytest

from bot.text.plain import plain
from bot.text.tenses import tenses


def said(sentence: str) -> list[tuple[str, str]]:
    text = plain(sentence)
    return [(text.written(start, end), name) for start, end, name in tenses(text, 0, len(text.plain))]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Elle présentera ses travaux.", [("présentera", "future")]),
        ("Les décisions seront transmises.", [("seront transmises", "future")]),
        ("Le guichet sera fermé.", []),  # what closes is said by its own word
        ("Il fermera ; vous pourrez écrire.", [("pourrez", "you")]),
        ("Ils ont recueilli vingt avis.", [("ont recueilli", "past tense")]),
        ("Ils ont jusqu’au 3 mars.", []),
        ("À la mi-mars, à l’été.", []),  # no "a" of "avoir"
        ("Le service fonctionnait.", [("fonctionnait", "imperfect")]),
        ("Il ouvre un forfait.", []),
        ("Elle permettrait un gain.", [("permettrait", "conditional")]),
        ("Les pièces sont à renvoyer.", [("sont à renvoyer", "to do")]),
        ("Merci de transmettre la liste.", [("Merci de transmettre", "to do")]),
        ("Le correctif doit être posé.", [("doit être posé", "to do")]),
        ("Le décret doit être publié.", []),
        ("Envoyez vos devis chez nous.", [("Envoyez", "you")]),
    ],
)
def test_the_ending_of_a_verb_says_when_and_to_whom(sentence: str, expected: list[tuple[str, str]]) -> None:
    assert said(sentence) == expected
