"""View → the JSON of a Discord message: one embed, buttons, nothing that pings. Pure.

Short of room, whole items go first, then text is cut; headline, number and buttons always stay.
Limits: https://discord.com/developers/docs/resources/message#embed-object-embed-limits
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import assert_never

from adapters import bars
from adapters.plain import cut, largest, line, plain, size, spaced
from adapters.platforms.discord.components import Payload, rows
from adapters.platforms.discord.markdown import clip, escape, web_address
from bot.domain.alert import Severity
from bot.locale.say import Say
from bot.view import (
    Action,
    Actions,
    Attachment,
    Bars,
    Block,
    Facts,
    Headline,
    Item,
    Items,
    Note,
    Options,
    Quote,
    Text,
    View,
)

CONTENT = 2000
TITLE = 256
DESCRIPTION = 4096
FIELDS, FIELD_NAME, FIELD_VALUE = 25, 256, 1024
FOOTER = 2048
EMBED = 6000  # all its texts together
FACTS = 2000  # ours: of those, what fields may take, so that the text keeps at least 1,696
EXTRACT = 300  # ours
ITEM = 500  # ours: one endless line must not push the others out

SUPPRESS_NOTIFICATIONS = 1 << 12
EPHEMERAL = 1 << 6

COLOURS = {Severity.INFO: 0x3B82F6, Severity.WARNING: 0xD97706, Severity.CRITICAL: 0xDC2626}


def render(view: View, language: str) -> Payload:
    """What `POST /channels/…/messages` takes, but for the files: those are `attachments(view)`."""
    parts = _sort(view.blocks)
    embed = _embed(parts, view.severity, Say(language))
    if embed and (image := web_address(view.image)):
        embed["thumbnail"] = {"url": image}
    components = rows(parts.choices)
    mention = view.mention if view.mention.isascii() and view.mention.isdecimal() else ""
    payload: Payload = {
        "content": f"<@&{mention}>" if mention else "",
        "embeds": [embed] if embed else [],
        "components": components,
        "allowed_mentions": {"parse": [], "roles": [mention]} if mention else {"parse": []},
    }
    if not (embed or components or mention or parts.files):
        payload["content"] = "…"  # an empty message is refused
    if view.answers.isascii() and view.answers.isdecimal():
        payload["message_reference"] = {"message_id": view.answers, "fail_if_not_exists": False}
    if view.silent:
        payload["flags"] = SUPPRESS_NOTIFICATIONS
    return payload


def notice(sentence: str) -> Payload:
    """A sentence of ours for one person."""
    return {"content": clip(plain(sentence), CONTENT) or "…", "allowed_mentions": {"parse": []}, "flags": EPHEMERAL}


def buttons(sentence: str, actions: Sequence[Action]) -> Payload:
    """For one person, perhaps with a sentence above them."""
    found = rows([Actions(actions=tuple(actions))])
    return notice(sentence) | {"content": clip(plain(sentence), CONTENT) or ("" if found else "…"), "components": found}


def plainly(body: Payload, *, buttons: bool) -> Payload:
    """The same message without an embed: its texts one under the other, as far as there is room, and its buttons
    unless they are what was refused."""
    content = body.get("content") or ""
    said = [] if content.startswith("<@&") else [content]  # a role that is no more may be what was refused
    for embed in body.get("embeds", ()):
        url = embed.get("url")
        said += [embed.get("title", ""), f"<{url}>" if url else "", embed.get("description", "")]
        said += [f"{one['name']}: {one['value']}" for one in embed.get("fields", ())]
        said += [escape(embed.get("footer", {}).get("text", ""))]
    text = "\n".join(part for part in said if part)
    return body | {
        "content": clip(text, CONTENT, written=str) or "…",
        "embeds": [],
        "allowed_mentions": {"parse": []},
        "components": body.get("components", []) if buttons else [],
    }


def attachments(view: View) -> Sequence[Attachment]:
    return _sort(view.blocks).files


# -- which block goes where -------------------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class _Parts:
    """The first headline is the embed's title, the last note its footer; the rest keeps its order."""

    title: Headline | None = None
    footer: str = ""
    body: list[Headline | Text | Bars | Quote | Items | Note] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    choices: list[Actions | Options] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)


def _sort(blocks: Sequence[Block]) -> _Parts:
    parts = _Parts()
    for block in blocks:
        match block:
            case Headline() if parts.title is None:
                parts.title = block
            case Headline() | Text() | Bars() | Quote() | Items() | Note():
                parts.body.append(block)
            case Facts():
                parts.facts += block.rows
            case Actions() | Options():
                parts.choices.append(block)
            case Attachment():
                parts.files.append(block)
            case _:
                assert_never(block)
    if parts.body and isinstance(last := parts.body[-1], Note):
        parts.footer = last.text
        parts.body.pop()
    return parts


# -- the embed --------------------------------------------------------------------------------------------------------


def _embed(parts: _Parts, severity: Severity | None, say: Say) -> Payload:
    embed: Payload = {}
    if parts.title is not None and (title := clip(line(_said(parts.title)), TITLE)):
        embed["title"] = title
        if url := web_address(parts.title.url):
            embed["url"] = url
    if fields := _fields(parts.facts, say):
        embed["fields"] = fields
    if footer := clip(line(parts.footer), FOOTER, written=str):  # Discord reads no markup there
        embed["footer"] = {"text": footer}
    if description := _description(parts.body, min(DESCRIPTION, EMBED - embed_size(embed)), say):
        embed["description"] = description
    if embed and severity is not None:
        embed["color"] = COLOURS[severity]
    return embed


def embed_size(embed: Payload) -> int:
    """What counts towards the 6,000."""
    texts = [embed.get("title", ""), embed.get("description", ""), embed.get("footer", {}).get("text", "")]
    texts += [text for one in embed.get("fields", ()) for text in (one["name"], one["value"])]
    return sum(map(size, texts))


def _said(headline: Headline) -> str:
    return f"{headline.badge} · {headline.text}" if headline.badge else headline.text


def _fields(rows: Sequence[tuple[str, str]], say: Say) -> list[Payload]:
    """All rows, else the first ones and a last field that says how many are left."""
    fields = [
        {"name": clip(line(label), FIELD_NAME), "value": clip(plain(value), FIELD_VALUE), "inline": True}
        for label, value in rows
        if line(label) and plain(value)
    ]

    def first(count: int) -> list[Payload]:
        left = len(fields) - count
        return fields[:count] + (
            [{"name": "…", "value": say("discord.more", count=left), "inline": True}] if left else []
        )

    def fits(count: int) -> bool:
        return len(first(count)) <= FIELDS and embed_size({"fields": first(count)}) <= FACTS

    return fields if fits(len(fields)) else first(largest(len(fields) - 1, fits))


# -- its description --------------------------------------------------------------------------------------------------


def _description(body: Sequence[Block], room: int, say: Say) -> str:
    """Everything, else fewer items, else shorter texts, else fewer blocks."""
    items = sum(len(block.items) for block in body if isinstance(block, Items))

    def written(most_items: int = items, letters: int = DESCRIPTION, blocks: int = len(body)) -> str:
        return _written(body[:blocks], most_items, letters, say)

    if size(whole := written()) <= room:
        return whole
    kept = largest(items, lambda n: size(written(n)) <= room)
    if size(text := written(kept)) <= room:
        return text
    letters = largest(DESCRIPTION, lambda n: size(written(0, n)) <= room)
    if size(text := written(0, letters)) <= room:
        return text
    return written(0, 1, largest(len(body), lambda n: size(written(0, 1, n)) <= room))


def _written(body: Sequence[Block], most_items: int, letters: int, say: Say) -> str:
    sections: list[str] = []
    for block in body:
        if isinstance(block, Items):
            sections.append(_list(block, most_items, letters, say))
            most_items = max(0, most_items - len(block.items))
        else:
            sections.append(_section(block, letters))
    return "\n\n".join(section for section in sections if section)


def _section(block: Block, letters: int) -> str:
    match block:
        case Headline() if text := cut(line(_said(block)), letters):
            url = web_address(block.url)
            return f"**[{escape(text)}]({url})**" if url else f"**{escape(text)}**"
        case Text():
            return escape(cut(plain(block.text), letters))
        case Bars() if text := bars.drawn(block.rows):
            return f"```\n{text}\n```"
        case Quote() if text := cut(plain(block.text), letters):
            lines = [f"> {escape(one)}" for one in text.splitlines()]
            return "\n".join([*lines, f"— {escape(line(block.source))}"] if line(block.source) else lines)
        case Note() if text := cut(line(block.text), letters):
            return f"-# {escape(text)}"
        case _:
            return ""


def _list(block: Items, most: int, letters: int, say: Say) -> str:
    lines = [f"**{escape(title)}**"] if (title := cut(line(block.title), letters)) else []
    lines += [_item(item) for item in block.items[:most]]
    if (left := len(block.items) - most) > 0:
        lines.append(say("discord.more", count=left))
    return "\n".join(lines)


def _item(item: Item) -> str:
    text, url = escape(cut(line(item.text), ITEM)), web_address(item.url)
    linked = f"[{text}]({url})" if text and url else text
    note = f"\n-# {escape(cut(line(item.note), ITEM))}" if line(item.note) else ""
    extract = f"\n{said}" if (said := _extract(item)) else ""
    return f"• {linked}{extract}{note}"


def _extract(item: Item) -> str:
    """The article's words, those that were looked for in bold; the end goes first."""
    said, left = "", EXTRACT
    for piece, is_found in item.extract:
        text = cut((line if is_found else spaced)(piece[: 4 * EXTRACT]), left)
        left -= len(text)
        if is_found and text:
            said = f"{said.removesuffix('**')}{escape(text)}**" if said.endswith("**") else f"{said}**{escape(text)}**"
        else:
            said += escape(text)
    return said.strip()
