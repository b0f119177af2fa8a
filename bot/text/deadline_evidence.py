"""What the words around a date say of it: is it a deadline, of which side, how surely, and how it is called."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.deadline import Edge
from bot.text.clauses import Clause
from bot.text.dates import Moment
from bot.text.deadline_words import Mark, Role, Word
from bot.text.when import After, Origin, Period, Span, Weekday

ENOUGH = 0.9
MANY = 3  # dates in one sentence
STRONG = 0.8  # of what says that something ends or begins
ACT = 0.5  # what readers do, in the same sentence
NEAR = 0.3  # of an act in the sentence before, or in the title
A_ROW = 0.6  # a short line that is a label and a date
A_CALENDAR = 0.5  # such a line among others
A_SPAN = 0.5  # "du 3 mars au 4 avril"
AFTER_ALL = 0.6  # "dix jours à compter de ce jour"

# Between a word and the date it speaks of
_ARTICLES = "le|la|les|l'|du|de|d'|des|the|on|of|ce|cette|this|soit|est|jour|date"
_LINK = re.compile(rf"[\s:,(«\"]*(?:(?:{_ARTICLES}|au|aux|a|en|pour|vers|un|une|delai) ?[\s:,(]*){{0,3}}")
_ON = re.compile(rf"[\s:,(«\"]*(?:(?:{_ARTICLES}|en) ?[\s:,(]*){{0,3}}")
_OF = re.compile(r"\s*(?:(?:n°|no|numero) ?[\w/-]{1,20}\s+)?(?:du|de|d'|des|de la|of|en date du)(?:\s+mois de)?\s*")
_CUT = re.compile(r"[;,|]| - | puis ")  # after it speaks of the next date
_COLON = re.compile(r":\s*(?:(?:le|au|du)\s)?$")
_JOINED = re.compile(r"[\s,]*(?:et|puis|ou|and|or|enfin)?(?:\s*[\w'-]{1,20}){0,4}\s*")
_OWN_WORDS = frozenset({Role.SAYS, Role.AGAINST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    edge: Edge
    score: float
    what: str
    moves: bool = False
    replaced: bool = False  # no deadline: the text says that another date takes its place

    @property
    def is_enough(self) -> bool:
        return self.score >= ENOUGH and not self.replaced


def weigh(clause: Clause, place: int, previous: Evidence | None) -> Evidence | None:
    """Of the clause's moment `place`. None: nothing makes it a deadline. `previous`: what the one before it was."""
    window = _Window.of(clause, place)
    moment = clause.moments[place]
    before, after = window.before(), window.after()
    if before is not None and before.edge is None:
        return Evidence(edge=Edge.CLOSE, score=0.0, what="", replaced=True) if before.name == "replaced" else None
    says = window.says()
    if not _may_be(moment, before, window.left):
        return None
    act, weight = window.act()
    score = weight + (before.weight if before else 0.0) + (after.weight if after else 0.0)
    score += max((word.weight for word in says), default=0.0)
    score += _form_weight(moment) - window.against()
    if (clause.is_row and (says or weight >= NEAR)) or window.is_listed():
        score += A_ROW
    if clause.is_calendar and (clause.is_row or window.is_listed() or weight >= ACT):
        score += A_CALENDAR
    if round(score, 3) < ENOUGH and previous is not None and window.is_like_the_one_before(place):
        return previous
    edge = _edge(before, after, says)
    what = next((word.what for word in says if word.what and (word.edge is edge or before is None)), "") or act
    return Evidence(edge=edge, score=round(score, 3), what=what, moves=any(word.moves for word in says))


def _edge(before: Word | None, after: Word | None, says: Sequence[Word]) -> Edge:
    if before is not None and before.edge is not None:
        return before.edge
    if after is not None:
        return Edge.CLOSE
    heavy = sorted((word for word in says if word.edge), key=lambda word: (word.moves, -word.weight))
    return (heavy[0].edge if heavy else None) or Edge.CLOSE


def _form_weight(moment: Moment) -> float:
    match moment.when:
        case Span():
            return A_SPAN
        case After(origin=Origin.PUBLICATION | Origin.ITS):
            return AFTER_ALL
        case _:
            return 0.0


def _may_be(moment: Moment, before: Word | None, left: Sequence[Mark]) -> bool:
    """ "deux ans", "mardi", "septembre" are dates only where something takes them for one."""
    if before is not None:
        return True
    strong = any(mark.word.role is Role.SAYS and mark.word.weight >= STRONG for mark in left)
    match moment.when:
        case After():
            return moment.when.origin in (Origin.PUBLICATION, Origin.ITS) or moment.when.clock is not None
        case Weekday():
            return moment.when.is_this or moment.when.clock is not None or strong
        case Period(part="", months=1):
            return strong or moment.when.year is not None
        case _:
            return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """What stands between the date before and the date after."""

    clause: Clause
    moment: Moment
    left: Sequence[Mark]
    near_left: Sequence[Mark]  # after the last comma, where another date stands before
    right: Sequence[Mark]
    near_right: Sequence[Mark]  # up to the first comma

    @classmethod
    def of(cls, clause: Clause, place: int) -> "_Window":
        moment = clause.moments[place]
        start = clause.moments[place - 1].end if place else clause.start
        end = clause.moments[place + 1].start if place + 1 < len(clause.moments) else clause.end
        is_first = moment.start <= clause.start + len("le ")
        cuts = [cut.end() for cut in _CUT.finditer(clause.plain, start, moment.start)] if place else []
        cut = _CUT.search(clause.plain, moment.end, end)
        left = [mark for mark in clause.marks if start <= mark.start and mark.end <= moment.start]
        right = [mark for mark in clause.marks if moment.end <= mark.start and mark.end <= end]
        stop = cut.start() if cut and not is_first else end
        return cls(
            clause=clause,
            moment=moment,
            left=left,
            near_left=[mark for mark in left if not cuts or mark.start >= cuts[-1]],
            right=right,
            near_right=[mark for mark in right if mark.end <= stop],
        )

    def before(self) -> Word | None:
        """The word the date depends on: of two, the one that begins nearest, or the longer of the same place."""
        found = [mark for mark in self.left if mark.word.role is Role.BEFORE and self._is_linked(mark)]
        nearest = max(found, key=lambda mark: (mark.end, -mark.start, mark.word.edge is None), default=None)
        return nearest.word if nearest else None

    def is_like_the_one_before(self, place: int) -> bool:
        """ "au 1er mars et au 1er septembre", "le premier ferme le 13 mars, le dernier le 4 mai"."""
        if not place or self.before() or any(mark.word.role in _OWN_WORDS for mark in self.left):
            return False
        if _COLON.search(self.clause.plain, self.clause.start, self.clause.moments[0].start):
            return True
        return _JOINED.fullmatch(self.clause.plain, self.clause.moments[place - 1].end, self.moment.start) is not None

    def is_listed(self) -> bool:
        """A line of a calendar, "imagerie (17 avril)" in one, or a sentence of one that has many dates."""
        plain, start, end = self.clause.plain, self.moment.start, self.moment.end
        is_alone = self.clause.is_row or plain[start - 1 : start] + plain[end : end + 1] == "()"
        return self.clause.is_calendar and (is_alone or len(self.clause.moments) >= MANY)

    def _is_linked(self, mark: Mark) -> bool:
        if self.moment.rule not in (mark.word.forms or (self.moment.rule,)):
            return False
        link = _OF if mark.word.of else _LINK if mark.word.edge or mark.word.name == "replaced" else _ON
        return link.fullmatch(self.clause.plain, mark.end, self.moment.start) is not None

    def after(self) -> Word | None:
        for mark in self.right:
            if mark.word.role is Role.AFTER:
                gap = self.clause.plain[self.moment.end : mark.start]
                return mark.word if gap.strip(" ,(:-") in ("", "a") else None
        return None

    def says(self) -> Sequence[Word]:
        """The nearest first. What stands after the date counts where nothing before it does."""
        for marks in (self.near_left, self.near_right, self.left, self.right, self.clause.beside):
            found = [mark.word for mark in marks if mark.word.role is Role.SAYS]
            if found:
                return found[::-1] if marks in (self.near_left, self.left) else found
        return ()

    def act(self) -> tuple[str, float]:
        """How people call what is done by then, and how much it weighs."""
        near = [*self.left[::-1], *self.right, *self.clause.beside]
        for marks, most in ((near, 1.0), (self.clause.marks, 0.4), (self.clause.around, NEAR)):
            acts = [mark.word for mark in marks if mark.word.role is Role.ACT]
            if acts:
                heaviest = max(acts, key=lambda word: word.weight)
                if heaviest.weight >= 0.5 or marks is self.clause.around:
                    return heaviest.what if heaviest.weight >= 0.5 else "", min(heaviest.weight, most)
        light = [mark.word.weight for mark in near if mark.word.role is Role.ACT]
        return "", max(light, default=0.0)

    def against(self) -> float:
        """The heaviest of each kind, added up."""
        return sum({word.name: word.weight for word in self._speaking_against()}.values())

    def _speaking_against(self) -> Iterator[Word]:
        is_row = self.clause.is_row or self.is_listed()
        for mark in (*self.left, *self.near_right, *self.clause.beside):
            if mark.word.role is Role.AGAINST and (is_row or not mark.word.rows):
                yield mark.word
        for mark in self.clause.marks:
            if mark.word.role is Role.AGAINST and mark.word.everywhere:
                yield mark.word
        for mark in self.clause.around:
            if mark.word.role is Role.AGAINST and mark.word.title:
                yield mark.word
