"""Every event of every platform comes in here; rights, language and errors are handled once, around every command."""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from bot.commands import BY_NAME, SPECS, take
from bot.commands import Entry as CommandEntry
from bot.commands.call import Call, Desk
from bot.domain import press
from bot.domain.command import (
    Answer,
    Audience,
    Choice,
    Command,
    Complete,
    Event,
    Joined,
    Left,
    Moved,
    Person,
    Press,
    Reply,
    Rights,
    Where,
)
from bot.errors import PlatformError, UserError
from bot.locale.say import Say
from bot.ports import Meter, Platform
from bot.view import Text, View

MOST_CHOICES = 25  # Discord's limit

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """`handle` answers in sentences and raises nothing: a platform has no better idea than to show what it is given."""

    desk: Desk
    platforms: Mapping[str, Platform]
    operators: frozenset[tuple[str, str]]  # (platform, id)
    meter: Meter

    async def handle(self, event: Event) -> Answer:
        try:
            return await self._handle(event)
        except UserError as error:
            if isinstance(event, Command | Press | Complete):
                return _told(Say(await self._language(event.where, event.person))(error.key, **error.values))
        except Exception:  # whatever it was, the person gets a sentence and we get the traceback
            log.exception("an event could not be handled", kind=type(event).__name__)
            if isinstance(event, Command | Press):
                return _told(Say(event.person.language or self.desk.language)("error.unexpected"))
        return None

    async def _handle(self, event: Event) -> Answer:
        match event:
            case Command():
                return await self._command(event)
            case Press():
                return await self._press(event)
            case Complete():
                return await self._complete(event)
            case Joined():
                async with self.desk.db.tx() as tx:
                    await self.desk.channels.back(tx, event.where.address, community=event.where.community)
                    if event.where.address.chat:  # a whole server is no place to write to
                        await self.desk.ensure(tx, event.where)
            case Left():
                async with self.desk.db.tx() as tx:
                    await self.desk.channels.gone(tx, event.where.address, community=event.where.community)
            case Moved():
                async with self.desk.db.tx() as tx:
                    await self.desk.channels.moved(tx, event.old, event.new)
        return None

    async def _command(self, event: Command) -> Reply:
        entry = BY_NAME.get(event.name.lower())
        if entry is None:
            raise UserError("error.unknown_command", name=event.name[:32])
        rights = await self._rights(event.where, event.person)
        if entry.spec.admin and rights < Rights.ADMIN:
            sentence = Say(await self._language(event.where, event.person))("error.rights")
            return Reply(view=View(blocks=(Text(text=sentence),)), audience=Audience.ASKER, refused=True)
        self.meter.count("commands", platform=event.where.address.platform, name=entry.spec.name)
        return await entry.answer(await self._call(entry, event.where, event.person, rights, event.arguments))

    async def _press(self, event: Press) -> Reply:
        """What a button means was signed when it was written; the person's rights are looked up now."""
        language = await self._language(event.where, event.person)
        meaning = press.read(self.desk.key, event.data, event.where.address.chat)
        if meaning is None or meaning[0] not in take.PRESSES:
            return Reply(notice=Say(language)("error.expired"), audience=Audience.ASKER)
        verb, reference = meaning
        self.meter.count("commands", platform=event.where.address.platform, name=verb)
        return await take.PRESSES[verb](self.desk, event, reference, Say(language))

    async def _complete(self, event: Complete) -> tuple[Choice, ...]:
        entry = BY_NAME.get(event.name.lower())
        if entry is None or entry.proposals is None:
            return ()
        call = await self._call(entry, event.where, event.person, Rights.MEMBER, {})
        return tuple(await entry.proposals(call, event.argument, event.text))[:MOST_CHOICES]

    async def _call(
        self, entry: CommandEntry, where: Where, person: Person, rights: Rights, arguments: Mapping[str, str]
    ) -> Call:
        return Call(
            desk=self.desk,
            spec=entry.spec,
            arguments=arguments,
            where=where,
            person=person,
            channel=await self.desk.channel(where),
            rights=rights,
            now=self.desk.clock.now(),
            specs=SPECS,
        )

    async def _rights(self, where: Where, person: Person) -> Rights:
        """Asked anew each time; when the platform cannot say, nobody is an administrator."""
        if (person.platform, person.id) in self.operators:
            return Rights.OPERATOR
        try:
            return await self.platforms[where.address.platform].rights(where, person)
        except PlatformError as error:
            log.warning("rights unknown, refused", platform=where.address.platform, kind=type(error).__name__)
            return Rights.MEMBER

    async def _language(self, where: Where, person: Person) -> str:
        """Of a private answer: the reader's, else the channel's."""
        return person.language or (await self.desk.channel(where)).language


def _told(sentence: str) -> Reply:
    return Reply(view=View(blocks=(Text(text=sentence),)), audience=Audience.ASKER, notice=sentence[:200])
