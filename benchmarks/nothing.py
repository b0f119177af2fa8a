"""An understanding that understands nothing: what a reading costs without it. A worker process imports this alone."""

from collections.abc import Sequence

from bot.domain.article import Article, Understanding
from bot.text.boilerplate import Lines
from bot.text.understand import Together


def understand_nothing(articles: Sequence[Article], lines: Lines, new: bool) -> Together:
    found = [Understanding(analyser=0, language="fr", summary="", stems="\n") for _ in articles]
    return Together(found=found, cleaned={}, lines=lines)
