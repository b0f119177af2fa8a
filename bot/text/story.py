"""Whether two articles tell the same news. Pure; why it is measured so: docs/design/stories.md."""

import math
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.resources import files

from bot.domain.alert import AlertType
from bot.domain.article import Article, Product, Understanding
from bot.domain.entry import canonical
from bot.domain.words import words
from bot.text.analyse import stems
from bot.text.mentions import MonthDay, days_in, names_in
from bot.text.query import references
from bot.text.reading import folded
from bot.text.vocabulary import DIGEST, OVER, PHASES, STOP_WORDS

WINDOW = timedelta(days=10)  # what is further apart is another phase of it
FADES = timedelta(hours=132)
JOIN = 0.185  # the same story from here on
SURE = 0.6  # the same news whatever else is said of the two
LEAST = 0.065  # of the words: no reason makes one story of two that share less
HEAVIEST = 12  # terms by which an article is found again
LEAD = 40  # stems of the text behind the title, about its first 250 characters
TITLE = 2  # a word of the title counts as two
RAREST = 3.0  # weight of a stem in fewer than one text of twenty; more would make of every name a proof

# How much more, or less, two texts are one story than their words say (`likeness`): fitted as a logistic regression
# on the logarithms over the labelled pairs, and rounded.
SAME_DAY = 1.3  # both name a day, the same
OTHER_DAY = 0.75
SAME_NAME = 1.5
OTHER_NAME = 0.6  # of two that are attacked or down
SAME_KIND = 1.3  # both ask for the same: to answer, to mend, to wait
OTHER_DEMAND = 0.65  # one asks for action and the other does not: rather another phase of it
OTHER_FIGURES = 0.65  # 512 incidents and 60 complaints: the same kind of report
SOME_TOPICS = 0.5  # the topics of neither are all among those of the other
OTHER_TOPICS = 0.3  # none in common

STOPS = frozenset(stems(" ".join(sorted(STOP_WORDS))))
_ORDINALS = ("premier", "deuxieme", "troisieme", "quatrieme", "cinquieme", "sixieme", "septieme")
_STAGE = re.compile(
    r"\b(?:domaine |d)(?P<domain>[1-7])\b|\b(?P<named>hospiconnect)\b"
    rf"|\b(?P<nth>{'|'.join(_ORDINALS)}) (?:domaine|volet)\b"
)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_CARE = re.compile(r"\bcare\b|\bhospiconnect\b")
_SAID = 600  # characters behind the title in which stages and names are looked for
_SAME_WORDS = 30  # of a body: a shorter one may be anybody's


# What a reader would do about it; one call is a deadline to one paper and money to another.
_KIN = {
    AlertType.CARE_CALL: "answer",
    AlertType.FUNDING_CALL: "answer",
    AlertType.REGULATION_DEADLINE: "answer",
    AlertType.VULNERABILITY: "mend",
    AlertType.INCIDENT: "wait",
    AlertType.OUTAGE: "wait",
}

_WAIT = frozenset({AlertType.INCIDENT, AlertType.OUTAGE})

Terms = Mapping[str, float]


def weights(common: Mapping[str, int], texts: int) -> Mapping[str, float]:
    """`common`: in how many of so many texts a stem stands; the rarest need no weight of their own."""
    found = {stem: max(0.0, math.log((texts + 1) / (count + 0.5))) for stem, count in common.items()}
    return {stem: weight for stem, weight in found.items() if weight < RAREST}


def _read(rows: Mapping[str, str | int]) -> Mapping[str, float]:
    common = {stem: int(count) for count, stems_ in rows.items() if count.isdigit() for stem in str(stems_).split()}
    return weights(common, int(rows["texts"]))


_WEIGHTS = _read(tomllib.loads((files("bot.text") / "common_stems.toml").read_text("utf-8")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What of an article says which story it tells."""

    source: str  # its slug
    at: datetime
    terms: Terms  # a vector of length 1; empty when it says nothing
    page: str = ""  # canonical address; "": it has none of its own
    body: int = 0  # of its words; 0: too few of them
    cves: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()  # of CaRE: "1"…"4", "hospiconnect"
    references: frozenset[str] = frozenset()  # of the CERT: what it is, not what it mentions
    products: frozenset[Product] = frozenset()  # of a text about vulnerabilities
    topics: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()  # stems of those that are not common in the field
    days: frozenset[MonthDay] = frozenset()
    phases: frozenset[str] = frozenset()  # of a call, as its title says: it opens, is about to close, has results
    demand: AlertType | None = None
    ends: bool = False  # says that something is over
    gathers: bool = False  # a letter, a review: of many news, hence of none


def telling(article: Article, found: Understanding, *, has_own_page: bool = True) -> Telling:
    title = folded([article.title])
    said = f"{article.title}\n{article.chapeau[:_SAID]}\n{article.body[:_SAID]}"
    of_vulnerabilities = "vulnerabilite" in found.topics
    return Telling(
        source=article.source_slug,
        at=moment_of(article),
        terms=terms(found.stems),
        page=canonical(article.url) if article.url and has_own_page else "",
        body=_body(article),
        cves=frozenset(found.cves),
        stages=_stages(said),
        references=frozenset(references(f"{article.title} {article.url}")),
        products=frozenset(found.products) if of_vulnerabilities else frozenset(),
        topics=frozenset(found.topics),
        names=names_in(said if found.language == "fr" else article.body[:_SAID]) - _WEIGHTS.keys(),
        days=days_in(said),
        phases=frozenset(name for name, pattern in PHASES.items() if pattern.search(title)),
        demand=found.alert.type if found.alert else None,
        ends=OVER.search(title) is not None,
        gathers=DIGEST.search(title) is not None,
    )


def moment_of(article: Article) -> datetime:
    """A date ahead of us says nothing of when it was told."""
    return min(article.published or article.first_seen, article.first_seen)


@lru_cache(2_048)  # those of the window are compared with every article that comes
def terms_of(found: str) -> Terms:
    """`terms` of what the archive holds."""
    return terms(found)


def terms(found: str, known: Mapping[str, float] = _WEIGHTS) -> Terms:
    """Of the stems of an article as understanding gives them: title, "\\n", the rest."""
    title, _, rest = found.partition("\n")
    counted = Counter[str]()
    for stem in title.split():
        counted[stem] += TITLE
    counted.update(rest.split(maxsplit=LEAD)[:LEAD])
    heavy = {
        stem: (1 + math.log(count)) * known.get(stem, RAREST)
        for stem, count in counted.items()
        if stem not in STOPS and (len(stem) > 1 or stem.isdigit())
    }
    length = math.sqrt(sum(weight * weight for weight in heavy.values()))
    return {stem: weight / length for stem, weight in heavy.items() if weight} if length else {}


def heaviest(of: Terms) -> Terms:
    return dict(sorted(of.items(), key=lambda pair: (-pair[1], pair[0]))[:HEAVIEST])


def cosine(one: Terms, other: Terms) -> float:
    small, large = sorted((one, other), key=len)
    return math.fsum(weight * large.get(stem, 0.0) for stem, weight in small.items())


def likeness(one: Telling, other: Telling) -> float:
    """0.0, two stories, to 1.0, the same text. The same either way round."""
    apart = abs(one.at - other.at)
    if apart > WINDOW:
        return 0.0
    if is_one(one, other):
        return 1.0
    if are_two(one, other):
        return 0.0
    fades = math.exp(-apart / FADES)
    alike = cosine(one.terms, other.terms)
    if named := one.cves & other.cves:
        return max(len(named) / len(one.cves | other.cves), alike) * fades
    if alike < SURE:
        alike = min(alike * _reasons(one, other), SURE) if alike >= LEAST else 0.0
    found = alike * fades
    return 0.0 if _ask_otherwise(one, other) and found < SURE else found  # an outage to wait for and a hole to mend


def _reasons(one: Telling, other: Telling) -> float:
    """For and against one story, beside the words."""
    found = _topics(one.topics, other.topics)
    if one.days and other.days:
        found *= OTHER_DAY if one.days.isdisjoint(other.days) else SAME_DAY
    if not one.names.isdisjoint(other.names):
        found *= SAME_NAME
    elif one.names and other.names and {one.demand, other.demand} <= _WAIT:
        found *= OTHER_NAME
    if one.demand and other.demand:
        found *= 1.0 if _ask_otherwise(one, other) else SAME_KIND
    elif one.demand or other.demand:
        found *= OTHER_DEMAND
    return found * (OTHER_FIGURES if _differ(_figures(one.terms), _figures(other.terms)) else 1.0)


def _topics(one: frozenset[str], other: frozenset[str]) -> float:
    if _differ(one, other):
        return OTHER_TOPICS
    return 1.0 if one and other and (one <= other or other <= one) else SOME_TOPICS


def _ask_otherwise(one: Telling, other: Telling) -> bool:
    return bool(one.demand and other.demand and _KIN[one.demand] != _KIN[other.demand])


def is_one(one: Telling, other: Telling) -> bool:
    """By its page, its reference, or its words."""
    if one.ends is not other.ends:  # an alert and its closing have one reference
        return False
    if one.references and other.references:
        return not one.references.isdisjoint(other.references)
    return (one.page != "" and one.page == other.page) or (one.body != 0 and one.body == other.body)


def are_two(one: Telling, other: Telling) -> bool:
    """Look-alikes, for a reason that a reader would give."""
    return (
        one.source == other.source  # whose own list has the two apart
        or one.ends is not other.ends
        or one.gathers
        or other.gathers
        or _differ(one.references, other.references)
        or _differ(one.cves, other.cves)
        or _differ(one.stages, other.stages)
        or _differ(one.phases, other.phases)
        or (not one.cves & other.cves and _differ(one.products, other.products))
        or _only_figures_differ(one.terms, other.terms)
    )


def _differ(one: frozenset[object], other: frozenset[object]) -> bool:
    return bool(one and other) and one.isdisjoint(other)


def _only_figures_differ(one: Terms, other: Terms) -> bool:
    """The same sentence filled in again: bulletin 12, bulletin 13."""
    differing = one.keys() ^ other.keys()
    return bool(differing) and all(stem.isdigit() for stem in differing) and bool(one and other)


def _figures(of: Terms) -> frozenset[str]:
    """Neither years nor the thousands of a number."""
    return frozenset(stem for stem in of if stem.isdigit() and stem.strip("0") and not _YEAR.fullmatch(stem))


def _stages(said: str) -> frozenset[str]:
    found = " ".join(words(said))
    if not _CARE.search(found):
        return frozenset()
    return frozenset(
        str(_ORDINALS.index(match["nth"]) + 1) if match["nth"] else match["domain"] or match["named"]
        for match in _STAGE.finditer(found)
    )


def _body(article: Article) -> int:
    found = words(article.body)
    return hash(found) if len(found) >= _SAME_WORDS else 0
