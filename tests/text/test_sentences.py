"""Where a French sentence ends, and where it does not."""

import pytest
from hypothesis import given

from bot.text.sentences import sentences
from tests.text.articles import ANY_TEXT


@pytest.mark.parametrize(
    "sentence",
    [
        "Le guichet ferme le 24 sept. 2026 à midi.",
        "M. Durand et Mme. Petit dirigent la DSI.",
        "Le Dr Martin et le Pr. Roux sont prévenus.",
        "J. Dupont succède à A. Leroy.",
        "Voir l’art. L. 1111-8 du code, al. 2.",
        "La version 3.10.2 corrige la faille 9.8 sur 10.",
        "Le site ans.example.fr est hors ligne.",
        "Voir cf. Annexe et p. 12.",
        "Les serveurs, postes, etc. seront remplacés.",
        "Il est 8 h 30 env. 40 postes sont touchés.",
        "Il dit… que tout va bien.",
    ],
)
def test_a_full_stop_inside_a_sentence_does_not_end_it(sentence: str) -> None:
    assert sentences(sentence) == (sentence,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("La panne dure. Le site revient.", ("La panne dure.", "Le site revient.")),
        ("La panne prend fin.Le site revient.", ("La panne prend fin.", "Le site revient.")),
        ("C’est fini !Les soignants respirent.", ("C’est fini !", "Les soignants respirent.")),
        ("Qui est touché ? Personne.", ("Qui est touché ?", "Personne.")),
        ("Le dossier ferme en sept. Les preuves suivent.", ("Le dossier ferme en sept.", "Les preuves suivent.")),
        ("Les postes, serveurs, etc. Le reste suit.", ("Les postes, serveurs, etc.", "Le reste suit.")),
        ("« Tout va bien. » Le directeur rassure.", ("« Tout va bien. »", "Le directeur rassure.")),
        ("Tout va bien. « Restez calmes », dit-il.", ("Tout va bien.", "« Restez calmes », dit-il.")),
        ("Le site tombe... Les équipes arrivent.", ("Le site tombe...", "Les équipes arrivent.")),
        ("Il en reste trois. 45 sont touchés.", ("Il en reste trois.", "45 sont touchés.")),
        ("Titre sans point\nUne phrase.", ("Titre sans point", "Une phrase.")),
        ("Fin. Été. Œuvre.", ("Fin.", "Été.", "Œuvre.")),
        ("", ()),
        (" \n \n", ()),
    ],
)
def test_a_sentence_ends_where_its_reader_would_stop(text: str, expected: tuple[str, ...]) -> None:
    assert sentences(text) == expected


@given(ANY_TEXT)
def test_no_character_of_any_text_is_lost(text: str) -> None:
    found = sentences(text)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(sentence == sentence.strip() and "\n" not in sentence and sentence for sentence in found)
