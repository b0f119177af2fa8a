"""The stand-in's messages: sent, edited, taken away, reacted to; each is in the ledger before anybody is told."""

import json
import time
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.view import Attachment
from tests.stands import telegram_rules as rules
from tests.stands.telegram_faults import Refused
from tests.stands.telegram_people import People
from tests.stands.telegram_world import Chat, Json, Message

KICKED = "Forbidden: bot was kicked from the supergroup chat"
CLOSED = "Forbidden: bot can't initiate conversation with a user"


class Messages(People):
    def __init__(self, ledger: Path | None) -> None:
        super().__init__()
        self._ledger = ledger.open("a", encoding="utf-8") if ledger else None

    def close(self) -> None:
        if self._ledger is not None:
            self._ledger.close()

    def _chat_of(self, asked: Json) -> Chat:
        chat = self.chats.get(int(asked["chat_id"]))
        if chat is None:
            raise Refused(400, "Bad Request: chat not found")
        if chat.moved_to is not None:
            text = "Bad Request: group chat was upgraded to a supergroup chat"
            raise Refused(400, text, migrate_to_chat_id=chat.moved_to)
        if not chat.is_in:
            raise Refused(403, CLOSED if chat.kind == "private" else KICKED)
        return chat

    def _writable(self, asked: Json) -> Chat:
        chat = self._chat_of(asked)
        if not chat.may_write:
            raise Refused(400, "Bad Request: not enough rights to send text messages to the chat")
        thread = str(asked.get("message_thread_id", ""))
        if thread and thread not in chat.threads:
            raise Refused(400, "Bad Request: message thread not found")
        if thread and not chat.threads[thread]:
            raise Refused(400, "Bad Request: TOPIC_CLOSED")
        return chat

    async def _send(self, asked: Json) -> Json:
        chat = self._writable(asked)
        thread = str(asked.get("message_thread_id", ""))
        reply = asked.get("reply_parameters") or {}
        if reply and not reply.get("allow_sending_without_reply"):
            self._find(chat, reply["message_id"], "be replied")
        file = asked.pop("file", None)
        message = Message(id=self._number(), chat=chat.id, thread=thread, asked=asked, file=file)
        self.messages.append(message)
        self._write("message", message)
        return message.told(chat)

    async def _create_topic(self, asked: Json) -> Json:
        chat = self._chat_of(asked)
        if not (chat.is_forum or chat.threads):
            raise Refused(400, "Bad Request: the chat is not a forum")
        if not chat.may_make_topics:
            raise Refused(400, "Bad Request: not enough rights to create a topic")
        number = self._number()
        chat.threads[str(number)] = True
        chat.topics[str(number)] = asked["name"]
        return {"message_thread_id": number, "name": asked["name"], "icon_color": 7_322_096}

    async def _edit(self, asked: Json) -> Json:
        chat = self._chat_of(asked)
        message = self._find(chat, asked["message_id"], "edit")
        words = {"text", "caption", "entities", "caption_entities", "link_preview_options"}
        keys = {"message_thread_id", "document"} | (words if not words & set(asked) else set())
        kept: Json = {key: message.asked[key] for key in keys if key in message.asked}
        new: Json = {key: value for key, value in asked.items() if key != "message_id"} | kept
        shown = ("text", "caption", "entities", "caption_entities", "reply_markup")
        if all(new.get(key) == message.asked.get(key) for key in shown):
            text = "specified new message content and reply markup are exactly the same"
            raise Refused(400, f"Bad Request: message is not modified: {text}")
        message.asked = new
        message.edits += 1
        self._write("edit", message)
        return message.told(chat)

    async def _delete(self, asked: Json) -> bool:
        """One of the bot's own."""
        chat = self._chat_of(asked)
        self.messages.remove(self._find(chat, asked["message_id"], "delete"))
        return True

    def _find(self, chat: Chat, number: int, what_for: str) -> Message:
        for message in self.messages:
            if (message.chat, message.id) == (chat.id, number):
                return message
        raise Refused(400, f"Bad Request: message to {what_for} not found")

    async def _react(self, asked: Json) -> bool:
        chat = self._chat_of(asked)
        emoji = [one["emoji"] for one in asked.get("reaction", [])]
        if not chat.reacts or not set(emoji) <= rules.REACTIONS:
            raise Refused(400, "Bad Request: REACTION_INVALID")
        if asked["message_id"] not in self.reactions:
            raise Refused(400, "Bad Request: message to react not found")
        self.reactions[asked["message_id"]] = emoji
        return True

    def _write(self, kind: str, message: Message) -> None:
        """On disk before anybody is told."""
        if self._ledger is None:
            return
        entry = {
            "kind": kind,
            "id": str(message.id),
            "channel": str(message.chat),
            "thread": message.thread,
            "text": message.text,
            "pings": message.pings,
            "payload": message.asked,
            "at": time.time(),
        }
        self._ledger.write(json.dumps(entry, ensure_ascii=False) + "\n")
        self._ledger.flush()


async def form_of(request: web.Request) -> dict[str, Any]:
    """A form, a form with a file (`document` becomes its name, `file` itself), or JSON."""
    if request.content_type == "application/json":
        told: dict[str, Any] = await request.json()
        return told
    form = dict(await request.post())
    sent = form.get("document")
    if isinstance(sent, str) and sent.startswith("attach://"):
        sent = form.pop(sent.removeprefix("attach://"))
    if not isinstance(sent, web.FileField):
        return form
    file = Attachment(name=sent.filename, media_type=sent.content_type, content=sent.file.read())
    return form | {"document": sent.filename, "file": file}
