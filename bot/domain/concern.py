"""Does it concern us: what an article names, held against the list of what a community runs. Always with the reason."""

from dataclasses import dataclass

from bot.domain.article import Facts, Product


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """`watched` is the entry of the list, `found` what the article names. Not `sure`: to be checked."""

    found: Product
    watched: Product
    sure: bool


def concern_of(facts: Facts, watchlist: frozenset[Product]) -> Concern | None:
    """The surest, then the first by name; None: it does not concern us.

    An entry without a name is its vendor's whole range, one without a vendor is words looked for in the text. What
    names only the vendor of a product we run may be about ours or about another: that is to be checked.
    """
    named = {product.vendor for product in facts.understanding.products} | {""}
    concerns = [
        concern
        for watched in watchlist
        if watched.vendor in named
        and (concern := _by_words(facts, watched) if not watched.vendor else _by_product(facts, watched)) is not None
    ]
    return min(concerns, key=lambda concern: (not concern.sure, concern.watched), default=None)


def _by_product(facts: Facts, watched: Product) -> Concern | None:
    named = [product for product in facts.understanding.products if product.vendor == watched.vendor]
    for product in named:
        if watched.name in ("", product.name):
            return Concern(found=product, watched=watched, sure=True)
    for product in named:
        if not product.name:
            return Concern(found=product, watched=watched, sure=False)
    return None


def _by_words(facts: Facts, watched: Product) -> Concern | None:
    first, _, _ = watched.name.partition(" ")
    if first in facts.folded_words and any(f" {watched.name} " in text for text in facts.folded_texts):
        return Concern(found=watched, watched=watched, sure=True)
    return None
