"""What Discord accepts, whom a message really mentions, what a person reads of it. Pure, and apart from our code."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

Json = Mapping[str, Any]

EPHEMERAL, SUPPRESS_EMBEDS, SUPPRESS_NOTIFICATIONS = 1 << 6, 1 << 2, 1 << 12
COMMAND_NAME = re.compile(r"[-_\w]{1,32}")
PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15  # members, presences, message content


def units(text: str) -> int:
    """The strictest way to count: UTF-16."""
    return len(text.encode("utf-16-le")) // 2


# -- messages ---------------------------------------------------------------------------------------------------------


def message_problems(body: Json, *, ephemeral_allowed: bool = False, files: int = 0) -> Iterator[str]:
    yield from _text("content", body.get("content") or "", 0, 2000)
    embeds, rows = body.get("embeds") or [], body.get("components") or []
    if not (str(body.get("content") or "").strip() or embeds or rows or files):
        yield "50006 empty message"
    if len(embeds) > 10:
        yield "embeds: more than 10"
    for embed in embeds:
        yield from _embed(embed)
    if sum(map(_embed_units, embeds)) > 6000:
        yield "embeds: more than 6000 in all"
    yield from _rows(rows)
    yield from _mentions(body.get("allowed_mentions"))
    reference = body.get("message_reference")
    if reference is not None and (set(reference) - {"message_id", "fail_if_not_exists"} or not reference["message_id"]):
        yield "message_reference: a message of the same channel"
    nonce = body.get("nonce")
    if nonce is not None and not 1 <= len(str(nonce)) <= 25:
        yield "nonce: 1 to 25"
    allowed = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | (EPHEMERAL if ephemeral_allowed else 0)
    if int(body.get("flags") or 0) & ~allowed:
        yield "flags: not allowed here"


def _text(name: str, value: object, least: int, most: int) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{name}: not a string"
    elif not least <= units(value.strip()) or units(value) > most:
        yield f"{name}: {least} to {most} characters, not {units(value)}"


def _embed(embed: Json) -> Iterator[str]:
    if not any(embed.get(key) for key in ("title", "description", "fields", "footer", "author", "image")):
        yield "embed: empty"
    if "title" in embed:
        yield from _text("title", embed["title"], 1, 256)
    if "description" in embed:
        yield from _text("description", embed["description"], 1, 4096)
    if "url" in embed and not _is_web(embed["url"]):
        yield "embed url: not a web address"
    if "color" in embed and not 0 <= embed["color"] <= 0xFFFFFF:
        yield "color"
    if "footer" in embed:
        yield from _text("footer", embed["footer"].get("text"), 1, 2048)
    fields = embed.get("fields", [])
    if len(fields) > 25:
        yield "fields: more than 25"
    for one in fields:
        yield from _text("field name", one.get("name"), 1, 256)
        yield from _text("field value", one.get("value"), 1, 1024)


def _embed_units(embed: Json) -> int:
    texts = [embed.get("title", ""), embed.get("description", ""), embed.get("footer", {}).get("text", "")]
    return sum(map(units, [*texts, *(one[key] for one in embed.get("fields", []) for key in ("name", "value"))]))


def _is_web(url: object) -> bool:
    return isinstance(url, str) and urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).hostname)


def _rows(rows: Sequence[Json]) -> Iterator[str]:
    if len(rows) > 5:
        yield "components: more than 5 rows"
    seen: set[str] = set()
    for row in rows:
        inside = row.get("components", [])
        is_menu = [one.get("type") for one in inside] == [3]
        if row.get("type") != 1 or not 1 <= len(inside) <= 5:
            yield "components: a row has 1 to 5 buttons, or one menu"
        for one in inside:
            yield from _menu(one, seen) if is_menu else _button(one, seen)


def _menu(menu: Json, seen: set[str]) -> Iterator[str]:
    yield from _own(menu, seen)
    if set(menu) - {"type", "custom_id", "options", "placeholder", "min_values", "max_values", "disabled"}:
        yield "menu: unknown keys"
    if "placeholder" in menu:
        yield from _text("placeholder", menu["placeholder"], 1, 150)
    options = menu.get("options", [])
    if not 1 <= len(options) <= 25:
        yield "menu: 1 to 25 options"
    for option in options:
        yield from _text("option label", option.get("label"), 1, 100)
        yield from _text("option value", option.get("value"), 1, 100)
    if len({option.get("value") for option in options}) != len(options):
        yield "menu: a value twice"


def _own(component: Json, seen: set[str]) -> Iterator[str]:
    yield from _text("custom_id", component.get("custom_id"), 1, 100)
    if component.get("custom_id") in seen:
        yield "custom_id: twice"
    seen.add(str(component.get("custom_id")))


def _button(button: Json, seen: set[str]) -> Iterator[str]:
    if button.get("type") != 2:
        yield "component: not a button"
    yield from _text("label", button.get("label"), 1, 80)
    if button.get("style") == 5:
        if "custom_id" in button or not _is_web(button.get("url")) or len(button["url"]) > 512:
            yield "link button: an address of 512 characters at most, and nothing else"
    elif button.get("style") in (1, 2, 3, 4):
        yield from _own(button, seen)
    else:
        yield "button: unknown style"


def window_problems(data: Json) -> Iterator[str]:
    """What opens before one person, with one field in it: the only kind this bot has."""
    yield from _text("custom_id", data.get("custom_id"), 1, 100)
    yield from _text("title", data.get("title"), 1, 45)
    parts = data.get("components", [])
    if len(parts) != 1 or set(data) != {"custom_id", "title", "components"}:
        yield "window: an id, a title, one part"
    for part in parts:
        field = part.get("component") or {}
        if part.get("type") != 18 or field.get("type") != 4 or field.get("style") not in (1, 2):
            yield "window: a labelled field"
        yield from _text("label", part.get("label"), 1, 45)
        yield from _text("custom_id", field.get("custom_id"), 1, 100)
        most = field.get("max_length", 4000)
        if not isinstance(most, int) or not 1 <= most <= 4000:
            yield "max_length: 1 to 4000"
            continue
        yield from _text("placeholder", field.get("placeholder", ""), 0, 100)
        yield from _text("value", field.get("value", ""), 0, most)


def _mentions(allowed: Json | None) -> Iterator[str]:
    if allowed is None:
        return
    parse = allowed.get("parse", [])
    if not set(parse) <= {"roles", "users", "everyone"}:
        yield "allowed_mentions: unknown kind"
    for kind in ("roles", "users"):
        if kind in parse and allowed.get(kind):
            yield f"allowed_mentions: {kind} both parsed and listed"
        if any(not str(one).isdecimal() for one in allowed.get(kind, [])) or len(allowed.get(kind, [])) > 100:
            yield f"allowed_mentions: {kind} are ids, 100 at most"


def pings(body: Json) -> tuple[str, ...]:
    """Who is really notified: only the content counts, embeds never ping; nothing said means everything is allowed."""
    content, allowed = str(body.get("content") or ""), body.get("allowed_mentions")
    parse = {"roles", "users", "everyone"} if allowed is None else set(allowed.get("parse", []))
    lists = allowed or {}
    found = [word for word in ("@everyone", "@here") if word in content and "everyone" in parse]
    for kind, mark in (("roles", r"<@&(\d+)>"), ("users", r"<@!?(\d+)>")):
        listed = {str(one) for one in lists.get(kind, [])}
        found += [one for one in re.findall(mark, content) if kind in parse or one in listed]
    return tuple(found)


# -- commands ---------------------------------------------------------------------------------------------------------


def command_problems(commands: object) -> Iterator[str]:
    if not isinstance(commands, list) or len(commands) > 100:
        yield "commands: a list of 100 at most"
        return
    if len({command.get("name") for command in commands}) != len(commands):
        yield "commands: a name twice"
    for command in commands:
        yield from _of_a_message(command) if command.get("type") == 3 else _command(command, depth=0)


def _of_a_message(command: Json) -> Iterator[str]:
    """Stands in the menu of a message: a name as people read it, and nothing else."""
    for name in [command.get("name"), *(command.get("name_localizations") or {}).values()]:
        yield from _text("name", name, 1, 32)
    if command.get("description") or command.get("description_localizations") or command.get("options"):
        yield "a message's command has no description and no options"


def _command(command: Json, depth: int) -> Iterator[str]:
    names = [command.get("name"), *(command.get("name_localizations") or {}).values()]
    for name in names:
        if not isinstance(name, str) or not COMMAND_NAME.fullmatch(name) or name != name.lower():
            yield f"name: {name!r}"
    for said in [command.get("description"), *(command.get("description_localizations") or {}).values()]:
        yield from _text("description", said, 1, 100)
    options = command.get("options") or []
    if len(options) > 25 or depth > 2:
        yield "options: 25 at most, two levels at most"
    if len({option.get("name") for option in options}) != len(options):
        yield "options: a name twice"
    required = [bool(option.get("required")) for option in options if option.get("type") == 3]
    if required != sorted(required, reverse=True):
        yield "options: required ones come first"
    for option in options:
        if option.get("choices") and option.get("autocomplete"):
            yield "option: choices and autocomplete exclude each other"
        yield from _command(option, depth + 1)


def choices_problems(choices: Sequence[Json]) -> Iterator[str]:
    if len(choices) > 25:
        yield "choices: more than 25"
    for choice in choices:
        yield from _text("choice name", choice.get("name"), 1, 100)
        yield from _text("choice value", choice.get("value"), 1, 100)


# -- reading ----------------------------------------------------------------------------------------------------------

_START = re.compile(r"^\s*(?:#{1,3}|-#|>>>|>|[-*+]|\d+[.)])\s+", re.MULTILINE)
_TOKEN = re.compile(
    r"""
      \\(?P<literal>[^0-9A-Za-z\s])
    | ```(?P<block>(?:[^`])+)``` | `(?P<code>[^`]+)`
    | \*\*(?P<bold>(?:\\.|[^\\])+?)\*\* | __(?P<under>(?:\\.|[^\\])+?)__ | ~~(?P<struck>(?:\\.|[^\\])+?)~~
    | \|\|(?P<spoiler>(?:\\.|[^\\])+?)\|\|
    | \*(?P<em>[^\s*](?:\\.|[^\\*])*)\* | _(?P<em2>(?:\\.|[^\\_])+)_
    | \[(?P<label>(?:\\.|[^\\\]])+)\]\((?P<target>[^\s()]+)\)
    | <(?P<special>@[!&]?\d+|\#\d+|t:-?\d+(?::[a-zA-Z])?|a?:\w+:\d+|/[^>]+:\d+|id:\w+|https?://[^>\s]+)>
    | (?P<bare>https?://[^\s<]+)
    """,
    re.VERBOSE | re.DOTALL,
)
MEANS = "⟦{}⟧"  # something that is more than text: a mention, a timestamp, a link nobody asked for


def read(markdown: str) -> str:
    """What stands on the screen. Whatever was interpreted is no longer there as it was written."""
    return _inline(_START.sub("", markdown)).replace("\u200b", "")


def _inline(text: str) -> str:
    return _TOKEN.sub(lambda match: _shown(match.lastgroup or "", match), text)


def _shown(kind: str, match: re.Match[str]) -> str:
    match kind:
        case "literal" | "block" | "code":
            return match[kind]
        case "target":
            return _inline(match["label"])
        case "special" | "bare":
            return MEANS.format(match[kind])
        case _:
            return _inline(match[kind])


def read_message(body: Json) -> str:
    """All parts from top to bottom, one under the other; a footer and a button know no markup."""
    parts = [read(str(body.get("content") or ""))]
    for embed in body.get("embeds") or []:
        parts += [read(embed.get("title", "")), read(embed.get("description", ""))]
        parts += [f"{read(one['name'])}\n{read(one['value'])}" for one in embed.get("fields", [])]
        parts.append(embed.get("footer", {}).get("text", ""))
    return "\n".join(part for part in parts if part)
