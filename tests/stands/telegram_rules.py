"""What Telegram accepts, and what it makes of a text. Pure, and stricter than Telegram where that is lenient.

https://core.telegram.org/bots/api; mentions and commands are found as tdlib finds them.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Json = dict[str, Any]

TEXT, CAPTION, NOTICE, PLACEHOLDER, TOPIC = 4096, 1024, 200, 64, 128
ENTITIES, BUTTONS, IN_A_ROW, PRESS = 100, 100, 8, 64
PLAIN_ENTITIES = {"bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "blockquote"}
REACTIONS = set(
    "👍👎❤🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🕊🤡🥱🥴😍🐳🌚🌭💯🤣⚡🍌🏆💔🤨😐🍓🍾💋😈😴😭🤓👻👀🎃🙈😇😨🤝✍🤗🫡🎅🎄☃💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾🤷😡"
)

_MENTION = re.compile(r"(?<!\w)@([A-Za-z0-9_]{2,32})(?!\w)")
_COMMAND = re.compile(r"(?<![\w/<>])/([A-Za-z0-9_]{1,64})(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])")
_BIDI = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]")

ALLOWED: Mapping[str, set[str]] = {
    "sendMessage": {"text", "entities", "link_preview_options"},
    "sendDocument": {"document", "caption", "caption_entities", "disable_content_type_detection"},
    "editMessageText": {"message_id", "text", "entities", "link_preview_options", "reply_markup"},
    "editMessageCaption": {"message_id", "caption", "caption_entities", "reply_markup"},
    "editMessageReplyMarkup": {"message_id", "reply_markup"},
}
SENDING = {"message_thread_id", "disable_notification", "reply_markup", "reply_parameters", "protect_content"}


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def mentions(text: str, entities: Sequence[Json] = ()) -> tuple[str, ...]:
    """Who is notified: names in the text, wherever they stand, and links to people."""
    found = [f"@{match[1]}" for match in _MENTION.finditer(text)]
    people = [e for e in entities if e["type"] == "text_mention" or e.get("url", "").startswith("tg://user")]
    return (*found, *(str(entity.get("user") or entity["url"]) for entity in people))


def commands(text: str) -> tuple[str, ...]:
    """What can be touched to be typed."""
    return tuple(match[1] for match in _COMMAND.finditer(text))


def read(text: str) -> str:
    """What a person reads: a word joiner and a space of no width take no room."""
    return text.replace("\u2060", "").replace("\u200b", "")


def message_problems(method: str, asked: Json) -> Iterable[str]:
    """In Telegram's own words where it has some."""
    if method == "createForumTopic":
        if set(asked) != {"chat_id", "name"} or not 1 <= units(asked["name"].strip()) <= TOPIC:
            yield "Bad Request: a topic has a name of 1 to 128 characters"
        return
    allowed = {"chat_id", "file", *ALLOWED[method], *(SENDING if method.startswith("send") else ())}
    if unknown := sorted(set(asked) - allowed):
        yield f"Bad Request: the stand-in does not know {', '.join(unknown)} of {method}"
    yield from _markup_problems(method, asked.get("reply_markup") or {})
    if method == "editMessageReplyMarkup":
        return
    kind = "text" if "Message" in method and "Caption" not in method else "caption"
    text, limit = asked.get(kind, ""), TEXT if kind == "text" else CAPTION
    if kind == "text" and not text.strip():
        yield "Bad Request: message text is empty"
    if units(text) > limit:
        yield "Bad Request: message is too long" if kind == "text" else "Bad Request: message caption is too long"
    if text != text.strip():
        yield "Bad Request: the text has edges that would be cut, and its entities move"
    if _BIDI.search(text):
        yield "Bad Request: the text turns around"
    if method == "sendDocument" and not asked.get("document"):
        yield "Bad Request: there is no document in the request"
    yield from _entity_problems(text, asked.get("entities" if kind == "text" else "caption_entities") or [])


def _entity_problems(text: str, entities: Sequence[Json]) -> Iterable[str]:
    if len(entities) > ENTITIES:
        yield "Bad Request: entities beyond 100 would be ignored"
    encoded = text.encode("utf-16-le", "surrogatepass")
    for entity in entities:
        start, length = entity.get("offset"), entity.get("length")
        if not isinstance(start, int) or not isinstance(length, int) or start < 0 or length < 1:
            yield f"Bad Request: can't parse entities: {entity}"
            continue
        piece = encoded[2 * start : 2 * (start + length)]
        try:
            words = piece.decode("utf-16-le")
        except UnicodeDecodeError:
            yield "Bad Request: an entity ends in the middle of a character"
            continue
        if len(piece) != 2 * length or words != words.strip():
            yield "Bad Request: an entity beyond its words"
        if entity["type"] == "text_link":
            if not re.fullmatch(r"https?://[^\s/]\S*", entity.get("url", "")):
                yield "Bad Request: a link that would be dropped"
        elif entity["type"] == "text_mention":
            if not isinstance((entity.get("user") or {}).get("id"), int):
                yield "Bad Request: a mention of nobody"
        elif entity["type"] not in PLAIN_ENTITIES:
            yield f"Bad Request: unsupported entity {entity['type']}"


def _markup_problems(method: str, markup: Json) -> Iterable[str]:
    if not markup.get("force_reply"):
        yield from _keyboard_problems(markup)
        return
    if not method.startswith("send"):
        yield "Bad Request: inline keyboard expected"
    if unknown := set(markup) - {"force_reply", "selective", "input_field_placeholder"}:
        yield f"Bad Request: the stand-in does not know {unknown}"
    if not 1 <= units(markup.get("input_field_placeholder", "x")) <= PLACEHOLDER:
        yield "Bad Request: input_field_placeholder is too long"


def _keyboard_problems(markup: Json) -> Iterable[str]:
    if unknown := set(markup) - {"inline_keyboard"}:
        yield f"Bad Request: the stand-in does not know {unknown}"
    rows = markup.get("inline_keyboard", [])
    if any(not row or len(row) > IN_A_ROW for row in rows) or sum(map(len, rows)) > BUTTONS:
        yield "Bad Request: REPLY_MARKUP_TOO_LONG"
    for button in (button for row in rows for button in row):
        if not button.get("text", "").strip():
            yield "Bad Request: can't parse inline keyboard button: text is empty"
        if set(button) - {"text"} not in ({"callback_data"}, {"url"}):
            yield "Bad Request: can't parse inline keyboard button: it needs one meaning"
        elif "url" in button and not re.fullmatch(r"https?://[^\s/]\S*", button["url"]):
            yield "Bad Request: BUTTON_URL_INVALID"
        elif not 1 <= len(button.get("callback_data", "x").encode()) <= PRESS:
            yield "Bad Request: BUTTON_DATA_INVALID"


def menu_problems(asked: Json) -> Iterable[str]:
    known = asked.get("commands", [])
    if not 1 <= len(known) <= 100:
        yield "Bad Request: BOT_COMMANDS_TOO_MUCH"
    for command in known:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command.get("command", "")):
            yield "Bad Request: BOT_COMMAND_INVALID"
        if not 1 <= units(command.get("description", "")) <= 256:
            yield "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID"
    if asked.get("scope", {}).get("type", "default") not in SCOPES:
        yield "Bad Request: unsupported BotCommandScope"
    if not re.fullmatch(r"|[a-z]{2}", asked.get("language_code", "")):
        yield "Bad Request: invalid language code specified"


SCOPES = {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}
COMPOSITE = {
    "entities",
    "caption_entities",
    "reply_markup",
    "link_preview_options",
    "reply_parameters",
    "allowed_updates",
}
COMPOSITE |= {"commands", "scope", "reaction"}
NUMBERS = {"message_id", "message_thread_id", "offset", "timeout", "limit", "user_id", "cache_time"}
SWITCHES = {"disable_notification", "show_alert", "is_big", "protect_content", "drop_pending_updates"}


def parameters(form: Mapping[str, str]) -> Json:
    """As Telegram reads a form: numbers and switches are texts there, and the rest is JSON inside a text."""
    asked: Json = {}
    for key, value in form.items():
        if key in COMPOSITE and isinstance(value, str):
            asked[key] = json.loads(value)
        elif key in NUMBERS:
            asked[key] = int(value)
        elif key in SWITCHES:
            asked[key] = value in ("true", "True", True)
        else:
            asked[key] = value
    return asked
