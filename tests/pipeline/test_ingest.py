"""What a reading leaves in the rows: the promise "known ⇔ owed"."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from adapters import sources as kinds
from bot.domain.channel import Rhythm
from bot.domain.entry import Entry
from bot.domain.rule import Rule, What
from bot.errors import ParseError, SourceError
from bot.ports import Database, NotModified, Page
from tests.fakes import START, FakeSite, World, entry, title

EVERYTHING = Rule(what=What.EVERYTHING)


async def _want(world: World, rule: Rule, chat: str = "g1", how: Rhythm = Rhythm.NOW) -> None:
    channel = await world.channel(chat)
    async with world.db.tx() as tx:
        await world.store.subscriptions.add(tx, channel.id, rule, how, silent=False, now=world.clock.now())


async def test_a_first_reading_goes_to_the_archive_and_to_nobody(database: Database) -> None:
    world = World.on(database)
    await _want(world, EVERYTHING)
    source = await world.new_source("a")
    world.site.publish(source, entry("1"), entry("2"))
    assert await world.read() == 2
    assert await world.states() == {}
    assert len(await world.store.articles.newest(10)) == 2


async def test_a_new_article_is_owed_to_whoever_wants_its_source(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    await world.source("b")
    await _want(world, Rule(what=What.SOURCE, value="a"), "g1")
    await _want(world, Rule(what=What.SOURCE, value="b"), "g2")
    world.site.publish(source, entry("1"))
    await world.read()
    assert {chat: state for (_, chat), state in (await world.states()).items()} == {"g1": "todo"}


async def test_a_channel_with_several_matching_rules_is_owed_one_post(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    await _want(world, EVERYTHING)
    await _want(world, Rule(what=What.SOURCE, value="a"))
    world.site.publish(source, entry("1"))
    await world.read()
    assert len(await world.states()) == 1


async def test_an_article_read_twice_is_owed_once(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    await _want(world, EVERYTHING)
    world.site.publish(source, entry("1"))
    assert await world.read() == 1
    world.site.publish(source, entry("2"))
    assert await world.read() == 1
    assert len(await world.states()) == 2


async def test_a_source_of_a_kind_nobody_has_says_so_and_the_others_are_read(database: Database) -> None:
    world = World.on(database)
    await world.source("a")
    await world.new_source("b", kind="pigeon")
    load = world.site.load
    world.site.load = lambda name: load(name) if name == "feed" else kinds.load(name)  # type: ignore[method-assign]  # a fake
    with pytest.raises(ParseError, match="pigeon"):
        await world.read("b")
    (kept,) = [source for source in await world.store.sources.all() if source.slug == "b"]
    assert kept.last_error == "unknown-kind" and kept.next_fetch_at is not None


async def test_a_source_is_left_alone_as_long_as_its_page_asks(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    world.site.advises = timedelta(hours=5)
    world.site.publish(source, entry("1"))
    for _ in range(2):  # the second time its body is the same
        await world.read()
        (kept,) = await world.store.sources.all()
        assert kept.next_fetch_at == world.clock.now() + timedelta(hours=5)


async def test_an_article_under_a_new_key_is_nothing_new(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    await _want(world, EVERYTHING)
    world.site.publish(source, entry("1"))
    await world.read()
    moved = entry("1", url="http://www.exemple.test/1/?utm_source=lettre")
    world.site.pages[source.url] = [entry("2"), entry("other-guid", "Article 1", url=moved.url)]
    await world.read()
    assert len(await world.states()) == 2  # article 1 and article 2


async def test_the_same_article_from_two_sources_comes_once_to_each_channel(database: Database) -> None:
    world = World.on(database)
    first, second = await world.source("a"), await world.source("b")
    await _want(world, Rule(what=What.SOURCE, value="b"), "only-b")
    for slug in ("a", "b"):
        await _want(world, Rule(what=What.SOURCE, value=slug), "both")
    world.site.publish(first, entry("x", url="https://exemple.test/article"))
    world.site.publish(second, entry("y", url="https://www.exemple.test/article/?utm_medium=rss"))
    await world.read("a")
    assert {chat for _, chat in await world.states()} == {"both"}
    await world.read("b")
    states = await world.states()
    assert sorted(chat for _, chat in states) == ["both", "only-b"]
    assert len({post for post, _ in states}) == 1


async def test_a_source_added_under_an_old_subscription_posts_nothing_old(database: Database) -> None:
    world = World.on(database)
    await _want(world, EVERYTHING)
    first = await world.source("a")
    world.site.publish(first, entry("x", url="https://exemple.test/article"))
    later = await world.new_source("b")
    world.site.publish(later, entry("y", url="https://exemple.test/article"), entry("z"))
    await world.read("b")
    assert await world.states() == {}
    await world.read("a")  # known through b, and listed by a for the first time after a's own first reading
    assert {chat for _, chat in await world.states()} <= {"g1"}


async def test_a_subscription_made_after_an_article_is_not_owed_it(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    world.site.publish(source, entry("1"))
    await world.read()
    await _want(world, EVERYTHING)
    world.site.publish(source, entry("2"))
    await world.read()
    assert len(await world.states()) == 1


async def test_a_reading_cut_in_the_middle_leaves_the_rest_new(database: Database) -> None:
    """A kill between two batches: the first reading is not over, so the next one posts nothing either."""
    world = World.on(database)
    await _want(world, EVERYTHING)
    source = await world.new_source("a")
    world.site.publish(source, *(entry(str(n)) for n in range(120)))
    ingest = world.ingest
    writes = 0
    original = ingest.keep.states.sources

    class Killed(Exception):
        pass

    class Sources:
        """Dies where the last batch would write the source's state."""

        async def save(self, tx: object, *states: object) -> None:
            nonlocal writes
            writes += 1
            raise Killed

    object.__setattr__(ingest.keep.states, "sources", Sources())
    with pytest.raises(Killed):
        await ingest.check((await world.store.sources.all())[0])
    ingest.keep.states.sources = original
    kept = len(await world.store.articles.newest(500))
    assert 0 < kept < 120
    assert await world.read() == 120 - kept
    assert await world.states() == {}


async def test_a_changed_text_edits_the_post_and_a_changed_date_does_nothing(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    await _want(world, EVERYTHING)
    world.site.publish(source, entry("1", "Titre avec une fote"))
    await world.read()
    await world.deliver_all()
    world.site.pages[source.url] = [entry("1", "Titre avec une fote", published=START + timedelta(hours=1))]
    await world.read()
    await world.deliver_all()
    assert world.platform.edited == []
    world.site.pages[source.url] = [entry("1", "Titre sans faute")]
    await world.read()
    await world.deliver_all()
    assert [title for title in world.platform.titles("g1")] == ["Titre avec une fote"]
    assert [(chat, ref) for chat, ref, _ in world.platform.edited] == [("g1", "m1")]


@dataclass
class TeaserSite(FakeSite):
    """Its list shows teasers; each article's own page says more."""

    asked: list[str] = field(default_factory=list)

    async def get(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Page | NotModified:
        self.asked.append(url)
        return await super().get(url, etag=etag, last_modified=last_modified)

    def page_of(self, entry: Entry) -> str:
        return entry.url

    def read(self, page: Page, entry: Entry) -> Entry:
        return replace(entry, title=f"{entry.title}, en entier", text="Tout le texte de la page.")


async def test_an_article_completed_by_its_page_is_not_taken_for_changed_by_its_teaser(database: Database) -> None:
    world = replace(World.on(database), site=(site := TeaserSite()))
    source = await world.source("a")
    await _want(world, EVERYTHING)
    site.publish(source, entry("1"))
    await world.read()
    site.publish(source, entry("2"))
    await world.read()
    await world.deliver_all()
    assert world.platform.titles("g1") == ["Article 1, en entier", "Article 2, en entier"]
    assert site.asked.count("https://exemple.test/1") == 1
    assert world.platform.edited == []
    site.pages[source.url] = [entry("2"), entry("1", "Article 1 corrigé")]
    await world.read()
    await world.deliver_all()
    assert [title(view) for _, _, view in world.platform.edited] == ["Article 1 corrigé, en entier"]


async def test_an_unsent_post_shows_the_newest_revision(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    await _want(world, EVERYTHING)
    world.site.publish(source, entry("1", "Avant"))
    await world.read()
    world.site.pages[source.url] = [entry("1", "Après")]
    await world.read()
    await world.deliver_all()
    assert world.platform.titles("g1") == ["Après"]
    assert world.platform.edited == []


async def test_many_entries_at_once_become_five_posts_and_one_list(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    await _want(world, EVERYTHING)
    world.site.publish(source, *(entry(str(n)) for n in range(20)))
    await world.read()
    assert sorted((await world.states()).values()).count("todo") == 5
    world.clock.forward(timedelta(minutes=1))
    await world.plan.sweep(world.clock.now())
    await world.deliver_all()
    assert len(world.platform.sent) == 6


async def test_a_failing_source_backs_off_and_says_why(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    world.site.broken.add(source.url)
    waits = []
    for _ in range(3):
        with pytest.raises(SourceError):
            await world.read()
        (state,) = await world.store.sources.all()
        assert state.next_fetch_at is not None
        waits.append(state.next_fetch_at - world.clock.now())
    assert state.last_error == "connection"
    assert waits == sorted(waits) and waits[0] < waits[2]


async def test_daily_is_held_until_the_channels_hour(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    await _want(world, EVERYTHING, how=Rhythm.DAILY)
    world.site.publish(source, entry("1"), entry("2"))
    await world.read()
    assert set((await world.states()).values()) == {"held"}
    world.clock.forward(timedelta(hours=22))  # 07:00 UTC is 08:00 in Paris, after 07:30
    await world.plan.sweep(world.clock.now())
    await world.plan.sweep(world.clock.now())
    await world.deliver_all()
    assert len(world.platform.sent) == 1
