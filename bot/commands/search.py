"""search / chercher: the archive, page by page, with the words that were found."""

from collections.abc import Sequence
from datetime import timedelta

from bot.commands import what
from bot.commands.call import Asked, Call, Pressed
from bot.commands.pages import turns
from bot.domain.article import Facts
from bot.domain.command import Argument, Choice, CommandSpec, Reply
from bot.domain.query import Query
from bot.domain.share import is_shelf
from bot.domain.source import Source
from bot.domain.token import Purpose, Token
from bot.domain.words import fold
from bot.errors import UserError
from bot.pipeline.compose import item
from bot.ports import Hits
from bot.text.highlight import extract
from bot.text.query import read_query
from bot.text.vocabulary import TOPICS
from bot.view import Actions, Block, Headline, Item, Items, Note, Text, View

PAGE = 5
MOST = 50  # hits whose pages can be turned to: who has not found it by then asks otherwise
EXTRACT = 160  # characters
MOST_SAID = 3  # words nobody has written
TURNED_FOR = timedelta(days=1)
SINCE = ("7d", "30d", "90d", "365d")

SPEC = CommandSpec(
    name="search",
    fr="chercher",
    arguments=(
        Argument(name="query", required=True),
        Argument(name="source", completes=True, named=True),
        Argument(name="topic", completes=True, named=True),
        Argument(name="since", completes=True, named=True),
    ),
    public=True,
)


async def answer(call: Call) -> Reply:
    typed = call.argument("query")
    filters = {"source": call.argument("source"), "topic": call.argument("topic"), "after": call.argument("since")}
    asked = " ".join([typed, *(f'{name}:"{value}"' for name, value in filters.items() if value)]).strip()
    query = _read(call, asked)
    if query.is_empty:
        raise UserError("search.empty")
    view, more = await _page(call, query, 0)
    if not more:
        return Reply(view=view, audience=call.audience)
    desk, code = call.desk, call.desk.code()
    async with desk.db.tx() as tx:
        token = Token(purpose=Purpose.PAGE, payload={"text": asked}, expires_at=call.now + TURNED_FOR)
        await desk.tokens.add(tx, code, token)
    return Reply(view=_with_turns(call, view, code, 0, more=True), audience=call.audience)


async def turned(press: Pressed) -> Reply:
    """Another page, for everybody who reads the message."""
    code, _, skipped = press.reference.partition(".")
    token = await press.desk.tokens.read(press.desk.db, Purpose.PAGE, code, press.now)
    skip = int(skipped) if skipped.isdecimal() and len(skipped) < 4 else 0
    if token is None or skip >= MOST:
        raise UserError("error.expired")
    view, more = await _page(press, _read(press, token.payload["text"]), skip)
    return Reply(view=_with_turns(press, view, code, skip, more=more), replaces=True)


def _read(asked: Asked, text: str) -> Query:
    return read_query(text, zone=asked.channel.zone, now=asked.now)


async def _page(asked: Asked, query: Query, skip: int) -> tuple[View, bool]:
    """What stands there, and whether something follows."""
    desk, say = asked.desk, asked.in_chat
    hits = await desk.search.find(query, PAGE, skip)
    query = query.repaired(hits.repairs)
    facts = await desk.articles.facts(desk.db, hits.numbers)
    blocks: list[Block] = []
    if facts:
        blocks = [
            Headline(text=say("search.title", query=query.text[:80])),
            *_repaired(asked, hits, "search.repaired"),
            Items(items=tuple(_item(asked, one, query) for one in facts)),
        ]
    elif not hits.stopped:
        blocks = [Text(text=say("search.nothing", query=query.text[:80])), *_repaired(asked, hits, "search.tried")]
        blocks += [Note(text=say("search.unknown", word=word.text[:80])) for word in hits.unknown[:MOST_SAID]]
        blocks.append(Note(text=say("search.hint")))
    if hits.stopped:
        blocks.append(Note(text=say("search.stopped")))
    return View(blocks=tuple(blocks), silent=True), hits.more and skip + PAGE < MOST


def _repaired(asked: Asked, hits: Hits, sentence: str) -> Sequence[Block]:
    """What was typed wrong, and how it was read."""
    pairs = [(one.read.text[:80], one.typed.text[:80]) for one in hits.repairs]
    return [Note(text=asked.in_chat(sentence, read=read, typed=typed)) for read, typed in pairs]


def _item(asked: Asked, facts: Facts, query: Query) -> Item:
    line = item(facts, asked.channel, asked.in_chat)
    said = " ".join(part for part in (facts.article.chapeau, facts.article.body, facts.understanding.summary) if part)
    return Item(text=line.text, url=line.url, note=line.note, extract=extract(said, query, EXTRACT))


def _with_turns(asked: Asked, view: View, code: str, skip: int, *, more: bool) -> View:
    found = turns(asked, "page", skip, PAGE, lambda to: f"{code}.{to}", more=more)
    return View(blocks=(*view.blocks, Actions(actions=found)) if found else view.blocks, silent=True)


def _is_ours(source: Source, community: str) -> bool:
    """What members share is told apart for those who share it."""
    return not is_shelf(source.slug) or source.community == community


async def proposals(call: Call, argument: str, text: str) -> Sequence[Choice]:
    say, wanted = call.say, fold(text).strip()
    match argument:
        case "source":
            offered = [
                (one.title, one.slug) for one in await call.desk.sources.all() if _is_ours(one, call.channel.community)
            ]
        case "topic":
            offered = [(say(f"topic.{topic}"), topic) for topic in TOPICS]
        case "since":
            offered = [(say("search.since", count=int(since[:-1])), since) for since in SINCE]
        case _:
            return ()
    return what.matching(offered, wanted)
