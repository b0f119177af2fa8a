"""What the endings of French verbs say: that something will be, was, used to be, is to be done, or that you are told.

Looked for in a sentence, without knowing the verb: who reads "elle présentera", "ont recueilli", "sont à renvoyer"
need not know what is presented, collected or sent back.
"""

import re
from collections.abc import Iterator

from bot.text.plain import Plain

_ENDINGS = re.compile(
    r"\b(?:(?P<future>[a-z']{2,20}r(?:a|ont))"
    r"|(?P<conditional>[a-z]{2,20}r(?:ait|aient))"
    r"|(?P<imperfect>[a-z]{3,20}(?:ait|aient))"
    r"|(?P<you>[a-z]{3,20}ez)"
    r"|(?P<todo>(?:(?:est|sont|soit|reste|restent)(?: [a-z]{2,15})? a"
    r"|(?:doi(?:t|s|vent)|dev(?:ez|ra|rez|ront)|faut|merci de|priere de|veuillez|pri[a-z]{1,3} de|demand[a-z]{1,4} de|invit[a-z]{1,4} a))"
    r" (?:[a-z]{2,15} )?(?!etre)[a-z']{0,2}[a-z]{3,15}(?:er|ir|re)))\b"
)
# With its accents: without them "a été" and "à l'été" are one.
_PAST = re.compile(
    r"\b(?:a|ont|avait|avaient)\s(?:(?:été|déjà|également|aussi|ensuite|[a-zé]{3,12}ment)\s){0,2}"
    r"(?!trois\b|six\b|huit\b|lieu\b|jeudi\b|ainsi\b|plus\b|jusqu|droit\b|parmi\b|aussi\b|depuis\b|pris part)"
    r"[a-zéèêîû’']{1,20}(?:é|ée|és|ées|i|is|ie|it|u|us|ue|ert|erte|erts|int)\b"
)
# What asks, allows or says of itself that something opens or closes; and nouns that end like verbs.
_NO_FUTURE = re.compile(
    r"(?:dev|pour|faud|se|au|reste|dispose)r?(?:a|ont)"
    r"|(?:(?:re)?ferme|(?:r)?ouvri|clotur|cesse|expire|prend|s'impose|s'applique|disparai|s'ach|s'arr|s'inter|conclu).*"
    r"|opera|camera|infra|extra"
)
_NO_IMPERFECT = re.compile(r"(?:f|parf|souh|tr|extr|retr|port|attr|tr|contr|pl|conn|satisf|forf)ait|(?:par|disp)ait")

NAMES = ("future", "past tense", "imperfect", "conditional", "you", "to do")


def tenses(text: Plain, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """(start, end, name) in `plain`, name one of NAMES; linear: at a word each pattern takes a bounded number of steps."""
    for found in _ENDINGS.finditer(text.plain, start, end):
        name = found.lastgroup or ""
        if name == "future" and _NO_FUTURE.fullmatch(found[0]):
            continue
        if name in ("imperfect", "conditional") and _NO_IMPERFECT.fullmatch(found[0]):
            continue
        yield found.start(), found.end(), "to do" if name == "todo" else name
    for found in _PAST.finditer(text.bare, start, end):
        yield found.start(), found.end(), "past tense"
