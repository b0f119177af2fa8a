"""A story: the articles of several sources that tell the same news, and which of them speaks for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.article import Facts
from bot.domain.delivery import Post, PostKind
from bot.domain.ids import ArticleId, StoryId
from bot.domain.share import is_shelf
from bot.domain.source import Trust

VOICES = (Trust.OTHER, Trust.PRESS, Trust.VENDOR, Trust.OFFICIAL)  # each is believed more than those before it


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """An article that may tell the same: enough of it to compare."""

    article: ArticleId
    story: StoryId
    at: datetime
    stems: str  # the first of them


def best_of(articles: Sequence[Facts]) -> Facts:
    """What demands action before what does not, then the better source, the longer text, the first that came.

    What only a member showed speaks for nobody, where somebody else does.
    """
    return max(
        articles,
        key=lambda one: (
            not is_shelf(one.article.source_slug),
            one.severity is not None,
            VOICES.index(one.article.trust),
            len(one.article.body),
            -one.number,
        ),
    )


def spoken(post: Post, articles: Sequence[Facts]) -> Facts:
    """Who speaks in a post of a story, with every source of it: an alert is told by one as grave as it rang."""
    grave = post.severity if post.kind is PostKind.ALERT else None
    may = [one for one in articles if (one.severity or 0) >= (grave or 0)] or articles
    return together(best_of(may), articles)


def together(one: Facts, articles: Sequence[Facts]) -> Facts:
    """With every source of its story; who showed it to whom is not one."""
    told = one.sources.union(*(other.sources for other in articles))
    return replace(one, sources=frozenset(slug for slug in told if not is_shelf(slug)) or one.sources)
