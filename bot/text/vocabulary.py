"""`vocabulary.toml`, read once: its phrases as compiled patterns. The file itself says how a phrase is written."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

_FILE: Mapping[str, Any] = tomllib.loads((files("bot.text") / "vocabulary.toml").read_text("utf-8"))

# A sign that no cleaned text holds: missing it is one scan of the memory, where `(?!)` is tried at every character.
NEVER = re.compile("\0")


def compiled(phrases: Iterable[str]) -> re.Pattern[str]:
    """Phrases → one pattern over what `bot.text.reading.folded` gives.

    It begins with the space before a word: looked for at the speed of a memory scan, six times that of `\\b`.
    """
    written = [_pattern(phrase) for phrase in phrases]
    return re.compile(rf" (?:{'|'.join(written)})(?= )") if written else NEVER


def _pattern(phrase: str) -> str:
    """A gap is bounded, so that no text makes a pattern slower than its length times its words."""
    return phrase.replace("(", "(?:").replace("*", r"\w*").replace(" … ", r" (?:\w+ ){0,4}")


def exactly(patterns: Iterable[str]) -> re.Pattern[str]:
    written = list(patterns)
    return re.compile(rf"(?<!\w)(?:{'|'.join(written)})(?!\w)") if written else NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """In the title one word is enough; in the text as many of a kind as it says."""

    name: str
    strong: re.Pattern[str]
    weak: re.Pattern[str]
    exact: re.Pattern[str]  # over the text as written
    exact_title: re.Pattern[str]
    implies: frozenset[str]
    repeat: int  # of the strong words
    repeat_weak: int
    yields_to: frozenset[str]  # topics
    behind: frozenset[str]  # topics
    unless: frozenset[str]  # names of signals


def _topic(name: str, row: Mapping[str, Any]) -> Topic:
    return Topic(
        name=name,
        strong=compiled(row.get("strong", ())),
        weak=compiled(row.get("weak", ())),
        exact=exactly(row.get("exact", ())),
        exact_title=exactly(row.get("exact_title", ())),
        implies=frozenset(row.get("implies", ())),
        repeat=row.get("repeat", 1),
        repeat_weak=row.get("repeat_weak", 2),
        yields_to=frozenset(row.get("yields_to", ())),
        behind=frozenset(row.get("behind", ())),
        unless=frozenset(row.get("unless", ())),
    )


STOP_WORDS = frozenset[str](_FILE["stop_words"])
FUNCTION_WORDS = {name: frozenset[str](found) for name, found in _FILE["function_words"].items()}
BOILERPLATE = re.compile("|".join(_FILE["boilerplate"]))
BOILERPLATE_OPENINGS = frozenset[str](_FILE["boilerplate_openings"])

TOPIC_VOCABULARY = tuple(_topic(name, row) for name, row in _FILE["topics"].items())
TOPICS = tuple(topic.name for topic in TOPIC_VOCABULARY)  # the closed list, in the order people see it
OTHER_PROGRAMMES = compiled(_FILE["programmes"]["other"])

SEVERITY = {name: compiled(phrases) for name, phrases in _FILE["severity"].items()}

# Of a title: over, or a review of many news; and the phases of a call, by name.
OVER, DIGEST = compiled(_FILE["story"]["over"]), compiled(_FILE["story"]["digest"])
PHASES = {name: compiled(phrases) for name, phrases in _FILE["story"]["phases"].items()}

PATCHING = compiled(_FILE["patch_dated"]["said"])
WITHIN_DAYS = compiled(_FILE["patch_dated"]["due"])
REPLACED_DAY = compiled(_FILE["days"]["replaced"])

EXPLOITED = compiled(_FILE["exploitation"]["said"])
NOT_EXPLOITED = compiled(_FILE["exploitation"]["denied"])

# an authority → how texts name it
AUTHORITIES = {name: compiled(names) for name, names in _FILE["authorities"].items()}

LEANING = compiled(_FILE["summary"]["leans"])
STANDING = compiled(_FILE["summary"]["stands"])

ADVISORY_ACTION = compiled(_FILE["advisory"]["action"])
ADVISORY_WORDS: Mapping[str, Mapping[str, str]] = {name: _FILE["advisory"][name] for name in ("fr", "en")}

# (vendor, product) → how texts write it
PRODUCTS = {
    (vendor, name): compiled(names)
    for vendor, products in _FILE["products"].items()
    for name, names in products.items()
}
