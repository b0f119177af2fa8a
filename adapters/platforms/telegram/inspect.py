"""What an operator should know of a Telegram token that works, and what the bot may do in its chats."""

from collections.abc import Sequence

from telegram import ChatMemberAdministrator, ChatMemberRestricted
from telegram.constants import ChatMemberStatus, ChatType

from adapters.platforms.telegram.api import Api, Hooked, Taken
from bot.errors import ChannelGone
from bot.examining import Remark, Standing

LISTEN_SECONDS = 3  # who else asks for updates comes back within two, and ends our question


async def remarks_of(api: Api) -> Sequence[Remark]:
    """Raises PlatformError. No update is confirmed: whoever runs next hears all of them."""
    me = await api.call(lambda bot: bot.get_me())
    found = [Remark.STAYS_OUT] if me.can_join_groups is False else []
    if me.can_read_all_group_messages:
        found.append(Remark.HEARS_ALL)
    try:
        await api.call(lambda bot: bot.get_updates(timeout=LISTEN_SECONDS, limit=1))
    except Hooked:
        found.append(Remark.WEBHOOK)
    except Taken:
        found.append(Remark.SHARED)
    return found


async def standing_in(api: Api, chat: str) -> Standing:
    """Raises PlatformError. An administrator's own rights go before what the group lets everybody do."""
    try:
        me = await api.call(lambda bot: bot.get_me())
        about = await api.call(lambda bot: bot.get_chat(chat))
        member = await api.call(lambda bot: bot.get_chat_member(chat, me.id))
    except ChannelGone:
        return Standing(is_there=False)
    if member.status in (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED):
        return Standing(is_there=False)
    if about.type == ChatType.CHANNEL:
        may = isinstance(member, ChatMemberAdministrator) and bool(member.can_post_messages)
        return Standing(lacks=() if may else ("can_post_messages",))
    if isinstance(member, ChatMemberAdministrator):
        return Standing()
    may = member.can_send_messages if isinstance(member, ChatMemberRestricted) else _everybody_may(about.permissions)
    return Standing(lacks=() if may else ("can_send_messages",))


def _everybody_may(permissions: object) -> bool:
    return getattr(permissions, "can_send_messages", None) is not False
