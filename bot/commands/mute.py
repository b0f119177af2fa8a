"""mute / silence: words this channel does not want to hear of for a while; what is critical rings all the same.

A button says `lift:<mark>`, the mark of a silence's words: pressed again it says that it is over.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.commands import what
from bot.commands.call import Asked, Call, Pressed
from bot.commands.pause import check_end
from bot.commands.undo import changed, mute_before
from bot.domain.command import Argument, CommandSpec, Reply
from bot.domain.mute import Mute
from bot.domain.rule import Rule, What
from bot.errors import UserError
from bot.pipeline.compose import item
from bot.text.analyse import read_words
from bot.text.until import read_until, split_until
from bot.view import Action, Actions, Block, Headline, Item, Items, Note, Options, Text, View

MOST = 20  # in one channel: a menu of Discord holds 25
REHEARSED = timedelta(days=30)
EXAMPLES = 2

SPEC = CommandSpec(
    name="mute", fr="silence", arguments=(Argument(name="words"), Argument(name="duration")), admin=True, public=True
)


async def answer(call: Call) -> Reply:
    words, duration = call.argument("words"), call.argument("duration")
    if not words and not duration:
        return Reply(view=await overview(call), audience=call.audience)
    wanted, until = read_mute(call, words, duration)
    return Reply(view=await _muted(call, wanted, check_end(call, until)), audience=call.audience)


def read_mute(asked: Asked, words: str, duration: str) -> tuple[Rule, datetime]:
    """(the words, the end). Typed, both come in one: the first word is no more than a beginning. Raises UserError."""
    zone, whole = asked.channel.zone, f"{words} {duration}".strip()
    found = split_until(whole, asked.now, zone)
    if found is None and (until := read_until(duration, asked.now, zone)) is not None:
        found = words, until
    if found is None:
        raise UserError("mute.error.duration", typed=whole[:60])
    all_of, any_of, none_of = read_words(found[0])
    if not all_of and not any_of:
        raise UserError("mute.error.words")
    return Rule(what=What.WORDS, all_of=all_of, any_of=any_of, none_of=none_of), found[1]


async def lifted(press: Pressed) -> Reply:
    """Ended, and kept a while: what it kept away is explained by it."""
    desk, say = press.desk, press.in_chat
    async with desk.db.tx() as tx:
        running = await desk.mutes.of(tx, press.channel.id, press.now)
        mute = next((one for one in running if mark_of(one.rule) == press.reference), None)
        if mute is None:
            return press.notice("mute.over")
        await desk.mutes.end(tx, press.channel.id, mute.rule, press.now)
        before = mute_before(mute.rule, mute.until)
        undo = await changed(press, tx, press.channel, "unmute", before, rule=mute.rule.canonical())
    return press.in_place(Text(text=say("mute.lifted", what=_said(press, mute.rule))), _buttons(press, undo))


async def listed(press: Pressed) -> Reply:
    return Reply(view=await overview(press), replaces=True)


async def _muted(asked: Asked, rule: Rule, until: datetime) -> View:
    desk = asked.desk
    async with desk.db.tx() as tx:
        channel = await desk.ensure(tx, asked.where)
        running = await desk.mutes.of(tx, channel.id, asked.now)
        before = next((one.until for one in running if one.rule.canonical() == rule.canonical()), None)
        if before is None and len(running) >= MOST:
            raise UserError("mute.error.most", most=MOST)
        name = desk.people.seal(asked.person.name)
        mute = Mute(channel=channel.id, rule=rule, since=asked.now, until=until, person=asked.hash, name=name)
        await desk.mutes.put(tx, mute)
        withdrawn = await desk.withdrawing.by(tx, mute)
        was = mute_before(rule, before, withdrawn)
        undo = await changed(asked, tx, channel, "mute", was, rule=rule.canonical(), until=until.isoformat())
    blocks: list[Block] = [
        Headline(text=asked.in_chat("mute.title_until", date=asked.in_chat.date(until, channel.zone))),
        Text(text=asked.in_chat("mute.done", what=_said(asked, rule))),
        *([Text(text=asked.in_chat("mute.withdrawn", count=len(withdrawn)))] if withdrawn else []),
        Text(text=asked.in_chat("mute.rings")),
        *await _rehearsal(asked, mute),
    ]
    return View(blocks=(*blocks, _buttons(asked, undo)), silent=True)


async def _rehearsal(asked: Asked, mute: Mute) -> list[Block]:
    """Of what this channel's own rules brought."""
    rehearsal = await asked.desk.matching.rehearse_mute(asked.desk.db, mute, asked.now - REHEARSED)
    blocks: list[Block] = [Text(text=asked.in_chat("mute.rehearsal", count=len(rehearsal.taken)))]
    if rehearsal.taken:
        items = (item(one, asked.channel, asked.in_chat) for one in rehearsal.taken[:EXAMPLES])
        blocks.append(Items(items=tuple(items)))
    return blocks


# -- what is shown ----------------------------------------------------------------------------------------------------


async def overview(asked: Asked) -> View:
    """The silences that are running, the next to end first, and a button to lift each."""
    say, running = asked.in_chat, await asked.desk.mutes.of(asked.desk.db, asked.channel.id, asked.now)
    if not running:
        return View(blocks=(Text(text=say("mute.none")),), silent=True)
    lines = tuple(Item(text=_said(asked, one.rule), note=_note(asked, one)) for one in running)
    blocks = (Headline(text=say("mute.title", count=len(running))), Items(items=lines), _lifting(asked, running))
    return View(blocks=(*blocks, Note(text=say("mute.rings"))), silent=True)


def _note(asked: Asked, mute: Mute) -> str:
    say, name = asked.in_chat, asked.desk.people.unseal(mute.name)
    date = say.date(mute.until, asked.channel.zone)
    return say("mute.by", date=date, name=name) if name else say("mute.until", date=date)


def _lifting(asked: Asked, running: Sequence[Mute]) -> Actions | Options:
    say = asked.in_chat
    if len(running) == 1:
        return Actions(actions=(asked.button("lift", mark_of(running[0].rule), say("mute.button.lift")),))
    options = tuple(
        asked.button("lift", mark_of(one.rule), say("mute.button.lift_one", what=_said(asked, one.rule))[:80])
        for one in running
    )
    return Options(hint=say("mute.hint"), options=options)


def _buttons(asked: Asked, undo: Action) -> Actions:
    return Actions(actions=(undo, asked.button("mutes", "list", asked.in_chat("mute.button.list"))))


def _said(asked: Asked, rule: Rule) -> str:
    return what.said(rule, {}, asked.in_chat)


def mark_of(rule: Rule) -> str:
    """What a button calls a silence: its words may be longer than a button bears."""
    return hashlib.sha256(rule.canonical().encode()).hexdigest()[:12]
