"""What a message says, before any markup. Each platform has one renderer, and each renderer ends in `assert_never`.

Every string is plain text: a renderer escapes it, so that nothing from a source is ever markup or a mention.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.alert import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """`badge` says in words what the colour says ("Critique")."""

    text: str
    url: str = ""
    badge: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Paragraphs separated by "\\n\\n"."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """(label, value) rows."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """A chart: (label, number) rows in their order, each with a bar as long as its number is great."""

    rows: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The exact words of a source, and whose they are."""

    text: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    text: str
    url: str = ""
    note: str = ""  # small, after the text: number, source, date
    extract: tuple[tuple[str, bool], ...] = ()  # words of the article, and which of them were looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list; `title` may be empty. A renderer short of room drops whole items from the end and says how many."""

    items: tuple[Item, ...]
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    name: str
    media_type: str
    content: bytes


class Style(StrEnum):
    PRIMARY = "primary"
    PLAIN = "plain"
    DANGER = "danger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A button. `press` is what comes back, at most 64 bytes of ASCII (Telegram's limit), already signed; or a link.

    `asks`: the answer to the press is a form to fill in (`Reply.form`); Discord must know before it asks us.
    """

    label: str
    press: str = ""
    url: str = ""
    style: Style = Style.PLAIN
    asks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Actions:
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """One of many: a menu to open on Discord, a column of buttons elsewhere. `hint` is what the closed menu says."""

    hint: str
    options: tuple[Action, ...]  # 25 at most, all with a `press`


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Small print: source, date, number, "message repeated"."""

    text: str


Block = Headline | Text | Facts | Bars | Quote | Items | Attachment | Actions | Options | Note


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    blocks: tuple[Block, ...]
    severity: Severity | None = None  # an accent beside the badge, never instead of it
    silent: bool = False  # arrives without a sound
    mention: str = ""  # a configured role; the only mention a renderer ever writes
    answers: str = ""  # reference of a message of the same chat: shown as a reply to it, where it still stands
    image: str = ""  # address of a picture, shown small where a platform fetches it itself; never ours to fetch
