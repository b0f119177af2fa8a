"""What the rows know of an entry, for deciding whether another one is the same."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import ArticleId, SourceId, StoryId


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What we know of an entry of a source. `is_told`: the article's words are this entry's, not another source's."""

    article: ArticleId
    content_hash: str
    is_told: bool
    title: str = ""
    url_key: str | None = None  # canonical address of the article; None: its text is purged
    published: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An article under an address, for deciding whether an entry is the same."""

    number: ArticleId
    story: StoryId
    source: SourceId
    title: str
    content_hash: str
    published: datetime | None = None
    shared: bool = False  # only members have shown it: whoever is watched and lists it tells it as news
    imported: bool = False  # from a file: its source lists it under a key we have yet to see
