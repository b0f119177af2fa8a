"""The list of commands, as Discord publishes it: English names and sentences, French beside them."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.plain import cut
from adapters.platforms.discord.events import GROUP
from bot.domain.command import Argument, CommandSpec
from bot.locale.say import Say

Json = dict[str, Any]

CHAT_INPUT, MESSAGE, SUBCOMMAND, STRING = 1, 3, 1, 3
MANAGE_SERVER = str(1 << 5)
DESCRIPTION = 100
IN_SERVERS, IN_BOT_CHAT = 0, 1
COMPARED = (
    "name",
    "description",
    "name_localizations",
    "description_localizations",
    "type",
    "required",
    "autocomplete",
)


def menu(specs: Sequence[CommandSpec]) -> list[Json]:
    """What is put to `/applications/…/commands`: the administrators' commands are one command's subcommands, and one
    stands in the menu of a message."""
    commands = [_command(spec) for spec in specs if not spec.admin]
    if admin := [spec for spec in specs if spec.admin]:
        group = {"name": GROUP, **_described("discord.group"), "type": CHAT_INPUT, "options": [*map(_sub, admin)]}
        commands.append(group | {"default_member_permissions": MANAGE_SERVER})
    key = "discord.follow"
    commands.append({"name": Say("en")(key), "name_localizations": {"fr": Say("fr")(key)}, "type": MESSAGE})
    return [command | {"contexts": [IN_SERVERS, IN_BOT_CHAT], "integration_types": [0]} for command in commands]


def same(ours: Sequence[Json], theirs: object) -> bool:
    """Is this what is published already? Discord adds keys of its own and leaves out what is empty."""
    if not isinstance(theirs, list) or not all(isinstance(one, dict) for one in theirs):
        return False
    return {one["name"]: _essence(one) for one in ours} == {one.get("name"): _essence(one) for one in theirs}


def _essence(command: Mapping[str, Any]) -> Json:
    essence = {key: command[key] for key in COMPARED if command.get(key)}
    essence["options"] = [_essence(option) for option in command.get("options") or ()]
    essence["for"] = str(command.get("default_member_permissions") or "")
    essence["contexts"] = sorted(command.get("contexts") or ())
    return essence


def _command(spec: CommandSpec) -> Json:
    return {**_named(spec), "type": CHAT_INPUT, "options": _options(spec)}


def _sub(spec: CommandSpec) -> Json:
    return {**_named(spec), "type": SUBCOMMAND, "options": _options(spec)}


def _named(spec: CommandSpec) -> Json:
    return {"name": spec.name, "name_localizations": {"fr": spec.fr}, **_described(f"command.{spec.name}.about")}


def _options(spec: CommandSpec) -> list[Json]:
    """Required ones first, as Discord asks."""
    return [_option(spec, one) for one in sorted(spec.arguments, key=lambda argument: not argument.required)]


def _option(spec: CommandSpec, argument: Argument) -> Json:
    return {
        "name": argument.name,
        **_described(f"command.{spec.name}.{argument.name}"),
        "type": STRING,
        "required": argument.required,
        "autocomplete": argument.completes or bool(argument.choices),
    }


def _described(key: str) -> Json:
    return {
        "description": cut(Say("en")(key), DESCRIPTION),
        "description_localizations": {"fr": cut(Say("fr")(key), DESCRIPTION)},
    }
