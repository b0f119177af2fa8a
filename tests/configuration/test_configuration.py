"""What the groups chose goes into a file and comes back from it, whole, on both databases."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.configuration import Configuration, Place, Wanted
from bot.configuration.kept import read_kept, take_over
from bot.configuration.read import ordered, read
from bot.configuration.written import written
from bot.domain.alert import Severity
from bot.domain.article import Product
from bot.domain.channel import Address, Channel, ChannelState, Quiet, Rhythm, settings_of
from bot.domain.command import Where
from bot.domain.rule import Rule, What, name_key
from bot.errors import ConfigError
from bot.foundation import Store
from bot.locale.say import Say
from bot.ports import Database
from bot.text.analyse import read_words
from bot.text.clean import one_line
from bot.text.vocabulary import TOPICS
from bot.wiring import store_on
from storage.database import database as opened
from tests.commands.desk import Chat
from tests.fakes import World, entry
from tests.storage.rows import add_channel, want

SAY = Say("en")
NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=3)


def parsed(text: str) -> Configuration:
    return read(text, "c.toml", SAY, language="fr", timezone="Europe/Paris", now=NOW)


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        parsed(text)
    return list(raised.value.problems)


# -- any configuration, there and back --------------------------------------------------------------------------------

TITLES = st.text(max_size=40).map(one_line)
TYPED = st.text("abéÉ ß'’«»\"“”-|ou été sécurité\u200d\u00a0", max_size=30)
HOURS = st.times().map(lambda at: at.replace(second=0, microsecond=0))
NAMES = st.sampled_from(["fortinet", "fortios", "a\\b", 'de "dpi"', "#", "[[channel]]"])
PRODUCTS = st.builds(Product, vendor=NAMES, name=NAMES | st.just(""))


@st.composite
def rules(draw: st.DrawFn, community: str) -> Rule:
    what = draw(st.sampled_from(What))
    all_of, any_of, none_of = read_words(draw(TYPED))
    if what is What.WORDS and not all_of and not any_of:
        all_of, _, _ = read_words("messagerie")
    value = {
        What.SOURCE: st.sampled_from(["certfr-alertes", "dsih"]),
        What.TOPIC: st.sampled_from(sorted(TOPICS)),
        What.AUTHOR: st.just(name_key("Zoé Le Gall")),
        What.GENRE: st.just("tribune"),
        What.WATCHLIST: st.sampled_from([community, "telegram:-9"]),
    }
    return Rule(
        what=what,
        value=draw(value.get(what, st.just(""))),
        all_of=all_of,
        any_of=any_of,
        none_of=none_of,
        from_severity=draw(st.none() | st.sampled_from(Severity)),
    )


@st.composite
def places(draw: st.DrawFn, address: Address) -> Place:
    community = "discord:77" if address.platform == "discord" else f"telegram:{address.chat}"
    start, end = draw(st.tuples(HOURS, HOURS).filter(lambda hours: hours[0] != hours[1]))
    channel = Channel(
        address=address,
        community=community,
        lane=address.platform,
        language=draw(st.sampled_from(["fr", "en"])),
        timezone=draw(st.sampled_from(["Europe/Paris", "Indian/Reunion"])),
        quiet=draw(st.none() | st.just(Quiet(start=start, end=end))),
        daily_at=draw(HOURS),
        weekly_at=draw(HOURS),
        weekly_on=draw(st.integers(0, 6)),
        role=draw(st.sampled_from(["", "123"])),
        long_posts=draw(st.booleans()),
        holidays=draw(st.booleans()),
        reminders=draw(st.sampled_from([(30, 14, 7, 2, 1), (7, 1), ()])),
        nudge=draw(st.sampled_from([None, timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=12)])),
        threads=draw(st.booleans()),
    )
    how = st.sampled_from(Rhythm)
    wanted = draw(st.lists(st.builds(Wanted, rule=rules(community), how=how, silent=st.booleans()), max_size=5))
    return Place(
        where=Where(address=address, community=community, title=draw(TITLES)),
        settings=settings_of(channel),
        paused_until=draw(st.sampled_from([None, LATER])),
        wanted=ordered(wanted),
    )


@st.composite
def configurations(draw: st.DrawFn) -> Configuration:
    addresses = [
        *(Address(platform="telegram", chat=chat, thread=thread) for chat in ("-1", "-2") for thread in ("", "4")),
        *(Address(platform="discord", chat=chat) for chat in ("100", "101")),
    ]
    chosen = sorted(draw(st.sets(st.sampled_from(addresses))))
    found = tuple(draw(places(address)) for address in chosen)
    products = st.frozensets(PRODUCTS, min_size=1, max_size=4)
    watching = {place.where.community for place in found if draw(st.booleans())}
    return Configuration(places=found, watchlists={name: draw(products) for name in sorted(watching)})


@given(configurations())
@settings(deadline=None, max_examples=50)
def test_a_file_says_all_of_a_configuration(configuration: Configuration) -> None:
    text = written(configuration, SAY)
    assert parsed(text) == configuration
    assert written(parsed(text), SAY) == text


@given(configurations())
@settings(deadline=None, max_examples=30)
def test_an_empty_database_gives_back_the_file_it_was_given(configuration: Configuration) -> None:
    async def there_and_back() -> None:
        async with opened("sqlite:///:memory:") as db:
            store = store_on(db)
            assert bool(await take_over(store, configuration, NOW)) is bool(configuration.places)
            assert written(await read_kept(store, db, NOW), SAY) == written(configuration, SAY)
            assert not await take_over(store, configuration, NOW)

    asyncio.run(there_and_back())


@given(st.text(max_size=200) | st.text('[]channelwatist="{}.\n 1', max_size=200))
@settings(deadline=None)
def test_whatever_stands_in_a_file_it_is_read_or_its_problems_are_told(text: str) -> None:
    try:
        parsed(text)
    except ConfigError as error:
        assert all(problem.startswith("c.toml") for problem in error.problems)


# -- the rows ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def store(database: Database) -> Store:
    return store_on(database)


async def furnished(store: Store) -> Configuration:
    first = await add_channel(store, "-1", quiet=Quiet(start=time(22), end=time(7)))
    await want(store, first, Rule(what=What.ALERTS, from_severity=Severity.WARNING))
    await want(store, first, Rule(what=What.WATCHLIST, value=first.community), Rhythm.DAILY)
    await add_channel(store, "-1", thread="4")
    async with store.db.tx() as tx:
        await store.subscriptions.watch(tx, first.community, [Product(vendor="fortinet", name="fortios")])
        person = Where(address=Address(platform="telegram", chat="7"), community="telegram:7", is_group=False)
        await store.channels.ensure(tx, person, "telegram", "fr", "Europe/Paris")
        await store.subscriptions.watch(tx, "telegram:7", [Product(vendor="mystere", name="")])
    return await read_kept(store, store.db, NOW)


async def test_an_export_restores_an_empty_database_whichever_it_came_from(store: Store, tmp_path: Path) -> None:
    text = written(await furnished(store), SAY)
    async with opened(f"sqlite:///{tmp_path}/other.db") as other:
        restored = store_on(other)
        await take_over(restored, parsed(text), NOW)
        assert written(await read_kept(restored, other, NOW), SAY) == text
        channel = await restored.channels.at(Address(platform="telegram", chat="-1"))
        assert channel is not None
        assert (channel.title, channel.lane, channel.state) == ("-1", "telegram", ChannelState.ACTIVE)
        (rule,) = [r for r in await restored.subscriptions.of(other, channel.id) if r.rule.what is What.WATCHLIST]
        assert rule.rule.value == "telegram:-1"


async def test_nobodys_own_chat_is_in_a_file(store: Store) -> None:
    text = written(await furnished(store), SAY)
    assert "telegram:7" not in text
    assert "mystere" not in text


async def test_what_the_file_no_longer_lists_goes_and_what_it_does_not_name_stays(store: Store) -> None:
    before = await furnished(store)
    first, other = before.places
    kept = replace(first, wanted=[one for one in first.wanted if one.rule.what is What.ALERTS])
    found = await take_over(store, Configuration(places=(kept,)), NOW)
    (change,), (watchlist,) = found.places, found.watchlists
    assert [one.rule.what for one in change.removed] == [What.WATCHLIST]
    assert watchlist.removed == {Product(vendor="fortinet", name="fortios")}
    assert found.untouched == 1
    after = await read_kept(store, store.db, NOW)
    assert [place.address for place in after.places] == [first.address, other.address]
    assert not after.watchlists
    assert not await take_over(store, Configuration(places=(kept,)), NOW)


async def test_a_chat_that_put_the_bot_out_stays_gone(store: Store) -> None:
    before = await furnished(store)
    first = before.places[0]
    async with store.db.tx() as tx:
        await store.channels.gone(tx, first.address)
    changed = replace(first, settings={**first.settings, "language": "en"})
    await take_over(store, Configuration(places=(changed,)), NOW)
    channel = await store.channels.at(first.address)
    assert channel is not None
    assert (channel.language, channel.state) == ("en", ChannelState.GONE)


async def test_another_rhythm_is_a_change_and_the_rule_stays_the_same(store: Store) -> None:
    before = await furnished(store)
    first = before.places[0]
    louder = replace(first, wanted=tuple(replace(one, how=Rhythm.WEEKLY, silent=True) for one in first.wanted))
    (change,) = (await take_over(store, Configuration(places=(louder,), watchlists=before.watchlists), NOW)).places
    assert (len(change.otherwise), change.added, change.removed) == (2, (), ())
    assert [(one.how, one.silent) for one in (await read_kept(store, store.db, NOW)).places[0].wanted] == 2 * [
        (Rhythm.WEEKLY, True)
    ]


async def test_a_pause_that_is_over_is_none(store: Store) -> None:
    await add_channel(store, "-5", paused_until=LATER)
    (place,) = (await read_kept(store, store.db, NOW)).places
    assert place.paused_until == LATER
    (place,) = (await read_kept(store, store.db, LATER)).places
    assert place.paused_until is None


# -- what is wrong with a file ----------------------------------------------------------------------------------------

PLACE = 'format = 1\n[[channel]]\nplatform = "telegram"\nchat = "-1"\n'
SUBSCRIPTION = f"{PLACE}[[channel.subscription]]\n"


def test_a_channel_that_names_no_setting_is_as_a_new_one_and_what_is_switched_off_is_off() -> None:
    (usual,), (off,) = parsed(PLACE).places, parsed(PLACE + 'reminders = ""').places
    assert usual.settings == settings_of(Channel(address=usual.address, community="", lane=""))
    assert off.settings == {**usual.settings, "reminders": ""}
    assert parsed(PLACE + 'quiet = "22h-7h"').places[0].settings["quiet"] == "22:00-07:00"


@pytest.mark.parametrize(
    ("text", "line", "about"),
    [
        (PLACE.replace("format = 1", "format = 9"), 1, "format"),
        (PLACE.replace("-1", "7"), 4, "person"),
        (PLACE + 'quiet = "x"', 5, "“x”"),
        (PLACE + 'langage = "fr"', 5, "language"),
        (PLACE + 'community = "discord:1"', 5, "belong"),
        (PLACE + "title = 7", 5, "text"),
        (PLACE + 'daily = ""', 5, "missing"),
        (PLACE + "paused_until = 2026-01-01", 5, "zone"),
        (PLACE + "subscription = 3", 5, "[[channel.subscription]]"),
        (PLACE + PLACE.removeprefix("format = 1\n"), 5, "above"),
        (SUBSCRIPTION + 'value = "x"', 5, "what"),
        (SUBSCRIPTION + 'what = "topic"\nvalue = "none such"', 7, "none such"),
        (SUBSCRIPTION + 'what = "everything"\nvalue = "x"', 7, "everything"),
        (SUBSCRIPTION + 'what = "words"', 5, "all"),
        (SUBSCRIPTION + 'what = "words"\nall = ["«»"]', 7, "word"),
        (SUBSCRIPTION + 'what = "alerts"\nfrom = "dreadful"', 7, "critical"),
        (SUBSCRIPTION + 'what = "alerts"\nsilent = 1', 7, "true"),
        (SUBSCRIPTION + 'what = "alerts"\n[[channel.subscription]]\nwhat = "alerts"', 7, "above"),
        (PLACE + '[[watchlist]]\ncommunity = "telegram:-8"', 6, "telegram:-8"),
        (PLACE + '[[watchlist]]\ncommunity = "telegram:-1"\nproducts = [{}]', 7, "vendor"),
    ],
)
def test_a_problem_is_told_with_its_line(text: str, line: int, about: str) -> None:
    assert any(one.startswith(f"c.toml, line {line}: ") and about in one for one in problems(text)), problems(text)


def test_all_problems_are_told_together_in_the_order_of_the_file() -> None:
    found = problems(SUBSCRIPTION.replace('"-1"', '"x"') + 'what = "nothing"\nhow = "hourly"\nsilent = "no"')
    assert [one.split(":")[0] for one in found] == [f"c.toml, line {line}" for line in (4, 4, 6, 7, 8)], found


def test_a_line_that_cannot_be_told_is_not_guessed() -> None:
    text = PLACE + 'title = """\n[[channel]]\n"""\n'
    assert problems(text)[0].startswith("c.toml, channel 1: title")


def test_a_file_that_is_no_toml_is_called_that() -> None:
    assert "not a TOML file" in problems("[[channel]")[0]


async def test_a_pause_that_a_file_ends_lets_go_of_what_it_held(database: Database) -> None:
    world = World.on(database)
    source = await world.source("a")
    chat = Chat(world)
    await chat.say("/abonner tout")
    await chat.say("/pause")
    world.site.publish(source, entry("1"))
    await world.read()
    await world.plan.sweep(world.clock.now())
    await world.deliver_all()
    assert world.platform.sent == []
    kept = await read_kept(world.store, database, world.clock.now())
    ended = replace(kept, places=tuple(replace(place, paused_until=None) for place in kept.places))
    await take_over(world.store, ended, world.clock.now())
    await world.plan.sweep(world.clock.now())
    await world.deliver_all()
    assert world.platform.chats() == ["g1"]
