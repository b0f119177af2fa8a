"""What a page says to a machine that reads it, in the usual words: nothing an article tells its readers."""

import re

from bot.domain.words import words

_ORDERS = re.compile(
    r"\b(?:ignor\w+|oubli\w+|disregard|forget|override)(?: \w+){0,4} (?:consignes?|instructions?|regles|prompt|rules)\b"
    r"|\b(?:system|systeme) (?:prompt|message)\b|\byou are now\b|\b(?:tu es|vous etes) (?:desormais|maintenant)\b"
    r"|\b(?:reponds?|repondez|reply|respond|ecris|output)(?: \w+)? (?:exactement|uniquement|exactly|only)\b"
)
_ROLE = re.compile(r"\W*(?:system|assistant|user)\s*:", re.IGNORECASE)


def gives_orders(line: str) -> bool:
    return _ROLE.match(line) is not None or _ORDERS.search(" ".join(words(line))) is not None
