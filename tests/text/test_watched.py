"""What somebody types of what they run, and how a text writes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.article import Product
from bot.text.cites import authorities_in
from bot.text.vocabulary import PRODUCTS
from bot.text.watched import KNOWN_NAMES, MOST_ENTRIES, PRESETS, read_list, shown, spelled, watched_in
from tests.text.articles import ANY_TEXT, article


@pytest.mark.parametrize(
    ("typed", "vendor", "name"),
    [
        ("Fortinet", "fortinet", ""),
        ("FortiGate 100F", "fortinet", "fortios"),
        ("Citrix NetScaler", "citrix", "netscaler"),
        ("Serveur Exchange", "microsoft", "exchange"),
        ("Active Directory", "microsoft", "active directory"),
        ("AD", "microsoft", "active directory"),
        ("Exchange", "microsoft", "exchange"),
        ("Broadcom", "vmware", ""),
        ("Pulse Secure", "ivanti", ""),
        ("Cisco ASA", "cisco", "asa"),
        ("PAN-OS", "palo alto networks", "pan os"),
        ("Veeam", "veeam", ""),
        ("InterSystems", "intersystems", ""),
        ("LaboNet v3", "", "labonet"),
    ],
)
def test_an_entry_is_known_by_any_of_its_names_or_kept_as_words(typed: str, vendor: str, name: str) -> None:
    assert watched_in(typed) == (Product(vendor=vendor, name=name),)


def test_a_pasted_list_is_read_item_by_item_each_entry_once() -> None:
    found = watched_in("Fortinet, Veeam\n\n  FortiGate\tLaboNet; fortinet")
    wanted = [("fortinet", ""), ("veeam", ""), ("fortinet", "fortios"), ("", "labonet")]
    assert [(one.vendor, one.name) for one in found] == wanted


@given(ANY_TEXT)
def test_anything_may_be_pasted(text: str) -> None:
    found = watched_in(text)
    assert len(found) == len(set(found)) <= MOST_ENTRIES
    assert all(one.vendor or one.name for one in found)


def test_every_preset_holds_products_we_know() -> None:
    assert set(PRESETS) == {"ght", "chu", "clinic"}
    for entries in PRESETS.values():
        assert len(entries) >= 10
        assert all((one.vendor, one.name) in PRODUCTS for entry in entries for one in watched_in(entry))


@given(st.text(max_size=20), st.text(max_size=200))
def test_any_product_can_be_spelled_of_any_text(name: str, body: str) -> None:
    assert isinstance(spelled(Product(vendor="x", name=name), article("Un titre", body)), str)


def test_a_product_is_shown_as_the_article_writes_it() -> None:
    advisory = article("Vulnérabilité dans FortiOS", "Le portail PAN-OS aussi.")
    assert spelled(Product(vendor="fortinet", name="fortios"), advisory) == "FortiOS"
    assert spelled(Product(vendor="palo alto networks", name="pan os"), advisory) == "PAN-OS"
    assert spelled(Product(vendor="veeam", name=""), advisory) == "veeam"


def test_the_authorities_a_text_claims_are_named() -> None:
    claimed = authorities_in(article("Alerte du CERT-FR", "Selon l’ANSSI et le CERT Santé."))
    assert claimed == ("CERT-FR", "CERT Santé", "Anssi")
    assert authorities_in(article("Une concertation", "Rien.")) == ()


def test_a_table_is_read_row_by_row_by_what_its_columns_are_called() -> None:
    rows = "Éditeur;Nom du produit;Version;Site", "Fortinet;FortiGate 100F;7.2.5;Nord", "Nordexa;PacsView;3.1;Sud"
    listed = read_list("\n".join((*rows, "Microsoft;Exchange;2019;Sud")))
    assert [(one.vendor, one.name) for one in listed.known] == [("fortinet", "fortios"), ("microsoft", "exchange")]
    assert listed.kept == (Product(vendor="", name="pacsview"),)
    assert listed.passed == ()


def test_a_table_without_headings_is_read_by_its_first_names() -> None:
    listed = read_list("Fortinet\tFortiGate\t7.2\nPacsView\tRadiologie\t3.1\n12\t13\t14")
    assert listed.known == (Product(vendor="fortinet", name="fortios"),)
    assert listed.kept == (Product(vendor="", name="pacsview"),)


def test_headings_and_words_found_everywhere_are_passed_over_and_told() -> None:
    listed = read_list("Éditeur\nVeeam\nserveurs\nOui\n7.2.5\n2024\n")
    assert listed.entries == (Product(vendor="veeam", name=""),)
    assert listed.passed == ("Éditeur", "serveurs", "Oui")


def test_a_version_is_no_part_of_a_name() -> None:
    assert watched_in("FortiOS 7.2.5, LaboNet version 3.4") == watched_in("FortiOS, LaboNet")


def test_what_is_more_than_a_list_holds_is_counted() -> None:
    listed = read_list("\n".join(f"produit fictif {n}" for n in range(MOST_ENTRIES + 7)))
    assert (len(listed.entries), listed.left_out) == (MOST_ENTRIES, 7)


@pytest.mark.parametrize("name", KNOWN_NAMES)
def test_every_name_that_is_proposed_is_understood(name: str) -> None:
    listed = read_list(name)
    assert name in map(shown, listed.known) and listed.kept == ()
