"""CERT-FR: its feed, each entry completed by the bulletin's own JSON document (its address + `json/`).

The feed's description is often cut in the middle of its first sentence; the document names the risks, the systems, the
CVE (one real bulletin has 1,924 of them) and what was revised. No CVSS stands anywhere.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit, urlunsplit

from adapters import html
from adapters.sources import _article_page, _json, feed
from adapters.sources._json import Fields, line, rows
from adapters.sources._json_feed import looks_like_json
from adapters.sources._markdown import plain
from bot.domain.entry import Entry, canonical
from bot.domain.source import Source
from bot.domain.words import words
from bot.errors import ParseError
from bot.locale.say import Say
from bot.ports import Page, SourceKind
from bot.text.dates_fr import PARIS
from bot.text.query import references
from bot.text.vulnerabilities import cves

MOST_SYSTEMS = 40  # named; the rest is counted
LONGEST_LINE = 300  # characters
LONGEST_SUMMARY = 5_000
LONGEST_CONTENT = 40_000  # of Markdown
ROOM = 48_000  # of the text: understanding reads no further (`READ` of bot/text/reading.py), and must find every CVE
NOTHING = frozenset({"", "n/a", "na", "none", "-"})
SAY = Say("fr")


class CertFr:
    """Identity: the reference, `CERTFR-2026-AVI-0123`. Titles repeat: one bulletin in five has one of its own."""

    name = "certfr"

    def parse(self, page: Page, source: Source) -> Sequence[Entry]:
        """A bulletin's page, or its JSON document, gives that one bulletin."""
        if looks_like_json(page.body) and (bulletin := _bulletin_or_none(page)):
            return [_completed(_bare(page, bulletin.reference), bulletin)]
        try:
            listed = feed.KIND.parse(page, source)
        except ParseError as error:
            if error.code != "not-a-feed" or (entry := _of_page(page)) is None:
                raise
            return [entry]
        return [replace(entry, key=_reference(entry) or entry.key) for entry in listed]

    def page_of(self, entry: Entry) -> str:
        parts = urlsplit(entry.url)
        return urlunsplit((parts.scheme, parts.netloc, f"{parts.path.rstrip('/')}/json/", "", ""))

    def read(self, page: Page, entry: Entry) -> Entry:
        bulletin = _bulletin(page)
        known = _reference(entry)
        if known and bulletin.reference and known != bulletin.reference:
            raise ParseError(
                "no-text", f"{page.url}: the document of {bulletin.reference}, where {known} was asked for"
            )
        return _completed(entry, bulletin)


KIND: SourceKind = CertFr()


def _reference(entry: Entry) -> str:
    """ "": it has none."""
    return next(iter(references(f"{entry.url} {entry.key}")), "")


def _bare(page: Page, reference: str) -> Entry:
    """Of a page that was asked for by itself. A bulletin's address is that of its document without `json/`."""
    stem = page.url.rstrip("/")
    url = stem.removesuffix("json") if stem.endswith("/json") else page.url
    return Entry(key=reference or next(iter(references(url)), "") or canonical(url), url=url, title="")


def _of_page(page: Page) -> Entry | None:
    """None: it is no bulletin's, which says its reference; what is served when the site is down is no news of it."""
    document = html.read(page)
    named = references(f"{page.url} {document.canonical} {document.title}")
    found = _article_page.find(page, document)
    return _article_page.complete(_bare(page, named[0]), found) if named and found.text else None


# -- the document -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    at: datetime  # Paris's midnight, UTC
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulletin:
    """What the document says, as far as it can be used."""

    reference: str
    title: str
    summary: str  # paragraphs
    content: str  # paragraphs
    risks: Sequence[str]
    systems: Sequence[str]
    cves: Sequence[str]
    revisions: Sequence[Revision]  # oldest first


def _bulletin(page: Page) -> Bulletin:
    """Raises ParseError."""
    document = _json.fields(_json.read(page, "no-text"))
    found = Bulletin(
        reference=next(iter(references(line(document.get("reference"))[:100])), ""),
        title=line(document.get("title")),
        summary=plain(_json.text(document.get("summary"))[:LONGEST_SUMMARY]),
        content=plain(_json.text(document.get("content"))[:LONGEST_CONTENT]),
        risks=_once(line(row.get("description")) for row in _described(document.get("risks"))),
        systems=_once(_system(row) for row in rows(document.get("affected_systems"))),
        cves=sorted({cve for row in rows(document.get("cves")) for cve in cves(line(row.get("name"))[:100])}),
        revisions=_revisions(document),
    )
    if not (found.summary or found.content or found.systems or found.cves):
        raise ParseError("no-text", f"{page.url}: JSON, but no bulletin of CERT-FR; look at the page")
    return found


def _bulletin_or_none(page: Page) -> Bulletin | None:
    """None: another kind of JSON, a feed perhaps."""
    try:
        return _bulletin(page)
    except ParseError as error:
        if error.code == "no-text":
            return None
        raise


def _described(value: object) -> list[Fields]:
    """`[{"description": …}]`, and plain words in their place."""
    found = value if isinstance(value, list) else []
    return [one if isinstance(one, dict) else {"description": one} for one in found]


def _once(found: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in found if text))


def _system(row: Fields) -> str:
    """`Gate de Halcyon : versions 7.4.x antérieures à 7.4.3`; the product is often "N/A", and named in the versions."""
    product = _json.fields(row.get("product"))
    vendor, name = _named(_json.fields(product.get("vendor")).get("name")), _named(product.get("name"))
    versions = line(row.get("description"))[:LONGEST_LINE]
    if set(words(name)) <= set(words(versions)):
        name, versions = versions, ""
    if not name:
        return ""
    whose = "" if set(words(vendor)) <= set(words(name)) else f" {_of(vendor)}"
    return f"{name}{whose} : {versions}" if versions else f"{name}{whose}"


def _named(value: object) -> str:
    name = line(value)[:LONGEST_LINE]
    return "" if name.lower() in NOTHING else name


def _of(name: str) -> str:
    return f"d’{name}" if name[0].lower() in "aeiouéèê" else f"de {name}"


def _revisions(document: Fields) -> Sequence[Revision]:
    found = [
        Revision(at=at, what=plain(_json.text(row.get("description"))[:LONGEST_LINE]).replace("\n\n", "\n"))
        for row in rows(document.get("revisions"))
        if (at := _midnight(line(row.get("revision_date"))))
    ]
    return sorted(found, key=lambda revision: revision.at)


def _midnight(text: str) -> datetime | None:
    """`2026-03-12T00:00:00.000000`, without a zone: a day in Paris."""
    try:
        at = datetime.fromisoformat(text)
        at = (at.replace(tzinfo=PARIS) if at.tzinfo is None else at).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if 1990 <= at.year < 2100 else None


# -- as an entry ------------------------------------------------------------------------------------------------------


def _completed(entry: Entry, bulletin: Bulletin) -> Entry:
    first = bulletin.revisions[0].at if bulletin.revisions else None
    return replace(
        entry,
        title=entry.title or bulletin.title,
        published=entry.published or first,
        summary=bulletin.summary or entry.summary,
        text="\n\n".join(_paragraphs(bulletin)),
    )


def _paragraphs(bulletin: Bulletin) -> Iterator[str]:
    """In this order. What is a list ends without a full stop, so that no summary is made of it."""
    found = f"Vulnérabilités : {', '.join(bulletin.cves)}" if bulletin.cves else ""
    before = [bulletin.summary, _risks(bulletin), _systems(bulletin)]
    after = [_last_revision(bulletin), found]
    content = _cut(bulletin.content, ROOM - sum(len(part) + 2 for part in (*before, *after)))
    return filter(None, (*before, content, *after))


def _risks(bulletin: Bulletin) -> str:
    said = " ; ".join(risk.rstrip(" .") for risk in bulletin.risks)
    return f"Risques : {said}" if said else ""


def _systems(bulletin: Bulletin) -> str:
    more = len(bulletin.systems) - MOST_SYSTEMS
    rest = [f"et {more} autre{'s' if more > 1 else ''}"] if more > 0 else []
    return "\n".join(["Systèmes affectés :", *bulletin.systems[:MOST_SYSTEMS], *rest]) if bulletin.systems else ""


def _last_revision(bulletin: Bulletin) -> str:
    if len(bulletin.revisions) < 2 or not (last := bulletin.revisions[-1]).what:
        return ""
    return f"Révision du {SAY.date(last.at, PARIS, hour=False)} : {last.what}"


def _cut(text: str, room: int) -> str:
    """Without the last word, which may be cut: half an identifier is another one."""
    return text if len(text) <= room else text[: max(room, 0)].rpartition(" ")[0]
