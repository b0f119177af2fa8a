"""Text from anywhere → plain text that hides and reverses nothing, cut to fit what a platform takes.

What the renderers share; what has a meaning on one platform only is escaped beside its renderer.
"""

import re
import unicodedata
from collections.abc import Callable

import yarl

JOINER = "\u200d"  # holds an emoji of several together, hides nothing
_SPACES = str.maketrans(
    {"\t": " ", "\r": "\n", "\x0b": "\n", "\x0c": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n"}
)
_EDGES = re.compile(r"^[\s\u200d]+|[\s\u200d]+$")
_SENTENCE_END = re.compile(r"[.!?…](?=\s)")


def plain(text: str) -> str:
    """Without control, format (bidi among them) and lone surrogate characters; at most one empty line in a row."""
    text = text.replace("\r\n", "\n").translate(_SPACES)
    kept = "".join(c for c in text if c in "\n" + JOINER or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return _EDGES.sub("", re.sub(r"\n\s*\n\s*", "\n\n", kept))


def line(text: str) -> str:
    """On one line; a no-break space stays one."""
    return re.sub(r"[ \n]+", " ", plain(text)).strip()


def spaced(text: str) -> str:
    """A piece of a line: one space at most where it is joined to its neighbours."""
    before, after = text[:1].isspace(), text[-1:].isspace()
    return f"{' ' * before}{said}{' ' * after}" if (said := line(text)) else " " * (before or after)


def size(text: str) -> int:
    """UTF-16 units: in which Telegram counts, and never less than what Discord counts."""
    return len(text) + sum(c > "\uffff" for c in text)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, ended at a sentence when that keeps half of it, else at a word, with an ellipsis."""
    if len(text) <= limit:
        return text
    if limit <= 0:
        return ""
    ends = [match.end() for match in _SENTENCE_END.finditer(text, 0, limit)]
    if ends and ends[-1] >= limit / 2:
        return text[: ends[-1]]
    head = text[: limit - 1]
    space = max(head.rfind(" "), head.rfind("\n"))
    return (head[:space] if space >= limit / 2 else head).rstrip(" \n" + JOINER) + "…"


def clip(text: str, limit: int, written: Callable[[str], str]) -> str:
    """`text` as it is `written`, in at most `limit` units; what is cut is the text, never an escape in two."""
    if size(whole := written(text)) <= limit:
        return whole
    return written(cut(text, largest(limit, lambda n: size(written(cut(text, n))) <= limit)))


def largest(most: int, fits: Callable[[int], bool]) -> int:
    """The largest n in 0..most that fits, `fits` being true up to somewhere; 0 is taken for granted."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def web_address(url: str, longest: int) -> str:
    """The same address in ASCII; "" for one not of the web (tg://user is a mention), too long, or hiding its host."""
    try:
        address = yarl.URL(plain(url))
    except ValueError:
        return ""
    if address.scheme not in ("http", "https") or not address.host or address.user or address.password:
        return ""
    return str(address) if len(str(address)) <= longest else ""
