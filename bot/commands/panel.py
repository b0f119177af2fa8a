"""panel / panneau: where this chat's pages will be, and what does the same here meanwhile."""

from bot.commands.call import Call
from bot.domain.command import CommandSpec, Reply
from bot.view import Headline, Note, Text

SPEC = CommandSpec(name="panel", fr="panneau", admin=True)
PAGE = "/panel"


async def answer(call: Call) -> Reply:
    say, web = call.say, call.desk.web_url.rstrip("/")
    where = say("panel.there", url=f"{web}{PAGE}") if web else say("panel.nowhere")
    return call.answer(Headline(text=say("panel.title")), Text(text=where), Note(text=say("panel.here")))
