"""One bot token on Telegram: long polling brings what people say, the Bot API takes what is sent.

The library's own Updater is not used: its tasks have no parent, it confirms updates before anybody has heard them, and
it stops at a refused token without telling. What it would do besides is one loop.
"""

import asyncio
import logging
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
import telegram

from adapters.platforms.telegram.api import API_URL, SEND_TIMEOUT, Api, Hooked, Taken
from adapters.platforms.telegram.conversation import Conversation, Spawn
from adapters.platforms.telegram.inspect import remarks_of, standing_in
from adapters.platforms.telegram.invite import arrivals_of, invitation_of
from adapters.platforms.telegram.menu import Menu, menus
from adapters.platforms.telegram.render import attachments, render
from adapters.platforms.telegram.topics import link_to, open_topic, takes_topics
from adapters.platforms.telegram.updates import ADMINS, KINDS, PLATFORM, Me, by_spelling
from bot.domain.budget import Budget, Rates
from bot.domain.channel import Address, Channel
from bot.domain.command import CommandSpec, Person, Rights, Where
from bot.errors import BotError, ConfigError, PlatformError, Rejected, Throttled, TokenRefused
from bot.examining import Arrival, Remark, Standing
from bot.ports import Handle
from bot.view import View

# 30 a second, 1 a second to a chat, 20 a minute to a group (https://core.telegram.org/bots/faq#broadcasting-to-users).
# A little under: it counts arrivals, and the first of a burst arrives later than it left, its connection being new.
RATES = Rates(overall=(29, 1.2), chat=(1, 1.2), group=(19, 61.0), width=4)
POLL_SECONDS = 25
ANSWER_SECONDS = 10.0  # … and how much later an empty answer may come
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
PUBLISH_AGAIN = timedelta(minutes=1)

# Telegram ends the older of two polls, so two processes on one token end each other's for ever. Who was there first
# stays, unless the other does not leave; the newcomer is quiet while it lasts, and gives up.
SETTLED_AFTER = 5.0  # seconds of undisturbed polling make one who was there first
NEWCOMER_GIVES_UP, SETTLED_GIVES_UP, FORGOTTEN_AFTER = 10.0, 120.0, 60.0
CONFLICTS = 4  # at least so many, none of them forgotten
CONFLICT_PAUSE, QUIET_SECONDS = 2.0, 3  # a poll that lasts so long and is not ended shows that we are alone
SECOND_PROCESS = "another process is using this Telegram bot token; stop it, or give this one another token"

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Conflicts:
    """Who else polls with our token, and for how long. Times are a monotonic clock's."""

    newcomer_gives_up: float = NEWCOMER_GIVES_UP
    well_since: float | None = None
    is_settled: bool = False
    count: int = 0
    first: float = 0.0
    last: float = 0.0

    def none(self, now: float) -> None:
        self.count = 0
        self.well_since = now if self.well_since is None else self.well_since

    def one_more(self, now: float) -> bool:
        """Whether it is for us to give up."""
        if not self.count or now - self.last > FORGOTTEN_AFTER:
            self.count, self.first = 0, now
            self.is_settled = self.well_since is not None and now - self.well_since >= SETTLED_AFTER
        self.count, self.last = self.count + 1, now
        patience = SETTLED_GIVES_UP if self.is_settled else self.newcomer_gives_up
        return self.count >= CONFLICTS and now - self.first >= patience


class Telegram:
    """Telegram knows no nonce: what is perhaps sent is said again, and says so."""

    name = PLATFORM
    lane = PLATFORM
    send_timeout = SEND_TIMEOUT
    dedupes_for = timedelta()
    whispers = False  # a notice of 200 characters is all
    hangs_threads = False

    def __init__(self, *, token: str, api_url: str, proxy: str | None, ca_file: Path | None, language: str) -> None:
        _hush()
        self.budget = Budget(RATES)
        self._api = Api(token=token, api_url=api_url, proxy=proxy, ca_file=ca_file, budget=self.budget)
        self._language = language
        self._me: Me | None = None
        self._next_update = 0
        self._is_ready = False
        self.conflicts = Conflicts()

    async def run(self, handle: Handle, specs: Sequence[CommandSpec]) -> None:
        try:
            async with self._api.open():
                raise await self._listen(handle, specs)
        finally:
            self._is_ready = False

    def is_ready(self) -> bool:
        """The last thing Telegram told us was an answer, to a poll."""
        return self._is_ready

    async def check(self) -> str:
        return (await self._ask_who()).username

    async def invitation(self) -> str:
        return await invitation_of(self._api)

    async def arrivals(self) -> Sequence[Arrival]:
        return await arrivals_of(self._api)

    async def remarks(self) -> Sequence[Remark]:
        return await remarks_of(self._api)

    async def standing(self, channel: Channel) -> Standing:
        return await standing_in(self._api, channel.address.chat)

    async def _ask_who(self) -> Me:
        me = await self._api.call(lambda bot: bot.get_me())
        return Me(id=me.id, username=me.username or me.full_name)

    # -- messages -----------------------------------------------------------------------------------------------------

    async def send(self, channel: Channel, view: View, *, nonce: str) -> str:
        files = attachments(view)
        return await self._api.send(
            channel.address.chat,
            channel.address.thread,
            render(view, channel.language),
            file=files[0] if files else None,
        )

    async def edit(self, channel: Channel, ref: str, view: View) -> None:
        await self._api.edit(channel.address.chat, ref, render(view, channel.language))

    def takes_threads(self, channel: Channel) -> bool:
        return takes_topics(channel.address.chat)

    async def open_thread(self, channel: Channel, ref: str, view: View) -> str:
        return await open_topic(self._api, channel.address.chat, view)

    def link(self, channel: Channel, ref: str) -> str:
        return link_to(channel.address.chat, ref)

    async def private_chat(self, person: str) -> Where:
        """A person's own chat has the person's number."""
        at = Address(platform=PLATFORM, chat=person)
        return Where(address=at, community=f"{PLATFORM}:{person}", is_group=False)

    async def rights(self, where: Where, person: Person) -> Rights:
        if person.rights is not None:
            return person.rights
        if not where.is_group:
            return Rights.ADMIN
        if not person.id.isdecimal():
            return Rights.MEMBER
        member = await self._api.call(lambda bot: bot.get_chat_member(where.address.chat, int(person.id)))
        return Rights.ADMIN if member.status in ADMINS else Rights.MEMBER

    # -- listening ----------------------------------------------------------------------------------------------------

    def _conversation(self, handle: Handle, specs: Sequence[CommandSpec], spawn: Spawn) -> Conversation:
        assert self._me is not None, "who we are is the first thing that is asked"
        return Conversation(
            api=self._api,
            budget=self.budget,
            handle=handle,
            specs=by_spelling(specs),
            me=self._me,
            language=self._language,
            spawn=spawn,
        )

    async def _listen(self, handle: Handle, specs: Sequence[CommandSpec]) -> BotError:
        """Until cancelled, or until it cannot go on; then why. Whatever is being answered ends with it."""
        async with asyncio.TaskGroup() as tasks:
            spawned: set[asyncio.Task[None]] = set()

            def spawn(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
                task = tasks.create_task(work)
                spawned.add(task)
                task.add_done_callback(spawned.discard)
                return task

            why = await self._poll(handle, specs, spawn)
            for task in spawned:
                task.cancel()
        return why

    async def _poll(self, handle: Handle, specs: Sequence[CommandSpec], spawn: Spawn) -> BotError:
        pause, publishing = FIRST_PAUSE, None
        while True:
            try:
                if self._me is None:
                    self._me = await self._ask_who()
                updates = await self._updates()
            except TokenRefused as error:
                return error
            except Taken:
                if self.conflicts.one_more(time.monotonic()):
                    return ConfigError(SECOND_PROCESS)
                self._is_ready = self._is_ready and self.conflicts.is_settled
                await asyncio.sleep(FIRST_PAUSE if self.conflicts.is_settled else CONFLICT_PAUSE)
            except PlatformError as error:
                self._cannot_listen(error)
                await asyncio.sleep(error.after.total_seconds() if isinstance(error, Throttled) else pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                pause = FIRST_PAUSE
                publishing = publishing or spawn(self._publish(menus(specs)))
                if updates:
                    await self._conversation(handle, specs, spawn).take(updates)
                    self._next_update = updates[-1].update_id + 1  # confirmed by the next poll, now that they are heard

    async def _updates(self) -> Sequence[telegram.Update]:
        """The first poll, and the first after a failure, returns at once: it tells that we are connected."""
        in_doubt = QUIET_SECONDS if self.conflicts.count else 0
        wait = POLL_SECONDS if self._is_ready else in_doubt
        try:
            updates = await self._api.call(
                lambda bot: bot.get_updates(
                    offset=self._next_update, timeout=wait, read_timeout=ANSWER_SECONDS, allowed_updates=KINDS
                )
            )
        except Hooked:  # this token was used with a webhook before
            await self._api.call(lambda bot: bot.delete_webhook())
            return ()
        if not updates:
            self.conflicts.none(time.monotonic())
        if not self._is_ready and not self.conflicts.count:
            log.info("telegram is listening", bot=self._me and self._me.username)
            self._is_ready = True
        return updates

    def _cannot_listen(self, error: PlatformError) -> None:
        if self._is_ready:
            log.warning("telegram is not listening", kind=type(error).__name__, error=str(error))
        self._is_ready = False

    async def _publish(self, wanted: Sequence[Menu]) -> None:
        """The menus, each only when it changed."""
        left = [*wanted]
        while left:
            wait = await self._publish_one(left[0])
            if wait is None:
                left.pop(0)
            else:
                await asyncio.sleep(wait.total_seconds())

    async def _publish_one(self, menu: Menu) -> timedelta | None:
        """How long to wait before it is tried again; None: done."""
        try:
            known = await self._api.call(lambda bot: bot.get_my_commands(menu.scope, menu.language))
            if tuple(known) != menu.commands:
                await self._api.call(lambda bot: bot.set_my_commands(menu.commands, menu.scope, menu.language))
                log.info("commands published", platform=PLATFORM, scope=menu.scope.type, language=menu.language)
        except (Rejected, TokenRefused) as error:
            log.error("commands not published", platform=PLATFORM, error=str(error))
        except PlatformError as error:
            return error.after if isinstance(error, Throttled) else PUBLISH_AGAIN
        return None


def _hush() -> None:
    for name in ("httpx", "httpcore"):  # they log addresses, and the token is in each
        logging.getLogger(name).setLevel(logging.WARNING)
    # It logs each error it raises, with a traceback and whatever a proxy answered; what they mean is logged here
    logging.getLogger("telegram").setLevel(logging.CRITICAL + 1)


def build(
    *,
    token: str,
    api_url: str | None = None,
    proxy: str | None = None,
    ca_file: Path | None = None,
    language: str = "fr",
) -> Telegram:
    return Telegram(token=token, api_url=api_url or API_URL, proxy=proxy, ca_file=ca_file, language=language)
