"""A text with its letters made plain, in place: what a pattern finds there is cut out of the text as it was written."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WORD = re.compile(r"[^\W_]+")
LONGEST_KEY = 4  # letters of a word that say which patterns may begin with it
_LAST_FOLDED = 0x2100


def _plain(character: str) -> str:
    """One character for one: the bare lower-case letter, the ordinary space, the straight apostrophe, the hyphen."""
    if character in "’ʼ‘`´":
        return "'"
    if character in "‐‑‒–—−":
        return "-"
    if character.isspace():
        return "\n" if character in "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029" else " "
    bare = unicodedata.normalize("NFKD", character).lower()[:1]
    return bare if bare.isalpha() and bare.isascii() else character


_FOLDED = {code: folded for code in range(_LAST_FOLDED) if (folded := _plain(chr(code))) != chr(code)}
_FOLDED |= {code: _plain(chr(code)) for code in (0x2212, 0x3000)}
_FOLDED_CHARACTERS = frozenset(map(chr, _FOLDED))
_PERHAPS_A_MARK = re.compile(r"[^\x00-\u02ff\u2000-\u20cf]")  # none is in those blocks
_MANY = 40  # distinct characters to fold; above, one pass with a table is cheaper than a pass for each


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """`plain` has no capital, no accent and one kind of space, apostrophe and hyphen; `bare` only no combining mark."""

    text: str
    bare: str  # as long as `plain`
    plain: str
    places: Sequence[int]  # of each character of `plain` in `text`, and the text's length
    starts: Sequence[int]  # where the words of `plain` begin
    words: Sequence[str]
    keys: Sequence[str]  # the first LONGEST_KEY letters of each

    def written(self, start: int, end: int) -> str:
        """What stands in the text where `plain[start:end]` was found, its accents included."""
        return self.text[self.places[start] : self.places[end]]


def plain(text: str) -> Plain:
    """Linear in the text, whether its accents are composed (NFC) or not (NFD)."""
    bare, places = _without_marks(text)
    folded = _folded(bare)
    words = WORD.findall(folded)
    return Plain(
        text=text,
        bare=bare,
        plain=folded,
        places=places,
        starts=list(_starts(folded, words)),
        words=words,
        keys=[word[:LONGEST_KEY] for word in words],
    )


def _starts(folded: str, words: Sequence[str]) -> Iterator[int]:
    at = 0
    for word in words:
        at = folded.index(word, at)
        yield at
        at += len(word)


def _folded(bare: str) -> str:
    lower = bare.lower()
    folded = lower if len(lower) == len(bare) else bare  # "İ" is two characters in lower case
    found = set(folded) & _FOLDED_CHARACTERS
    if len(found) > _MANY:
        return folded.translate(_FOLDED)
    for character in found:
        folded = folded.replace(character, _FOLDED[ord(character)])
    return folded


def _without_marks(text: str) -> tuple[str, Sequence[int]]:
    marks = list(filter(unicodedata.combining, set(text))) if _PERHAPS_A_MARK.search(text) else []
    if not marks:
        return text, range(len(text) + 1)
    places: list[int] = []
    start = 0
    every = re.compile(f"[{''.join(map(re.escape, marks))}]+")
    for mark in every.finditer(text):
        places.extend(range(start, mark.start()))
        start = mark.end()
    places.extend(range(start, len(text) + 1))
    return every.sub("", text), places
