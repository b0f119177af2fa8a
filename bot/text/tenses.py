"""What the endings of French verbs say: that something will be, was, used to be, is to be done, or that you are told.

Looked for in a sentence, without knowing the verb: who reads "elle présentera", "ont recueilli", "sont à renvoyer"
need not know what is presented, collected or sent back.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import lru_cache

from bot.text.plain import Plain

# Of a word, its last letters; the longest first.
_ENDINGS: Mapping[str, str] = {
    "raient": "conditional",
    "aient": "imperfect",
    "ront": "future",
    "rait": "conditional",
    "ait": "imperfect",
    "ra": "future",
    "ez": "you",
}
_ANY_ENDING = tuple(_ENDINGS)
_SHORTEST = 4  # letters
_NOT_SO = re.compile(
    # what asks or allows, what says by itself that something opens or closes
    r"(?:dev|pour|faud|se|au|reste|dispose)r(?:a|ont)"
    r"|(?:(?:re)?ferm|r?ouvri|clotur|cess|expir|prend|impos|appliqu|disparai|ache|arret|interrom|conclu).*r(?:a|ont)"
    r"|(?:f|parf|souh|tr|extr|retr|port|attr|contr|pl|conn|satisf|forf|par|disp)ait"
    r"|opera|camera|infra|extra|chez|assez|nez|rez"
)
_WILL_BE = frozenset({"sera", "seront"})
# What will be done to something, unless that says by itself that it opens or closes
_FUTURE_PASSIVE = re.compile(
    r"ser(?:a|ont) (?:[a-z]{3,15}ment |alors |ensuite |egalement |aussi |donc )?"
    r"(?!ferm|clos|clot|ouv|arret|debranch|coup|retir|supprim|revoqu|desactiv|eteint|interromp|accept|possible|oblig|applic"
    r"|exig|refus|rejet|bloqu|decommis|abrog|requis|accessible|disponible|valable|expir|perdu|prolong|report|repouss)"
    r"[a-z]{2,18}(?:e|es|ee|ees|i|is|ie|ies|u|us|ue|ues|it|its|ert|erte)\b"
)
_HAVE = frozenset({"a", "ont", "avait", "avaient"})
# With its accents: without them "a été" and "à l'été" are one.
_PAST = re.compile(
    r"(?:a|ont|avait|avaient)\s(?:(?:été|déjà|également|aussi|ensuite|[a-zé]{3,12}ment)\s){0,2}"
    r"(?!trois\b|six\b|huit\b|lieu\b|jeudi\b|ainsi\b|plus\b|jusqu|droit\b|parmi\b|aussi\b|depuis\b)"
    r"[a-zéèêîû’']{1,20}(?:é|ée|és|ées|i|is|ie|it|u|us|ue|ert|erte|erts|int)\b"
)
_ASKS = frozenset(
    (
        *("est", "sont", "soit", "reste", "restent", "doit", "dois", "doivent", "devez", "devra", "devrez", "devront"),
        *("faut", "merci", "priere", "veuillez", "prie", "prient", "prions", "demande", "demandent", "demandons"),
        *("invite", "invites", "invitee", "invitees", "invitent", "invitons"),
    )
)
_TO_DO = re.compile(
    r"(?:doi(?:t|vent)|devr(?:a|ont)) (?:[a-z]{2,15} )?etre (?!publi|examin|adopt|present|rendu|recu|debatt|annonc|vote"
    r"|livre|acheve|inaugur|discut|promulg|nomm|design|connu|signe par)[a-z]{4,18}\b"
    r"|(?:(?:est|sont|soit|reste|restent)(?: [a-z]{2,15})? a"
    r"|doi(?:t|s|vent)|dev(?:ez|ra|rez|ront)|faut|merci de|priere de|veuillez|pri[a-z]{1,3} de|demand[a-z]{1,4} de"
    r"|invit[a-z]{1,4} a) (?:[a-z]{2,15} )?(?!etre)[a-z']{0,2}[a-z]{3,15}(?:er|ir|re)\b"
)

NAMES = ("future", "past tense", "imperfect", "conditional", "you", "to do")


_KNOWN_WORDS = 20_000  # of which is remembered what they say


def tenses(text: Plain, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """(start, end, name) in `plain`, name one of NAMES; linear: at a word each takes a bounded number of steps."""
    first, last = bisect_left(text.starts, start), bisect_left(text.starts, end)
    for n, name in enumerate(map(_said_by, text.words[first:last]), first):
        if name is None:
            continue
        at = text.starts[n]
        if name == "past tense":
            match = _PAST.match(text.bare, at, end)
        elif name == "to do":
            match = _TO_DO.match(text.plain, at, end)
        elif text.words[n] in _WILL_BE:
            match = _FUTURE_PASSIVE.match(text.plain, at, end)
        else:
            yield at, at + len(text.words[n]), name
            continue
        if match is not None:
            yield at, match.end(), name


@lru_cache(_KNOWN_WORDS)
def _said_by(word: str) -> str | None:
    """Which of NAMES; what may begin there, of a word that needs others to say it."""
    if word in _HAVE:
        return "past tense"
    if word in _ASKS:
        return "to do"
    if word in _WILL_BE:
        return "future"
    if len(word) < _SHORTEST or not word.endswith(_ANY_ENDING) or _NOT_SO.fullmatch(word):
        return None
    return _ENDINGS[next(filter(word.endswith, _ENDINGS))]
