"""A line of a room as a piece of the page: its payload taken apart for the templates, which escape the rest. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from adapters.platforms.console import markup
from adapters.platforms.console.files import PATH
from adapters.platforms.console.ledger import Line, Payload
from adapters.platforms.console.rooms import Private
from bot.locale.say import Say

SUPPRESS_NOTIFICATIONS = 1 << 12
SELECT = 3
ASKS = "?"  # what a custom_id begins with when a window opens
STYLES = {1: "primary", 3: "success", 4: "danger"}  # Discord's buttons; any other is grey


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    label: str
    data: str = ""
    url: str = ""
    style: str = ""
    asks: bool = False  # a question follows


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """One of many; `hint` is what it says while nothing is chosen."""

    hint: str
    options: Sequence[Button]


@dataclass(frozen=True, slots=True, kw_only=True)
class Embed:
    title: Markup
    text: Markup
    fields: Sequence[tuple[Markup, Markup, bool]]  # name, value, inline
    footer: str
    colour: str  # "#rrggbb"; "": none


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    text: Markup
    embeds: Sequence[Embed] = ()
    rows: Sequence[Sequence[Button | Menu]] = ()
    files: Sequence[tuple[str, str]] = ()  # name, where it is fetched on this very page

    @property
    def buttons(self) -> Sequence[Button]:
        """All that can be pressed or chosen."""
        parts = [part for row in self.rows for part in row]
        return [one for part in parts for one in (part.options if isinstance(part, Menu) else (part,))]


class Reader(Protocol):
    @property
    def language(self) -> str: ...

    @property
    def role(self) -> str: ...

    @property
    def say(self) -> Say: ...


@cache
def templates() -> Environment:
    return Environment(
        loader=PackageLoader("adapters.platforms.console"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )


def line(one: Line, manner: str, say: Say, zone: ZoneInfo) -> str:
    """HTML of one message; `manner` says which platform's looks it has."""
    at = datetime.fromtimestamp(one.at / 1000, zone)
    return templates().get_template(f"{manner}.html").render(line=one, drawn=draw(manner, one.payload), say=say, at=at)


def private(told: Private, room: str, manner: str, reader: Reader) -> str:
    """HTML of what one person alone is shown, and can press or fill in."""
    drawn = draw(manner, told.payload or {})
    template = templates().get_template("private.html")
    return template.render(told=told, drawn=drawn, room=room, manner=manner, reader=reader, say=reader.say)


def draw(manner: str, payload: Payload) -> Drawn:
    drawn = telegram(payload) if manner == "telegram" else discord(payload)
    files = [(str(one["filename"]), str(one["url"])) for one in payload.get("attachments") or ()]
    return replace(drawn, files=[(name, url) for name, url in files if url.startswith(PATH)])


def telegram(payload: Payload) -> Drawn:
    keyboard = (payload.get("reply_markup") or {}).get("inline_keyboard") or ()
    rows = [[_inline_button(button) for button in row] for row in keyboard]
    return Drawn(text=markup.telegram(payload), rows=rows)


def _inline_button(button: Payload) -> Button:
    url = str(button.get("url", ""))
    return Button(
        label=str(button["text"]), data=str(button.get("callback_data", "")), url=url if markup.is_web(url) else ""
    )


def discord(payload: Payload) -> Drawn:
    names = {f"@&{role}": "@rôle" for role in (payload.get("allowed_mentions") or {}).get("roles") or ()}
    return Drawn(
        text=markup.discord(str(payload["content"]), names) if payload.get("content") else Markup(),
        embeds=[_embed(embed) for embed in payload.get("embeds") or ()],
        rows=[[_component(one) for one in row["components"]] for row in payload.get("components") or ()],
    )


def _embed(embed: Mapping[str, Any]) -> Embed:
    """Mentions inside an embed call nobody, and are shown all the same."""
    title = markup.inline(str(embed.get("title", "")), {})
    return Embed(
        title=markup.link(str(embed.get("url", "")), title) if title else title,
        text=markup.discord(str(embed["description"])) if embed.get("description") else Markup(),
        fields=[
            (markup.inline(str(one["name"]), {}), markup.discord(str(one["value"])), bool(one.get("inline")))
            for one in embed.get("fields") or ()
        ],
        footer=str((embed.get("footer") or {}).get("text", "")),
        colour=f"#{embed['color'] & 0xFFFFFF:06x}" if isinstance(embed.get("color"), int) else "",
    )


def _component(component: Payload) -> Button | Menu:
    if component.get("type") == SELECT:
        options = [_meant(str(one["label"]), str(one["value"])) for one in component.get("options") or ()]
        return Menu(hint=str(component.get("placeholder", "")), options=options)
    url = str(component.get("url", ""))
    button = _meant(str(component.get("label", "")), str(component.get("custom_id", "")))
    style = STYLES.get(component.get("style", 0), "")
    return replace(button, url=url if markup.is_web(url) else "", style=style)


def _meant(label: str, written: str) -> Button:
    """What comes back, without the sign that makes Discord's adapter open a window."""
    return Button(label=label, data=written.removeprefix(ASKS), asks=written.startswith(ASKS))
