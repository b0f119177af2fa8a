"""What the people who answer for the bot are told, in its own chat with them: never in a group, each thing once."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.domain.channel import Channel
from bot.domain.command import Person
from bot.domain.delivery import Post, PostKind, Prio
from bot.domain.ids import RuleId
from bot.domain.source import Source
from bot.errors import PlatformError
from bot.people import People
from bot.ports import Database, OpensChats, Platform, Tx
from bot.stores import Audit, Channels, Outbox, Subscriptions

FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=2), timedelta(minutes=10)  # between tries to reach a platform
NAMED = 3  # channels in one sentence

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    channels: Channels
    subscriptions: Subscriptions
    audit: Audit
    outbox: Outbox
    people: People
    operators: frozenset[tuple[str, str]]  # (platform, id)

    async def of_source(self, tx: Tx, source: Source, now: datetime) -> Source:
        """The source, with what was told of it: one notice when it is in trouble, one when it is back."""
        trouble = source.trouble(now)
        if bool(trouble) == bool(source.told):
            return source
        said = {
            "notice": "trouble" if trouble else "back",
            "source": source.title,
            "slug": source.slug,
            "url": source.address,
        }
        if trouble:
            said["code"] = trouble
        moment = int(now.timestamp() * 1000)
        reached = await self.tell(
            tx, f"n:source:{source.id}:{moment}:{said['notice']}", said, await self.operators_chats(tx), now
        )
        return replace(source, told=trouble or "") if reached else source

    async def of_channels(self, tx: Tx, channels: Sequence[Channel], trouble: str, now: datetime) -> None:
        """One notice that nothing can be written there, however many threads or channels it concerns; then silence
        until something was. `trouble`: "gone" or "muzzled"."""
        news = [one for one in channels if one.is_group and not one.told]
        if not news:
            return
        named = list(dict.fromkeys(one.title or one.address.chat for one in news))
        said = {"notice": trouble, "source": ", ".join(named[:NAMED]) + (" …" if len(named) > NAMED else "")}
        if await self._tell_who_answers(tx, news[0], said, now):
            same_chat = await self.channels.of_chat(tx, news[0].address)
            await self.channels.tell(tx, [one.id for one in (*news, *same_chat)], told=True)

    async def of_channel_back(self, tx: Tx, channel: Channel, now: datetime) -> None:
        """Something was written there again."""
        if not channel.told:
            return
        await self._tell_who_answers(tx, channel, {"notice": "writes", "source": channel.title}, now)
        same_chat = await self.channels.of_chat(tx, channel.address)
        await self.channels.tell(tx, [one.id for one in same_chat], told=False)

    async def of_no_thread(self, tx: Tx, channel: Channel, now: datetime) -> None:
        """The setting stays, and each alert asks again: told once a month, in the channel itself if nobody who
        configured it ever opened the bot's own chat."""
        said = {"notice": f"threads_{channel.address.platform}", "source": channel.title or channel.address.chat}
        chats = await self._chats_of(tx, [channel.community])
        await self.tell(tx, f"n:threads:{channel.id}:{now:%Y-%m}", said, chats or [channel], now)

    async def _tell_who_answers(self, tx: Tx, channel: Channel, said: Mapping[str, object], now: datetime) -> int:
        """Those who configured something in its chat or server, and the operators."""
        chats = {chat.id: chat for chat in await self._chats_of(tx, [channel.community])}
        chats |= {chat.id: chat for chat in await self.operators_chats(tx)}
        moment = int(now.timestamp() * 1000)
        return await self.tell(tx, f"n:channel:{channel.id}:{moment}:{said['notice']}", said, [*chats.values()], now)

    async def tell(
        self, tx: Tx, key: str, payload: Mapping[str, object], chats: Sequence[Channel], now: datetime
    ) -> int:
        """How many chats hear it. `payload`: what `compose` draws it from."""
        post = Post(key=key, kind=PostKind.NOTICE, prio=Prio.REMINDER, payload={**payload}, created_at=now)
        for chat in chats:
            await self.outbox.owe_to(tx, post, chat, silent=True)
        return len(chats)

    async def operators_chats(self, tx: Tx) -> Sequence[Channel]:
        """Those that exist: a platform is not obliged to let a bot speak first."""
        return await self.channels.private(tx, [f"{platform}:{person}" for platform, person in sorted(self.operators)])

    async def administrators_chats(self, tx: Tx, rules: Collection[RuleId]) -> Sequence[Channel]:
        """The own chats of those who configured a channel that wants one of these rules and once opened one."""
        return await self._chats_of(tx, await self.subscriptions.communities(tx, rules))

    async def _chats_of(self, tx: Tx, communities: Sequence[str]) -> Sequence[Channel]:
        """People stand in the rows as keyed hashes only: it is the chat that is found again, by the hash of its
        owner."""
        hashes = await self.audit.persons(tx, communities)
        if not hashes:
            return ()
        return [chat for chat in await self.channels.private(tx) if self.people.hash(_owner(chat)) in hashes]


def _owner(chat: Channel) -> Person:
    """Whose chat it is: its community is "<platform>:<person>"."""
    return Person(platform=chat.address.platform, id=chat.community.partition(":")[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduce:
    """Finds the operators' own chats with the bot, so that there is somewhere to tell them."""

    db: Database
    channels: Channels
    platforms: Mapping[str, Platform]
    operators: frozenset[tuple[str, str]]
    language: str
    timezone: str

    async def run(self) -> None:
        """Until cancelled: each chat is found once a life, tried again slowly until it is."""
        missing = {(name, person) for name, person in self.operators if name in self.platforms}
        delay = FIRST_DELAY
        while missing:
            missing = {one for one in missing if not await self._found(*one)}
            if missing:
                await asyncio.sleep(delay.total_seconds())
                delay = min(delay * 2, LONGEST_DELAY)
        await asyncio.Event().wait()

    async def _found(self, name: str, person: str) -> bool:
        """True also where a platform has no such chats: there is nothing more to try."""
        platform = self.platforms[name]
        if not isinstance(platform, OpensChats):
            return True
        try:
            where = await platform.private_chat(person)
        except PlatformError as error:
            log.warning("an operator's chat cannot be opened", platform=name, kind=type(error).__name__)
            return False
        async with self.db.tx() as tx:
            await self.channels.ensure(tx, where, platform.lane, self.language, self.timezone)
        return True
