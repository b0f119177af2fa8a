"""The buttons that lead from one page of an answer to the next."""

from collections.abc import Callable

from bot.commands.call import Asked
from bot.view import Action


def turns(
    asked: Asked, verb: str, skip: int, size: int, reference: Callable[[int], str], *, more: bool
) -> tuple[Action, ...]:
    """Back and on, where there is something. `reference` of what is skipped is what the button means to its verb."""
    found: list[Action] = []
    if skip > 0:
        found.append(asked.button(verb, reference(max(0, skip - size)), asked.in_chat("search.before")))
    if more:
        found.append(asked.button(verb, reference(skip + size), asked.in_chat("search.after")))
    return tuple(found)
