"""Every event of every platform comes in here; rights, language, floods and errors are handled once, around all."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog

from bot.commands import BY_NAME, BY_VERB, SPECS, Button, follow, setup
from bot.commands import Entry as CommandEntry
from bot.commands.call import Call, Desk, Pressed
from bot.domain import press
from bot.domain.channel import Address
from bot.domain.command import (
    Answer,
    Audience,
    Choice,
    Command,
    Complete,
    Event,
    Follow,
    Joined,
    Left,
    Moved,
    Person,
    Press,
    Reply,
    Rights,
    Where,
)
from bot.domain.flood import CHAT, PERSON, PRESSES, Flood, Verdict
from bot.domain.token import Purpose, Token
from bot.errors import PlatformError, UserError
from bot.locale.say import Say
from bot.ports import Meter, Platform
from bot.view import Text, View

MOST_CHOICES = 25  # Discord's limit
WAITS_FOR = timedelta(minutes=10)  # a private answer behind a link

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """`handle` answers in sentences and raises nothing: a platform has no better idea than to show what it is given."""

    desk: Desk
    platforms: Mapping[str, Platform]
    operators: frozenset[tuple[str, str]]  # (platform, id)
    meter: Meter
    flood: Flood = field(default_factory=Flood)

    async def handle(self, event: Event) -> Answer:
        try:
            return await self._handle(event)
        except UserError as error:
            if isinstance(event, Command | Press | Follow | Complete):
                return _told(Say(await self._language(event.where, event.person))(error.key, **error.values))
        except Exception:  # whatever it was, the person gets a sentence and we get the traceback
            log.exception("an event could not be handled", kind=type(event).__name__)
            if isinstance(event, Command | Press | Follow):
                return _told(Say(event.person.language or self.desk.language)("error.unexpected"))
        return None

    async def _handle(self, event: Event) -> Answer:
        match event:
            case Command():
                return await self._welcome(event, command=True) or await self._spoken(event, await self._command(event))
            case Press():
                return await self._welcome(event, command=False) or await self._spoken(event, await self._press(event))
            case Follow():
                return await self._welcome(event, command=True) or await self._follow(event)
            case Complete():
                return await self._complete(event)
            case Joined():
                async with self.desk.db.tx() as tx:
                    await self.desk.channels.back(tx, event.where.address, community=event.where.community)
                    if event.where.address.chat:  # a whole server is no place to write to
                        channel = await self.desk.ensure(tx, event.where)
                        if event.is_new:
                            await setup.greet(self.desk, tx, channel, self.desk.clock.now())
            case Left():
                async with self.desk.db.tx() as tx:
                    gone = await self.desk.channels.gone(tx, event.where.address, community=event.where.community)
                    await self.desk.notices.of_channels(tx, gone, "gone", self.desk.clock.now())
            case Moved():
                async with self.desk.db.tx() as tx:
                    await self.desk.channels.moved(tx, event.old, event.new)
        return None

    async def _welcome(self, event: Command | Press | Follow, *, command: bool) -> Reply | None:
        """None: go on. At the limit one notice, then an empty answer."""
        person, chat = event.person, event.where.address
        who = f"{person.platform}:{person.id}"
        limits = {who: PERSON, f"{chat.platform}:{chat.chat}:": CHAT} if command else {f"{who}:press": PRESSES}
        verdict = self.flood.admit(limits, time.monotonic())
        if verdict is Verdict.WELCOME:
            return None
        if verdict is Verdict.SILENCE:
            return Reply(audience=Audience.ASKER)
        return _told(Say(await self._language(event.where, person))("error.flood"))

    async def _spoken(self, event: Command | Press, reply: Reply) -> Reply:
        """What everybody reads is drawn in the channel's language too, where a platform has words of its own."""
        if reply.view is None or not event.where.is_group:
            return reply
        return replace(reply, language=(await self.desk.channel(event.where)).language)

    # -- commands -----------------------------------------------------------------------------------------------------

    async def _command(self, event: Command) -> Reply:
        if event.name == "start" and (link := event.arguments.get("link", "")):
            return await self._waiting(event, link)
        entry = BY_NAME.get(event.name.lower())
        if entry is None:
            raise UserError("error.unknown_command", name=event.name[:32])
        rights = await self._rights(event.where, event.person)
        if entry.spec.admin and rights < Rights.ADMIN:
            return await self._refused(event.where, event.person)
        self.meter.count("commands", platform=event.where.address.platform, name=entry.spec.name)
        return await entry.answer(await self._call(entry, event.where, event.person, rights, event.arguments))

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
            whispers=self.platforms[where.address.platform].whispers,
            specs=SPECS,
        )

    # -- buttons ------------------------------------------------------------------------------------------------------

    async def _press(self, event: Press) -> Reply:
        """What a button means was signed when it was written; the person's rights are looked up now."""
        meaning = press.read(self.desk.key, event.data, event.where.address.chat)
        if meaning is None or (button := BY_VERB.get(meaning[0])) is None:
            raise UserError("error.expired")
        verb, reference = meaning
        rights = await self._rights(event.where, event.person) if button.admin else Rights.MEMBER
        if button.admin and rights < Rights.ADMIN:
            return await self._refused(event.where, event.person)
        self.meter.count("commands", platform=event.where.address.platform, name=verb)
        pressed = await self._pressed(event.where, event.person, rights, reference, event.text, event.id)
        return await self._with_link(event, verb, button, pressed, await button.press(pressed))

    async def _follow(self, event: Follow) -> Reply:
        """One of the message's own buttons says, signed, which post it is."""
        self.meter.count("commands", platform=event.where.address.platform, name="follow")
        meanings = [press.read(self.desk.key, mark, event.where.address.chat) for mark in event.marks]
        reference = next((one[1] for one in meanings if one is not None and one[0] in follow.OF_A_POST), "")
        pressed = await self._pressed(event.where, event.person, Rights.MEMBER, reference, "")
        return await follow.follow(pressed) if reference else follow.nothing(pressed)

    async def _pressed(
        self, where: Where, person: Person, rights: Rights, reference: str, text: str, name: str = ""
    ) -> Pressed:
        return Pressed(
            desk=self.desk,
            reference=reference,
            text=text,
            id=name,
            where=where,
            person=person,
            channel=await self.desk.channel(where),
            rights=rights,
            now=self.desk.clock.now(),
            whispers=self.platforms[where.address.platform].whispers,
            rights_in=lambda elsewhere: self._rights(
                elsewhere, replace(person, rights=None)
            ),  # the event proves nothing there
        )

    async def _with_link(self, event: Press, verb: str, button: Button, pressed: Pressed, reply: Reply) -> Reply:
        """Where nothing private can be said, a long private answer also waits in the bot's own chat."""
        if not button.private or reply.view is None or pressed.whispers or not event.where.is_group:
            return reply
        code, at = self.desk.code(), event.where.address
        payload = {
            "verb": verb,
            "reference": pressed.reference,
            "where": [at.platform, at.chat, at.thread],
            "community": event.where.community,
        }
        async with self.desk.db.tx() as tx:
            token = Token(
                purpose=Purpose.LINK,
                channel=pressed.channel.id,
                person=pressed.hash,
                payload=payload,
                expires_at=pressed.now + WAITS_FOR,
            )
            await self.desk.tokens.add(tx, code, token)
        return replace(reply, link=code)

    async def _waiting(self, event: Command, code: str) -> Reply:
        """The answer to a press in a group, given to the presser alone."""
        now, desk = self.desk.clock.now(), self.desk
        token = await desk.tokens.read(desk.db, Purpose.LINK, code, now)
        if token is None or token.person != desk.people.hash(event.person):
            raise UserError("error.expired")
        platform, chat, thread = token.payload["where"]
        where = Where(
            address=Address(platform=platform, chat=chat, thread=thread), community=token.payload["community"]
        )
        pressed = await self._pressed(where, event.person, Rights.MEMBER, token.payload["reference"], "")
        return await BY_VERB[token.payload["verb"]].press(pressed)

    # -- who ----------------------------------------------------------------------------------------------------------

    async def _refused(self, where: Where, person: Person) -> Reply:
        sentence = Say(await self._language(where, person))("error.rights")
        return replace(_told(sentence), refused=True)

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
