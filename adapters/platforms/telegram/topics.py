"""Threads about an alert: topics of a forum. A topic hangs on no message, so two calls would make two."""

from adapters.plain import line
from adapters.platforms.telegram.api import Api
from adapters.platforms.telegram.text import clip, theirs
from bot.errors import Muzzled, Rejected, Unpermitted
from bot.view import Headline, View

NAME = 128  # https://core.telegram.org/bots/api#createforumtopic
SUPERGROUP = "-100"  # what the number of one begins with
LINKS = "https://t.me/c"


def takes_topics(chat: str) -> bool:
    """Whether such a group has its topics switched on is seen when one is made."""
    return chat.startswith(SUPERGROUP)


def name_of(view: View) -> str:
    title = next((block.text for block in view.blocks if isinstance(block, Headline)), "")
    return clip(line(title), NAME, theirs) or "…"


async def open_topic(api: Api, chat: str, view: View) -> str:
    """Its number. Raises PlatformError; Unpermitted also where the group has no topics, which its administrators
    can change."""
    try:
        return await api.create_topic(chat, name_of(view))
    except Muzzled:
        raise Unpermitted("telegram: no right to create a topic") from None
    except Rejected as error:
        if "not a forum" in str(error).lower():
            raise Unpermitted("telegram: the group has no topics") from None
        raise


def link_to(chat: str, ref: str) -> str:
    return f"{LINKS}/{chat.removeprefix(SUPERGROUP)}/{ref}" if takes_topics(chat) else ""
