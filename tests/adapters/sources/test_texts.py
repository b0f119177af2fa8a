"""Markup that comes again is read once, whatever was forgotten in between."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.html import paragraphs
from adapters.sources._texts import Texts

LONG = "<p>" + "Un long article inventé. " * 10 + "</p>"


def test_what_was_read_is_said_again() -> None:
    texts = Texts()
    assert texts.of(LONG) == texts.of(LONG) == ("Un long article inventé. " * 10).strip()


@given(st.lists(st.integers(0, 5), max_size=30), st.integers(0, 3_000))
def test_the_same_is_said_whatever_is_kept(asked: list[int], largest: int) -> None:
    texts = Texts(largest=largest)
    for number in asked:
        html = f"{LONG}<p>{number} \ud800</p>"
        assert texts.of(html) == paragraphs(html)
        assert sum(map(len, texts._kept.values())) <= largest
