"""The button "Je m'en occupe": who takes an alert, in this channel only. The message follows through the outbox."""

from collections.abc import Awaitable, Callable, Mapping

from bot.commands.call import Desk
from bot.domain.channel import Channel
from bot.domain.command import Audience, Press, Reply
from bot.domain.ids import PostId
from bot.errors import UserError
from bot.locale.say import Say
from bot.stores import Ack

Pressed = Callable[[Desk, Press, str, Say], Awaitable[Reply]]


async def take(desk: Desk, event: Press, reference: str, say: Say) -> Reply:
    post, channel = await _meant(desk, event, reference)
    person = desk.people.hash(event.person)
    mine = Ack(name=desk.people.seal(event.person.name), person=person, taken_at=desk.clock.now())
    async with desk.db.tx() as tx:
        holder = await desk.acks.take(tx, post, channel.id, mine)
        if holder.person == person:
            await desk.outbox.revise_one(tx, post, channel.id)
            await desk.audit.note(tx, desk.clock.now(), channel.id, person, "take", post=str(post))
    if holder.person == person:
        return _notice(say("take.yours"))
    return _notice(say("take.theirs", name=desk.people.unseal(holder.name)))


async def release(desk: Desk, event: Press, reference: str, say: Say) -> Reply:
    post, channel = await _meant(desk, event, reference)
    person = desk.people.hash(event.person)
    async with desk.db.tx() as tx:
        released = await desk.acks.release(tx, post, channel.id, person)
        if released:
            await desk.outbox.revise_one(tx, post, channel.id)
            await desk.audit.note(tx, desk.clock.now(), channel.id, person, "release", post=str(post))
    if released:
        return _notice(say("take.released"))
    holder = await desk.acks.of(desk.db, post, channel.id)
    if holder is None:
        return _notice(say("take.nobody"))
    return _notice(say("take.theirs", name=desk.people.unseal(holder.name)))


PRESSES: Mapping[str, Pressed] = {"take": take, "release": release}


async def _meant(desk: Desk, event: Press, reference: str) -> tuple[PostId, Channel]:
    """The post must have been said in this very channel."""
    channel = await desk.channels.at(event.where.address)
    post = PostId(int(reference)) if reference.isdecimal() and len(reference) < 19 else PostId(0)
    if channel is None or await desk.outbox.delivery(desk.db, post, channel.id) is None:
        raise UserError("error.expired")
    return post, channel


def _notice(sentence: str) -> Reply:
    return Reply(notice=sentence, audience=Audience.ASKER)
