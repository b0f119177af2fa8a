"""One article, as people name it: `#123`, `123`, or a link."""

from bot.commands.call import Asked
from bot.domain.article import Facts
from bot.domain.ids import ArticleId
from bot.errors import UserError


async def read_article(asked: Asked, typed: str) -> Facts:
    """Raises UserError for what is neither, and for an article nobody knows."""
    wanted, desk = typed.strip(), asked.desk
    if not wanted:
        raise UserError("error.article_missing")
    number = wanted.lstrip("#")
    if number.isdecimal() and len(number) < 19:
        facts = await desk.articles.facts(desk.db, [ArticleId(int(number))])
    elif "://" in wanted or "." in wanted:
        under = await desk.articles.under(desk.db, wanted if "://" in wanted else f"https://{wanted}")
        facts = await desk.articles.facts(desk.db, [one.number for one in under[:1]])
    else:
        raise UserError("error.article_typed", typed=wanted[:80])
    if not facts:
        raise UserError("error.no_such_article", typed=wanted[:80])
    return facts[0]
