"""The operator's word on sources that chats ask for (`TOCSIN_SOURCES_APPROVAL`): shown by `status`, said by buttons."""

from collections.abc import Sequence

from bot.commands.call import Asked, Pressed
from bot.domain.command import Reply, Rights
from bot.domain.source import Source
from bot.errors import UserError
from bot.view import Actions, Block, Item, Items, Text

SHOWN = 4  # at a time: two buttons each


async def approve(press: Pressed) -> Reply:
    return await _decide(press, admitted=True)


async def refuse(press: Pressed) -> Reply:
    return await _decide(press, admitted=False)


async def _decide(press: Pressed, *, admitted: bool) -> Reply:
    """Said twice it is said once; what waits besides stays in the message."""
    if press.rights < Rights.OPERATOR:
        raise UserError("error.operators")
    desk = press.desk
    kept = await desk.sources.all()
    source = next((one for one in kept if str(one.id) == press.reference), None)
    if source is None:
        raise UserError("error.expired")
    async with desk.db.tx() as tx:
        done = await desk.sources.decide(tx, source.id, admitted=admitted)
        if done:
            verb = "approve" if admitted else "refuse"
            await desk.audit.note(tx, press.now, press.channel.id, press.hash, verb, source=source.slug)
    key = "approve.admitted" if admitted else "approve.refused"
    said = Text(text=press.in_private(key if done else "approve.already", title=source.title))
    return press.in_place(said, *waiting(press, [one for one in kept if one.id != source.id]))


def waiting(asked: Asked, kept: Sequence[Source]) -> Sequence[Block]:
    """What waits for the operator, each with its two buttons; () when nothing does. For the operator alone."""
    pending = [one for one in kept if one.pending and one.enabled]
    if not pending:
        return ()
    say = asked.in_private
    blocks: list[Block] = [Text(text=say("approve.title", count=len(pending)))]
    for one in pending[:SHOWN]:
        yes = asked.private_button("approve", str(one.id), say("approve.button.yes"), main=True)
        no = asked.private_button("refuse", str(one.id), say("approve.button.no"))
        item = Item(text=f"{one.title} ({one.slug})", note=f"{one.url} · {one.community}")
        blocks += [Items(items=(item,)), Actions(actions=(yes, no))]
    return blocks
