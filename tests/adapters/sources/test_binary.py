"""Bodies that are no text at all."""

import random

import pytest

from adapters.sources import detect
from adapters.sources._binary import is_binary
from bot.ports import Page

NOISE = random.Random(1).randbytes(100_000)
TEXTS = {
    "nothing": b"",
    "a page": "<!doctype html><h1>Hôpital fictif</h1>".encode(),
    "a page with stray bytes": b"<h1>Un titre\0\0 fictif\x01 en\x1b[31m rouge</h1>" * 20,
    "utf-16": "<h1>Hôpital</h1>".encode("utf-16"),
    "utf-16 in another writing": ("<h1>" + "\u0105\u0217\u4e01" * 100).encode("utf-16-le"),
    "latin-1": "<h1>Évêché à Noël</h1>".encode("iso-8859-1"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_one_in_any_encoding(name: str) -> None:
    assert not is_binary(TEXTS[name])


@pytest.mark.parametrize(
    "body", [b"PK\3\4<rss>", b"%PDF-1.7 <html>", b"\x89PNG\r\n\x1a\n", NOISE, NOISE + b"<rss>"], ids=range(5)
)
def test_what_is_no_text_is_no_page_to_look_for_a_list_in(body: bytes) -> None:
    assert is_binary(body)
    assert detect(Page(url="https://echo-fictif.test/", body=body, media_type="text/html")) == "feed"
