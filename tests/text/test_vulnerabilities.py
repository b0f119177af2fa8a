"""Identifiers, scores, and whether a flaw is said to be exploited."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.article import Product
from bot.text.reading import read
from bot.text.vulnerabilities import MOST_PRODUCTS, cves, cvss, is_exploited, products
from tests.text.articles import ANY_TEXT, article

# -- identifiers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "CVE-2026-20333",
        "la cve-2026-20333.",
        "CVE 2026-20333",
        "CVE 2026 20333",
        "CVE\u00a02026\u201120333",
        "CVE–2026–20333",
        "CVE_2026_20333",
        "(CVE: 2026-20333)",
        "CVE-2026-20333, CVE-2026-20333",
    ],
)
def test_an_identifier_is_read_in_every_spelling(text: str) -> None:
    assert cves(text) == ("CVE-2026-20333",)


@pytest.mark.parametrize(
    "text",
    [
        "CVE-2026-20333 et -20362",
        "CVE-2026-20333/20362",
        "CVE-2026-20333, -20362",
        "CVE-2026-20362 et CVE-2026-20333",
        "CVE-2026-20333 et 2026-20362",
        "CVE-2026-20333 (et -20362)",
    ],
)
def test_an_elliptical_one_is_completed_and_all_are_sorted(text: str) -> None:
    assert cves(text) == ("CVE-2026-20333", "CVE-2026-20362")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CVE",
        "CVE-2026-123",
        "CVE-2026-12345678",
        "XCVE-2026-12345",
        "CVE-1826-12345",
        "2026-12345",
        "le CVE de 2026, 12345 lignes",
        "CVE-٢٠٢٦-12345",
    ],
)
def test_what_is_no_identifier_is_none(text: str) -> None:
    assert cves(text) == ()


def test_a_date_or_a_count_after_an_identifier_is_not_another() -> None:
    assert cves("CVE-2026-20333, 4500 serveurs touchés le 12-03-2026") == ("CVE-2026-20333",)
    assert cves("CVE-2026-20333 - 2026") == ("CVE-2026-20333",)


@given(st.integers(1999, 2099), st.integers(1000, 9_999_999), ANY_TEXT)
def test_an_identifier_is_found_wherever_it_stands(year: int, number: int, around: str) -> None:
    wanted = f"CVE-{year}-{number}"
    assert wanted in cves(f"{around} ; {wanted} ; {around}")


# -- scores -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("La faille a un score CVSS de 9,8.", 9.8),
        ("La faille a un score CVSS v3.1 de 9.8.", 9.8),
        ("Faille notée 9,8 sur 10", 9.8),
        ("Faille notée 9/10 par l’éditeur", 9.0),
        ("Une faille au score de 4 sur 10", 4.0),
        ("Une faille de gravité maximale (10/10)", 10.0),
        ("Une faille à 9,1/10", 9.1),
        ("Vulnérabilité CVE-2026-12345 (9.4) corrigée", 9.4),
        ("The flaw is rated 9.9 out of 10", 9.9),
        ("Un CVSS de 7,5 pour l’une, un score de base de 8,8 pour l’autre", 8.8),
        ("Failles au score de 7,1, 9,3 et 8,2", 9.3),
        ("CVSS : 10", 10.0),
        ("Un score CVSS de 10 pour cette faille.", 10.0),
        ("CVSS:3.1/AV:N/AC:L, score 6.5", 6.5),
        ("Score CVSS de 0,0", 0.0),
    ],
)
def test_the_highest_score_stated_is_read(text: str, expected: float) -> None:
    assert cvss(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Une faille dans la version 9.8 de l’outil",
        "Les failles touchent 9 établissements sur 10",
        "9 sur 10 des failles sont corrigées",
        "Une faille corrigée le 10/10/2026",
        "Une faille corrigée le 9/10",
        "Dans une note du 10 mars, l’ANSSI décrit la faille",
        "Une note sur 10 failles majeures",
        "CVSS:3.1/AV:N/AC:L/PR:N",
        "La faille a un score de 12,5",
        "La vulnérabilité CVE-2026-12345",
        "Le service est noté 9,8 sur 10 par ses patients",
    ],
)
def test_a_version_a_count_or_a_day_is_no_score(text: str) -> None:
    assert cvss(text) is None


@given(ANY_TEXT)
def test_a_score_of_any_text_is_between_0_and_10(text: str) -> None:
    found = cvss(f"faille CVSS {text}")
    assert found is None or 0 <= found <= 10


# -- exploited --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "La faille est activement exploitée.",
        "L’éditeur a connaissance d’une exploitation active.",
        "Cette vulnérabilité est exploitée massivement depuis lundi.",
        "Des attaques sont observées sur ce produit.",
        "La faille fait l’objet d’une exploitation constatée.",
        "Le CERT a vu des tentatives d’exploitation.",
        "The flaw is being exploited in the wild.",
        "Hackers exploit a flaw of the firewall.",
    ],
)
def test_a_flaw_used_against_others_is_exploited(text: str) -> None:
    assert is_exploited(read(article("Pare-feu", text)))
    assert is_exploited(read(article(text)))


@pytest.mark.parametrize(
    "text",
    [
        "Aucune exploitation n’a été constatée à ce jour.",
        "La faille peut être exploitée à distance.",
        "Ces failles pourraient être exploitées par un attaquant.",
        "La faille n’est pas exploitée.",
        "L’éditeur n’a pas connaissance d’une exploitation active.",
        "Aucun code d’exploitation n’est public.",
        "There is no evidence that it is exploited in the wild.",
        "La journalisation est mal exploitée.",
        "Le système d’exploitation est ancien.",
        "Les vulnérabilités sont corrigées.",
    ],
)
def test_a_possibility_or_a_denial_is_not(text: str) -> None:
    assert not is_exploited(read(article("Pare-feu", text)))


def test_a_denial_in_one_sentence_does_not_silence_another() -> None:
    text = "La première faille n’est pas exploitée. La seconde est activement exploitée."
    assert is_exploited(read(article("Pare-feu", text)))


# -- products ---------------------------------------------------------------------------------------------------------


def test_a_product_is_named_without_its_vendors_whole_range() -> None:
    found = products(read(article("Faille dans Fortinet FortiOS", "")), everywhere=False)
    assert found == (Product(vendor="fortinet", name="fortios"),)


def test_a_vendor_alone_is_its_whole_range() -> None:
    assert products(read(article("Les pare-feu Fortinet visés")), everywhere=False) == (
        Product(vendor="fortinet", name=""),
    )


def test_what_the_text_names_counts_only_where_it_is_about_it() -> None:
    reading = read(article("Un appel ouvre", "Les postes sous Windows sont éligibles."))
    assert products(reading, everywhere=False) == ()
    assert products(reading, everywhere=True) == (Product(vendor="microsoft", name="windows"),)


def test_a_list_of_products_is_bounded() -> None:
    body = (
        "NetScaler, Ivanti, Cisco, Sophos, Juniper, Veeam, Zimbra, GitLab, QNAP, Synology, Zabbix, VMware, HPE, Oracle."
    )
    assert len(products(read(article("Failles", body)), everywhere=True)) == MOST_PRODUCTS
