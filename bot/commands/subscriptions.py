"""subscriptions / abonnements: the rules of this channel in plain words, each to be changed or removed."""

from bot.commands import what, wizard
from bot.commands.call import Call, Pressed, titles
from bot.commands.how import say_how
from bot.domain.command import CommandSpec, Reply
from bot.domain.draft import Draft, Step
from bot.errors import UserError
from bot.view import Actions, Block, Headline, Item, Items, Note, Options

SHOWN = 25  # in a menu: Discord's limit

SPEC = CommandSpec(name="subscriptions", fr="abonnements", admin=True, public=True)


async def answer(call: Call) -> Reply:
    subscriptions = await call.desk.subscriptions.of(call.desk.db, call.channel.id)
    if not subscriptions:
        return call.text("subscriptions.none")
    names = titles(await call.desk.sources.all())
    said = [what.said(one.rule, names, call.say) for one in subscriptions]
    blocks: list[Block] = [
        Headline(text=call.say("subscriptions.title", count=len(subscriptions))),
        Items(
            items=tuple(
                Item(text=f"{place}. {text}", note=say_how(call.say, one.how, silent=one.silent))
                for place, (one, text) in enumerate(zip(subscriptions, said, strict=True), 1)
            )
        ),
    ]
    if len(subscriptions) == 1:
        (one,) = subscriptions
        edit = call.button("edit", str(one.rule_id), call.say("subscriptions.edit"))
        remove = call.button("remove", str(one.rule_id), call.say("subscriptions.remove"))
        return call.answer(*blocks, Actions(actions=(edit, remove)))
    for verb in ("edit", "remove"):
        options = tuple(
            call.button(verb, str(one.rule_id), call.say(f"subscriptions.{verb}_one", place=place, what=text)[:80])
            for place, (one, text) in enumerate(zip(subscriptions[:SHOWN], said, strict=False), 1)
        )
        blocks.append(Options(hint=call.say(f"subscriptions.{verb}_hint"), options=options))
    return call.answer(*blocks, Note(text=call.say("subscriptions.note")))


async def edit(press: Pressed) -> Reply:
    """The wizard, at the step that says how."""
    for one in await press.desk.subscriptions.of(press.desk.db, press.channel.id):
        if str(one.rule_id) == press.reference:
            draft = Draft(step=Step.HOW, rule=one.rule, how=one.how, silent=one.silent, editing=True)
            return Reply(view=await wizard.start(press, draft), replaces=True)
    raise UserError("error.expired")
