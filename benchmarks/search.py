"""How fast is the archive searched, beside a plain FTS5 table of the same articles?

    python -m benchmarks.search [--articles 100000]

The plain table holds the texts as written (`unicode61 remove_diacritics 2`); every word is quoted, all words are asked
first, then any. Goals at 100,000 articles, in the same run: p50 at most half of the plain table's, p99 at most the
same; the pathological query, of words that are everywhere, is answered within its 250 ms. On SQLite.
"""

import argparse
import asyncio
import itertools
import random
import re
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.domain.ids import ArticleId
from bot.text.analyse import stems
from bot.text.query import read_query
from bot.wiring import store_on
from storage.database import OpenDatabase, open_database

LIMIT = 20
CHUNK = 5_000
ROUNDS = 3
NOW = datetime(2026, 3, 10, tzinfo=UTC)
STOP = "le la les de des du un une et à en dans pour par sur avec"
COMMON = "hôpital établissement santé données patients sécurité système information numérique centre hospitalier"
USUAL = " réseau serveur messagerie logiciel dossier panne sauvegarde financement vulnérabilité correctif identité"
RARER = (
    "rançongiciel hameçonnage annuaire certificat pare feu guichet candidature pharmacie laboratoire imagerie"
    " ordonnance télésurveillance interopérabilité habilitation"
)
SYLLABLES = "ba cor di fer gan lu mon nel pi quo ra sen ti vel zan bri cha dro fla gre"
# In French, articles hold the first ranks of frequency, a trade's own words the tens and hundreds, those of a subject
# the thousands.
RANKS = ((STOP, 0), (COMMON, 30), (USUAL, 300), (RARER, 2_000))
# As people ask: two to four words, mostly one that is everywhere beside those of the subject.
QUERIES = (
    *("panne messagerie hôpital", "l'attaque du centre hospitalier", "rançongiciel pharmacie", "sauvegarde annuaire"),
    *("financement guichet candidature", "certificat pare-feu établissement", "habilitations du dossier patient"),
    *("interopérabilité laboratoire ordonnance données", '"centre hospitalier" panne', "télésurveillance -imagerie"),
    *("hameçonnage", "identité numérique en santé", "aide au financement des pare-feu", "annuaire santé habilitation"),
    *("sécurité imagerie laboratoire", "correctif serveur pharmacie hospitalier", "ordonnance numérique guichet"),
)
PATHOLOGICAL = "le système d'information de santé des hôpitaux et la sécurité des données des patients du centre"

Ask = Callable[[str], Awaitable[Sequence[int]]]


def articles(count: int) -> list[tuple[str, str]]:
    """Zipf's law over French words and a long tail of invented ones."""
    chance = random.Random(1)
    syllables = SYLLABLES.split()
    vocabulary = ["".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(30_000)]
    for words, rank in RANKS:
        vocabulary[rank : rank + len(words.split())] = words.split()
    weights = list(itertools.accumulate(1 / (rank + 8) for rank in range(len(vocabulary))))

    def text(words: int) -> str:
        return " ".join(chance.choices(vocabulary, cum_weights=weights, k=words))

    return [(text(9), text(chance.randint(60, 240))) for _ in range(count)]


async def ours(path: Path, texts: Sequence[tuple[str, str]]) -> OpenDatabase:
    """Only what searching reads: the stems."""
    db = await open_database(f"sqlite:///{path}")
    search = store_on(db).search
    for start in range(0, len(texts), CHUNK):
        async with db.tx() as tx:
            for number, (title, body) in enumerate(texts[start : start + CHUNK], start + 1):
                await search.index(tx, (ArticleId(number), f"{' '.join(stems(title))}\n{' '.join(stems(body))}"))
    async with db.tx() as tx:  # the number of the newest article says how many there are
        await tx.execute("INSERT INTO sources (slug, title, url, origin) VALUES ('a', 'A', 'https://a.test/', 'file')")
        await tx.execute("INSERT INTO stories (last_at) VALUES (1)")
        await tx.execute(
            """INSERT INTO articles (id, source, story, url, url_key, content_hash, title, language, sorted_at,
            first_seen_at, analyser) VALUES ($1, 1, 1, 'u', 'u', 'h', 't', 'fr', 1, 1, 1)""",
            len(texts),
        )
    return db


def plain(path: Path, texts: Sequence[tuple[str, str]]) -> sqlite3.Connection:
    table = sqlite3.connect(path)
    table.execute("PRAGMA journal_mode = WAL")
    table.execute('CREATE VIRTUAL TABLE f USING fts5(title, body, tokenize = "unicode61 remove_diacritics 2")')
    for start in range(0, len(texts), CHUNK):
        rows = ((n, *text) for n, text in enumerate(texts[start : start + CHUNK], start + 1))
        table.executemany("INSERT INTO f (rowid, title, body) VALUES (?, ?, ?)", rows)
        table.commit()
    return table


def asked_plainly(table: sqlite3.Connection, typed: str) -> Sequence[int]:
    words = [f'"{word}"' for word in re.findall(r"\w+", typed)]
    found: dict[int, None] = {}
    for operator in (" ", " OR "):
        if len(found) < LIMIT:
            sql = "SELECT rowid FROM f WHERE f MATCH ? ORDER BY bm25(f, 5.0, 1.0) LIMIT ?"
            found |= dict.fromkeys(number for (number,) in table.execute(sql, (operator.join(words), LIMIT)))
    return list(found)[:LIMIT]


async def timed(ask: Ask, queries: Sequence[str]) -> list[float]:
    """Milliseconds, each query several times, in turn."""
    took = []
    for typed in [query for _ in range(ROUNDS) for query in queries]:
        start = time.perf_counter()
        await ask(typed)
        took.append(1000 * (time.perf_counter() - start))
    return took


async def main(count: int) -> None:
    texts = articles(count)
    with tempfile.TemporaryDirectory() as folder:
        table = plain(Path(folder) / "plain.db", texts)
        db = await ours(Path(folder) / "tocsin.db", texts)
        search = store_on(db).search

        async def find(typed: str) -> Sequence[int]:
            return (await search.find(read_query(typed, zone=UTC, now=NOW), LIMIT)).numbers

        async def find_plainly(typed: str) -> Sequence[int]:
            return asked_plainly(table, typed)

        for name, queries in (("typical", QUERIES), ("pathological", (PATHOLOGICAL,))):
            here, there = await timed(find, queries), await timed(find_plainly, queries)
            report(f"{count} articles, {name}", here, there)
        hits = await search.find(read_query(PATHOLOGICAL, zone=UTC, now=NOW), LIMIT)
        print(f"pathological: {len(hits.numbers)} hits, stopped: {hits.stopped}")
        table.close()
        await db.close()


async def test_queries_on_100_000_articles() -> None:
    await main(100_000)


def report(name: str, here: Sequence[float], there: Sequence[float]) -> None:
    for label, at in (("p50", 49), ("p99", 98)):
        ours_ms, plain_ms = (statistics.quantiles(took, n=100, method="inclusive")[at] for took in (here, there))
        print(f"{name}: {label} {ours_ms:.1f} ms, plain table {plain_ms:.1f} ms, ratio {ours_ms / plain_ms:.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000)
    asyncio.run(main(parser.parse_args().articles))
