"""The archive's full text, on both databases: what is found, in which order, what filters keep, and what stops it."""

import asyncio
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.article import Article
from bot.domain.ids import ArticleId, SourceId
from bot.domain.source import Source
from bot.pipeline.learn import Learn
from bot.ports import Hits
from bot.text.query import read_query
from bot.text.understand import understand
from bot.wiring import store_on
from storage import asked, migrate
from storage.database import OpenDatabase, open_database
from storage.database import database as opened
from storage.search import FullText, Limits
from storage.search_fts5 import Fts5, expression
from storage.search_tsvector import Tsvector
from tests import postgres
from tests.fakes import START

DAY = timedelta(days=1)


class Shelf:
    """An archive to which articles are added by a line each."""

    def __init__(self, db: OpenDatabase) -> None:
        self.db = db
        self.store = store_on(db)
        self.sources: dict[str, SourceId] = {}

    async def add(self, title: str, body: str = "", *, source: str = "a", days: int = 0, **more: Any) -> ArticleId:
        article = await self._article(title, body, source, days, **more)
        async with self.db.tx() as tx:
            ((number, _),) = await self.store.articles.add(tx, (article, understand(article), ""))
            await self.store.articles.sight(tx, article.source, [f"k{number}"], number, "", START)
        return number

    async def revise(self, number: ArticleId, title: str, body: str = "") -> None:
        article = await self._article(title, body, "a", 0)
        async with self.db.tx() as tx:
            await self.store.articles.revise(tx, number, article, understand(article), "")

    async def learn(self) -> None:
        await Learn(terms=self.store.terms).all()

    async def find(self, typed: str, limit: int = 20, skip: int = 0) -> Hits:
        assert isinstance(self.store.search, FullText)
        patient = replace(self.store.search, at_most=timedelta(seconds=20))  # what is slow here is the machine
        return await patient.find(read_query(typed, zone=UTC, now=START), limit, skip)

    async def numbers(self, typed: str) -> list[ArticleId]:
        return list((await self.find(typed)).numbers)

    async def _article(self, title: str, body: str, source: str, days: int, **more: Any) -> Article:
        if source not in self.sources:
            async with self.db.tx() as tx:
                found = await self.store.sources.add(
                    tx, Source(slug=source, title=source, url=f"https://{source}.test/")
                )
                assert found is not None
                self.sources[source] = found
        values = {"url": f"https://exemple.test/{uuid.uuid4()}", "published": START - days * DAY, **more}
        return Article(source=self.sources[source], title=title, body=body, first_seen=START, **values)


@pytest.fixture
def shelf(database: OpenDatabase) -> Shelf:
    return Shelf(database)


async def test_an_article_is_found_by_any_form_of_its_words_and_no_longer_once_revised(shelf: Shelf) -> None:
    number = await shelf.add("Une panne", "Les messageries sécurisées de l’établissement.")
    assert await shelf.numbers("MESSAGERIE etablissements securise") == [number]
    await shelf.revise(number, "Une panne", "Le réseau.")
    assert await shelf.numbers("messagerie") == []
    assert await shelf.numbers("réseaux") == [number]


async def test_all_words_come_before_any_word_and_the_title_before_the_text(shelf: Shelf) -> None:
    one = await shelf.add("Divers", "La panne a touché le réseau.")
    other = await shelf.add("La panne du réseau")
    some = await shelf.add("Une panne d’ascenseur")
    await shelf.add("Rien", "de tout cela")
    assert await shelf.numbers("panne réseau") == [other, one, some]


async def test_all_words_but_one_come_before_one_word_however_rare(shelf: Shelf) -> None:
    one = await shelf.add("La fibre, la fibre")
    for n in range(4):
        await shelf.add(f"Subvention {n}", "et réseau ailleurs" if n < 3 else "")
    two = await shelf.add("Divers", "Une subvention régionale pour le réseau du canton et de ses voisins.")
    numbers = await shelf.numbers("subvention régionale réseau fibre")
    assert numbers[0] == two
    assert one in numbers


async def test_phrases_are_asked_in_their_order_and_exclusions_hold_in_every_tier(shelf: Shelf) -> None:
    straight = await shelf.add("La messagerie sécurisée est en panne")
    await shelf.add("La messagerie, peu sécurisée, a une panne")
    await shelf.add("La messagerie sécurisée", "après l’orage")
    assert await shelf.numbers('"messagerie sécurisée" -orage') == [straight]
    assert await shelf.numbers('panne "messagerie sécurisée" -orage') == [straight]
    assert len(await shelf.numbers("-orage")) == 2


async def test_a_phrase_holds_even_where_the_other_words_are_missing(shelf: Shelf) -> None:
    number = await shelf.add("Le plan blanc est levé")
    assert await shelf.numbers('"plan blanc" ransomware') == [number]


async def test_a_word_of_several_parts_is_found_by_all_of_them(shelf: Shelf) -> None:
    number = await shelf.add("L’AP-HP recrute")
    await shelf.add("HP annonce une imprimante")
    assert await shelf.numbers("ap-hp") == [number]


async def test_what_has_two_names_is_found_by_either_and_what_is_quoted_or_refused_means_itself(shelf: Shelf) -> None:
    french = await shelf.add("Un rançongiciel à la clinique")
    english = await shelf.add("Le ransomware est revenu")
    long = await shelf.add("Un dossier patient informatisé tout neuf")
    short = await shelf.add("Le DPI en panne")
    assert set(await shelf.numbers("ransomware")) == {french, english}
    assert await shelf.numbers('"ransomware"') == [english]
    assert await shelf.numbers("rançongiciel -ransomware") == [french]
    assert (
        set(await shelf.numbers("DPI")) == set(await shelf.numbers("dossiers patients informatisés")) == {long, short}
    )


async def test_the_words_of_a_long_name_still_fill_up_alone(shelf: Shelf) -> None:
    whole = await shelf.add("L’IA au bloc")
    part = await shelf.add("Une prothèse artificielle")
    assert await shelf.numbers("intelligence artificielle") == [whole, part]


async def test_a_word_typed_wrong_finds_the_one_that_was_meant_and_says_so(shelf: Shelf) -> None:
    number = await shelf.add("Les messageries du GHT", "L’authentification forte protège la messagerie.")
    other = await shelf.add("Après l’orage")
    assert await shelf.numbers("orgae") == []  # nothing is learnt yet
    await shelf.learn()
    assert await shelf.numbers("orgae") == [other]
    hits = await shelf.find("mesagerie authentificaton")
    assert hits.numbers == (number,)
    assert [(one.typed.text, one.read.text) for one in hits.repairs] == [
        ("mesagerie", "messagerie"),
        ("authentificaton", "authentification"),
    ]
    assert (await shelf.find("mesagerie tri:date")).numbers == (number,)
    assert (await shelf.find("mesagerie source:b")).repairs  # what was tried is told though nothing answers


async def test_only_what_no_article_holds_is_repaired(shelf: Shelf) -> None:
    typo = await shelf.add("La mesagerie, écrite ainsi")
    await shelf.add("La messagerie")
    await shelf.learn()
    hits = await shelf.find("mesagerie")
    assert (hits.numbers, hits.repairs, hits.unknown) == ((typo,), (), ())
    for typed in ('"messagrie"', "-messagrie", "m3ssagerie", "mess"):
        assert (await shelf.find(typed)).repairs == ()
    assert [word.text for word in (await shelf.find("xylophone la messagerie")).unknown] == ["xylophone"]


async def test_a_name_typed_wrong_is_read_and_found_under_its_other_names(shelf: Shelf) -> None:
    number = await shelf.add("Un rançongiciel")
    other = await shelf.add("Un pare-feu, le feu, du fer")
    await shelf.learn()
    assert await shelf.numbers("ransomwre") == [number]
    assert await shelf.numbers("rancongiciell") == [number]
    assert await shelf.numbers("firewal") == [other]


async def test_a_word_whose_last_article_is_gone_is_no_repair(shelf: Shelf) -> None:
    number = await shelf.add("La messagerie")
    await shelf.learn()
    await shelf.revise(number, "Le réseau")
    hits = await shelf.find("mesagerie")
    assert (hits.numbers, hits.repairs) == ((), ())
    assert [word.text for word in hits.unknown] == ["mesagerie"]


async def test_each_article_is_learnt_once_by_whoever_comes_first(shelf: Shelf) -> None:
    for _ in range(5):
        await shelf.add("La messagerie")
    counts = [await shelf.store.terms.learn(2) for _ in range(4)]
    assert counts == [2, 2, 1, 0]
    async with asyncio.TaskGroup() as tasks:
        await shelf.add("Une messagerie")
        together = [tasks.create_task(shelf.store.terms.learn(9)) for _ in range(2)]
    assert sorted(task.result() for task in together) == [0, 1]
    (row,) = await shelf.db.fetch("SELECT said, articles FROM terms WHERE word = 'messagerie'")
    assert (row["said"], row["articles"]) == ("messagerie", 6)


async def test_filters_hold(shelf: Shelf) -> None:
    tribune = await shelf.add("Une panne", source="dsih", days=3, authors=("Hélène Roux",), genre="Tribune")
    cyber = await shelf.add("Une panne après un rançongiciel", source="b", days=40)
    await shelf.add("Un déménagement", source="dsih")
    assert await shelf.numbers("panne source:dsih") == [tribune]
    assert set(await shelf.numbers("panne source:dsih,b")) == {tribune, cyber}
    assert await shelf.numbers("panne topic:cybersecurite") == [cyber]
    for typed in ('auteur:"helene roux"', "author:ROUX", "genre:tribune", "après:7j", 'panne après:"1 mars 2026"'):
        assert tribune in await shelf.numbers(typed)
        assert cyber not in await shelf.numbers(typed)
    assert await shelf.numbers("panne avant:7j") == [cyber]
    assert await shelf.numbers("author:rou") == []


async def test_filters_come_before_the_limit(shelf: Shelf) -> None:
    wanted = await shelf.add("Des pannes", "Il y en a beaucoup, un peu partout dans le pays.", source="rare")
    for _ in range(5):
        await shelf.add("Panne, panne, panne")
    assert (await shelf.find("panne source:rare", limit=1)).numbers == (wanted,)


async def test_dates_order_only_when_asked(shelf: Shelf) -> None:
    best = await shelf.add("La panne", days=9)
    newest = await shelf.add("Autre chose", "Un mot de la panne, parmi bien d’autres mots de ce texte.")
    assert await shelf.numbers("panne") == [best, newest]
    assert await shelf.numbers("panne tri:date") == [newest, best]
    assert await shelf.numbers("source:a") == [newest, best]


async def test_what_is_a_reference_comes_before_what_mentions_it(shelf: Shelf) -> None:
    mention = await shelf.add("CERTFR 2026 ALE", "Voir CERTFR-2026-ALE-001, CERTFR-2026-ALE-001, CERTFR-2026-ALE-001.")
    bears = await shelf.add("Vulnérabilité", url="https://cert.test/alerte/CERTFR-2026-ALE-001/")
    await shelf.add("Voir CERTFR-2026-ALE-002")
    assert await shelf.numbers("certfr 2026 ale 001") == [bears, mention]


async def test_a_cve_is_found_in_any_spelling_and_only_that_one(shelf: Shelf) -> None:
    number = await shelf.add("Faille dans FortiOS", "Voir CVE-2023-27997 et -27998.")
    await shelf.add("Faille de 2023", "CVE-2023-1111")
    for typed in ("cve 2023 27997", "CVE-2023-27998", "fortios cve:2023-27997", "ivanti CVE-2023-27997"):
        assert await shelf.numbers(typed) == [number]


async def test_pages_follow_each_other_without_doubles(shelf: Shelf) -> None:
    numbers = {await shelf.add(f"Panne {n}", "de réseau" if n % 2 else "") for n in range(7)}
    first, second = await shelf.find("panne réseau", 4), await shelf.find("panne réseau", 4, 4)
    assert (first.more, second.more) == (True, False)
    assert {*first.numbers, *second.numbers} == numbers
    assert len(first.numbers) + len(second.numbers) == 7


async def test_words_that_are_everywhere_are_compared_in_the_newest_articles_only(shelf: Shelf) -> None:
    engine = (Fts5 if shelf.db.dialect.name == "sqlite" else Tsvector)(most_ranked=3)
    numbers = [await shelf.add(f"Panne {n}") for n in range(5)]
    hits = await FullText(shelf.db, engine).find(read_query("panne", zone=UTC, now=START), 20)
    assert set(hits.numbers) == set(numbers[2:])
    assert hits.stopped
    assert (await shelf.numbers("panne 4"))[0] == numbers[4]


async def test_a_word_that_no_article_has_does_not_stand_in_the_way_of_the_others(shelf: Shelf) -> None:
    number = await shelf.add("Panne du réseau")
    await shelf.add("Panne", "sans plus")
    assert (await shelf.numbers("panne réseau xylophone"))[0] == number


WORDS = 'AP-HP l\'attaque CVE-2024-21762 NOT AND OR NEAR NEAR(a * a* ^a a:b title:a " "" "a \' ( a) {} $1 %s'
SIGNS = "- -- -a 🚑 ½ ﬁ ١٢ 東京"
FILTERS = "author:% author:_ topic:' after:0001 before:99999d tri:date cve: source: tri:date -x"
ODD = (
    *WORDS.split(),
    *SIGNS.split(),
    *FILTERS.split(),
    *("resaeu ranssomware", "dosier patient informatise", "pare-fau", "«ressau» -ressau", "xylophonee " * 20),
    *("a AND b", "a -a", "\0", "a\0b", "\ud800", "source:\0", "🚑 panne", "1e5 0x1f 3.14", "a@b.fr http://x/y?z"),
    *("a" * 10_000, "a " * 5_000, "-" * 300, "a-" * 5_000),
)


@pytest.mark.parametrize("typed", ODD, ids=lambda typed: ascii(typed)[:20])
async def test_odd_queries_are_answered(shelf: Shelf, typed: str) -> None:
    await shelf.add("Panne a b", "11 * AND")
    assert isinstance(await shelf.find(typed), Hits)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.lists(st.text(max_size=30) | st.sampled_from(ODD), max_size=6).map(" ".join))
def test_any_string_is_answered(typed: str, searching: Callable[[str], Hits]) -> None:
    assert isinstance(searching(typed), Hits)


@pytest.fixture
def searching(server: str, tmp_path: Path) -> Iterator[Callable[[str], Hits]]:
    """Hypothesis calls plain functions, so the loop is kept here."""
    with asyncio.Runner() as runner:
        name = f"t{uuid.uuid4().hex}"
        url = runner.run(postgres.create(server, name)) if server else f"sqlite:///{tmp_path}/tocsin.db"
        shelf = Shelf(runner.run(open_database(url)))
        runner.run(shelf.add("Panne du réseau", "rien de plus, ni ransomware ni dossier patient informatisé"))
        runner.run(shelf.learn())
        yield lambda typed: runner.run(shelf.find(typed))
        runner.run(shelf.db.close())


async def test_a_search_without_time_says_so_and_is_no_error(shelf: Shelf) -> None:
    await shelf.add("Panne")
    search = shelf.store.search
    assert isinstance(search, FullText)
    hurried = FullText(shelf.db, search.engine, timedelta())
    hits = await hurried.find(read_query("panne", zone=UTC, now=START), 5)
    assert hits == Hits(stopped=True)
    assert len((await shelf.find("panne")).numbers) == 1


ENDLESS = (
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 100000000) SELECT COUNT(*) AS n FROM c"
)


async def test_what_takes_too_long_is_stopped_and_holds_nobody_up(database: OpenDatabase) -> None:
    assert isinstance(database, Limits)
    others: list[float] = []

    async def others_read_and_write() -> None:
        await asyncio.sleep(0.05)
        start = time.monotonic()
        async with database.tx() as tx:
            await tx.execute("INSERT INTO leases (name, owner, epoch, expires_at) VALUES ('a', 'b', 1, 1)")
        assert await database.fetch("SELECT name FROM leases")
        others.append(time.monotonic() - start)

    start = time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(others_read_and_write())
        with pytest.raises(TimeoutError):
            async with database.limited(timedelta(milliseconds=600)) as reader:
                await reader.fetch(ENDLESS)
        took = time.monotonic() - start
    assert 0.5 < took < 5
    assert others and others[0] < took - 0.05
    async with database.limited(timedelta(seconds=5)) as reader:  # the next one has its own time
        assert await reader.fetch("SELECT name FROM leases")


async def test_an_older_database_is_searched_after_its_upgrade(server: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    if server:
        url = await postgres.create(server, f"t{uuid.uuid4().hex}", template="template0")
    async with opened(url, upgrade=False) as db:
        start, *_ = migrate.shipped(db.dialect.name)
        await migrate.upgrade(db, [start])
        async with db.tx() as tx:
            await tx.execute(
                "INSERT INTO sources (slug, title, url, origin) VALUES ('a', 'A', 'https://a.test/', 'file')"
            )
            await tx.execute("INSERT INTO stories (last_at) VALUES (1)")
            await tx.execute(
                """INSERT INTO articles (source, story, url, url_key, content_hash, title, authors, genre, stems,
                language, sorted_at, first_seen_at, analyser) VALUES (1, 1, 'u', 'u', 'h', 'Panne', '["Alice Roux"]',
                'Tribune', $1, 'fr', 1, 1, 1)""",
                "pann\nmessager hopital",
            )
        assert await migrate.upgrade(db) != []
        shelf = Shelf(db)
        for typed in ("panne", "messagerie", "author:roux", "genre:tribune"):
            assert await shelf.numbers(typed) == [1]


def test_only_quoted_stems_and_our_own_operators_reach_the_engine() -> None:
    wanted = asked.asked(read_query('AP-HP "plan blanc" -x* NOT', zone=UTC, now=datetime(2026, 1, 1, tzinfo=UTC)))
    assert expression(wanted.all(wanted.words)) == '(("plan blanc") AND ("ap" AND "hp") AND ("not")) NOT (("x"))'
