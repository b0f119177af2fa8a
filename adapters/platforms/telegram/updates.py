"""The library's updates → our events. Pure: an update tells all of it along."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import telegram
from telegram.constants import ChatMemberStatus, ChatType

from adapters.platforms.telegram.forms import carried
from bot.domain.channel import Address
from bot.domain.command import Command, CommandSpec, Event, Joined, Left, Moved, Person, Press, Rights, Where

PLATFORM = "telegram"
KINDS = ("message", "channel_post", "callback_query", "my_chat_member")
ANONYMOUS = 1087968824  # @GroupAnonymousBot, https://core.telegram.org/bots/api#message
NO_USERS = {ANONYMOUS, 136817688, 777000}  # … and those behind which channels speak
TYPED = re.compile(r"/(?P<name>[A-Za-z0-9_]{1,64})(?:@(?P<bot>\w+))?(?:\s+(?P<rest>.*))?", re.DOTALL)
DEEP_LINK = "start"  # what Telegram types when somebody opens the bot's chat, followed by a word of the link's
NO_WORD = "answer"  # the word of a link that only leads to our chat
LINKED = re.compile(r"[A-Za-z0-9_-]{1,64}")  # https://core.telegram.org/bots/features#deep-linking

IN = {ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.OWNER}
OUT = {ChatMemberStatus.LEFT, ChatMemberStatus.BANNED}
ADMINS = {ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.OWNER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    id: int
    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """An event, and what is needed to answer it."""

    update: int
    event: Event
    message: int = 0  # the person's own: replied to, or reacted to
    query: str = ""  # the press that waits for its acknowledgement
    question: int = 0  # ours, that the person's message replies to
    is_anonymous: bool = False
    is_channel: bool = False  # nobody can reply there


def by_spelling(specs: Iterable[CommandSpec]) -> Mapping[str, CommandSpec]:
    return {name: spec for spec in specs for name in (spec.name, spec.fr, *spec.also)}


def read(update: telegram.Update, me: Me, specs: Mapping[str, CommandSpec]) -> Heard | None:
    """None for whatever is not for us. `specs` are by any spelling."""
    if update.callback_query is not None:
        return _press(update.update_id, update.callback_query)
    if update.my_chat_member is not None:
        return _membership(update.update_id, update.my_chat_member)
    message = update.message or update.channel_post
    if message is None:
        return None
    if (event := _service(message)) is not None:
        return Heard(update=update.update_id, event=event)
    command, number = _command(message, me, specs), message.message_id
    question = message.reply_to_message
    if question is not None and (command is None or command.name.lower() not in specs):
        filled = _filled(message, question, me)
        if filled is not None:
            return Heard(update=update.update_id, event=filled, message=number, question=question.message_id)
    return Heard(update=update.update_id, event=command, message=number) if command else None


# -- messages ---------------------------------------------------------------------------------------------------------


def _command(message: telegram.Message, me: Me, specs: Mapping[str, CommandSpec]) -> Command | None:
    typed = TYPED.fullmatch(message.text or "")
    if typed is None or message.forward_origin is not None or message.via_bot is not None:
        return None
    addressed = typed["bot"]
    if addressed and addressed.lower() != me.username.lower():
        return None
    spec, where = specs.get(typed["name"].lower()), where_of(message)
    if spec is None and where.is_group and not addressed:
        return None  # another bot's
    arguments = _arguments(typed["name"], typed["rest"] or "", spec, where)
    return Command(name=typed["name"], arguments=arguments, where=where, person=_writer(message))


def _arguments(name: str, rest: str, spec: CommandSpec | None, where: Where) -> Mapping[str, str]:
    if name == DEEP_LINK:  # in a group it stands for the group's first choice of us, with no word of ours
        is_ours = not where.is_group and LINKED.fullmatch(rest) is not None and rest != NO_WORD
        return {"link": rest} if is_ours else {}
    return spec.read(rest) if spec is not None else {}


def _filled(message: telegram.Message, question: telegram.Message, me: Me) -> Press | None:
    """What was typed in reply to a question of ours; in privacy mode too, Telegram hands us replies to our messages."""
    if not message.text or message.forward_origin is not None or message.via_bot is not None:
        return None
    if question.from_user is None or question.from_user.id != me.id:
        return None
    if (meant := carried(question, me.username)) is None:
        return None
    press, ref = meant
    return Press(data=press, text=message.text, where=where_of(message), person=_writer(message), message_ref=ref)


def _service(message: telegram.Message) -> Event | None:
    """What Telegram itself says in a chat."""
    where = where_of(message)
    if message.migrate_to_chat_id is not None:
        return Moved(old=where.address, new=_address(message.migrate_to_chat_id))
    if message.migrate_from_chat_id is not None:
        return Moved(old=_address(message.migrate_from_chat_id), new=where.address)
    if message.forum_topic_reopened is not None:
        return Joined(where=where)
    return None


def _writer(message: telegram.Message) -> Person:
    """An anonymous administrator writes as the chat itself, which proves the right; so does a post of a channel."""
    user, chat, sender = message.from_user, message.chat, message.sender_chat
    if user is not None and user.id not in NO_USERS and sender is None:
        return _person(user, Rights.ADMIN if chat.type == ChatType.PRIVATE else None)
    is_chat = sender.id == chat.id if sender is not None else user is not None and user.id == ANONYMOUS
    return Person(
        platform=PLATFORM,
        id=str(sender.id if sender is not None else chat.id),
        name=message.author_signature or (sender.title if sender is not None else chat.title) or "",
        rights=Rights.ADMIN if is_chat or chat.type == ChatType.CHANNEL else Rights.MEMBER,
    )


# -- the rest ---------------------------------------------------------------------------------------------------------


def _press(update: int, query: telegram.CallbackQuery) -> Heard | None:
    if query.message is None:  # a button of an inline message: never ours
        return None
    where = where_of(query.message)
    press = Press(
        data=query.data or "",
        where=where,
        person=_person(query.from_user, None if where.is_group else Rights.ADMIN),
        message_ref=str(query.message.message_id),
        id=query.id,
    )
    return Heard(
        update=update,
        event=press,
        query=query.id,
        is_anonymous=query.from_user.id in NO_USERS,
        is_channel=query.message.chat.type == ChatType.CHANNEL,
    )


def _membership(update: int, change: telegram.ChatMemberUpdated) -> Heard | None:
    before, after = _is_in(change.old_chat_member), _is_in(change.new_chat_member)
    if before == after:
        return None
    where = _where(change.chat)
    is_new = where.is_group and change.old_chat_member.status in OUT
    return Heard(update=update, event=Joined(where=where, is_new=is_new) if after else Left(where=where))


def _is_in(member: telegram.ChatMember) -> bool:
    """Restricted counts as out: the bot may be there, and may not write."""
    return member.status in IN or (
        isinstance(member, telegram.ChatMemberRestricted) and member.is_member and member.can_send_messages
    )


# -- who and where ----------------------------------------------------------------------------------------------------


def where_of(message: telegram.MaybeInaccessibleMessage) -> Where:
    """A thread is a forum's topic; a chain of replies also has a number, at which nothing can be sent."""
    is_topic = isinstance(message, telegram.Message) and message.is_topic_message
    thread = message.message_thread_id if is_topic and isinstance(message, telegram.Message) else None
    return _where(message.chat, thread)


def _where(chat: telegram.Chat, thread: int | None = None) -> Where:
    return Where(
        address=_address(chat.id, thread),
        community=f"{PLATFORM}:{chat.id}",
        title="" if chat.type == ChatType.PRIVATE else chat.effective_name or "",  # a person's name is not kept
        is_group=chat.type != ChatType.PRIVATE,
    )


def _address(chat: int, thread: int | None = None) -> Address:
    return Address(platform=PLATFORM, chat=str(chat), thread="" if thread is None else str(thread))


def _person(user: telegram.User, rights: Rights | None) -> Person:
    code = user.language_code
    return Person(
        platform=PLATFORM,
        id=str(user.id),
        name=user.full_name,
        language=None if code is None else "fr" if code.lower().startswith("fr") else "en",
        rights=rights,
    )
