"""The kind `certfr`: a feed whose entries are completed by JSON documents, and whatever comes in their place."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources import load
from bot.domain.article import Article, Understanding
from bot.domain.entry import Entry
from bot.domain.source import Source, Trust
from bot.errors import ParseError, SourceError
from bot.ports import Page, ReadsArticle
from bot.text.clean import clean
from bot.text.understand import understand
from tests.stands.origin import rss

CORPUS = Path(__file__).parents[2] / "corpus" / "certfr"
DOCUMENTS = sorted(path for path in CORPUS.glob("*.json") if ".expected" not in path.name)
FEED = "https://certfr-fictif.test/avis/feed/"
URL = "https://certfr-fictif.test/avis/CERTFR-2026-AVI-0912/"
SOURCE = Source(slug="certfr", title="CERT-FR", url=FEED, kind="certfr")
KIND = load("certfr")
assert isinstance(KIND, ReadsArticle)
READ, PAGE_OF = KIND.read, KIND.page_of
TEASER = Entry(key="CERTFR-2026-AVI-0912", url=URL, title="Un titre", summary="De multiples vulnérabilités ont été dé…")


def document(**fields: object) -> bytes:
    return json.dumps({"summary": "Une faille fictive.", **fields}).encode()


def completed(body: bytes, entry: Entry = TEASER, *, truncated: bool = False) -> Entry:
    return READ(Page(url=f"{URL}json/", body=body, truncated=truncated), entry)


def refusal(body: bytes, *, truncated: bool = False) -> str:
    with pytest.raises(ParseError) as refused:
        completed(body, truncated=truncated)
    return refused.value.code


def listed(body: bytes, url: str = FEED) -> list[Entry]:
    return list(KIND.parse(Page(url=url, body=body), SOURCE))


def understood(entry: Entry) -> Understanding:
    article = Article(
        url=entry.url,
        title=entry.title,
        chapeau=clean(entry.summary),
        body=clean(entry.text),
        trust=Trust.OFFICIAL,
        source_topics=("vulnerabilite",),
        published=entry.published,
        first_seen=datetime(2026, 7, 1, 9, tzinfo=UTC),
    )
    return understand(article)


# -- the feed ---------------------------------------------------------------------------------------------------------


def feed(*items: tuple[str, str]) -> bytes:
    """(link, guid) of each."""
    rows = (
        f"<item><title>Même titre</title><link>{link}</link><guid isPermaLink='false'>{guid}</guid></item>"
        for link, guid in items
    )
    return f'<rss version="2.0"><channel><title>Fictif</title>{"".join(rows)}</channel></rss>'.encode()


def test_an_entry_is_known_by_its_reference_wherever_it_stands() -> None:
    found = listed(
        feed(
            ("https://certfr-fictif.test/avis/CERTFR-2026-AVI-0001/", "https://certfr-fictif.test/?p=1"),
            ("https://certfr-fictif.test/?p=2", "certfr-2026-ale-002"),
            ("https://certfr-fictif.test/avis/CERTA-2013-AVI-003/", ""),
            ("https://certfr-fictif.test/rfx/CERTFR-2026-RFX-004/", ""),
            ("https://certfr-fictif.test/a-propos/", "sans-reference"),
        )
    )
    assert [entry.key for entry in found] == [
        "CERTFR-2026-AVI-0001",
        "CERTFR-2026-ALE-002",
        "CERTA-2013-AVI-003",
        "CERTFR-2026-RFX-004",
        "sans-reference",
    ]
    assert {entry.title for entry in found} == {"Même titre"}


def test_a_thousand_entries_are_read_and_not_one_more() -> None:
    assert len(listed(rss(1_001))) == 1_000


@pytest.mark.parametrize("url", [URL, URL.rstrip("/"), f"{URL}?utm_source=rss#haut"])
def test_the_document_stands_below_the_page(url: str) -> None:
    entry = Entry(key="k", url=url, title="Un titre")
    assert PAGE_OF(entry) == "https://certfr-fictif.test/avis/CERTFR-2026-AVI-0912/json/"


@pytest.mark.parametrize(
    "body",
    [
        b"<html><head><title>Maintenance</title></head><body><p>Le site revient bientot, merci.</p></body></html>",
        b"bonjour",
        b"{}",
        b'{"summary": 3}',
        b"[1]",
    ],
)
def test_what_is_neither_feed_nor_bulletin_brings_no_news(body: bytes) -> None:
    with pytest.raises(ParseError) as refused:
        listed(body)
    assert refused.value.code == "not-a-feed"


# -- the document -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_says_what_stands_beside_it(path: Path) -> None:
    expected: dict[str, Any] = json.loads((CORPUS / f"{path.stem}.expected.json").read_text("utf-8"))
    (entry,) = listed(path.read_bytes(), url=path.as_uri())
    assert entry.text.split("\n\n") == expected["text"]
    assert (entry.title, entry.summary) == (expected["title"], expected["summary"])
    assert (entry.published.isoformat() if entry.published else None) == expected["published"]


def test_an_entry_keeps_what_the_feed_said_and_gains_the_rest() -> None:
    said = Entry(key=TEASER.key, url=URL, title="[MàJ] Un titre", published=datetime(2026, 7, 2, 8, tzinfo=UTC))
    entry = completed((CORPUS / "avis.json").read_bytes(), said)
    assert (entry.key, entry.url, entry.title, entry.published) == (said.key, said.url, said.title, said.published)
    assert entry.summary.startswith("De multiples vulnérabilités ont été découvertes")


def test_a_document_without_a_summary_leaves_the_feeds() -> None:
    assert completed(document(summary=None, content="Corriger.")).summary == TEASER.summary


def test_forty_systems_are_named_and_the_rest_is_counted() -> None:
    systems = [{"description": f"Produit {n}", "product": {"name": "N/A"}} for n in range(43)]
    (lines,) = [
        part for part in completed(document(affected_systems=systems)).text.split("\n\n") if "Produit 0" in part
    ]
    assert lines.split("\n") == ["Systèmes affectés :", *(f"Produit {n}" for n in range(40)), "et 3 autres"]


@pytest.mark.parametrize(
    ("description", "name", "vendor", "line"),
    [
        ("Gate versions 7.x", "N/A", "Halcyon", "Gate versions 7.x de Halcyon"),
        ("versions 7.x", "Gate", "Halcyon", "Gate de Halcyon : versions 7.x"),
        ("", "Gate", "Oriane", "Gate d’Oriane"),
        ("Halcyon Gate 7", "Gate", "Halcyon", "Halcyon Gate 7"),
        ("Gate 7", "n/a", "N/A", "Gate 7"),
    ],
)
def test_a_system_is_said_with_its_vendor(description: str, name: str, vendor: str, line: str) -> None:
    row = {"description": description, "product": {"name": name, "vendor": {"name": vendor}}}
    assert f"Systèmes affectés :\n{line}\n\n" in f"{completed(document(affected_systems=[row])).text}\n\n"


def test_a_single_revision_is_the_publication_and_no_news() -> None:
    once = [{"description": "Version initiale", "revision_date": "2026-07-01T00:00:00"}]
    assert "Révision" not in completed(document(revisions=once)).text


def test_another_bulletins_document_is_not_taken() -> None:
    assert refusal(document(reference="CERTFR-2026-AVI-0913")) == "no-text"


@pytest.mark.parametrize(
    "body",
    [
        b"<!doctype html><html><body><h1>CERTFR-2026-AVI-0912</h1><p>Une page.</p></body></html>",
        b"",
        b"{",
        b"null",
        b"[]",
        b'"CERTFR-2026-AVI-0912"',
        b'{"error": "not found"}',
        b'{"reference": "CERTFR-2026-AVI-0912", "title": "Un titre"}',
    ],
)
def test_what_is_no_document_leaves_the_feeds_entry_alone(body: bytes) -> None:
    assert refusal(body) == "no-text"


def test_a_document_cut_or_nested_without_end_is_refused() -> None:
    assert refusal(document()[:-5], truncated=True) == "truncated"
    assert refusal(b'{"a":' + b"[" * 200_000) == "too-deep"


def test_a_bulletins_page_gives_that_one_bulletin() -> None:
    page = f"""<!doctype html><html lang="fr"><head><title>Faille fictive dans Gate - CERT</title></head><body>
    <nav><a href="/">Accueil</a></nav><article><h1>Faille fictive dans Gate</h1><p>Le 1er juillet 2026</p>
    <p>{"Une faille inventée permet de contourner la politique de sécurité. " * 5}</p></article></body></html>"""
    (entry,) = listed(page.encode(), url=URL)
    assert (entry.key, entry.url, entry.title) == ("CERTFR-2026-AVI-0912", URL, "Faille fictive dans Gate")
    assert "Une faille inventée permet" in entry.text


def test_a_document_asked_for_by_itself_has_the_address_of_its_page() -> None:
    (entry,) = listed(document(), url=f"{URL}json/")
    assert (entry.key, entry.url) == ("CERTFR-2026-AVI-0912", URL)


# -- what understanding makes of it -----------------------------------------------------------------------------------

MANY = tuple(f"CVE-2026-{number}" for number in range(10_000, 11_924))


def largest(**fields: object) -> Entry:
    """As large as the largest real one."""
    systems = [{"description": f"Noyau fictif {n}", "product": {"vendor": {"name": "Oriane"}}} for n in range(200)]
    return completed(
        document(
            summary="De multiples vulnérabilités ont été découvertes dans le noyau fictif. "
            "Elles permettent à un attaquant de provoquer un déni de service.",
            content="Se référer au bulletin de sécurité de l'éditeur pour l'obtention des correctifs. " * 900,
            cves=[{"name": cve} for cve in reversed(MANY)],
            affected_systems=systems,
            **fields,
        )
    )


def test_all_of_1924_identifiers_are_found_and_none_stands_in_the_summary_as_a_list() -> None:
    found = understood(largest())
    assert found.cves == MANY
    assert found.summary.count("CVE-") == 3  # the template's own: three, and that there are more
    assert f"{MANY[2]}, …" in found.summary  # a count would be a number that stands nowhere in the text
    assert "CVE-" not in found.long_summary


@pytest.mark.parametrize("summary", ["", "Une faille."])
def test_identifiers_are_no_summary_of_a_document_that_says_little_else(summary: str) -> None:
    entry = completed(document(summary=summary, cves=[{"name": cve} for cve in MANY]))
    found = understood(entry)
    assert found.cves == MANY
    assert found.summary.count("CVE-") == 3
    assert "CVE-" not in found.long_summary


def test_a_known_exploitation_makes_the_bulletin_an_alert() -> None:
    (entry,) = listed((CORPUS / "avis.json").read_bytes())
    found = understood(entry)
    assert found.exploited
    assert found.alert is not None


# -- whatever is served -----------------------------------------------------------------------------------------------

NAMES = (
    *("reference", "title", "summary", "content", "affected_systems", "cves", "risks", "revisions", "description"),
    *("name", "product", "vendor", "revision_date"),
)
WORDS = (
    "CVE-2026-90001",
    "CERTFR-2026-AVI-0912",
    "2026-07-01T00:00:00",
    "\ud800",
    "\0",
    "N/A",
    "**gras**",
    "| a |",
    "<p",
)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(WORDS)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)
)


@given(values)
def test_any_json_value_is_read_or_refused_with_a_code(value: object) -> None:
    body = json.dumps(value).encode("utf-8", "surrogatepass")
    for read in (completed, listed):
        try:
            read(body)
        except SourceError as error:
            assert error.code in ("no-text", "not-a-feed", "too-deep")


@pytest.mark.parametrize(
    "piece", ["[", "[a](", "*a", "<td>", "`", "> ", "|", "\n", "#", "a_", "![", "&amp;", "\\", "<p "]
)
@pytest.mark.timeout(20)  # a pattern that is not linear takes minutes
def test_a_hostile_text_costs_no_more_than_its_length(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    body = document(summary=f"Des mots.\n\n{text}", content=text, cves=[{"name": text}], risks=[{"description": text}])
    assert completed(body).key == TEASER.key
