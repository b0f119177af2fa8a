"""Catalogues of vulnerabilities that are exploited: CISA's KEV, and the dump of ENISA's EUVD.

No articles but facts: the core marks the articles that name them. `dueDate` binds agencies of the United States only,
and is not read.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from adapters.sources import _json
from adapters.sources._json import line
from bot.domain.entry import Entry
from bot.domain.source import Source
from bot.domain.vulnerability import Exploited
from bot.errors import ParseError
from bot.ports import Page, SourceKind
from bot.text.vulnerabilities import cves

MOST_ENTRIES = 1_000
LONGEST_NAME = 300  # characters
LISTS = ("vulnerabilities", "items", "data", "results")  # where an object keeps its rows
CVE_NAMES = ("cveid", "cve", "alias", "aliases", "id")  # letters of a field's name; the first that holds one counts
DATE_NAMES = ("dateadded", "datereported", "exploitedsince", "date", "datepublished")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RECORD = "https://www.cve.org/CVERecord?id="
_DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)")
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_ENGLISH_DAY = re.compile(r"(?P<month>[A-Za-z]{3})[a-z]{0,6}\.? (?P<day>\d\d?), (?P<year>\d{4})")  # EUVD: "Apr 5, 2025"

Row = Mapping[str, object]  # by the letters of its fields' names, in lower case


class Kev:
    """Identity: the CVE."""

    name = "kev"

    def parse(self, page: Page, source: Source) -> Sequence[Entry]:
        """What was added last, newest first: something to look at. The facts are `exploited`."""
        entries = {entry.key: entry for row in _rows(page) for entry in _entries(row)}
        return sorted(entries.values(), key=lambda entry: entry.published or EPOCH, reverse=True)[:MOST_ENTRIES]

    def exploited(self, page: Page) -> Sequence[Exploited]:
        """Of a CVE that stands there twice, the first day."""
        found: dict[str, Exploited] = {}
        for row in _rows(page):
            added = _added(row)
            for cve in _cves(row):
                before = found.get(cve)
                days = [day for day in (added, before.added if before else None) if day]
                found[cve] = Exploited(cve=cve, added=min(days, default=None))
        return list(found.values())


KIND: SourceKind = Kev()


def _rows(page: Page) -> Sequence[Row]:
    """Those with a CVE. Raises ParseError."""
    document = _json.read(page, "not-a-feed")
    if isinstance(document, dict):
        document = next((document[name] for name in LISTS if isinstance(document.get(name), list)), None)
    if not isinstance(document, list) or (document and not _json.rows(document)):
        raise ParseError("not-a-feed", f"{page.url}: JSON, but no catalogue of vulnerabilities; look at the page")
    rows = [row for found in _json.rows(document) if _cves(row := _by_letters(found))]
    if not rows:
        raise ParseError("no-items", f"{page.url}: no vulnerability is listed there; look at the page")
    return rows


def _by_letters(row: Mapping[str, object]) -> Row:
    return {re.sub(r"[^a-z]", "", name[:50].lower()): value for name, value in row.items()}


def _cves(row: Row) -> tuple[str, ...]:
    """Of the field that names them; aliases may be several, in a list or on lines."""
    for name in CVE_NAMES:
        value = row.get(name)
        texts = value if isinstance(value, list) else [value]
        if found := [cve for text in texts if isinstance(text, str) for cve in cves(text[:1_000])]:
            return tuple(dict.fromkeys(found))
    return ()


def _added(row: Row) -> datetime | None:
    return next((day for name in DATE_NAMES if (day := _day(line(row.get(name))))), None)


def _day(text: str) -> datetime | None:
    """Its midnight, UTC."""
    found = _DAY.match(text) or _ENGLISH_DAY.match(text)
    if found is None:
        return None
    month = found["month"].lower()
    try:
        day = datetime(int(found["year"]), _MONTHS.get(month) or int(month), int(found["day"]), tzinfo=UTC)
    except ValueError:  # 31 February, "Foo 3, 2025"
        return None
    return day if 1990 <= day.year < 2100 else None


def _entries(row: Row) -> Iterator[Entry]:
    product = f"{_name(row, 'vendorproject', 'vendor')} {_name(row, 'product')}".strip()
    said = ", ".join(filter(None, (product, _name(row, "vulnerabilityname", "name", "title"))))
    summary = line(row.get("shortdescription") or row.get("description"))
    for cve in _cves(row):
        yield Entry(
            key=cve,
            url=f"{RECORD}{cve}",
            title=f"{cve} : {said}" if said else cve,
            published=_added(row),
            summary=summary,
        )


def _name(row: Row, *names: str) -> str:
    return next((found for name in names if (found := line(row.get(name))[:LONGEST_NAME])), "")
