"""Who and what there is on the stand-in: chats, people, messages, updates in the shape of Telegram's."""

import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.view import Attachment
from tests.stands import telegram_rules as rules

Json = dict[str, Any]

MEMBER, ADMIN, STRANGER = 700_000_001, 700_000_002, 700_000_003
ANONYMOUS = 1_087_968_824
BOT: Json = {
    "id": 123456789,
    "is_bot": True,
    "first_name": "Tocsin",
    "username": "tocsin_essai_bot",
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
}
NAMES = {MEMBER: "Sacha", ADMIN: "Alix", STRANGER: "Camille"}


def chat_id(number: int) -> int:
    return -(1_001_000_000_000 + number)


def person(identity: int, language: str = "fr") -> Json:
    if identity == ANONYMOUS:
        return {"id": identity, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    return {
        "id": identity,
        "is_bot": False,
        "first_name": NAMES.get(identity, "Dominique"),
        "language_code": language,
    }


@dataclass(slots=True, kw_only=True)
class Chat:
    id: int
    kind: str = "supergroup"
    title: str = ""
    admins: set[int] = field(default_factory=lambda: {ADMIN})
    threads: dict[str, bool] = field(default_factory=dict)  # topic → open
    topics: dict[str, str] = field(default_factory=dict)  # those the bot made → their names
    is_forum: bool = False
    may_make_topics: bool = True
    is_in: bool = True  # the bot; in a private chat: the person opened it and blocked nobody
    may_write: bool = True
    everybody_may_write: bool = True
    moved_to: int | None = None
    reacts: bool = True

    def told(self) -> Json:
        if self.kind == "private":
            return {"id": self.id, "type": "private", "first_name": self.title or NAMES.get(self.id, "Dominique")}
        return {"id": self.id, "type": self.kind, "title": self.title, "is_forum": self.is_forum or bool(self.threads)}


@dataclass(slots=True, kw_only=True)
class Message:
    id: int
    chat: int
    thread: str
    asked: Json  # the parameters as they came, and as edits changed them
    edits: int = 0
    file: Attachment | None = None

    @property
    def raw(self) -> str:
        return str(self.asked.get("text", self.asked.get("caption", "")))

    @property
    def entities(self) -> list[Json]:
        return self.asked.get("entities") or self.asked.get("caption_entities") or []

    @property
    def text(self) -> str:
        return rules.read(self.raw)

    @property
    def pings(self) -> tuple[str, ...]:
        return rules.mentions(self.raw, self.entities)

    @property
    def buttons(self) -> list[Json]:
        return [button for row in (self.asked.get("reply_markup") or {}).get("inline_keyboard", []) for button in row]

    @property
    def asks(self) -> bool:
        """Opens the box of a reply before somebody."""
        return bool((self.asked.get("reply_markup") or {}).get("force_reply"))

    def told(self, chat: Chat) -> Json:
        said: Json = {
            "message_id": self.id,
            "date": int(time.time()),
            "chat": chat.told(),
            "from": BOT,
            "text": self.raw,
            "entities": [
                {**entity, "user": person(entity["user"]["id"])} if "user" in entity else entity
                for entity in self.entities
            ],
        }
        if "document" in self.asked:
            name = self.asked["document"]
            said["document"] = {"file_id": "f", "file_unique_id": "u", "file_name": name}
        if self.thread:
            said |= {"message_thread_id": int(self.thread), "is_topic_message": True}
        if self.buttons:  # a question's box is not told again
            said["reply_markup"] = self.asked["reply_markup"]
        return said


@dataclass(slots=True, kw_only=True)
class Query:
    """A press, and what became of it."""

    id: str
    asked_at: float
    answered_after: float | None = None
    text: str = ""
    url: str = ""


class Updates:
    """What waits for the bot; an update leaves when a later one is asked for."""

    def __init__(self) -> None:
        self.waiting: list[Json] = []
        self.confirmed = 0  # every update below is gone
        self._numbers = itertools.count(50_000)

    def add(self, **kind: Json) -> int:
        number = next(self._numbers)
        self.waiting.append({"update_id": number, **kind})
        return number

    def confirm(self, offset: int) -> None:
        if offset > 0:
            self.confirmed = max(self.confirmed, offset)
            self.waiting = [update for update in self.waiting if update["update_id"] >= offset]


def typed(chat: Chat, message: int, text: str, sender: Json, thread: str = "", reply_to: Message | None = None) -> Json:
    said: Json = {"message_id": message, "date": int(time.time()), "chat": chat.told(), "from": sender, "text": text}
    if text.startswith("/"):
        said["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}]
    if thread:
        said |= {"message_thread_id": int(thread), "is_topic_message": True}
    if reply_to is not None:
        said["reply_to_message"] = reply_to.told(chat)
    if sender["id"] == ANONYMOUS:
        said["sender_chat"] = chat.told()
    if chat.kind == "channel":
        del said["from"]
        said["sender_chat"] = chat.told()
    return said


def membership(chat: Chat, before: str, after: str) -> Json:
    def member(status: str) -> Json:
        return {"status": status, "user": BOT, **({"until_date": 0} if status == "kicked" else {})}

    return {
        "chat": chat.told(),
        "from": person(ADMIN),
        "date": int(time.time()),
        "old_chat_member": member(before),
        "new_chat_member": member(after),
    }


def member_of(chat: Chat, identity: int) -> Mapping[str, Any]:
    if identity == BOT["id"]:
        return bot_in(chat)
    if identity not in chat.admins:
        return {"status": "member", "user": person(identity)}
    rights = dict.fromkeys(ADMIN_RIGHTS, True)
    return {
        "status": "administrator",
        "user": person(identity),
        "can_be_edited": False,
        **rights,
        "is_anonymous": False,
    }


def bot_in(chat: Chat) -> Mapping[str, Any]:
    """What the bot may do itself: in a channel nothing but as an administrator."""
    if chat.kind == "channel":
        given = dict.fromkeys(ADMIN_RIGHTS, False) | {"can_post_messages": chat.may_write, "is_anonymous": False}
        return {"status": "administrator", "user": BOT, "can_be_edited": False, **given}
    if chat.may_write:
        return {"status": "member", "user": BOT}
    rights: Json = dict.fromkeys(MEMBER_RIGHTS, False) | {"is_member": True, "until_date": 0}
    return {"status": "restricted", "user": BOT, **rights}


def about(chat: Chat) -> Json:
    """The answer of getChat."""
    permissions = dict.fromkeys(MEMBER_RIGHTS, True) | {"can_send_messages": chat.everybody_may_write}
    told = {**chat.told(), "accent_color_id": 0, "max_reaction_count": 11, "permissions": permissions}
    return told | {"accepted_gift_types": dict.fromkeys(GIFTS, False)}


GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
MEMBER_RIGHTS = (
    *("can_send_messages", "can_change_info", "can_invite_users", "can_pin_messages", "can_manage_topics"),
    *("can_send_polls", "can_send_other_messages", "can_add_web_page_previews", "can_send_audios"),
    *("can_send_documents", "can_send_photos", "can_send_videos", "can_send_video_notes", "can_send_voice_notes"),
    *("can_edit_tag", "can_react_to_messages"),
)
ADMIN_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)
