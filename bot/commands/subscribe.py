"""subscribe / abonner: a rule in plain words, rehearsed on the last 30 days, then saved."""

from collections.abc import Sequence
from datetime import timedelta

from bot.commands import what
from bot.commands.call import Call, titles
from bot.domain.channel import Rhythm
from bot.domain.command import Argument, Choice, CommandSpec, Reply
from bot.errors import UserError
from bot.pipeline.compose import item
from bot.view import Block, Headline, Items, Note, Text

REHEARSED = timedelta(days=30)
EXAMPLES = 3
MOST = 100  # subscriptions of one channel
RHYTHMS = {
    "now": Rhythm.NOW,
    "maintenant": Rhythm.NOW,
    "daily": Rhythm.DAILY,
    "quotidien": Rhythm.DAILY,
    "weekly": Rhythm.WEEKLY,
    "hebdo": Rhythm.WEEKLY,
    "hebdomadaire": Rhythm.WEEKLY,
}
SILENT = ("silent", "silencieux")

SPEC = CommandSpec(
    name="subscribe",
    fr="abonner",
    arguments=(
        Argument(name="what", completes=True),
        Argument(
            name="how",
            choices=("now", "daily", "weekly", "silent"),
            also=("maintenant", "quotidien", "hebdo", "hebdomadaire", "silencieux"),
        ),
    ),
    admin=True,
    public=True,
)


async def answer(call: Call) -> Reply:
    wanted = call.argument("what")
    if not wanted:
        raise UserError("error.what_missing")
    rule = await what.read_what(call, wanted)
    how, silent = _read_how(call.argument("how"))
    desk = call.desk
    rehearsal = await desk.matching.rehearse(desk.db, rule, call.now - REHEARSED)
    async with desk.db.tx() as tx:
        channel = await desk.ensure(tx, call.where)
        if len(await desk.subscriptions.of(tx, channel.id)) >= MOST:
            raise UserError("error.too_many_subscriptions", most=MOST)
        await desk.subscriptions.add(tx, channel.id, rule, how, silent=silent, now=call.now)
        await desk.audit.note(
            tx, call.now, channel.id, desk.people.hash(call.person), "subscribe", rule=rule.canonical()
        )
    said = what.said(rule, titles(await desk.sources.all()), call.say)
    blocks: list[Block] = [
        Headline(text=call.say("subscribe.done")),
        Text(text=f"{said} · {say_how(call, how, silent=silent)}"),
        Text(text=call.say("subscribe.rehearsal", count=len(rehearsal.taken))),
    ]
    if rehearsal.taken:
        blocks.append(Items(items=tuple(item(one, channel, call.say) for one in rehearsal.taken[:EXAMPLES])))
    blocks.append(Note(text=call.say("subscribe.note")))
    return call.answer(*blocks)


def _read_how(typed: str) -> tuple[Rhythm, bool]:
    """The last rhythm named wins; silent goes with any."""
    how, silent = Rhythm.NOW, False
    for word in typed.lower().split():
        if word in SILENT:
            silent = True
        elif word in RHYTHMS:
            how = RHYTHMS[word]
        else:
            raise UserError("error.how", how=word[:32])
    return how, silent


def say_how(call: Call, how: Rhythm, *, silent: bool) -> str:
    said = call.say(f"how.{how}")
    return call.say("how.silent", how=said) if silent else said


async def proposals(call: Call, argument: str, text: str) -> Sequence[Choice]:
    return await what.proposals(call, text) if argument == "what" else ()
