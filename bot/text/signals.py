"""Which signals of `signals.toml` a text shows: the reasons a reader would call, each by its name.

A signal says for which types of alert it speaks, and against which; `weights.toml` says how much.
"""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from bot.domain.alert import AlertType
from bot.text.reading import Reading, folded
from bot.text.vocabulary import compiled, exactly

IN_TITLE = " (title)"
AGAIN = " (again)"  # said in two ways at least
LOOSELY = "-loosely"
# A call of CaRE is recognised as a call, then told from the others (`bot/text/classify.py`).
KINDS = tuple(kind for kind in AlertType if kind is not AlertType.CARE_CALL)

_FILE: Mapping[str, Any] = tomllib.loads((files("bot.text") / "signals.toml").read_text("utf-8"))

Places = frozenset[int]  # numbers of sentences; 0 is the title
ANYWHERE: Places = frozenset({1})
Groups = tuple[tuple[str, ...], ...]  # of each group, one signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    name: str
    speaks_for: frozenset[AlertType]
    against: frozenset[AlertType]
    words: re.Pattern[str]  # over `Reading.folded_whole`
    exact: re.Pattern[str]  # over `Reading.written`
    unless: re.Pattern[str]
    genre: re.Pattern[str]  # over the article's genre
    trust: frozenset[str]  # counts from such a source only; empty: from any
    fact: str  # of `bot.text.facts`, instead of words; "": none
    undated: bool  # the days of a text that shows it ask nothing of whoever reads
    sure: float  # how many times more than others it is worth before any text is seen
    together: Groups
    everywhere: Groups
    once: bool  # to say it in other words too makes it no likelier

    @property
    def names(self) -> tuple[str, ...]:
        """Under which it may be seen."""
        of_words = not (self.fact or self.is_compound)
        if not of_words:
            return (self.name,)
        return (self.name, self.name + IN_TITLE, *(() if self.once else (self.name + AGAIN,)))

    @property
    def is_compound(self) -> bool:
        return bool(self.together or self.everywhere)


def _kinds(names: Iterable[str]) -> frozenset[AlertType]:
    said = frozenset(names)
    return frozenset(KINDS) if "all" in said else frozenset(map(AlertType, said))


def _groups(rows: Iterable[Iterable[str]]) -> Groups:
    return tuple(tuple(row) for row in rows)


def _signal(row: Mapping[str, Any]) -> Signal:
    return Signal(
        name=row["name"],
        speaks_for=_kinds(row.get("for", ())),
        against=_kinds(row.get("against", ())),
        words=compiled(row.get("phrases", ())),
        exact=exactly(row.get("exact", ())),
        unless=compiled(row.get("unless", ())),
        genre=compiled(row.get("genre", ())),
        trust=frozenset(row.get("trust", ())),
        fact=row.get("fact", ""),
        undated=row.get("undated", False),
        sure=row.get("sure", 1.0),
        together=_groups(row.get("together", ())),
        everywhere=_groups(row.get("all", ())),
        once=row.get("once", False),
    )


SIGNALS: tuple[Signal, ...] = tuple(_signal(row) for row in _FILE["signals"])

UNDATED = frozenset(signal.name for signal in SIGNALS if signal.undated)


def signs() -> Mapping[AlertType, Mapping[str, int]]:
    """type → name, also of what is seen in a title, → 1 for, -1 against: of every weight there may be."""
    return {
        kind: {
            name: 1 if kind in signal.speaks_for else -1
            for signal in SIGNALS
            if kind in signal.speaks_for | signal.against
            for name in signal.names
        }
        for kind in KINDS
    }


def signals_in(reading: Reading, facts: Mapping[str, Places]) -> Mapping[str, str]:
    """Name → the words that show it ("" where no words do), in the order of the file."""
    ends = [place for place, sign in enumerate(reading.folded_whole) if sign == "."]
    genre = folded([reading.article.genre])
    places: dict[str, Places] = {}
    shown: dict[str, str] = {}
    for signal in SIGNALS:
        found, words, again = _places(signal, reading, ends, genre, facts, places)
        if not found:
            continue
        places[signal.name], shown[signal.name] = found, words
        if 0 in found and not signal.fact and not signal.is_compound:
            shown[signal.name + IN_TITLE] = words
        if again and not signal.once:
            shown[signal.name + AGAIN] = again
    return shown


def _places(
    signal: Signal,
    reading: Reading,
    ends: Sequence[int],
    genre: str,
    facts: Mapping[str, Places],
    known: Mapping[str, Places],
) -> tuple[Places, str, str]:
    """Where it is seen, the words that show it, and other words that do."""
    if signal.trust and reading.article.trust not in signal.trust:
        return frozenset(), "", ""
    if signal.fact:
        return facts[signal.fact], "", ""
    if signal.is_compound:
        return _compound(signal, known), "", ""
    hits = list(signal.words.finditer(reading.folded_whole))
    lines = list(signal.exact.finditer(reading.written))
    if not hits and not lines:
        return (ANYWHERE, reading.article.genre, "") if signal.genre.search(genre) else (frozenset(), "", "")
    if signal.unless.search(reading.folded_whole):
        return frozenset(), "", ""
    found = {bisect_left(ends, hit.start()) for hit in hits} | {
        reading.written.count("\n", 0, line.start()) for line in lines[:1]
    }
    said = [hit[0].strip() for hit in hits] + [line[0] for line in lines]
    return frozenset(found), said[0], next((words for words in said if words != said[0]), "")


def _compound(signal: Signal, known: Mapping[str, Places]) -> Places:
    groups = [
        [known[said] for name in names for said in (name, name + LOOSELY) if said in known]
        for names in signal.together or signal.everywhere
    ]
    if not all(groups):
        return frozenset()
    return (
        frozenset.intersection(*(frozenset[int]().union(*group) for group in groups)) if signal.together else ANYWHERE
    )
