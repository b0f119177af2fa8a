"""Events in, answers out. A press is acknowledged whatever happens; what is for one person never enters a group.

Answers are no posts: nobody sends them again after a kill, so a short refusal is waited out here, and no longer.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
import telegram

from adapters.plain import size
from adapters.platforms.telegram.api import Api
from adapters.platforms.telegram.forms import question
from adapters.platforms.telegram.render import NOTICE, Payload, attachments, keyboard, notice, render
from adapters.platforms.telegram.updates import NO_WORD, Heard, Me, read
from bot.domain.budget import Budget, Use
from bot.domain.channel import Address
from bot.domain.command import Answer, Audience, Command, CommandSpec, Form, Person, Press, Reply, Where
from bot.errors import PlatformError, Throttled, Unreachable
from bot.locale.say import Say
from bot.ports import Handle
from bot.view import Action, Actions, Attachment, Text, View

ACKNOWLEDGED_SECONDS = 2.0  # a button turns for as long
HEARD_SECONDS = 5.0  # one slow answer must not make the whole bot deaf
LONGEST_WAIT = 30.0  # seconds for a turn; nobody looks at a later answer
TRIES, LONGEST_REFUSAL = 3, 5.0


REFUSED, OBJECTED, DONE = "🙈", "🤔", "👌"

Spawn = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Query:
    """A press that waits. The first word is the last one: Telegram shows nothing after it."""

    api: Api
    id: str
    answered: bool = False

    async def answer(self, text: str = "", *, url: str = "") -> None:
        if self.answered or not self.id:
            return
        self.answered = True
        try:
            await self.api.call(lambda bot: bot.answer_callback_query(self.id, text=text or None, url=url or None))
        except PlatformError as error:  # too old, most often: we were away
            log.info("a press could not be acknowledged", kind=type(error).__name__)

    async def answer_in_time(self) -> None:
        await asyncio.sleep(ACKNOWLEDGED_SECONDS)
        await self.answer()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    api: Api
    budget: Budget
    handle: Handle
    specs: Mapping[str, CommandSpec] = field(repr=False)  # by any spelling
    me: Me
    language: str  # of what everybody sees
    spawn: Spawn

    async def take(self, updates: Sequence[telegram.Update]) -> None:
        """Until the core has heard them all, or for HEARD_SECONDS; the answers follow in tasks of their own."""
        queues: dict[str, list[Heard]] = defaultdict(list)
        for update in updates:
            if (heard := self._read(update)) is not None:
                queues[heard.query or str(update.effective_chat and update.effective_chat.id)].append(heard)
        if queues:
            tasks = [self.spawn(self._hear(queue)) for queue in queues.values()]
            await asyncio.wait(tasks, timeout=HEARD_SECONDS)

    def _read(self, update: telegram.Update) -> Heard | None:
        try:
            return read(update, self.me, self.specs)
        except Exception:  # one odd update must not make us deaf to all that follow it
            log.exception("an update could not be read", update=update.update_id)
            return None

    async def _hear(self, queue: Sequence[Heard]) -> None:
        """What one chat said, in its order."""
        for heard in queue:
            query = Query(api=self.api, id=heard.query)
            if heard.query:
                self.spawn(query.answer_in_time())
            answer: Answer = None
            if not heard.is_anonymous:
                answer = await self.handle(heard.event)
            self.spawn(self.answer(heard, query, answer))

    async def answer(self, heard: Heard, query: Query, answer: Answer) -> None:
        """Raises nothing but CancelledError."""
        reply = answer if isinstance(answer, Reply) else Reply()
        try:
            match heard.event:
                case Press() as press if heard.is_anonymous:
                    await query.answer(self._say_to(press.person)("telegram.anonymous"))
                case Press() as press if heard.question:
                    await self._after_question(press, heard, reply)
                case Press() as press if reply.form is not None and heard.is_channel:
                    await query.answer(self._say_to(press.person)("telegram.channel"))
                case Press() as press:
                    await self._after_press(press, query, reply)
                case Command() as command:
                    await self._after_typed(command.where, command.person, heard.message, reply)
        except PlatformError as error:
            log.warning("an answer could not be given", kind=type(error).__name__, error=str(error))
        except Exception:  # a view that cannot be drawn; the next person is answered all the same
            log.exception("an answer could not be given")
        finally:
            await query.answer()

    async def _after_press(self, press: Press, query: Query, reply: Reply) -> None:
        where, person, ref = press.where, press.person, press.message_ref
        is_for_one = reply.audience is Audience.ASKER and (where.is_group or bool(reply.notice)) and not reply.replaces
        if reply.form is not None:
            await query.answer(notice(reply.notice))
            await self._ask(press, reply.form, answers=int(ref))
            return
        if reply.view is None and not reply.files:
            await query.answer(notice(reply.notice))
        elif is_for_one:
            await self._tell_presser(person, query, reply)
        else:
            await query.answer(notice(reply.notice))
            if reply.replaces and reply.view is not None:
                await self._edit(where, ref, render(reply.view, self._language(where, person, reply)))
                await self._say(where, person, Reply(files=reply.files))
            else:
                await self._say(where, person, reply)
        if reply.menu:
            await self._show_menu(where, ref, reply.menu)

    async def _tell_presser(self, person: Person, query: Query, reply: Reply) -> None:
        """A notice holds 200 characters. What is longer waits in the bot's own chat, or behind a link to it."""
        language = person.language or self.language
        said = reply.notice or (render(reply.view, language).get("text", "") if reply.view is not None else "")
        if not reply.files and size(said) <= NOTICE and not query.answered:
            return await query.answer(notice(said))
        if await self._whisper(person, reply):
            return await query.answer(Say(language)("telegram.whispered"))
        return await query.answer(url=f"https://t.me/{self.me.username}?start={reply.link or NO_WORD}")

    async def _after_question(self, press: Press, heard: Heard, reply: Reply) -> None:
        """Somebody replied to a question, which has served; the message it was about may change."""
        where, person, ref = press.where, press.person, press.message_ref
        if reply.form is not None or reply.replaces:  # else it waits for another word, or for whom it was asked
            await self._take_away(where, heard.question)
        if reply.form is not None:
            return await self._ask(press, reply.form, answers=heard.message, said=reply.notice)
        if reply.menu and ref:
            await self._show_menu(where, ref, reply.menu)
        if not (reply.replaces and reply.view is not None and ref):
            return await self._after_typed(where, person, heard.message, reply)
        await self._edit(where, ref, render(reply.view, self._language(where, person, reply)))
        if where.is_group:
            await self._react(where, heard.message, DONE)
        return await self._say(where, person, Reply(notice="" if where.is_group else reply.notice, files=reply.files))

    async def _after_typed(self, where: Where, person: Person, message: int, reply: Reply) -> None:
        if reply.view is None and not reply.files and not reply.notice:
            return
        is_for_all = reply.audience is Audience.EVERYONE and not reply.refused
        if is_for_all or not where.is_group:
            await self._say(where, person, reply, answers=message)
        else:
            objects = bool(reply.notice) and reply.view is not None
            told = await self._whisper(person, reply)
            await self._react(where, message, REFUSED if reply.refused else OBJECTED if objects or not told else DONE)

    # -- how it is said -----------------------------------------------------------------------------------------------

    async def _say(self, where: Where, person: Person, reply: Reply, *, answers: int = 0) -> None:
        chat, thread = where.address.chat, where.address.thread
        for payload, file in self._messages(reply, self._language(where, person, reply)):
            send = partial(self.api.send, chat, thread, payload, file=file, answers=answers)
            await self._patiently(chat, where.is_group, send)

    async def _ask(self, press: Press, form: Form, *, answers: int, said: str = "") -> None:
        where, person = press.where, press.person
        asked = person if where.is_group else None
        payload = question(form, press.message_ref, self.me.username, said=said, asked=asked)
        chat, thread = where.address.chat, where.address.thread
        await self._patiently(chat, where.is_group, partial(self.api.send, chat, thread, payload, answers=answers))

    async def _take_away(self, where: Where, message: int) -> None:
        try:
            await self.api.delete(where.address.chat, message)
        except PlatformError as error:  # somebody was faster, or it is too old: it stays, and can be answered again
            log.info("a question stays", kind=type(error).__name__)

    async def _show_menu(self, where: Where, ref: str, menu: Sequence[Action]) -> None:
        """Nothing private can be said in a group: the message's own buttons make way."""
        chat, rows = where.address.chat, keyboard([Actions(actions=tuple(menu))])
        await self._patiently(chat, where.is_group, partial(self.api.edit_buttons, chat, ref, rows))

    async def _edit(self, where: Where, ref: str, payload: Payload) -> None:
        chat = where.address.chat
        await self._patiently(chat, where.is_group, partial(self.api.edit, chat, ref, payload))

    async def _whisper(self, person: Person, reply: Reply) -> bool:
        """In the person's own chat with the bot. False: they never opened it, or are no single person."""
        if not person.id.isdecimal():
            return False
        address = Address(platform=person.platform, chat=person.id)
        own = Where(address=address, community=f"{person.platform}:{person.id}", is_group=False)
        try:
            await self._say(own, person, reply)
        except PlatformError:
            return False
        return True

    async def _react(self, where: Where, message: int, emoji: str) -> None:
        try:
            await self.api.call(lambda bot: bot.set_message_reaction(where.address.chat, message, emoji))
        except PlatformError as error:  # the chat allows no reactions, or not this one
            log.info("no reaction here", kind=type(error).__name__)

    def _messages(self, reply: Reply, language: str) -> Sequence[tuple[Payload, Attachment | None]]:
        view = reply.view or (View(blocks=(Text(text=reply.notice),)) if reply.notice else None)
        files = [*(attachments(view) if view is not None else ()), *reply.files]
        said: list[tuple[Payload, Attachment | None]] = []
        if view is not None:
            said.append((render(view, language), files.pop(0) if attachments(view) else None))
        return [*said, *(({}, file) for file in files)]

    def _say_to(self, person: Person) -> Say:
        return Say(person.language or self.language)

    def _language(self, where: Where, person: Person, reply: Reply) -> str:
        return (reply.language if where.is_group else person.language) or self.language

    async def _patiently(self, chat: str, is_group: bool, say: Callable[[], Coroutine[Any, Any, object]]) -> None:
        for tries_left in reversed(range(TRIES)):
            await self._turn(chat, is_group)
            try:
                await say()
                return
            except (Throttled, Unreachable) as error:
                wait = error.after.total_seconds() if isinstance(error, Throttled) else 1.0
                if not tries_left or wait > LONGEST_REFUSAL:
                    raise
                await asyncio.sleep(wait)

    async def _turn(self, chat: str, is_group: bool) -> None:
        """Answers draw from the budget of posts."""
        until = time.monotonic() + LONGEST_WAIT
        with self.budget.asking(chat):
            while (wait := self.budget.wait(chat, time.monotonic(), Use.ANSWER)) > 0:
                if time.monotonic() + wait > until:
                    raise Throttled("chat", timedelta(seconds=wait))
                await asyncio.sleep(wait)
            self.budget.take(chat, time.monotonic(), Use.ANSWER, is_group=is_group)
