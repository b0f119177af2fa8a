"""Tables, where there is room for them and where there is none."""

import io

import pytest
from rich.console import Console

from bot.cli.start import Screen
from bot.locale.say import Say

ROWS = [["cert-fictif", "feed", "–", "Une [bold]erreur[/bold] assez longue pour une fenêtre étroite"]]


def drawn(width: int) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=width, color_system=None, highlight=False)
    Screen(Say("fr"), console).table(["source", "genre", "date", "état"], ROWS)
    return out.getvalue()


def test_a_wide_terminal_has_a_table() -> None:
    heading, row = (line.split() for line in drawn(120).splitlines())
    assert heading == ["source", "genre", "date", "état"]
    assert row[:3] == ["cert-fictif", "feed", "–"]


@pytest.mark.parametrize("width", [20, 40])
def test_a_narrow_one_has_a_paragraph_each_and_no_word_is_lost(width: int) -> None:
    lines = drawn(width).splitlines()
    assert max(map(len, lines)) <= width
    assert lines[0].strip() == "cert-fictif"
    said = ["cert-fictif", "genre", "feed", "·", "état", *ROWS[0][3].split()]
    assert "".join("".join(lines).split()) == "".join(said)
