"""A chart in characters: a name, its number, a bar; in letters of one width, narrow enough for a telephone."""

from collections.abc import Sequence

from adapters.plain import line

NAME, BAR = 16, 9  # characters; with the number and the spaces a line is about thirty
FULL = "█"
MOST = 20  # rows
WITHOUT_NAME = "–"


def drawn(rows: Sequence[tuple[str, int]]) -> str:
    """The number stands before its bar, so that it is read, and read aloud, without it. No backtick is in it."""
    shown = [(_name(label), max(count, 0)) for label, count in rows[:MOST]]
    if not shown:
        return ""
    most = max(count for _, count in shown)
    width, digits = max(len(name) for name, _ in shown), len(str(most))
    return "\n".join(f"{name:<{width}} {count:>{digits}} {_bar(count, most)}".rstrip() for name, count in shown)


def _name(label: str) -> str:
    said = line(label).replace("`", "'") or WITHOUT_NAME
    return said if len(said) <= NAME else f"{said[: NAME - 1].rstrip()}…"


def _bar(count: int, most: int) -> str:
    """Something is never nothing."""
    return FULL * (max(1, round(BAR * count / most)) if count else 0)
