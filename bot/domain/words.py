"""Folding of French words: what makes `l'Établissement` and `etablissement` the same word.

Standard library only, so that rules can be matched in the domain; `bot/text/analyse.py` adds the stems.
"""

import re
import unicodedata

# ’ and ' both cut; the list is closed so that "aujourd'hui" and "prud'homme" stay whole
ELISION = re.compile(r"\b(?:l|d|j|qu|n|s|c|m|t|jusqu|lorsqu|puisqu|quoiqu)['’ʼ]", re.IGNORECASE)
WORD = re.compile(r"[^\W_]+")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "Œ": "oe", "Æ": "ae", "ß": "ss"})


def fold(text: str) -> str:
    """Lower case, no accents, no ligatures, elisions cut; length may change."""
    lowered = unicodedata.normalize("NFC", text).translate(_LIGATURES).lower()
    bare = "".join(c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c))
    return ELISION.sub(" ", bare)


def words(text: str) -> tuple[str, ...]:
    """The folded words of a text, in order."""
    return tuple(WORD.findall(fold(text)))
