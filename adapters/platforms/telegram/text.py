"""Text from anywhere → text in which Telegram finds nobody to notify, nothing reversed and nothing hidden.

Messages are sent with `entities`, so no character is markup. But Telegram also looks for entities by itself, in any
text: `@name` notifies that person, `/name` becomes a command one touches. A word joiner, which takes no room, breaks
both. `#words` and addresses are left alone: they open a search, or what they say, and only for who touches them.
"""

import re
from collections.abc import Callable

from adapters import plain

LONGEST_URL = 1024  # all links of a message together have a limit Telegram does not publish
JOINER = "\u2060"

# What Telegram takes for one, and a little more; an address (a@b.fr) and "et/ou" stay as they are.
_MENTION = re.compile(r"(?<![A-Za-z0-9])@(?=\w)")
_COMMAND = re.compile(r"(?<![\w/<>])/(?=[A-Za-z0-9_])")

Written = Callable[[str], str]


def ours(text: str) -> str:
    """A sentence of ours: its commands may be touched; a person's name in it notifies nobody."""
    return _MENTION.sub("@" + JOINER, text)


def theirs(text: str) -> str:
    """Words of a source: neither mentions nor commands."""
    return _COMMAND.sub("/" + JOINER, ours(text))


def clip(text: str, limit: int, written: Written = ours) -> str:
    """`text` as it is written, in at most `limit` UTF-16 units."""
    return plain.clip(text, limit, written)


def web_address(url: str) -> str:
    return plain.web_address(url, LONGEST_URL)
