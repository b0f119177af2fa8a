"""Folding of French words: what makes `l'Établissement` and `etablissement` the same word.

Standard library only, so that rules can be matched in the domain; `bot/text/analyse.py` adds the stems.
"""

import re
import unicodedata

# ’ and ' both cut; the list is closed so that "aujourd'hui" and "prud'homme" stay whole
ELISION = re.compile(r"\b(?:l|d|j|qu|n|s|c|m|t|jusqu|lorsqu|puisqu|quoiqu)['’ʼ]", re.IGNORECASE)
WORD = re.compile(r"[^\W_]+")
_LETTERS = (("œ", "oe"), ("æ", "ae"), ("ʼ", "’"))


def fold(text: str) -> str:
    """Lower case, no accents, no ligatures, elisions cut; length may change."""
    if text.isascii():
        return ELISION.sub(" ", text.lower())
    # Taken apart first: "™" and "Ǽ" hold capitals and ligatures. Taken apart again, as lower case may bring new marks.
    bare = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    for mark in [c for c in set(bare) if unicodedata.combining(c)]:
        bare = bare.replace(mark, "")
    for letter, letters in _LETTERS:
        bare = bare.replace(letter, letters)
    return ELISION.sub(" ", bare)


def words(text: str) -> tuple[str, ...]:
    """The folded words of a text, in order."""
    return tuple(WORD.findall(fold(text)))
