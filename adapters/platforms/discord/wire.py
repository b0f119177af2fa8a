"""The calls that answer one interaction: they need no token, and are told only what was asked.

https://discord.com/developers/docs/interactions/receiving-and-responding
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from adapters.platforms.discord.components import Payload
from adapters.platforms.discord.events import Interaction
from adapters.platforms.discord.render import EPHEMERAL
from adapters.platforms.discord.rest import Rest
from bot.errors import Throttled, Uncertain, Unreachable
from bot.view import Attachment

ACKNOWLEDGED = timedelta(seconds=2.5)
TRIES = 3
LONGEST_WAIT = 5.0  # seconds; an answer is worth so much patience, nobody looks at a later one

MESSAGE, LATER, LATER_IN_PLACE, PROPOSALS, WINDOW = 4, 5, 6, 8, 9  # the types of a callback

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    rest: Rest

    async def acknowledge(self, event: Interaction, kind: int, *, private: bool = False) -> None:
        """Without an answer to it we go on: it was perhaps heard, and somebody waits."""
        try:
            await self.callback(event, {"type": kind, "data": {"flags": EPHEMERAL}} if private else {"type": kind})
        except Uncertain:
            log.warning("an acknowledgement was perhaps lost")

    async def callback(self, event: Interaction, body: Payload) -> None:
        path = f"/interactions/{event.id}/{event.token}/callback"
        await self.rest.call("POST", path, body, anonymous=True, within=ACKNOWLEDGED)

    async def original(
        self, event: Interaction, method: str, body: Payload | None = None, files: Sequence[Attachment] = ()
    ) -> None:
        """The message the acknowledgement promised, or the one whose button was pressed. Its flags cannot change."""
        body = {key: value for key, value in body.items() if key != "flags"} if body else None
        path = f"/webhooks/{event.application_id}/{event.token}/messages/@original"
        await self._patiently(method, path, body, files)

    async def follow_up(
        self, event: Interaction, body: Payload, files: Sequence[Attachment] = (), *, private: bool
    ) -> None:
        flags = body.get("flags", 0) & ~EPHEMERAL | (EPHEMERAL if private else 0)
        path = f"/webhooks/{event.application_id}/{event.token}"
        await self._patiently("POST", path, body | {"flags": flags}, files)

    async def _patiently(self, method: str, path: str, body: Payload | None, files: Sequence[Attachment]) -> None:
        """An answer is no post: nobody sends it again later, so a short refusal is waited out here."""
        for tries_left in reversed(range(TRIES)):
            try:
                await self.rest.message(method, path, body, files=files, anonymous=True)
                return
            except (Throttled, Unreachable) as error:
                wait = error.after.total_seconds() if isinstance(error, Throttled) else 1.0
                if not tries_left or wait > LONGEST_WAIT:
                    raise
                await asyncio.sleep(wait)
