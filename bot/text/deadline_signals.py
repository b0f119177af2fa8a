"""Which signals a date shows: the reasons a reader would call for it to be a deadline, or none.

A signal is a group of `deadlines.toml` or a fact that is no matter of words (an hour is given, it is a row of a table).
A word near the date, elsewhere in its sentence, in the sentence above or in the title is a signal each of its own.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

from bot.domain.deadline import Edge
from bot.text.clauses import Clause
from bot.text.dates import Moment
from bot.text.deadline_words import VOCABULARY, Mark, Role, Word
from bot.text.when import After, Current, Day, Origin, Period, Span, Weekday, When

PLACES = SENTENCE, ABOVE, TITLE = " (sentence)", " (above)", " (title)"
_FARTHER = {SENTENCE: 0.3, ABOVE: 0.15, TITLE: 0.25}  # of what a word near the date is worth
MANY = 3  # dates in one sentence

# Facts, and what they are worth before any text is seen
FACTS: Mapping[str, float] = {
    "an hour": 0.7,
    "counted from today": 1.5,
    "a row": 0.3,
    "a row of theirs": 1.0,
    "a calendar": 0.7,
    "a span": 0.3,
    "act by a day": 1.0,
    "act within a time": 1.5,
    "act in a span": 1.0,
    "asked to act": 0.7,
    "ends by a day": 0.7,
    "asked by a day": 0.7,
    "free until a day": 0.7,
    "opens to act": 1.5,
    "ends to act": 0.5,
    "a weekday alone": -1.0,
    "a period": -0.4,
    "a period alone": -0.7,
    "opens in a period": 1.5,
    "asked in a period": 1.0,
    "dates a noun": -2.0,
    "a length of time": -0.3,
    "nothing ends or opens": -1.0,
    "an exact day beside": -2.0,
}
# What says on which side of a date something happens
_BY_A_DAY = frozenset({"limit", "until", "before", "within", "at the latest"})
_ENDS = frozenset({"closing", "support ends", "transition ends", "ends"})
_OPENS = frozenset({"from", "opening", "in force", "interruption", "starts"})
_SAYS_EDGE = _ENDS | _OPENS | {"moved"}
_ASKED = frozenset({"asked", "to do", "you", "awaited"})
_OPENINGS = frozenset({"opening", "starts", "may then"})

# Between a word and the date it speaks of
_ARTICLES = "le|la|les|l'|du|de|d'|des|the|on|of|ce|cette|this|soit|est|jour|date"
_LINK = re.compile(rf"[\s:,(«\"]*(?:(?:{_ARTICLES}|au|aux|a|en|pour|vers|un|une|delai) ?[\s:,(]*){{0,3}}")
_ON = re.compile(rf"[\s:,(«\"]*(?:(?:{_ARTICLES}|en) ?[\s:,(]*){{0,3}}")
_OF = re.compile(r"\s*(?:(?:n°|no|numero) ?[\w/-]{1,20}\s+)?(?:du|de|d'|des|de la|of|en date du)(?:\s+mois de)?\s*")
_CUT = re.compile(r"[;,|]| - | puis ")  # after it speaks of the next date
_COLON = re.compile(r":\s*(?:(?:le|au|du)\s)?$")
_JOINED = re.compile(r"[\s,]*(?:et|puis|ou|and|or|enfin)?(?:\s*[\w'-]{1,20}){0,4}\s*")
_SPELL = re.compile(r"(?:nuit|week-end|weekend|matinee|soiree|journee) du $")  # in which something stands still
_LOOK_BACK = 16  # characters
_OWN_WORDS = frozenset({Role.SAYS, Role.AGAINST})
_TELLING = frozenset({Role.SAYS, Role.ACT, Role.AGAINST})


def _signs() -> Mapping[str, tuple[int, float]]:
    found = {name: (1 if worth > 0 else -1, abs(worth)) for name, worth in FACTS.items()}
    for word in VOCABULARY:
        found[word.name] = (word.sign, word.worth)
        if word.role not in (Role.BEFORE, Role.AFTER):
            found |= {word.name + place: (word.sign, word.worth * share) for place, share in _FARTHER.items()}
    return found


# Of every signal there may be: 1 for, -1 against; what it is worth before any text is seen.
SIGNS: Mapping[str, tuple[int, float]] = _signs()

Shown = Mapping[str, Mark | None]  # the word that shows it; None: a fact


class Seen(NamedTuple):
    """Of one date: its signals, and the words that say what it is the date of. A tuple: one is made of every date."""

    shown: Shown
    before: Word | None  # the word the date depends on
    after: Word | None
    says: Sequence[Word]  # the nearest first
    act: str  # how people call what is done by then
    may_be: bool  # "mardi", "septembre" are dates only where something takes them for one
    is_like_the_one_before: bool  # "au 1er mars et au 1er septembre"


@dataclass(frozen=True, slots=True)
class Sight:
    """A clause as its dates see it; what is the same for all of them is looked up once (`sight_of`)."""

    clause: Clause
    starts: Sequence[int]  # of its words
    far: Mapping[str, Mark]  # what is said of each of its dates, and of none in particular

    def of(self, place: int) -> Seen:
        clause, moment = self.clause, self.clause.moments[place]
        start = clause.moments[place - 1].end if place else clause.start
        end = clause.moments[place + 1].start if place + 1 < len(clause.moments) else clause.end
        left, right = self._between(start, moment.start), self._between(moment.end, end)
        near_left, near_right = self._near(place, left, right, end)
        before, after = self._before(moment, left), self._after(moment, right)
        shown = self._shown((*near_left, *near_right, *clause.beside), (before, after))
        shown |= dict.fromkeys(self._facts(moment, shown.keys()))
        return Seen(
            shown=shown,
            before=before.word if before else None,
            after=after.word if after else None,
            says=_says(near_left[::-1], near_right, left[::-1], right, clause.beside),
            act=_act(left[::-1], right, clause.beside, clause.marks, clause.above, clause.title),
            may_be=before is not None or _may_be(moment, left),
            is_like_the_one_before=place > 0 and before is None and self._is_like(place, left),
        )

    def _shown(self, near: Sequence[Mark], governing: Sequence[Mark | None]) -> dict[str, Mark | None]:
        shown: dict[str, Mark | None] = dict(self.far)
        for mark in near:
            if mark.word.role in _TELLING:
                shown[mark.word.name] = mark
                shown.pop(mark.word.name + SENTENCE, None)
        for one in governing:
            if one is not None:
                shown[one.word.name] = one
        return shown

    def _between(self, start: int, end: int) -> Sequence[Mark]:
        first, last = bisect_left(self.starts, start), bisect_right(self.starts, end)
        return [mark for mark in self.clause.marks[first:last] if mark.end <= end] if first < last else ()

    def _near(
        self, place: int, left: Sequence[Mark], right: Sequence[Mark], end: int
    ) -> tuple[Sequence[Mark], Sequence[Mark]]:
        """After the last comma, where another date stands before; up to the first comma, but of a date that opens."""
        clause, moment = self.clause, self.clause.moments[place]
        if right and moment.start > clause.start + len("le ") and (cut := _CUT.search(clause.plain, moment.end, end)):
            right = [mark for mark in right if mark.end <= cut.start()]
        if left and place:
            cuts = [cut.end() for cut in _CUT.finditer(clause.plain, clause.moments[place - 1].end, moment.start)]
            left = [mark for mark in left if not cuts or mark.start >= cuts[-1]]
        return left, right

    def _before(self, moment: Moment, left: Sequence[Mark]) -> Mark | None:
        """The word the date depends on: of two, the one that begins nearest, or the longer of the same place."""
        found = [mark for mark in left if mark.word.role is Role.BEFORE and self._is_linked(mark, moment)]
        if len(found) < 2:
            return found[0] if found else None
        return max(found, key=lambda mark: (mark.end, -mark.start, mark.word.edge is None))

    def _is_linked(self, mark: Mark, moment: Moment) -> bool:
        if moment.rule not in (mark.word.forms or (moment.rule,)):
            return False
        link = _OF if mark.word.of else _LINK if mark.word.edge or mark.word.name in ("replaced", "not before") else _ON
        return link.fullmatch(self.clause.plain, mark.end, moment.start) is not None

    def _after(self, moment: Moment, right: Sequence[Mark]) -> Mark | None:
        for mark in right:
            if mark.word.role is Role.AFTER:
                gap = self.clause.plain[moment.end : mark.start]
                return mark if gap.strip(" ,(:-") in ("", "a") else None
        return None

    def _is_like(self, place: int, left: Sequence[Mark]) -> bool:
        """ "au 1er mars et au 1er septembre", "le premier ferme le 13 mars, le dernier le 4 mai"."""
        if any(mark.word.role in _OWN_WORDS for mark in left):
            return False
        moments, plain = self.clause.moments, self.clause.plain
        if _COLON.search(plain, self.clause.start, moments[0].start):
            return True
        return _JOINED.fullmatch(plain, moments[place - 1].end, moments[place].start) is not None

    def _facts(self, moment: Moment, said: Set[str]) -> Sequence[str]:
        return list(self._each_fact(moment, said))  # before what is said has changed

    def _each_fact(self, moment: Moment, said: Set[str]) -> Iterator[str]:
        when = moment.when
        acts, is_listed = "act" in said or "act" + SENTENCE in said, self._is_listed(moment)
        by_a_day = not _BY_A_DAY.isdisjoint(said)
        says_edge = not _SAYS_EDGE.isdisjoint(said)
        if isinstance(when, (Day, Weekday, After)) and when.clock is not None:
            yield "an hour"
        if isinstance(when, After) and when.origin in (Origin.PUBLICATION, Origin.ITS):
            yield "counted from today"
        if self.clause.is_row or is_listed:
            yield "a row"
            if acts or not (_ENDS | _OPENS).isdisjoint(said):
                yield "a row of theirs"
        if self.clause.is_calendar and (self.clause.is_row or is_listed or acts):
            yield "a calendar"
        if isinstance(when, Span):
            yield "a span"
        if isinstance(when, Span) and (acts or "act-loosely" in said):
            yield "act in a span"
        if isinstance(when, Weekday) and when.day is None and not by_a_day:
            yield "a weekday alone"
        if isinstance(when, (Period, Current)):
            if _OPENS.isdisjoint(said) and "may then" not in said:
                yield "a period"
            else:
                yield "opens in a period"
            if not (by_a_day or says_edge):
                yield "a period alone"
            if acts and "asked" in said:
                yield "asked in a period"
        if isinstance(when, Day) and not self._is_governed(said) and self._is_of(moment):
            yield "dates a noun"
        if isinstance(when, After):
            yield "a length of time"
            if "within" in said and (acts or "awaited" in said):
                yield "act within a time"
        if not is_exact(when) and any(isinstance(other.when, Day) for other in self.clause.moments):
            yield "an exact day beside"
        if acts and by_a_day:
            yield "act by a day"
        asked = not _ASKED.isdisjoint(said)
        if acts and asked:
            yield "asked to act"
        if by_a_day and asked:
            yield "asked by a day"
        if by_a_day and "still time" in said:
            yield "free until a day"
        loosely = acts or "act-loosely" in said or "act-loosely" + SENTENCE in said
        if loosely and not _OPENINGS.isdisjoint(said):
            yield "opens to act"
        if loosely and not _ENDS.isdisjoint(said):
            yield "ends to act"
        if by_a_day and not _ENDS.isdisjoint(said):
            yield "ends by a day"
        if not (by_a_day or says_edge):
            yield "nothing ends or opens"

    def _is_governed(self, said: Collection[str]) -> bool:
        return not (_BY_A_DAY | {"from", "for", "past it"}).isdisjoint(said)

    def _is_of(self, moment: Moment) -> bool:
        """ "la séance du 3 mars"; not "la nuit du 3 mars", "du samedi 3 mars"."""
        before = self.clause.plain[max(0, moment.start - _LOOK_BACK) : moment.start]
        is_named = isinstance(moment.when, Day) and moment.when.weekday is not None
        return before.endswith((" du ", " of ")) and not is_named and _SPELL.search(before) is None

    def _is_listed(self, moment: Moment) -> bool:
        """A line of a calendar, "imagerie (17 avril)" in one, or a sentence of one that has many dates."""
        plain, start, end = self.clause.plain, moment.start, moment.end
        is_cell = plain[max(0, start - 2) : start] == "| " and plain[end : end + 2] == " |"
        is_alone = self.clause.is_row or is_cell or plain[start - 1 : start] + plain[end : end + 1] == "()"
        return self.clause.is_calendar and (is_alone or len(self.clause.moments) >= MANY)


def is_exact(when: When) -> bool:
    """Not "sous deux mois", "d'ici la fin de l'année", "vendredi"."""
    return isinstance(when, (Day, Span)) or (isinstance(when, Weekday) and when.day is not None)


def sight_of(clause: Clause) -> Sight:
    places = ((TITLE, clause.title), (ABOVE, clause.above), (SENTENCE, clause.marks))
    far = {mark.word.name + place: mark for place, marks in places for mark in marks if mark.word.role in _TELLING}
    return Sight(clause, [mark.start for mark in clause.marks], far)


def _says(*groups: Sequence[Mark]) -> Sequence[Word]:
    """Of the first group that says anything; where something moved, also of the next, which says what that is."""
    said: list[Word] = []
    for marks in groups:
        said += [mark.word for mark in marks if mark.word.edge is not None and mark.word.role is Role.SAYS]
        if said and not all(word.moves for word in said):
            break
    return said


def _act(*groups: Sequence[Mark]) -> str:
    loosely = ""
    for marks in groups:
        for mark in marks:
            if mark.word.role is Role.ACT:
                if mark.word.name == "act":
                    return mark.word.what
                loosely = loosely or (mark.word.what if mark.word.worth > LEAST_ACT else "")
        if loosely:
            return loosely
    return ""


LEAST_ACT = 0.2  # "période", "service": no name for what is done


def _may_be(moment: Moment, left: Sequence[Mark]) -> bool:
    if isinstance(moment.when, (Day, Span)):
        return True
    strong = any(mark.word.strong for mark in left)
    opens = any(mark.word.edge is Edge.OPEN for mark in left)
    match moment.when:
        case After():
            return moment.when.origin in (Origin.PUBLICATION, Origin.ITS) or moment.when.clock is not None
        case Weekday():
            return moment.when.is_this or moment.when.day is not None or moment.when.clock is not None or strong
        case Period(part="", months=1):
            return strong or opens or moment.when.year is not None
        case _:
            return True
