"""A subscription by buttons: what, how, a rehearsal, and only then it is saved.

The state is a row, so every button works after a restart; pressing one again says the same again. What a press means:
`draft:<code>.<choice>`, the choice being one of the words below, or a letter and a number.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.commands import drafts, what
from bot.commands.call import Asked, Call, Pressed, titles
from bot.commands.how import say_how
from bot.commands.save import save
from bot.domain.alert import Severity
from bot.domain.channel import Rhythm
from bot.domain.command import Form, Reply
from bot.domain.draft import Draft, Step
from bot.domain.rule import Rule, What
from bot.domain.source import Source
from bot.domain.token import Purpose
from bot.errors import UserError
from bot.pipeline.compose import item
from bot.text.vocabulary import TOPICS
from bot.view import Action, Actions, Block, Headline, Items, Note, Options, Text, View

SHOWN = 24  # of the sources at once: one more button leads to the next
EXAMPLES = 3
RULES = {
    "alerts": Rule(what=What.ALERTS),
    "critical": Rule(what=What.ALERTS, from_severity=Severity.CRITICAL),
    "all": Rule(what=What.EVERYTHING),
}
RHYTHMS = {"now": Rhythm.NOW, "daily": Rhythm.DAILY, "weekly": Rhythm.WEEKLY}
STEPS = {"what": Step.WHAT, "topics": Step.TOPIC, "how": Step.HOW}


async def begin(call: Call, draft: Draft | None = None) -> Reply:
    """The first step, or that of a draft which knows more already."""
    return Reply(view=await start(call, draft or Draft()), audience=call.audience)


async def start(asked: Asked, draft: Draft) -> View:
    return await _page(asked, await drafts.begin(asked, draft.payload()), draft)


async def pressed(press: Pressed) -> Reply:
    """Only who began a draft goes on with it."""
    desk = press.desk
    code, choice, token = await drafts.opened(press, "wizard.theirs")
    draft = Draft.parse(token.payload)
    if token.used_at is not None:
        # The answer to a press that saved it may have been lost: the message still shows the button.
        return await _written(press, draft) if choice == "save" and draft.rule else press.notice("wizard.over")
    if choice == "words" and not press.text:
        return Reply(form=_words_form(press, code))
    if choice == "save":
        return await _saved(press, code, draft)
    if choice == "cancel":
        async with desk.db.tx() as tx:
            await desk.tokens.use(tx, Purpose.DRAFT, code, press.now)
        return press.in_place(Text(text=press.in_chat("wizard.cancelled")))
    after = await _after(press, draft, choice)
    async with desk.db.tx() as tx:
        await desk.tokens.change(tx, code, after.payload())
    return Reply(view=await _page(press, code, after), replaces=True)


async def _after(press: Pressed, draft: Draft, choice: str) -> Draft:
    """The draft as this choice makes it. Raises UserError for one that means nothing any more."""
    if choice in RULES:
        return draft.wanting(RULES[choice])
    if choice in RHYTHMS:
        return draft.delivered(RHYTHMS[choice])
    if choice in STEPS:
        return draft.at(STEPS[choice])
    if choice == "words":
        rule = await what.read_what(press, press.text)
        return draft.wanting(rule)
    if choice in ("ring", "hush"):
        return replace(draft, silent=choice == "hush")
    letter, number = choice[:1], int(choice[1:]) if choice[1:].isdecimal() else -1
    if letter == "p" and number >= 0:
        return draft.at(Step.SOURCE, number)
    if letter == "t" and 0 <= number < len(TOPICS):
        return draft.wanting(Rule(what=What.TOPIC, value=TOPICS[number]))
    if letter == "s":
        for source in await press.desk.sources.all():
            if source.id == number and source.enabled:
                return draft.wanting(Rule(what=What.SOURCE, value=source.slug))
    raise UserError("error.expired")


async def _saved(press: Pressed, code: str, draft: Draft) -> Reply:
    """Once: the token is used up in the transaction that writes the subscription."""
    if draft.rule is None:
        raise UserError("error.expired")
    desk = press.desk
    async with desk.db.tx() as tx:
        if await desk.tokens.use(tx, Purpose.DRAFT, code, press.now) is None:
            return await _written(press, draft)
        undo = await save(press, tx, draft.rule, draft.how, silent=draft.silent)
    return await _written(press, draft, undo)


async def _written(press: Pressed, draft: Draft, *undo: Action) -> Reply:
    return press.in_place(
        Headline(text=press.in_chat("subscribe.done")),
        Text(text=await _said(press, draft)),
        Note(text=press.in_chat("subscribe.note")),
        *([Actions(actions=undo)] if undo else []),
    )


# -- what each step shows ---------------------------------------------------------------------------------------------


async def _page(asked: Asked, code: str, draft: Draft) -> View:
    match draft.step:
        case Step.WHAT:
            blocks = _what(asked, code)
        case Step.TOPIC:
            blocks = _topics(asked, code)
        case Step.SOURCE:
            blocks = _sources(asked, code, [s for s in await asked.desk.sources.all() if s.enabled], draft.page)
        case Step.HOW:
            blocks = [Headline(text=asked.in_chat("wizard.how")), Text(text=await _what_said(asked, draft))]
            blocks.append(_row(asked, code, *RHYTHMS))
            other = () if draft.editing else ("what",)  # another rule would be another subscription
            blocks.append(_row(asked, code, "ring" if draft.silent else "hush", *other, "cancel"))
        case Step.SAVE:
            blocks = await _rehearsed(asked, code, draft)
    return View(blocks=tuple(blocks), silent=True)


def _what(asked: Asked, code: str) -> list[Block]:
    words = _button(asked, code, "words", asks=True)
    return [
        Headline(text=asked.in_chat("wizard.what")),
        Text(text=asked.in_chat("wizard.help")),
        _row(asked, code, "alerts", "critical", "all"),
        Actions(actions=(_button(asked, code, "topics"), _button(asked, code, "p0", "sources"), words)),
        _row(asked, code, "cancel"),
    ]


def _topics(asked: Asked, code: str) -> list[Block]:
    options = tuple(
        asked.button("draft", f"{code}.t{place}", asked.in_chat(f"topic.{topic}")) for place, topic in enumerate(TOPICS)
    )
    return [
        Headline(text=asked.in_chat("wizard.topics")),
        Options(hint=asked.in_chat("wizard.topics_hint"), options=options),
        _row(asked, code, "what", "cancel"),
    ]


def _sources(asked: Asked, code: str, sources: Sequence[Source], page: int) -> list[Block]:
    shown = sources[page * SHOWN : (page + 1) * SHOWN]
    options = tuple(asked.button("draft", f"{code}.s{source.id}", source.title[:60]) for source in shown)
    turns = [_button(asked, code, f"p{page - 1}", "before")] if page > 0 else []
    turns += [_button(asked, code, f"p{page + 1}", "after")] if (page + 1) * SHOWN < len(sources) else []
    return [
        Headline(text=asked.in_chat("wizard.sources")),
        Options(hint=asked.in_chat("wizard.sources_hint"), options=options),
        *([Actions(actions=tuple(turns))] if turns else []),
        _row(asked, code, "what", "cancel"),
    ]


async def _rehearsed(asked: Asked, code: str, draft: Draft) -> list[Block]:
    """What it would have sent, before anything is saved."""
    assert draft.rule is not None, "a draft is rehearsed once it wants something"
    desk = asked.desk
    rehearsal = await desk.matching.rehearse(desk.db, draft.rule, asked.now - timedelta(days=30))
    blocks: list[Block] = [
        Headline(text=asked.in_chat("wizard.save")),
        Text(text=await _said(asked, draft)),
        Text(text=asked.in_chat("subscribe.rehearsal", count=len(rehearsal.taken))),
    ]
    if rehearsal.taken:
        examples = rehearsal.taken[:EXAMPLES]
        blocks.append(Items(items=tuple(item(one, asked.channel, asked.in_chat) for one in examples)))
    save_button = asked.button("draft", f"{code}.save", asked.in_chat("wizard.button.save"), main=True)
    blocks.append(Actions(actions=(save_button, _button(asked, code, "how"), _button(asked, code, "cancel"))))
    return blocks


def _row(asked: Asked, code: str, *choices: str) -> Actions:
    return Actions(actions=tuple(_button(asked, code, choice) for choice in choices))


def _button(asked: Asked, code: str, choice: str, label: str = "", *, asks: bool = False) -> Action:
    return asked.button("draft", f"{code}.{choice}", asked.in_chat(f"wizard.button.{label or choice}"), asks=asks)


def _words_form(press: Pressed, code: str) -> Form:
    say = press.in_private
    return Form(
        title=say("wizard.form.title"),
        label=say("wizard.form.label"),
        hint=say("wizard.form.hint"),
        press=press.button("draft", f"{code}.words", "").press,
    )


async def _what_said(asked: Asked, draft: Draft) -> str:
    assert draft.rule is not None
    return what.said(draft.rule, titles(await asked.desk.sources.all()), asked.in_chat)


async def _said(asked: Asked, draft: Draft) -> str:
    return f"{await _what_said(asked, draft)} · {say_how(asked.in_chat, draft.how, silent=draft.silent)}"
