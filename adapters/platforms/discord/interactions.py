"""Commands and presses: acknowledged before anything else, then handed to the core, then answered.

Discord waits 3 s for the acknowledgement, and 15 minutes for the answer; proposals cannot be deferred at all.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import discord
import structlog

from adapters.platforms.discord.events import (
    MOST_CHOICES,
    Interaction,
    complete_words,
    data_of,
    granted,
    person_of,
    typed,
    where_of,
)
from adapters.platforms.discord.render import EPHEMERAL, Payload, attachments, notice, render
from adapters.platforms.discord.rest import Rest
from bot.domain.budget import Budget
from bot.domain.command import Audience, Choice, Command, CommandSpec, Complete, Person, Press, Reply, Rights, Where
from bot.errors import PlatformError, Throttled, Uncertain, Unreachable
from bot.ports import Handle
from bot.view import Attachment

ACKNOWLEDGED = timedelta(seconds=2.5)
PROPOSED_SECONDS = 1.0
TRIES = 3
LONGEST_WAIT = 5.0  # seconds; an answer is worth so much patience, nobody looks at a later one

PROPOSALS, LATER, LATER_IN_PLACE = 8, 5, 6  # the types of a callback

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Interactions:
    rest: Rest
    budget: Budget
    handle: Handle
    specs: Mapping[str, CommandSpec]
    language: str  # of what everybody sees

    async def take(self, event: Interaction) -> None:
        """Answers one interaction; raises nothing but CancelledError."""
        try:
            match event.type:
                case discord.InteractionType.application_command:
                    await self._command(event)
                case discord.InteractionType.component:
                    await self._press(event)
                case discord.InteractionType.autocomplete:
                    await self._complete(event)
        except PlatformError as error:
            log.warning("an interaction could not be answered", kind=type(error).__name__, error=str(error))
        except Exception:
            log.exception("an interaction could not be read", kind=event.type.name)

    async def _command(self, event: Interaction) -> None:
        where, person, call = where_of(event), person_of(event), typed(data_of(event))
        spec = self.specs.get(call.name)
        private = where.is_group and (spec is None or not spec.public or _lacks_right(spec, person))
        await self._acknowledge(event, LATER, private=private)
        if spec is not None and _lacks_right(spec, person) and await self._was_granted(event):
            person = replace(person, rights=Rights.ADMIN)
        answer = await self.handle(Command(name=call.name, arguments=call.arguments, where=where, person=person))
        reply = answer if isinstance(answer, Reply) else Reply()
        shown = self._shown(reply, where, person)
        if shown is None:
            return await self._original(event, "DELETE")
        body, files, to_asker = shown
        if to_asker == private:
            return await self._original(event, "PATCH", body, files)
        await self._original(event, "DELETE")  # who sees an answer is fixed by its acknowledgement
        return await self._follow_up(event, body, files, private=to_asker)

    async def _press(self, event: Interaction) -> None:
        where, person = where_of(event), person_of(event)
        await self._acknowledge(event, LATER_IN_PLACE)
        ref = str(event.message.id) if event.message is not None else ""
        data = str(data_of(event).get("custom_id", ""))
        answer = await self.handle(Press(data=data, where=where, person=person, message_ref=ref))
        if not isinstance(answer, Reply):
            return
        if answer.view is not None and (shown := self._shown(answer, where, person)) is not None:
            body, files, to_asker = shown
            if answer.replaces:
                await self._original(event, "PATCH", body, files)
            else:
                await self._follow_up(event, body, files, private=to_asker)
                if to_asker:
                    return  # the notice is the same in short, for platforms where nothing private can be said
        if answer.notice:
            await self._follow_up(event, notice(answer.notice), (), private=where.is_group)

    async def _complete(self, event: Interaction) -> None:
        choices: Sequence[Choice] = ()
        try:
            async with asyncio.timeout(PROPOSED_SECONDS):
                choices = await self._proposals(event)
        except TimeoutError:
            log.info("proposals came too late")
        said = [{"name": choice.label, "value": choice.value} for choice in choices if choice.label and choice.value]
        await self._callback(event, {"type": PROPOSALS, "data": {"choices": said[:MOST_CHOICES]}})

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

    def _shown(self, reply: Reply, where: Where, person: Person) -> tuple[Payload, tuple[Attachment, ...], bool] | None:
        """The message, its files, and whether it is for the asker alone; None: nothing to say."""
        to_asker = where.is_group and reply.audience is Audience.ASKER
        if reply.view is None:
            return (notice(reply.notice), reply.files, to_asker) if reply.notice or reply.files else None
        body = render(reply.view, person.language or self.language if to_asker else self.language)
        if not to_asker:
            self.budget.take(where.address.chat, time.monotonic(), is_group=where.is_group)
        return body, (*attachments(reply.view), *reply.files), to_asker

    async def _was_granted(self, event: Interaction) -> bool:
        """Discord let somebody call an administrators' command: by a rule the server set for it, or not at all."""
        app = event.application_id
        try:
            rules = await self.rest.call("GET", f"/applications/{app}/guilds/{event.guild_id}/commands/permissions")
            return granted(rules, str(data_of(event).get("id", "")), str(app), event)
        except (PlatformError, TypeError, KeyError):
            return False

    # -- the wire -----------------------------------------------------------------------------------------------------

    async def _acknowledge(self, event: Interaction, kind: int, *, private: bool = False) -> None:
        """Without an answer to it we go on: it was perhaps heard, and somebody waits."""
        try:
            await self._callback(event, {"type": kind, "data": {"flags": EPHEMERAL}} if private else {"type": kind})
        except Uncertain:
            log.warning("an acknowledgement was perhaps lost")

    async def _callback(self, event: Interaction, body: Payload) -> None:
        path = f"/interactions/{event.id}/{event.token}/callback"
        await self.rest.call("POST", path, body, anonymous=True, within=ACKNOWLEDGED)

    async def _original(
        self, event: Interaction, method: str, body: Payload | None = None, files: Sequence[Attachment] = ()
    ) -> None:
        """The message the acknowledgement promised, or the one whose button was pressed. Its flags cannot change."""
        body = {key: value for key, value in body.items() if key != "flags"} if body else None
        path = f"/webhooks/{event.application_id}/{event.token}/messages/@original"
        await self._patiently(method, path, body, files)

    async def _follow_up(
        self, event: Interaction, body: Payload, files: Sequence[Attachment], *, private: bool
    ) -> None:
        flags = body.get("flags", 0) & ~EPHEMERAL | (EPHEMERAL if private else 0)
        path = f"/webhooks/{event.application_id}/{event.token}"
        await self._patiently("POST", path, body | {"flags": flags}, files)

    async def _patiently(self, method: str, path: str, body: Payload | None, files: Sequence[Attachment]) -> None:
        """An answer is no post: nobody sends it again later, so a short refusal is waited out here."""
        for tries_left in reversed(range(TRIES)):
            try:
                await self.rest.call(method, path, body, files=files, anonymous=True)
                return
            except (Throttled, Unreachable) as error:
                wait = error.after.total_seconds() if isinstance(error, Throttled) else 1.0
                if not tries_left or wait > LONGEST_WAIT:
                    raise
                await asyncio.sleep(wait)


def _lacks_right(spec: CommandSpec, person: Person) -> bool:
    return spec.admin and person.rights is not Rights.ADMIN
