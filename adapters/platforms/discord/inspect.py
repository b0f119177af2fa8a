"""What an operator should know of a Discord token that works, and what the bot may do in its channels."""

from collections.abc import Iterable, Sequence

import discord

from adapters.platforms.discord.events import PLATFORM
from adapters.platforms.discord.rest import Json, Rest
from bot.domain.channel import Channel
from bot.errors import ChannelGone, Rejected, Uncertain
from bot.examining import Remark, Standing

NEEDED = ("view_channel", "send_messages", "embed_links")
IN_A_THREAD = ("view_channel", "send_messages_in_threads", "embed_links")
WISHED = ("create_public_threads",)  # where a channel wants a thread per alert
INVITED_WITH = discord.Permissions(**dict.fromkeys((*NEEDED, *IN_A_THREAD, *WISHED), True))
ROLE = 0  # what an overwrite is about; 1: a member


async def remarks_of(rest: Rest) -> Sequence[Remark]:
    """Raises PlatformError. Two processes on one token are not seen: Discord serves them both."""
    about = await rest.call("GET", "/oauth2/applications/@me")
    if not isinstance(about, dict):
        raise Uncertain("discord: the answer cannot be read")
    return [Remark.STAYS_OUT] if about.get("bot_require_code_grant") is True else []


async def standing_in(rest: Rest, channel: Channel) -> Standing:
    """Raises PlatformError."""
    if not channel.is_group:
        return Standing()
    server = channel.community.removeprefix(f"{PLATFORM}:")
    try:
        me = await rest.call("GET", "/users/@me")
        about = await rest.call("GET", f"/guilds/{server}")
        member = await rest.call("GET", f"/guilds/{server}/members/{me['id']}")
        place = await rest.call("GET", f"/channels/{channel.address.chat}")
        may = _permissions(server, str(me["id"]), about, member, place)
    except ChannelGone:
        return Standing(is_there=False)
    except Rejected:  # 10007, unknown member
        return Standing(is_there=False)
    except (TypeError, KeyError, ValueError):
        raise Uncertain("discord: the answer cannot be read") from None
    needed = IN_A_THREAD if channel.address.thread else NEEDED
    return Standing(lacks=tuple(name for name in needed if not getattr(may, name)))


def _permissions(server: str, me: str, about: Json, member: Json, place: Json) -> discord.Permissions:
    """https://discord.com/developers/docs/topics/permissions: roles, then everybody's, roles' and the member's own."""
    held = {server, *map(str, member["roles"])}
    bits = _together(int(role["permissions"]) for role in about["roles"] if str(role["id"]) in held)
    if str(about["owner_id"]) == me or discord.Permissions(bits).administrator:
        return discord.Permissions.all()
    rules = place["permission_overwrites"]
    everybody = [one for one in rules if str(one["id"]) == server]
    roles = [one for one in rules if int(one["type"]) == ROLE and str(one["id"]) in held - {server}]
    own = [one for one in rules if int(one["type"]) != ROLE and str(one["id"]) == me]
    for level in (everybody, roles, own):
        bits &= ~_together(int(one["deny"]) for one in level)
        bits |= _together(int(one["allow"]) for one in level)
    return discord.Permissions(bits)


def _together(bits: Iterable[int]) -> int:
    found = 0
    for one in bits:
        found |= one
    return found
