"""A message's own menu, on Discord: what it tells is kept for the person, who reads where the rest will be said."""

from bot.commands.call import Asked, Pressed
from bot.commands.post import owed_of
from bot.domain.article import Facts
from bot.domain.command import Audience, Reply
from bot.domain.delivery import PostKind
from bot.domain.ids import ArticleId
from bot.errors import UserError
from bot.pipeline.compose import badge, signature
from bot.pipeline.stories import told_together
from bot.stores import Ack, Owed
from bot.view import Block, Headline, Note, Text, View

# Buttons whose reference is the post they stand under
OF_A_POST = frozenset({"more", "take", "done", "release", "why", "up", "down"})


async def follow(press: Pressed) -> Reply:
    """Picked again, it stays kept."""
    desk = press.desk
    try:
        owed = await owed_of(press)
    except UserError:  # it was said in another life of this chat
        return nothing(press)
    facts = await _facts(press, owed)
    if facts is None:  # the sample alert tells nothing
        return nothing(press)
    async with desk.db.tx() as tx:
        await desk.saved.keep(tx, press.hash, facts.number, press.now)
    ack = desk.people.named(await desk.acks.of(desk.db, owed.post.id, press.channel.id))
    say, is_alert = press.in_private, owed.post.kind is PostKind.ALERT
    blocks: list[Block] = [Headline(text=facts.article.title, url=facts.article.url, badge=badge(facts, say))]
    if is_alert:
        blocks.append(Text(text=_stands(press, ack)))
    blocks.append(Text(text=f"{say('follow.alert' if is_alert else 'follow.story')}\n\n{say('follow.kept')}"))
    return press.private(*blocks, Note(text=signature(facts, press.channel, say)))


def nothing(asked: Asked) -> Reply:
    """A message of somebody else's, or one that tells no article."""
    sentence = asked.in_private("follow.not_ours")
    return Reply(view=View(blocks=(Text(text=sentence),), silent=True), audience=Audience.ASKER)


async def _facts(press: Pressed, owed: Owed) -> Facts | None:
    """Who speaks in the message."""
    desk, numbers = press.desk, owed.post.payload.get("articles")
    wanted = [ArticleId(number) for number in numbers[:1]] if isinstance(numbers, list) else []
    found = await desk.articles.facts(desk.db, wanted) if wanted else ()
    return await told_together(desk.stories, desk.articles, desk.db, owed.post, found[0]) if found else None


def _stands(press: Pressed, ack: Ack | None) -> str:
    say, zone = press.in_private, press.channel.zone
    if ack is None:
        return say("follow.free")
    name = ack.name or say("alerts.somebody")
    if ack.done_at is not None:
        return say("post.closed", name=name, date=say.date(ack.done_at, zone))
    return say("post.taken", name=name, date=say.date(ack.taken_at, zone))
