"""Commands and presses: acknowledged before anything else, then handed to the core, then answered.

Discord waits 3 s for the acknowledgement, and 15 minutes for the answer; proposals and windows cannot be deferred.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import discord
import structlog

from adapters.plain import line, size
from adapters.platforms.discord.components import ASKS, Payload, window
from adapters.platforms.discord.events import (
    CHOICE,
    MOST_CHOICES,
    Interaction,
    complete_words,
    data_of,
    follow_of,
    granted,
    is_about_a_message,
    is_private,
    person_of,
    press_of,
    typed,
    where_of,
)
from adapters.platforms.discord.markdown import clip
from adapters.platforms.discord.render import attachments, buttons, notice, render
from adapters.platforms.discord.rest import Rest
from adapters.platforms.discord.wire import LATER, LATER_IN_PLACE, MESSAGE, PROPOSALS, WINDOW, Wire
from bot.domain.budget import Budget, Use
from bot.domain.command import (
    Answer,
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
from bot.errors import PlatformError
from bot.locale.say import Say
from bot.ports import Handle
from bot.view import Action, Attachment, Style

PROPOSED_SECONDS = 1.0
ASKED_SECONDS = 2.0  # … and what opens the window must arrive within the third

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Interactions:
    rest: Rest
    wire: Wire
    budget: Budget
    handle: Handle
    specs: Mapping[str, CommandSpec]
    language: str  # of what everybody sees

    async def take(self, event: Interaction) -> None:
        """Answers one interaction; raises nothing but CancelledError."""
        try:
            match event.type:
                case discord.InteractionType.application_command if is_about_a_message(data_of(event)):
                    await self._follow(event)
                case discord.InteractionType.application_command:
                    await self._command(event)
                case discord.InteractionType.component | discord.InteractionType.modal_submit:
                    await self._press(event)
                case discord.InteractionType.autocomplete:
                    await self._complete(event)
        except PlatformError as error:
            log.warning("an interaction could not be answered", kind=type(error).__name__, error=str(error))
        except Exception:
            log.exception("an interaction could not be read", kind=event.type.name)

    async def _follow(self, event: Interaction) -> None:
        asked = follow_of(event)
        await self.wire.acknowledge(event, LATER, private=asked.where.is_group)
        answer = await self.handle(asked)
        reply = answer if isinstance(answer, Reply) else Reply()
        if reply.view is None and not reply.notice:
            return await self.wire.original(event, "DELETE")
        body, files, _ = self._shown(reply, asked.where, asked.person, in_private=True)
        return await self.wire.original(event, "PATCH", body, files)

    async def _command(self, event: Interaction) -> None:
        where, person, call = where_of(event), person_of(event), typed(data_of(event))
        spec = self.specs.get(call.name)
        private = where.is_group and (spec is None or not spec.public or _lacks_right(spec, person))
        await self.wire.acknowledge(event, LATER, private=private)
        if spec is not None and _lacks_right(spec, person) and await self._was_granted(event):
            person = replace(person, rights=Rights.ADMIN)
        answer = await self.handle(Command(name=call.name, arguments=call.arguments, where=where, person=person))
        reply = answer if isinstance(answer, Reply) else Reply()
        if reply.view is None and not reply.notice and not reply.files:
            return await self.wire.original(event, "DELETE")
        body, files, to_asker = self._shown(reply, where, person)
        if to_asker == private:
            return await self.wire.original(event, "PATCH", body, files)
        await self.wire.original(event, "DELETE")  # who sees an answer is fixed by its acknowledgement
        return await self.wire.follow_up(event, body, files, private=to_asker)

    async def _press(self, event: Interaction) -> None:
        press = press_of(event)
        if press.data.startswith(ASKS):
            return await self._ask(event, replace(press, data=press.data.removeprefix(ASKS)))
        await self.wire.acknowledge(event, LATER_IN_PLACE)
        return await self._after_press(event, press, await self.handle(press))

    async def _ask(self, event: Interaction, press: Press) -> None:
        """A window cannot be deferred: the core has a moment to say what to ask, and nothing is shown meanwhile."""
        try:
            async with asyncio.timeout(ASKED_SECONDS):
                answer = await self.handle(press)
        except TimeoutError:
            late = Say(press.person.language or self.language)("discord.late")
            return await self.wire.callback(event, {"type": MESSAGE, "data": notice(late)})
        if isinstance(answer, Reply) and answer.form is not None:
            return await self.wire.callback(event, {"type": WINDOW, "data": window(answer.form)})
        await self.wire.acknowledge(event, LATER_IN_PLACE)
        return await self._after_press(event, press, answer)

    async def _after_press(self, event: Interaction, press: Press, answer: Answer) -> None:
        reply, where = answer if isinstance(answer, Reply) else Reply(), press.where
        if reply.form is not None:
            await self._ask_again(event, press, reply, reply.form)
            return
        if reply.menu:
            await self.wire.follow_up(event, buttons(reply.notice, reply.menu), private=True)
        is_told = bool(reply.menu)
        if reply.view is not None or reply.files:
            shown = self._shown(reply, where, press.person, in_private=reply.replaces and is_private(event))
            body, files, to_asker = shown
            if reply.replaces and reply.view is not None:
                await self.wire.original(event, "PATCH", body, files)
            else:
                await self.wire.follow_up(event, body, files, private=to_asker)
                is_told |= to_asker  # the notice is the same in short, for platforms where nothing private can be said
        if reply.notice and not is_told:
            await self.wire.follow_up(event, notice(reply.notice), private=where.is_group)

    async def _ask_again(self, event: Interaction, press: Press, reply: Reply, form: Form) -> None:
        """After an acknowledgement no window can open, nor out of another window: a button opens it."""
        again = Action(label=form.title, press=press.data, style=Style.PRIMARY, asks=True)
        await self.wire.follow_up(event, buttons(reply.notice or form.label, (again,)), private=True)

    async def _complete(self, event: Interaction) -> None:
        choices: Sequence[Choice] = ()
        try:
            async with asyncio.timeout(PROPOSED_SECONDS):
                choices = await self._proposals(event)
        except TimeoutError:
            log.info("proposals came too late")
        named = [(clip(line(choice.label), CHOICE, written=str), choice.value) for choice in choices]
        said = [{"name": name, "value": value} for name, value in named if name and 0 < size(value) <= CHOICE]
        await self.wire.callback(event, {"type": PROPOSALS, "data": {"choices": said[:MOST_CHOICES]}})

    async def _proposals(self, event: Interaction) -> Sequence[Choice]:
        call = typed(data_of(event))
        spec, text = self.specs.get(call.name), call.arguments.get(call.focused, "")
        argument = next((a for a in spec.arguments if a.name == call.focused), None) if spec is not None else None
        if argument is not None and argument.choices:
            return complete_words(argument, text)
        asked = Complete(
            name=call.name, argument=call.focused, text=text, where=where_of(event), person=person_of(event)
        )
        answer = await self.handle(asked)
        return answer if isinstance(answer, tuple) else ()

    def _shown(
        self, reply: Reply, where: Where, person: Person, *, in_private: bool = False
    ) -> tuple[Payload, tuple[Attachment, ...], bool]:
        """The message, its files, and whether it is for the asker alone."""
        to_asker = where.is_group and (in_private or reply.audience is Audience.ASKER)
        if reply.view is None:
            return notice(reply.notice) | ({} if reply.notice else {"content": ""}), reply.files, to_asker
        is_read_alone = to_asker or not where.is_group
        everybodys = reply.language or self.language
        body = render(reply.view, person.language or self.language if is_read_alone else everybodys)
        if not to_asker:
            self.budget.take(where.address.chat, time.monotonic(), Use.ANSWER, is_group=where.is_group)
        return body, (*attachments(reply.view), *reply.files), to_asker

    async def _was_granted(self, event: Interaction) -> bool:
        """Discord let somebody call an administrators' command: by a rule the server set for it, or not at all."""
        app = event.application_id
        try:
            rules = await self.rest.call("GET", f"/applications/{app}/guilds/{event.guild_id}/commands/permissions")
            roles = frozenset(str(role.id) for role in getattr(event.user, "roles", ()))
            return granted(rules, (str(data_of(event).get("id", "")), str(app)), str(event.user.id), roles)
        except (PlatformError, TypeError, KeyError):
            return False


def _lacks_right(spec: CommandSpec, person: Person) -> bool:
    return spec.admin and person.rights is not Rights.ADMIN
