"""unsubscribe / desabonner: the same words that subscribed, the number `subscriptions` shows, or its button."""

from collections.abc import Sequence

from bot.commands import what
from bot.commands.call import Asked, Call, Pressed, titles
from bot.commands.undo import changed, subscription_before
from bot.domain.channel import Subscription
from bot.domain.command import Argument, Choice, CommandSpec, Reply
from bot.errors import UserError
from bot.view import Action, Actions, Text

SPEC = CommandSpec(
    name="unsubscribe", fr="desabonner", arguments=(Argument(name="what", completes=True),), admin=True, public=True
)


async def answer(call: Call) -> Reply:
    wanted = call.argument("what")
    if not wanted:
        raise UserError("error.unsubscribe_what")
    subscriptions = await call.desk.subscriptions.of(call.desk.db, call.channel.id)
    found = await _meant(call, wanted, subscriptions)
    if (removed := await _removed(call, found, len(subscriptions) - 1)) is None:
        return call.text("unsubscribe.already")
    said, undo = removed
    return call.answer(Text(text=said), Actions(actions=(undo,)))


async def pressed(press: Pressed) -> Reply:
    """Under the list: its number is the rule's."""
    subscriptions = await press.desk.subscriptions.of(press.desk.db, press.channel.id)
    found = next((one for one in subscriptions if str(one.rule_id) == press.reference), None)
    if found is None:
        return press.notice("unsubscribe.already")
    if (removed := await _removed(press, found, len(subscriptions) - 1)) is None:
        return press.notice("unsubscribe.already")
    said, undo = removed
    return press.in_place(Text(text=said), Actions(actions=(undo,)))


async def _removed(asked: Asked, found: Subscription, left: int) -> tuple[str, Action] | None:
    """None: somebody else was faster."""
    desk, rule = asked.desk, found.rule
    async with desk.db.tx() as tx:
        if not await desk.subscriptions.remove(tx, asked.channel.id, found.rule_id):
            return None
        before = subscription_before(rule, (found.how, found.silent))
        undo = await changed(asked, tx, asked.channel, "unsubscribe", before, rule=rule.canonical())
    said = what.said(rule, titles(await desk.sources.all()), asked.in_chat)
    return asked.in_chat("unsubscribe.done", what=said, count=left), undo


async def _meant(call: Call, wanted: str, subscriptions: Sequence[Subscription]) -> Subscription:
    place = wanted.lstrip("#")
    if place.isdecimal() and len(place) < 5 and 1 <= int(place) <= len(subscriptions):
        return subscriptions[int(place) - 1]
    rule = await what.read_what(call, wanted)
    found = next((s for s in subscriptions if s.rule.canonical() == rule.canonical()), None)
    if found is None:
        raise UserError("error.not_subscribed", what=wanted[:80])
    return found


async def proposals(call: Call, argument: str, text: str) -> Sequence[Choice]:
    names = titles(await call.desk.sources.all())
    subscriptions = await call.desk.subscriptions.of(call.desk.db, call.channel.id)
    labels = [(what.said(s.rule, names, call.say), str(place)) for place, s in enumerate(subscriptions, 1)]
    return [Choice(label=what.fitting(label), value=value) for label, value in labels if text.lower() in label.lower()]
