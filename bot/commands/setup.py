"""setup / installer: the first minute. What are you, what do you run, how much do you want: rehearsed, then saved.

The state is a row, as the wizard's. What a press means: `setup:<code>.<choice>`; on the greeting, `setup:begin`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.commands import drafts, what
from bot.commands.call import Asked, Call, Desk, Pressed
from bot.commands.how import say_how
from bot.commands.save import write
from bot.commands.undo import changed, setup_before
from bot.commands.watchlist_change import enter
from bot.domain.article import Product
from bot.domain.channel import Channel
from bot.domain.command import CommandSpec, Form, Reply
from bot.domain.delivery import Post, PostKind, Prio
from bot.domain.setup import Answers, Kind, Much, Question
from bot.domain.token import Purpose
from bot.errors import UserError
from bot.pipeline.compose import item
from bot.pipeline.matching import REHEARSED
from bot.pipeline.prospect import Prospect, prospect
from bot.ports import Tx
from bot.text.watched import PRESETS, shown, watched_in
from bot.view import Action, Actions, Block, Headline, Item, Items, Note, Text, View

DAYS = timedelta(days=30)
EXAMPLES = 3
SHOWN = 8  # of the products, the rest is counted
LONGEST_LIST = 2_000  # characters that can be pasted

SPEC = CommandSpec(name="setup", fr="installer", admin=True, public=True)


async def greet(desk: Desk, tx: Tx, channel: Channel, now: datetime) -> None:
    """Once in the life of a chat: the key is that of the channel."""
    post = Post(
        key=f"n:welcome:{channel.id}",
        kind=PostKind.NOTICE,
        prio=Prio.REMINDER,
        payload={"notice": "welcome"},
        created_at=now,
    )
    await desk.outbox.owe_to(tx, post, channel, silent=True)


async def answer(call: Call) -> Reply:
    return Reply(view=await _begun(call), audience=call.audience)


async def pressed(press: Pressed) -> Reply:
    """Only who began goes on."""
    if press.reference == "begin":
        return Reply(view=await _begun(press), replaces=True)
    desk = press.desk
    code, choice, token = await drafts.opened(press, "setup.theirs")
    answers = Answers.parse(token.payload)
    if token.used_at is not None:
        # The answer to a press that saved it may have been lost: the message still shows the button.
        return _saved(press, answers) if choice == "save" and answers.much else press.notice("wizard.over")
    if choice == "paste" and not press.text:
        return Reply(form=_form(press, code))
    if choice == "save":
        return await _save(press, code, answers)
    if choice == "cancel":
        async with desk.db.tx() as tx:
            await desk.tokens.use(tx, Purpose.DRAFT, code, press.now)
        return press.in_place(Text(text=press.in_chat("setup.cancelled")))
    after = _after(answers, choice, press.text)
    async with desk.db.tx() as tx:
        await desk.tokens.change(tx, code, after.payload())
    return Reply(view=await _page(press, code, after), replaces=True)


async def _begun(asked: Asked) -> View:
    answers = Answers()
    return await _page(asked, await drafts.begin(asked, answers.payload()), answers)


def _after(answers: Answers, choice: str, typed: str) -> Answers:
    """Raises UserError for a choice that means nothing any more."""
    if choice == "back":
        return answers.back()
    if choice == "paste":
        if not (park := watched_in(typed)):
            raise UserError("setup.nothing_read")
        return replace(answers, park=park)
    if choice == "later":
        return replace(answers, park=())
    if choice in PRESETS and answers.question is not Question.KIND:
        return replace(answers, park=watched_in("\n".join(PRESETS[choice])))
    if choice in tuple(Kind) and answers.question is Question.KIND:
        return replace(answers, kind=Kind(choice))
    if choice in tuple(Much) and answers.park is not None:
        return replace(answers, much=Much(choice))
    raise UserError("error.expired")


async def _save(press: Pressed, code: str, answers: Answers) -> Reply:
    """Once: the token is used up in the transaction that writes the rules and the list."""
    if answers.question is not Question.SAVE:
        raise UserError("error.expired")
    desk, community = press.desk, press.channel.community
    async with desk.db.tx() as tx:
        if await desk.tokens.use(tx, Purpose.DRAFT, code, press.now) is None:
            return _saved(press, answers)
        # The rules first: one of them is who hears of the list.
        written = [await write(press, tx, one.rule, one.how, silent=one.silent) for one in answers.wanted(community)]
        change = await enter(press, tx, answers.park or ())
        watched, undo = str(len(change.added)), setup_before([before for _, before in written], change.added)
        button = await changed(press, tx, written[0][0], "setup", undo, much=str(answers.much), watched=watched)
    return _saved(press, answers, button, left_out=change.left_out)


# -- what each step shows ---------------------------------------------------------------------------------------------


async def _page(asked: Asked, code: str, answers: Answers) -> View:
    match answers.question:
        case Question.KIND:
            blocks = _asked(asked, "kind", [_row(asked, code, *Kind), _row(asked, code, "cancel")])
        case Question.PARK:
            blocks = _park(asked, code, answers)
        case Question.MUCH:
            rows = [_row(asked, code, Much.ALERTS, Much.MORNINGS), _row(asked, code, Much.LETTERS, Much.ALL)]
            blocks = [*_asked(asked, "much", [*rows, _row(asked, code, "back", "cancel")])]
            blocks.insert(1, Text(text=_list_said(asked, answers.park or ())))
        case Question.SAVE:
            blocks = await _rehearsed(asked, code, answers)
    return View(blocks=tuple(blocks), silent=True)


def _asked(asked: Asked, question: str, buttons: Sequence[Actions]) -> list[Block]:
    say = asked.in_chat
    return [Headline(text=say(f"setup.{question}.title")), Text(text=say(f"setup.{question}.text")), *buttons]


def _park(asked: Asked, code: str, answers: Answers) -> list[Block]:
    """The list that establishments of the kind start from, or their own."""
    say = asked.in_chat
    preset = answers.kind if answers.kind and answers.kind in PRESETS else Kind.GHT
    size = len(watched_in("\n".join(PRESETS[preset])))
    offer = asked.button("setup", f"{code}.{preset}", say(f"setup.preset.{preset}", size=size), main=True)
    paste = asked.button("setup", f"{code}.paste", say("setup.button.paste"), asks=True)
    first = Actions(actions=(offer, paste, _button(asked, code, "later")))
    usual = Text(text=say("setup.park.preset", names=", ".join(PRESETS[preset][:SHOWN])))
    title, text, *buttons = _asked(asked, "park", [first, _row(asked, code, "back", "cancel")])
    return [title, text, usual, *buttons]


async def _rehearsed(asked: Asked, code: str, answers: Answers) -> list[Block]:
    """What it would have sent, before anything is saved."""
    say, desk = asked.in_chat, asked.desk
    wanted = answers.wanted(asked.channel.community)
    facts = await desk.articles.since(asked.now - DAYS, REHEARSED)
    watchlist = frozenset(answers.park or ()) | await desk.subscriptions.watchlist(desk.db, asked.channel.community)
    found = await prospect(facts, wanted, asked.channel, watchlist)
    blocks: list[Block] = [
        Headline(text=say("setup.save.title")),
        Text(text=_prospect_said(asked, found, answers)),
        Items(items=_rules_said(asked, answers)),
    ]
    if examples := (*found.alerts, *(one for one in found.at_once if one.severity is None))[:EXAMPLES]:
        items = tuple(item(one, asked.channel, say) for one in examples)
        blocks.append(Items(title=say("setup.save.examples"), items=items))
    save = asked.button("setup", f"{code}.save", say("setup.button.save"), main=True)
    return [*blocks, Actions(actions=(save, _button(asked, code, "back"), _button(asked, code, "cancel")))]


def _prospect_said(asked: Asked, found: Prospect, answers: Answers) -> str:
    say = asked.in_chat
    if not found.looked_at:
        return say("setup.save.empty")
    others = len(found.at_once) - len(found.alerts)
    parts = [
        say("setup.save.alerts", count=len(found.alerts)),
        *([say("setup.save.others", count=others)] if others else []),
        *([say("setup.save.mornings", count=found.mornings)] if answers.much is Much.MORNINGS else []),
        *([say("setup.save.letters", count=found.letters)] if answers.much is Much.LETTERS else []),
    ]
    said = say("setup.save.text", what=", ".join(parts))
    return f"{said} {say('setup.save.concerned', count=found.concerned)}" if answers.park and found.alerts else said


def _saved(press: Pressed, answers: Answers, *undo: Action, left_out: int = 0) -> Reply:
    say = press.in_chat
    return press.in_place(
        Headline(text=say("setup.done.title")),
        Items(items=_rules_said(press, answers)),
        Text(text=_list_said(press, answers.park or ())),
        *([Text(text=say("watchlist.left_out", count=left_out))] if left_out else []),
        Note(text=say("setup.done.note")),
        *([Actions(actions=undo)] if undo else []),
    )


def _rules_said(asked: Asked, answers: Answers) -> tuple[Item, ...]:
    say = asked.in_chat
    return tuple(
        Item(text=what.said(one.rule, {}, say), note=say_how(say, one.how, silent=one.silent))
        for one in answers.wanted(asked.channel.community)
    )


def _list_said(asked: Asked, park: Sequence[Product]) -> str:
    """What is run, as it was understood."""
    say = asked.in_chat
    if not park:
        return say("setup.list.none")
    names = [*map(shown, park)]
    return say("setup.list.some", count=len(park), names=", ".join(names[:SHOWN])) + (" …" if names[SHOWN:] else "")


def _row(asked: Asked, code: str, *choices: str) -> Actions:
    return Actions(actions=tuple(_button(asked, code, choice) for choice in choices))


def _button(asked: Asked, code: str, choice: str) -> Action:
    return asked.button("setup", f"{code}.{choice}", asked.in_chat(f"setup.button.{choice}"))


def _form(press: Pressed, code: str) -> Form:
    say = press.in_private
    return Form(
        title=say("setup.form.title"),
        label=say("setup.form.label"),
        hint=say("setup.form.hint"),
        press=press.button("setup", f"{code}.paste", "").press,
        most=LONGEST_LIST,
    )
