"""The operator's word on sources that chats ask for (`TOCSIN_SOURCES_APPROVAL`).

Asked in the operator's own chat and by `status`, said by buttons, told where the source was asked for.
"""

from collections.abc import Sequence

from bot.commands.call import Asked, Pressed
from bot.domain.command import Reply, Rights
from bot.domain.ids import RuleId
from bot.domain.rule import Rule, What
from bot.domain.source import Source
from bot.errors import UserError
from bot.ports import Tx
from bot.view import Actions, Block, Item, Items, Text

SHOWN = 4  # at a time: two buttons each


async def ask(asked: Asked, tx: Tx, source: Source) -> None:
    """In the transaction that keeps it, so that no request is forgotten."""
    said = {
        "notice": "pending",
        "pending": source.id,
        "source": source.title,
        "slug": source.slug,
        "url": source.url,
        "chat": asked.channel.title or asked.channel.community,
    }
    notices = asked.desk.notices
    await notices.tell(tx, f"n:pending:{source.id}:{_ms(asked)}", said, await notices.operators_chats(tx), asked.now)


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
            await _tell(press, tx, source, admitted=admitted)
    key = "approve.admitted" if admitted else "approve.refused"
    said = Text(text=press.in_private(key if done else "approve.already", title=source.title))
    return press.in_place(said, *waiting(press, [one for one in kept if one.id != source.id]))


async def _tell(press: Pressed, tx: Tx, source: Source, *, admitted: bool) -> None:
    """Where it was asked for; what was refused is wanted there no longer."""
    desk, rule = press.desk, Rule(what=What.SOURCE, value=source.slug)
    channels = await desk.subscriptions.channels(tx, rule)
    verb = "admitted" if admitted else "refused"
    said = {"notice": verb, "source": source.title, "slug": source.slug, "url": source.url}
    await desk.notices.tell(tx, f"n:{verb}:{source.id}:{_ms(press)}", said, channels, press.now)
    for channel in channels if not admitted else ():
        for one in await desk.subscriptions.of(tx, channel.id):
            if one.rule == rule:
                await desk.subscriptions.remove(tx, channel.id, RuleId(one.rule_id))


def _ms(asked: Asked) -> int:
    return int(asked.now.timestamp() * 1000)


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
