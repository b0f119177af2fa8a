"""A condition as a value. Matching, rehearsal and `why` are `Rule.explain` on the same facts, and nothing else."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from bot.domain.alert import Severity
from bot.domain.article import Facts, Product
from bot.domain.concern import concern_of
from bot.domain.words import fold, words

ANY = "any"  # the anchor every article has


class What(StrEnum):
    EVERYTHING = "everything"
    SOURCE = "source"
    TOPIC = "topic"
    AUTHOR = "author"
    GENRE = "genre"
    ALERTS = "alerts"
    WATCHLIST = "watchlist"  # `value` is the community whose list it is
    WORDS = "words"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Term:
    """A word in all its inflections, or an exact phrase. `stems` come from `bot/text/analyse.py`."""

    text: str
    stems: tuple[str, ...]
    exact: bool = False

    def is_in(self, facts: Facts) -> bool:
        if not facts.stems.issuperset(self.stems):
            return False
        if not self.exact:
            return True
        wanted = words(self.text)
        return any(_stands_in(words(text), wanted) for text in facts.texts)


def _stands_in(found: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return any(found[i : i + len(wanted)] == wanted for i in range(len(found) - len(wanted) + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a rule did or did not take an article: the key of a sentence and its values."""

    key: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    matched: bool
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """*What*, then *with*: every term of `all_of`, one of `any_of`, none of `none_of`, at least `from_severity`."""

    what: What
    value: str = ""  # slug, topic, folded author or genre, community; "" where `what` says all
    all_of: tuple[Term, ...] = ()
    any_of: tuple[Term, ...] = ()
    none_of: tuple[Term, ...] = ()
    from_severity: Severity | None = None

    def canonical(self) -> str:
        """The one spelling of this rule: equal rules share a row, whoever wants them."""
        value: dict[str, object] = {"what": self.what.value, "value": self.value}
        for name, terms in (("all", self.all_of), ("any", self.any_of), ("none", self.none_of)):
            if terms:
                value[name] = [[t.text, list(t.stems), t.exact] for t in sorted(set(terms))]
        if self.from_severity is not None:
            value["from"] = int(self.from_severity)
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def parse(cls, canonical: str) -> Self:
        value = json.loads(canonical)

        def terms(name: str) -> tuple[Term, ...]:
            return tuple(Term(text=t, stems=tuple(s), exact=e) for t, s, e in value.get(name, ()))

        severity = value.get("from")
        return cls(
            what=What(value["what"]),
            value=value["value"],
            all_of=terms("all"),
            any_of=terms("any"),
            none_of=terms("none"),
            from_severity=None if severity is None else Severity(severity),
        )

    def anchors(self) -> frozenset[str]:
        """An article this rule takes has at least one of them. Never misses a match; may propose too much."""
        match self.what:
            case What.SOURCE | What.AUTHOR:
                return frozenset({f"{self.what}:{self.value}"})
            case What.ALERTS:
                least = self.from_severity or Severity.INFO
                return frozenset(f"severity:{int(s)}" for s in Severity if s >= least)
            case What.WATCHLIST:
                return frozenset({"products"})
            case What.TOPIC | What.GENRE if not any(term.stems for term in self.all_of):  # a word is rarer than a topic
                return frozenset({f"{self.what}:{self.value}"})
        if stems := [s for term in self.all_of for s in term.stems]:
            return frozenset({f"stem:{max(stems, key=len)}"})  # the longest word is usually the rarest
        if self.any_of and all(term.stems for term in self.any_of):
            return frozenset(f"stem:{max(term.stems, key=len)}" for term in self.any_of)
        return frozenset({ANY})

    def explain(self, facts: Facts, watchlist: frozenset[Product] = frozenset()) -> Explanation:
        """Does this rule take these facts, and why. `watchlist` is that of the rule's community (`What.WATCHLIST`)."""
        if facts.is_only_shared:  # shown where somebody shared it, and nobody else's news
            return _no("shared")
        if (missing := self._what_is_missing(facts, watchlist)) is not None:
            return Explanation(matched=False, reason=missing)
        for term in self.none_of:
            if term.is_in(facts):
                return _no("excluded", words=term.text)
        for term in self.all_of:
            if not term.is_in(facts):
                return _no("word_missing", words=term.text)
        if self.any_of and not any(term.is_in(facts) for term in self.any_of):
            return _no("no_word", words=", ".join(term.text for term in self.any_of))
        if self.from_severity is not None and (facts.severity is None or facts.severity < self.from_severity):
            return _no("severity", severity=self.from_severity.name.lower())
        said = self._said(facts, watchlist)
        return Explanation(matched=True, reason=Reason(key=f"rule.yes.{self.what}", values=said))

    def _what_is_missing(self, facts: Facts, watchlist: frozenset[Product]) -> Reason | None:
        understanding = facts.understanding
        match self.what:
            case What.SOURCE:
                found = self.value in facts.sources
            case What.TOPIC:
                found = self.value in understanding.topics
            case What.AUTHOR:
                found = self.value in {name_key(author) for author in facts.article.authors}
            case What.GENRE:
                found = self.value == name_key(facts.article.genre)
            case What.ALERTS:
                found = understanding.alert is not None
            case What.WATCHLIST:
                found = _names_something(facts) and concern_of(facts, watchlist) is not None
            case What.WORDS | What.EVERYTHING:
                found = True
        return None if found else Reason(key=f"rule.no.{self.what}", values=(("value", self.value),))

    def _said(self, facts: Facts, watchlist: frozenset[Product]) -> tuple[tuple[str, str], ...]:
        if self.what is What.WATCHLIST and (concern := concern_of(facts, watchlist)) is not None:
            return (("value", self.value), ("words", f"{concern.found.vendor} {concern.found.name}".strip()))
        said = ", ".join(term.text for term in (*self.all_of, *self.any_of))
        return (("value", self.value), ("words", said))


def anchors_of(facts: Facts) -> frozenset[str]:
    """Every anchor under which a rule that takes these facts may be found."""
    understanding = facts.understanding
    anchors = {ANY, f"genre:{name_key(facts.article.genre)}"}
    anchors |= {f"source:{slug}" for slug in facts.sources}
    anchors |= {f"topic:{topic}" for topic in understanding.topics}
    anchors |= {f"author:{name_key(author)}" for author in facts.article.authors}
    anchors |= {f"stem:{stem}" for stem in facts.stems}
    if understanding.alert is not None:
        anchors.add(f"severity:{int(understanding.alert.severity)}")
    if _names_something(facts):
        anchors.add("products")
    return frozenset(anchors)


def _names_something(facts: Facts) -> bool:
    """What a list names in its own words is looked for in these alone: an interview with a vendor is none."""
    understanding = facts.understanding
    return bool(understanding.products or understanding.cves) or understanding.alert is not None


def name_key(name: str) -> str:
    """A person's or a genre's name without case, accents and spacing."""
    return " ".join(words(fold(name)))


def _no(key: str, **values: str) -> Explanation:
    return Explanation(matched=False, reason=Reason(key=f"rule.no.{key}", values=tuple(values.items())))
