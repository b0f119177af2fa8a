"""A question is a message to reply to. It carries what its answer means, so a restart in between forgets nothing.

What it carries stands in the address of a link over a character nobody sees. Whoever writes such a link gains nothing:
it is read in messages of our own only, where no source's text can begin so, and what it means is signed by the core.
"""

import re
from urllib.parse import quote, unquote

import telegram

from adapters.plain import line, plain, size
from adapters.platforms.telegram.render import Payload
from adapters.platforms.telegram.text import clip
from bot.domain.command import Form, Person

PLACEHOLDER = 64  # https://core.telegram.org/bots/api#forcereply
LINE = 200  # ours, UTF-16 units: of each of its lines
CARRIER = "\u200b"  # takes no room, and is no space that would be cut off
_CARRIED = re.compile(r"https://t\.me/(?P<bot>\w+)#(?P<press>[^;#\s]{1,192});(?P<ref>\d{0,16})")


def question(form: Form, ref: str, bot: str, *, said: str = "", asked: Person | None = None) -> Payload:
    """`ref`: the message whose button was pressed. `asked`: who pressed it in a group.

    Among many, Telegram opens the box of those alone who are mentioned (or replied to, and the message replied to is
    our own): it is the one mention we ever write, of somebody who has just spoken to us, and it does not ring.
    """
    carried = f"https://t.me/{bot}#{quote(form.press, safe=':._-')};{ref}"
    text, entities = CARRIER, [{"type": "text_link", "url": carried, "offset": 0, "length": size(CARRIER)}]

    def add(words: str, before: str, **mark: object) -> None:
        nonlocal text
        if words:
            before = before if text != CARRIER else ""
            entities.extend([{**mark, "offset": size(text + before), "length": size(words)}] if mark else [])
            text += before + words

    if asked is not None and asked.id.isdecimal():
        add(clip(line(asked.name), LINE) or "…", "", type="text_mention", user={"id": int(asked.id)})
    add(clip(line(form.title), LINE), " · ", type="bold")
    add(clip(plain(said), LINE), "\n")
    add(clip(line(form.label), LINE), "\n")
    add(clip(plain(form.value), LINE * 10, written=str), "\n", type="code")  # touched to be copied
    markup: Payload = {"force_reply": True, "selective": True}
    if hint := clip(line(form.hint), PLACEHOLDER):
        markup["input_field_placeholder"] = hint
    return {
        "text": text if text != CARRIER else f"{text}…",
        "entities": entities,
        "link_preview_options": {"is_disabled": True},
        "disable_notification": True,
        "reply_markup": markup,
    }


def carried(asked: telegram.Message, bot: str) -> tuple[str, str] | None:
    """What one of our messages asks for, and the message it is about ("": none); None: it asks nothing."""
    link = next((one for one in asked.entities if one.type == "text_link" and one.offset == 0), None)
    if link is None or not (asked.text or "").startswith(CARRIER):
        return None
    found = _CARRIED.fullmatch(link.url or "")
    if found is None or found["bot"].lower() != bot.lower():
        return None
    return unquote(found["press"]), found["ref"]
