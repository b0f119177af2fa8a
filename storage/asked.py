"""A query as both full-text engines understand it: what to match, in which order, and the filters.

Everything here is made of stems and of our own operators; nothing of what was typed goes further as text.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import LiteralString

from bot.domain.query import Query
from bot.domain.rule import Term
from bot.ports import Dialect
from bot.text.analyse import stems
from bot.text.synonyms import Phrase, Wanted, read_names
from storage.columns import array, ms

RARE = 0.02  # of all articles …
RARE_AT_LEAST = 2_000  # … but in a small archive every word is rare
MOST_RANKED = 5_000  # the newest hits of words that are everywhere: ranking 100,000 takes 80 ms, these 6

Words = tuple[Phrase, ...]  # all of them: what one typed word asks for (`AP-HP` has two stems)
Group = tuple[Words, ...]  # any of them: one thing that is looked for, as it was typed and under its other names

_OF_SOURCE = "SELECT g.article FROM sightings g JOIN sources s ON s.id = g.source WHERE s.slug IN "
_NAMED = "SELECT article FROM article_names WHERE kind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """All of `all_of`, one of `any_of` unless that is empty, none of `none_of`."""

    all_of: tuple[Group, ...] = ()
    any_of: tuple[Group, ...] = ()
    none_of: tuple[Group, ...] = ()

    @property
    def asks(self) -> bool:
        """False: it can only take away, which neither engine can begin with."""
        return bool(self.all_of or self.any_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`words` rank, `required` must stand there."""

    words: tuple[Group, ...]
    parts: tuple[Group, ...]  # the single words of names that are several (`intelligence artificielle`)
    required: tuple[Group, ...]
    none_of: tuple[Group, ...]

    @property
    def ranking(self) -> tuple[Group, ...]:
        """All whose frequency counts."""
        return tuple(dict.fromkeys((*self.required, *self.words, *self.parts)))

    @property
    def none(self) -> Match:
        return Match(none_of=self.none_of)

    def all(self, words: Sequence[Group]) -> Match:
        return Match(all_of=(*self.required, *words), none_of=self.none_of)

    def some(self, words: Sequence[Group]) -> Match:
        return Match(all_of=self.required, any_of=tuple(words), none_of=self.none_of)


def asked(query: Query) -> Asked:
    """Only words that rank are looked for under other names: a phrase, a reference, what is refused mean themselves."""
    names = read_names(query.words)
    references = [_exactly(name) for name in query.references]
    parts = [_named(one) for name in names if len(name.typed) > 1 for term in name.typed for one in read_names([term])]
    return Asked(
        words=_some((*map(_named, names), *references)),
        parts=_some(parts),
        required=_some((*map(_group, query.phrases), *map(_exactly, query.cves))),
        none_of=_some(map(_group, query.none_of)),
    )


def unknown(query: Query, frequencies: "Frequencies") -> tuple[Term, ...]:
    """Words that no article holds, whatever else they are called."""
    alone = [name for name in read_names(query.words) if not name.also]
    return tuple(term for name in alone for term in name.typed if term.stems and not frequencies.of(_named(name)))


def _some(groups: Iterable[Group]) -> tuple[Group, ...]:
    return tuple(filter(None, groups))


def _named(name: Wanted) -> Group:
    typed = tuple((stem,) for term in name.typed for stem in term.stems)
    return tuple(filter(None, (typed, *((phrase,) for phrase in name.also))))


def _group(term: Term) -> Group:
    words = (term.stems,) if term.exact else tuple((stem,) for stem in term.stems)
    return (words,) if term.stems else ()


def _exactly(name: str) -> Group:
    return ((stems(name),),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequencies:
    """How many articles there are, and how many have each group: exact up to what is rare, "more" beyond."""

    articles: int
    counts: Mapping[Group, int]

    def of(self, group: Group) -> int:
        return self.counts[group]

    def weight(self, group: Group) -> float:
        """What few articles have says more."""
        return 1 + math.log(max(self.articles, 1) / max(self.counts[group], 1))

    def are_few(self, match: Match, most: int) -> bool:
        """Surely no more than `most` match."""
        known = {group: count for group, count in self.counts.items() if count <= rare(self.articles)}
        if any(known.get(group, most + 1) <= most for group in match.all_of):
            return True
        return bool(match.any_of) and sum(known.get(group, most + 1) for group in match.any_of) <= most


def rare(articles: int) -> int:
    """A word in no more articles than this is rare, out of so many."""
    return max(RARE_AT_LEAST, round(RARE * articles))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """`where` is a row of `AND {} IN (…)`, `{}` being the number of an article; its placeholders begin with $1."""

    where: LiteralString = ""
    values: tuple[object, ...] = ()

    def then(self, count: int) -> tuple[LiteralString, ...]:
        """The next `count` placeholders."""
        return tuple(f"${len(self.values) + n}" for n in range(1, count + 1))

    def on(self, column: LiteralString) -> LiteralString:
        return self.where.replace("{}", column)


def filters(query: Query, dialect: Dialect, *, bearing: tuple[str, ...] = ()) -> Filters:
    """`bearing`: the article is one of these references itself."""
    values: list[object] = []

    def given(value: object) -> LiteralString:
        values.append(value)
        return f"${len(values)}"

    def one_of(wanted: Sequence[str]) -> LiteralString:
        return dialect.strings_in(given(array(wanted)))

    found: list[str] = []
    if query.sources:
        found.append(_OF_SOURCE + one_of(query.sources))
    if query.topics:
        found.append("SELECT article FROM article_topics WHERE topic IN " + one_of(query.topics))
    for kind, wanted in (("genre", query.genres), ("reference", bearing)):
        if wanted:
            found.append(f"{_NAMED} = '{kind}' AND name IN {one_of(wanted)}")
    if query.authors:
        alike = (f"' ' || name || ' ' LIKE {given(f'% {author} %')}" for author in query.authors)
        found.append(f"{_NAMED} = 'author' AND ({' OR '.join(alike)})")
    if query.after is not None or query.before is not None:
        bounds = [f"sorted_at >= {given(ms(query.after))}"] if query.after is not None else []
        bounds += [f"sorted_at < {given(ms(query.before))}"] if query.before is not None else []
        found.append("SELECT id FROM articles WHERE " + " AND ".join(bounds))
    return Filters(where="".join(f" AND {{}} IN ({condition})" for condition in found), values=tuple(values))
