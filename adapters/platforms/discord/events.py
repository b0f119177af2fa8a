"""The library's interactions → our events. Pure: all of it travels with the interaction itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import discord

from adapters.platforms.discord.components import ASKS, typed_into
from bot.domain.channel import Address
from bot.domain.command import Argument, Choice, Follow, Person, Press, Rights, Where

PLATFORM = "discord"
GROUP = "tocsin"  # the command that holds those of administrators: one place for the server's permission
MOST_CHOICES = 25
ABOUT_A_MESSAGE = 3  # the type of a command in a message's own menu
CHOICE = 100  # characters of a label or value

Interaction = discord.Interaction[discord.Client]


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A command as it was picked and filled in."""

    name: str
    arguments: Mapping[str, str]
    focused: str = ""  # the argument that is being typed


def typed(data: Mapping[str, Any]) -> Typed:
    name, options = data["name"], data.get("options", ())
    if name == GROUP:
        name, options = options[0]["name"], options[0].get("options", ())
    return Typed(
        name=name,
        arguments={option["name"]: str(option["value"]) for option in options if "value" in option},
        focused=next((option["name"] for option in options if option.get("focused")), ""),
    )


def press_of(event: Interaction) -> Press:
    """A button, the one choice of a menu, or a window that was filled in."""
    data = data_of(event)
    meant = data.get("values") or [data.get("custom_id", "")]
    return Press(
        data=str(meant[0]),
        text=typed_into(data),
        where=where_of(event),
        person=person_of(event, ask=True),
        message_ref=str(event.message.id) if event.message is not None else "",
        id=str(event.id),
    )


def is_about_a_message(data: Mapping[str, Any]) -> bool:
    return data.get("type") == ABOUT_A_MESSAGE


def follow_of(event: Interaction) -> Follow:
    """The message travels along, with its buttons; whose they are, their signatures tell."""
    data = data_of(event)
    message = data.get("resolved", {}).get("messages", {}).get(str(data.get("target_id")), {})
    buttons = [one for row in message.get("components") or () for one in row.get("components") or ()]
    marks = tuple(str(one["custom_id"]).removeprefix(ASKS) for one in buttons if "custom_id" in one)
    return Follow(marks=marks, where=where_of(event), person=person_of(event))


def is_private(event: Interaction) -> bool:
    """Does the message whose button was pressed stand before one person alone?"""
    return event.message is not None and event.message.flags.ephemeral


def data_of(event: Interaction) -> Mapping[str, Any]:
    return cast(Mapping[str, Any], event.data or {})  # a union of typed dicts that no key is common to


def where_of(event: Interaction) -> Where:
    channel = event.channel
    if channel is None:
        raise ValueError("an interaction without a channel")
    name = getattr(channel, "name", "") or ""
    if event.guild_id is None:
        return own_chat(channel.id, event.user.id, name)
    community = community_of(event.guild_id)
    if isinstance(channel, discord.Thread):
        return Where(address=_address(channel.parent_id, channel.id), community=community, title=f"#{name}")
    return Where(address=_address(channel.id), community=community, title=f"#{name}")


def own_chat(chat: int | str, person: int | str, title: str = "") -> Where:
    """The bot's chat with a person is found by the person: who is forgotten is forgotten there too."""
    return Where(address=_address(chat), community=f"{PLATFORM}:{person}", title=title, is_group=False)


def person_of(event: Interaction, *, ask: bool = False) -> Person:
    """`ask`: who does not manage the server may have been granted our commands; that is looked up if it is needed."""
    may = event.permissions
    is_admin = event.guild_id is None or may.manage_guild or may.administrator
    return Person(
        platform=PLATFORM,
        id=str(event.user.id),
        name=event.user.display_name,
        language="fr" if str(event.locale.value).startswith("fr") else "en",
        rights=Rights.ADMIN if is_admin else None if ask else Rights.MEMBER,
    )


def community_of(server: int) -> str:
    return f"{PLATFORM}:{server}"


def server(community: str, channel: int | None = None, title: str = "") -> Where:
    """A channel of a server, or the whole of it."""
    return Where(address=_address(channel or ""), community=community, title=title)


def _address(chat: int | str, thread: int | str = "") -> Address:
    return Address(platform=PLATFORM, chat=str(chat), thread=str(thread))


def granted(rules: Sequence[Mapping[str, Any]], ids: Sequence[str], person: str, roles: frozenset[str]) -> bool:
    """Did the server allow a command to somebody who does not manage it? A rule for a person beats one for roles.

    `ids`: the command's, then the application's, whose rule holds where the command has none.
    `rules`: https://discord.com/developers/docs/interactions/application-commands#permissions
    """
    by_id = {str(rule["id"]): rule["permissions"] for rule in rules}
    entries = next((by_id[one] for one in ids if one in by_id), ())
    said = {(entry["type"], str(entry["id"])): bool(entry["permission"]) for entry in entries}
    if (own := said.get((2, person))) is not None:
        return own
    return any(allowed for (kind, whom), allowed in said.items() if kind == 1 and whom in roles)


def complete_words(argument: Argument, text: str) -> tuple[Choice, ...]:
    """`daily s` → `daily silent`: fixed words may be combined, which a list to pick one from would not allow."""
    *before, last = text.lower().split(" ")
    chosen = [word for word in before if word in argument.choices]
    left = [word for word in argument.choices if word not in chosen and word.startswith(last)]
    said = [" ".join([*chosen, word])[:CHOICE] for word in left]
    return tuple(Choice(label=one, value=one) for one in said[:MOST_CHOICES])
