"""The archive: what was kept, in which order it is shown, and the identity that outlives it."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.alert import Alert, AlertType, Severity
from bot.domain.article import Product
from bot.domain.entry import canonical
from bot.domain.ids import ArticleId
from bot.domain.sighting import Sighting
from bot.domain.source import Trust
from bot.foundation import Store
from tests.fakes import START
from tests.storage.rows import add_article, add_source, an_article, understood

HOUR = timedelta(hours=1)
ALERT = Alert(type=AlertType.VULNERABILITY, severity=Severity.CRITICAL, signals=("exploited", "cvss"))
RICH = understood(
    long_summary="Plus long.",
    topics=("dpi", "vulnerabilite"),
    alert=ALERT,
    cves=("CVE-2026-0001", "CVE-2026-0002"),
    cvss=9.8,
    exploited=True,
    products=(Product(vendor="acme", name=""), Product(vendor="acme", name="pare-feu")),
    stems="titr\ncorp text",
)


async def _newest(store: Store, limit: int = 10, **which: str | bool) -> list[str]:
    found = await store.articles.newest(limit, **which)  # type: ignore[arg-type]  # the names are those of `newest`
    return [facts.article.title for facts in found]


async def test_an_article_comes_back_as_it_was_added(store: Store) -> None:
    source = await add_source(store, "a", topics=("santé",), trust=Trust.OFFICIAL)
    article = an_article(
        source,
        chapeau="Le chapeau.",
        body="Un.\n\nDeux.",
        authors=("Anne", "Émile"),
        genre="tribune",
        language="fr",
        published=START - HOUR,
    )
    number = await add_article(store, article, RICH)
    (facts,) = await store.articles.facts(store.db, [number])
    assert facts.article == replace(
        article, source_slug="a", source_title="A", source_topics=("santé",), trust=Trust.OFFICIAL
    )
    assert facts.understanding == RICH
    assert (facts.number, facts.revision, facts.sources) == (number, 1, frozenset({"a"}))


async def test_facts_come_in_the_order_asked_without_those_that_do_not_exist(store: Store) -> None:
    source = await add_source(store)
    one, two = [await add_article(store, an_article(source, f"https://exemple.test/{n}")) for n in (1, 2)]
    found = await store.articles.facts(store.db, [two, ArticleId(999), one])
    assert [facts.number for facts in found] == [two, one]
    assert await store.articles.facts(store.db, []) == []


async def test_the_newest_come_first_and_those_without_a_date_by_when_they_were_seen(store: Store) -> None:
    source = await add_source(store)
    for title, published in (("old", START - 9 * HOUR), ("new", START), ("undated", None), ("middle", START - HOUR)):
        article = an_article(
            source,
            f"https://exemple.test/{title}",
            title=title,
            published=published,
            first_seen=START - 2 * HOUR if published is None else START,
        )
        await add_article(store, article)
    assert await _newest(store) == ["new", "middle", "undated", "old"]
    assert await _newest(store, 2) == ["new", "middle"]


async def test_a_date_ahead_of_us_does_not_stay_on_top(store: Store) -> None:
    source = await add_source(store)
    for number, published in enumerate((START + timedelta(days=400), None)):
        seen = START + number * HOUR
        article = an_article(source, f"https://exemple.test/{number}", title=str(number), published=published)
        await add_article(store, replace(article, first_seen=seen))
    assert await _newest(store) == ["1", "0"]


async def test_the_newest_of_a_source_of_a_topic_and_the_alerts(store: Store) -> None:
    a, b = await add_source(store, "a"), await add_source(store, "b")
    await add_article(store, an_article(a, "https://exemple.test/1", title="1"), understood(topics=("dpi",)))
    shared = await add_article(store, an_article(a, "https://exemple.test/2", title="2"), RICH)
    await add_article(store, an_article(b, "https://exemple.test/3", title="3"))
    async with store.db.tx() as tx:
        assert await store.articles.sight(tx, b, ["its own key"], shared, "hash", START)
    assert await _newest(store, source="a") == ["2", "1"]
    assert await _newest(store, source="b") == ["3", "2"]
    assert await _newest(store, topic="dpi") == ["2", "1"]
    assert await _newest(store, alerts=True) == ["2"]
    assert await _newest(store, source="none") == await _newest(store, topic="none") == []
    (facts,) = await store.articles.facts(store.db, [shared])
    assert facts.sources == {"a", "b"}


async def test_since_a_moment_means_from_it_on(store: Store) -> None:
    source = await add_source(store)
    for hours in range(5):
        article = an_article(source, f"https://exemple.test/{hours}", title=f"{hours}", published=START - hours * HOUR)
        await add_article(store, article)
    assert [f.article.title for f in await store.articles.since(START - 2 * HOUR, 10)] == ["0", "1", "2"]
    assert [f.article.title for f in await store.articles.since(START - 2 * HOUR, 2)] == ["0", "1"]


async def test_a_revision_replaces_what_was_said_and_keeps_dates_number_and_story(store: Store) -> None:
    source = await add_source(store)
    first = an_article(source, title="Une fote", published=START - HOUR)
    number = await add_article(store, first, RICH)
    (before,) = await store.articles.facts(store.db, [number])
    plain = understood(topics=("achat",))
    second = replace(first, title="Sans faute", body="Neuf.", published=START, first_seen=START + HOUR)
    async with store.db.tx() as tx:
        await store.articles.revise(tx, number, second, plain, "hash 2")
    (after,) = await store.articles.facts(store.db, [number])
    assert (after.article.title, after.article.body, after.understanding) == ("Sans faute", "Neuf.", plain)
    assert (after.revision, after.story) == (2, before.story)
    assert (after.article.published, after.article.first_seen) == (START - HOUR, START)
    assert await _newest(store, topic="dpi") == []
    (known,) = await store.articles.under(store.db, first.url)
    assert (known.number, known.title, known.content_hash) == (number, "Sans faute", "hash 2")
    assert (await store.articles.sightings(store.db, source, [first.url]))[first.url].content_hash == "hash"


async def test_what_a_source_says_anew_of_an_article_is_remembered_under_all_its_names(store: Store) -> None:
    source = await add_source(store)
    url = an_article(source).url
    number = await add_article(store, an_article(source))
    async with store.db.tx() as tx:
        await store.articles.sight(tx, source, ["another key"], number, "hash", START)
        await store.articles.sight_again(tx, source, number, "hash 2")
    found = await store.articles.sightings(store.db, source, [url, "another key"])
    assert {key: sighting.content_hash for key, sighting in found.items()} == {url: "hash 2", "another key": "hash 2"}


async def test_a_new_article_is_the_best_of_a_story_of_its_own(store: Store) -> None:
    source = await add_source(store)
    async with store.db.tx() as tx:
        one, two = await store.articles.add(
            tx, *[(an_article(source, f"https://exemple.test/{n}"), understood(), "h") for n in (1, 2)]
        )
    assert one[1] != two[1]
    rows = await store.db.fetch("SELECT id, first_article, best_article FROM stories ORDER BY id")
    assert [(row["id"], row["first_article"], row["best_article"]) for row in rows] == [
        (story, number, number) for number, story in (one, two)
    ]


async def test_an_address_is_found_under_all_its_spellings(store: Store) -> None:
    source = await add_source(store)
    oldest = await add_article(store, an_article(source, "https://www.exemple.test/a/?utm_source=x"))
    later = await add_article(store, an_article(source, "http://exemple.test/a"))
    for url in ("https://exemple.test/a", "http://m.exemple.test/a/#part"):
        found = await store.articles.under(store.db, url)
        assert [one.number for one in found] == [oldest, later]
    assert await store.articles.under(store.db, "https://exemple.test/b") == []


# -- sightings ---------------------------------------------------------------------------------------------------------


async def test_a_source_sights_an_article_once_whatever_its_keys(store: Store) -> None:
    a, b = await add_source(store, "a"), await add_source(store, "b")
    number = await add_article(store, an_article(a))
    async with store.db.tx() as tx:
        assert not await store.articles.sight(tx, a, ["another key"], number, "hash", START)
        assert await store.articles.sight(tx, b, ["key"], number, "hash", START)
        assert not await store.articles.sight(tx, b, ["key"], number, "hash", START)


async def test_only_the_source_whose_words_are_kept_tells_of_a_change(store: Store) -> None:
    """Another one says the same in its own words, and must not be taken for a change."""
    a, b = await add_source(store, "a"), await add_source(store, "b")
    number = await add_article(store, an_article(a))
    async with store.db.tx() as tx:
        await store.articles.sight(tx, b, ["k"], number, "hash", START)
    article = an_article(a)
    url = article.url
    seen = Sighting(
        article=number,
        content_hash="hash",
        is_told=True,
        title=article.title,
        url_key=canonical(url),
        published=article.published,
    )
    assert await store.articles.sightings(store.db, a, [url, "unknown"]) == {url: seen}
    assert await store.articles.sightings(store.db, b, ["k"]) == {"k": replace(seen, is_told=False)}
    assert await store.articles.sightings(store.db, b, [url]) == {}


async def test_a_sighting_outlives_the_text_it_identifies(store: Store) -> None:
    """A purged article that its source still lists is not new."""
    source = await add_source(store)
    article = an_article(source)
    number = await add_article(store, article, RICH)
    async with store.db.tx() as tx:
        await tx.execute("DELETE FROM articles WHERE id = $1", number)
    found = await store.articles.sightings(store.db, source, [article.url])
    assert found == {article.url: Sighting(article=number, content_hash="hash", is_told=False)}
    assert await store.articles.facts(store.db, [number]) == []
    assert await add_article(store, an_article(source, "https://exemple.test/2")) > number


async def test_a_key_stays_with_the_article_it_first_named(store: Store) -> None:
    source = await add_source(store)
    first = await add_article(store, an_article(source, "https://exemple.test/1"))
    second = await add_article(store, an_article(source, "https://exemple.test/2"))
    async with store.db.tx() as tx:
        await store.articles.sight(tx, source, ["https://exemple.test/1"], second, "hash", START)
    found = await store.articles.sightings(store.db, source, ["https://exemple.test/1"])
    assert found["https://exemple.test/1"].article == first
