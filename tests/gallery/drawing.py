"""Payloads as text: Telegram's entities as tags, Discord's embeds behind a bar, buttons in brackets."""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby, pairwise
from typing import Any

Payload = Mapping[str, Any]

TAGS = {"bold": "b", "italic": "i", "code": "code", "pre": "pre", "blockquote": "blockquote", "strikethrough": "s"}
TAGS |= {"expandable_blockquote": "blockquote expandable", "underline": "u"}


def telegram(payload: Payload) -> str:
    rows = payload.get("reply_markup", {}).get("inline_keyboard", [])
    text, entities = payload.get("text", payload.get("caption", "")), payload.get("entities", [])
    return "\n".join(filter(None, (_tagged(text, entities), "\n".join(_row(row, "text") for row in rows))))


def _tagged(text: str, entities: Sequence[Payload]) -> str:
    """Offsets count UTF-16 units: https://core.telegram.org/bots/api#messageentity"""
    units = text.encode("utf-16-le")
    ends = sorted({0, len(units) // 2, *(cut for one in entities for cut in _span(one))})
    pieces = []
    for begin, end in pairwise(ends):
        around = [one for one in entities if _span(one)[0] <= begin and end <= _span(one)[1]]
        pieces.append((tuple(map(_tag, around)), escape(units[2 * begin : 2 * end].decode("utf-16-le"), quote=False)))
    drawn = []
    for tags, same in groupby(pieces, key=lambda piece: piece[0]):
        inner = "".join(piece for _, piece in same)
        for tag in reversed(tags):
            inner = f"<{tag}>{inner}</{tag.split()[0]}>"
        drawn.append(inner)
    return "".join(drawn)


def _span(entity: Payload) -> tuple[int, int]:
    return entity["offset"], entity["offset"] + entity["length"]


def _tag(entity: Payload) -> str:
    if entity["type"] == "text_link":
        return f'a href="{escape(entity["url"])}"'
    return TAGS[entity["type"]]


def discord(payload: Payload) -> str:
    embeds = ["\n".join(f"│ {line}".rstrip() for line in _embed(embed)) for embed in payload.get("embeds", [])]
    rows = [_row(row["components"], "label") for row in payload.get("components", [])]
    return "\n".join(filter(None, (payload.get("content", ""), *embeds, *rows)))


def _embed(embed: Payload) -> Sequence[str]:
    title = embed.get("title", "")
    head = [f"[{title}]({embed['url']})" if "url" in embed else title] if title else []
    fields = [f"{field['name']}: {field['value']}" for field in embed.get("fields", [])]
    footer = [f"-# {embed['footer']['text']}"] if "footer" in embed else []
    return [*head, *embed.get("description", "").split("\n"), *fields, *footer]


def _row(buttons: Sequence[Payload], label: str) -> str:
    return " ".join(_button(one, label) for one in buttons)


def _button(one: Payload, label: str) -> str:
    if "options" in one:
        return f"[{one.get('placeholder', '')} ▾ {' · '.join(option['label'] for option in one['options'])}]"
    return f"[{one.get(label) or one.get('emoji', {}).get('name', '')}]"
