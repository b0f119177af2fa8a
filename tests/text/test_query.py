"""What somebody typed becomes a value: filters in two languages, identifiers in any spelling, and never an error."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.query import Query
from bot.text.query import LONGEST, read_query, references, slug_of

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


def read(text: str) -> Query:
    return read_query(text, zone=PARIS, now=NOW)


def typed(query: Query) -> list[str]:
    return [term.text for term in query.words]


def test_words_phrases_and_what_is_excluded() -> None:
    query = read("panne  \"messagerie sécurisée\" -orage «mode dégradé» “plan blanc” -'x'")
    assert typed(query) == ["panne"]
    assert [term.text for term in query.phrases] == ["messagerie sécurisée", "mode dégradé", "plan blanc"]
    assert [term.stems for term in query.none_of] == [("orag",), ("x",)]


def test_what_is_in_every_text_is_not_asked_for() -> None:
    assert [term.stems for term in read("l’entrepôt de données d'un hôpital").words] == [
        ("entrepot",),
        ("donne",),
        ("hopital",),
    ]


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("source:dsih", "sources", ("dsih",)),
        ("source:DSIH,ticsante", "sources", ("dsih", "ticsante")),
        ('source:"CERT Santé"', "sources", ("cert-sante",)),
        ("topic:care", "topics", ("care",)),
        ("sujet:Cybersécurité", "topics", ("cybersecurite",)),
        ('author:"Alice Roux"', "authors", ("alice roux",)),
        ("auteur:«Hélène Ça»", "authors", ("helene ca",)),
        ("genre:Tribune", "genres", ("tribune",)),
        ("tri:date", "by_date", True),
        ("sort:date", "by_date", True),
    ],
)
def test_filters_have_two_languages_and_values_may_be_quoted(text: str, name: str, value: object) -> None:
    query = read(f"panne {text}")
    assert getattr(query, name) == value
    assert typed(query) == ["panne"]


@pytest.mark.parametrize(
    ("date", "day"),
    [
        ("2026", "2026-01-01"),
        ("2026-02", "2026-02-01"),
        ("2026-02-03", "2026-02-03"),
        ("03/02/2026", "2026-02-03"),
        ('"3 févr. 2026"', "2026-02-03"),
        ('"février 2026"', "2026-02-01"),
    ],
)
@pytest.mark.parametrize("name", ["after", "apres", "après", "APRÈS"])
def test_dates_begin_at_midnight_of_the_reader(name: str, date: str, day: str) -> None:
    assert read(f"{name}:{date}").after == datetime.fromisoformat(day).replace(tzinfo=PARIS)


def test_relative_dates_count_from_now() -> None:
    assert read("après:7j").after == NOW - timedelta(days=7)
    assert read("before:30d").before == NOW - timedelta(days=30)
    query = read("avant:2026-02 avant:2026-01 après:2024 après:2025")
    assert (query.after, query.before) == (
        datetime(2025, 1, 1, tzinfo=PARIS),
        datetime(2026, 1, 1, tzinfo=PARIS),
    )


@pytest.mark.parametrize(
    "text",
    ["CVE-2023-27997", "cve 2023 27997", "Cve‑2023‑27997,", "cve:2023-27997", "cve:CVE-2023-27997", "CVE_2023_27997"],
)
def test_a_cve_in_any_spelling_is_that_cve(text: str) -> None:
    query = read(f"fortinet {text}")
    assert query.cves == ("CVE-2023-27997",)
    assert typed(query)[0] == "fortinet"
    assert not any("27997" in word for word in typed(query))


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("CERTFR-2026-ALE-001", "CERTFR-2026-ALE-001"),
        ("certfr 2026 ale 001", "CERTFR-2026-ALE-001"),
        ("cert-fr-2026-avi-0123", "CERTFR-2026-AVI-0123"),
        ("https://www.cert.ssi.gouv.fr/alerte/CERTFR-2026-ALE-001/", "CERTFR-2026-ALE-001"),
    ],
)
def test_a_reference_in_any_spelling_is_that_reference(text: str, reference: str) -> None:
    assert read(text).references == references(text) == (reference,)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("foo:bar", ["foo:bar"]),
        ("source:", ["source:"]),
        ("topic:messagerie", ["messagerie"]),
        ("après:demain", ["demain"]),
        ("après:2026-13", ["2026-13"]),
        ("tri:taille", ["taille"]),
        ('"sans fin', ['"sans', "fin"]),
        ("AND NEAR *", ["NEAR"]),
    ],
)
def test_what_is_not_understood_is_just_words(text: str, words: list[str]) -> None:
    assert typed(read(text)) == words


@pytest.mark.parametrize("text", ["", "   ", "de la", "*", '""', "\0", "🚑", "-"])
def test_nothing_can_be_asked(text: str) -> None:
    assert read(text).is_empty


def test_a_long_query_is_read_as_far_as_it_counts() -> None:
    query = read(" ".join(f"w{n}" for n in range(10_000)))
    assert len(query.text) <= LONGEST
    assert len(query.words) == 32


@given(st.text(max_size=400) | st.text(alphabet="-\"«»“”:ou cve2023—/'sourcetriaprès", max_size=400))
def test_no_input_is_an_error(text: str) -> None:
    query = read(text)
    assert "\0" not in query.text
    assert all(term.stems for term in (*query.words, *query.phrases, *query.none_of))


def test_a_source_is_called_by_its_slug() -> None:
    assert [slug_of(name) for name in ("certfr-alertes", "CERT Santé", "sante.gouv", " ’ ")] == [
        "certfr-alertes",
        "cert-sante",
        "sante.gouv",
        "",
    ]
