"""The Telegram stand: our adapter, the unmodified library, and the strict server of `bot_api.py`."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from adapters.platforms.telegram.client import Telegram
from adapters.platforms.telegram.conversation import Conversation, Spawn
from bot.domain.channel import Address, Channel
from bot.domain.command import CommandSpec, Where
from bot.domain.ids import ChannelId
from bot.ports import Handle
from tests.contracts.stand import Answered, Button, Language, Shown, Window
from tests.stands import telegram_world as world
from tests.stands.bot_api import BotApi, running
from tests.stands.telegram_world import Message, Query


class Watched(Telegram):
    """The adapter, which also tells when it has nothing left to answer."""

    def __init__(self, api: BotApi) -> None:
        super().__init__(token=api.token, api_url=api.url, proxy=None, ca_file=None, language="fr")
        self.busy: set[asyncio.Task[None]] = set()

    def _conversation(self, handle: Handle, specs: Sequence[CommandSpec], spawn: Spawn) -> Conversation:
        def watched(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
            task = spawn(work)
            if getattr(work, "__name__", "") != "answer_in_time":  # it sleeps, in case an answer is late
                self.busy.add(task)
                task.add_done_callback(self.busy.discard)
            return task

        return super()._conversation(handle, specs, watched)


class TelegramStand:
    name = "telegram"

    def __init__(self, api: BotApi) -> None:
        self.api = api
        self.platform = Watched(api)
        for identity in (world.MEMBER, world.ADMIN):
            api.open_private(identity)

    def channel(self, number: int = 0, *, thread: str = "") -> Channel:
        chat = self.api.chat(number)
        if thread:
            chat.threads.setdefault(thread, True)
        return Channel(
            id=ChannelId(number + 1),
            address=Address(platform="telegram", chat=str(chat.id), thread=thread),
            community=f"telegram:{chat.id}",
            lane="telegram",
            title=chat.title,
        )

    def where(self, number: int = 0) -> Where:
        channel = self.channel(number)
        return Where(address=channel.address, community=channel.community, title=channel.title)

    def messages(self, number: int = 0, *, thread: str = "") -> Sequence[Shown]:
        chat = self.api.chat(number).id
        return [_shown(one) for one in self.api.messages if (one.chat, one.thread) == (chat, thread)]

    def refusals(self) -> int:
        return self.api.refusals

    async def say(
        self, text: str, *, admin: bool = False, language: Language = "fr", number: int = 0, within: float = 5.0
    ) -> Answered:
        sender, before = _sender(admin), self.api.last_number()
        update = self.api.say(text, number=number, sender=sender, language=language)
        message = max(self.api.reactions)
        return await self._typed(update, message, before, number, sender, within)

    async def _typed(self, update: int, message: int, before: int, number: int, sender: int, within: float) -> Answered:
        await self._answered(update, within)
        return replace(self._said(before, number, sender), reaction="".join(self.api.reactions[message]))

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
        sender, before = _sender(admin), self.api.last_number()
        update, query = self.api.press(ref, data, number=number, sender=sender, language=language)
        await until(lambda: query.answered_after is not None, within)
        await self._answered(update, within)
        return self._said(before, number, sender, query)

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
        return await self.press(ref, data, admin=admin, language=language, number=number, within=within)

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
        """A reply to the question, wherever it was asked."""
        sender = _sender(admin)
        question = next(one for one in self.api.messages if one.id == window.handle)
        private, before = question.chat == sender, self.api.last_number()
        update = self.api.say(
            text, number=number, sender=sender, language=language, private=private, reply_to=question.id
        )
        return await self._typed(update, max(self.api.reactions), before, number, sender, within)

    async def _answered(self, update: int, within: float) -> None:
        await until(lambda: self.api.updates.confirmed > update and not self.platform.busy, within)

    def _said(self, before: int, number: int, sender: int, query: Query | None = None) -> Answered:
        new, group = [one for one in self.api.messages if one.id > before], self.api.chat(number).id
        said = [one for one in new if not one.asks]
        private = [one for one in said if one.chat == sender]
        words = [query.text if query is not None else "", *(one.text for one in private)]
        return Answered(
            public=tuple(_shown(one) for one in said if one.chat == group),
            private="\n".join(filter(None, words)),
            whispered=tuple(map(_shown, private)),
            window=next((_window(one) for one in new if one.asks), None),
            acknowledged_after=query.answered_after or 0.0 if query is not None else 0.0,
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


def _shown(message: Message) -> Shown:
    return Shown(
        ref=str(message.id),
        chat=str(message.chat),
        thread=message.thread,
        text=message.text,
        silent=bool(message.asked.get("disable_notification")),
        pings=message.pings,
        buttons=tuple(
            Button(label=one["text"], data=one.get("callback_data", ""), url=one.get("url", ""))
            for one in message.buttons
        ),
        edits=message.edits,
        answers=str((message.asked.get("reply_parameters") or {}).get("message_id", "")),
        files=(message.file,) if message.file is not None else (),
        payload=message.asked,
    )


def _window(question: Message) -> Window:
    """Its first line ends with the title, what follows is the label, and perhaps what the answer was until now."""
    head, *rest = question.text.split("\n")
    code = [one for one in question.entities if one["type"] == "code"]
    return Window(
        title=head.rpartition(" · ")[2],
        label=rest[0] if rest else "",
        hint=question.asked["reply_markup"].get("input_field_placeholder", ""),
        value="\n".join(rest[1:]) if code else "",
        handle=question.id,
    )


def _sender(admin: bool) -> int:
    return world.ADMIN if admin else world.MEMBER


async def until(holds: Callable[[], bool], within: float = 5.0) -> None:
    async with asyncio.timeout(within):
        while not holds():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def stand(ledger: Path | None = None) -> AsyncIterator[TelegramStand]:
    async with running(ledger) as api:
        yield TelegramStand(api)
