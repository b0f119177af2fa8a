"""Many phrases looked for in one pass: each is tried only where a word begins as it does.

A regular expression of three hundred alternatives tries them all at every word; here a word's first four letters say
which of them to try, and the cost is that of cutting the text into words. What is one word, or the beginning of one,
needs no regular expression at all.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bot.text.plain import LONGEST_KEY, Plain

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried(Generic[T]):
    """What may begin with the letters of one key."""

    words: dict[str, list[T]] = field(default_factory=dict)
    beginnings: list[tuple[str, T]] = field(default_factory=list)
    before: dict[str, list[tuple[re.Pattern[str], T]]] = field(default_factory=dict)  # by the next word's key
    patterns: list[tuple[re.Pattern[str], T]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class WordsIndex(Generic[T]):
    """Immutable once made: `WordsIndex.of`."""

    tried: Mapping[str, _Tried[T]]

    @classmethod
    def of(
        cls,
        words: Iterable[tuple[str, T]],
        beginnings: Iterable[tuple[str, T]],
        patterns: Iterable[tuple[str, str, re.Pattern[str], T]],
    ) -> "WordsIndex[T]":
        """Whole words; the first letters of a word, LONGEST_KEY at least; (key, next, pattern), where a key is the first
        LONGEST_KEY letters of the pattern's first word, or all of a shorter one, and `next` that of its second ("": any).
        """
        tried: dict[str, _Tried[T]] = {}
        for word, meaning in words:
            tried.setdefault(word[:LONGEST_KEY], _Tried()).words.setdefault(word, []).append(meaning)
        for beginning, meaning in beginnings:
            tried.setdefault(beginning[:LONGEST_KEY], _Tried()).beginnings.append((beginning, meaning))
        for key, following, pattern, meaning in patterns:
            one = tried.setdefault(key, _Tried())
            (one.before.setdefault(following, []) if following else one.patterns).append((pattern, meaning))
        return cls(tried)

    def found(self, text: Plain, start: int, end: int) -> Iterator[tuple[int, int, T]]:
        """Where each begins and ends in `text.plain[start:end]`, by where it begins; they may overlap."""
        first, last = bisect_left(text.starts, start), bisect_left(text.starts, end)
        for place, tried in enumerate(map(self.tried.get, text.keys[first:last]), first):
            if tried is None:
                continue
            word, at = text.words[place], text.starts[place]
            for meaning in tried.words.get(word, ()):
                yield at, at + len(word), meaning
            for beginning, meaning in tried.beginnings:
                if word.startswith(beginning):
                    yield at, at + len(word), meaning
            following = tried.before.get(text.keys[place + 1], ()) if tried.before and place + 1 < last else ()
            for patterns in (following, tried.patterns):
                for pattern, meaning in patterns:
                    if (match := pattern.match(text.plain, at, end)) is not None:
                        yield at, match.end(), meaning

    def each_pattern(self) -> Sequence[str]:
        return [
            pattern.pattern
            for tried in self.tried.values()
            for patterns in (tried.patterns, *tried.before.values())
            for pattern, _ in patterns
        ]
