"""Many patterns looked for in one pass: each is tried only where a word begins as it does.

A regular expression of three hundred alternatives tries them all at every word; here a word's first four letters say
which of them to try, and the cost is that of cutting the text into words.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

WORD = re.compile(r"[^\W_]+")
FIGURE = "0"  # the key of all words that begin with one
LONGEST_KEY = 4


@dataclass(frozen=True, slots=True)
class WordsIndex(Generic[T]):
    """`found` tries patterns of one key in the order they were given."""

    patterns: Mapping[str, Sequence[tuple[re.Pattern[str], T]]]

    @classmethod
    def of(cls, patterns: Iterable[tuple[str, re.Pattern[str], T]]) -> "WordsIndex[T]":
        """(key, pattern, what it means) each; a key is the first four letters of the pattern's first word."""
        grouped: defaultdict[str, list[tuple[re.Pattern[str], T]]] = defaultdict(list)
        for key, pattern, meaning in patterns:
            grouped[key].append((pattern, meaning))
        return cls(dict(grouped))

    def found(self, plain: str, start: int, end: int) -> Iterator[tuple[re.Match[str], T]]:
        """Every match inside `plain[start:end]`, by where it begins; matches may overlap."""
        for word in WORD.finditer(plain, start, end):
            key = word[0][:LONGEST_KEY]
            for pattern, meaning in self.patterns.get(FIGURE if key[0].isdigit() else key, ()):
                if (match := pattern.match(plain, word.start(), end)) is not None:
                    yield match, meaning
