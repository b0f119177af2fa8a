"""Whose authority a text claims. Trust comes from the source: such a text is shown as "cites …"."""

from bot.domain.article import Article
from bot.text.reading import folded
from bot.text.vocabulary import AUTHORITIES


def authorities_in(article: Article) -> tuple[str, ...]:
    """As people write them, in the order of the vocabulary."""
    said = folded((article.title, article.chapeau, article.body))
    return tuple(name for name, names in AUTHORITIES.items() if names.search(said))
