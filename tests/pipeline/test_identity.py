"""Which entries are new, and how one is known again whatever its publisher changes about it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.channel import Rhythm
from bot.domain.entry import Entry, canonical
from bot.domain.ids import ArticleId
from bot.domain.rule import Rule, What
from bot.domain.sighting import Sighting
from bot.pipeline.fresh import Fresh, fresh_of
from bot.pipeline.identity import Reading, content_hash, likeness, sort_out
from storage.database import database
from tests.fakes import START, World, entry

FEED = "https://exemple.test/flux"


@dataclass
class Memory:
    """What a source has been seen to list, as the rows keep it."""

    seen: dict[str, Sighting] = field(default_factory=dict)
    articles: int = 0
    said: bytes = b""  # the last time

    def read(self, *entries: Entry) -> Reading:
        """What is left out because it was said the last time would have been found unchanged."""
        shared = {canonical(FEED)}
        listed = fresh_of(entries, shared, b"")
        reading = self._sorted(listed)
        assert self._sorted(fresh_of(entries, shared, self.said)) == reading
        self.said, names = listed.said, listed.names
        for one in reading.new:
            self.articles += 1
            self._sight(ArticleId(self.articles), one, names[one.key], again=True)
        for found in (*reading.changed, *reading.renamed):
            known = tuple(name for name, sighting in self.seen.items() if sighting.article == found.article)
            self._sight(found.article, found.entry, (*known, *found.names), again=True)
        return reading

    def _sorted(self, found: Fresh) -> Reading:
        return sort_out(found.entries, found.names, found.hashes, self.seen, found.addresses)

    def _sight(self, number: ArticleId, one: Entry, names: Sequence[str], *, again: bool = False) -> None:
        sighting = Sighting(
            article=number,
            content_hash=content_hash(one),
            is_told=True,
            title=one.title,
            url_key=canonical(one.url),
            published=one.published,
        )
        for name in names:
            if again or name not in self.seen:
                self.seen[name] = sighting


def keys(reading: Reading) -> tuple[list[str], list[str]]:
    return [one.key for one in reading.new], [found.entry.key for found in reading.changed]


# -- one after another ------------------------------------------------------------------------------------------------


def test_what_is_new_is_told_oldest_first() -> None:
    assert keys(Memory().read(entry("3"), entry("2"), entry("1"))) == (["1", "2", "3"], [])


def test_what_is_known_is_not_told_again() -> None:
    memory = Memory()
    memory.read(entry("1"))
    assert keys(memory.read(entry("2"), entry("1"))) == (["2"], [])


def test_a_key_listed_twice_counts_once_as_it_is_first_listed() -> None:
    corrected, as_it_was = entry("1", "Corrigé"), entry("1", "Avant")
    assert Memory().read(corrected, entry("2"), as_it_was).new == [corrected, entry("2")]


def test_a_known_entry_with_other_words_has_changed() -> None:
    memory = Memory()
    memory.read(entry("1", "Avant"))
    assert keys(memory.read(entry("1", "Après"))) == ([], ["1"])


def test_an_article_whose_kept_words_are_another_sources_never_changes_here() -> None:
    memory = Memory()
    memory.read(entry("1"))
    memory.seen = {name: replace(sighting, is_told=False) for name, sighting in memory.seen.items()}
    assert keys(memory.read(entry("1", "Autrement"))) == ([], [])


def test_what_has_left_the_window_and_comes_back_is_known() -> None:
    memory = Memory()
    memory.read(entry("1"))
    memory.read(entry("2"))
    assert keys(memory.read(entry("2"), entry("1"))) == ([], [])


def test_an_entry_whose_text_is_purged_is_known_by_its_name_alone() -> None:
    memory = Memory()
    memory.read(entry("1"))
    memory.seen = {name: replace(sighting, url_key=None, title="") for name, sighting in memory.seen.items()}
    assert memory.read(entry("1", "Tout autre chose", published=START + timedelta(days=900))).new == []


def test_a_touched_date_alone_is_no_change() -> None:
    memory, one = Memory(), entry("1")
    memory.read(one)
    moved = replace(one, published=START + timedelta(days=3))
    assert content_hash(moved) == content_hash(replace(one, published=None)) == content_hash(one)
    assert keys(memory.read(moved)) == ([], [])


@pytest.mark.parametrize("part", ["title", "summary", "text"])
def test_other_words_are_a_change_wherever_they_stand(part: str) -> None:
    assert content_hash(entry("1")) != content_hash(entry("1", **{part: "Autre chose"}))


@given(title=st.text(st.characters()), summary=st.text(st.characters()))
def test_any_words_have_a_hash(title: str, summary: str) -> None:
    assert len(content_hash(Entry(key="1", url="", title=title, summary=summary))) == 64


# -- names that cannot be trusted -------------------------------------------------------------------------------------


def test_guids_that_are_numbered_anew_do_not_turn_one_article_into_another() -> None:
    memory = Memory()

    def listed(*slugs: str) -> list[Entry]:
        return [
            entry(str(n), f"Sujet {slug} du jour", url=f"https://exemple.test/articles/{slug}")
            for n, slug in enumerate(slugs, 1)
        ]

    memory.read(*listed("reseau", "messagerie"))
    reading = memory.read(*listed("imprimantes", "reseau", "messagerie"))
    assert [one.title for one in reading.new] == ["Sujet imprimantes du jour"] and reading.changed == []


def test_a_guid_that_all_entries_share_says_nothing() -> None:
    memory = Memory()
    one, two = entry("x", "Un", url="https://exemple.test/un"), entry("x", "Deux", url="https://exemple.test/deux")
    assert [found.title for found in memory.read(one, two).new] == ["Deux", "Un"]
    assert keys(memory.read(one, two)) == ([], [])


def test_entries_that_share_the_feeds_address_are_told_apart_by_their_keys() -> None:
    memory = Memory()
    memory.read(entry("1", "Panne du portail", url=FEED))
    assert keys(memory.read(entry("2", "Panne de la paie", url=FEED))) == (["2"], [])


def test_a_status_page_tells_one_event_after_another_under_one_address() -> None:
    memory, page = Memory(), "https://exemple.test/status"
    memory.read(entry("1", "Panne du portail", url=page))
    later = entry("2", "Panne de la paie", url=page, published=START + timedelta(days=1))
    assert keys(memory.read(later)) == (["2"], [])


def test_a_new_guid_a_new_title_and_a_later_date_under_one_address_are_another_article() -> None:
    memory, page = Memory(), "https://exemple.test/point-hebdomadaire"
    memory.read(entry("1", "Messagerie coupée", url=page))
    later = entry("2", "Sauvegardes vérifiées", url=page, published=START + timedelta(days=7), summary="Autre texte.")
    assert keys(memory.read(later)) == (["2"], [])
    assert keys(memory.read(later)) == ([], [])


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Panne du portail", "panne DU PORTAIL", 1.0),
        ("Panne du portail", "Panne du portail : le point", 1.0),
        ("Panne du portail", "Achats groupés", 0.0),
        ("", "", 1.0),
        ("", "Panne", 0.0),
    ],
)
def test_titles_are_alike_by_their_words(one: str, other: str, alike: float) -> None:
    assert likeness(one, other) == likeness(other, one) == alike


# -- every trick at once ----------------------------------------------------------------------------------------------

SLUGS = ("reseau-coupe", "messagerie-lente", "paie-en-retard", "portail-ferme", "dossier-ouvert", "serveurs-changes")


@dataclass(frozen=True)
class Guise:
    """How a publisher shows one and the same article today."""

    guid: int = 0
    scheme: str = "https"
    www: str = ""
    slash: str = ""
    tracking: str = ""
    correction: int = 0
    days: int = 0
    is_listed: bool = True

    def of(self, slug: str) -> Entry:
        url = f"{self.scheme}://{self.www}exemple.test/{slug}{self.slash}{self.tracking}"
        title = f"Sujet {slug.replace('-', ' ')}"
        return entry(
            f"guid-{slug}-{self.guid}",
            f"{title} (correction {self.correction})" if self.correction else title,
            url=url,
            published=START - timedelta(days=SLUGS.index(slug)) + timedelta(days=self.days),
        )


tricks = st.one_of(
    st.integers(0, 9).map(lambda value: {"guid": value}),
    st.sampled_from(["http", "https"]).map(lambda value: {"scheme": value}),
    st.sampled_from(["", "www.", "m."]).map(lambda value: {"www": value}),
    st.sampled_from(["", "/"]).map(lambda value: {"slash": value}),
    st.sampled_from(["", "?utm_source=a", "?xtor=RSS-1&utm_medium=b", "#haut"]).map(lambda value: {"tracking": value}),
    st.integers(0, 9).map(lambda value: {"correction": value}),
    st.integers(-3, 3).map(lambda value: {"days": value}),
    st.booleans().map(lambda value: {"is_listed": value}),
)
steps = st.lists(st.dictionaries(st.sampled_from(SLUGS), st.lists(tricks, max_size=4), max_size=6), max_size=8)


@given(steps=steps)
def test_no_sequence_of_tricks_makes_a_known_article_new(steps: list[dict[str, list[dict[str, object]]]]) -> None:
    memory, guises = Memory(), dict.fromkeys(SLUGS, Guise())
    memory.read(*(guises[slug].of(slug) for slug in SLUGS))
    for step in steps:
        for slug, changes in step.items():
            for change in changes:
                guises[slug] = replace(guises[slug], **change)  # type: ignore[arg-type]  # the names are those of Guise
        reading = memory.read(*(guises[slug].of(slug) for slug in SLUGS if guises[slug].is_listed))
        assert reading.new == []
    assert memory.articles == len(SLUGS)


@settings(max_examples=25, deadline=None)
@given(steps=steps)
async def test_no_sequence_of_tricks_posts_anything_twice(steps: list[dict[str, list[dict[str, object]]]]) -> None:
    """The same on real rows: one message an article, edited when its title is corrected."""
    async with database("sqlite:///:memory:") as fresh:
        world = World.on(fresh)
        source, channel = await world.source("a"), await world.channel()
        async with fresh.tx() as tx:
            rule = Rule(what=What.EVERYTHING)
            await world.store.subscriptions.add(tx, channel.id, rule, Rhythm.NOW, silent=False, now=START)
        guises = dict.fromkeys(SLUGS[:4], Guise())
        for step in [{}, *steps]:
            for slug, changes in step.items():
                for change in changes:
                    if slug in guises:
                        guises[slug] = replace(guises[slug], **change)  # type: ignore[arg-type]  # as above
            world.site.pages[source.url] = [one.of(slug) for slug, one in guises.items() if one.is_listed]
            await world.read()
            await world.deliver_all()
        assert len(world.platform.sent) == len(guises)
        shown = {title for title in world.platform.titles("g1")}
        assert len(shown) == len(guises)


entries = st.lists(
    st.builds(lambda key, title: entry(key, title), st.sampled_from("abcdef"), st.sampled_from(["one", "two"])),
    max_size=12,
)


@given(listed=entries, before=entries)
def test_read_twice_nothing_is_new_or_changed(listed: list[Entry], before: list[Entry]) -> None:
    memory = Memory()
    memory.read(*before)
    first = memory.read(*listed)
    assert {one.key for one in first.new} == {one.key for one in listed} - {one.key for one in before}
    assert memory.read(*listed) == Reading(new=[], changed=[], renamed=[])
