"""Writes the catalogue as OPML 2.0 (opml.org/spec2.opml), for any feed reader and for `tocsin sources import`."""

import html
import re
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from itertools import groupby
from xml.sax.saxutils import quoteattr

from bot.domain.source import Source
from bot.locale.say import Say

# What XML 1.0 cannot hold, even as a reference
ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def written(sources: Sequence[Source], say: Say, now: datetime) -> str:
    """Sorted into folders by their first topic. A place that is no feed has its page as `xmlUrl`: it is read there."""
    folders = groupby(sorted(sources, key=lambda source: (source.topics[:1], source.slug)), lambda one: one.topics[:1])
    body = "".join(_folder(topics, list(inside), say) for topics, inside in folders)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n'
        f"<head><title>Tocsin</title><dateCreated>{format_datetime(now)}</dateCreated></head>\n"
        f"<body>\n{body}</body>\n</opml>\n"
    )


def _folder(topics: tuple[str, ...], sources: Sequence[Source], say: Say) -> str:
    lines = "".join(_outline(source) for source in sources)
    if not topics:
        return lines
    key = f"topic.{topics[0]}"
    return f"<outline text={_quoted(say(key) if say.has(key) else topics[0])}>\n{lines}</outline>\n"


def _outline(source: Source) -> str:
    kind = "rss" if source.kind in (None, "feed") else source.kind or ""
    said = {"type": kind, "text": _title(source.title), "title": _title(source.title), "xmlUrl": source.url}
    said |= {"language": source.language} if source.language else {}
    return f"<outline {' '.join(f'{name}={_quoted(value)}' for name, value in said.items())}/>\n"


def _quoted(text: str) -> str:
    return quoteattr(ILLEGAL.sub("", text))


def _title(text: str) -> str:
    """Half of all readers undo HTML's escapes in a title: one that is about `&lt;` is escaped for them."""
    return text if html.unescape(text) == text else html.escape(text, quote=False)
