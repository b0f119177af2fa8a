"""Whether a summary that somebody else wrote says nothing but what its text says. Pure, and strict: a refused summary
costs nothing, since our own stands.

What stands for a fact is compared: figures with what they count, days of the month, identifiers, names, and the words
that make a text grave. A text that asks to be summarised as something else is only a text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.domain.article import Article
from bot.domain.words import fold, words
from bot.text.analyse import stems
from bot.text.clean import clean, is_boilerplate
from bot.text.orders import gives_orders
from bot.text.reading import folded
from bot.text.sentences import sentences
from bot.text.summary import SHORT
from bot.text.vocabulary import EXPLOITED, FUNCTION_WORDS, NOT_EXPLOITED, SEVERITY, STOP_WORDS
from bot.text.vulnerabilities import cves

SHOWN = 6_000  # characters of a text that a model is shown, and against which its summary is held
SHARED = 0.5  # of a summary's stems that count; what has fewer tells something else

_DOMAINS = (
    r"com|fr|org|net|eu|io|info|gouv|be|ch|ca|uk|de|ru|cn|xyz|site|online|top|app|dev|ai|co|me|tv|biz|sante|re|us"
)
_ADDRESS = re.compile(rf"://|\bwww\.|\b(?:javascript|mailto|tel|tg|data):|\w\.(?:{_DOMAINS})(?![\w-])", re.IGNORECASE)
_MENTION = re.compile(r"@|(?<!\w)[#/][^\W\d]")  # names, hashtags, commands
_MARKUP = re.compile(r"[<>*`|\\{}~\n]|\]\(|&#?\w+;|__|^\s*(?:[-+•>#]|\d+[.)])\s")
_WHOLE = re.compile(r"(?:[.!?]|(?<=[.!?])[ \u00a0\u202f]?[»”\")]|[»”\")]\.?)$")
_OPENING = re.compile(r"^[«“\"(\[]?[ \u00a0\u202f]?[^\W_a-zà-öø-ÿœæ]")

# "15 000", "15.000" and "15000" are one figure, "9,8" and "9.8" another.
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:[ \u00a0\u202f.,'’]\d{3})+(?!\d)")
_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+|[%€$£]")
_ONE_NAME = {"€": "euro", "euros": "euro", "%": "pourcent", "$": "dollar", "dollars": "dollar", "£": "livre"}
_UNITS = re.compile(
    r"k|m|md|euro|dollar|livre|pourcent|percent|millions?|milliards?|billions?|thousands?|milliers?"
    r"|ans?|jours?|heures?|h|mois|semaines?|minutes?|secondes?"
    r"|days?|hours?|weeks?|months?|years?|go|to|mo|ko|gb|tb"
    r"|janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre"
    r"|january|february|march|april|may|june|july|august|september|october|november|december"
)
_DAYS = frozenset(
    words(
        "janvier fevrier avril juin juillet aout septembre octobre novembre decembre january february april june july"
        " august september october november december lundi mardi mercredi jeudi vendredi samedi dimanche monday tuesday"
        " wednesday thursday friday saturday sunday demain aujourd tomorrow today"
    )
)
_UNITS_SPELT = (
    *("deux two", "trois three", "quatre four", "cinq five", "six", "sept seven", "huit eight", "neuf nine", "dix ten"),
    *("onze eleven", "douze twelve", "treize thirteen", "quatorze fourteen", "quinze fifteen", "seize sixteen"),
)
_TENS_SPELT = ("vingt twenty", "trente thirty", "quarante forty", "cinquante fifty", "soixante sixty")
_NUMERALS = {
    **{word: value for value, said in enumerate(_UNITS_SPELT, 2) for word in words(said)},
    **{word: 10 * tens for tens, said in enumerate(_TENS_SPELT, 2) for word in words(said)},
    "cent": 100,
    "hundred": 100,
    "mille": 1_000,
    "thousand": 1_000,
}
_WORD = re.compile(r"[^\W_]+")
_GRAVE = (EXPLOITED, *(SEVERITY[name] for name in ("care_reduced", "cut_off", "act_or_lose", "last_days")))
_NOTATIONS = frozenset({"cve", "cvss"})  # how a figure is written, and nobody's name
_OPENERS = (
    STOP_WORDS | FUNCTION_WORDS["fr"] | FUNCTION_WORDS["en"] | frozenset({"plusieurs", "aucun", "aucune", "several"})
)


def shown(article: Article) -> str:
    """What there is to summarise, title first. A line that gives orders to whoever summarises is neither shown nor
    believed: what it says besides would else stand in the text, and be found there."""
    chapeau = "" if article.chapeau in article.body else article.chapeau
    lines = f"{chapeau}\n\n{article.body}"[: 2 * SHOWN].split("\n")
    said = "\n".join([article.title, "", *(line for line in lines if not gives_orders(line))])
    said = re.sub(r"\n{3,}", "\n\n", said).strip()
    return said if len(said) <= SHOWN else said[:SHOWN].rpartition(" ")[0]


def why_refused(summary: str, article: Article, written_in: str) -> str:
    """The first reason not to say it, or "". `written_in`: the article's language, "fr" or "en"."""
    text = shown(article)
    return next(_faults(summary, article.title, text, written_in), "")


def _faults(summary: str, title: str, text: str, written_in: str) -> Iterator[str]:
    if len(summary) > SHORT:
        yield "too long"
        return  # and read no further, whatever its length
    said = words(summary)
    if not said:
        yield "empty"
    if _MARKUP.search(summary) or clean(summary) != summary:
        yield "markup"
    if _ADDRESS.search(summary):
        yield "address"
    if _MENTION.search(summary):
        yield "mention"
    if not all(_OPENING.match(one) and _WHOLE.search(one) for one in sentences(summary)):
        yield "not whole"
    if said == words(title):
        yield "the title"
    if is_boilerplate(summary) or any(map(is_boilerplate, sentences(summary))):
        yield "boilerplate"
    if _in_another_language(said, written_in):
        yield "language"
    if not set(cves(summary)) <= set(cves(text)):
        yield "cve"
    yield from _invented(summary, text)


def _in_another_language(said: Sequence[str], written_in: str) -> bool:
    own, others = FUNCTION_WORDS[written_in], frozenset().union(*FUNCTION_WORDS.values()) - FUNCTION_WORDS[written_in]
    return sum(word in others for word in said) > sum(word in own for word in said)


def _invented(summary: str, text: str) -> Iterator[str]:
    said, known = _tokens(summary), _tokens(text)
    known_words, beside = set(known), set(pairwise(known))
    own, found = words(text), frozenset(stems(text))
    own_words, side_by_side = set(own), set(pairwise(own))
    figures = {str(_NUMERALS.get(one, one)) for one in known}
    if any(str(_NUMERALS.get(one, one)) not in figures for one in said if one[0].isdigit() or one in _NUMERALS):
        yield "number"
    if any(_counts(one, of) and (one, of) not in beside for one, of in pairwise(said)):
        yield "amount"
    if not _DAYS & set(said) <= known_words:
        yield "date"
    if any(not _is_known(name, own_words, side_by_side, found) for one in sentences(summary) for name in _names(one)):
        yield "name"
    if _is_graver(folded(sentences(summary)), folded(sentences(text))):
        yield "severity"
    meant = frozenset(stems(summary)) - _COMMON
    if len(meant & found) < SHARED * len(meant):
        yield "another text"


def _is_graver(said: str, text: str) -> bool:
    if any(pattern.search(said) and not pattern.search(text) for pattern in _GRAVE):
        return True
    return (
        EXPLOITED.search(said) is not None and not NOT_EXPLOITED.search(said) and NOT_EXPLOITED.search(text) is not None
    )


_COMMON = frozenset(stems(" ".join(sorted(_OPENERS))))


def _tokens(text: str) -> Sequence[str]:
    """Folded words and figures; a number, however it is grouped, is one."""
    plain = fold(_GROUPED.sub(lambda group: re.sub(r"\D", "", group[0]), text)).replace("pour cent", "pourcent")
    return [_ONE_NAME.get(one, one).replace(",", ".") for one in _TOKEN.findall(plain)]


def _counts(one: str, of: str) -> bool:
    return one[0].isdigit() and _UNITS.fullmatch(of) is not None


@dataclass(frozen=True, slots=True)
class _Name:
    """Words with a capital, side by side: "Jean Martin"."""

    words: tuple[str, ...]
    opens: bool  # a sentence: its first word may owe the capital to its place


def _names(sentence: str) -> Iterator[_Name]:
    run: list[str] = []
    opens, end = True, 0
    for match in _WORD.finditer(sentence):
        if sentence[match.end() : match.end() + 1] in ("'", "’") and match.end() < len(sentence):
            continue  # "L’", "jusqu’"
        if run and sentence[end : match.start()].strip(" \u00a0\u202f-"):
            yield _Name(tuple(run), opens)
            run, opens = [], False
        if match[0][0].isupper():
            run.append(fold(match[0]))
        else:
            if run:
                yield _Name(tuple(run), opens)
            run, opens = [], False
        end = match.end()
    if run:
        yield _Name(tuple(run), opens)


def _is_known(name: _Name, known: set[str], beside: set[tuple[str, str]], found: frozenset[str]) -> bool:
    own = name.words
    if name.opens:
        first, own = own[0], own[1:]
        if not ({first} & (known | _OPENERS | _NOTATIONS) or found.intersection(stems(first))):
            return False
    return set(own) <= known | _NOTATIONS and all(pair in beside for pair in pairwise(own))
