"""`make fit`: the weights of `bot/text/deadline_weights.toml`, from the labelled texts of this directory.

One sample is a date of a text, on or after its publication: its signals, and whether the labels call it a deadline.
Figures are of days: how many are found, how many of those found are deadlines. Across the folds, each text is read by
weights that were fitted on the others; texts of one story are in one fold. Other sets of that format may be named,
`make fit QUALITY=FILE.jsonl`: how the weights read those is printed.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bot import catalogue
from bot.pipeline.analyse import source_of
from bot.pipeline.lines import read_line
from bot.settings import read as read_settings
from bot.text.classify import INVITES
from bot.text.clean import clean, one_line
from bot.text.dates_fr import PARIS
from bot.text.deadline_signals import SIGNS
from bot.text.deadline_weights import BIAS
from bot.text.deadlines import Weighed, weighed
from bot.text.signals import UNDATED
from bot.text.understand import signals_of
from tests.quality.regression import Before, folds, regress
from tests.quality.rows import APART, DEVELOPED, HERE, INPUTS, rows_of

WEIGHTS_FILE = Path(__file__).parent.parent.parent / "bot" / "text" / "deadline_weights.toml"
# `dates_apart`: written and labelled before anything was changed for them.
FILES = (*DEVELOPED, "deadlines", APART, "dates_apart")
BIAS_BEFORE = -2.0
NEAR_PULL, FAR_PULL = 2.0, 10.0
LEAST_PRECISION = 0.92  # across the folds, where 0.90 is the goal: who chose the words had read the texts
FOLDS = 5
SMALL = 0.05  # a weight under it is not written

Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    days: frozenset[date]  # what it claims, if it is a deadline
    shown: frozenset[str]
    is_deadline: bool
    in_body: bool
    may_be: bool  # else it is never claimed, whatever its weights
    counts: bool = True  # False: the label quotes another mention of the same day


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """`asks`: else it is of another world, of which no date is kept (`bot.text.classify.of_readers`)."""

    name: str
    story: str
    labelled: frozenset[date]
    asks: bool
    samples: Sequence[Sample]


def text_of(row: Mapping[str, Any]) -> Text:
    body, title, published = clean(row["body"]), one_line(row["title"]), datetime.fromisoformat(row["published"])
    labels = {date.fromisoformat(one["date"]): clean(one["phrase"]) for one in row["deadlines"]}
    found = [(one, _days(one, published)) for one in weighed(body, published, title=title)]
    quoted = {day for one, days in found for day in days & labels.keys() if _is_quoted(one, labels[day], body)}
    return Text(
        name=row["id"],
        story=row.get("group") or row["id"],
        labelled=frozenset(labels),
        asks=row.get("is_alert", bool(labels)) or not _is_elsewhere(row),
        samples=[
            Sample(
                days=days,
                shown=frozenset(one.evidence.shown),
                is_deadline=not labels.keys().isdisjoint(days),
                in_body=one.in_body,
                may_be=one.evidence.may_be and not one.gives_way,
                counts=all(day not in quoted or _is_quoted(one, labels[day], body) for day in days),
            )
            for one, days in found
            if days
        ],
    )


def _is_elsewhere(row: Mapping[str, Any]) -> bool:
    settings = read_settings({})
    line = read_line(json.dumps({name: row[name] for name in INPUTS}).encode(), settings.zone)
    shown = signals_of(line.article(source_of(line.source_slug, catalogue.read(settings.sources)), _NO_DAY)).keys()
    return not UNDATED.isdisjoint(shown) and INVITES.isdisjoint(shown)


_NO_DAY = datetime(2026, 1, 1, tzinfo=UTC)  # every text says when it was published


def _days(one: Weighed, published: datetime) -> frozenset[date]:
    return frozenset(day for day, _ in one.claimed(published.astimezone(PARIS).date()))


def _is_quoted(one: Weighed, phrase: str, body: str) -> bool:
    """The label's words stand where the date does."""
    at = body.find(phrase) if one.in_body else -1
    while at >= 0:
        if at < one.moment.end and one.moment.start < at + len(phrase):
            return True
        at = body.find(phrase, at + 1)
    return False


def before() -> Mapping[str, Before]:
    """What is said elsewhere than near the date is drawn harder: it is too easily true of these texts by chance."""
    return {
        name: Before(side=side, weight=side * worth, pull=FAR_PULL if name.endswith(")") else NEAR_PULL)
        for name, (side, worth) in SIGNS.items()
    }


def fit(texts: Sequence[Text]) -> Weights:
    samples = [sample for text in texts if text.asks for sample in text.samples if sample.may_be and sample.counts]
    bias, weights = regress(
        [sample.shown for sample in samples], [sample.is_deadline for sample in samples], before(), BIAS_BEFORE
    )
    heaviest = sorted(weights.items(), key=lambda pair: (-abs(round(pair[1], 2)), pair[0]))
    return {BIAS: round(bias, 2)} | {name: round(w, 2) for name, w in heaviest if abs(w) >= SMALL}


# -- figures ----------------------------------------------------------------------------------------------------------

Scores = Sequence[Mapping[date, float]]  # of each text, the best score of each day


def scores(texts: Sequence[Text], weights: Weights) -> Scores:
    return [_of_text(text, weights) for text in texts]


def _of_text(text: Text, weights: Weights) -> Mapping[date, float]:
    """As `bot.text.deadlines` does it: of a day that the body names too, a title's score is half."""
    best: dict[date, float] = {}
    of_body: dict[date, float] = {}
    for sample in text.samples:  # those of the body come first
        score = weights[BIAS] + sum(weights.get(name, 0.0) for name in sample.shown)
        for day in sample.days:
            if sample.in_body:
                of_body[day] = max(score, of_body.get(day, score))
            elif day in of_body:
                score = (score + of_body[day]) / 2
            if sample.may_be and text.asks:
                best[day] = max(score, best.get(day, score))
    return best


def scores_across(texts: Sequence[Text]) -> Scores:
    fold = folds({text.story for text in texts}, FOLDS)
    found: dict[int, Mapping[date, float]] = {}
    for n in range(FOLDS):
        weights = fit([text for text in texts if fold[text.story] != n])
        found |= {place: _of_text(text, weights) for place, text in enumerate(texts) if fold[text.story] == n}
    return [found[place] for place in range(len(texts))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)

    def __str__(self) -> str:
        return f"deadlines F1 {self.f1:.3f}   precision {self.precision:.3f}   recall {self.recall:.3f}"


def figures_of(texts: Sequence[Text], found: Scores, enough: float) -> Figures:
    pairs = [
        (text.labelled, {day for day, score in days.items() if round(score, 3) >= enough})
        for text, days in zip(texts, found, strict=True)
    ]
    return Figures(
        right=sum(len(labelled & said) for labelled, said in pairs),
        wrong=sum(len(said - labelled) for labelled, said in pairs),
        missed=sum(len(labelled - said) for labelled, said in pairs),
    )


def enough_for(texts: Sequence[Text], found: Scores) -> float:
    """The lowest threshold that is as precise as is asked; the most precise where none is.

    The lowest, as many of the texts here were written to hold dates that are no deadlines, which are fewer elsewhere.
    """
    thresholds = [n / 20 for n in range(-40, 61)]
    precision = {at: figures_of(texts, found, at).precision for at in thresholds}
    precise = [at for at in thresholds if precision[at] >= LEAST_PRECISION]
    return min(precise, default=max(thresholds, key=precision.__getitem__))


def written(weights: Weights, enough: float) -> str:
    lines = ["# Fitted by `make fit`; never edited by hand.", f"enough = {enough}", "", "[weights]"]
    return "\n".join([*lines, *(f'"{name}" = {weight:.2f}' for name, weight in weights.items())]) + "\n"


def own() -> Sequence[Text]:
    return [text_of(row) for file in FILES for row in rows_of(HERE / f"{file}.jsonl").values()]


def main(others: Sequence[str]) -> None:
    texts = own()
    weights, across = fit(texts), scores_across(texts)
    enough = enough_for(texts, across)
    print(f"{sum(len(text.samples) for text in texts)} dates, {sum(len(text.labelled) for text in texts)} deadlines")
    print(f"fitted           {figures_of(texts, scores(texts, weights), enough)}")
    print(f"across {FOLDS} folds   {figures_of(texts, across, enough)}   from {enough}")
    for path in others:
        unseen = [text_of(row) for row in rows_of(Path(path)).values()]
        print(f"{Path(path).stem[:15]:<17}{figures_of(unseen, scores(unseen, weights), enough)}")
    WEIGHTS_FILE.write_text(written(weights, enough), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
