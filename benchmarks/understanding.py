"""What does understanding one article cost, beside what `dateparser.search` needs to find its dates alone?

    python -m benchmarks.understanding

Counted: processor time of this process for each of the project's own labelled texts, the best of several rounds, and
for pages of 50,000 characters made of them. Goal: 15 ms an article at the median.
"""

import argparse
import statistics
from dataclasses import replace
from datetime import UTC, datetime

from dateparser.search import search_dates  # type: ignore[import-untyped]

from benchmarks.dates import seconds
from bot.domain.article import Article
from bot.pipeline.analyse import source_of
from bot.pipeline.lines import read_line
from bot.text.understand import understand
from tests.quality.rows import APART, DEVELOPED, HERE

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
MEDIAN_MS = 15.0
LONG = 50_000  # characters
COMPARED = 30  # texts that dateparser is given


def articles() -> list[Article]:
    lines = [read_line(raw, UTC) for name in (*DEVELOPED, APART) for raw in _raw(name)]
    return [line.article(source_of(line.source_slug, ()), NOW) for line in lines]


def _raw(name: str) -> list[bytes]:
    return (HERE / f"{name}.jsonl").read_bytes().splitlines()


def median_ms(found: list[Article], rounds: int) -> float:
    each = [seconds(lambda one=one: understand(one), rounds) * 1000 for one in found]  # type: ignore[misc]
    print(f"{len(each)} articles: median {statistics.median(each):.1f} ms, slowest {max(each):.1f} ms")
    return statistics.median(each)


def ratio(found: list[Article], rounds: int) -> float:
    some = found[:: max(1, len(found) // COMPARED)]
    ours = seconds(lambda: [understand(one) for one in some], rounds)
    theirs = seconds(lambda: [search_dates(one.body, languages=["fr", "en"]) for one in some], 1)
    print(f"{len(some)} of them: dateparser alone needs {theirs / ours:.1f} times ours")
    return theirs / ours


def long_ms(found: list[Article], rounds: int) -> float:
    whole = "\n\n".join(one.body for one in found)
    page = replace(found[0], body=(whole * (LONG // len(whole) + 1))[:LONG])
    taken = seconds(lambda: understand(page), rounds) * 1000
    print(f"a page of {LONG} characters: {taken:.1f} ms")
    return taken


def test_an_article_is_understood_within_its_time() -> None:
    assert median_ms(articles(), rounds=3) <= MEDIAN_MS


def test_all_of_it_costs_less_than_the_dates_alone_elsewhere() -> None:
    assert ratio(articles(), rounds=3) >= 1


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rounds", type=int, default=3)
    rounds = asked.parse_args().rounds
    found = articles()
    median_ms(found, rounds)
    ratio(found, rounds)
    long_ms(found, rounds)


if __name__ == "__main__":
    main()
