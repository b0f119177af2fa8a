"""Many phrases looked for in one pass: each is tried only where a word begins as it does.

A regular expression of three hundred alternatives tries them all at every word; here a word's first four letters say
which of them to try, and the cost is that of cutting the text into words. What is one word, or the beginning of one,
needs no regular expression at all.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, TypeVar

from bot.text.plain import LONGEST_KEY, Plain

T = TypeVar("T")


_KNOWN_WORDS = 20_000  # of which is remembered what may begin with each; texts say the same words again and again

Patterns = Sequence[tuple[re.Pattern[str], T]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried(Generic[T]):
    """What may begin with a word, or with a word of these first letters."""

    words: dict[str, list[T]] = field(default_factory=dict)
    beginnings: list[tuple[str, T]] = field(default_factory=list)
    before: dict[str, list[tuple[re.Pattern[str], T]]] = field(default_factory=dict)  # by the next word's key
    patterns: list[tuple[re.Pattern[str], T]] = field(default_factory=list)

    def alone(self, word: str) -> tuple[T, ...]:
        """What the word says whatever stands beside it."""
        longer = (meaning for beginning, meaning in self.beginnings if word.startswith(beginning))
        return (*self.words.get(word, ()), *longer)


@dataclass(frozen=True, slots=True)
class WordsIndex(Generic[T]):
    """Immutable once made: `WordsIndex.of`."""

    tried: Mapping[str, _Tried[T]]
    at_word: Callable[[str], tuple[tuple[T, ...], Mapping[str, Patterns[T]], Patterns[T]] | None]

    @classmethod
    def of(
        cls,
        words: Iterable[tuple[str, T]],
        beginnings: Iterable[tuple[str, T]],
        patterns: Iterable[tuple[str, str, re.Pattern[str], T]],
    ) -> "WordsIndex[T]":
        """Whole words; the first letters of words, LONGEST_KEY at least; (key, next, pattern).

        A key is the first LONGEST_KEY letters of the pattern's first word, or all of a shorter one; `next` is that of
        its second word, "" where it may be any.
        """
        tried: dict[str, _Tried[T]] = {}
        for word, meaning in words:
            tried.setdefault(word[:LONGEST_KEY], _Tried()).words.setdefault(word, []).append(meaning)
        for beginning, meaning in beginnings:
            tried.setdefault(beginning[:LONGEST_KEY], _Tried()).beginnings.append((beginning, meaning))
        for key, following, pattern, meaning in patterns:
            one = tried.setdefault(key, _Tried())
            (one.before.setdefault(following, []) if following else one.patterns).append((pattern, meaning))

        @lru_cache(_KNOWN_WORDS)
        def at_word(word: str) -> tuple[tuple[T, ...], Mapping[str, Patterns[T]], Patterns[T]] | None:
            one = tried.get(word[:LONGEST_KEY])
            found = None if one is None else (one.alone(word), one.before, one.patterns)
            return found if found is not None and any(found) else None

        return cls(tried, at_word)

    def found(self, text: Plain, start: int, end: int) -> Iterator[tuple[int, int, T]]:
        """Where each begins and ends in `text.plain[start:end]`, by where it begins; they may overlap."""
        first, last = bisect_left(text.starts, start), bisect_left(text.starts, end)
        for place, at_word in enumerate(map(self.at_word, text.words[first:last]), first):
            if at_word is None:
                continue
            alone, before, patterns = at_word
            at = text.starts[place]
            for meaning in alone:
                yield at, at + len(text.words[place]), meaning
            if before and place + 1 < last and (following := before.get(text.keys[place + 1])) is not None:
                for pattern, meaning in following:
                    if (match := pattern.match(text.plain, at, end)) is not None:
                        yield at, match.end(), meaning
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
