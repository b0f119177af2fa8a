"""What a command or a button has at hand, and who asked."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain import press
from bot.domain.channel import Channel
from bot.domain.command import Audience, CommandSpec, Person, Reply, Rights, Where
from bot.domain.source import Source
from bot.locale.say import Say
from bot.people import People
from bot.pipeline.agenda import Agenda
from bot.pipeline.discover import Found
from bot.pipeline.feeds import Feeds
from bot.pipeline.holds import Holds
from bot.pipeline.letter import Letters
from bot.pipeline.matching import Matching
from bot.pipeline.notices import Notices
from bot.pipeline.share import Sharing
from bot.pipeline.stories import StoryRows
from bot.pipeline.withdraw import Withdrawing
from bot.ports import Clock, Database, Search, Tx
from bot.stores import (
    Acks,
    Articles,
    Audit,
    Channels,
    Mutes,
    Outbox,
    Persons,
    Saved,
    Shares,
    Sources,
    Subscriptions,
    Tokens,
    Trends,
    Votes,
)
from bot.view import Action, Block, Style, Text, View


class Places(Protocol):
    async def around(self, address: str) -> Sequence[Found]:
        """What can be watched around an address, best first; never (). Takes seconds. Raises SourceError."""
        ...


class Invitations(Protocol):
    async def of(self, name: str) -> str:
        """Where somebody adds the bot to a group of this platform; "" where that is not known."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The stores and rules every command may use, and the installation's defaults."""

    db: Database
    sources: Sources
    articles: Articles
    stories: StoryRows
    search: Search
    channels: Channels
    subscriptions: Subscriptions
    mutes: Mutes
    withdrawing: Withdrawing
    outbox: Outbox
    acks: Acks
    votes: Votes
    saved: Saved
    shares: Shares
    sharing: Sharing
    tokens: Tokens
    persons: Persons
    agenda: Agenda
    letters: Letters
    trends: Trends
    feeds: Feeds
    audit: Audit
    holds: Holds
    notices: Notices
    matching: Matching
    places: Places
    invitations: Invitations
    people: People
    clock: Clock
    key: bytes  # signs buttons
    code: Callable[[], str]  # a new one at each call, [a-z0-9]{10}: what a token is called by its button
    language: str = "fr"
    timezone: str = "Europe/Paris"
    web_url: str = ""  # where people reach our pages; "": nowhere
    approval: bool = False  # a source asked for in chat waits for an operator

    async def channel(self, where: Where) -> Channel:
        """The channel of this address, or what it would be: reading commands keep nothing."""
        known = await self.channels.at(where.address)
        return known or Channel(
            address=where.address,
            community=where.community,
            lane=where.address.platform,
            title=where.title,
            is_group=where.is_group,
            language=self.language,
            timezone=self.timezone,
        )

    async def ensure(self, tx: Tx, where: Where) -> Channel:
        """The same, kept: something is about to be owed there."""
        channel = await self.channels.ensure(tx, where, where.address.platform, self.language, self.timezone)
        await self.channels.save(tx, channel, self.clock.now())
        return channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a command and a press have in common: rights are checked already."""

    desk: Desk
    where: Where
    person: Person
    channel: Channel
    rights: Rights
    now: datetime
    whispers: bool = True  # see `Platform.whispers`

    @property
    def in_private(self) -> Say:
        """The reader's own language."""
        return Say(self.person.language or self.channel.language)

    @property
    def in_chat(self) -> Say:
        """What everybody reads speaks the channel's language."""
        return Say(self.channel.language) if self.where.is_group else self.in_private

    @property
    def hash(self) -> str:
        """The person, as the rows name them."""
        return self.desk.people.hash(self.person)

    def button(self, verb: str, reference: str, label: str, *, asks: bool = False, main: bool = False) -> Action:
        """On a message that stands in this chat."""
        return self._button(verb, reference, label, self.where.address.chat, asks=asks, main=main)

    def private_button(self, verb: str, reference: str, label: str, *, main: bool = False) -> Action:
        """On an answer for the asker alone: where nothing private can be said in a group, it stands in their own chat
        with the bot, whose number on such a platform is the person's."""
        own = self.where.is_group and not self.whispers
        chat = self.person.id if own else self.where.address.chat
        return self._button(verb, reference, label, chat, asks=False, main=main)

    def _button(self, verb: str, reference: str, label: str, chat: str, *, asks: bool, main: bool) -> Action:
        signed = press.sign(self.desk.key, verb, reference, chat)
        return Action(label=label, press=signed, asks=asks, style=Style.PRIMARY if main else Style.PLAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Asked):
    """One command, called: its words are already read."""

    spec: CommandSpec
    arguments: Mapping[str, str]
    specs: tuple[CommandSpec, ...] = ()

    @property
    def say(self) -> Say:
        return self.in_chat if self.spec.public else self.in_private

    @property
    def audience(self) -> Audience:
        return Audience.EVERYONE if self.spec.public or not self.where.is_group else Audience.ASKER

    def argument(self, name: str) -> str:
        return self.arguments.get(name, "").strip()

    def answer(self, *blocks: Block) -> Reply:
        """For everybody when the command says so, else for the asker alone."""
        return Reply(view=View(blocks=blocks, silent=True), audience=self.audience)

    def text(self, key: str, **values: str | int) -> Reply:
        return self.answer(Text(text=self.say(key, **values)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed(Asked):
    """One button, pressed: its signature is already checked."""

    reference: str
    text: str = ""  # what was typed into the form it opened
    id: str = ""  # see `Press.id`
    rights_in: Callable[[Where], Awaitable[Rights]]  # what the presser may do elsewhere, asked now

    def notice(self, key: str, **values: str | int) -> Reply:
        """A sentence for the presser alone."""
        return Reply(notice=self.in_private(key, **values), audience=Audience.ASKER)

    async def is_first(self, tx: Tx) -> bool:
        """For what pressing again takes back: a press told twice, since a kill forgot it was heard, counts once."""
        return not self.id or await self.desk.tokens.first(tx, f"{self.person.platform}:{self.id}", self.now)

    def private(self, *blocks: Block) -> Reply:
        return Reply(view=View(blocks=blocks, silent=True), audience=Audience.ASKER)

    def in_place(self, *blocks: Block) -> Reply:
        """What the message says from now on."""
        return Reply(view=View(blocks=blocks, silent=True), replaces=True)


def titles(sources: Sequence[Source]) -> dict[str, str]:
    return {source.slug: source.title for source in sources}
