"""A chart in characters: aligned, narrow, readable without its bars."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.bars import BAR, MOST, NAME, drawn

ROWS = st.lists(st.tuples(st.text(max_size=40), st.integers(-5, 10**6)), max_size=30)


def test_a_name_its_number_and_a_bar_as_long_as_it_is_great() -> None:
    assert drawn([("Vulnérabilités", 90), ("IA", 40), ("HDS", 1), ("Ségur", 0)]) == (
        "Vulnérabilités 90 █████████\nIA             40 ████\nHDS             1 █\nSégur           0"
    )


def test_a_long_name_is_cut_so_that_a_telephone_shows_the_line() -> None:
    assert drawn([("Identité et interopérabilité", 12)]) == "Identité et int… 12 █████████"


def test_nothing_is_drawn_of_nothing() -> None:
    assert drawn([]) == ""


@given(ROWS)
def test_whatever_the_names_it_stays_one_line_a_row_and_nothing_ends_a_block_of_code(
    rows: list[tuple[str, int]],
) -> None:
    text = drawn(rows)
    assert "`" not in text
    assert len(text.split("\n")) == max(min(len(rows), MOST), 1)
    assert all(len(line) <= NAME + 1 + 7 + 1 + BAR for line in text.split("\n"))
