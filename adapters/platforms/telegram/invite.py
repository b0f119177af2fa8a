"""How somebody adds the bot to a Telegram group, and how that is seen before the bot runs."""

from collections.abc import Sequence

import telegram
from telegram.constants import ChatMemberStatus

from adapters.platforms.telegram.api import Api
from bot.examining import Arrival

OUT = (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)


async def invitation_of(api: Api) -> str:
    """Raises PlatformError."""
    me = await api.call(lambda bot: bot.get_me())
    return f"https://t.me/{me.username}?startgroup=true"


async def arrivals_of(api: Api) -> Sequence[Arrival]:
    """Of the last day: that is how long Telegram keeps an update. None is confirmed. Raises PlatformError."""
    updates = await api.call(lambda bot: bot.get_updates(timeout=0))
    changes = [update.my_chat_member for update in updates if update.my_chat_member is not None]
    last = {change.chat.id: change for change in changes if change.chat.type != telegram.Chat.PRIVATE}
    return [_arrival(change) for change in last.values() if change.new_chat_member.status not in OUT]


def _arrival(change: telegram.ChatMemberUpdated) -> Arrival:
    person = change.from_user
    return Arrival(title=change.chat.title or str(change.chat.id), person=str(person.id), name=person.full_name)
