"""The kind `kev`: catalogues of exploited vulnerabilities, CISA's and ENISA's, and what is served in their place."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources import load
from bot.domain.entry import Entry
from bot.domain.source import Source
from bot.domain.vulnerability import Exploited
from bot.errors import ParseError, SourceError
from bot.ports import ListsExploited, Page

CORPUS = Path(__file__).parents[2] / "corpus" / "kev"
URL = "https://kev-fictif.test/kev.json"
SOURCE = Source(slug="kev", title="KEV", url=URL, kind="kev")
KIND = load("kev")
assert isinstance(KIND, ListsExploited)
EXPLOITED = KIND.exploited


def page(body: bytes, *, truncated: bool = False) -> Page:
    return Page(url=URL, body=body, truncated=truncated)


def of(name: str) -> bytes:
    return (CORPUS / f"{name}.json").read_bytes()


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def catalogue(count: int) -> bytes:
    first = datetime(2022, 1, 1, tzinfo=UTC)
    rows = [
        {"cveID": f"CVE-2022-{10_000 + n}", "dateAdded": f"{first + timedelta(days=n):%Y-%m-%d}", "product": f"P{n}"}
        for n in range(count)
    ]
    return json.dumps({"vulnerabilities": rows}).encode()


def test_cisas_catalogue_lists_what_is_exploited_and_since_when_it_is_known() -> None:
    assert set(EXPLOITED(page(of("cisa")))) == {
        Exploited(cve="CVE-2026-90001", added=day("2026-06-12")),
        Exploited(cve="CVE-2025-90009", added=day("2026-07-02")),
    }


def test_enisas_dump_too_under_its_own_names_once_each_with_the_first_day() -> None:
    found = EXPLOITED(page(of("euvd")))
    assert len(found) == 3
    assert set(found) == {
        Exploited(cve="CVE-2026-90001", added=day("2026-06-10")),
        Exploited(cve="CVE-2026-90006", added=day("2026-07-05")),
        Exploited(cve="CVE-2026-90007", added=day("2026-07-08")),
    }


def test_what_cannot_be_used_is_left_out() -> None:
    assert EXPLOITED(page(of("abime"))) == [Exploited(cve="CVE-2026-90008", added=None)]


def test_a_preview_shows_the_newest_first_and_no_deadline_of_american_agencies() -> None:
    newest, oldest = KIND.parse(page(of("cisa")), SOURCE)
    assert newest == Entry(
        key="CVE-2025-90009",
        url="https://www.cve.org/CVERecord?id=CVE-2025-90009",
        title="CVE-2025-90009 : Oriane Ardoise, Oriane Ardoise Injection Vulnerability",
        published=day("2026-07-02"),
        summary="Oriane Ardoise contains an injection vulnerability.",
    )
    assert oldest.key == "CVE-2026-90001"
    assert "2026-07-03" not in repr(oldest)


@pytest.mark.timeout(20)  # what is worse than linear takes minutes
def test_a_preview_ends_at_a_thousand_and_the_facts_do_not() -> None:
    body = catalogue(1_400)
    entries = KIND.parse(page(body), SOURCE)
    assert [entries[0].key, entries[-1].key, len(entries)] == ["CVE-2022-11399", "CVE-2022-10400", 1_000]
    assert len(EXPLOITED(page(body))) == 1_400
    assert len(EXPLOITED(page(catalogue(60_000)))) == 60_000


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<html><body>Bonjour</body></html>", "not-a-feed"),
        (b"", "not-a-feed"),
        (b"{}", "not-a-feed"),
        (b"null", "not-a-feed"),
        (b"[1, 2]", "not-a-feed"),
        (b'{"vulnerabilities": {"cveID": "CVE-2026-90001"}}', "not-a-feed"),
        (b"[]", "no-items"),
        (b'{"vulnerabilities": []}', "no-items"),
        (b'[{"title": "Sans identifiant"}]', "no-items"),
        (b"[" * 200_000, "too-deep"),
    ],
)
def test_what_is_no_catalogue_is_said_to_be_none(body: bytes, code: str) -> None:
    for read in (EXPLOITED, lambda one: KIND.parse(one, SOURCE)):
        with pytest.raises(ParseError) as refused:
            read(page(body))
        assert refused.value.code == code
        assert URL in str(refused.value)


def test_a_catalogue_that_was_cut_is_truncated() -> None:
    with pytest.raises(ParseError) as refused:
        EXPLOITED(page(catalogue(10)[:-20], truncated=True))
    assert refused.value.code == "truncated"


NAMES = ("vulnerabilities", "items", "cveID", "cveId", "cve_id", "aliases", "dateAdded", "dateReported", "product")
WORDS = ("CVE-2026-90001", "CVE-2026-90001\nGHSA-x", "2026-07-01", "9999-99-99", "Foo 3, 2025", "\ud800", "\0")
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(WORDS)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)
)


@given(values)
def test_any_json_value_is_read_or_refused_with_a_code(value: object) -> None:
    body = json.dumps(value).encode("utf-8", "surrogatepass")
    for read in (EXPLOITED, lambda one: KIND.parse(one, SOURCE)):
        try:
            assert read(page(body))
        except SourceError as error:
            assert error.code in ("not-a-feed", "no-items")
