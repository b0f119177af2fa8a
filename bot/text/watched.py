"""What somebody types or pastes of what they run → entries of a watchlist; and a product as a text writes it."""

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files

from bot.domain.article import Article, Product
from bot.domain.words import words
from bot.text.reading import folded
from bot.text.vocabulary import PRODUCTS

MOST_ENTRIES = 200
LONGEST_ENTRY = 60  # characters

_SEPARATORS = re.compile(r"[\n,;\t•]+")

_FILE = tomllib.loads((files("bot.text") / "presets.toml").read_text("utf-8"))

# kind of establishment → entries, as somebody would type them
PRESETS: Mapping[str, tuple[str, ...]] = {name: tuple(entries) for name, entries in _FILE["presets"].items()}
_ALIASES: Mapping[str, str] = _FILE["aliases"]


def watched_in(text: str) -> tuple[Product, ...]:
    """Each line or item once, in order: a product we know under any of its names, else its words as they are.

    `FortiGate 100F` is Fortinet's FortiOS, `Fortinet` its whole range, a name we do not know is looked for in texts.
    """
    found: dict[Product, None] = {}
    for item in _SEPARATORS.split(text):
        for product in _of_item(item.strip()[:LONGEST_ENTRY]):
            found.setdefault(product)
    return tuple(found)[:MOST_ENTRIES]


def _of_item(item: str) -> tuple[Product, ...]:
    plain = " ".join(words(item))
    said = folded([_ALIASES.get(plain, item)])
    named = [Product(vendor=vendor, name=name) for (vendor, name), names in PRODUCTS.items() if names.search(said)]
    precise = {product.vendor for product in named if product.name}
    if named:
        return tuple(product for product in named if product.name or product.vendor not in precise)
    return (Product(vendor="", name=plain),) if plain else ()


def spelled(product: Product, article: Article) -> str:
    """As the article writes it: `FortiOS`, `NetScaler`; folded where it is written another way."""
    wanted = (product.name or product.vendor).split()
    pattern = re.compile(r"(?<!\w)" + r"[\W_]{1,3}".join(map(re.escape, wanted)) + r"(?!\w)", re.IGNORECASE)
    for text in (article.title, article.chapeau, article.body):
        if (match := pattern.search(text)) is not None:
            return match[0]
    return " ".join(wanted)
