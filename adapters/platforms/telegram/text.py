"""Text from anywhere → text in which Telegram finds nobody to notify, nothing reversed and nothing hidden.

Messages are sent with `entities`, so no character is markup. But Telegram also looks for entities by itself, in any
text: `@name` notifies that person, `/name` becomes a command one touches. A word joiner, which takes no room, breaks
both. `#words` and addresses are left alone: they open a search, or what they say, and only for who touches them.
"""

import re
import unicodedata
from collections.abc import Callable

import yarl

LONGEST_URL = 1024  # all links of a message together have a limit Telegram does not publish
JOINER = "\u2060"

_EMOJI_JOINER = "\u200d"  # holds an emoji of several together, hides nothing
_SPACES = str.maketrans(
    {"\t": " ", "\r": "\n", "\x0b": "\n", "\x0c": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n"}
)
_EDGES = re.compile(r"^[\s\u200d]+|[\s\u200d]+$")
_SENTENCE_END = re.compile(r"[.!?…](?=\s)")
# What Telegram takes for one, and a little more; an address (a@b.fr) and "et/ou" stay as they are.
_MENTION = re.compile(r"(?<![A-Za-z0-9])@(?=\w)")
_COMMAND = re.compile(r"(?<![\w/<>])/(?=[A-Za-z0-9_])")

Written = Callable[[str], str]


def plain(text: str) -> str:
    """Without control, format (bidi among them) and lone surrogate characters; at most one empty line in a row."""
    text = text.replace("\r\n", "\n").translate(_SPACES)
    kept = "".join(c for c in text if c in "\n" + _EMOJI_JOINER or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return _EDGES.sub("", re.sub(r"\n\s*\n\s*", "\n\n", kept))


def line(text: str) -> str:
    """On one line; a no-break space stays one."""
    return re.sub(r"[ \n]+", " ", plain(text)).strip()


def spaced(text: str) -> str:
    """A piece of a line: one space at most where it is joined to its neighbours."""
    before, after = text[:1].isspace(), text[-1:].isspace()
    return f"{' ' * before}{said}{' ' * after}" if (said := line(text)) else " " * (before or after)


def ours(text: str) -> str:
    """A sentence of ours: its commands may be touched; a person's name in it notifies nobody."""
    return _MENTION.sub("@" + JOINER, text)


def theirs(text: str) -> str:
    """Words of a source: neither mentions nor commands."""
    return _COMMAND.sub("/" + JOINER, ours(text))


def size(text: str) -> int:
    """UTF-16 units, in which Telegram counts offsets and lengths."""
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
    return (head[:space] if space >= limit / 2 else head).rstrip(" \n" + _EMOJI_JOINER) + "…"


def clip(text: str, limit: int, written: Written = ours) -> str:
    """`text` as it is written, in at most `limit` UTF-16 units."""
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


def web_address(url: str) -> str:
    """The same address in ASCII; "" for one not of the web (tg://user is a mention), too long, or hiding its host."""
    try:
        address = yarl.URL(plain(url))
    except ValueError:
        return ""
    if address.scheme not in ("http", "https") or not address.host or address.user or address.password:
        return ""
    return str(address) if len(str(address)) <= LONGEST_URL else ""
