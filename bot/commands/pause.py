"""pause and resume / reprendre: all but what is grave waits, and arrives in one post when the pause ends."""

from datetime import datetime, timedelta

from bot.commands.call import Asked, Call, Pressed
from bot.commands.undo import changed, pause_before
from bot.domain.channel import FOR_GOOD, Channel
from bot.domain.command import Argument, CommandSpec, Reply
from bot.errors import UserError
from bot.locale.say import Say
from bot.text.until import read_until
from bot.view import Actions, Headline, Text, View

LEAST, MOST = timedelta(minutes=5), timedelta(days=366)

SPEC = CommandSpec(name="pause", fr="pause", arguments=(Argument(name="duration"),), admin=True, public=True)
RESUME = CommandSpec(name="resume", fr="reprendre", admin=True, public=True)


async def answer(call: Call) -> Reply:
    until = read_end(call, call.argument("duration")) if call.argument("duration") else FOR_GOOD
    return Reply(view=await _paused(call, until), audience=call.audience)


async def resume(call: Call) -> Reply:
    return Reply(view=await _resumed(call), audience=call.audience)


async def pressed(press: Pressed) -> Reply:
    return Reply(view=await _resumed(press), replaces=True)


def read_end(asked: Asked, typed: str) -> datetime:
    """Raises UserError."""
    until = read_until(typed, asked.now, asked.channel.zone)
    if until is None:
        raise UserError("pause.error.duration", typed=typed[:60])
    return check_end(asked, until)


def check_end(asked: Asked, until: datetime) -> datetime:
    """Raises UserError for what is no sooner here than over, or lasts so long that everybody forgets it."""
    if not LEAST <= until - asked.now <= MOST:
        raise UserError("pause.error.bounds")
    return until


async def _paused(asked: Asked, until: datetime) -> View:
    say = asked.in_chat
    async with asked.desk.db.tx() as tx:
        channel = await asked.desk.ensure(tx, asked.where)
        before = channel.pause(asked.now)
        after = await asked.desk.channels.pause(tx, channel, until, asked.now)
        undo = await changed(asked, tx, after, "pause", pause_before(before), until=until.isoformat())
    lifting = asked.button("resume", "now", say("pause.button"))
    said = Text(text=say("pause.held")), Text(text=say("pause.rings"))
    blocks = (Headline(text=said_pause(say, after, asked.now)), *said, Actions(actions=(lifting, undo)))
    return View(blocks=blocks, silent=True)


async def _resumed(asked: Asked) -> View:
    say = asked.in_chat
    async with asked.desk.db.tx() as tx:
        channel = await asked.desk.ensure(tx, asked.where)
        if (before := channel.pause(asked.now)) is None:
            return View(blocks=(Text(text=say("pause.none")),), silent=True)
        after = await asked.desk.channels.pause(tx, channel, asked.now, asked.now)
        undo = await changed(asked, tx, after, "resume", pause_before(before))
    wakes = after.wakes_at(asked.now)
    told = say("pause.later", date=say.date(wakes, after.zone)) if wakes > asked.now else say("pause.soon")
    return View(
        blocks=(Headline(text=say("pause.over")), Text(text=told), Actions(actions=(undo,))),
        silent=True,
    )


def said_pause(say: Say, channel: Channel, now: datetime) -> str:
    """ "" when there is none."""
    until = channel.pause(now)
    if until is None:
        return ""
    return say("pause.for_good") if until >= FOR_GOOD else say("pause.until", date=say.date(until, channel.zone))
