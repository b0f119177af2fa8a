"""What somebody types or pastes of what they run → entries of a watchlist; and a product as a text writes it."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from bot.domain.article import Article, Product
from bot.domain.words import words
from bot.text.reading import folded
from bot.text.vocabulary import PRODUCTS, STOP_WORDS

MOST_ENTRIES = 300
LONGEST_ENTRY = 60  # characters of what is kept as words
LONGEST_ITEM = 200  # characters looked at

_SEPARATORS = re.compile(r"[\n,;\t•|]+")
_VERSION = re.compile(r"\b(?:v|ver\.?|version|release)\s?\d[\w.]*|\b\d+(?:\.(?:\d+|x))+\w*", re.IGNORECASE)

_FILE = tomllib.loads((files("bot.text") / "presets.toml").read_text("utf-8"))

# kind of establishment → entries, as somebody would type them
PRESETS: Mapping[str, tuple[str, ...]] = {name: tuple(entries) for name, entries in _FILE["presets"].items()}
_ALIASES: Mapping[str, str] = _FILE["aliases"]
_NAMES: Mapping[str, str] = _FILE["names"]
_VENDOR, _PRODUCT, _OTHER = (frozenset[str](_FILE["labels"][name]) for name in ("vendor", "product", "other"))
_SAYS_NOTHING = _VENDOR | _PRODUCT | _OTHER | STOP_WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a typed or pasted list says, each entry once and in its order, `MOST_ENTRIES` at most."""

    known: tuple[Product, ...] = ()
    kept: tuple[Product, ...] = ()  # in words: names we do not know
    passed: tuple[str, ...] = ()  # as they were written: headings, words that would be found everywhere
    left_out: int = 0  # too many

    @property
    def entries(self) -> tuple[Product, ...]:
        return (*self.known, *self.kept)


def read_list(text: str) -> Listed:
    """Each line or item, or each row of a table: a product we know under any of its names, else its words.

    `FortiGate 100F` is Fortinet's FortiOS, `Fortinet` its whole range, a name we do not know is looked for in texts.
    """
    known: dict[Product, None] = {}
    kept: dict[Product, None] = {}
    passed: dict[str, None] = {}
    for named, alone in _items(text):
        plain = words(_VERSION.sub(" ", alone))
        if products := _known(named):
            known.update(dict.fromkeys(products))
        elif _SAYS_NOTHING.issuperset(plain):
            if plain:
                passed.setdefault(alone)
        elif name := _within(plain, LONGEST_ENTRY):
            kept.setdefault(Product(vendor="", name=name))
    left_out = len(known) + len(kept) - MOST_ENTRIES
    first = tuple(known)[:MOST_ENTRIES]
    return Listed(
        known=first,
        kept=tuple(kept)[: MOST_ENTRIES - len(first)],
        passed=tuple(passed),
        left_out=max(0, left_out),
    )


def watched_in(text: str) -> tuple[Product, ...]:
    return read_list(text).entries


def _items(text: str) -> Iterator[tuple[str, str]]:
    """(where a product we know may be named, what is kept if none is): twice the same, unless it is a table's row."""
    lines = [line for line in text.splitlines() if line.strip()]
    if sign := _column_sign(lines):
        yield from _rows([[cell.strip(' \t"')[:LONGEST_ITEM] for cell in line.split(sign)] for line in lines])
        return
    for item in _SEPARATORS.split("\n".join(lines)):
        item = item.strip(' "-*·')[:LONGEST_ITEM]
        if item:
            yield item, item


def _column_sign(lines: Sequence[str]) -> str:
    """What stands between the columns; "": it is no table. A line of a few names with commas between is a list."""
    if len(lines) < 2:
        return ""
    if all("\t" in line for line in lines):
        return "\t"
    for sign in ";,":
        counts = {line.count(sign) for line in lines}
        if len(counts) == 1 and (min(counts) > 1 or (min(counts) == 1 and _is_heading(lines[0].split(sign)))):
            return sign
    return ""


def _is_heading(cells: Sequence[str]) -> bool:
    found = [words(cell) for cell in cells]
    return any(found) and all(_SAYS_NOTHING.issuperset(cell) for cell in found)


def _rows(rows: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
    """By the columns that its heading names; without one, the first two that hold letters."""
    vendor = product = -1
    if _is_heading(rows[0]):
        heading = [frozenset(words(cell)) for cell in rows[0]]
        vendor, product = (_place(heading, labels) for labels in (_VENDOR, _PRODUCT))
        rows = rows[1:]
    for cells in rows:
        told = [cells[at] for at in (vendor, product) if 0 <= at < len(cells) and _has_letters(cells[at])]
        told = told or [cell for cell in cells if _has_letters(cell)][:2]
        if told:
            yield " ".join(told), told[-1] if product >= 0 else told[0]


def _place(heading: Sequence[frozenset[str]], labels: frozenset[str]) -> int:
    return next((at for at, cell in enumerate(heading) if cell & labels), -1)


def _has_letters(cell: str) -> bool:
    return any(sign.isalpha() for sign in _VERSION.sub(" ", cell))


def _known(item: str) -> tuple[Product, ...]:
    """The products an item names; a vendor's whole range only where it names none of them."""
    plain = " ".join(words(_VERSION.sub(" ", item)))
    said = folded([_ALIASES.get(plain, item)])
    named = [Product(vendor=vendor, name=name) for (vendor, name), names in PRODUCTS.items() if names.search(said)]
    precise = {product.vendor for product in named if product.name}
    return tuple(product for product in named if product.name or product.vendor not in precise)


def _within(plain: Sequence[str], room: int) -> str:
    """As many of the words as find room; "" for what has no letters, or one."""
    said = " ".join(plain)
    if len(said) > room:
        said = said[:room].rpartition(" ")[0]
    return said if len(said) > 1 and any(sign.isalpha() for sign in said) else ""


# -- as people read it ------------------------------------------------------------------------------------------------


def name_of(folded_name: str) -> str:
    """A vendor or a product as it is usually written."""
    return _NAMES.get(folded_name) or " ".join(word.capitalize() for word in folded_name.split())


def shown(product: Product) -> str:
    """`Fortinet FortiOS`, `Veeam`; words of their own stand as they are looked for."""
    if not product.vendor:
        return product.name
    return f"{name_of(product.vendor)} {name_of(product.name)}".strip()


KNOWN_NAMES: tuple[str, ...] = tuple(
    sorted({shown(Product(vendor=vendor, name=name)) for vendor, name in PRODUCTS}, key=str.casefold)
)


def spelled(product: Product, article: Article) -> str:
    """As the article writes it: `FortiOS`, `NetScaler`; folded where it is written another way."""
    wanted = (product.name or product.vendor).split()
    pattern = re.compile(r"(?<!\w)" + r"[\W_]{1,3}".join(map(re.escape, wanted)) + r"(?!\w)", re.IGNORECASE)
    for text in (article.title, article.chapeau, article.body):
        if (match := pattern.search(text)) is not None:
            return match[0]
    return " ".join(wanted)
