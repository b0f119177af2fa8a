"""Text as a page gives it → paragraphs worth keeping. Runs before anything else reads an article.

Uncleaned, a page of the trade press summarises as "Publicité en cours de chargement".
"""

import re
import unicodedata
from functools import lru_cache

from bot.domain.words import words
from bot.text.vocabulary import BOILERPLATE, BOILERPLATE_OPENINGS

_NEWLINE = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
# A lone no-break space is French typography and stays; a run of spaces of any kind is one space.
_SPACES = re.compile(r"[^\S\n]{2,}|[^\S\n\u00a0\u202f]")
_GAP = re.compile(r"\n(?:[^\S\n]*\n)+")
# Text in which nothing but runs of spaces is left to mend: nearly all there is, told apart in a tenth of the time.
_ORDINARY = re.compile("[\n -~\u00a0-\u00ac\u00ae-\u017f‘’“”–—…•€\u202f]*")
_RUN = re.compile("[ \u00a0\u202f]{2,}")
_BLANKS = " \u00a0\u202f"
# Control (Cc), format (Cf: bidi overrides, zero-width, soft hyphens), lone surrogates (Cs): none can be seen, and each
# has been used to hide or turn round what is read.
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})
# Signs that stand for a phrase (ﷺ is eighteen letters once folded) would make a short text a long one.
MOST_LETTERS = 4
LONGEST_BOILERPLATE = 200  # characters; a longer line says something besides


def clean(text: str) -> str:
    """Paragraphs separated by "\\n\\n", lines inside them by "\\n"; NFC; nothing unseen, no known boilerplate."""
    seen = _seen(text)
    if "\n" not in seen:
        return _paragraph(seen)
    return "\n\n".join(filter(None, map(_paragraph, _GAP.split(seen))))


def one_line(text: str) -> str:
    """A title, a name: the same characters, on one line."""
    return _SPACES.sub(" ", _seen(text).replace("\n", " ")).strip()


def is_boilerplate(line: str) -> bool:
    """Advertising placeholders, consent and subscription notices, calls to share: not what the article says."""
    if len(line) > LONGEST_BOILERPLATE or not _may_open(line.partition(" ")[0]):
        return False
    return _is_known(line)


@lru_cache(2_048)  # under the articles of one reading the same lines stand again and again: they are folded once
def _is_known(line: str) -> bool:
    return BOILERPLATE.fullmatch(" ".join(words(line))) is not None


@lru_cache(4_096)  # of what opens a line, most is said again and again: folding it once takes a tenth of the time
def _may_open(piece: str) -> bool:
    """Whether boilerplate may begin with it; a sign that is no word says nothing."""
    said = words(piece)
    return not said or said[0] in BOILERPLATE_OPENINGS or said[0].isdecimal()


def _seen(text: str) -> str:
    if not _ORDINARY.fullmatch(text):
        return _mended(text)
    blanks = [blank for blank in _BLANKS if blank in text]
    for run in [one + other for one in blanks for other in blanks]:
        if run in text:
            return _RUN.sub(" ", text)
    return text


def _mended(text: str) -> str:
    text = _NEWLINE.sub("\n", text)
    if dropped := [ord(c) for c in set(text) if _is_dropped(c)]:
        text = text.translate(dict.fromkeys(dropped))
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text))


@lru_cache(4_096)  # a language has a few hundred; asking anew of each was a third of a reading
def _is_dropped(character: str) -> bool:
    """Unseen, or a phrase in one sign."""
    if character in "\n\t":
        return False
    swells = len(unicodedata.normalize("NFKD", character)) > MOST_LETTERS
    return swells or unicodedata.category(character) in _UNSEEN


def _paragraph(text: str) -> str:
    if "\n" not in text:
        line = text.strip()
        return "" if is_boilerplate(line) else line
    lines = [line.strip() for line in text.split("\n")]
    return "\n".join([line for line in lines if line and not is_boilerplate(line)])
