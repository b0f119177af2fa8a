"""saved / favoris: what this person kept, for them alone."""

from bot.commands.call import Call
from bot.domain.command import CommandSpec, Reply
from bot.pipeline.compose import item
from bot.view import Headline, Items, Note

SHOWN = 20

SPEC = CommandSpec(name="saved", fr="favoris")


async def answer(call: Call) -> Reply:
    desk = call.desk
    facts = await desk.articles.facts(desk.db, await desk.saved.of(desk.db, call.hash, SHOWN))
    if not facts:
        return call.text("saved.none")
    items = tuple(item(one, call.channel, call.say) for one in facts)
    return call.answer(
        Headline(text=call.say("saved.title", count=len(items))), Items(items=items), Note(text=call.say("saved.note"))
    )
