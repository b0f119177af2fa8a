"""A dated line of a living page, as an article: its label is the title, its date the first paragraph of the text.

A date may move and a label be touched up: here stands when two labels are the same, in `bot.pipeline.milestones` which
line of a reading is which.
"""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass

from bot.domain.article import Article
from bot.domain.words import words

KIND = "milestones"  # of the source
GENRE = "jalon"
WITHDRAWN = "jalon retiré"  # no longer on its page; a second paragraph says since when

SAME_WORDS = 0.8  # of the longer label: less is another milestone
_SMALL = frozenset(
    {
        *("a", "au", "aux", "avec", "ce", "ces", "cette", "d", "dans", "de", "des", "du", "en", "est", "et", "l", "la"),
        *("le", "les", "leur", "ou", "par", "pour", "sa", "se", "ses", "son", "sont", "sur", "un", "une"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A milestone as it was last told, under the key it got when it was first seen."""

    key: str
    url: str
    label: str
    text: str  # the article's body
    is_withdrawn: bool = False


def is_milestone(article: Article) -> bool:
    return article.genre in (GENRE, WITHDRAWN)


def date_in(text: str) -> str:
    """As the page writes it."""
    return text.partition("\n\n")[0]


def withdrawal_in(text: str) -> str:
    """The sentence that says since when it is gone; "": the page lists it."""
    return text.partition("\n\n")[2]


def significant(label: str) -> tuple[str, ...]:
    """Its words without the small ones and without the marks of plural, in order."""
    return tuple(re.sub(r"(?<=\w{3})[sx]$", "", word) for word in words(label) if word not in _SMALL)


def label_key(label: str) -> str:
    """The same for two spellings of one label."""
    return hashlib.sha256(" ".join(significant(label)).encode()).hexdigest()[:32]


def is_touched_up(before: str, after: str) -> bool:
    """The same label in nearly the same words. A figure or a letter ("D2", "volet B") is never a matter of style."""
    one, other = Counter(significant(before)), Counter(significant(after))
    shared = (one & other).total()
    return shared >= SAME_WORDS * max(one.total(), other.total(), 1) and _figures(one) == _figures(other)


def _figures(found: Counter[str]) -> Counter[str]:
    return Counter({word: count for word, count in found.items() if len(word) < 3 or re.search(r"\d", word)})
