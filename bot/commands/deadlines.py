"""deadlines / echeances: what closes or opens next, in which words and where it is said, each as a file for a calendar.

The buttons say all they need (`dates:<skipped>.<topic>`, `ics:<deadline>`), so they work as long as their message.
"""

from collections.abc import Iterator, Sequence

from bot.commands import what
from bot.commands.call import Asked, Call, Pressed
from bot.commands.pages import turns
from bot.domain.command import Argument, Audience, Choice, CommandSpec, Reply
from bot.domain.ids import DeadlineId
from bot.domain.standing import is_sure, is_vague
from bot.domain.words import fold
from bot.errors import UserError
from bot.locale.say import LANGUAGES, Say
from bot.pipeline.agenda import LONGEST_QUOTE, Due, Said
from bot.pipeline.calendar import MEDIA_TYPE, document
from bot.pipeline.countdown import left, what_of, when
from bot.text.deadline_words import PROGRAMMES
from bot.text.vocabulary import TOPICS
from bot.view import Actions, Attachment, Block, Headline, Item, Items, Note, Text, View

PAGE = 5
MOST_SOURCES = 4  # of one deadline, shown
PHRASE = LONGEST_QUOTE

SPEC = CommandSpec(name="deadlines", fr="echeances", arguments=(Argument(name="topic", completes=True),), public=True)


async def answer(call: Call) -> Reply:
    typed = call.argument("topic")
    return Reply(view=await _page(call, read_topic(typed) if typed else "", 0), audience=call.audience)


async def turned(press: Pressed) -> Reply:
    """Another page, for everybody who reads the message, as things are now."""
    skipped, _, topic = press.reference.partition(".")
    skip = int(skipped) if skipped.isdecimal() and len(skipped) < 4 else 0
    return Reply(view=await _page(press, topic, skip), replaces=True)


async def file(press: Pressed) -> Reply:
    """One deadline, for the presser's own calendar; passed or not."""
    due = await press.desk.agenda.one(DeadlineId(int(press.reference)))
    if due is None:
        raise UserError("error.expired")
    say, told = press.in_private, due.next(press.now)
    content = document([due], say, press.now, press.channel.zone)
    said = say("deadlines.file", what=what_of(told), when=when(told.claim, press.channel.zone, say))
    return Reply(
        view=View(blocks=(Text(text=said),), silent=True),
        files=(Attachment(name=f"tocsin-{due.deadline.id}.ics", media_type=MEDIA_TYPE, content=content),),
        audience=Audience.ASKER,
    )


# -- topics -----------------------------------------------------------------------------------------------------------


def read_topic(typed: str) -> str:
    """A topic or a programme, by its key or its name in either language. Raises UserError."""
    wanted = fold(typed).strip()
    for key in _TOPICS:
        if wanted in (key, *(fold(_name(key, Say(language))) for language in LANGUAGES)):
            return key
    raise UserError("deadlines.unknown_topic", topic=typed[:80])


async def proposals(call: Call, argument: str, text: str) -> Sequence[Choice]:
    """Those of which something is ahead come first."""
    coming = await call.desk.agenda.coming(call.now)
    ahead = {topic for topic in _TOPICS if any(due.is_about(topic) for due in coming)}
    offered = [(_name(topic, call.say), topic) for topic in sorted(_TOPICS, key=lambda topic: topic not in ahead)]
    return what.matching(offered, fold(text).strip())


_TOPICS = tuple(dict.fromkeys((*TOPICS, *PROGRAMMES)))


def _name(topic: str, say: Say) -> str:
    return say(f"topic.{topic}") if topic in TOPICS else PROGRAMMES[topic]


# -- what is shown ----------------------------------------------------------------------------------------------------


async def _page(asked: Asked, topic: str, skip: int) -> View:
    say = asked.in_chat
    coming = await asked.desk.agenda.coming(asked.now, topic=topic)
    name = _name(topic, say) if topic in _TOPICS else ""
    shown = [*enumerate(coming, 1)][skip : skip + PAGE]
    if not shown:
        said = say("deadlines.none_of", topic=name) if name else say("deadlines.none")
        return View(blocks=(Text(text=said), Note(text=say("deadlines.hint"))), silent=True)
    blocks: list[Block] = [
        Headline(text=say("deadlines.title_of", topic=name) if name else say("deadlines.title")),
        Items(items=tuple(item for number, due in shown for item in _items(number, due, asked))),
        Actions(actions=tuple(asked.button("ics", str(due.deadline.id), _label(n, say)) for n, due in shown)),
    ]
    if found := turns(asked, "dates", skip, PAGE, lambda to: f"{to}.{topic}", more=len(coming) > skip + PAGE):
        blocks.append(Actions(actions=found))
    return View(blocks=(*blocks, Note(text=say("deadlines.note", count=len(coming)))), silent=True)


def _label(number: int, say: Say) -> str:
    return say("deadlines.button", number=number)


def _items(number: int, due: Due, asked: Asked) -> Iterator[Item]:
    """One line; of a disputed deadline one for each day that is claimed, in the words of who claims it."""
    say = asked.in_chat
    first = due.next(asked.now)
    others = [one for one in due.said if one is not first][: MOST_SOURCES - 1]
    said = say("deadlines.item", number=number, left=_left(first, asked), what=what_of(first))
    yield _item(said, first, due, asked)
    for one in others:
        yield _item(say("deadlines.or", left=left(one.claim, asked.now, asked.channel.zone, say)), one, due, asked)


def _left(said: Said, asked: Asked) -> str:
    text = left(said.claim, asked.now, asked.channel.zone, asked.in_chat)
    return text[:1].upper() + text[1:]


def _item(text: str, said: Said, due: Due, asked: Asked) -> Item:
    say, claim = asked.in_chat, said.claim
    unsure = (
        say("deadlines.disputed") if len(due.said) > 1 else "" if is_sure(due.deadline) else say("deadlines.unsure")
    )
    parts = (
        say(f"deadlines.{claim.edge}", when=when(claim, asked.channel.zone, say)),
        unsure or (say("deadlines.vague") if is_vague(claim) else ""),
        said.source,
        f"#{said.facts.number}" if said.facts else "",
    )
    quote = say("deadlines.quote", phrase=" ".join(said.quote.split())[:PHRASE]) if said.quote.strip() else ""
    return Item(
        text=text,
        url=said.url,
        note=" · ".join(part for part in parts if part),
        extract=((quote, False),) if quote else (),
    )
