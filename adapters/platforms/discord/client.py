"""One bot token on Discord: the library keeps the gateway, `rest.py` sends, `interactions.py` answers."""

import asyncio
import functools
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import discord
import structlog
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.platforms.discord.events import GROUP, PLATFORM, Interaction, community_of, granted, own_chat, server
from adapters.platforms.discord.inspect import remarks_of, standing_in
from adapters.platforms.discord.interactions import Interactions
from adapters.platforms.discord.invite import arrivals_of, invitation_of
from adapters.platforms.discord.menu import menu, same
from adapters.platforms.discord.render import attachments, render
from adapters.platforms.discord.rest import API_URL, SEND_TIMEOUT, Rest, connector
from adapters.platforms.discord.threads import link_to, open_thread, takes_threads
from adapters.platforms.discord.wire import Wire
from bot.domain.budget import Budget, Rates
from bot.domain.channel import Channel
from bot.domain.command import CommandSpec, Event, Joined, Left, Person, Rights, Where
from bot.errors import PlatformError, Rejected, Throttled, TokenRefused, Uncertain, Unreachable
from bot.examining import Arrival, Remark, Standing
from bot.ports import Handle
from bot.view import View

GATEWAY_URL = "wss://gateway.discord.gg/"
RATES = Rates(overall=(45, 1.0), chat=(5, 5.0), width=8)  # Discord: 50 a second in all, 5 in 5 s to a channel
NONCE_LIVES = timedelta(minutes=2)  # Discord: "a few minutes"
LOGIN_SECONDS = 30.0
PUBLISH_AGAIN = timedelta(minutes=1)
TOKEN_REFUSED = 4004  # the gateway's close code
REFUSED = "discord: the token is refused; copy it again from the developer portal"

log = structlog.get_logger()

Spawn = Callable[[Coroutine[Any, Any, None]], object]
Take = Callable[[Interaction], Coroutine[Any, Any, None]]


class Discord:
    """Discord remembers nonces in text channels and threads alike."""

    name = PLATFORM
    lane = PLATFORM
    send_timeout = SEND_TIMEOUT
    dedupes_for = NONCE_LIVES
    whispers = True
    hangs_threads = True

    def __init__(
        self, *, token: str, api_url: str, gateway_url: str, proxy: str | None, ca_file: Path | None, language: str
    ) -> None:
        self.budget = Budget(RATES)
        self._token = token
        self._gateway_url = gateway_url
        self._proxy = proxy
        self._ca_file = ca_file
        self._language = language
        self._rest = Rest(token=token, api_url=api_url, proxy=proxy, ca_file=ca_file, budget=self.budget)
        self._connected = asyncio.Event()
        self._application = 0  # known once logged in

    async def run(self, handle: Handle, specs: Sequence[CommandSpec]) -> None:
        try:
            async with self._rest.open():
                raise await self._listen(handle, specs)
        finally:
            self._connected.clear()

    def is_ready(self) -> bool:
        """From the gateway's first READY on. While it reconnects, messages go on: they take another way."""
        return self._connected.is_set()

    async def check(self) -> str:
        me = await self._rest.call("GET", "/users/@me")
        if not isinstance(me, dict) or not isinstance(me.get("username"), str):
            raise Uncertain("discord: the answer cannot be read")
        return str(me["username"])

    async def invitation(self) -> str:
        return await invitation_of(self._rest)

    async def arrivals(self) -> Sequence[Arrival]:
        return await arrivals_of(self._rest)

    async def remarks(self) -> Sequence[Remark]:
        return await remarks_of(self._rest)

    async def standing(self, channel: Channel) -> Standing:
        return await standing_in(self._rest, channel)

    # -- messages -----------------------------------------------------------------------------------------------------

    async def send(self, channel: Channel, view: View, *, nonce: str) -> str:
        body = render(view, channel.language) | {"nonce": nonce, "enforce_nonce": True}
        chat = channel.address.chat
        sent = await self._rest.message("POST", _messages(channel), body, chat=chat, files=attachments(view))
        if not isinstance(sent, dict) or not isinstance(sent.get("id"), str):
            raise Uncertain("discord: the answer names no message")
        return str(sent["id"])

    async def edit(self, channel: Channel, ref: str, view: View) -> None:
        body = render(view, channel.language)
        for as_it_arrived in ("flags", "message_reference"):
            body.pop(as_it_arrived, None)
        await self._rest.message("PATCH", f"{_messages(channel)}/{ref}", body, chat=channel.address.chat)

    def takes_threads(self, channel: Channel) -> bool:
        return takes_threads(channel)

    async def open_thread(self, channel: Channel, ref: str, view: View) -> str:
        return await open_thread(self._rest, channel, ref, view)

    def link(self, channel: Channel, ref: str) -> str:
        return link_to(channel, ref)

    async def private_chat(self, person: str) -> Where:
        chat = await self._rest.call("POST", "/users/@me/channels", {"recipient_id": person})
        if not isinstance(chat, dict) or not isinstance(chat.get("id"), str):
            raise Uncertain("discord: the answer names no chat")
        return own_chat(chat["id"], person)

    async def rights(self, where: Where, person: Person) -> Rights:
        if person.rights is not None:
            return person.rights
        if not where.is_group:
            return Rights.ADMIN
        guild = where.community.removeprefix(f"{PLATFORM}:")
        member = await self._rest.call("GET", f"/guilds/{guild}/members/{person.id}")
        owner_and_roles = await self._rest.call("GET", f"/guilds/{guild}")
        rights = _rights(guild, person.id, member, owner_and_roles)
        return Rights.ADMIN if rights is Rights.ADMIN or await self._was_granted(guild, person.id, member) else rights

    async def _was_granted(self, guild: str, person: str, member: Any) -> bool:
        """By a rule the server set for the administrators' command."""
        if not self._application:
            return False
        try:
            listed = await self._rest.call("GET", f"/applications/{self._application}/commands")
            path = f"/applications/{self._application}/guilds/{guild}/commands/permissions"
            rules = await self._rest.call("GET", path)
            ids = [str(one["id"]) for one in listed if one["name"] == GROUP]
            roles = frozenset(map(str, member["roles"]))
            return granted(rules, [*ids, str(self._application)], person, roles)
        except (PlatformError, TypeError, KeyError):
            return False

    # -- the gateway --------------------------------------------------------------------------------------------------

    def _taker(self, handle: Handle, specs: Sequence[CommandSpec]) -> Take:
        return Interactions(
            rest=self._rest,
            wire=Wire(rest=self._rest),
            budget=self.budget,
            handle=handle,
            specs={spec.name: spec for spec in specs},
            language=self._language,
        ).take

    async def _listen(self, handle: Handle, specs: Sequence[CommandSpec]) -> PlatformError:
        """Until cancelled, or until it cannot go on; then why. Whatever is being answered ends with it."""
        _point_library_at(self._rest.api_url, self._gateway_url)
        async with asyncio.TaskGroup() as tasks:
            spawned: set[asyncio.Task[None]] = set()

            def spawn(work: Coroutine[Any, Any, None]) -> None:
                task = tasks.create_task(work)
                spawned.add(task)
                task.add_done_callback(spawned.discard)

            take, trusted = self._taker(handle, specs), connector(self._ca_file)
            async with _Gateway(self._proxy, trusted, handle, take, spawn, self._connected) as gateway:
                why = await self._connect(gateway, functools.partial(self._publish, specs), spawn)
            for task in spawned:
                task.cancel()
        return why

    async def _connect(
        self, gateway: "_Gateway", publish: Callable[[int], Coroutine[Any, Any, None]], spawn: Spawn
    ) -> PlatformError:
        try:
            async with asyncio.timeout(LOGIN_SECONDS):
                await gateway.login(self._token)
            self._application = gateway.application_id or 0
            if gateway.application_id is not None:
                spawn(publish(gateway.application_id))
            await gateway.connect()
        except discord.LoginFailure:
            return TokenRefused(REFUSED)
        except discord.ConnectionClosed as error:
            return TokenRefused(REFUSED) if error.code == TOKEN_REFUSED else _closed(f"code {error.code}")
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            return _closed(type(error).__name__)
        except (TypeError, ValueError, KeyError) as error:  # what the library makes of an answer it cannot read
            return _closed(type(error).__name__)
        except AttributeError:  # discord.py 2.7.1: a first connection failed, and it asks the one before it
            if gateway.ws is not None:
                raise
            return _closed("no connection")
        return _closed("closed")

    async def _publish(self, specs: Sequence[CommandSpec], application: int) -> None:
        """The menus, only when they changed: Discord takes few changes a day, and clients reload them."""
        ours, path = menu(specs), f"/applications/{application}/commands"
        while True:
            try:
                if not same(ours, await self._published(path)):
                    await self._rest.call("PUT", path, ours)
                    log.info("commands published", platform=PLATFORM, count=len(ours))
                return
            except (Rejected, TokenRefused) as error:
                log.error("commands not published", platform=PLATFORM, error=str(error))
                return
            except PlatformError as error:
                log.warning("commands not published yet", platform=PLATFORM, error=str(error))
                wait = error.after if isinstance(error, Throttled) else PUBLISH_AGAIN
            await asyncio.sleep(wait.total_seconds())

    async def _published(self, path: str) -> object:
        try:
            return await self._rest.call("GET", f"{path}?with_localizations=true")
        except Rejected:
            return None


class _Gateway(discord.Client):
    """The library's client. Its handlers run in tasks of its own, so they only start ours, which have a parent."""

    def __init__(
        self,
        proxy: str | None,
        trusted: aiohttp.TCPConnector,
        handle: Handle,
        take: Take,
        spawn: Spawn,
        connected: asyncio.Event,
    ) -> None:
        # No privileged intent: commands and presses come as interactions, which need none at all.
        super().__init__(
            intents=discord.Intents(guilds=True),
            proxy=proxy,
            connector=trusted,
            allowed_mentions=discord.AllowedMentions.none(),  # the library's own default pings everybody
            max_messages=None,
            chunk_guilds_at_startup=False,
            guild_ready_timeout=0.0,  # seconds; in them it would take a new server for one it knew
        )
        self._handle = handle
        self._take = take
        self._spawn = spawn
        self._connected = connected
        self._servers: set[int] = set()

    async def on_connect(self) -> None:
        """READY names the servers the bot is in, those it was let into while we were away among them."""
        self._servers = {guild.id for guild in self.guilds}
        for server_id in self._servers:
            self._tell(Joined(where=server(community_of(server_id))))
        self._connected.set()

    async def on_interaction(self, interaction: Interaction) -> None:
        self._spawn(self._take(interaction))

    async def on_guild_available(self, guild: discord.Guild) -> None:
        await self.on_guild_join(guild)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        if guild.id in self._servers:
            return
        self._servers.add(guild.id)
        self._tell(Joined(where=server(community_of(guild.id), title=guild.name)))
        if (channel := guild.system_channel) is not None and _may_write(channel):  # where the server greets, too
            where = server(community_of(guild.id), channel.id, f"#{channel.name}")
            self._tell(Joined(where=where, is_new=True))

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self._servers.discard(guild.id)
        self._tell(Left(where=server(community_of(guild.id), title=guild.name)))

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        self._tell(Left(where=server(community_of(channel.guild.id), channel.id, f"#{channel.name}")))

    async def on_guild_channel_update(self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel) -> None:
        """The one way back into a channel of a server the bot never left."""
        if not _may_write(before) and _may_write(after):
            self._tell(Joined(where=server(community_of(after.guild.id), after.id, f"#{after.name}")))

    def _tell(self, event: Event) -> None:
        async def told() -> None:
            await self._handle(event)

        self._spawn(told())


def _may_write(channel: discord.abc.GuildChannel) -> bool:
    if (me := channel.guild.me) is None:  # a server of which little is known yet
        return False
    may = channel.permissions_for(me)
    return may.view_channel and may.send_messages


def _point_library_at(api_url: str, gateway_url: str) -> None:
    """The library has no setting for its addresses, only these two; set before any client exists."""
    assert hasattr(Route, "BASE") and hasattr(DiscordWebSocket, "DEFAULT_GATEWAY")
    Route.BASE = api_url
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)


def _messages(channel: Channel) -> str:
    """A thread is a channel of its own to Discord."""
    return f"/channels/{channel.address.thread or channel.address.chat}/messages"


def _closed(why: str) -> Unreachable:
    return Unreachable(f"discord: the gateway cannot be reached ({why})")


def _rights(guild: str, person: str, member: Any, about: Any) -> Rights:
    try:
        if str(about["owner_id"]) == person:
            return Rights.ADMIN
        held = {guild, *member["roles"]}  # everybody has the role that bears the server's id
        bits = [discord.Permissions(int(role["permissions"])) for role in about["roles"] if role["id"] in held]
    except (TypeError, KeyError, ValueError):
        raise Uncertain("discord: the answer cannot be read") from None
    return Rights.ADMIN if any(may.manage_guild or may.administrator for may in bits) else Rights.MEMBER


def build(
    *,
    token: str,
    api_url: str | None = None,
    gateway_url: str | None = None,
    proxy: str | None = None,
    ca_file: Path | None = None,
    language: str = "fr",
) -> Discord:
    return Discord(
        token=token,
        api_url=api_url or API_URL,
        gateway_url=gateway_url or GATEWAY_URL,
        proxy=proxy,
        ca_file=ca_file,
        language=language,
    )
