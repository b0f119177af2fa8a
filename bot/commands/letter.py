"""letter / lettre: the digest as it would be sent now, by the code that sends it. Nothing is sent.

It is for the asker alone: everybody gets it when its hour comes. A letter of several messages is leafed through.
"""

from datetime import timedelta

from bot.commands.call import Asked, Call, Pressed
from bot.domain.channel import Channel
from bot.domain.command import Audience, CommandSpec, Reply
from bot.domain.delivery import Delivery, Post
from bot.domain.ids import ArticleId, ChannelId
from bot.domain.token import Purpose, Token
from bot.errors import UserError
from bot.pipeline.compose import Composer
from bot.pipeline.letter import Draft
from bot.stores import Owed, Tally
from bot.view import Action, Actions, Block, Note, Text, View

TURNED_FOR = timedelta(days=1)

SPEC = CommandSpec(name="letter", fr="lettre")


async def answer(call: Call) -> Reply:
    draft = await call.desk.letters.draft(call.channel, call.now)
    code = await _kept(call) if len(draft.posts) > 1 else ""
    return Reply(view=await _page(call, call.channel, draft, code, 0), audience=Audience.ASKER)


async def turned(press: Pressed) -> Reply:
    """Another message of it, as things are now; for the one who asked."""
    code, _, place = press.reference.partition(".")
    token = await press.desk.tokens.read(press.desk.db, Purpose.PAGE, code, press.now)
    if token is None or token.person != press.hash or not place.isdecimal():
        raise UserError("error.expired")
    channel = await press.desk.channels.numbered(press.desk.db, ChannelId(token.payload["letter_of"]))
    if channel is None:
        raise UserError("error.expired")
    draft = await press.desk.letters.draft(channel, press.now)
    return Reply(view=await _page(press, channel, draft, code, int(place[:3])), replaces=True, audience=Audience.ASKER)


async def _kept(call: Call) -> str:
    """Of which channel it is: the buttons may stand in the asker's own chat with the bot."""
    desk, code = call.desk, call.desk.code()
    token = Token(
        purpose=Purpose.PAGE,
        channel=call.channel.id,
        person=call.hash,
        payload={"letter_of": call.channel.id},
        expires_at=call.now + TURNED_FOR,
    )
    async with desk.db.tx() as tx:
        await desk.tokens.add(tx, code, token)
    return code


# -- what is shown ----------------------------------------------------------------------------------------------------


async def _page(asked: Asked, channel: Channel, draft: Draft, code: str, place: int) -> View:
    say = asked.in_private
    if not draft.posts:
        return View(blocks=(Text(text=say("letter.nothing")), Note(text=say("letter.hint"))), silent=True)
    place = min(place, len(draft.posts) - 1)
    said: list[Block] = [Note(text=_why(asked, channel, draft)), *await _drawn(asked, channel, draft.posts[place])]
    if turns := _turns(asked, code, place, len(draft.posts)):
        said.append(Actions(actions=turns))
    return View(blocks=tuple(said), silent=True)


def _why(asked: Asked, channel: Channel, draft: Draft) -> str:
    say = asked.in_private
    if draft.due is None:
        return say("letter.told")
    return say("letter.preview", date=say.date(max(draft.due, asked.now), channel.zone))


async def _drawn(asked: Asked, channel: Channel, post: Post) -> tuple[Block, ...]:
    """As it would stand in the channel, in the channel's own language."""
    desk, numbers = asked.desk, post.payload["articles"]
    assert isinstance(numbers, list)
    facts = await desk.articles.facts(desk.db, [ArticleId(number) for number in numbers])
    delivery = Delivery(post=post.id, channel=channel.id, lane=channel.lane, prio=post.prio)
    owed = Owed(delivery=delivery, post=post, channel=channel)
    view = Composer(key=desk.key).view(owed, facts, None, Tally(), repeats=False, titles={}, now=asked.now)
    return view.blocks


def _turns(asked: Asked, code: str, place: int, count: int) -> tuple[Action, ...]:
    turns: list[Action] = []
    if place > 0:
        turns.append(asked.private_button("letter", f"{code}.{place - 1}", asked.in_private("letter.before")))
    if place + 1 < count:
        turns.append(asked.private_button("letter", f"{code}.{place + 1}", asked.in_private("letter.after")))
    return tuple(turns)
