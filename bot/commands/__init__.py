"""Every command, in the order help shows them, and every button. To add one: a file beside this one, a line here."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.commands import (
    addsource,
    alerts,
    approve,
    article,
    calendar,
    deadlines,
    forgetme,
    latest,
    letter,
    more,
    mute,
    mydata,
    panel,
    pause,
    privacy,
    saved,
    search,
    settings,
    setup,
    share,
    sources,
    status,
    subscribe,
    subscriptions,
    take,
    trends,
    unsubscribe,
    vote,
    watchlist,
    watchlist_draft,
    why,
    wizard,
)
from bot.commands import help as help_command
from bot.commands import hold as holding
from bot.commands import test as test_command
from bot.commands import undo as undoing
from bot.commands.call import Call, Pressed
from bot.domain.command import Choice, CommandSpec, Reply

Answer = Callable[[Call], Awaitable[Reply]]
Proposals = Callable[[Call, str, str], Awaitable[Sequence[Choice]]]
Press = Callable[[Pressed], Awaitable[Reply]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """`admin`: the right is asked anew at every press. `private`: its answer may wait in the bot's own chat."""

    press: Press
    admin: bool = False
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`proposals(call, argument, text)` completes what is being typed; `buttons` are those of its answers, by verb."""

    spec: CommandSpec
    answer: Answer
    proposals: Proposals | None = None
    buttons: Mapping[str, Button] = field(default_factory=dict)


COMMANDS: tuple[Entry, ...] = (
    Entry(spec=help_command.SPEC, answer=help_command.answer, proposals=help_command.proposals),
    Entry(
        spec=search.SPEC,
        answer=search.answer,
        proposals=search.proposals,
        buttons={"page": Button(press=search.turned)},
    ),
    Entry(spec=latest.SPEC, answer=latest.answer, proposals=latest.proposals),
    Entry(
        spec=deadlines.SPEC,
        answer=deadlines.answer,
        proposals=deadlines.proposals,
        buttons={"dates": Button(press=deadlines.turned), "ics": Button(press=deadlines.file, private=True)},
    ),
    Entry(
        spec=alerts.SPEC,
        answer=alerts.answer,
        proposals=alerts.proposals,
        buttons={"alerts": Button(press=alerts.turned), "seize": Button(press=alerts.seized)},
    ),
    Entry(spec=article.SPEC, answer=article.answer),
    Entry(spec=why.SPEC, answer=why.answer),
    Entry(
        spec=share.SPEC,
        answer=share.answer,
        buttons={
            "withdraw": Button(press=share.withdraw, admin=True),
            "restore": Button(press=share.restore, admin=True),
        },
    ),
    Entry(spec=saved.SPEC, answer=saved.answer),
    Entry(spec=letter.SPEC, answer=letter.answer, buttons={"letter": Button(press=letter.turned)}),
    Entry(
        spec=calendar.SPEC,
        answer=calendar.answer,
        buttons={"renew": Button(press=calendar.renewed)},  # it asks for the right where the calendar is read
    ),
    Entry(
        spec=trends.SPEC,
        answer=trends.answer,
        proposals=trends.proposals,
        buttons={"trends": Button(press=trends.turned)},
    ),
    Entry(spec=sources.SPEC, answer=sources.answer, buttons={"sources": Button(press=sources.turned)}),
    Entry(spec=privacy.SPEC, answer=privacy.answer),
    Entry(spec=mydata.SPEC, answer=mydata.answer),
    Entry(spec=forgetme.SPEC, answer=forgetme.answer, buttons={"forget": Button(press=forgetme.pressed)}),
    Entry(
        spec=setup.SPEC,
        answer=setup.answer,
        buttons={"setup": Button(press=setup.pressed, admin=True)},
    ),
    Entry(
        spec=subscribe.SPEC,
        answer=subscribe.answer,
        proposals=subscribe.proposals,
        buttons={"draft": Button(press=wizard.pressed, admin=True)},
    ),
    Entry(
        spec=unsubscribe.SPEC,
        answer=unsubscribe.answer,
        proposals=unsubscribe.proposals,
        buttons={"remove": Button(press=unsubscribe.pressed, admin=True)},
    ),
    Entry(
        spec=subscriptions.SPEC,
        answer=subscriptions.answer,
        buttons={"edit": Button(press=subscriptions.edit, admin=True)},
    ),
    Entry(
        spec=settings.SPEC,
        answer=settings.answer,
        buttons={"set": Button(press=settings.pressed, admin=True)},
    ),
    Entry(
        spec=watchlist.SPEC,
        answer=watchlist.answer,
        proposals=watchlist.proposals,
        buttons={
            "watch": Button(press=watchlist.pressed, admin=True),
            "watchdraft": Button(press=watchlist_draft.pressed, admin=True),
        },
    ),
    Entry(
        spec=mute.SPEC,
        answer=mute.answer,
        buttons={"lift": Button(press=mute.lifted, admin=True), "mutes": Button(press=mute.listed, admin=True)},
    ),
    Entry(spec=pause.SPEC, answer=pause.answer, buttons={"resume": Button(press=pause.pressed, admin=True)}),
    Entry(spec=pause.RESUME, answer=pause.resume),
    Entry(
        spec=addsource.SPEC,
        answer=addsource.answer,
        buttons={"place": Button(press=addsource.pressed, admin=True)},
    ),
    Entry(spec=panel.SPEC, answer=panel.answer),
    Entry(
        spec=status.SPEC,
        answer=status.answer,
        buttons={
            "approve": Button(press=approve.approve, admin=True),
            "refuse": Button(press=approve.refuse, admin=True),
        },
    ),
    Entry(spec=test_command.SPEC, answer=test_command.answer),
)

# Those of posts, and the one of every change.
BUTTONS: Mapping[str, Button] = {
    "take": Button(press=take.take),
    "release": Button(press=take.release),
    "done": Button(press=take.done),
    "up": Button(press=vote.up),
    "down": Button(press=vote.down),
    "more": Button(press=more.more),
    "less": Button(press=more.less),
    "save": Button(press=more.save),
    "long": Button(press=more.long, private=True),
    "related": Button(press=more.related_to, private=True),
    "why": Button(press=more.why, private=True),
    "hold": Button(press=holding.pressed, admin=True),
    "undo": Button(press=undoing.undo, admin=True),
}

SPECS = tuple(entry.spec for entry in COMMANDS)
BY_NAME = {name: entry for entry in COMMANDS for name in (entry.spec.name, entry.spec.fr, *entry.spec.also)}
BY_VERB = {**BUTTONS, **{verb: button for entry in COMMANDS for verb, button in entry.buttons.items()}}
