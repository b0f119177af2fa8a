"""The buttons, menus and windows under a Discord message, as JSON. Pure.

Limits: https://discord.com/developers/docs/components/reference
"""

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from adapters.plain import line, plain
from adapters.platforms.discord.markdown import clip, web_address
from bot.domain.command import Form
from bot.view import Action, Actions, Options, Style

Payload = dict[str, Any]  # Any: JSON

ROWS, BUTTONS = 5, 5
LABEL, CUSTOM_ID = 80, 100
OPTIONS, OPTION, PLACEHOLDER = 25, 100, 150
TITLE, FIELD_LABEL, HINT, TYPED = 45, 45, 100, 4000
ONE_LINE = 300  # ours: what may be longer gets a field of several lines

ROW, BUTTON, MENU, FIELD, LABELLED = 1, 2, 3, 4, 18  # the types of a component
LINK = 5
STYLES = {Style.PRIMARY: 1, Style.PLAIN: 2, Style.DANGER: 4}
SHORT, PARAGRAPH = 1, 2

# A window can only be the first answer to a press, and a press must be answered within 3 s: before the core is asked,
# the press itself has to tell that a window is wanted.
ASKS = "?"
TEXT = "text"  # the window's one field


def meaning(action: Action) -> str:
    """What comes back from a press or a choice."""
    return f"{ASKS if action.asks else ''}{action.press}"


def rows(blocks: Sequence[Actions | Options]) -> list[Payload]:
    """One row or more a block; packed tightly when that would be more rows than Discord has."""
    seen: set[str] = set()
    found: list[list[Payload]] = []
    for block in blocks:
        match block:
            case Actions():
                found += _by_five([one for action in block.actions if (one := _button(action, seen))])
            case Options():
                found += [[menu]] if (menu := _menu(block, seen)) else []
            case _:
                assert_never(block)
    if len(found) > ROWS:
        found = _packed(found)
    return [{"type": ROW, "components": row} for row in found]


def _by_five(buttons: Sequence[Payload]) -> list[list[Payload]]:
    return [[*buttons[i : i + BUTTONS]] for i in range(0, len(buttons), BUTTONS)]


def _packed(found: Sequence[list[Payload]]) -> list[list[Payload]]:
    """Buttons stay before menus do: without them nothing goes on."""
    menus = [row for row in found if row[0]["type"] == MENU]
    buttons = _by_five([one for row in found for one in row if one["type"] == BUTTON])[:ROWS]
    return [*menus[: ROWS - len(buttons)], *buttons]


def _button(action: Action, seen: set[str]) -> Payload | None:
    """None for one that would have the whole message refused: without a meaning, with one too long, or there twice."""
    label = clip(line(action.label), LABEL, written=str) or "…"
    if url := web_address(action.url):
        return {"type": BUTTON, "style": LINK, "label": label, "url": url}
    if not action.press or len(meaning(action)) > CUSTOM_ID or meaning(action) in seen:
        return None
    seen.add(meaning(action))
    return {"type": BUTTON, "style": STYLES[action.style], "label": label, "custom_id": meaning(action)}


def _menu(block: Options, seen: set[str]) -> Payload | None:
    """Its own `custom_id` means nothing, and only has to be the one of its kind in the message."""
    labels: dict[str, str] = {}
    for action in block.options:
        if action.press and len(meaning(action)) <= OPTION:
            labels.setdefault(meaning(action), clip(line(action.label), OPTION, written=str) or "…")
    if not labels:
        return None
    seen.add(own := f"={len(seen)}")
    options = [{"label": label, "value": value} for value, label in labels.items()][:OPTIONS]
    menu: Payload = {"type": MENU, "custom_id": own, "options": options}
    if hint := clip(line(block.hint), PLACEHOLDER, written=str):
        menu["placeholder"] = hint
    return menu


# -- windows ----------------------------------------------------------------------------------------------------------


def window(form: Form) -> Payload:
    """The data of a callback that opens it. An empty field cannot be sent: it would look like the press before it."""
    most = max(1, min(form.most, TYPED))
    field: Payload = {
        "type": FIELD,
        "custom_id": TEXT,
        "style": PARAGRAPH if most > ONE_LINE else SHORT,
        "max_length": most,
        "required": True,
    }
    if hint := clip(line(form.hint), HINT, written=str):
        field["placeholder"] = hint
    if value := clip(plain(form.value), most, written=str):
        field["value"] = value
    label = clip(line(form.label), FIELD_LABEL, written=str) or "…"
    return {
        "custom_id": form.press,
        "title": clip(line(form.title), TITLE, written=str) or "…",
        "components": [{"type": LABELLED, "label": label, "component": field}],
    }


def typed_into(data: Mapping[str, Any]) -> str:
    """What a submitted window holds."""
    fields = [row.get("component") or {} for row in data.get("components", ())]
    return next((str(one.get("value") or "") for one in fields if one.get("custom_id") == TEXT), "")
