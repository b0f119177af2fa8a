"""What a platform can tell of a token and of its chats before it runs: for `tocsin init` and `tocsin doctor`."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bot.domain.channel import Channel
from bot.ports import Checks


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A group or server the bot was let into."""

    title: str
    person: str = ""  # the number of who answers for that, as the platform knows them; "": it does not say
    name: str = ""


@runtime_checkable
class Invites(Checks, Protocol):
    """A platform that can be joined before it runs (`tocsin init`)."""

    name: str

    async def invitation(self) -> str:
        """The address at which somebody adds the bot to a group, with the rights it needs. Raises PlatformError."""
        ...

    async def arrivals(self) -> Sequence[Arrival]:
        """Those that can be seen now; none is forgotten by asking. Raises PlatformError."""
        ...


class Remark(StrEnum):
    """What an operator should know of a token that works."""

    WEBHOOK = "webhook"  # its events go to an address of the web
    SHARED = "shared"  # somebody else asks for its events
    HEARS_ALL = "hears_all"  # it is told all that is said in its groups, of which it needs nothing
    STAYS_OUT = "stays_out"  # nobody can add it to a group


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the bot may do in a chat. `lacks`: the rights it needs and was not given, by the platform's own names."""

    is_there: bool = True
    lacks: tuple[str, ...] = ()


@runtime_checkable
class Inspects(Protocol):
    """A platform that can be examined closely (`tocsin doctor`). Nothing is changed by asking."""

    async def remarks(self) -> Sequence[Remark]:
        """Of a bot that is not running. Takes some seconds. Raises PlatformError."""
        ...

    async def standing(self, channel: Channel) -> Standing:
        """Raises PlatformError; a chat that put the bot out is an answer, no error."""
        ...
