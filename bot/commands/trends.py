"""trends / tendances: what is talked of now and was before, what most sources tell, what is most liked here."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.commands.call import Asked, Call, Pressed
from bot.domain.article import Facts
from bot.domain.command import Argument, Choice, CommandSpec, Reply
from bot.domain.ids import ArticleId, StoryId
from bot.domain.story import best_of
from bot.domain.trend import Move, Trend
from bot.errors import UserError
from bot.pipeline.compose import item
from bot.view import Actions, Bars, Block, Headline, Item, Items, Note, Text, View
from bot.view import Facts as Rows

DAYS = (7, 30, 90)
TOPICS, STORIES, LIKED = 8, 3, 3  # shown
NAMED = 4  # topics in a sentence

SPEC = CommandSpec(
    name="trends",
    fr="tendances",
    arguments=(
        Argument(
            name="since", choices=tuple(f"{n}d" for n in DAYS), also=tuple(f"{n}{j}" for n in DAYS for j in ("j", ""))
        ),
    ),
    public=True,
)


async def answer(call: Call) -> Reply:
    return Reply(view=await _page(call, _read(call.argument("since"))), audience=call.audience)


async def turned(press: Pressed) -> Reply:
    """Another period, for everybody who reads the message."""
    return Reply(view=await _page(press, _read(press.reference)), replaces=True)


async def proposals(call: Call, argument: str, text: str) -> Sequence[Choice]:
    return [Choice(label=call.say("trends.period", count=days), value=f"{days}d") for days in DAYS]


def _read(typed: str) -> int:
    """Days: "30d", "30j", "30"; as many as there are in a month when nothing is said."""
    days = typed.lower().rstrip("dj")
    if not typed:
        return 30
    if days not in map(str, DAYS):
        raise UserError("trends.unknown", typed=typed[:20])
    return int(days)


# -- what is shown ----------------------------------------------------------------------------------------------------


async def _page(asked: Asked, days: int) -> View:
    desk, say, period = asked.desk, asked.in_chat, timedelta(days=days)
    since = asked.now - period
    begins = await desk.trends.begins(desk.db)
    can_compare = begins is not None and begins <= since - period
    topics = await desk.trends.topics(desk.db, since - period if can_compare else since, since, asked.now)
    here = [trend for trend in topics if trend.now]
    others = Actions(
        actions=tuple(asked.button("trends", f"{n}d", say("trends.period", count=n)) for n in DAYS if n != days)
    )
    if not here:
        return View(blocks=(Text(text=say("trends.none", count=days)), others), silent=True)
    blocks: list[Block] = [
        Headline(text=say("trends.title", count=days)),
        Bars(rows=tuple((say(f"topic.{trend.topic}"), trend.now) for trend in here[:TOPICS])),
        *([_moves(asked, topics)] if can_compare else [Text(text=say("trends.too_young", count=2 * days))]),
        *await _told(asked, since),
        *await _liked(asked, since),
        others,
        Note(text=say("trends.note", count=days)),
    ]
    return View(blocks=tuple(blocks), silent=True)


def _moves(asked: Asked, topics: Sequence[Trend]) -> Rows:
    """In words: those that moved most first."""
    say = asked.in_chat
    rows = []
    for move in Move:
        moved = [trend for trend in topics if trend.move is move]
        moved.sort(
            key=lambda trend: -max(trend.now, trend.before) if move is Move.STEADY else -abs(trend.now - trend.before)
        )
        said = [
            say("trends.moved", topic=say(f"topic.{one.topic}"), now=one.now, before=one.before)
            for one in moved[:NAMED]
        ]
        if said:
            rows.append((say(f"trends.{move}"), ", ".join(said)))
    return Rows(rows=tuple(rows))


async def _told(asked: Asked, since: datetime) -> Sequence[Block]:
    """What most sources tell, in the voice that speaks for it."""
    desk, say = asked.desk, asked.in_chat
    found = await desk.trends.stories(desk.db, since, asked.now, STORIES)
    lines = []
    for story, voices in found:
        facts = await _best(asked, story)
        if facts is not None:
            lines.append(_line(asked, facts, say("post.digest.voices", count=voices)))
    return [Items(title=say("trends.told"), items=tuple(lines))] if lines else []


async def _best(asked: Asked, story: StoryId) -> Facts | None:
    desk = asked.desk
    told = await desk.articles.facts(desk.db, await desk.stories.articles(desk.db, [story]))
    return best_of(told) if told else None


async def _liked(asked: Asked, since: datetime) -> Sequence[Block]:
    """What this channel voted for."""
    desk, say = asked.desk, asked.in_chat
    tallies = await desk.votes.lately(desk.db, asked.channel.id, since)
    best = sorted(tallies, key=lambda number: (tallies[number].down - tallies[number].up, -number))
    liked: list[ArticleId] = [number for number in best if tallies[number].up > tallies[number].down][:LIKED]
    lines = [
        _line(asked, facts, say("trends.votes", up=tallies[facts.number].up, down=tallies[facts.number].down))
        for facts in await desk.articles.facts(desk.db, liked)
    ]
    return [Items(title=say("trends.liked"), items=tuple(lines))] if lines else []


def _line(asked: Asked, facts: Facts, said: str) -> Item:
    line = item(facts, asked.channel, asked.in_chat)
    return Item(text=line.text, url=line.url, note=f"{said} · {line.note}")
