"""View → the JSON of one Telegram message: text with entities, buttons, no preview. Pure.

Short of room, whole items go first, then texts are cut; headline, last note and buttons always stay.
Limits: https://core.telegram.org/bots/api#sendmessage and https://limits.tginfo.me/en
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from adapters import bars
from adapters.plain import cut, largest, line, plain, size, spaced
from adapters.platforms.telegram.text import JOINER, Written, clip, ours, theirs, web_address
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

Payload = dict[str, Any]  # Any: JSON

TEXT = 4096  # UTF-16 units
CAPTION = 1024
ENTITIES = 100  # those beyond are ignored without a word
NOTICE = 200
PRESS = 64  # bytes
ROW, OPTIONS_ROW, BUTTONS, LABEL = 3, 2, 100, 64
UNFORMATTED = ("link_preview_options", "disable_notification", "reply_parameters")
SHORT_LABEL = 18  # ours: two longer ones side by side lose their ends on a telephone
EXTRACT = 300  # ours, UTF-16 units
LINE = 150  # ours, UTF-16 units: badge, title and note, once the whole does not fit

ACCENTS = {Severity.INFO: "🔵 ", Severity.WARNING: "🟠 ", Severity.CRITICAL: "🔴 "}

Mark = Mapping[str, str]
BOLD: Mark = {"type": "bold"}
ITALIC: Mark = {"type": "italic"}
QUOTE: Mark = {"type": "blockquote"}
FIXED: Mark = {"type": "pre"}


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text and what it looks like."""

    text: str
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much of each thing there is room for."""

    items: int  # in all lists together
    letters: int = TEXT * 16  # of each text
    line: int = TEXT * 16  # UTF-16 units of each title, item and note


def render(view: View, language: str) -> Payload:
    """What `sendMessage` takes, but for where it goes; `sendDocument`, with a caption, when the view holds a file."""
    text, entities = _assembled(_fitting(view, Say(language)))
    kind = "caption" if attachments(view) else "text"
    payload: Payload = {kind: text or ("" if kind == "caption" else "…")}  # an empty message is refused
    if entities:
        payload["caption_entities" if kind == "caption" else "entities"] = entities
    if kind == "text":
        payload["link_preview_options"] = {"is_disabled": True}
    if rows := keyboard(view.blocks):
        payload["reply_markup"] = {"inline_keyboard": rows}
    if view.answers.isdecimal():
        payload["reply_parameters"] = {"message_id": int(view.answers), "allow_sending_without_reply": True}
    if view.silent:
        payload["disable_notification"] = True
    return payload


def plainly(payload: Payload, *, buttons: bool) -> Payload:
    """The same message without formatting: its links are written out as far as there is room, and of its buttons at
    most those that lead to no page."""
    kind, limit = ("caption", CAPTION) if "caption" in payload else ("text", TEXT)
    marks, text = payload.get("caption_entities" if kind == "caption" else "entities", ()), payload[kind]
    for url in dict.fromkeys(mark["url"] for mark in marks if mark["type"] == "text_link"):
        if size(text) + 1 + size(url) <= limit:
            text = f"{text}\n{url}"
    left = {key: value for key, value in payload.items() if key in UNFORMATTED}
    rows = payload.get("reply_markup", {}).get("inline_keyboard", ()) if buttons else ()
    kept = [row for row in ([one for one in row if "url" not in one] for row in rows) if row]
    return {kind: text, **left, **({"reply_markup": {"inline_keyboard": kept}} if kept else {})}


def attachments(view: View) -> Sequence[Attachment]:
    """A message of Telegram holds one file: the first; the others follow an answer, a post never has any."""
    return [block for block in view.blocks if isinstance(block, Attachment)]


def notice(sentence: str) -> str:
    """What `answerCallbackQuery` shows to the one who pressed."""
    return clip(plain(sentence), NOTICE)


# -- what fits --------------------------------------------------------------------------------------------------------


def _fitting(view: View, say: Say) -> Sequence[Run]:
    """Everything, else shorter and fewer items, else shorter texts, else fewer blocks."""
    limit = CAPTION if attachments(view) else TEXT
    page = _Page(say=say, written=_voice(view), accent=ACCENTS[view.severity] if view.severity else "")
    blocks, kept = view.blocks, _kept(view.blocks)
    total = sum(len(block.items) for block in blocks if isinstance(block, Items))

    def fits(runs: Sequence[Run]) -> bool:
        text, entities = _assembled(runs)
        return size(text) <= limit and len(entities) <= ENTITIES

    def fewer_items(count: int) -> Sequence[Run]:
        return page.runs(blocks, Room(items=count, line=LINE * 2))

    def shorter(letters: int) -> Sequence[Run]:
        return page.runs(blocks, Room(items=0, letters=letters, line=LINE * 2))

    def fewer_blocks(count: int) -> Sequence[Run]:
        return page.runs(
            [b for n, b in enumerate(blocks) if n < count or n in kept], Room(items=0, letters=0, line=LINE)
        )

    if fits(whole := page.runs(blocks, Room(items=total))):
        return whole
    if fits(runs := fewer_items(largest(total, lambda n: fits(fewer_items(n))))):
        return runs
    if fits(runs := shorter(largest(TEXT, lambda n: fits(shorter(n))))):
        return runs
    return fewer_blocks(largest(len(blocks), lambda n: fits(fewer_blocks(n))))


def _kept(blocks: Sequence[Block]) -> set[int]:
    """The first headline and the last note: what it is, and its number."""
    headlines = [n for n, block in enumerate(blocks) if isinstance(block, Headline)]
    notes = [n for n, block in enumerate(blocks) if isinstance(block, Note)]
    return {*headlines[:1], *notes[-1:]}


def _voice(view: View) -> Written:
    """A post tells what a source wrote, and its headline links there; what we say ourselves has no such headline."""
    tells = any(isinstance(block, Headline) and block.url for block in view.blocks)
    return theirs if tells else ours


# -- its text ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    say: Say
    written: Written
    accent: str

    def runs(self, blocks: Sequence[Block], room: Room) -> Sequence[Run]:
        found: list[Run] = []
        accent, left = self.accent, room.items
        for block in blocks:
            section = self._section(block, room, left, accent)
            if isinstance(block, Headline) and section:
                accent = ""
            if isinstance(block, Items):
                left = max(0, left - len(block.items))
            if section:
                found += [Run("\n\n"), *section] if found else section
        return found

    def _section(self, block: Block, room: Room, items: int, accent: str) -> list[Run]:
        match block:
            case Headline():
                return self._headline(block, room, accent)
            case Text():
                return _run(self.written(cut(plain(block.text), room.letters)))
            case Facts():
                return self._facts(block, room)
            case Bars():
                return _run(theirs(bars.drawn(block.rows)), FIXED)
            case Quote():
                return self._quote(block, room)
            case Items():
                return self._items(block, room, items)
            case Note():
                return _run(clip(line(block.text), room.line, self.written), ITALIC)
            case Actions() | Options() | Attachment():
                return []
            case _:
                assert_never(block)

    def _headline(self, block: Headline, room: Room, accent: str) -> list[Run]:
        title = _linked(clip(line(block.text), room.line, self.written), block.url, BOLD)
        badge = clip(line(block.badge), room.line, self.written)
        if not badge and not title:
            return []
        above = _run(accent + badge, BOLD) if badge else _run(accent)
        return _joined("\n" if badge else "", [above, title])

    def _facts(self, block: Facts, room: Room) -> list[Run]:
        colon = self.say("telegram.colon")
        rows = []
        for label, value in block.rows:
            said = _run(clip(line(value), room.line, theirs))
            name = clip(line(label), room.line, theirs)
            if said:
                rows.append(_joined(colon, [_run(name, BOLD), said]))
        return _joined("\n", rows)

    def _quote(self, block: Quote, room: Room) -> list[Run]:
        words = theirs(cut(plain(block.text), room.letters))
        whose = clip(line(block.source), room.line, theirs)
        return _run(f"{words}\n— {whose}" if whose else words, QUOTE) if words else []

    def _items(self, block: Items, room: Room, most: int) -> list[Run]:
        rows = [_run(clip(line(block.title), room.line, self.written), BOLD)]
        rows += [self._item(item, room) for item in block.items[:most]]
        if (left := len(block.items) - most) > 0:
            rows.append([Run(self.say("telegram.more", count=left))])
        return _joined("\n", rows)

    def _item(self, item: Item, room: Room) -> list[Run]:
        written = theirs if item.url else self.written
        text = _linked(clip(line(item.text), room.line, written), item.url)
        note = _run(clip(line(item.note), room.line, written), ITALIC)
        said = _joined("\n", [text, _extract(item, min(room.line, EXTRACT)), note])
        return [Run("• "), *said] if said else []


def _run(text: str, *marks: Mark) -> list[Run]:
    return [Run(text, marks)] if text else []


def _extract(item: Item, room: int) -> list[Run]:
    """The article's words, those that were looked for in bold; the end goes first."""
    runs: list[Run] = []
    for piece, is_found in item.extract:
        text = (line if is_found else spaced)(piece[: 4 * EXTRACT])
        said = clip(text, room - sum(size(run.text) for run in runs), theirs)
        if said.endswith(("@", "/")):
            said += JOINER  # … and what follows begins another piece
        runs += _run(said, BOLD) if is_found else _run(said)
    while runs and not runs[-1].text.strip():
        runs.pop()
    return [*runs[:-1], Run(runs[-1].text.rstrip(), runs[-1].marks)] if runs else []


def _linked(text: str, url: str, *marks: Mark) -> list[Run]:
    address = web_address(url)
    return _run(text, *marks, *([{"type": "text_link", "url": address}] if address else []))


def _joined(between: str, parts: Iterable[list[Run]]) -> list[Run]:
    """What is empty takes no separator either."""
    runs: list[Run] = []
    for part in parts:
        runs += [Run(between), *part] if runs and part and between else part
    return runs


def _assembled(runs: Sequence[Run]) -> tuple[str, list[Payload]]:
    """The text, and its entities with offsets in UTF-16 units."""
    offset, entities = 0, list[Payload]()
    for run in runs:
        length = size(run.text)
        entities += [{**mark, "offset": offset, "length": length} for mark in run.marks]
        offset += length
    return "".join(run.text for run in runs), entities


# -- its buttons ------------------------------------------------------------------------------------------------------


def keyboard(blocks: Sequence[Block]) -> list[list[Payload]]:
    """One row or more a block, of three at most: on a telephone a fourth has no words left."""
    rows: list[list[Payload]] = []
    for block in blocks:
        match block:
            case Actions():
                rows += _rows(block.actions, ROW)
            case Options():
                is_long = any(size(line(action.label)) > SHORT_LABEL for action in block.options)
                rows += _rows(block.options, 1 if is_long else OPTIONS_ROW)
            case Headline() | Text() | Facts() | Bars() | Quote() | Items() | Attachment() | Note():
                pass
            case _:
                assert_never(block)
    return [row for place, row in enumerate(rows) if sum(map(len, rows[: place + 1])) <= BUTTONS]


def _rows(actions: Sequence[Action], width: int) -> list[list[Payload]]:
    buttons = [button for action in actions if (button := _button(action))]
    return [buttons[i : i + width] for i in range(0, len(buttons), width)]


def _button(action: Action) -> Payload | None:
    """None for one without a meaning: the whole message would be refused."""
    label = clip(line(action.label), LABEL) or "…"
    if url := web_address(action.url):
        return {"text": label, "url": url}
    assert len(action.press.encode()) <= PRESS, "a press is at most 64 bytes, see bot/domain/press.py"
    return {"text": label, "callback_data": action.press} if action.press else None
