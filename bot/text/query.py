"""What somebody typed to search → `Query`. No input is an error: what is not understood is just words.

`panne "messagerie sécurisée" -orage source:dsih après:2026-03 CVE-2026-1234`: words, phrases, what must not stand
there, filters (under French names too, with quotes around a value that holds spaces), identifiers in any spelling.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo

from bot.domain.query import Query
from bot.domain.rule import name_key
from bot.domain.words import fold, words
from bot.text.analyse import read_words
from bot.text.clean import one_line
from bot.text.dates_fr import read_date
from bot.text.vocabulary import TOPICS
from bot.text.vulnerabilities import cves

LONGEST = 256  # characters; `read_words` reads 32 words at most
LONGEST_SLUG = 64

_NAMES = {
    "source": "sources",
    "topic": "topics",
    "sujet": "topics",
    "author": "authors",
    "auteur": "authors",
    "genre": "genres",
    "after": "after",
    "apres": "after",
    "before": "before",
    "avant": "before",
    "sort": "by_date",
    "tri": "by_date",
}
_FILTER = re.compile(
    r"(?<!\S)(?P<name>[^\W\d_]+):(?:\"(?P<straight>[^\"]*)\"|«(?P<french>[^»]*)»|“(?P<curly>[^”]*)”|(?P<bare>\S+))"
)
_GAP = r"[-‐‑‒–—―−_\s]"
# "CVE-2023-27997", "cve 2023 27997", "cve:2023-27997", "cve:CVE-2023-27997"
_CVE = re.compile(rf"(?<![\w-])(?:cve:\s?)?cve(?:{_GAP}|:){{1,3}}(?:19|20)\d\d{_GAP}\d{{4,7}}(?!\w)", re.IGNORECASE)
# CERTFR-2026-ALE-001, CERT-FR 2026 AVI 0123, CERTA-2013-AVI-001: the kinds that cert.ssi.gouv.fr publishes
_REFERENCE = re.compile(
    rf"(?<![\w-])CERT{_GAP}?(?P<body>FR|A){_GAP}(?P<year>(?:19|20)\d\d){_GAP}"
    rf"(?P<kind>ALE|AVI|CTI|IOC|DUR|ACT|RFX|INF|REC){_GAP}(?P<number>\d{{3,4}})(?!\w)",
    re.IGNORECASE,
)
_DAYS = re.compile(r"(?P<days>\d{1,4})[dj]", re.IGNORECASE | re.ASCII)
_ISO = re.compile(r"(?P<year>(?:19|20|21)\d\d)(?:-(?P<month>\d\d?)(?:-(?P<day>\d\d?))?)?", re.ASCII)
_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]*")


def read_query(text: str, *, zone: tzinfo, now: datetime) -> Query:
    """`zone` is the reader's: a day begins at its midnight. Beyond 256 characters nothing is read."""
    typed = one_line(text[: 4 * LONGEST])[:LONGEST]  # cleaning shortens what is full of unseen characters
    found: defaultdict[str, list[str]] = defaultdict(list)
    dates: defaultdict[str, list[datetime]] = defaultdict(list)

    def take_cve(match: re.Match[str]) -> str:
        found["cves"] += cves(match[0])
        return " "

    def take_reference(match: re.Match[str]) -> str:
        found["references"].append(_reference(match))
        return " "

    def take_filter(match: re.Match[str]) -> str:
        name = _NAMES.get(fold(match["name"]))
        if name is None:
            return match[0]
        value = next(match[quotes] for quotes in ("straight", "french", "curly", "bare") if match[quotes] is not None)
        if name in ("after", "before"):
            moment = read_moment(value, zone=zone, now=now)
            dates[name] += [moment] if moment else []
            return " " if moment else f" {value} "
        found[name] += (values := _values(name, value))
        return " " if values else f" {value} "

    rest = _FILTER.sub(take_filter, _REFERENCE.sub(take_reference, _CVE.sub(take_cve, typed)))
    all_of, any_of, none_of = read_words(rest)
    wanted = (*all_of, *any_of)
    return Query(
        text=typed,
        words=tuple(term for term in wanted if not term.exact),
        phrases=tuple(term for term in wanted if term.exact),
        none_of=none_of,
        sources=_once(found["sources"]),
        topics=_once(found["topics"]),
        authors=_once(found["authors"]),
        genres=_once(found["genres"]),
        cves=_once(found["cves"]),
        references=_once(found["references"]),
        after=max(dates["after"], default=None),
        before=min(dates["before"], default=None),
        by_date=bool(found["by_date"]),
    )


def read_moment(typed: str, *, zone: tzinfo, now: datetime) -> datetime | None:
    """The first moment, UTC, of a year, a month or a day (2026, 2026-03, 10/03/2026, "10 mars 2026"), or `7d` ago."""
    typed = typed.strip()
    if ago := _DAYS.fullmatch(typed):
        return now - timedelta(days=int(ago["days"]))
    if iso := _ISO.fullmatch(typed):
        try:
            day = datetime(int(iso["year"]), int(iso["month"] or 1), int(iso["day"] or 1), tzinfo=zone)
        except ValueError:  # 2026-13
            return None
        return day.astimezone(UTC)
    return read_date(typed, zone) or read_date(f"1 {typed}", zone)  # "mars 2026" is a month


def references(text: str) -> tuple[str, ...]:
    """`CERTFR-2026-ALE-001`, as the advisory itself is called; in the order of the text."""
    return _once(_reference(match) for match in _REFERENCE.finditer(text))


def slug_of(name: str) -> str:
    """How a source of this name is called in commands: `CERT Santé` → `cert-sante`; "" when nothing is left of it."""
    lowered = name.strip().lower()
    slug = lowered if _SLUG.fullmatch(lowered) else "-".join(words(name))
    return slug[:LONGEST_SLUG].strip("-")


def _values(name: str, value: str) -> list[str]:
    """[] when it is none that this filter knows."""
    match name:
        case "sources":
            return [slug for part in value.split(",") if (slug := slug_of(part))]
        case "topics":
            named = {name_key(topic): topic for topic in TOPICS}
            return [named[key] for part in value.split(",") if (key := name_key(part)) in named]
        case "by_date":
            return [value] if fold(value).strip() == "date" else []
        case _:
            return [key] if (key := name_key(value)) else []


def _reference(match: re.Match[str]) -> str:
    return f"CERT{match['body']}-{match['year']}-{match['kind']}-{match['number']}".upper()


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
