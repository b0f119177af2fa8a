"""A subscription is written: by the typed command and by the wizard alike."""

from bot.commands.call import Asked
from bot.commands.undo import Before, changed, subscription_before
from bot.domain.channel import Channel, Rhythm
from bot.domain.rule import Rule
from bot.errors import UserError
from bot.ports import Tx
from bot.view import Action

MOST = 100  # subscriptions of one channel


async def save(asked: Asked, tx: Tx, rule: Rule, how: Rhythm, *, silent: bool) -> Action:
    """The button that takes it back. Raises UserError."""
    channel, before = await write(asked, tx, rule, how, silent=silent)
    return await changed(asked, tx, channel, "subscribe", before, rule=rule.canonical())


async def write(asked: Asked, tx: Tx, rule: Rule, how: Rhythm, *, silent: bool) -> tuple[Channel, Before]:
    """The channel it is written for, and what takes it back. Raises UserError."""
    desk, canonical = asked.desk, rule.canonical()
    channel = await desk.ensure(tx, asked.where)
    had = await desk.subscriptions.of(tx, channel.id)
    before = next(((one.how, one.silent) for one in had if one.rule.canonical() == canonical), None)
    if before is None and len(had) >= MOST:
        raise UserError("error.too_many_subscriptions", most=MOST)
    await desk.subscriptions.add(tx, channel.id, rule, how, silent=silent, now=asked.now)
    return channel, subscription_before(rule, before)
