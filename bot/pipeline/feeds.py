"""The secret address under which a channel's calendar is read: made when first asked for, renewed at will.

An address is derived from our key, the channel and a number that counts its addresses. The rows hold only its hash, and
whether it is open; so neither a copy of the rows nor another key's rows open anything, and it can be shown again.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from bot.domain.ids import ChannelId
from bot.domain.token import Purpose, Token
from bot.locale.say import Say
from bot.pipeline.agenda import Agenda
from bot.pipeline.calendar import changed_at, document
from bot.ports import Clock, Database, Tx
from bot.stores import Channels, Tokens

LOOKS_BACK = timedelta(days=30)  # what has passed stays in people's calendars for as long
NEVER = datetime(9000, 1, 1, tzinfo=UTC)
SECRET_CHARACTERS = 32  # 128 bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    secret: str
    number: int  # how often it was renewed before


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    content: bytes
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeds:
    db: Database
    tokens: Tokens
    channels: Channels
    agenda: Agenda
    clock: Clock
    key: bytes

    async def read(self, secret: str) -> Document | None:
        """None: nobody has such an address, or no longer. It holds every deadline we know: what a channel reads of
        the news says little of which calls concern its hospitals, and one that is missing costs more than ten that do
        not matter."""
        now = self.clock.now()
        token = await self.tokens.read(self.db, Purpose.CALENDAR, secret, now)
        if token is None or token.channel is None or not token.payload["open"]:
            return None
        ours = self._secret(token.channel, token.payload["number"])
        channel = await self.channels.numbered(self.db, token.channel)
        if channel is None or not hmac.compare_digest(ours, secret):
            return None
        dues = await self.agenda.coming(now, passed=LOOKS_BACK)
        content = document(dues, Say(channel.language), now, channel.zone)
        return Document(content=content, changed_at=changed_at(dues, now))

    # -- in a transaction that holds the channel's row, so that no two at once make or renew one ---------------------

    async def address(self, tx: Tx, channel: ChannelId, now: datetime) -> Address:
        """The open one; made if there is none. As many reads as it was renewed."""
        for number in count():
            secret = self._secret(channel, number)
            token = await self.tokens.read(tx, Purpose.CALENDAR, secret, now)
            if token is None:
                payload = {"number": number, "open": True}
                new = Token(purpose=Purpose.CALENDAR, channel=channel, payload=payload, expires_at=NEVER)
                await self.tokens.add(tx, secret, new)
            if token is None or token.payload["open"]:
                return Address(secret=secret, number=number)
        raise AssertionError("numbers do not end")

    async def renew(self, tx: Tx, channel: ChannelId, now: datetime) -> Address:
        """Another; the one that was open closes."""
        await self._set(tx, await self.address(tx, channel, now), {"open": False, "closed_at": now.isoformat()})
        return await self.address(tx, channel, now)

    async def reopen(self, tx: Tx, channel: ChannelId, number: int, now: datetime, within: timedelta) -> Address | None:
        """This one again, and none besides; None: it is open, or closed for too long."""
        before = Address(secret=self._secret(channel, number), number=number)
        token = await self.tokens.read(tx, Purpose.CALENDAR, before.secret, now)
        if token is None or token.payload["open"] or datetime.fromisoformat(token.payload["closed_at"]) + within < now:
            return None
        await self._set(tx, await self.address(tx, channel, now), {"open": False, "closed_at": now.isoformat()})
        await self._set(tx, before, {"open": True})
        return before

    async def _set(self, tx: Tx, address: Address, state: Mapping[str, Any]) -> None:
        await self.tokens.change(tx, address.secret, {"number": address.number, **state})

    def _secret(self, channel: ChannelId, number: int) -> str:
        text = f"calendar\x00{channel}\x00{number}"
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()[:SECRET_CHARACTERS]
