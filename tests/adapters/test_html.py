"""HTML as its reader sees it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.html import decode, outline, paragraphs
from bot.errors import ParseError


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Un</p><p>Deux</p>", "Un\n\nDeux"),
        ("Un<br>Deux<br><br>Trois", "Un\nDeux\n\nTrois"),
        ("Un<br>\n<br/> \t<b> </b><br>Deux<br>\nTrois", "Un\n\nDeux\nTrois"),
        ("<ul><li>Un<li>Deux</ul>", "Un\n\nDeux"),
        ("L&rsquo;h&ocirc;pital &amp; co&nbsp;: <b>gras</b>", "L’hôpital & co\u00a0: gras"),
        ("<script>alert(1)</script><style>p{}</style><p>Vu</p><noscript>Non</noscript><!-- non -->", "Vu"),
        ("<p hidden>Non</p><p style='display: none'>Non</p><p>Oui</p>", "Oui"),
        ("coupé par un trait\u00ad d’union\u200b invisible", "coupé par un trait d’union invisible"),
        ("  plusieurs \n\t espaces  ", "plusieurs espaces"),
        ("a < b & c", "a < b & c"),
        ("<p>avant\x00après", "avantaprès"),
        ("", ""),
    ],
)
def test_markup_becomes_plain_paragraphs(html: str, text: str) -> None:
    assert paragraphs(html) == text


def test_a_line_knows_its_link_and_heading() -> None:
    (line,) = outline("<h2><a href='/x'>Titre</a></h2>").lines
    assert (line.text, line.heading, line.is_link, line.runs[0].href) == ("Titre", 2, True, "/x")


def test_what_follows_the_end_of_a_document_is_read_too() -> None:
    assert [line.text for line in outline("<html><body></body></html><p>Après</p>").lines] == ["Après"]


def test_two_bytes_a_letter_are_seen_without_a_mark() -> None:
    assert decode("<p>é</p>".encode("utf-16-be"), "utf-8") == "<p>é</p>"
    assert decode("<p>é</p>".encode("utf-16-le")) == "<p>é</p>"


def test_elements_without_end_are_too_deep() -> None:
    with pytest.raises(ParseError) as refused:
        outline("<div>" * 100_000)
    assert refused.value.code == "too-deep"


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        ("é".encode(), ""),
        ("é".encode("iso-8859-1"), ""),
        ("é".encode("iso-8859-1"), "iso-8859-1"),
        ("é".encode("utf-16"), ""),
        ("é".encode(), "utf-16"),
        (b"\xef\xbb\xbf" + "é".encode(), "iso-8859-1"),
        ("é".encode(), "no-such-charset"),
        ("é".encode(), "hex"),
    ],
)
def test_a_page_is_decoded_by_what_it_declares_else_by_what_it_is(body: bytes, charset: str) -> None:
    assert decode(body, charset) == "é"


@given(st.binary(), st.sampled_from(["", "utf-8", "utf-16", "ascii", "idna", "punycode", "no-such"]))
def test_any_bytes_are_some_text(body: bytes, charset: str) -> None:
    decode(body, charset)


@given(st.text())
def test_any_text_is_some_paragraphs(text: str) -> None:
    assert "\n\n\n" not in paragraphs(text)
