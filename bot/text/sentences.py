"""Text → sentences, with the French traps: "24 sept.", "M. Durand", « … ? » dit-il, "fin.Le" without a space."""

import re

# After these a full stop never ends a sentence: a name or a number follows.
_TITLES = frozenset(
    (
        *("m", "mm", "mme", "mlle", "me", "dr", "drs", "pr", "prs", "st", "ste", "mr", "mrs", "ms", "art", "al", "cf"),
        *("fig", "chap", "n", "no", "nos", "vol", "p", "pp", "réf", "ref", "tél", "tel"),
    )
)
# After these it does when a capital follows, and does not before a figure or a small letter.
_MAYBE = frozenset(
    (
        *("janv", "jan", "févr", "fév", "feb", "avr", "juil", "aug", "sept", "oct", "nov", "déc", "dec", "etc", "env"),
        *("av", "bd", "min", "max", "inc", "ltd", "adj", "hab", "éd", "vs", "approx"),
    )
)

_CAPITAL_OR_FIGURE = r"[«“\"(\[—–-]?\s?[^\W_a-zà-öø-ÿœæ]"
_END = re.compile(
    # begins with a set of signs, so that the search leaps from one to the next
    r"[.!?…](?:"
    # from the first sign only: from each of a long run of them, it would be quadratic
    rf"(?<![.!?…][.!?…])[.!?…]*(?:\s?[»”\")\]])*(?P<space>\s+)(?={_CAPITAL_OR_FIGURE})"
    r"|(?:(?<=[a-zà-öø-ÿ]{2}[.!?])|(?<=[a-zà-öø-ÿ]\s[!?]))(?=[A-ZÀ-ÖØ-ÞŒ][a-zà-öø-ÿ’' ])"  # a space is missing
    r")"
)
_LAST_WORD = re.compile(r"(?:^|[\s(«“’'])([^\W\d_]+)\.$")
_INITIAL = re.compile(r"(?:^|[\s(-])[A-ZÀ-Þ]\.$")
_LOOK_BACK = 16  # characters: longer than any abbreviation


def sentences(text: str) -> tuple[str, ...]:
    """In order, each on one line; a line's end always ends one."""
    return tuple(sentence for line in text.split("\n") if line for sentence in _of_line(line))


def _of_line(line: str) -> list[str]:
    found, start = [], 0
    for end in _END.finditer(line):
        cut = end.start("space") if end["space"] else end.end()
        if not _is_abbreviation(line[max(0, cut - _LOOK_BACK) : cut], line[end.end() : end.end() + 1]):
            found.append(line[start:cut].strip())
            start = end.end()
    found.append(line[start:].strip())
    return [sentence for sentence in found if sentence]


def _is_abbreviation(before: str, after: str) -> bool:
    if _INITIAL.search(before):
        return True
    if (word := _LAST_WORD.search(before)) is None:
        return False
    last = word[1].lower()
    return last in _TITLES or (last in _MAYBE and not after.isalpha())
