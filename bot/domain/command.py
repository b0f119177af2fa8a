"""What people say to us, and what we answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum

from bot.domain.channel import Address
from bot.view import Action, Attachment, View

# A word, with the phrases in quotes that belong to it: what stands inside is never taken for a choice.
PIECES = re.compile(r"(?:\"[^\"]*\"|«[^»]*»|“[^”]*”|\S)+")


class Rights(IntEnum):
    MEMBER = 0
    ADMIN = 1
    OPERATOR = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who speaks.

    `rights` is what the event itself proves (Discord sends the permissions along); None: ask the platform.
    """

    platform: str
    id: str
    name: str = ""
    language: str | None = None  # "fr", "en"; None: the platform does not say
    rights: Rights | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """`name` is the English word of product.md: the option's name on Discord."""

    name: str
    required: bool = False
    choices: tuple[str, ...] = ()
    also: tuple[str, ...] = ()  # further spellings of the choices, when typed ("quotidien")
    completes: bool = False  # the platform may ask for proposals while it is typed
    named: bool = False  # typed, it takes no word of its own: the words of another argument may say it
    lines: bool = False  # the last one, typed, keeps its lines and columns


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSpec:
    """One command as every platform's menu, completion and help show it.

    Its sentences are `command.<name>.about` (≤ 100 characters) and `command.<name>.<argument>`.
    """

    name: str  # English, [a-z]+
    fr: str
    arguments: tuple[Argument, ...] = ()
    admin: bool = False
    public: bool = False  # in a group the answer is of use to all
    also: tuple[str, ...] = ()  # further spellings that answer ("start")

    def read(self, text: str) -> dict[str, str]:
        """What was typed after the command's name: one word an argument, the rest to the last.

        An argument with choices takes all of its words wherever they stand: "care daily" and "daily care" agree.
        """
        found: dict[str, str] = {}
        loose: list[re.Match[str]] = []
        open_choices = [a for a in self.arguments if a.choices]
        for piece in PIECES.finditer(text):
            word = piece[0]
            taken = next((a for a in open_choices if word.lower() in (*a.choices, *a.also)), None)
            if taken is None:
                loose.append(piece)
            else:
                found[taken.name] = f"{found.get(taken.name, '')} {word.lower()}".strip()
        plain = [a for a in self.arguments if not a.choices and not a.named]
        for argument in plain[:-1]:
            if loose:
                found[argument.name] = loose.pop(0)[0]
        if plain and loose:
            last = plain[-1]
            found[last.name] = text[loose[0].start() :].strip() if last.lines else " ".join(one[0] for one in loose)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The chat an event comes from, as far as the platform tells it along."""

    address: Address
    community: str
    title: str = ""
    is_group: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    name: str  # as typed: any spelling of any language
    arguments: Mapping[str, str] = field(default_factory=dict)
    where: Where
    person: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A button was pressed, or a form sent. `data` is what we wrote on it, or what somebody forged."""

    data: str
    where: Where
    person: Person
    message_ref: str = ""  # the message the button stands on
    text: str = ""  # what was typed into the form
    id: str = ""  # the platform's own name of this press: told again after a kill, it is the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """Somebody picked a message, whoever wrote it, to follow what it tells; answered to them alone."""

    marks: tuple[str, ...]  # what comes back from its buttons: what we wrote on them, or what somebody forged
    where: Where
    person: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete:
    """Proposals are wanted for `argument`, of which `text` is typed; answered with at most 25 `Choice`."""

    name: str
    argument: str
    text: str
    where: Where
    person: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """We may write there now. `is_new`: somebody has just brought us in, who waits for a word."""

    where: Where
    is_new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The whole chat (on Discord: one channel, or all of a server's when `address.chat` is "")."""

    where: Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    old: Address
    new: Address


Event = Command | Press | Follow | Complete | Joined | Left | Moved


class Audience(Enum):
    EVERYONE = "everyone"
    ASKER = "asker"  # never a message in the group: an ephemeral answer, a callback notice, a reaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    label: str  # ≤ 100 characters
    value: str  # ≤ 100 characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One question: a window on Discord, a message to reply to on Telegram. What is typed comes back as a `Press`."""

    title: str  # ≤ 45 characters
    label: str  # ≤ 45 characters
    press: str
    hint: str = ""  # ≤ 100 characters
    value: str = ""  # what the field holds at first
    most: int = 300  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """`replaces`: the view takes the place of the message whose button was pressed.
    `notice`: a short sentence (≤ 200 characters) for the person who pressed, besides or instead of the view.
    `refused`: the asker lacks a right; on Telegram, in a group, a reaction says it.
    `form`: asked of the person who pressed, instead of all else.
    `menu`: further buttons for the person who pressed: private on Discord, in place of the message's own on Telegram.
    `language`: of a view that everybody in the chat reads; "": the installation's.
    `link`: where nothing private can be said, the code under which the bot's own chat gives this very answer.
    """

    view: View | None = None
    audience: Audience = Audience.EVERYONE
    files: tuple[Attachment, ...] = ()
    replaces: bool = False
    notice: str = ""
    refused: bool = False
    form: Form | None = None
    menu: tuple[Action, ...] = ()
    language: str = ""
    link: str = ""


Answer = Reply | tuple[Choice, ...] | None
