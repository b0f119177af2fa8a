"""The rooms of the console: what is sent to them and what people do there, without the page that shows them.

What is said goes through the two real renderers, and what is kept are the very payloads they produce.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from adapters import plain
from adapters.platforms.console import typed
from adapters.platforms.console.files import Files
from adapters.platforms.console.ledger import Ledger, Line, Payload
from adapters.platforms.console.story import Story
from bot.domain.budget import Budget, Rates, Use
from bot.domain.channel import Address, Channel
from bot.domain.command import (
    Audience,
    Choice,
    Command,
    CommandSpec,
    Complete,
    Form,
    Person,
    Press,
    Reply,
    Rights,
    Where,
)
from bot.errors import Rejected
from bot.locale.say import Say
from bot.ports import Handle
from bot.view import Actions, Attachment, Headline, View

PLATFORM = "console"
RATES = Rates(overall=(500, 1.0), chat=(100, 1.0), width=4)  # nobody refuses here; a flood should still look like one
SEND_TIMEOUT = timedelta(seconds=10)
THREAD_NAME = 100  # characters
FOR_EVER = timedelta(days=36_500)  # the ledger keeps every nonce
REFUSED, OBJECTED, DONE = "🙈", "🤔", "👌"
PEOPLE = {"admin": "Camille Roux", "member": "Sacha Petit"}

Renderer = Callable[[View, str], Mapping[str, Any]]  # (view, language) → the JSON the platform's API takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Private:
    """What only the asker sees: a notice of one line, a message, a question.

    `ref`: the message that what is pressed or typed there is about ("": this one, which stands in no room).
    """

    notice: str = ""
    payload: Payload | None = None
    form: Form | None = None
    ref: str = ""

    def __bool__(self) -> bool:
        return bool(self.notice or self.form) or self.payload is not None


class Rooms:
    """A room's name is its address (`telegram`, `discord`, `telegram-2`…); its first word says which renderer draws."""

    name = PLATFORM
    lane = PLATFORM
    send_timeout = SEND_TIMEOUT
    dedupes_for = FOR_EVER
    whispers = True
    hangs_threads = True

    def __init__(
        self, *, renderers: Mapping[str, Renderer], ledger: Ledger, language: str, story: Story | None = None
    ) -> None:
        self.budget = Budget(RATES)
        self.ledger = ledger
        self.language = language
        self.story = story
        self.files = Files()
        self._renderers = renderers

    @property
    def manners(self) -> Sequence[str]:
        return tuple(self._renderers)

    # -- the port -----------------------------------------------------------------------------------------------------

    async def send(self, channel: Channel, view: View, *, nonce: str) -> str:
        room = room_of(channel.address)
        payload = self._drawn(room, view, channel.language)
        if self.story is not None:
            await self.story.before_a_message(view)
        line = Line(
            ref="",
            room=room,
            voice="bot",
            at=_now(),
            nonce=nonce,
            payload=payload,
            silent=view.silent,
            answers=view.answers,
        )
        return self.ledger.accept(line).ref

    async def edit(self, channel: Channel, ref: str, view: View) -> None:
        if self.ledger.change(ref, self._drawn(room_of(channel.address), view, channel.language)) is None:
            raise Rejected(f"console: no message {ref} stands in {room_of(channel.address)}")

    def takes_threads(self, channel: Channel) -> bool:
        return True

    async def open_thread(self, channel: Channel, ref: str, view: View) -> str:
        title = next((block.text for block in view.blocks if isinstance(block, Headline)), "")
        if self.ledger.thread(ref, plain.cut(plain.line(title), THREAD_NAME) or "…") is None:
            raise Rejected(f"console: no message {ref} stands in {room_of(channel.address)}")
        return ref

    def link(self, channel: Channel, ref: str) -> str:
        return ""

    async def rights(self, where: Where, person: Person) -> Rights:
        """The page has a switch; whoever can open it may use it."""
        return Rights.ADMIN if person.id == "admin" else Rights.MEMBER

    def _drawn(self, room: str, view: View, language: str) -> Payload:
        renderer = self._renderers.get(manner_of(room))
        if renderer is None:
            raise Rejected(f"console: no room is called {room}")
        return renderer(view, language)

    # -- what people do -----------------------------------------------------------------------------------------------

    async def say(
        self, room: str, text: str, person: Person, handle: Handle, specs: Sequence[CommandSpec]
    ) -> Private | None:
        """A typed line. On Telegram it stands in the chat; a Discord command is seen only through its answer."""
        command = typed.READERS[manner_of(room)](text, specs)
        said = None
        if command is None or manner_of(room) == "telegram":
            line = Line(ref="", room=room, voice="person", at=_now(), text=text, author=person.name)
            said = self.ledger.accept(line)
        if command is None:
            return None
        where = self.where(room)
        answer = await handle(Command(name=command.name, arguments=command.arguments, where=where, person=person))
        if not isinstance(answer, Reply):
            return None
        if said is not None and answer.audience is Audience.ASKER:  # nothing private can be said in the group
            objects = bool(answer.notice) and answer.view is not None
            self.ledger.react(said.ref, REFUSED if answer.refused else OBJECTED if objects else DONE)
        return self._answer(room, answer, person, asked=text)

    async def press(
        self, room: str, ref: str, data: str, person: Person, handle: Handle, *, text: str = ""
    ) -> Private | None:
        """A button, a choice, or a form: `text` is what was typed into it."""
        where = self.where(room)
        answer = await handle(Press(data=data, where=where, person=person, message_ref=ref, text=text))
        return self._answer(room, answer, person, ref=ref) if isinstance(answer, Reply) else None

    def _answer(self, room: str, reply: Reply, person: Person, *, asked: str = "", ref: str = "") -> Private | None:
        if reply.form is not None:
            return Private(notice=reply.notice, form=reply.form, ref=ref)
        stands = reply.replaces and self.ledger.find(ref) is not None
        is_private = not stands and (reply.replaces or reply.audience is Audience.ASKER)
        if (reply.view is not None or reply.files) and not is_private:
            self._say(room, reply, person, asked=asked, ref=ref if stands else "")
        alone = reply if is_private else Reply(menu=reply.menu)
        payload = self._said(room, alone, person.language or self.language)
        about = ref if manner_of(room) == "telegram" and reply.menu else ""  # there its buttons stand in their place
        # The notice is a private message's own in short, for platforms where nothing longer can be said
        notice = "" if is_private and reply.view is not None and not reply.replaces else reply.notice
        return Private(notice=notice, payload=payload, ref=about) or None

    def _say(self, room: str, reply: Reply, person: Person, *, asked: str, ref: str) -> None:
        """To everybody: a new message, or in the place of `ref`."""
        self.budget.take(room, time.monotonic(), Use.ANSWER)
        payload = self._said(room, reply, reply.language or self.language)
        assert payload is not None, "there is something to say"
        if ref:
            self.ledger.change(ref, payload)
        else:
            line = Line(ref="", room=room, voice="answer", at=_now(), payload=payload, author=person.name, text=asked)
            self.ledger.accept(line)

    def _said(self, room: str, reply: Reply, language: str) -> Payload | None:
        """A message, the buttons for one person under it, its files where this page serves them; None: nothing."""
        blocks = reply.view.blocks if reply.view is not None else ()
        files = [*(block for block in blocks if isinstance(block, Attachment)), *reply.files]
        if reply.menu:
            blocks = (*blocks, Actions(actions=reply.menu))
        if not blocks and not files:
            return None
        view = replace(reply.view or View(blocks=()), blocks=blocks)
        payload = self._drawn(room, view, language) if blocks else {}
        if (
            reply.view is None and "text" in payload
        ):  # Telegram has no message without words, here it may be only buttons
            payload = {**payload, "text": ""}
        offered = [{"filename": file.name, "url": self.files.offer(file)} for file in files]
        return {**payload, "attachments": offered} if offered else payload

    async def complete(
        self, room: str, text: str, person: Person, handle: Handle, specs: Sequence[CommandSpec]
    ) -> Sequence[typed.Proposal]:
        """Names everywhere; options and their values where the platform knows such a thing."""
        manner, say = manner_of(room), Say(person.language or self.language)
        if not text.startswith("/"):
            return ()
        offered = typed.names(text, manner, specs, say, admin=person.id == "admin")
        command = typed.READERS[manner](text, specs)
        spec = typed.named(command.name, specs) if command else None
        if command is None or spec is None or manner == "telegram" or not _is_named(text, command):
            return offered
        if command.focused is None:
            return typed.options(text, spec, command.arguments, say) if text.endswith(" ") else ()
        value = text[len(command.left) :]
        if value.endswith(" ") and not command.focused.choices:
            return typed.options(text, spec, command.arguments, say)
        return typed.values(command, await self._proposed(room, spec, command, value, person, handle))

    async def _proposed(
        self, room: str, spec: CommandSpec, command: typed.Typed, value: str, person: Person, handle: Handle
    ) -> Sequence[Choice]:
        assert command.focused is not None
        if command.focused.choices:
            return typed.fixed(command.focused, value)
        if not command.focused.completes:
            return ()
        where, argument = self.where(room), command.focused.name
        answer = await handle(Complete(name=spec.name, argument=argument, text=value, where=where, person=person))
        return answer if isinstance(answer, tuple) else ()

    def where(self, room: str) -> Where:
        chat, _, thread = room.partition("/")
        say = Say(self.language)
        return Where(
            address=Address(platform=PLATFORM, chat=chat, thread=thread),
            community=f"{PLATFORM}:{chat}",
            title=say(f"console.room.{manner_of(room)}.title"),
        )


def room_of(address: Address) -> str:
    return f"{address.chat}/{address.thread}" if address.thread else address.chat


def manner_of(room: str) -> str:
    return room.partition("/")[0].partition("-")[0]


def _is_named(text: str, command: typed.Typed) -> bool:
    """The command's name stands complete, something follows it."""
    return f"{command.name} " in text


def _now() -> int:
    return int(time.time() * 1000)
