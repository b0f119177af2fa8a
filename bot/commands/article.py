"""article / article: the whole card: long summary, what it is about, other sources, what goes with it, why it came."""

from collections.abc import Sequence

from bot.commands.call import Asked, Call, titles
from bot.commands.found import read_article
from bot.commands.why import why_blocks
from bot.domain.article import Facts
from bot.domain.command import Argument, CommandSpec, Reply
from bot.domain.query import Query
from bot.domain.story import together
from bot.pipeline.compose import badge, item, rows_of, signature
from bot.text.analyse import read_words
from bot.view import Block, Headline, Items, Note, Text
from bot.view import Facts as Rows

RELATED = 4

SPEC = CommandSpec(name="article", fr="article", arguments=(Argument(name="number", required=True),), public=True)


async def answer(call: Call) -> Reply:
    facts = await read_article(call, call.argument("number"))
    facts = together(facts, await told_beside(call, facts))
    say, article, found = call.say, facts.article, facts.understanding
    blocks: list[Block] = [Headline(text=article.title, url=article.url, badge=badge(facts, say))]
    if summary := found.long_summary or found.summary:
        blocks.append(Text(text=summary))
    rows = list(rows_of(facts, say, titles(await call.desk.sources.all())))
    if found.topics:
        rows.append((say("article.topics"), ", ".join(say(f"topic.{topic}") for topic in found.topics)))
    if rows:
        blocks.append(Rows(rows=tuple(rows)))
    if near := await related(call, facts):
        items = tuple(item(one, call.channel, say) for one in near)
        blocks.append(Items(title=say("article.related"), items=items))
    blocks += await why_blocks(call, facts, say)
    return call.answer(*blocks, Note(text=signature(facts, call.channel, say)))


async def told_beside(asked: Asked, facts: Facts) -> Sequence[Facts]:
    """The articles of its story, itself among them."""
    desk = asked.desk
    return await desk.articles.facts(desk.db, await desk.stories.articles(desk.db, [facts.story]))


async def related(asked: Asked, facts: Facts) -> Sequence[Facts]:
    """What shares a CVE first, else what speaks of the same words as its title."""
    desk, cves = asked.desk, facts.understanding.cves
    words = read_words(facts.article.title)[0][:8]
    numbers = []
    for query in [*([Query(cves=cves[:1])] if cves else []), *([Query(words=words)] if words else [])]:
        hits = await desk.search.find(query, RELATED + 1)
        numbers += [number for number in hits.numbers if number != facts.number]
    return await desk.articles.facts(desk.db, list(dict.fromkeys(numbers))[:RELATED])
