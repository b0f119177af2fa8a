"""What the buttons under a post are about."""

from bot.commands.call import Pressed
from bot.domain.article import Facts
from bot.domain.ids import ArticleId, PostId
from bot.errors import UserError
from bot.stores import Owed


async def owed_of(press: Pressed) -> Owed:
    """The post, said in this very channel. Raises UserError."""
    number = PostId(int(press.reference)) if press.reference.isdecimal() and len(press.reference) < 19 else PostId(0)
    owed = await press.desk.outbox.delivery(press.desk.db, number, press.channel.id)
    if owed is None:
        raise UserError("error.expired")
    return owed


async def meant(press: Pressed) -> PostId:
    return (await owed_of(press)).post.id


async def article_of(press: Pressed) -> Facts:
    """Raises UserError for a post that tells no article."""
    numbers = (await owed_of(press)).post.payload.get("articles")
    wanted = [ArticleId(number) for number in numbers[:1]] if isinstance(numbers, list) else []
    facts = await press.desk.articles.facts(press.desk.db, wanted)
    if not facts:
        raise UserError("error.expired")
    return facts[0]
