"""Text that Discord shows as it is: no markup, no mention. The rest of what is taken out, `adapters/plain.py` does."""

import re
from collections.abc import Callable

from adapters import plain

LONGEST_URL = 512  # a link button's limit; a longer address in a list would push the articles out

# A backslash before punctuation makes it literal (https://support.discord.com/hc/articles/210298617). Only what would
# have a meaning is escaped, so that what is sent stays readable: "<" opens mentions, timestamps, emoji and links.
_INLINE = re.compile(r"[\\`*_\[\]<]|\|(?=\|)|(?<=\|)\||~(?=~)|(?<=~)~|:(?=//)")
_LINE_START = re.compile(r"^(\s*)(#{1,3}|-#|>{1,3}|[-+])(?=\s|$)", re.MULTILINE)
_NUMBERED = re.compile(r"^(\s*\d+)([.)])(?=\s|$)", re.MULTILINE)
_EVERYBODY = re.compile(r"@(?=everyone|here)", re.IGNORECASE)


def escape(text: str) -> str:
    """`text` is plain. A mention of everybody is broken besides: `allowed_mentions` alone must not be what saves us."""
    text = _INLINE.sub(r"\\\g<0>", text)
    text = _LINE_START.sub(r"\1\\\2", text)
    text = _NUMBERED.sub(r"\1\\\2", text)
    return _EVERYBODY.sub("@\u200b", text)


def clip(text: str, limit: int, written: Callable[[str], str] = escape) -> str:
    return plain.clip(text, limit, written)


def web_address(url: str) -> str:
    """Harmless inside `[…](…)`."""
    written = plain.web_address(url, LONGEST_URL).replace("(", "%28").replace(")", "%29")
    return written if len(written) <= LONGEST_URL else ""
