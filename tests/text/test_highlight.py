"""A passage around what was looked for: marked by stems, cut between words, never too long, never failing."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.text.highlight import Extract, extract
from bot.text.query import read_query

ROOM = 120


def of(text: str, typed: str, room: int = ROOM) -> Extract:
    return extract(text, read_query(typed, zone=UTC, now=datetime(2026, 3, 10, tzinfo=UTC)), room)


def marked(found: Extract) -> list[str]:
    return [piece for piece, is_hit in found if is_hit]


def shown(found: Extract) -> str:
    return "".join(piece for piece, _ in found)


def test_inflections_accents_and_elisions_are_marked_as_they_stand() -> None:
    found = of("Les messageries de l’établissement, sécurisées.", "messagerie etablissements SECURISEE")
    assert marked(found) == ["messageries", "établissement", "sécurisées"]
    assert shown(found) == "Les messageries de l’établissement, sécurisées."


def test_a_phrase_is_marked_only_where_it_stands_whole() -> None:
    found = of("Un réseau sécurisé. La messagerie sécurisée, la messagerie.", '"messagerie sécurisée"')
    assert marked(found) == ["messagerie", "sécurisée"]


def test_other_names_are_marked_where_they_stand_whole() -> None:
    found = of("Le dossier patient informatisé, un dossier ; le rançongiciel.", "DPI ransomware")
    assert marked(found) == ["dossier", "patient", "informatisé", "rançongiciel"]


def test_the_numbers_of_a_cve_are_marked_only_together() -> None:
    assert marked(of("En 2023, la faille CVE-2023-27997 de 2023.", "cve 2023 27997")) == ["CVE", "2023", "27997"]


def test_the_passage_is_where_most_words_are() -> None:
    far = "Rien à voir ici. " * 20
    found = of(f"Une panne. {far}La panne du serveur de messagerie dure. {far}", "panne serveur messagerie")
    assert marked(found) == ["panne", "serveur", "messagerie"]
    text = shown(found)
    assert len(text) <= ROOM
    assert text.startswith("…") and text.endswith("…")
    assert all(word.strip(".…") in f"Une panne {far} La panne du serveur de messagerie dure" for word in text.split())


def test_without_a_hit_it_is_the_beginning() -> None:
    found = of("Un texte assez long " * 20, "panne")
    assert shown(found).startswith("Un texte assez long")
    assert len(shown(found)) <= ROOM
    assert marked(found) == []


def test_a_room_of_one_character_holds_one_mark() -> None:
    assert shown(of("{0", "0", 1)) == "…"


@given(
    st.text(max_size=400) | st.lists(st.sampled_from(["panne", "réseau", "l’été", "œ", "-", "𝔓", "ﬁ"])).map(" ".join),
    st.text(max_size=60) | st.sampled_from(["panne reseau", '"panne réseau"', "oe", "été -panne"]),
    st.integers(1, 200),
)
def test_it_never_fails_and_never_exceeds_its_room(text: str, typed: str, room: int) -> None:
    found = of(text, typed, room)
    assert len(shown(found)) <= room
    assert all(piece for piece, _ in found)
