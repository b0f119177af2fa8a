"""Rules as shared values, the anchors that find them, and who wants them."""

from datetime import timedelta

from bot.domain.alert import Severity
from bot.domain.article import Product
from bot.domain.channel import Rhythm
from bot.domain.rule import ANY, Rule, Term, What
from bot.foundation import Store
from tests.fakes import START
from tests.storage.rows import EVERYTHING, add_channel, want

DPI = Rule(what=What.TOPIC, value="dpi")
ALERTS = Rule(what=What.ALERTS, from_severity=Severity.WARNING)
PANNE = Term(text="panne", stems=("pann",))
MAIL = Term(text="messagerie", stems=("messager",))


async def _candidates(store: Store, *anchors: str) -> list[Rule]:
    return [rule for _, rule in await store.subscriptions.candidates(store.db, frozenset(anchors))]


async def test_equal_rules_share_a_row_whoever_wants_them(store: Store) -> None:
    one, two = await add_channel(store, "1"), await add_channel(store, "2")
    first = await want(store, one, Rule(what=What.WORDS, all_of=(PANNE, MAIL)))
    assert await want(store, two, Rule(what=What.WORDS, all_of=(MAIL, PANNE, MAIL))) == first
    assert await want(store, two, Rule(what=What.WORDS, all_of=(MAIL,))) != first
    (row,) = await store.db.fetch("SELECT COUNT(*) AS n FROM rules")
    assert row["n"] == 2


async def test_a_rule_comes_back_as_it_was_wanted(store: Store) -> None:
    channel = await add_channel(store)
    rule = Rule(
        what=What.ALERTS,
        all_of=(Term(text="dossier « patient »", stems=("dossi", "patient"), exact=True),),
        any_of=(MAIL, PANNE),
        none_of=(Term(text="météo", stems=("meteo",)),),
        from_severity=Severity.CRITICAL,
    )
    number = await want(store, channel, rule, Rhythm.WEEKLY, silent=True)
    (found,) = await store.subscriptions.of(store.db, channel.id)
    assert (found.rule.canonical(), found.rule_id, found.channel) == (rule.canonical(), number, channel.id)
    assert (found.how, found.silent, found.created_at) == (Rhythm.WEEKLY, True, START)


async def test_the_same_rule_again_changes_how_it_is_delivered(store: Store) -> None:
    channel = await add_channel(store)
    await want(store, channel, DPI, Rhythm.NOW)
    await want(store, channel, DPI, Rhythm.DAILY, silent=True)
    (found,) = await store.subscriptions.of(store.db, channel.id)
    assert (found.how, found.silent) == (Rhythm.DAILY, True)


async def test_subscriptions_are_listed_oldest_first(store: Store) -> None:
    channel = await add_channel(store)
    async with store.db.tx() as tx:
        for hours, rule in ((2, DPI), (0, ALERTS), (1, EVERYTHING)):
            now = START + timedelta(hours=hours)
            await store.subscriptions.add(tx, channel.id, rule, Rhythm.NOW, silent=False, now=now)
        assert [s.rule for s in await store.subscriptions.of(tx, channel.id)] == [ALERTS, EVERYTHING, DPI]


async def test_what_is_no_longer_wanted_proposes_nothing(store: Store) -> None:
    one, two = await add_channel(store, "1"), await add_channel(store, "2")
    number = await want(store, one, DPI)
    await want(store, two, DPI)
    async with store.db.tx() as tx:
        assert await store.subscriptions.remove(tx, one.id, number)
        assert not await store.subscriptions.remove(tx, one.id, number)
    assert await store.subscriptions.of(store.db, one.id) == []
    assert await _candidates(store, "topic:dpi") == [DPI]
    async with store.db.tx() as tx:
        await store.subscriptions.remove(tx, two.id, number)
    assert await _candidates(store, "topic:dpi") == []
    assert await want(store, one, DPI) == number
    assert await _candidates(store, "topic:dpi") == [DPI]


async def test_a_rule_is_proposed_by_any_of_its_anchors_once(store: Store) -> None:
    channel = await add_channel(store)
    both = Rule(what=What.WORDS, any_of=(MAIL, PANNE))
    for rule in (DPI, ALERTS, EVERYTHING, both):
        await want(store, channel, rule)
    assert await _candidates(store, "topic:dpi") == [DPI]
    assert await _candidates(store, "severity:1") == []
    assert await _candidates(store, "severity:2", "severity:3") == [ALERTS]
    assert await _candidates(store, ANY, "topic:dpi") == [DPI, EVERYTHING]
    assert await _candidates(store, "stem:pann", "stem:messager") == [both]
    assert await _candidates(store) == []


async def test_an_anchor_with_any_characters_finds_its_rule(store: Store) -> None:
    channel = await add_channel(store)
    odd = Rule(what=What.AUTHOR, value='d’"arc" \\ [é, ]')
    await want(store, channel, odd)
    assert await _candidates(store, *odd.anchors()) == [odd]


async def test_a_watchlist_is_the_communitys(store: Store) -> None:
    async with store.db.tx() as tx:
        rows = [("telegram:1", "acme", "pare-feu"), ("telegram:1", "acme", ""), ("telegram:2", "autre", "")]
        await tx.execute_many("INSERT INTO watchlists (community, vendor, product) VALUES ($1, $2, $3)", rows)
    assert await store.subscriptions.watchlist(store.db, "telegram:1") == {
        Product(vendor="acme", name="pare-feu"),
        Product(vendor="acme", name=""),
    }
    assert await store.subscriptions.watchlist(store.db, "telegram:3") == frozenset()


async def test_a_watchlist_is_added_to_and_taken_from(store: Store) -> None:
    forti, veeam = Product(vendor="fortinet", name=""), Product(vendor="veeam", name="")
    async with store.db.tx() as tx:
        assert await store.subscriptions.watch(tx, "telegram:1", [forti, veeam]) == 2
        assert await store.subscriptions.watch(tx, "telegram:1", [forti]) == 0
        assert await store.subscriptions.watch(tx, "telegram:2", [forti]) == 1
        assert await store.subscriptions.unwatch(tx, "telegram:1", [forti, forti]) == 1
    assert await store.subscriptions.watchlist(store.db, "telegram:1") == {veeam}
    assert await store.subscriptions.watchlist(store.db, "telegram:2") == {forti}
