"""privacy / confidentialite: what is kept of a person, why, and for how long; the three commands that answer for it."""

from bot.commands.call import Call
from bot.domain.command import CommandSpec, Reply
from bot.view import Headline, Note, Text

SPEC = CommandSpec(name="privacy", fr="confidentialite")


async def answer(call: Call) -> Reply:
    say = call.say
    return call.answer(
        Headline(text=say("privacy.title")), Text(text=say("privacy.text")), Note(text=say("privacy.note"))
    )
