"""subscriptions / abonnements: the rules of this channel in plain words."""

from bot.commands import what
from bot.commands.call import Call, titles
from bot.commands.subscribe import say_how
from bot.domain.command import CommandSpec, Reply
from bot.view import Headline, Item, Items, Note

SPEC = CommandSpec(name="subscriptions", fr="abonnements", admin=True, public=True)


async def answer(call: Call) -> Reply:
    subscriptions = await call.desk.subscriptions.of(call.desk.db, call.channel.id)
    if not subscriptions:
        return call.text("subscriptions.none")
    names = titles(await call.desk.sources.all())
    items = tuple(
        Item(
            text=f"{place}. {what.said(s.rule, names, call.say)}",
            note=say_how(call, s.how, silent=s.silent),
        )
        for place, s in enumerate(subscriptions, 1)
    )
    return call.answer(
        Headline(text=call.say("subscriptions.title", count=len(items))),
        Items(items=items),
        Note(text=call.say("subscriptions.note")),
    )
