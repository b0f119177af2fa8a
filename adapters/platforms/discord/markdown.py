"""Text from anywhere → text that Discord shows as it is: no markup, no mention, no reversed or hidden characters."""

import re
import unicodedata
from collections.abc import Callable

import yarl

LONGEST_URL = 512  # a link button's limit; a longer address in a list would push the articles out

_JOINER = "\u200d"  # holds an emoji of several together, hides nothing
_SPACES = str.maketrans(
    {"\t": " ", "\r": "\n", "\x0b": "\n", "\x0c": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n"}
)

# A backslash before punctuation makes it literal (https://support.discord.com/hc/articles/210298617). Only what would
# have a meaning is escaped, so that what is sent stays readable: "<" opens mentions, timestamps, emoji and links.
_INLINE = re.compile(r"[\\`*_\[\]<]|\|(?=\|)|(?<=\|)\||~(?=~)|(?<=~)~|:(?=//)")
_LINE_START = re.compile(r"^(\s*)(#{1,3}|-#|>{1,3}|[-+])(?=\s|$)", re.MULTILINE)
_NUMBERED = re.compile(r"^(\s*\d+)([.)])(?=\s|$)", re.MULTILINE)
_EVERYBODY = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
_EDGES = re.compile(r"^[\s\u200d]+|[\s\u200d]+$")
_SENTENCE_END = re.compile(r"[.!?…](?=\s)")


def plain(text: str) -> str:
    """Without control, format (bidi among them) and lone surrogate characters; at most one empty line in a row."""
    text = text.replace("\r\n", "\n").translate(_SPACES)
    kept = "".join(c for c in text if c in "\n" + _JOINER or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return _EDGES.sub("", re.sub(r"\n\s*\n\s*", "\n\n", kept))


def line(text: str) -> str:
    """On one line; a no-break space stays one."""
    return re.sub(r"[ \n]+", " ", plain(text)).strip()


def spaced(text: str) -> str:
    """A piece of a line: one space at most where it is joined to its neighbours."""
    before, after = text[:1].isspace(), text[-1:].isspace()
    return f"{' ' * before}{said}{' ' * after}" if (said := line(text)) else " " * (before or after)


def escape(text: str) -> str:
    """`text` is plain. A mention of everybody is broken besides: `allowed_mentions` alone must not be what saves us."""
    text = _INLINE.sub(r"\\\g<0>", text)
    text = _LINE_START.sub(r"\1\\\2", text)
    text = _NUMBERED.sub(r"\1\\\2", text)
    return _EVERYBODY.sub("@\u200b", text)


def size(text: str) -> int:
    """UTF-16 units: never less than what Discord counts, whichever way it counts."""
    return len(text) + sum(c > "\uffff" for c in text)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, ended at a sentence when that keeps half of it, else at a word, with an ellipsis."""
    if len(text) <= limit:
        return text
    if limit <= 0:
        return ""
    head = text[: limit - 1]
    ends = [match.end() for match in _SENTENCE_END.finditer(text, 0, limit)]
    if ends and ends[-1] >= limit / 2:
        return text[: ends[-1]]
    space = max(head.rfind(" "), head.rfind("\n"))
    return (head[:space] if space >= limit / 2 else head).rstrip() + "…"


def clip(text: str, limit: int, written: Callable[[str], str] = escape) -> str:
    """`text` as it is written, in at most `limit` units; what is cut is the text, never an escape in two."""
    if size(written(text)) <= limit:
        return written(text)
    return written(cut(text, largest(limit, lambda n: size(written(cut(text, n))) <= limit)))


def largest(most: int, fits: Callable[[int], bool]) -> int:
    """The largest n in 0..most that fits, `fits` being true up to somewhere; 0 is taken for granted."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def web_address(url: str) -> str:
    """The same address in ASCII, harmless inside `[…](…)`; "" for one not of the web, too long, or hiding its host."""
    try:
        address = yarl.URL(plain(url))
    except ValueError:
        return ""
    if address.scheme not in ("http", "https") or not address.host or address.user or address.password:
        return ""
    written = str(address).replace("(", "%28").replace(")", "%29")
    return written if len(written) <= LONGEST_URL else ""
