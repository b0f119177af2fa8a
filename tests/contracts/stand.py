"""A platform's stand-in, as the conformance suite drives it: the real adapter, its real library, a local server.

Each of tests/stands/{telegram,discord,console}.py offers `async def stand(...)`, an async context manager that yields
one of these. The servers behind are strict: they refuse what the real platform refuses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, Protocol

from bot.domain.channel import Channel
from bot.domain.command import Where
from bot.ports import Platform
from bot.view import Attachment

Language = Literal["fr", "en"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    label: str
    data: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A message as a person in the chat sees it now, and the payload that made it."""

    ref: str
    chat: str
    thread: str
    text: str  # what is read, without markup, all parts joined by newlines
    silent: bool
    pings: tuple[str, ...]  # who was really mentioned: must be empty, or the configured role
    buttons: tuple[Button, ...]  # and the options of menus
    edits: int
    answers: str = ""  # the message it is shown as a reply to
    files: tuple[Attachment, ...] = ()
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A question before one person, as they read it."""

    title: str
    label: str
    hint: str
    value: str
    handle: Any  # what the stand needs to fill it in


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What one person saw after a command, a press, a choice or a form."""

    public: tuple[Shown, ...] = ()  # new messages everybody in the chat sees
    private: str = ""  # an ephemeral answer, a callback notice, or a sentence in the bot's own chat
    whispered: tuple[Shown, ...] = ()  # the messages among what is private
    window: Window | None = None
    reaction: str = ""
    acknowledged_after: float = 0.0  # seconds until the platform had its acknowledgement


class Stand(Protocol):
    name: str
    platform: Platform

    def channel(self, number: int = 0, *, thread: str = "") -> Channel:
        """The `number`th group the bot is in, as the rows would hold it. Any number works, each is its own chat."""
        ...

    def where(self, number: int = 0) -> Where: ...

    def messages(self, number: int = 0, *, thread: str = "") -> Sequence[Shown]:
        """What stands in the chat, oldest first."""
        ...

    def refusals(self) -> int:
        """How many 429 the server has answered so far."""
        ...

    async def say(
        self, text: str, *, admin: bool = False, language: Language = "fr", number: int = 0, within: float = 5.0
    ) -> Answered:
        """A person types "/latest 3" (or picks the command and its options); waits until it is answered."""
        ...

    async def press(
        self,
        ref: str,
        data: str,
        *,
        admin: bool = False,
        language: Language = "fr",
        number: int = 0,
        within: float = 5.0,
    ) -> Answered:
        """A button of that message; `data` is what the core wrote on it, or what somebody forged."""
        ...

    async def choose(
        self,
        ref: str,
        data: str,
        *,
        admin: bool = False,
        language: Language = "fr",
        number: int = 0,
        within: float = 5.0,
    ) -> Answered:
        """An option of one of that message's menus."""
        ...

    async def fill(
        self,
        window: Window,
        text: str,
        *,
        admin: bool = False,
        language: Language = "fr",
        number: int = 0,
        within: float = 5.0,
    ) -> Answered:
        """Types into what a press opened, and sends it."""
        ...

    # the next calls misbehave
    def throttle(self, after: timedelta, *, number: int | None = None, calls: int = 1) -> None:
        """429 for one chat, or for the whole token when `number` is None."""
        ...

    def lose_answers(self, calls: int = 1) -> None:
        """Accept the message, then close the connection without an answer."""
        ...

    def garble_answers(self, calls: int = 1) -> None:
        """Accept the message, then answer 200 with a body that is not what the platform sends."""
        ...

    def refuse_connections(self, *, on: bool) -> None:
        """Nothing listens: surely not sent."""
        ...

    def fail(self, status: int, calls: int = 1) -> None:
        """Answer that HTTP status without having accepted anything the platform would show."""
        ...

    def kick(self, number: int = 0) -> None:
        """The bot is put out of the chat."""
        ...

    def reject_token(self, *, on: bool) -> None: ...
