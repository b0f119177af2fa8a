"""What a text says of vulnerabilities: identifiers, the highest score, whether they are exploited, and in what."""

import re

from bot.domain.article import Product
from bot.domain.words import fold
from bot.text.reading import Reading
from bot.text.vocabulary import EXPLOITED, NOT_EXPLOITED, PRODUCTS

_HYPHEN = r"[-‐‑‒–—―−_]"
# "CVE-2025-20333", "CVE 2025 20333", "cve‑2025‑20333", and what may follow: "et -20362", "/20362", "et 2025-20362"
_CVE = re.compile(
    rf"(?<![A-Za-z0-9])CVE(?:{_HYPHEN}|[\s:]){{1,3}}"
    rf"(?P<year>(?:19|20)[0-9]{{2}})(?:{_HYPHEN}|\s)(?P<number>[0-9]{{4,7}})(?![0-9])"
    rf"(?P<more>(?:[\s,;&(]{{0,3}}(?:(?:et|and|ou|or|à|puis)\s)?"
    rf"(?:(?:(?:19|20)[0-9]{{2}})?{_HYPHEN}|/)[0-9]{{4,7}}(?![0-9]))*)",
    re.IGNORECASE,
)
_MARKED = re.compile("\0(?:[\\s,;&/]{0,3}(?:(?:et|and|ou|or)\\s)?\0)*")
_MORE = re.compile(rf"(?:(?P<year>(?:19|20)[0-9]{{2}}){_HYPHEN})?(?P<number>(?<![0-9])[0-9]{{4,7}})(?![0-9])")

_TEN = r" ?(?:/|sur|out of) ?10(?![0-9/]|[.,][0-9])"
_SCORE = (
    r"(?:10[.,]0|[0-9][.,][0-9]"
    rf"|[0-9](?={_TEN})"  # a whole figure is a score out of ten only: "le 9/10/2025", "note du 10 mars" are days
    r"|(?<!sur )10(?!/[0-9]{1,2}/| (?!(?:sur|out|et|and|pour|for|est|is|dans|in|permet|affect))\w))"
    r"(?!\w|[.,][0-9]|/av:| ?(?:million|milliard|%|€|euro|k€))"  # "CVSS:3.1/AV:N/…" is a vector
)
# Only these may stand between "score" and its figure, so that no version and no count is taken for one. Whole words and
# single signs: there is one way to read any text, hence no backtracking.
_VERSION = rf"v?[234](?:[.,][01])?(?!{_TEN})(?=[^0-9.,]{{1,12}}[0-9])"
_BETWEEN = (
    rf"(?:[^\w.!?/\n]|\b(?:{_VERSION}|cvss(?:v[234])?|base|du|de|des|est|la|le|les|plus|elevee?|maximale?|maximum|provisoire|"
    r"initiale?|atteint|atteignant|a|au|jusqu|sur|cette|faille|vulnerabilite|critique|ete|evaluee?|fixee?|of|is|at|rated|the|"
    r"score|note|notee|severite|gravite|severity|attribuee?|obtient|estimee?|dont|son|sa|avec|un|une|eleve|"
    r"retenue?|par|editeur|fabricant|constructeur|donnee?|calculee?|annoncee?)\b)"
)
_STATED = re.compile(
    r"\b(?:cvss(?:v[234])?|scores?|notee?s?|notes?|cotee?s?|evaluee?s? a|rated|scored|severity|severite|gravite)\b"
    rf"{_BETWEEN}{{1,24}}"
    rf"(?P<score>{_SCORE}(?:(?:, | et | and |,? puis ){_SCORE})*)"
)
_OF_TEN = re.compile(rf"(?<![0-9.,])(?P<score>10[.,]0|[0-9][.,][0-9]){_TEN}")
_BESIDE_CVE = re.compile(rf"cve-[0-9]{{4}}-[0-9]{{4,7}} ?[(:,] ?(?:cvss ?:? ?)?(?P<score>{_SCORE})")
_GRAVEST = re.compile(
    rf"\b(?:plus|most) (?:severe|grave|critique|serieuse|importante|critical|serious) ?\((?P<score>{_SCORE})\)"
)
_BY_CVSS = re.compile(rf"(?<![0-9.,])(?P<score>{_SCORE}) (?:selon|d apres|au sens de|sur) (?:le |la |l |echelle )?cvss")
_ABOUT = re.compile(
    r"\b(?:cve|cvss|vulnerabilit\w+|failles?|flaws?|exploit\w*|correcti(?:fs?|ves?)|porte derobee|backdoor)\b"
)

MOST_PRODUCTS = 12


def cves(text: str) -> tuple[str, ...]:
    """`CVE-2025-20333`, sorted; elliptical, spaced, lower case and unicode hyphens too."""
    found = set()
    for match in _CVE.finditer(text):
        found.add(f"CVE-{match['year']}-{match['number']}")
        for more in _MORE.finditer(match["more"]):
            found.add(f"CVE-{more['year'] or match['year']}-{more['number']}")
    return tuple(sorted(found))


def without_cves(text: str) -> str:
    """Neither the identifiers, nor what joins them to each other."""
    return _MARKED.sub("", _CVE.sub("\0", text.replace("\0", "")))


def cvss(text: str) -> float | None:
    """The highest score the text states, 0.0 to 10.0; None: it states none. A version or a count is no score."""
    plain = re.sub(r"[^\S\n]+", " ", fold(text))
    if not _ABOUT.search(plain):
        return None
    stated = [
        m["score"] for pattern in (_STATED, _OF_TEN, _BY_CVSS, _BESIDE_CVE, _GRAVEST) for m in pattern.finditer(plain)
    ]
    scores = [float(s.replace(",", ".")) for found in stated for s in re.findall(r"[0-9]+(?:[.,][0-9])?", found)]
    return max((score for score in scores if score <= 10), default=None)


def is_exploited(reading: Reading) -> bool:
    """Somebody is said to use it against others. A possibility, a public proof of concept, a denial are not that."""
    return any(says_exploited(sentence) for sentence in reading.folded_whole.split("."))


def says_exploited(sentence: str) -> bool:
    """Of one folded sentence."""
    return EXPLOITED.search(sentence) is not None and NOT_EXPLOITED.search(sentence) is None


def products(reading: Reading, *, everywhere: bool) -> tuple[Product, ...]:
    """Named in the title, or in the whole text when it is about what befell them; sorted."""
    text = reading.folded_whole if everywhere else reading.folded_title
    named = {Product(vendor=vendor, name=name) for (vendor, name), pattern in PRODUCTS.items() if pattern.search(text)}
    whole = {p.vendor for p in named if p.name}  # "Fortinet FortiOS" is FortiOS, not the whole range
    return tuple(sorted(p for p in named if p.name or p.vendor not in whole)[:MOST_PRODUCTS])
