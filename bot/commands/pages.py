"""The buttons that lead from one page of an answer to the next."""

from collections.abc import Callable

from bot.commands.call import Asked
from bot.view import Action


def turns(
    asked: Asked,
    verb: str,
    skip: int,
    size: int,
    reference: Callable[[int], str],
    *,
    more: bool,
    private: bool = False,
) -> tuple[Action, ...]:
    """Back and on, where there is something. `reference` of what is skipped is what the button means to its verb.
    `private`: the answer is for the asker alone."""
    button, say = (asked.private_button, asked.in_private) if private else (asked.button, asked.in_chat)
    found: list[Action] = []
    if skip > 0:
        found.append(button(verb, reference(max(0, skip - size)), say("search.before")))
    if more:
        found.append(button(verb, reference(skip + size), say("search.after")))
    return tuple(found)
