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
from bot.text.query import references
from bot.text.vocabulary import STOP_WORDS

WINDOW = timedelta(days=10)  # what is further apart is another phase of it
FADES = timedelta(hours=168)
JOIN = 0.17  # the same story from here on
SURE = 0.6  # the same news whatever else is said of the two
HEAVIEST = 12  # terms by which an article is found again
LEAD = 40  # stems of the text behind the title, about its first 250 characters
TITLE = 2  # a word of the title counts as two
RAREST = 3.0  # weight of a stem in fewer than one text of twenty; more would make of every name a proof
OTHER_FIGURES = 0.8  # 512 incidents and 60 complaints: the same kind of report
OTHER_DEMAND = 0.6  # one asks for action and the other does not: rather another phase of it

STOPS = frozenset(stems(" ".join(sorted(STOP_WORDS))))
_STAGE = re.compile(r"\b(?:domaine |d)(?P<domain>[1-4])\b|\b(?P<named>hospiconnect)\b")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_CARE = re.compile(r"\bcare\b|\bhospiconnect\b")
_ENDS = re.compile(
    r"\b(?:resolue?|retablie?|cloture|retour a la normale|fin d (?:alerte|incident)|resolved|restored)\b"
)
_DIGEST = re.compile(r"\b(?:lettre|newsletter|bulletin de veille|revue de presse|semaine en bref|weekly|digest)\b")
_SAID = 600  # characters behind the title in which a stage is looked for
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
    demand: AlertType | None = None
    ends: bool = False  # says that something is over
    gathers: bool = False  # a letter, a review: of many news, hence of none


def telling(article: Article, found: Understanding, *, has_own_page: bool = True) -> Telling:
    title = " ".join(words(article.title))
    of_vulnerabilities = "vulnerabilite" in found.topics
    return Telling(
        source=article.source_slug,
        at=moment_of(article),
        terms=terms(found.stems),
        page=canonical(article.url) if article.url and has_own_page else "",
        body=_body(article),
        cves=frozenset(found.cves),
        stages=_stages(article),
        references=frozenset(references(f"{article.title} {article.url}")),
        products=frozenset(found.products) if of_vulnerabilities else frozenset(),
        demand=found.alert.type if found.alert else None,
        ends=_ENDS.search(title) is not None,
        gathers=_DIGEST.search(title) is not None,
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
    named = one.cves & other.cves
    shared = len(named) / len(one.cves | other.cves) if named else 0.0
    found = max(shared, cosine(one.terms, other.terms)) * math.exp(-apart / FADES)
    if not named and _differ(_figures(one.terms), _figures(other.terms)):
        found *= OTHER_FIGURES
    if named:
        return found
    if one.demand and other.demand:
        is_kin = _KIN[one.demand] == _KIN[other.demand]
        return found if is_kin or found >= SURE else 0.0  # an outage to wait for and a hole to mend
    return found if one.demand is other.demand else found * OTHER_DEMAND


def is_one(one: Telling, other: Telling) -> bool:
    """By its page, its reference, or its words."""
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


def _stages(article: Article) -> frozenset[str]:
    said = " ".join(words(f"{article.title}\n{article.chapeau[:_SAID]}\n{article.body[:_SAID]}"))
    if not _CARE.search(said):
        return frozenset()
    return frozenset(match["domain"] or match["named"] for match in _STAGE.finditer(said))


def _body(article: Article) -> int:
    found = words(article.body)
    return hash(found) if len(found) >= _SAME_WORDS else 0
