"""alerts / alertes: what rang in this channel in the last 30 days, and who took care of it.

The buttons say all they need (`alerts:<skipped>.<which>`, `seize:<post>.<skipped>.<which>`), so they outlive a restart.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.commands import take
from bot.commands.call import Asked, Call, Pressed
from bot.domain.article import Facts
from bot.domain.command import Argument, Choice, CommandSpec, Reply
from bot.domain.delivery import story_of
from bot.domain.ids import ArticleId
from bot.pipeline.compose import item
from bot.pipeline.stories import told_together
from bot.stores import Ack, Alarm
from bot.view import Action, Actions, Block, Headline, Item, Items, Note, Text, View

PAGE = 5
WINDOW = timedelta(days=30)
MOST = 200  # alerts of a channel: those before are found by a search
TAKEN_HERE = 3  # buttons that take an alert: with the pages, two rows of a telephone
OPEN, ALL = "o", "a"
WORDS = ("open", "ouvertes")

SPEC = CommandSpec(
    name="alerts",
    fr="alertes",
    arguments=(Argument(name="what", choices=WORDS[:1], also=WORDS[1:]),),
    public=True,
)


async def answer(call: Call) -> Reply:
    which = OPEN if call.argument("what").lower() in WORDS else ALL
    return Reply(view=await _page(call, which, 0), audience=call.audience)


async def turned(press: Pressed) -> Reply:
    """Another page, for everybody who reads the message, as things are now."""
    skipped, _, which = press.reference.partition(".")
    return Reply(view=await _page(press, which, _skip(skipped)), replaces=True)


async def seized(press: Pressed) -> Reply:
    """As the button under the alert itself does; the list shows it at once."""
    post, _, place = press.reference.partition(".")
    skipped, _, which = place.partition(".")
    told = await take.take(replace(press, reference=post))
    return replace(told, view=await _page(press, which, _skip(skipped)), replaces=True)


def _skip(typed: str) -> int:
    return int(typed) if typed.isdecimal() and len(typed) < 4 else 0


# -- what is shown ----------------------------------------------------------------------------------------------------


async def _page(asked: Asked, which: str, skip: int) -> View:
    say, alarms = asked.in_chat, await _alarms(asked, which)
    if skip >= len(alarms):  # what was open is done meanwhile
        skip = max(0, (len(alarms) - 1) // PAGE * PAGE)
    if not alarms:
        return View(blocks=(Text(text=say("alerts.none_open" if which == OPEN else "alerts.none")),), silent=True)
    shown = [(n, one, await _facts(asked, one)) for n, one in enumerate(alarms, 1)][skip : skip + PAGE]
    blocks: list[Block] = [
        Headline(text=say("alerts.title_open" if which == OPEN else "alerts.title", count=len(alarms))),
        Items(items=tuple(_item(asked, number, one, facts) for number, one, facts in shown)),
    ]
    free = [(number, one) for number, one, _ in shown if one.ack is None][:TAKEN_HERE]
    if free:
        blocks.append(Actions(actions=tuple(_button(asked, n, one, f"{skip}.{which}") for n, one in free)))
    if turns := _turns(asked, which, skip, len(alarms)):
        blocks.append(Actions(actions=turns))
    return View(blocks=(*blocks, Note(text=say("alerts.note_free" if free else "alerts.note"))), silent=True)


async def _alarms(asked: Asked, which: str) -> Sequence[Alarm]:
    """A story that rang again as it grew graver is there once, as it rang last."""
    desk, last = asked.desk, dict[str, Alarm]()
    for one in await desk.acks.alarms(desk.db, asked.channel.id, asked.now - WINDOW, MOST):
        last.setdefault(story_of(one.post.key), one)
    return [one for one in last.values() if which != OPEN or one.ack is None or one.ack.done_at is None]


async def _facts(asked: Asked, alarm: Alarm) -> Facts | None:
    """Who speaks in the message; None: its text is kept no longer."""
    desk, numbers = asked.desk, alarm.post.payload.get("articles")
    wanted = [ArticleId(number) for number in numbers[:1]] if isinstance(numbers, list) else []
    found = await desk.articles.facts(desk.db, wanted)
    return await told_together(desk.stories, desk.articles, desk.db, alarm.post, found[0]) if found else None


def _item(asked: Asked, number: int, alarm: Alarm, facts: Facts | None) -> Item:
    say = asked.in_chat
    who = _who(asked, asked.desk.people.named(alarm.ack))
    if facts is None:
        return Item(text=say("alerts.item", number=number, title=say("alerts.forgotten")), note=who)
    line = item(facts, asked.channel, say)
    return Item(text=say("alerts.item", number=number, title=line.text), url=line.url, note=f"{line.note} · {who}")


def _who(asked: Asked, ack: Ack | None) -> str:
    say, zone = asked.in_chat, asked.channel.zone
    if ack is None:
        return say("alerts.nobody")
    name = ack.name or say("alerts.somebody")
    if ack.done_at is not None:
        return say("alerts.done", name=name, date=say.date(ack.done_at, zone, hour=False))
    return say("alerts.taken", name=name, date=say.date(ack.taken_at, zone, hour=False))


def _button(asked: Asked, number: int, alarm: Alarm, place: str) -> Action:
    return asked.button("seize", f"{alarm.post.id}.{place}", asked.in_chat("alerts.button", number=number))


def _turns(asked: Asked, which: str, skip: int, total: int) -> tuple[Action, ...]:
    turns: list[Action] = []
    if skip > 0:
        turns.append(asked.button("alerts", f"{max(0, skip - PAGE)}.{which}", asked.in_chat("search.before")))
    if total > skip + PAGE:
        turns.append(asked.button("alerts", f"{skip + PAGE}.{which}", asked.in_chat("search.after")))
    return tuple(turns)


async def proposals(call: Call, argument: str, text: str) -> Sequence[Choice]:
    return [Choice(label=call.say("alerts.open"), value=WORDS[0])]
