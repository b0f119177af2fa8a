"""What the signals of a date say together: is it a deadline, of which side, how surely, and how it is called."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.deadline import Edge
from bot.text.deadline_signals import Seen, Shown, Sight
from bot.text.deadline_weights import ENOUGH, score_of
from bot.text.deadline_words import Word

REPLACED = "replaced"  # the signal that another date takes its place


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    edge: Edge
    score: float
    what: str
    shown: Shown
    may_be: bool = True
    moves: bool = False
    replaced: bool = False  # no deadline: the text says that another date takes its place

    @property
    def is_enough(self) -> bool:
        return self.may_be and self.score >= ENOUGH and not self.replaced


def weigh(sight: Sight, place: int, known: dict[int, Evidence]) -> Evidence:
    """Of the clause's moment `place`. `known`: of those weighed before, to which this one is added."""
    if place not in known:
        known[place] = _weigh(sight, place, known)
    return known[place]


def _weigh(sight: Sight, place: int, known: dict[int, Evidence]) -> Evidence:
    seen = sight.of(place)
    if seen.is_like_the_one_before:
        before = weigh(sight, place - 1, known)
        shown = {**before.shown, **seen.shown}
        return replace(before, score=score_of(shown), shown=shown, replaced=False)
    moves = any(word.moves for word in seen.says)
    edge = _edge(seen, weigh(sight, place - 1, known) if moves and place else None)
    named = (word.what for word in seen.says if word.what and (word.edge is edge or seen.before is None))
    return Evidence(
        edge=edge,
        score=score_of(seen.shown),
        what=next(named, "") or seen.act,
        shown=seen.shown,
        may_be=seen.may_be,
        moves=moves,
        replaced=seen.before is not None and seen.before.name == REPLACED,
    )


def _edge(seen: Seen, previous: Evidence | None) -> Edge:
    """What is moved is of the side it was: "l'ouverture, prévue le 15 juin, est décalée au 6 juillet"."""
    if seen.before is not None and seen.before.edge is not None:
        return seen.before.edge
    if seen.after is not None:
        return Edge.CLOSE
    if previous is not None and all(word.moves for word in seen.says):
        return previous.edge
    return _heaviest(seen.says) or Edge.CLOSE


def _heaviest(says: Sequence[Word]) -> Edge | None:
    heavy = sorted((word for word in says if word.edge), key=lambda word: (word.moves, -word.worth))
    return heavy[0].edge if heavy else None
