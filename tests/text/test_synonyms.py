"""Names of one thing find each other."""

from collections import Counter

import pytest

from bot.text.analyse import read_words, stems
from bot.text.synonyms import NAMES, WORDS, read_names


def also(typed: str) -> list[set[str]]:
    """For each thing that is wanted, what else it is called."""
    words, _, _ = read_words(typed)
    return [{" ".join(phrase) for phrase in one.also} for one in read_names(words)]


def stemmed(*names: str) -> set[str]:
    return {" ".join(stems(name)) for name in names}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ransomware", "rançongiciel"),
        ("rançongiciels", "ransomware"),
        ("DPI", "dossier patient informatisé"),
        ("le dossier patient informatisé", "DPI"),
        ("dossiers patients informatisés", "DPI"),
        ("hébergement de données de santé", "HDS"),
        ("l’hébergement des données de santé", "HDS"),
        ("NIS2", "NIS 2"),
        ("nis 2", "SRI 2"),
        ("pare-feu", "firewall"),
        ("pare feu", "firewall"),
        ("HAS", "haute autorité de santé"),
        ("RSSI", "responsable de la sécurité des systèmes d’information"),
        ("responsable de la sécurité des systèmes d’information", "RSSI"),
    ],
)
def test_a_name_finds_the_others(typed: str, found: str) -> None:
    (one,) = also(typed)
    assert stemmed(found) <= one


def test_the_longest_name_is_meant_and_the_words_around_it_stay_alone() -> None:
    assert [bool(one) for one in also("clinique dossier patient informatisé orage")] == [False, True, False]
    words, _, _ = read_words("clinique dossier patient informatisé orage")
    assert [len(one.typed) for one in read_names(words)] == [1, 3, 1]


def test_a_name_that_is_a_common_word_is_understood_but_not_looked_for() -> None:
    (one,) = also("haute autorité de santé")
    assert one.isdisjoint(stemmed("HAS"))


def test_a_word_without_another_name_has_none() -> None:
    assert also("xylophone") == [set()]
    assert also("") == []


def test_a_name_stands_once_and_its_group_holds_another() -> None:
    assert [key for key, count in Counter(name.key for name in NAMES).items() if count > 1] == []
    assert all(name.key for name in NAMES)
    looked_for = Counter(name.group for name in NAMES if name.phrase)
    assert all(looked_for[name.group] for name in NAMES)


def test_no_name_asks_for_more_than_a_query_bears() -> None:
    assert max(Counter(name.group for name in NAMES).values()) <= 8
    assert max(len(name.phrase) for name in NAMES) <= 10


def test_words_are_kept_as_they_are_written() -> None:
    assert WORDS["rancongiciel"] == "rançongiciel"
