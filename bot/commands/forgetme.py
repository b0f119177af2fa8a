"""forgetme / oubliezmoi: after one more press, every row about the asker is erased, and their bytes with it."""

from bot.commands.call import Call, Pressed
from bot.domain.command import CommandSpec, Reply
from bot.errors import UserError
from bot.view import Actions, Headline, Text

MARK = 16  # characters of the person's hash: the button is theirs alone

SPEC = CommandSpec(name="forgetme", fr="oubliezmoi")


async def answer(call: Call) -> Reply:
    say = call.say
    button = call.private_button("forget", call.hash[:MARK], say("forgetme.button"), main=True)
    return call.answer(
        Headline(text=say("forgetme.title")), Text(text=say("forgetme.text")), Actions(actions=(button,))
    )


async def pressed(press: Pressed) -> Reply:
    """Messages that name the person are written anew without the name; those they voted under, without the vote."""
    if press.reference != press.hash[:MARK]:
        raise UserError("error.expired")
    desk, person = press.desk, press.person
    async with desk.db.tx() as tx:
        for post, channel in await desk.persons.touched(tx, press.hash):
            await desk.outbox.revise_one(tx, post, channel)
        await desk.persons.forget(tx, press.hash)
        await desk.persons.forget_chat(tx, f"{person.platform}:{person.id}")
    await desk.db.scrub()
    return press.in_place(Text(text=press.in_private("forgetme.done")))
