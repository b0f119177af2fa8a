"""subscribe / abonner: a rule in plain words, rehearsed on the last 30 days, then saved; without words, by buttons."""

from collections.abc import Sequence
from datetime import timedelta

from bot.commands import what, wizard
from bot.commands.call import Call, titles
from bot.commands.how import RHYTHMS, SILENT, read_how, say_how
from bot.commands.save import save
from bot.domain.command import Argument, Choice, CommandSpec, Reply
from bot.pipeline.compose import item
from bot.view import Actions, Block, Headline, Items, Note, Text

REHEARSED = timedelta(days=30)
EXAMPLES = 3
CHOICES = ("now", "daily", "weekly", "silent")

SPEC = CommandSpec(
    name="subscribe",
    fr="abonner",
    arguments=(
        Argument(name="what", completes=True),
        Argument(name="how", choices=CHOICES, also=tuple(sorted({*RHYTHMS, *SILENT} - {*CHOICES}))),
    ),
    admin=True,
    public=True,
)


async def answer(call: Call) -> Reply:
    wanted = call.argument("what")
    if not wanted:
        return await wizard.begin(call)
    rule = await what.read_what(call, wanted)
    how, silent = read_how(call.argument("how"))
    desk = call.desk
    rehearsal = await desk.matching.rehearse(desk.db, rule, call.now - REHEARSED)
    async with desk.db.tx() as tx:
        undo = await save(call, tx, rule, how, silent=silent)
    said = what.said(rule, titles(await desk.sources.all()), call.say)
    blocks: list[Block] = [
        Headline(text=call.say("subscribe.done")),
        Text(text=f"{said} · {say_how(call.say, how, silent=silent)}"),
        Text(text=call.say("subscribe.rehearsal", count=len(rehearsal.taken))),
    ]
    if rehearsal.taken:
        blocks.append(Items(items=tuple(item(one, call.channel, call.say) for one in rehearsal.taken[:EXAMPLES])))
    return call.answer(*blocks, Note(text=call.say("subscribe.note")), Actions(actions=(undo,)))


async def proposals(call: Call, argument: str, text: str) -> Sequence[Choice]:
    return await what.proposals(call, text) if argument == "what" else ()
