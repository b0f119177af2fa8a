"""Every command, in the order help shows them. To add one: a file beside this one, and a line here."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.commands import help as help_command
from bot.commands import latest, status, subscribe, subscriptions, unsubscribe
from bot.commands import test as test_command
from bot.commands.call import Call
from bot.domain.command import Choice, CommandSpec, Reply

Answer = Callable[[Call], Awaitable[Reply]]
Proposals = Callable[[Call, str, str], Awaitable[Sequence[Choice]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`proposals(call, argument, text)` completes what is being typed; None: nothing to propose."""

    spec: CommandSpec
    answer: Answer
    proposals: Proposals | None = None


COMMANDS: tuple[Entry, ...] = (
    Entry(spec=help_command.SPEC, answer=help_command.answer, proposals=help_command.proposals),
    Entry(spec=latest.SPEC, answer=latest.answer, proposals=latest.proposals),
    Entry(spec=subscribe.SPEC, answer=subscribe.answer, proposals=subscribe.proposals),
    Entry(spec=unsubscribe.SPEC, answer=unsubscribe.answer, proposals=unsubscribe.proposals),
    Entry(spec=subscriptions.SPEC, answer=subscriptions.answer),
    Entry(spec=status.SPEC, answer=status.answer),
    Entry(spec=test_command.SPEC, answer=test_command.answer),
)

SPECS = tuple(entry.spec for entry in COMMANDS)
BY_NAME = {name: entry for entry in COMMANDS for name in (entry.spec.name, entry.spec.fr, *entry.spec.also)}
