"""French or English, whatever the source claims."""

import pytest
from hypothesis import given

from bot.text.language import READ, language
from tests.text.articles import ANY_TEXT

FRENCH = "Les établissements de la région ont été informés de la panne par le prestataire."
ENGLISH = "The hospitals of the region have been told about the outage by their provider."


@pytest.mark.parametrize("claimed", [None, "fr", "en", "en-GB", "de", ""])
def test_a_text_that_can_be_told_is_in_the_language_it_is_in(claimed: str | None) -> None:
    assert language(FRENCH, claimed) == "fr"
    assert language(ENGLISH, claimed) == "en"


@pytest.mark.parametrize(
    ("claimed", "expected"), [("en", "en"), ("EN-us", "en"), ("fr", "fr"), (None, "fr"), ("de", "fr")]
)
def test_a_text_too_short_to_tell_is_in_the_language_its_source_claims_else_in_french(
    claimed: str | None, expected: str
) -> None:
    assert language("FortiOS 7.4", claimed) == expected
    assert language("", claimed) == expected


def test_an_english_quotation_does_not_make_a_french_article_english() -> None:
    assert language(f"{FRENCH} « We are working on it », dit-il. {FRENCH}") == "fr"


def test_what_comes_after_the_first_page_is_not_read() -> None:
    assert language(FRENCH.ljust(READ) + ENGLISH * 50) == "fr"


@given(ANY_TEXT)
def test_any_text_is_in_one_of_the_two(text: str) -> None:
    assert language(text) in {"fr", "en"}
