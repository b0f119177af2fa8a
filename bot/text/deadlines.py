"""Deadlines of a text: the dates by which its readers must act, or at which something opens or closes to them.

Every date is read (`bot.text.dates`), and is a deadline when the words around it say so (`deadlines.toml`): directly
before or after it ("jusqu'au", "inclus"), in its clause ("la date limite est fixée au"), in its line or the line beside
it (tables of milestones). What governs another kind of date ("arrêté du", "depuis le") speaks against it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime

from bot.domain.deadline import Claim, Edge
from bot.text.clauses import clauses
from bot.text.dates import Moment
from bot.text.dates_fr import PARIS
from bot.text.deadline_evidence import ENOUGH, Evidence, weigh
from bot.text.deadline_words import PROGRAMMES, Mark, Role, Word, marks, named
from bot.text.plain import Plain, plain
from bot.text.when import END_OF_DAY, Days, Span, resolve

CERTAIN = 1.6  # above it words add no confidence
LEAST_CONFIDENCE, MOST_CONFIDENCE = 0.7, 0.95
AMBIGUOUS = 0.65  # "avant le 1er septembre à minuit": which of the two midnights?
CLOSE_BY = 400  # characters before a date, in which a programme's name is that of the deadline
DEFAULT = {Edge.OPEN: "ouverture", Edge.CLOSE: "échéance"}


def find(text: str, published: datetime, *, title: str = "") -> Sequence[Claim]:
    """In the order of their days, each (day, edge) once, none before the day of publication.

    `phrase` is cut out of `text`, or out of `title` when only that gives the date. Linear in both.
    """
    day = published.astimezone(PARIS).date()
    head, body = plain(title), plain(text)
    of_title = marks(head, 0, len(head.plain))
    best: dict[tuple[date, Edge], Claim] = {}
    replaced: set[date] = set()
    for read, about in ((body, of_title), (head, ())):
        found = list(_found(read, about, day, replaced))
        names = (named(read), named(head)) if found else ((), ())
        for moment, days, evidence in found:
            for claim in _claims(read, names, moment, days, evidence, day):
                known = best.get((claim.date, claim.edge))
                if known is None or (read is body and claim.confidence > known.confidence):
                    best[claim.date, claim.edge] = claim
    kept = (claim for claim in best.values() if claim.date not in replaced)
    return sorted(kept, key=lambda claim: (claim.date, claim.edge))


def _found(
    text: Plain, about: Sequence[Mark], day: date, replaced: set[date]
) -> Iterator[tuple[Moment, Days, Evidence]]:
    """The moments that are deadlines; `replaced` gets the days that the text says to be so no longer."""
    for clause in clauses(text, about):
        previous: Evidence | None = None
        found: list[tuple[Moment, Days, Evidence]] = []
        for place, moment in enumerate(clause.moments):
            days, previous = resolve(moment.when, day), weigh(clause, place, previous)
            if days is not None and previous is not None:
                found.append((moment, days, previous))
        replaced |= {days.last for _, days, evidence in found if evidence.replaced}
        found = [(moment, days, evidence) for moment, days, evidence in found if not evidence.replaced]
        moves = any(mark.word.moves for mark in clause.marks)
        for place, (moment, days, evidence) in enumerate(found):
            if moves and any(later.edge is evidence.edge for _, _, later in found[place + 1 :]):
                replaced.add(days.last)
            elif evidence.is_enough:
                yield moment, days, evidence


Names = tuple[Sequence[Mark], Sequence[Mark]]  # programmes and stages of the text, of the title


def _claims(text: Plain, names: Names, moment: Moment, days: Days, evidence: Evidence, day: date) -> Iterator[Claim]:
    """One, or two of a span: the day it opens and the day it closes."""
    is_span = isinstance(moment.when, Span)
    programme, stage = _programme(names, moment)
    for edge in (Edge.OPEN, Edge.CLOSE) if is_span and not evidence.moves else (evidence.edge,):
        at = days.first if edge is Edge.OPEN else days.last
        if at < day or (edge is Edge.OPEN and at == day and not is_span):  # what opens today is open
            continue
        yield Claim(
            date=at,
            at=None if is_span and edge is Edge.OPEN else days.at(at),
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
    share = min(1.0, (evidence.score - ENOUGH) / (CERTAIN - ENOUGH))
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
