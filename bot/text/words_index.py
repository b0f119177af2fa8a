"""Many patterns looked for in one pass: each is tried only where a word begins as it does.

A regular expression of three hundred alternatives tries them all at every word; here a word's first four letters say
which of them to try, and the cost is that of cutting the text into words.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.text.plain import Plain

T = TypeVar("T")


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

    def found(self, text: Plain, start: int, end: int) -> Sequence[tuple[re.Match[str], T]]:
        """Every match inside `text.plain[start:end]`, by where it begins; matches may overlap."""
        found = []
        for place in range(bisect_left(text.starts, start), bisect_left(text.starts, end)):
            for pattern, meaning in self.patterns.get(text.keys[place], ()):
                if (match := pattern.match(text.plain, text.starts[place], end)) is not None:
                    found.append((match, meaning))
        return found
