"""What a command has at hand, and who called it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.channel import Channel
from bot.domain.command import Audience, CommandSpec, Person, Reply, Rights, Where
from bot.domain.source import Source
from bot.locale.say import Say
from bot.people import People
from bot.pipeline.matching import Matching
from bot.ports import Clock, Database, Tx
from bot.stores import Acks, Articles, Audit, Channels, Outbox, Sources, Subscriptions
from bot.view import Block, Text, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The stores and rules every command may use, and the installation's defaults."""

    db: Database
    sources: Sources
    articles: Articles
    channels: Channels
    subscriptions: Subscriptions
    outbox: Outbox
    acks: Acks
    audit: Audit
    matching: Matching
    people: People
    clock: Clock
    key: bytes  # signs buttons
    language: str = "fr"
    timezone: str = "Europe/Paris"

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
class Call:
    """One command, called: rights are already checked, words already read."""

    desk: Desk
    spec: CommandSpec
    arguments: Mapping[str, str]
    where: Where
    person: Person
    channel: Channel
    rights: Rights
    now: datetime
    specs: tuple[CommandSpec, ...] = ()

    @property
    def say(self) -> Say:
        """A message in a channel speaks the channel's language, a private answer the reader's."""
        if self.spec.public and self.where.is_group:
            return Say(self.channel.language)
        return Say(self.person.language or self.channel.language)

    def argument(self, name: str) -> str:
        return self.arguments.get(name, "").strip()

    def answer(self, *blocks: Block) -> Reply:
        """For everybody when the command says so, else for the asker alone."""
        return Reply(view=View(blocks=blocks, silent=True), audience=self.audience)

    def text(self, key: str, **values: str | int) -> Reply:
        return self.answer(Text(text=self.say(key, **values)))

    @property
    def audience(self) -> Audience:
        return Audience.EVERYONE if self.spec.public or not self.where.is_group else Audience.ASKER


def titles(sources: Sequence[Source]) -> dict[str, str]:
    return {source.slug: source.title for source in sources}
