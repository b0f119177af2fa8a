"""How well are stories told apart, on a labelled file?

    python -m benchmarks.story_quality FILE [--texts FILE…] [--write bot/text/common_stems.toml]

Lines are articles as `tocsin analyse` reads them, with `group` (the same news) and `not_same_as` (ids of look-alikes).
Printed: pair F1 at each threshold, with the weights that have seen the texts, and with weights and threshold that have
not: of each pair, neither text is counted; each fold's threshold is chosen on the others. `--write` counts in how many
of all these texts a stem stands, which is where the weights come from.
"""

import argparse
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.domain.source import Source
from bot.pipeline.lines import read_line
from bot.text import story
from bot.text.story import Telling, telling
from bot.text.understand import understand

FOLDS = 5
COUNTED = 200  # stems of a text
LEAST = 8  # texts with a stem, for it to be listed; rarer ones weigh the most in any case
THRESHOLDS = tuple(round(0.05 + 0.01 * step, 2) for step in range(30))


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    id: str
    group: str
    unlike: frozenset[str]
    stems: str
    telling: Telling

    @property
    def counted(self) -> frozenset[str]:
        return frozenset(self.stems.split()[:COUNTED]) - story.STOPS


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    score: float
    same: bool
    alike: bool  # a look-alike of the labels
    fold: int


def read(path: Path) -> list[Labelled]:
    found = []
    for raw in path.read_bytes().splitlines():
        line, row = read_line(raw, ZoneInfo("Europe/Paris")), json.loads(raw)
        source = Source(slug=line.source_slug, title=line.source, url="")
        article = line.article(source, datetime.now(UTC))
        understood = understand(article)
        found.append(
            Labelled(
                id=str(row["id"]),
                group=str(row.get("group", row["id"])),
                unlike=frozenset(row.get("not_same_as") or ()),
                stems=understood.stems,
                telling=telling(article, understood),
            )
        )
    return found


def counted(texts: Iterable[Labelled]) -> Counter[str]:
    return Counter(stem for text in texts for stem in text.counted)


def pairs(texts: Sequence[Labelled], common: Mapping[str, int] | None, total: int) -> list[Pair]:
    """`common`: in how many of `total` texts a stem stands, these two not counted; None: as the bot weighs it."""
    found = []
    fold = {group: place % FOLDS for place, group in enumerate(sorted({text.group for text in texts}))}
    for one, other in combinations(texts, 2):
        if common is None:
            tellings = [one.telling, other.telling]
        else:
            seen = Counter([*one.counted, *other.counted])
            weights = story.weights({stem: count - seen[stem] for stem, count in common.items()}, total - 2)
            tellings = [replace(text.telling, terms=story.terms(text.stems, weights)) for text in (one, other)]
        score = story.likeness(*tellings)
        same = one.group == other.group
        if score or same:
            alike = other.id in one.unlike or one.id in other.unlike
            found.append(Pair(score=score, same=same, alike=alike, fold=fold[one.group]))
    return found


def f1(found: Iterable[Pair], least: float) -> float:
    joined = [(pair.score >= least, pair.same) for pair in found]
    right = sum(both for both in ((hit and same) for hit, same in joined))
    wrong = sum(hit is not same for hit, same in joined)
    return 2 * right / (2 * right + wrong) if right else 0.0


def held_out(found: Sequence[Pair]) -> float:
    """Each fold by the threshold that is best on the others; all folds together."""
    right = wrong = 0
    for fold in range(FOLDS):
        others = [pair for pair in found if pair.fold != fold]
        best = max(f1(others, least) for least in THRESHOLDS)
        at_best = [least for least in THRESHOLDS if math.isclose(f1(others, least), best)]
        least = at_best[len(at_best) // 2]
        for pair in found:
            if pair.fold == fold:
                right += pair.same and pair.score >= least
                wrong += pair.same is not (pair.score >= least)
    return 2 * right / (2 * right + wrong)


def written(common: Mapping[str, int], total: int) -> str:
    rows = [f"texts = {total}"]
    for count in sorted({count for count in common.values() if count >= LEAST}, reverse=True):
        stems = " ".join(sorted(stem for stem, found in common.items() if found == count and stem.isalpha()))
        rows += [f'{count} = "{stems}"'] if stems else []
    return (
        "# How many of our texts hold a stem; what is not listed is rare. By `python -m benchmarks.story_quality`.\n\n"
        + ("\n".join(rows) + "\n")
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--texts", type=Path, nargs="*", default=[])
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    texts = read(asked.file)
    every = [*texts, *(text for path in asked.texts for text in read(path))]
    common = counted(every)
    if asked.write:
        asked.write.write_text(written(common, len(every)), "utf-8")
        print(f"{asked.write}: {sum(count >= LEAST for count in common.values())} stems of {len(every)} texts")
        return
    fitted, apart = pairs(texts, None, 0), pairs(texts, common, len(every))
    for least in THRESHOLDS[5:20]:
        print(f"join at {least:.2f}: F1 {f1(fitted, least):.3f}, weights held out {f1(apart, least):.3f}")
    joined = [pair for pair in fitted if pair.score >= story.JOIN]
    wrong, alike = sum(not pair.same for pair in joined), sum(pair.alike for pair in joined)
    print(f"at {story.JOIN}: {len(joined)} joined, {wrong} wrongly, {alike} of them look-alikes of the labels")
    print(f"fitted F1 {f1(fitted, story.JOIN):.3f}, held out (weights and threshold) {held_out(apart):.3f}")


if __name__ == "__main__":
    main()
