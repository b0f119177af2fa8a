"""A text with its letters made plain, in place: what a pattern finds there is cut out of the text as it was written."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

_CUT_IN_WORDS = re.compile(r"([^\W_]+)")
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
    cuts: Sequence[int]  # where in `plain` each combining mark of `text` is missing
    starts: Sequence[int]  # where the words of `plain` begin
    words: Sequence[str]
    keys: Sequence[str]  # the first LONGEST_KEY letters of each

    def written(self, start: int, end: int) -> str:
        """What stands in the text where `plain[start:end]` was found, its accents included."""
        return self.text[start + bisect_right(self.cuts, start) : end + bisect_right(self.cuts, end)]


def plain(text: str) -> Plain:
    """Linear in the text, whether its accents are composed (NFC) or not (NFD)."""
    bare, cuts = _without_marks(text)
    folded = _folded(bare)
    parts = _CUT_IN_WORDS.split(folded)
    words, ends = parts[1::2], list(accumulate(map(len, parts)))
    return Plain(
        text=text,
        bare=bare,
        plain=folded,
        cuts=cuts,
        starts=ends[:-1:2],
        words=words,
        keys=[word[:LONGEST_KEY] for word in words],
    )


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
        return text, ()
    every = re.compile(f"[{''.join(map(re.escape, marks))}]")
    return every.sub("", text), [mark.start() - n for n, mark in enumerate(every.finditer(text))]
