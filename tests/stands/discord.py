"""The Discord stand: our adapter, the library's gateway, and the strict server of `discord_api.py`."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from adapters.platforms.discord.client import Discord, Take
from adapters.platforms.discord.components import ASKS
from adapters.platforms.discord.events import GROUP, Interaction
from bot.domain.channel import Address, Channel
from bot.domain.command import CommandSpec, Where
from bot.domain.ids import ChannelId
from bot.ports import Handle, Platform
from tests.contracts.stand import Answered, Button, Language, Shown, Stand, Window
from tests.stands import discord_rules as rules
from tests.stands import discord_world as world
from tests.stands.discord_api import DiscordApi, running
from tests.stands.discord_world import Message

LOCALES = {"fr": "fr", "en": "en-GB"}


class Watched(Discord):
    """The adapter, which also tells when it is done with an interaction."""

    specs: Sequence[CommandSpec] = ()

    def __init__(self, api: DiscordApi) -> None:
        url = api.gateway.url
        super().__init__(token=api.token, api_url=api.api_url, gateway_url=url, proxy=None, ca_file=None, language="fr")
        self.done: set[str] = set()

    def _taker(self, handle: Handle, specs: Sequence[CommandSpec]) -> Take:
        self.specs = specs
        take = super()._taker(handle, specs)

        async def told(event: Interaction) -> None:
            await take(event)
            self.done.add(str(event.id))

        return told


class DiscordStand:
    name = "discord"

    def __init__(self, api: DiscordApi) -> None:
        self.api = api
        self.watched = Watched(api)
        self.platform: Platform = self.watched

    def channel(self, number: int = 0, *, thread: str = "") -> Channel:
        self.api.know(number)
        if thread:
            self.api.threads[thread] = number
        return Channel(
            id=ChannelId(number + 1),
            address=Address(platform="discord", chat=world.channel_id(number), thread=thread),
            community=f"discord:{world.server_id(number)}",
            lane="discord",
            title=f"#salon-{number}",
            role=world.role_id(number),
        )

    def where(self, number: int = 0) -> Where:
        channel = self.channel(number)
        return Where(address=channel.address, community=channel.community, title=channel.title)

    def messages(self, number: int = 0, *, thread: str = "") -> Sequence[Shown]:
        place = thread or world.channel_id(number)
        return [self._shown(one) for one in self.api.messages if one.channel == place and _is_public(one)]

    def refusals(self) -> int:
        return self.api.refusals

    async def say(
        self, text: str, *, admin: bool = False, language: Language = "fr", number: int = 0, within: float = 5.0
    ) -> Answered:
        typed, _, rest = text.removeprefix("/").partition(" ")
        await until(lambda: bool(self.api.commands), within)
        spec = next(one for one in self.watched.specs if typed in (one.name, one.fr, *one.also))
        name = f"{GROUP} {spec.name}" if spec.admin else spec.name
        self.api.know(number)
        interaction = await self.api.command(
            name, spec.read(rest), number=number, admin=admin, locale=LOCALES[language]
        )
        return await self._answered(interaction, within)

    async def press(
        self,
        ref: str,
        data: str,
        *,
        admin: bool = False,
        language: Language = "fr",
        number: int = 0,
        within: float = 5.0,
    ) -> Answered:
        who: dict[str, Any] = {"number": number, "admin": admin, "locale": LOCALES[language]}
        return await self._answered(await self.api.press(ref, self._written(ref, data), **who), within)

    async def choose(
        self,
        ref: str,
        data: str,
        *,
        admin: bool = False,
        language: Language = "fr",
        number: int = 0,
        within: float = 5.0,
    ) -> Answered:
        who: dict[str, Any] = {"number": number, "admin": admin, "locale": LOCALES[language]}
        return await self._answered(await self.api.choose(ref, self._written(ref, data), **who), within)

    async def fill(
        self,
        window: Window,
        text: str,
        *,
        admin: bool = False,
        language: Language = "fr",
        number: int = 0,
        within: float = 5.0,
    ) -> Answered:
        who: dict[str, Any] = {"number": number, "admin": admin, "locale": LOCALES[language]}
        return await self._answered(await self.api.fill(window.handle, text, **who), within)

    def _written(self, ref: str, data: str) -> str:
        """What a client sends: as it stands on the component that means it."""
        message = next(one for one in self.api.messages if one.id == ref)
        return next((written for _, written, _ in _components(message) if written == ASKS + data), data)

    async def _answered(self, interaction: world.Interaction, within: float) -> Answered:
        await until(lambda: interaction.id in self.watched.done, within)
        said = [one for one in interaction.messages if not one.loading]
        return Answered(
            public=tuple(self._shown(one) for one in said if _is_public(one)),
            private="\n".join(rules.read_message(one.body) for one in said if not _is_public(one)),
            whispered=tuple(self._shown(one) for one in said if not _is_public(one)),
            window=_window(interaction),
            acknowledged_after=interaction.acknowledged_after,
        )

    def _shown(self, message: Message) -> Shown:
        thread = message.channel if message.channel in self.api.threads else ""
        return Shown(
            ref=message.id,
            chat=world.channel_id(self.api.threads[thread]) if thread else message.channel,
            thread=thread,
            text=rules.read_message(message.body),
            silent=bool((message.body.get("flags") or 0) & rules.SUPPRESS_NOTIFICATIONS),
            pings=message.pings,
            buttons=tuple(
                Button(label=label, data=written.removeprefix(ASKS), url=url)
                for label, written, url in _components(message)
            ),
            edits=message.edits,
            answers=str((message.body.get("message_reference") or {}).get("message_id", "")),
            files=tuple(message.files),
            payload=message.body,
        )

    # -- the next calls misbehave -------------------------------------------------------------------------------------

    def throttle(self, after: timedelta, *, number: int | None = None, calls: int = 1) -> None:
        self.api.throttle(after.total_seconds(), number, calls)

    def lose_answers(self, calls: int = 1) -> None:
        self.api.lose(calls)

    def garble_answers(self, calls: int = 1) -> None:
        self.api.garble(calls)

    def refuse_connections(self, *, on: bool) -> None:
        self.api.refuse_connections(on)

    def fail(self, status: int, calls: int = 1) -> None:
        self.api.fail(status, calls)

    def kick(self, number: int = 0) -> None:
        self.api.kick(number)

    def reject_token(self, *, on: bool) -> None:
        self.api.reject_token(on)


def _components(message: Message) -> Iterator[tuple[str, str, str]]:
    """(label, what comes back, address) of buttons and of options."""
    for row in message.body.get("components") or []:
        for one in row["components"]:
            if one["type"] == 3:
                yield from ((option["label"], option["value"], "") for option in one["options"])
            else:
                yield one["label"], one.get("custom_id", ""), one.get("url", "")


def _window(interaction: world.Interaction) -> Window | None:
    if interaction.window is None:
        return None
    (part,) = interaction.window["components"]
    field = part["component"]
    hint, value = field.get("placeholder", ""), field.get("value", "")
    return Window(title=interaction.window["title"], label=part["label"], hint=hint, value=value, handle=interaction)


def _is_public(message: Message) -> bool:
    return not message.ephemeral_for and not message.loading


async def until(holds: Callable[[], bool], within: float = 5.0) -> None:
    async with asyncio.timeout(within):
        while not holds():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def stand(ledger: Path | None = None) -> AsyncIterator[DiscordStand]:
    async with running(ledger) as api:
        discord = DiscordStand(api)
        _: Stand = discord  # held to the protocol by the type checker
        yield discord
