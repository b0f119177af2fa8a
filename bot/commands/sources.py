"""sources: what is watched, page by page, and the topics there are; for the asker alone."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from bot.commands.call import Asked, Call, Pressed
from bot.commands.pages import turns
from bot.domain.command import Audience, CommandSpec, Reply
from bot.domain.source import Source, Trust
from bot.locale.say import Say
from bot.text.vocabulary import TOPICS
from bot.view import Actions, Block, Facts, Headline, Item, Items, Note, Text, View

PAGE = 10
RANKS = tuple(Trust)  # whose word weighs most comes first

SPEC = CommandSpec(name="sources", fr="sources")


async def answer(call: Call) -> Reply:
    return call.answer(*await _page(call, 0))


async def turned(press: Pressed) -> Reply:
    """Another page, as things are now."""
    skip = int(press.reference) if press.reference.isdecimal() and len(press.reference) < 6 else 0
    view = View(blocks=tuple(await _page(press, skip)), silent=True)
    return Reply(view=view, replaces=True, audience=Audience.ASKER)


async def _page(asked: Asked, skip: int) -> Sequence[Block]:
    say, watched = asked.in_private, await _watched(asked)
    if not watched:
        return (Text(text=say("sources.none")),)
    skip = min(skip, (len(watched) - 1) // PAGE * PAGE)  # some were removed meanwhile
    shown = watched[skip : skip + PAGE]
    said: list[Block] = [
        Headline(text=say("sources.title", count=len(watched))),
        Items(items=tuple(_item(say, source) for source in shown)),
    ]
    if found := turns(asked, "sources", skip, PAGE, str, more=len(watched) > skip + PAGE, private=True):
        said.append(Actions(actions=found))
    topics = ", ".join(say(f"topic.{topic}") for topic in TOPICS)
    return (*said, Facts(rows=((say("sources.topics"), topics),)), Note(text=say("sources.hint", slug=shown[0].slug)))


async def _watched(asked: Asked) -> Sequence[Source]:
    """Those that are read, the most official first."""
    kept = await asked.desk.sources.all()
    watched = [source for source in kept if source.enabled and not source.pending]
    return sorted(watched, key=lambda one: (RANKS.index(one.trust), one.title.casefold()))


def _item(say: Say, source: Source) -> Item:
    place = (urlsplit(source.url).hostname or "").removeprefix("www.")
    topics = [say(f"topic.{topic}") for topic in source.topics if topic in TOPICS]
    trust = "" if source.trust is Trust.OTHER else say(f"sources.trust.{source.trust}")
    parts = (trust, place, *topics)
    return Item(text=f"{source.title} ({source.slug})", note=" · ".join(part for part in parts if part))
