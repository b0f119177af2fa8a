"""Articles that give a date, and a chat that hears of them, the shortest way."""

from bot.domain.channel import Rhythm
from bot.domain.rule import Rule, What
from bot.domain.source import Trust
from bot.ports import Database
from tests.fakes import World, entry

CALL = "L’appel à financement CaRE domaine 2 est ouvert"
EVERYTHING = Rule(what=What.EVERYTHING)


def call(day: str, of: str = "du domaine 2 du programme CaRE") -> str:
    return f"Le dépôt des candidatures {of} est ouvert. La date limite de dépôt des dossiers est fixée au {day} 2026."


async def world_of(database: Database) -> World:
    """An authority, and a chat that wants everything."""
    world = World.on(database)
    await world.source("ans", title="ANS", trust=Trust.OFFICIAL)
    await wants(world, "salon", EVERYTHING)
    return world


async def wants(world: World, chat: str, rule: Rule) -> None:
    channel = await world.channel(chat)
    async with world.db.tx() as tx:
        add = world.store.subscriptions.add
        await add(tx, channel.id, rule, Rhythm.NOW, silent=False, now=world.clock.now())


async def tells(world: World, slug: str, key: str, text: str, *, title: str = CALL) -> None:
    """The same key again is a revision."""
    source = next(one for one in await world.store.sources.all() if one.slug == slug)
    pages = world.site.pages.setdefault(source.url, [])
    pages[:] = [one for one in pages if one.key != key]
    world.site.publish(source, entry(key, title, text=text, published=world.clock.now()))
    await world.read(slug)
    await world.deliver_all()
