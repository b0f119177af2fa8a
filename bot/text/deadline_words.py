"""`deadlines.toml`, read once: what each phrase says of a date near it. The file says how a phrase is written."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from string import ascii_lowercase, digits
from typing import Any, NamedTuple

from bot.domain.deadline import Edge
from bot.text.plain import LONGEST_KEY, Plain
from bot.text.tenses import tenses
from bot.text.words_index import WordsIndex

_FILE: Mapping[str, Any] = tomllib.loads((files("bot.text") / "deadlines.toml").read_text("utf-8"))


class Role(StrEnum):
    BEFORE = "before"  # says it of the date right after it
    AFTER = "after"  # of the date right before it
    SAYS = "says"  # of a date in the same clause
    ACT = "acts"
    AGAINST = "against"
    CALENDAR = "calendar"
    PROGRAMME = "programmes"
    STAGE = "stages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a phrase says. `edge` None of a BEFORE: it speaks against the date after it."""

    role: Role
    name: str = ""  # of the signal
    edge: Edge | None = None
    worth: float = 1.0  # before any labelled text is seen, for or against
    what: str = ""  # how people call a deadline of that kind
    strong: bool = False  # makes a date even of "mardi", "septembre"
    moves: bool = False  # a date was moved: the later one counts
    of: bool = False  # of a BEFORE: only where "du", "de" stands between it and the date
    forms: frozenset[str] = frozenset()  # rules of `bot.text.dates` it goes with; empty: all
    exact: frozenset[str] = frozenset()  # how it is written, capitals included; empty: anyhow

    @property
    def sign(self) -> int:
        """1: it speaks for a deadline; -1 against."""
        return -1 if self.role is Role.AGAINST or (self.role is Role.BEFORE and self.edge is None) else 1


class Mark(NamedTuple):
    """A word of the vocabulary in a text: `plain[start:end]`. A tuple: hundreds are made of every text."""

    start: int
    end: int
    word: Word


LONGEST_WORD = 40  # letters
_ONE_WORD = re.compile(r"[a-z0-9()|?]+\*?")  # a "*" inside brackets is for a regular expression
_SPACE = r"[ ,]{1,3}"
_GAP = r"[ ,]{1,3}(?:[\w'-]++[ ,]{1,3}){0,4}?"


def _keys(phrase: str) -> Iterator[tuple[str, str]]:
    """The first letters that its first word can have, up to LONGEST_KEY, and those of its second ("": any). Raises
    ValueError where the first word's are not sure."""
    for word, rest in _beginnings(phrase, LONGEST_WORD):
        for following in _second_keys(rest):
            yield word[:LONGEST_KEY], following


def _second_keys(rest: str) -> Sequence[str]:
    if not rest.startswith((" ", "'", "(", "-")) or "…" in rest[:2]:
        return [""]
    try:
        return [letters for letters, _ in _beginnings(rest.lstrip(" '-"), LONGEST_KEY)]
    except ValueError:
        return [""]


def _beginnings(phrase: str, most: int, read: str = "") -> Iterator[tuple[str, str]]:
    """(the letters it can begin with, up to `most` or to the end of the first word; what of the phrase follows)."""
    if len(read) == most or not phrase or phrase[0] not in f"{ascii_lowercase}{digits}(*":
        yield from [(read, phrase)] if read or not phrase else _beginnings(phrase[1:], most)
    elif phrase[0] == "*":
        if len(read) < LONGEST_KEY:
            raise ValueError(f"deadlines.toml: …{phrase!r}: less than {LONGEST_KEY} letters are sure of a word")
        yield read, phrase
    elif phrase[0] == "(":
        end = _closing(phrase)
        rest = phrase[end + 1 :].removeprefix("?")
        if rest != phrase[end + 1 :]:
            yield from _beginnings(rest, most, read)
        for choice in _choices(phrase[1:end]):
            yield from _beginnings(f"{choice}{rest}", most, read)
    else:
        rest = phrase[1:].removeprefix("?")
        if rest != phrase[1:]:
            yield from _beginnings(rest, most, read)
        yield from _beginnings(rest, most, read + phrase[0])


def _choices(inside: str) -> Iterator[str]:
    """Of "a(b|c)|d": "a(b|c)", "d"."""
    depth = start = 0
    for place, sign in enumerate(inside):
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and not depth:
            yield inside[start:place]
            start = place + 1
    yield inside[start:]


def _closing(phrase: str) -> int:
    depth = 0
    for place, sign in enumerate(phrase):
        depth += (sign == "(") - (sign == ")")
        if not depth:
            return place
    raise ValueError(f"deadlines.toml: {phrase!r}: a bracket is not closed")


def _pattern(phrase: str) -> re.Pattern[str]:
    written = phrase.replace("(", "(?:").replace("*", r"\w*").replace(" … ", "…").replace(" …", "…")
    return re.compile(rf"(?<!\w){written.replace(' ', _SPACE).replace('…', _GAP)}(?!\w)")


def _rows(role: Role) -> Iterator[tuple[Word, Sequence[str]]]:
    for row in _FILE[role]:
        edge = row.get("edge", "none")
        yield (
            Word(
                role=role,
                name=row.get("name", "act"),
                edge=None if edge == "none" else Edge(edge),
                worth=row.get("worth", 1.0),
                what=row.get("what", ""),
                strong=row.get("strong", False),
                moves=row.get("moves", False),
                of=row.get("of", False),
                forms=frozenset(row.get("forms", ())),
            ),
            row["phrases"],
        )


def _programmes() -> Iterator[tuple[Word, Sequence[str]]]:
    """A stage's name is the programme's key, its `what` the stage."""
    for row in _FILE["programmes"]:
        key, name = row["key"], row["name"]
        yield Word(role=Role.PROGRAMME, name=key, what=name), row.get("phrases", ())
        for written in row.get("exact", ()):
            word = Word(role=Role.PROGRAMME, name=key, what=name, exact=frozenset({written}))
            yield word, (written.lower(),)
        for stage, phrases in row["stages"].items():
            yield Word(role=Role.STAGE, name=key, what=stage), phrases


def _index(rows: Iterable[tuple[Word, Sequence[str]]]) -> WordsIndex[Word]:
    words: list[tuple[str, Word]] = []
    beginnings: list[tuple[str, Word]] = []
    patterns: list[tuple[str, str, re.Pattern[str], Word]] = []
    for word, phrases in rows:
        for phrase in phrases:
            if _ONE_WORD.fullmatch(phrase):
                ways = dict.fromkeys(_beginnings(phrase, LONGEST_WORD))
                words += [(letters, word) for letters, rest in ways if not rest]
                beginnings += [(letters, word) for letters, rest in ways if rest]
            else:
                pattern, keys = _pattern(phrase), dict.fromkeys(_keys(phrase))
                patterns += [
                    (key, following, pattern, word) for key, following in keys if not following or (key, "") not in keys
                ]
    return WordsIndex.of(words, beginnings, patterns)


PROGRAMMES: Mapping[str, str] = {row["key"]: row["name"] for row in _FILE["programmes"]}  # key → as people write it
_ROLES = (Role.BEFORE, Role.AFTER, Role.SAYS, Role.ACT, Role.AGAINST)
_ROWS = [row for role in _ROLES for row in _rows(role)]
# What the endings of verbs say (`bot.text.tenses`), and what that is worth
_TENSES: Mapping[str, Word] = {
    "future": Word(role=Role.AGAINST, name="future", worth=0.8),  # that something opens or closes is said by its word
    "past tense": Word(role=Role.AGAINST, name="past tense", worth=1.2),
    "imperfect": Word(role=Role.AGAINST, name="imperfect", worth=1.2),
    "conditional": Word(role=Role.AGAINST, name="conditional", worth=0.8),
    "you": Word(role=Role.SAYS, name="you", worth=0.8),
    "to do": Word(role=Role.SAYS, name="to do", worth=1.2),
}
VOCABULARY: Sequence[Word] = [*(word for word, _ in _ROWS), *_TENSES.values()]
_WORDS = _index(_ROWS)
_CALENDAR = _index([(Word(role=Role.CALENDAR), _FILE["calendar"]["phrases"])])
_NAMES = _index(_programmes())


def marks(text: Plain, start: int, end: int) -> Sequence[Mark]:
    """What `plain[start:end]` says of dates, in its order; marks may overlap."""
    found = list(map(_mark, _WORDS.found(text, start, end)))
    told = [Mark(at, until, _TENSES[name]) for at, until, name in tenses(text, start, end)]
    return sorted(found + told, key=_place) if told else found


def announcing(text: Plain) -> Sequence[int]:
    """Where "Calendrier", "dates clés" and their like stand in a whole text."""
    return [at for at, _, _ in _CALENDAR.found(text, 0, len(text.plain))]


_mark = Mark._make


def _place(mark: Mark) -> int:
    return mark.start


def named(text: Plain) -> Sequence[Mark]:
    """The programmes and stages of a whole text, likewise."""
    return [
        Mark(at, until, word)
        for at, until, word in _NAMES.found(text, 0, len(text.plain))
        if not word.exact or text.written(at, until) in word.exact
    ]
