"""Deadlines of a text: the dates by which its readers must act, or at which something opens or closes to them.

Every date is read (`bot.text.dates`), and is a deadline when the words around it say so (`deadlines.toml`): directly
before or after it ("jusqu'au", "inclus"), in its clause ("la date limite est fixée au"), in its line or the line beside
it (tables of milestones). What governs another kind of date ("arrêté du", "depuis le") speaks against it.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Self

from bot.domain.deadline import Claim, Edge
from bot.text.clauses import Clause, clauses
from bot.text.dates import Moment
from bot.text.dates_fr import PARIS
from bot.text.deadline_evidence import Evidence, weigh
from bot.text.deadline_signals import is_exact, sight_of
from bot.text.deadline_weights import ENOUGH
from bot.text.deadline_words import PROGRAMMES, Mark, Role, Word, named
from bot.text.plain import Plain, plain
from bot.text.when import END_OF_DAY, After, Days, Span

CERTAIN = 3.0  # this far above what is enough, words add no confidence
LEAST_CONFIDENCE, MOST_CONFIDENCE = 0.7, 0.95
AMBIGUOUS = 0.65  # "avant le 1er septembre à minuit": which of the two midnights?
CLOSE_BY = 400  # characters before a date, in which a programme's name is that of the deadline
ROUGHLY = timedelta(days=3)  # between a delay and the day it leads to, where a text gives both
DEFAULT = {Edge.OPEN: "ouverture", Edge.CLOSE: "échéance"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A date of a text that names a day of the calendar, and what speaks for its being a deadline."""

    moment: Moment
    days: Days
    evidence: Evidence
    in_body: bool  # else in the title
    gives_way: bool  # the text says that another day takes its place

    @property
    def is_deadline(self) -> bool:
        return self.evidence.is_enough and not self.gives_way

    def given_way(self, gone: Collection[date]) -> Self:
        return replace(self, gives_way=True) if self.days.last in gone and not self.gives_way else self

    def told_roughly(self, exact: Sequence[date]) -> Self:
        """ "Plus qu'un mois", "avant la fin de l'année" in a title: the text gives the day itself, one of `exact`."""
        if not exact or is_exact(self.moment.when):
            return self
        is_near = isinstance(self.moment.when, After) and any(abs(self.days.last - day) <= ROUGHLY for day in exact)
        return replace(self, gives_way=True) if is_near or not self.in_body else self

    def halved(self, of_body: float) -> Self:
        """Of a day that a title and its text give, the text says more: the mean of its score and of the title's."""
        return replace(self, evidence=replace(self.evidence, score=round((self.evidence.score + of_body) / 2, 3)))

    def claimed(self, published: date) -> Iterator[tuple[date, Edge]]:
        """What it claims if it is a deadline: a span the day it opens and the day it closes; none that is past."""
        is_span = isinstance(self.moment.when, Span)
        for edge in (Edge.OPEN, Edge.CLOSE) if is_span and not self.evidence.moves else (self.evidence.edge,):
            at = self.days.first if edge is Edge.OPEN else self.days.last
            if at > published or (at == published and (edge is Edge.CLOSE or is_span)):  # what opens today is open
                yield at, edge


def find(text: str, published: datetime, *, title: str = "") -> Sequence[Claim]:
    """In the order of their days, each (day, edge) once, none before the day of publication.

    `phrase` is cut out of `text`, or out of `title` when only that gives the date. Linear in both.
    """
    day = published.astimezone(PARIS).date()
    head, body = plain(title), plain(text)
    found = [one for one in _weighed(body, head, day) if one.is_deadline]
    names = (named(body), named(head)) if found else ((), ())
    best: dict[tuple[date, Edge], Claim] = {}
    for one in found:
        read, known_names = (body, names) if one.in_body else (head, (names[1], names[1]))
        for claim in _claims(read, known_names, one, day):
            known = best.get((claim.date, claim.edge))
            if known is None or (one.in_body and claim.confidence > known.confidence):
                best[claim.date, claim.edge] = claim
    return sorted(best.values(), key=lambda claim: (claim.date, claim.edge))


def weighed(text: str, published: datetime, *, title: str = "") -> Sequence[Weighed]:
    """Every date, of the text and then of the title."""
    return _weighed(plain(text), plain(title), published.astimezone(PARIS).date())


_NO_TITLE = plain("")


def _weighed(body: Plain, head: Plain, day: date) -> Sequence[Weighed]:
    found = [
        one
        for read, title in ((body, head), (head, _NO_TITLE))
        for clause in clauses(read, title, day)
        for one in _of_clause(clause, in_body=read is body)
    ]
    gone = {one.days.last for one in found if one.gives_way}
    found = [one.given_way(gone) for one in found]
    known: dict[date, float] = {}
    for one in found:
        if one.in_body:
            known[one.days.last] = max(one.evidence.score, known.get(one.days.last, one.evidence.score))
    exact = [one.days.last for one in found if one.in_body and one.is_deadline and is_exact(one.moment.when)]
    return [
        one if one.in_body or one.days.last not in known else one.halved(known[one.days.last])
        for one in (one.told_roughly(exact) for one in found)
    ]


def _of_clause(clause: Clause, *, in_body: bool) -> Sequence[Weighed]:
    """Where something was moved, of two days of one side the later one counts. What is past is not weighed."""
    sight, known = sight_of(clause), dict[int, Evidence]()
    read = [
        (moment, days, weigh(sight, place, known))
        for place, (moment, days) in enumerate(zip(clause.moments, clause.days, strict=True))
        if days is not None
    ]
    moves = any(mark.word.moves for mark in clause.marks)
    last = {evidence.edge: place for place, (_, _, evidence) in enumerate(read) if not evidence.replaced}
    return [
        Weighed(
            moment=moment,
            days=days,
            evidence=evidence,
            in_body=in_body,
            gives_way=evidence.replaced or (moves and place < last[evidence.edge]),
        )
        for place, (moment, days, evidence) in enumerate(read)
    ]


Names = tuple[Sequence[Mark], Sequence[Mark]]  # programmes and stages of the text, of the title


def _claims(text: Plain, names: Names, one: Weighed, day: date) -> Iterator[Claim]:
    moment, days, evidence = one.moment, one.days, one.evidence
    programme, stage = _programme(names, moment)
    for at, edge in one.claimed(day):
        yield Claim(
            date=at,
            at=None if isinstance(moment.when, Span) and edge is Edge.OPEN else days.at(at),
            edge=edge,
            what=_what(evidence.what or DEFAULT[edge], programme, stage),
            phrase=text.written(moment.start, moment.end),
            programme=programme,
            stage=stage,
            precision=days.precision,
            confidence=_confidence(text, moment, days, evidence),
            rule=moment.rule,
            moves=evidence.moves,
        )


def _confidence(text: Plain, moment: Moment, days: Days, evidence: Evidence) -> float:
    share = min(1.0, (evidence.score - ENOUGH) / CERTAIN)
    said = (LEAST_CONFIDENCE + share * (MOST_CONFIDENCE - LEAST_CONFIDENCE)) * days.sure
    is_midnight = days.clock is not None and days.clock.hour == END_OF_DAY
    is_ambiguous = (
        is_midnight and re.search(r"\bavant ", text.plain[max(0, moment.start - 12) : moment.start]) is not None
    )
    return round(min(said, AMBIGUOUS) if is_ambiguous else said, 2)


def _what(label: str, programme: str, stage: str) -> str:
    return " ".join(filter(None, (label, PROGRAMMES.get(programme, ""), stage)))


def _programme(names: Names, moment: Moment) -> tuple[str, str]:
    """The last one named shortly before the date, else the title's, else the text's; and its stage, likewise."""
    programme = _nearest(names, moment, lambda word: word.role is Role.PROGRAMME)
    if programme is None:
        return "", ""
    stage = _nearest(names, moment, lambda word: word.role is Role.STAGE and word.name == programme.name)
    return programme.name, stage.what if stage else ""


def _nearest(names: Names, moment: Moment, is_wanted: Callable[[Word], bool]) -> Word | None:
    of_text, of_title = ([mark for mark in found if is_wanted(mark.word)] for found in names)
    before = [mark for mark in of_text if mark.start < moment.start][::-1]
    close = [mark for mark in before if moment.start - mark.start <= CLOSE_BY]
    return next((mark.word for mark in (*close[:1], *of_title, *before[:1], *of_text)), None)
