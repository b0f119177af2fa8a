"""Buttons of an alert: who takes it, gives it back, has done with it; in this channel only.

The message follows through the outbox, so it shows the new state also after a kill.
"""

from bot.commands.call import Pressed
from bot.commands.post import meant
from bot.domain.command import Reply
from bot.stores import Ack


async def take(press: Pressed) -> Reply:
    desk, post = press.desk, await meant(press)
    mine = Ack(name=desk.people.seal(press.person.name), person=press.hash, taken_at=press.now)
    async with desk.db.tx() as tx:
        before = await desk.acks.of(tx, post, press.channel.id)
        holder = await desk.acks.take(tx, post, press.channel.id, mine)
        if holder.person == press.hash and holder.done_at is None:  # pressed again: the message may show an older state
            await desk.outbox.revise_one(tx, post, press.channel.id)
        if before is None and holder.person == press.hash:
            await desk.audit.note(tx, press.now, press.channel.id, press.hash, "take", post=str(post))
    if holder.done_at is not None:
        return press.notice("take.closed", name=desk.people.unseal(holder.name))
    if holder.person == press.hash:
        return press.notice("take.yours")
    return press.notice("take.theirs", name=desk.people.unseal(holder.name))


async def release(press: Pressed) -> Reply:
    desk, post = press.desk, await meant(press)
    async with desk.db.tx() as tx:
        released = await desk.acks.release(tx, post, press.channel.id, press.hash)
        if released:
            await desk.outbox.revise_one(tx, post, press.channel.id)
            await desk.audit.note(tx, press.now, press.channel.id, press.hash, "release", post=str(post))
    return press.notice("take.released") if released else await _held(press)


async def done(press: Pressed) -> Reply:
    desk, post = press.desk, await meant(press)
    async with desk.db.tx() as tx:
        closed = await desk.acks.close(tx, post, press.channel.id, press.hash, press.now)
        if closed:
            await desk.outbox.revise_one(tx, post, press.channel.id)
            await desk.audit.note(tx, press.now, press.channel.id, press.hash, "done", post=str(post))
    return press.notice("take.done") if closed else await _held(press)


async def _held(press: Pressed) -> Reply:
    """Somebody else has it, or nobody has any more."""
    desk, post = press.desk, await meant(press)
    holder = await desk.acks.of(desk.db, post, press.channel.id)
    if holder is None:
        return press.notice("take.nobody")
    key = "take.theirs" if holder.done_at is None else "take.closed"
    return press.notice(key, name=desk.people.unseal(holder.name))
