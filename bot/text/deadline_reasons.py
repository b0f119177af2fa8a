"""Why a date of a text is a deadline, or none: its signals by name, the words that show them, what each weighs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.domain.deadline import Edge
from bot.text.dates_fr import PARIS
from bot.text.deadline_signals import PLACES, TITLE
from bot.text.deadline_weights import BIAS, ENOUGH, WEIGHTS
from bot.text.deadlines import Weighed, weighed
from bot.text.plain import Plain, plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A signal of a date, and what it added to (or took from) its score."""

    signal: str
    place: str  # "sentence", "above", "title"; "": near the date
    words: str  # as the text says it; "": no words show it
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A date of a text, on or after its publication. A title's score is the mean with the text's of that day."""

    phrase: str
    days: Sequence[tuple[date, Edge]]  # what it claims, if it is a deadline
    score: float
    is_deadline: bool
    signs: Sequence[Sign]  # the heaviest first; none without a weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    enough: float  # a score from which a date is a deadline
    bias: float
    dates: Sequence[Dated]  # of the text, then of the title


def reasons(text: str, published: datetime, *, title: str = "") -> Reasons:
    """Of the same dates as `bot.text.deadlines.find` looks at."""
    body, head, day = plain(text), plain(title), published.astimezone(PARIS).date()
    dates = [_dated(one, body, head, day) for one in weighed(text, published, title=title)]
    return Reasons(enough=ENOUGH, bias=WEIGHTS[BIAS], dates=dates)


def _dated(one: Weighed, body: Plain, head: Plain, day: date) -> Dated:
    read = body if one.in_body else head
    return Dated(
        phrase=read.written(one.moment.start, one.moment.end),
        days=tuple(one.claimed(day)),
        score=one.evidence.score,
        is_deadline=one.is_deadline,
        signs=sorted(_signs(one, read, head), key=lambda sign: -abs(sign.weight)),
    )


def _signs(one: Weighed, read: Plain, head: Plain) -> Iterator[Sign]:
    for name, mark in one.evidence.shown.items():
        place = next(filter(name.endswith, PLACES), "")
        said = head if place == TITLE else read
        if weight := WEIGHTS[name]:
            yield Sign(
                signal=name.removesuffix(place),
                place=place.strip(" ()"),
                words=said.written(mark.start, mark.end) if mark else "",
                weight=weight,
            )
