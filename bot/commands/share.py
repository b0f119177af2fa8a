"""share / partager: a page a member found, shown to the others under their name, and kept in the archive.

What stands in the channel is a post of the outbox: many read it, it survives a kill, and it follows what becomes of it
(votes, a corrected title, a name to be forgotten, an administrator who withdraws it). The answer is for the asker.
"""

from dataclasses import dataclass

from bot.commands.call import Call, Pressed
from bot.commands.post import owed_of
from bot.domain.article import Facts
from bot.domain.command import Argument, CommandSpec, Reply
from bot.domain.delivery import Post, PostKind, Prio, State
from bot.domain.ids import ArticleId
from bot.domain.share import A_DAY, DAY, LONGEST_NOTE, Share, share_key
from bot.errors import SourceError, UserError
from bot.locale.say import Say
from bot.locale.trouble import plain
from bot.pipeline.compose import item
from bot.pipeline.discover import complete
from bot.pipeline.share import Read
from bot.ports import Reader, Tx
from bot.stores import Owed
from bot.view import Items, Text

SPEC = CommandSpec(name="share", fr="partager", arguments=(Argument(name="link", required=True), Argument(name="note")))


async def answer(call: Call) -> Reply:
    typed, note = call.argument("link"), " ".join(call.argument("note").split())
    if not call.where.is_group:
        raise UserError("share.alone")
    if not typed:
        raise UserError("share.missing")
    if len(note) > LONGEST_NOTE:
        raise UserError("share.note_long", most=LONGEST_NOTE)
    await _check_quota(call, call.desk.db)
    found = await _found(call, typed)
    if found.facts is not None and await _was_told(call, found.facts):
        return _had(call, found.facts)
    return await _shared(call, found, note)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What the archive has under this address, or else what stands there."""

    facts: Facts | None = None
    read: Read | None = None


async def _found(call: Call, typed: str) -> _Found:
    """Raises UserError."""
    address = complete(typed)
    if (facts := await _known(call, call.desk.db, address)) is not None:
        return _Found(facts=facts)
    try:
        read = await call.desk.sharing.read(address)
    except SourceError as error:
        raise UserError("share.unreadable", reason=plain(call.in_private, error.trouble)) from None
    if read is None:
        raise UserError("share.no_article")
    return _Found(facts=await _known(call, call.desk.db, read.article.url), read=read)  # where redirects led


async def _known(call: Call, reader: Reader, address: str) -> Facts | None:
    """The newest under this address: where one thing after another is told, it is the one people see there."""
    under = await call.desk.articles.under(reader, address)
    facts = await call.desk.articles.facts(reader, [one.number for one in under[-1:]])
    return facts[0] if facts else None


async def _was_told(call: Call, facts: Facts) -> bool:
    owed = await call.desk.outbox.of_story(call.desk.db, facts, call.channel.id)
    return any(_stands(one) for one in owed)


def _stands(owed: Owed) -> bool:
    row = owed.delivery
    return row.state in (State.TODO, State.SENT, State.UNKNOWN) or row.error == "in a digest"


def _had(call: Call, facts: Facts) -> Reply:
    return call.answer(Text(text=call.say("share.had")), Items(items=(item(facts, call.channel, call.say),)))


async def _shared(call: Call, found: _Found, note: str) -> Reply:
    """Once: of two at a time the second finds the first."""
    desk = call.desk
    async with desk.db.tx() as tx:
        await _check_quota(call, tx)
        channel = await desk.ensure(tx, call.where)
        number = await _kept(call, tx, found)
        key = share_key(number)
        post = Post(key=key, kind=PostKind.SHARE, prio=Prio.NEWS, payload={"articles": [number]}, created_at=call.now)
        written = await desk.outbox.owe_to(tx, post, channel, silent=True)
        share = Share(
            post=written,
            channel=channel.id,
            person=call.hash,
            name=desk.people.seal(call.person.name),
            note=note,
            shared_at=call.now,
        )
        is_first = await desk.shares.add(tx, share)
        if is_first:
            if found.facts is not None and found.facts.is_only_shared:  # it may be withdrawn elsewhere
                await desk.articles.unhide(tx, found.facts)
            await desk.audit.note(tx, call.now, channel.id, call.hash, "share", article=str(number))
    (facts,) = await desk.articles.facts(desk.db, [number])
    return call.text("share.done", title=facts.article.title[:200], number=number) if is_first else _had(call, facts)


async def _kept(call: Call, tx: Tx, found: _Found) -> ArticleId:
    if found.facts is not None:
        return found.facts.number
    assert found.read is not None
    meanwhile = await _known(call, tx, found.read.article.url)
    if meanwhile is not None:
        return meanwhile.number
    title = Say(call.channel.language)("share.source")
    return await call.desk.sharing.keep(tx, found.read, call.channel.community, title)


async def _check_quota(call: Call, reader: Reader) -> None:
    if await call.desk.shares.since(reader, call.hash, call.now - DAY) >= A_DAY:
        raise UserError("share.quota", most=A_DAY)


# -- the buttons of an administrator ----------------------------------------------------------------------------------


async def withdraw(press: Pressed) -> Reply:
    """The message says so and offers the way back; what only this share had brought can be found no longer."""
    desk, owed = press.desk, await _share_of(press)
    async with desk.db.tx() as tx:
        done = await desk.shares.withdraw(tx, owed.post.id, press.channel.id, press.now)
        if done:
            if not await desk.shares.stands(tx, owed.post.id) and (facts := await _only_shared(press, tx, owed)):
                await desk.articles.hide(tx, facts.number)
            await _follow(press, tx, owed, "withdraw")
    return press.notice("share.withdrawn" if done else "share.was_withdrawn")


async def restore(press: Pressed) -> Reply:
    desk, owed = press.desk, await _share_of(press)
    async with desk.db.tx() as tx:
        done = await desk.shares.restore(tx, owed.post.id, press.channel.id)
        if done:
            if facts := await _only_shared(press, tx, owed):
                await desk.articles.unhide(tx, facts)
            await _follow(press, tx, owed, "restore")
    return press.notice("share.restored" if done else "share.was_restored")


async def _follow(press: Pressed, tx: Tx, owed: Owed, verb: str) -> None:
    await press.desk.outbox.revise_one(tx, owed.post.id, press.channel.id)
    await press.desk.audit.note(tx, press.now, press.channel.id, press.hash, verb, post=str(owed.post.id))


async def _share_of(press: Pressed) -> Owed:
    owed = await owed_of(press)
    if owed.post.kind is not PostKind.SHARE:
        raise UserError("error.expired")
    return owed


async def _only_shared(press: Pressed, tx: Tx, owed: Owed) -> Facts | None:
    """Its article, if no source that is watched tells it."""
    numbers = owed.post.payload["articles"]
    assert isinstance(numbers, list)
    facts = await press.desk.articles.facts(tx, [ArticleId(number) for number in numbers])
    return facts[0] if facts and facts[0].is_only_shared else None
