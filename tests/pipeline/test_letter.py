"""What a letter holds: ranked by the group's votes, one line a story, what was liked, deadlines that are near."""

from datetime import UTC, datetime, timedelta

from bot.domain.channel import Channel, Rhythm
from bot.domain.command import Person, Reply
from bot.domain.delivery import PostKind
from bot.domain.entry import Entry
from bot.domain.rule import Rule, What
from bot.domain.source import Trust
from bot.locale.say import Say
from bot.ports import Database
from bot.view import Items, Text, View
from tests.commands.desk import ADMIN, MEMBER, OTHER, Chat, button, plain
from tests.deadlines import Row, deadline
from tests.fakes import World, entry, title
from tests.storage.rows import a_post, owe

MONDAY = datetime(2026, 3, 16, 7, 30, tzinfo=UTC)  # 08:30 in Paris, the weekly hour
STORY = "Le groupement hospitalier de Valmont ouvre un chantier fictif de messagerie sécurisée"


async def _wants(world: World, how: Rhythm, source: str = "") -> Channel:
    channel = await world.channel()
    rule = Rule(what=What.SOURCE, value=source) if source else Rule(what=What.EVERYTHING)
    async with world.db.tx() as tx:
        await world.store.subscriptions.add(tx, channel.id, rule, how, silent=False, now=world.clock.now())
    return channel


async def _sent_at(world: World, moment: datetime) -> View:
    world.clock.moment = moment
    await world.plan.sweep(moment)
    await world.deliver_all()
    return world.platform.sent[-1][1]


def _sections(view: View) -> dict[str, list[str]]:
    found = [block for block in view.blocks if isinstance(block, Items)]
    return {plain(block.title): [plain(item.text) for item in block.items] for block in found}


def _news(key: str, headline: str) -> Entry:
    """With words of its own: what says the same would be one story."""
    return entry(key, headline, summary=f"{headline}, dit {key}.")


async def _vote(world: World, label: str, *people: Person) -> None:
    """On the message that came last."""
    press = button(Reply(view=world.platform.sent[-1][1]), label)
    for person in people:
        await Chat(world).press(press, person)


async def test_what_a_source_brought_that_was_liked_lifts_what_it_brings_next(database: Database) -> None:
    world = World.on(database)
    a, b = await world.source("a"), await world.source("b")
    await _wants(world, Rhythm.NOW)
    for source, name, label in ((a, "Grève des cantines", "👎 0"), (b, "Un nouveau scanner", "👍 0")):
        world.site.publish(source, _news(source.slug, name))
        await world.read(source.slug)
        await world.deliver_all()
        await _vote(world, label, ADMIN, MEMBER, OTHER)
    await _wants(world, Rhythm.DAILY)  # from here on, letters
    world.site.publish(b, _news("b2", "Chantier de la pharmacie"))
    await world.read("b")
    world.site.publish(a, _news("a2", "Réorganisation du standard"))
    await world.read("a")
    view = await _sent_at(world, datetime(2026, 3, 11, 6, 30, tzinfo=UTC))
    assert _sections(view) == {"": ["Chantier de la pharmacie", "Réorganisation du standard"]}


async def test_a_story_that_several_tell_is_one_line_says_so_and_comes_before_others(database: Database) -> None:
    world = World.on(database)
    sources = [await world.source(slug) for slug in ("a", "b", "c")]
    await _wants(world, Rhythm.DAILY)
    for source in sources:
        world.site.publish(source, entry(f"{source.slug}1", STORY, summary=f"{STORY}, pour tous ses établissements."))
        await world.read(source.slug)
    world.site.publish(sources[0], _news("a2", "Réorganisation du standard"))
    await world.read("a")
    view = await _sent_at(world, datetime(2026, 3, 11, 6, 30, tzinfo=UTC))
    (lines,) = [block.items for block in view.blocks if isinstance(block, Items)]
    assert [plain(item.text) for item in lines] == [STORY, "Réorganisation du standard"]
    assert "3 sources" in lines[0].note and "sources" not in lines[1].note


async def test_an_official_word_comes_before_an_equal_one(database: Database) -> None:
    world = World.on(database)
    official = await world.source("o", trust=Trust.OFFICIAL)
    other = await world.source("p", trust=Trust.OTHER)
    await _wants(world, Rhythm.DAILY)
    for source, name in ((official, "Réorganisation du standard"), (other, "Chantier de la pharmacie")):
        world.site.publish(source, _news(source.slug, name))
        await world.read(source.slug)
    view = await _sent_at(world, datetime(2026, 3, 11, 6, 30, tzinfo=UTC))
    assert _sections(view)[""][0] == "Réorganisation du standard"


async def test_a_weekly_letter_recalls_what_the_group_liked_this_week(database: Database) -> None:
    world = World.on(database)
    a, b = await world.source("a"), await world.source("b")
    await _wants(world, Rhythm.NOW, "a")
    await _wants(world, Rhythm.WEEKLY, "b")
    for name, label in (("Chantier de la pharmacie", "👍 0"), ("Réorganisation du standard", "👎 0")):
        world.site.publish(a, _news(name[:4], name))
        await world.read("a")
        await world.deliver_all()
        await _vote(world, label, MEMBER)
    world.site.publish(b, _news("b1", "Un annuaire national"), _news("b2", "Un guide pour les imprimantes"))
    await world.read("b")
    view = await _sent_at(world, MONDAY)
    liked = plain(Say("fr")("post.digest.section.liked"))
    assert set(_sections(view)) == {"", liked} and _sections(view)[liked] == ["Chantier de la pharmacie"]


async def test_a_letter_ends_with_the_deadlines_that_are_near(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    await _wants(world, Rhythm.WEEKLY)
    await deadline(
        world, 1, Row(at="2026-03-30", what="dépôt des candidatures", phrase="avant le 30 mars 2026", source=1)
    )
    await deadline(world, 2, Row(at="2026-06-30", what="bilan", phrase="avant le 30 juin 2026", source=1), region="x")
    world.site.publish(source, entry("1"), entry("2"))
    await world.read("a")
    view = await _sent_at(world, MONDAY)
    (lines,) = [one for name, one in _sections(view).items() if name == "Prochaines échéances"]
    assert len(lines) == 1 and lines[0].startswith("Dans 14 jours : dépôt des candidatures")


async def test_a_long_letter_is_several_messages_each_sent_once_in_their_order(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    await _wants(world, Rhythm.DAILY)
    for half in (range(1, 21), range(21, 41)):
        world.site.publish(source, *(entry(str(n), f"Numéro {n} : {'un titre très long, ' * 8}") for n in half))
        await world.read("a")
        world.clock.forward(timedelta(minutes=5))
    for minute in (30, 31):  # a restart around the hour
        await _sent_at(world, datetime(2026, 3, 11, 6, minute, tzinfo=UTC))
    count = len(world.platform.sent)
    assert count > 1
    titles = [plain(title(view)) for _, view in world.platform.sent]
    assert titles == [f"Le point du jour · {n}/{count}" for n in range(1, count + 1)]
    said = [plain(block.text) for block in world.platform.sent[-1][1].blocks if isinstance(block, Text)]
    assert said == ["… et 16 autres articles, dans les archives."]
    assert len({state for (key, _), state in (await world.states()).items() if key.startswith("d:")} - {"sent"}) == 0


async def test_held_posts_that_tell_no_article_are_let_go_one_by_one(database: Database) -> None:
    world = World.on(database)
    channel = await world.channel()
    rule = Rule(what=What.EVERYTHING)
    async with world.db.tx() as tx:
        number = await world.store.subscriptions.add(
            tx, channel.id, rule, Rhythm.NOW, silent=False, now=world.clock.now()
        )
    for key in ("x:1", "x:2"):
        await owe(
            world.store, a_post(key, kind=PostKind.NOTICE, payload={"text": key}), number, hold=timedelta(hours=1)
        )
    world.clock.forward(timedelta(hours=1))
    await world.plan.sweep(world.clock.now())
    await world.deliver_all()
    assert len(world.platform.sent) == 2
