"""Typing errors: a word that no article holds is read as the nearest one that some do.

Words are compared, not their stems: a slip in an ending keeps the stemmer from its work (`authentificaton` has the stem
`authentificaton`, six letters from that of `authentification`). One letter more, less or other, or two neighbours
exchanged, count as one slip. The distance is our own: what is compared is bounded by storage (500 words of each
length), which takes some milliseconds, so a compiled library would be a dependency for nothing: docs/design/search.md.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.domain.rule import Term
from bot.domain.words import WORD, words
from bot.text.analyse import term

SHORTEST, LONGEST = 4, 24  # letters of a word that is worth knowing
ONE_SLIP_FROM, TWO_SLIPS_FROM = 5, 8  # letters of a typed word: in a shorter one any slip gives another word

_DOUBLED = re.compile(r"(.)\1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A word of the archive."""

    word: str  # folded
    said: str  # as it is written, in lower case
    articles: int  # about how many hold it


def spellings(text: str) -> Mapping[str, str]:
    """Folded → as it is most often written, in lower case; of the words worth knowing."""
    folded: dict[str, str] = {}
    written: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for match in WORD.finditer(text):
        said = match[0].lower()
        if said not in folded:
            found = words(said)
            folded[said] = found[0] if len(found) == 1 and _is_worth_knowing(found[0]) else ""
        if word := folded[said]:
            written[word][said] += 1
    return {word: counts.most_common(1)[0][0] for word, counts in written.items()}


def _is_worth_knowing(word: str) -> bool:
    return SHORTEST <= len(word) <= LONGEST and word.isalpha()


def slips_allowed(word: str) -> int:
    """In a folded word; with a figure in it, it is a name or a number, of which each sign counts."""
    if not word.isalpha() or len(word) < ONE_SLIP_FROM or len(word) > LONGEST:
        return 0
    return 1 if len(word) < TWO_SLIPS_FROM else 2


def nearest(word: str, known: Iterable[Known]) -> Known | None:
    """The fewest slips away, then the same but for doubled letters, then held by most articles.

    None: nothing is near enough.
    """
    allowed, letters, single = slips_allowed(word), set(word), _undoubled(word)
    found: list[tuple[int, bool, int, str, Known]] = []
    for one in known:
        if len(letters.symmetric_difference(one.word)) > 2 * allowed:  # a slip changes two letters at most
            continue
        if (away := slips(word, one.word, allowed)) <= allowed:
            found.append((away, _undoubled(one.word) != single, -one.articles, one.word, one))
    return min(found, key=lambda row: row[:4])[-1] if found else None


def _undoubled(word: str) -> str:
    return _DOUBLED.sub(r"\1", word)


def respelled(typed: Term, said: Mapping[str, str]) -> Term:
    """With other words (folded → as it is written) in the place of some: `l’attaqe` → `l’attaque`."""

    def other(match: re.Match[str]) -> str:
        return said.get("".join(words(match[0])), match[0])

    return term(WORD.sub(other, typed.text))


def slips(a: str, b: str, at_most: int) -> int:
    """How many between two words (optimal string alignment); `at_most` + 1 when there are more.

    Where the two part, each way of slipping is tried: with two slips at most that is three times as fast as the usual
    table, which a search waits for.
    """
    same, shorter = 0, min(len(a), len(b))
    while same < shorter and a[same] == b[same]:
        same += 1
    a, b = a[same:], b[same:]
    if not a or not b:
        return min(len(a) + len(b), at_most + 1)
    if at_most == 0 or abs(len(a) - len(b)) > at_most:
        return at_most + 1
    rests = [(a[1:], b[1:]), (a[1:], b), (a, b[1:])]
    if a[:2] == b[1::-1]:
        rests.append((a[2:], b[2:]))
    return 1 + min(slips(x, y, at_most - 1) for x, y in rests)
