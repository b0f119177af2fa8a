"""The words are data: these tests hold what the file's head says of them."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.words import words
from bot.text import vocabulary
from bot.text.reading import folded
from bot.text.signals import SIGNALS
from bot.text.vocabulary import (
    BOILERPLATE,
    BOILERPLATE_OPENINGS,
    OTHER_PROGRAMMES,
    SEVERITY,
    TOPIC_VOCABULARY,
    TOPICS,
    compiled,
)

TEXT = (files("bot.text") / "vocabulary.toml").read_text("utf-8")
FILE: Mapping[str, Any] = tomllib.loads(TEXT)
OF_SIGNALS = (files("bot.text") / "signals.toml").read_text("utf-8")

# Where phrases stand: every array of strings but those.
NO_PHRASES = {
    "exact",
    "exact_title",
    "types",
    "trust",
    "implies",
    "stop_words",
    "function_words",
    "boilerplate",
    "boilerplate_openings",
    "needs",
    "yields_to",
    "for",
    "against",
    "together",
    "all",
}
# What an elision cuts (bot/domain/words.py); "t" is written with hyphens too: "a-t-il".
CUT = re.compile(r"(?<![\w\\])(?:l|d|j|qu|n|c|m|jusqu|lorsqu|puisqu|quoiqu)(?![\w(*?])")


def phrases(value: object) -> Iterator[str]:
    """Every string that stands in an array, at any depth."""
    if isinstance(value, dict):
        for key, held in value.items():
            if key not in NO_PHRASES and not ("strong" in value and key == "unless"):  # names of signals
                yield from phrases(held)
    elif isinstance(value, list):
        for held in value:
            yield from [held] if isinstance(held, str) else phrases(held)


PHRASES = sorted({*phrases(FILE), *phrases(tomllib.loads(OF_SIGNALS))})


def example(phrase: str) -> str:
    """The shortest text that holds it: each first choice taken, nothing where a gap or an ending may be."""
    written = phrase.replace(" … ", " ").replace("\\d", "1").replace("+", "")
    while (shorter := re.sub(r"\(([^()|]*)(?:\|[^()]*)?\)(\??)", lambda m: "" if m[2] else m[1], written)) != written:
        written = shorter
    return re.sub(r"\w\?", "", written).replace("*", "")


def test_there_are_phrases() -> None:
    assert len(PHRASES) > 700


def test_every_phrase_can_be_found_in_a_text_of_folded_words() -> None:
    for phrase in PHRASES:
        text = example(phrase)
        assert words(text) == tuple(text.split()), phrase
        assert compiled([phrase]).search(folded([f"Avant {text} après"])), phrase
        assert compiled([phrase]).search(folded([text.upper()])), phrase


def test_no_phrase_asks_for_a_word_that_an_elision_cuts() -> None:
    assert [phrase for phrase in PHRASES if CUT.search(phrase)] == []


def test_every_phrase_is_written_as_the_file_says() -> None:
    written = re.compile(r"(?:[a-z0-9 ()|*?]|\\d[+*]?|…)+")
    assert [p for p in PHRASES if not written.fullmatch(p) or p != p.strip()] == []


def test_no_phrase_names_one_hospital() -> None:
    """A hospital's name follows its kind: `chu de …`, `hopital saint …`."""
    named = re.compile(r"\b(?:chu|chru|ch|ghu|ap|hopita\w*|cliniques?|centre hospitalier) (?:de |d |du |saint)")
    assert [phrase for phrase in PHRASES if named.search(phrase)] == []


def test_a_phrase_is_found_neither_inside_a_word_nor_across_sentences() -> None:
    found = compiled(["panne*", "plan … blanc", "rgpd"])
    assert not found.search(folded(["Des dépannes"]))
    assert not found.search(folded(["Le rgpdx et le xrgpd"]))
    assert not found.search(folded(["Le plan", "blanc"]))
    assert found.search(folded(["Les pannes"]))
    assert found.search(folded(["Un plan un deux trois quatre blanc"]))
    assert not found.search(folded(["Un plan un deux trois quatre cinq blanc"]))
    assert len(found.findall(folded(["panne panne", "panne"]))) == 3


def test_no_phrases_are_found_nowhere() -> None:
    assert compiled([]).search(folded(["", "Avant", "après"])) is None


def test_the_file_is_readable() -> None:
    assert max(map(len, (*TEXT.splitlines(), *OF_SIGNALS.splitlines()))) <= 120


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_people_can_read_the_name_of_every_topic_and_of_no_other(locale: str) -> None:
    names = tomllib.loads((files("bot.locale") / locale / "topic.toml").read_text("utf-8"))
    assert set(names) == set(TOPICS)
    assert len(TOPICS) == len(set(TOPICS))


def test_a_topic_implies_topics_only_and_has_words() -> None:
    for topic in TOPIC_VOCABULARY:
        assert topic.implies | topic.yields_to | topic.behind <= set(TOPICS) - {topic.name}
        assert topic.unless <= {signal.name for signal in SIGNALS}
        assert topic.strong is not vocabulary.NEVER


def test_nothing_in_the_file_is_read_by_nobody() -> None:
    assert set(SEVERITY) == {
        *("care_reduced", "care_kept", "supplier", "act_or_lose", "recovering", "cut_off"),
        *("client_software", "planned", "stopped", "degraded", "ends_then", "last_days", "open_now"),
    }
    topic = {
        "implies",
        "exact",
        "exact_title",
        "strong",
        "weak",
        "repeat",
        "repeat_weak",
        "yields_to",
        "behind",
        "unless",
    }
    assert all(set(row) <= topic for row in FILE["topics"].values())
    assert OTHER_PROGRAMMES.search(folded(["Un appel HOP’EN"]))


def test_boilerplate_is_a_whole_line() -> None:
    assert BOILERPLATE.fullmatch("publicite")
    assert not BOILERPLATE.fullmatch("la publicite")
    assert all(re.compile(line) for line in FILE["boilerplate"])


@given(line=st.from_regex(re.compile(BOILERPLATE.pattern, re.ASCII), fullmatch=True))
def test_boilerplate_opens_with_one_of_the_words_listed(line: str) -> None:
    opening = line.split(" ", 1)[0]
    assert opening in BOILERPLATE_OPENINGS or opening.isdecimal()


def test_each_opening_is_one_of_some_boilerplate() -> None:
    assert all(re.search(rf"\b{opening}", BOILERPLATE.pattern) for opening in BOILERPLATE_OPENINGS)
