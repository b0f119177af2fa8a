"""What a person types in a room: read as that room's platform would hand it over, and completed as it would. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.command import Argument, Choice, CommandSpec
from bot.locale.say import Say

GROUP = "tocsin"  # on Discord, the command that holds those of administrators


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """`focused`: the argument being typed, `left` all that stands before its value."""

    name: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    focused: Argument | None = None
    left: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """`insert` is what the whole box holds once it is taken."""

    insert: str
    label: str
    about: str = ""


def telegram(text: str, specs: Sequence[CommandSpec]) -> Typed | None:
    """`/name words` or `/name@bot words`; None: no command, so the bot does not even see it."""
    if not (found := re.fullmatch(r"/(\w+)(?:@\w+)?(?:\s+(.*))?", text.strip(), re.DOTALL)):
        return None
    spec = named(found[1], specs)
    return Typed(name=found[1], arguments=spec.read(found[2] or "") if spec else {})


def discord(text: str, specs: Sequence[CommandSpec]) -> Typed | None:
    """`/name option:value`, an administrator's command after `/tocsin`; loose words are taken as on Telegram."""
    if not (found := re.match(rf"/(?:{GROUP}\s+)?(\w+)(?:\s+|$)", text)):
        return None
    spec, rest = named(found[1], specs), text[found.end() :]
    if spec is None:
        return Typed(name=found[1])
    names = "|".join(re.escape(argument.name) for argument in spec.arguments)
    pieces = re.split(rf"(?:^|(?<=\s))({names}):", rest) if names else [rest]
    if len(pieces) == 1:
        return Typed(name=found[1], arguments=spec.read(rest))
    arguments = {name: value.strip() for name, value in zip(pieces[1::2], pieces[2::2], strict=True) if value.strip()}
    focused = next(argument for argument in spec.arguments if argument.name == pieces[-2])
    return Typed(name=found[1], arguments=arguments, focused=focused, left=text[: len(text) - len(pieces[-1])])


READERS = {"telegram": telegram, "discord": discord}


def named(name: str, specs: Sequence[CommandSpec]) -> CommandSpec | None:
    return next((spec for spec in specs if name.lower() in (spec.name, spec.fr, *spec.also)), None)


def names(text: str, manner: str, specs: Sequence[CommandSpec], say: Say, *, admin: bool) -> Sequence[Proposal]:
    """The menu: an administrator's commands are shown to administrators only."""
    offered = []
    for spec in specs:
        if spec.admin and not admin:
            continue
        name = spec.fr if say.language == "fr" else spec.name
        whole = f"/{GROUP} {name}" if spec.admin and manner == "discord" else f"/{name}"
        if any(word.startswith(text.strip().lower()) for word in (whole, f"/{name}", f"/{spec.name}", f"/{spec.fr}")):
            insert = f"{whole} " if spec.arguments else whole
            offered.append(Proposal(insert=insert, label=whole, about=say(f"command.{spec.name}.about")))
    return offered


def options(text: str, spec: CommandSpec, given: Mapping[str, str], say: Say) -> Sequence[Proposal]:
    """Discord's options that were not filled in yet."""
    return [
        Proposal(insert=f"{text}{one.name}:", label=f"{one.name}:", about=say(f"command.{spec.name}.{one.name}"))
        for one in spec.arguments
        if one.name not in given
    ]


def values(typed: Typed, choices: Sequence[Choice]) -> Sequence[Proposal]:
    """What the core proposes for an argument."""
    return [
        Proposal(insert=f"{typed.left}{choice.value} ", label=choice.label, about=choice.value) for choice in choices
    ]


def fixed(argument: Argument, text: str) -> Sequence[Choice]:
    """An argument's own words; several may stand one after another."""
    before, _, last = text.rpartition(" ")
    words = [word for word in argument.choices if word.startswith(last.lower()) and word not in before.split()]
    return [Choice(label=word, value=f"{before} {word}".strip()) for word in words]
