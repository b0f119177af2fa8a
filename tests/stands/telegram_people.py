"""The stand-in's chats, who is in them, and what people do there."""

import asyncio
import itertools
import time
from typing import Any

from tests.stands import telegram_world as world
from tests.stands.telegram_world import Chat, Json, Message, Query


class People:
    def __init__(self) -> None:
        self.chats: dict[int, Chat] = {}
        self.messages: list[Message] = []
        self.queries: dict[str, Query] = {}
        self.reactions: dict[int, list[str]] = {}  # the emoji on people's own messages
        self.updates = world.Updates()
        self._arrived = asyncio.Event()
        self._numbers = itertools.count(100)
        self._last_number = 0

    # -- who is there -------------------------------------------------------------------------------------------------

    def chat(self, number: int = 0) -> Chat:
        return self._know(world.chat_id(number), title=f"Groupe {number}")

    def add_chat(self, number: int = 0, kind: str = "supergroup") -> None:
        self.chat(number).kind = kind

    def private(self, identity: int) -> Chat:
        return self._know(identity, kind="private", is_in=False)

    def _know(self, identity: int, **about: Any) -> Chat:
        return self.chats.setdefault(identity, Chat(id=identity, **about))

    def open_private(self, identity: int, on: bool = True) -> None:
        self.private(identity).is_in = on

    def add_thread(self, number: int, thread: str, is_open: bool = True) -> None:
        self.chat(number).threads[thread] = is_open

    def set_admin(self, identity: int, number: int = 0, on: bool = True) -> None:
        (self.chat(number).admins.add if on else self.chat(number).admins.discard)(identity)

    def kick(self, number: int = 0) -> None:
        self._member(number, "member", "kicked", is_in=False)

    def let_in(self, number: int = 0) -> None:
        self._member(number, "left", "member", is_in=True)

    def _member(self, number: int, before: str, after: str, *, is_in: bool) -> None:
        chat = self.chat(number)
        chat.is_in = is_in
        self._tell(my_chat_member=world.membership(chat, before, after))

    def muzzle(self, number: int = 0, on: bool = True) -> None:
        self.chat(number).may_write = not on

    def migrate(self, number: int, to: int, quiet: bool = False) -> None:
        """The group `number` becomes the supergroup `to`."""
        old, new = self.chat(number), self.chat(to)
        old.moved_to = new.id
        if not quiet:
            said = world.typed(old, self._number(), "", world.person(world.ADMIN))
            self._tell(message={**said, "migrate_to_chat_id": new.id})

    # -- what people do -----------------------------------------------------------------------------------------------

    def say(
        self,
        text: str,
        *,
        number: int = 0,
        sender: int = world.MEMBER,
        language: str = "fr",
        thread: str = "",
        private: bool = False,
        reply_to: int = 0,
    ) -> int:
        """The update's number. `reply_to`: the number of a message of the bot's."""
        chat = self.private(sender) if private else self.chat(number)
        replied = next((one for one in self.messages if one.chat == chat.id and one.id == reply_to), None)
        message = world.typed(chat, self._number(), text, world.person(sender, language), thread, replied)
        self.reactions[message["message_id"]] = []
        return self._tell(**{"channel_post" if chat.kind == "channel" else "message": message})

    def press(
        self, ref: str, data: str, *, number: int = 0, sender: int = world.MEMBER, language: str = "fr"
    ) -> tuple[int, Query]:
        message = next((m for m in self.messages if str(m.id) == ref), None)
        chat = self.chats[message.chat] if message else self.chat(number)
        query = Query(id=f"q{self._number()}", asked_at=time.monotonic())
        self.queries[query.id] = query
        told = (
            message.told(chat) if message else {"message_id": int(ref or 1), "date": 0, "chat": chat.told()}
        )  # date 0: a message the bot can no longer see
        update = self._tell(
            callback_query={
                "id": query.id,
                "from": world.person(sender, language),
                "message": told,
                "chat_instance": "1",
                "data": data,
            }
        )
        return update, query

    def _tell(self, **kind: Json) -> int:
        number = self.updates.add(**kind)
        self._arrived.set()
        return number

    def _number(self) -> int:
        self._last_number = next(self._numbers)
        return self._last_number

    def last_number(self) -> int:
        """Whatever is said from now on has a higher one."""
        return self._last_number
