"""The ⋯ under a post: keep it, its long summary, what goes with it, why it came; each answered to the presser alone."""

from bot.commands.article import related
from bot.commands.call import Pressed
from bot.commands.post import article_of, owed_of
from bot.commands.why import why_blocks
from bot.domain.command import Audience, Reply
from bot.domain.delivery import PostKind
from bot.pipeline.compose import Composer, item
from bot.view import Headline, Items, Note, Text

MENU = ("save", "long", "related", "why")


async def more(press: Pressed) -> Reply:
    """In private where that can be; else in place of the message's own buttons, with a way back to them."""
    owed = await owed_of(press)
    say = press.in_private if press.whispers else press.in_chat
    menu = [press.button(verb, press.reference, say(f"post.menu.{verb}")) for verb in MENU]
    if owed.post.kind is PostKind.SHARE:
        menu.append(press.button("withdraw", press.reference, say("post.menu.withdraw")))
    if not press.whispers:
        menu.append(press.button("less", press.reference, say("post.menu.less")))
    return Reply(menu=tuple(menu), audience=Audience.ASKER)


async def less(press: Pressed) -> Reply:
    owed, desk = await owed_of(press), press.desk
    ack = desk.people.named(await desk.acks.of(desk.db, owed.post.id, press.channel.id))
    tally = await desk.votes.of(desk.db, owed.post.id, press.channel.id)
    rows = Composer(key=desk.key).buttons(owed.post, owed.channel, ack, tally)
    return Reply(menu=tuple(action for row in rows for action in row.actions), audience=Audience.ASKER)


async def save(press: Pressed) -> Reply:
    """Pressed again, it is kept no longer."""
    desk, facts = press.desk, await article_of(press)
    async with desk.db.tx() as tx:
        if not await press.is_first(tx):
            return press.notice("saved.kept")
        kept = await desk.saved.keep(tx, press.hash, facts.number, press.now)
        if not kept:
            await desk.saved.drop(tx, press.hash, facts.number)
    return press.notice("saved.kept" if kept else "saved.dropped")


async def long(press: Pressed) -> Reply:
    facts = await article_of(press)
    found, article = facts.understanding, facts.article
    return press.private(
        Headline(text=article.title, url=article.url),
        Text(text=found.long_summary or found.summary or article.title),
        Note(text=f"#{facts.number}"),
    )


async def related_to(press: Pressed) -> Reply:
    facts = await article_of(press)
    found = await related(press, facts)
    if not found:
        return press.notice("article.nothing_related")
    items = tuple(item(one, press.channel, press.in_private) for one in found)
    return press.private(Items(title=press.in_private("article.related"), items=items))


async def why(press: Pressed) -> Reply:
    facts = await article_of(press)
    return press.private(*await why_blocks(press, facts, press.in_private))
