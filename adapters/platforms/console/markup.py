"""Payloads as a browser shows them: the two platforms' markup read the way they read it, everything else escaped. Pure.

Nothing here knows who made a payload. What the real platform would show as a link, a bold word or a mention is shown as
one, so that a renderer that lets something through is seen to.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape

Payload = Mapping[str, Any]

LINK = Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>')
COMMAND = Markup('<button type="button" class="command" data-command="{}">{}</button>')


def link(url: str, shown: Markup) -> Markup:
    """The words alone when the address is not one of the web."""
    return LINK.format(url, shown) if is_web(url) else shown


def is_web(url: object) -> bool:
    try:
        return isinstance(url, str) and urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).hostname)
    except ValueError:
        return False


def tagged(tag: str) -> Callable[[Markup], Markup]:
    """`tag` is a word of ours, perhaps with a class."""
    around = Markup("<" + tag + ">{}</" + tag.split()[0] + ">")  # noqa: S704  # nothing of a payload is in it
    return lambda inner: around.format(inner)


# -- Telegram: text with entities, and what Telegram finds in a text by itself ----------------------------------------

ENTITIES = {
    "bold": "strong",
    "italic": "em",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "expandable_blockquote": "blockquote",
    "spoiler": 'span class="spoiler"',
}
BARE = {"text_link", "code", "pre"}  # in them Telegram looks for nothing
_FOUND = re.compile(
    r"(?P<url>https?://[^\s<>]+[^\s<>.,;:!?)\]'\"»])"
    r"|(?P<mention>(?<![\w@])@[A-Za-z]\w{3,31})"
    r"|(?P<command>(?<![\w/<>])/[A-Za-z0-9_]{1,64})(?![\w/])"
)


def telegram(payload: Payload) -> Markup:
    """Offsets count UTF-16 units (https://core.telegram.org/bots/api#messageentity); entities may nest, not cross."""
    units = str(payload.get("text") or payload.get("caption") or "").encode("utf-16-le")

    def write(start: int, end: int, inside: Sequence[Payload], shown: Callable[[str], Markup]) -> Markup:
        def plain(to: int) -> Markup:
            return shown(units[2 * at : 2 * to].decode("utf-16-le", "replace"))

        written, at = Markup(), start
        for place, entity in enumerate(inside):
            first = entity["offset"]
            if first < at:
                continue  # inside one that was written already
            last = min(first + entity["length"], end)
            nested = [other for other in inside[place + 1 :] if first <= other["offset"] < last]
            is_bare = entity["type"] in BARE
            written += plain(first) + _entity(entity, write(first, last, nested, escape if is_bare else shown))
            at = last
        return written + plain(end)

    entities = payload.get("entities") or payload.get("caption_entities") or ()
    ordered = sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))
    return write(0, len(units) // 2, ordered, _detected)


def _entity(entity: Payload, inner: Markup) -> Markup:
    match entity["type"]:
        case "text_link":
            return link(str(entity.get("url", "")), inner)
        case "text_mention":
            return tagged('b class="mention"')(inner)
        case kind if kind in ENTITIES:
            return tagged(ENTITIES[kind])(inner)
        case _:
            return inner


def _detected(text: str) -> Markup:
    written, at = Markup(), 0
    for found in _FOUND.finditer(text):
        written += escape(text[at : found.start()])
        at = found.end()
        match found.lastgroup:
            case "url":
                written += link(found[0], escape(found[0]))
            case "mention":
                written += tagged('b class="mention"')(escape(found[0]))
            case _:
                written += COMMAND.format(found[0], found[0])
    return written + escape(text[at:])


# -- Discord: its Markdown -------------------------------------------------------------------------------------------

_ANY = r"(?:\\.|[^\\])+?"  # the shortest run in which a backslash takes the next character along
_INLINE: Sequence[tuple[str, str]] = (
    ("escaped", r"\\([!-/:-@\[-`{-~])"),
    ("code", r"(?<!`)`([^`]+)`(?!`)"),
    ("strong", rf"\*\*({_ANY})\*\*(?!\*)"),
    ("u", rf"__({_ANY})__(?!_)"),
    ("s", rf"~~({_ANY})~~"),
    ("spoiler", rf"\|\|({_ANY})\|\|"),
    ("em", rf"\*(?![\s*])({_ANY})(?<!\s)\*(?!\*)|\b_({_ANY})_\b"),
    ("link", r"\[((?:\\.|[^\\\[\]])+)\]\(<?(https?://[^\s<>()]+)>?\)"),
    ("mention", r"<(@&?!?\d+|#\d+)>|(@everyone|@here)\b"),
    ("url", r"<?(https?://[^\s<>]+[^\s<>.,;:!?)\]'\"])>?"),
)
_TOKEN = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _INLINE), re.DOTALL)
_FENCED = re.compile(r"```\n(.+?)\n```", re.DOTALL)
_HEADING = re.compile(r"(#{1,3}) (.+)")
_BULLET = re.compile(r"\s*[-*] (.+)")


def discord(text: str, names: Mapping[str, str] | None = None) -> Markup:
    """Line by line, then inside each. `names`: what mentions are called, by what stands between `<` and `>`."""
    parts = _FENCED.split(text)  # between fences, at every other place, nothing is markup
    shown = [
        tagged("pre")(escape(part)) if n % 2 else _rows(part.strip("\n") if len(parts) > 1 else part, names)
        for n, part in enumerate(parts)
    ]
    return Markup().join(shown)


def _rows(text: str, names: Mapping[str, str] | None) -> Markup:
    blocks = []
    for is_quote, rows in groupby(text.split("\n"), key=lambda row: row == ">" or row.startswith("> ")):
        inner = Markup().join(_row(row[2:] if is_quote else row, names or {}) for row in rows)
        blocks.append(tagged("blockquote")(inner) if is_quote else inner)
    return Markup().join(blocks)


def _row(row: str, names: Mapping[str, str]) -> Markup:
    if row.startswith("-# "):
        return tagged('div class="small"')(inline(row[3:], names))
    if heading := _HEADING.fullmatch(row):
        return tagged('div class="heading"')(inline(heading[2], names))
    if bullet := _BULLET.fullmatch(row):
        return tagged('div class="bullet"')(inline(bullet[1], names))
    return tagged("div")(inline(row, names) or Markup("<br>"))


def inline(text: str, names: Mapping[str, str]) -> Markup:
    written, at = Markup(), 0
    for found in _TOKEN.finditer(text):
        written += escape(text[at : found.start()]) + _inline(found, names)
        at = found.end()
    return written + escape(text[at:])


def _inline(found: re.Match[str], names: Mapping[str, str]) -> Markup:
    kind = found.lastgroup or ""
    first, *more = [part for part in found.groups()[found.re.groupindex[kind] :] if part is not None]
    match kind:
        case "escaped":
            return escape(first)
        case "code":
            return tagged("code")(escape(first))
        case "spoiler":
            return tagged('span class="spoiler"')(inline(first, names))
        case "link":
            return link(more[0], inline(first, names))
        case "url":
            return link(first, escape(first))
        case "mention":
            return tagged('b class="mention"')(escape(names.get(first, first)))
        case _:
            return tagged(kind)(inline(first, names))
