"""How fast are the deadlines of a text found, beside `dateparser.search` over the same text?

    python -m benchmarks.dates

Counted: processor time of this process, the best of several rounds. Ours reads the dates and decides which of them are
deadlines; theirs reads the dates. Goals: 8 times faster than theirs, and at most 5 ms for 10,000 characters of any
text, of which the worst shapes we know are measured too.
"""

import argparse
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from dateparser.search import search_dates  # type: ignore[import-untyped]

from bot.text.deadlines import find

PUBLISHED = datetime(2026, 1, 12, 8, tzinfo=UTC)
LEAST_RATIO = 8
MOST_MS = 5.0  # for 10,000 characters
SIZE = 10_000
WORST = (
    *("1 ", "fin ", "12 mai ", "lundi ", "le 3 mai 2026 ", "deux mois après la ", "du 1 au 2 ", "jusqu’au ", "1 a "),
    *("jusqu’au 3 mai ; ", "Clôture 3 mai\n", "3 mai\n\n", "date limite ", "é", "e\u0301", "a … b ", "12/12/", " "),
)


def texts() -> list[str]:
    found = Path(__file__).parents[1] / "tests" / "quality" / "deadlines.jsonl"
    return [json.loads(line)["body"] for line in found.read_text("utf-8").splitlines()]


def seconds(job: Callable[[], object], rounds: int) -> float:
    """Of processor, the best round."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        job()
        best = min(best, time.process_time() - start)
    return best


def ratio(rounds: int) -> float:
    read = texts()
    ours = seconds(lambda: [find(text, PUBLISHED) for text in read], rounds)
    settings = {"RELATIVE_BASE": PUBLISHED.replace(tzinfo=None)}
    theirs = seconds(lambda: [search_dates(text, languages=["fr", "en"], settings=settings) for text in read], 1)
    print(f"{len(read)} texts: ours {ours * 1000:.1f} ms, dateparser {theirs * 1000:.1f} ms, {theirs / ours:.1f} times")
    return theirs / ours


def _ms(text: str, rounds: int) -> float:
    return seconds(lambda: find(text, PUBLISHED), rounds) * 1000


def worst_ms(rounds: int) -> float:
    """For SIZE characters of the slowest text: sentences as people write them, or one of WORST again and again."""
    sentences = "\n\n".join(texts())
    found = {shape: _ms((shape * (SIZE // len(shape) + 1))[:SIZE], rounds) for shape in (sentences, *WORST)}
    slowest = max(found, key=lambda shape: found[shape])
    print(f"{SIZE} characters of sentences: {found[sentences]:.1f} ms")
    print(f"at worst {found[slowest]:.1f} ms ({slowest[:20]!r})")
    return found[slowest]


def test_deadlines_are_found_faster_than_dateparser_finds_dates() -> None:
    assert ratio(rounds=5) >= LEAST_RATIO


def test_no_text_takes_longer_than_its_length_allows() -> None:
    assert worst_ms(rounds=5) <= MOST_MS


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rounds", type=int, default=5)
    rounds = asked.parse_args().rounds
    ratio(rounds)
    worst_ms(rounds)


if __name__ == "__main__":
    main()
