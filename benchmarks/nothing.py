"""An understanding that understands nothing: what a reading costs without it. A worker process imports this alone."""

from collections.abc import Sequence

from bot.domain.article import Article, Understanding


def understand_nothing(articles: Sequence[Article]) -> Sequence[Understanding]:
    return [Understanding(analyser=0, language="fr", summary="", stems="\n") for _ in articles]
