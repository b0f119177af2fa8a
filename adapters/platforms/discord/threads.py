"""Threads about an alert: each hangs on its message, and has its number.

https://discord.com/developers/docs/resources/channel#start-thread-from-message
"""

from adapters.plain import line
from adapters.platforms.discord.events import PLATFORM
from adapters.platforms.discord.markdown import clip
from adapters.platforms.discord.rest import Rest, ThreadExists
from bot.domain.channel import Channel
from bot.errors import Muzzled, Unpermitted
from bot.view import Headline, View

NAME = 100
FOLDS_AFTER = 4320  # minutes without a word; Discord takes 60, 1440, 4320 or 10080
LINKS = "https://discord.com/channels"


def takes_threads(channel: Channel) -> bool:
    """No thread has threads of its own."""
    return channel.is_group and not channel.address.thread


async def open_thread(rest: Rest, channel: Channel, ref: str, view: View) -> str:
    """Its number. Raises PlatformError."""
    title = next((block.text for block in view.blocks if isinstance(block, Headline)), "")
    body = {"name": clip(line(title), NAME, written=str) or "…", "auto_archive_duration": FOLDS_AFTER}
    try:
        # No `chat`: how many threads may be opened has a limit of its own, and messages must not wait for that.
        await rest.call("POST", f"/channels/{channel.address.chat}/messages/{ref}/threads", body)
    except ThreadExists:
        pass
    except Muzzled:
        raise Unpermitted("discord: no right to create a thread") from None
    return ref


def link_to(channel: Channel, ref: str) -> str:
    server = channel.community.removeprefix(f"{PLATFORM}:") if channel.is_group else "@me"
    return f"{LINKS}/{server}/{channel.address.thread or channel.address.chat}/{ref}"
