"""👍 and 👎 under a post: one a person, the same again takes it back; the message shows the counts."""

from bot.commands.call import Pressed
from bot.commands.post import meant
from bot.domain.command import Reply


async def up(press: Pressed) -> Reply:
    return await _vote(press, 1)


async def down(press: Pressed) -> Reply:
    return await _vote(press, -1)


async def _vote(press: Pressed, value: int) -> Reply:
    desk, post = press.desk, await meant(press)
    async with desk.db.tx() as tx:
        if not await press.is_first(tx):
            return press.notice("vote.counted")
        counts = await desk.votes.vote(tx, post, press.channel.id, press.hash, value, press.now)
        await desk.outbox.revise_one(tx, post, press.channel.id)
    return press.notice("vote.counted" if counts else "vote.taken_back")
