"""What can be wrong with a token that is accepted, and with the chats the bot is in."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import timedelta
from typing import Protocol

from bot.checks.finding import Finding, ok, warning
from bot.domain.channel import Channel, ChannelState
from bot.errors import BotError
from bot.examining import Inspects, Standing
from bot.locale.say import Say

REMARKS_TAKE = timedelta(seconds=15)
CHATS_TAKE = timedelta(seconds=60)  # of all of them: whoever has thousands of chats wants an answer too
MOST_NAMED = 20


class Inspected(Inspects, Protocol):
    name: str


async def of_token(platform: Inspected, say: Say, *, is_running: bool) -> AsyncIterator[Finding]:
    """`is_running`: on this machine. Whoever is asking for events is not asked who asks for them."""
    if is_running:
        yield ok(platform.name, say("cli.doctor.running"))
        return
    try:
        async with asyncio.timeout(REMARKS_TAKE.total_seconds()):
            remarks = await platform.remarks()
    except (BotError, TimeoutError):
        return  # the check of the token has told, or it passes by itself
    for remark in remarks:
        yield warning(platform.name, say(f"cli.doctor.remark.{remark}"), say(f"cli.doctor.remark_fix.{remark}"))


async def of_chats(platform: Inspected, channels: Sequence[Channel], say: Say) -> AsyncIterator[Finding]:
    """One line for each chat in which posts would be lost, and one for all the others."""
    wanted = [one for one in channels if one.address.platform == platform.name and one.state is not ChannelState.GONE]
    good, bad, unknown = 0, 0, 0
    try:
        async with asyncio.timeout(CHATS_TAKE.total_seconds()):
            for channel in wanted:
                try:
                    found = await platform.standing(channel)
                except BotError:
                    unknown += 1
                    continue
                good, bad = good + (found == Standing()), bad + (found != Standing())
                for finding in _of_chat(platform.name, channel, found, say):
                    if bad <= MOST_NAMED:
                        yield finding
    except TimeoutError:
        pass
    unknown = len(wanted) - good - bad
    if unknown:
        yield warning(platform.name, say("cli.doctor.chats_unknown", count=unknown), say("cli.doctor.again"))
    if bad > MOST_NAMED:
        yield warning(platform.name, say("cli.doctor.chats_more", count=bad - MOST_NAMED), say("cli.doctor.chat_fix"))
    if good:
        yield ok(platform.name, say("cli.doctor.chats", count=good))


def _of_chat(platform: str, channel: Channel, found: Standing, say: Say) -> Iterator[Finding]:
    named = " ".join(filter(None, (channel.title, channel.address.chat, channel.address.thread)))
    if not found.is_there:
        yield warning(platform, say("cli.doctor.chat_out", chat=named), say("cli.doctor.chat_out_fix"))
    elif found.lacks:
        lacks = ", ".join(found.lacks)
        yield warning(platform, say("cli.doctor.chat_mute", chat=named, rights=lacks), say("cli.doctor.chat_fix"))
