"""`synonyms.toml`: acronyms and their long forms, French and English names of one thing.

For searches only: a rule means what it says.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from bot.domain.rule import Term
from bot.domain.words import WORD, fold, words
from bot.text.analyse import stems
from bot.text.vocabulary import STOP_WORDS

Phrase = tuple[str, ...]  # stems that stand side by side

GROUPS: Sequence[Sequence[str]] = tomllib.loads((files("bot.text") / "synonyms.toml").read_text("utf-8"))["groups"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One thing that is looked for: words typed one after the other, and what else it is called."""

    typed: tuple[Term, ...]
    also: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Name:
    key: Phrase  # how it is recognised among typed words, of which the common ones were dropped
    phrase: Phrase  # how it stands in a text; empty: not looked for
    group: int


def _name(written: str, group: int) -> _Name:
    found = stems(written)
    key = (stem for stem, word in zip(found, words(written), strict=True) if word not in STOP_WORDS)
    return _Name(key=tuple(key), phrase=() if written.startswith("(") else found, group=group)


NAMES = tuple(_name(written, number) for number, group in enumerate(GROUPS) for written in group)
_BY_KEY: Mapping[Phrase, _Name] = {name.key: name for name in NAMES}
_LONGEST = max(map(len, _BY_KEY))  # stems

# Folded → as it is written: a name spelled wrong is repaired though no article holds it.
WORDS: Mapping[str, str] = {
    fold(word): word.lower() for group in GROUPS for name in group for word in WORD.findall(name)
}


def read_names(terms: Iterable[Term]) -> tuple[Wanted, ...]:
    """The same words in the same order; those that make a name together are one, the longest name first."""
    typed = tuple(terms)
    found, start = [], 0
    while start < len(typed):
        end, also = _name_at(typed, start)
        found.append(Wanted(typed=typed[start:end], also=also))
        start = end
    return tuple(found)


def _name_at(typed: Sequence[Term], start: int) -> tuple[int, tuple[Phrase, ...]]:
    for end in range(min(len(typed), start + _LONGEST), start, -1):
        key = tuple(stem for term in typed[start:end] for stem in term.stems)
        if name := _BY_KEY.get(key):
            return end, tuple(dict.fromkeys(other.phrase for other in NAMES if _is_other(other, name)))
    return start + 1, ()


def _is_other(other: _Name, name: _Name) -> bool:
    return other.group == name.group and other.key != name.key and bool(other.phrase)
