"""What an article says that is not a matter of words: days, scores, who speaks. `signals.toml` asks for it by name."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.deadline import Claim, Edge
from bot.text.days import days_ahead, sentences_with_a_recent_day
from bot.text.reading import Reading
from bot.text.signals import Places
from bot.text.vocabulary import PATCHING, WITHIN_DAYS

CRITICAL_SCORE = 9.0  # CVSS
IMPERFECT_SHARE = 0.34  # of the sentences, from which a text is told rather than announced

_QUOTED = re.compile(r"«[^»]*»|“[^”]*”|\"[^\"]*\"")
_FIRST_PERSON = re.compile(r"\b(?:[Jj](?:e\b|[’'])|[Mm]on avis\b|I\b (?:think|believe|would))")
_YEAR = re.compile(r"(?<!cve) (20[012]\d)(?= )")  # what began two years ago is no news
_TELLS = re.compile(
    r" (?:comment|pourquoi|quand|et si|ce que|ce qui|retour sur|portrait|entretien|rencontre|dans les coulisses"
    r"|how|why|what|inside) "
)
_SAYS = re.compile(r"^«|«[^»]{30,}»")  # somebody speaks; a short one is a name
# "la direction réclamait", never "fait", "plaît": the third person of the imperfect; "avait", "était" are most of it.
_IMPERFECT = re.compile(r" (?:etai(?:t|ent)|avai(?:t|ent)|\w{3,}(?:ait|aient))(?= )")
_NO_IMPERFECT = frozenset(
    {
        "fait",
        "fasse",
        "parfait",
        "souhait",
        "trait",
        "extrait",
        "retrait",
        "portrait",
        "attrait",
        "plait",
        "connait",
        "parait",
        "satisfait",
        "forfait",
        "serait",
        "pourrait",
        "pourraient",
        "devrait",
        "devraient",
        "seraient",
        "aurait",
        "auraient",
        "permettrait",
        "disparait",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What was read in the text before, by better means than words."""

    cves: tuple[str, ...]
    cvss: float | None
    exploited: bool
    deadlines: Sequence[Claim] = ()


def facts_of(reading: Reading, stated: Stated) -> Mapping[str, Places]:
    """Name → the sentences that say so; what the whole text says is said by each."""
    said = reading.folded_whole.split(".")
    of_day = reading.article.published or reading.article.first_seen
    every, none = frozenset(range(len(said))), frozenset[int]()

    def of(there: bool) -> Places:
        return every if there else none

    def those(pattern: re.Pattern[str]) -> Places:
        return frozenset(n for n, sentence in enumerate(said) if pattern.search(sentence))

    is_dated = bool(days_ahead(reading)) or bool(stated.deadlines)
    is_critical = stated.cvss is not None and stated.cvss >= CRITICAL_SCORE
    by_a_day = those(PATCHING) & those(WITHIN_DAYS)
    return {
        "exploited": of(stated.exploited),
        "cvss-9": of(is_critical),
        "no-hurry": of(not (stated.exploited or is_critical or by_a_day)),
        "routine": of(stated.cvss is not None and stated.cvss < CRITICAL_SCORE and not stated.exploited),
        "patch-dated": by_a_day,
        "dated-ahead": of(is_dated),
        "no-day-ahead": of(not is_dated),
        "closes-ahead": of(any(claim.edge is Edge.CLOSE for claim in stated.deadlines)),
        "opens-ahead": of(any(claim.edge is Edge.OPEN for claim in stated.deadlines)),
        "recent-day": sentences_with_a_recent_day(reading),
        "old-year": of(any(int(year) < of_day.year - 1 for year in _YEAR.findall(reading.folded_whole))),
        "first-person": of(_FIRST_PERSON.search(_QUOTED.sub("", reading.written)) is not None),
        "title-asks": of("?" in reading.title),
        "title-tells": of(_TELLS.match(reading.folded_title) is not None or _SAYS.search(reading.title) is not None),
        "imperfect": of(sum(map(_is_told, said)) > IMPERFECT_SHARE * len(said)),
    }


def _is_told(sentence: str) -> bool:
    return any(verb[0].strip() not in _NO_IMPERFECT for verb in _IMPERFECT.finditer(sentence))
