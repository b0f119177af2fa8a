"""help / aide: what I can do here, and the first step to take."""

from collections.abc import Sequence

from bot.commands.call import Call
from bot.domain.command import Argument, Choice, CommandSpec, Reply, Rights
from bot.errors import UserError
from bot.locale.say import Say
from bot.view import Action, Actions, Block, Headline, Item, Items, Note, Style, Text

SPEC = CommandSpec(
    name="help", fr="aide", arguments=(Argument(name="command", completes=True),), public=True, also=("start",)
)


async def answer(call: Call) -> Reply:
    if wanted := call.argument("command").lstrip("/").lower():
        return _one(call, wanted)
    say = call.say
    members = tuple(_line(spec, say) for spec in call.specs if not spec.admin)
    admins = tuple(_line(spec, say) for spec in call.specs if spec.admin)
    subscriptions = await call.desk.subscriptions.of(call.desk.db, call.channel.id)
    first = "help.has_subscriptions" if subscriptions else "help.first_step" if call.where.is_group else "help.alone"
    return call.answer(
        Headline(text=say("help.title")),
        Text(text=say(first, count=len(subscriptions))),
        Items(title=say("help.members"), items=members),
        *([Items(title=say("help.admins"), items=admins)] if call.rights >= Rights.ADMIN else []),
        *await _invitation(call),
        Note(text=say("help.note")),
    )


async def _invitation(call: Call) -> Sequence[Block]:
    """In the bot's own chat with a person: the way into a group of theirs."""
    address = "" if call.where.is_group else await call.desk.invitations.of(call.where.address.platform)
    if not address:
        return ()
    return (Actions(actions=(Action(label=call.say("help.invite"), url=address, style=Style.PRIMARY),)),)


def _one(call: Call, wanted: str) -> Reply:
    say = call.say
    spec = next((s for s in call.specs if wanted in (s.name, s.fr, *s.also)), None)
    if spec is None:
        raise UserError("error.unknown_command", name=wanted[:32])
    arguments = tuple(
        Item(text=argument.name, note=say(f"command.{spec.name}.{argument.name}")) for argument in spec.arguments
    )
    return call.answer(
        Headline(text=f"/{name_of(spec, say)}"),
        Text(text=say(f"command.{spec.name}.about")),
        *([Items(items=arguments)] if arguments else []),
        Note(text=say("help.example", example=say(f"command.{spec.name}.example"))),
    )


async def proposals(call: Call, argument: str, text: str) -> Sequence[Choice]:
    names = (name_of(spec, call.say) for spec in call.specs)
    return [Choice(label=name, value=name) for name in names if text.lower().lstrip("/") in name]


def name_of(spec: CommandSpec, say: Say) -> str:
    return spec.fr if say.language == "fr" else spec.name


def _line(spec: CommandSpec, say: Say) -> Item:
    return Item(text=f"/{name_of(spec, say)}", note=say(f"command.{spec.name}.about"))
