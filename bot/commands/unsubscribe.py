"""unsubscribe / desabonner: the same words that subscribed, or the number `subscriptions` shows."""

from collections.abc import Sequence

from bot.commands import what
from bot.commands.call import Call, titles
from bot.domain.channel import Subscription
from bot.domain.command import Argument, Choice, CommandSpec, Reply
from bot.errors import UserError

SPEC = CommandSpec(
    name="unsubscribe", fr="desabonner", arguments=(Argument(name="what", completes=True),), admin=True, public=True
)


async def answer(call: Call) -> Reply:
    wanted = call.argument("what")
    if not wanted:
        raise UserError("error.unsubscribe_what")
    desk = call.desk
    subscriptions = await desk.subscriptions.of(desk.db, call.channel.id)
    found = await _meant(call, wanted, subscriptions)
    async with desk.db.tx() as tx:
        await desk.subscriptions.remove(tx, call.channel.id, found.rule_id)
        person = desk.people.hash(call.person)
        await desk.audit.note(tx, call.now, call.channel.id, person, "unsubscribe", rule=found.rule.canonical())
    said = what.said(found.rule, titles(await desk.sources.all()), call.say)
    return call.text("unsubscribe.done", what=said, count=len(subscriptions) - 1)


async def _meant(call: Call, wanted: str, subscriptions: Sequence[Subscription]) -> Subscription:
    place = wanted.lstrip("#")
    if place.isdecimal() and 1 <= int(place) <= len(subscriptions):
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
    return [Choice(label=label[:100], value=value) for label, value in labels if text.lower() in label.lower()]
