"""What the endings of French verbs say: that something will be, was, used to be, is to be done, or that you are told.

Looked for in a sentence, without knowing the verb: who reads "elle présentera", "ont recueilli", "sont à renvoyer"
need not know what is presented, collected or sent back.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping

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
    r"(?:(?:est|sont|soit|reste|restent)(?: [a-z]{2,15})? a"
    r"|doi(?:t|s|vent)|dev(?:ez|ra|rez|ront)|faut|merci de|priere de|veuillez|pri[a-z]{1,3} de|demand[a-z]{1,4} de"
    r"|invit[a-z]{1,4} a) (?:[a-z]{2,15} )?(?!etre)[a-z']{0,2}[a-z]{3,15}(?:er|ir|re)\b"
)

NAMES = ("future", "past tense", "imperfect", "conditional", "you", "to do")


def tenses(text: Plain, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """(start, end, name) in `plain`, name one of NAMES; linear: at a word each takes a bounded number of steps."""
    words, starts = text.words, text.starts
    for n in range(bisect_left(starts, start), bisect_left(starts, end)):
        word = words[n]
        if word.endswith(_ANY_ENDING) and len(word) >= _SHORTEST and _NOT_SO.fullmatch(word) is None:
            yield starts[n], starts[n] + len(word), _ENDINGS[next(filter(word.endswith, _ENDINGS))]
        if word in _HAVE:
            pattern, said, name = _PAST, text.bare, "past tense"
        elif word in _ASKS:
            pattern, said, name = _TO_DO, text.plain, "to do"
        else:
            continue
        if (found := pattern.match(said, starts[n], end)) is not None:
            yield found.start(), found.end(), name
