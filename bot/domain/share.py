"""What a member shows the others: a page somebody found, under their name, with a word of theirs."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.ids import ArticleId, ChannelId, PostId
from bot.domain.source import Origin, Source

A_DAY, DAY = 5, timedelta(days=1)  # shares of one person, in all chats together
LONGEST_NOTE = 300  # characters
PLACE = "share:"  # what the address of such a source begins with: nothing is read there
SLUG = "partage-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`name` is shown in that channel, and kept encrypted. Who wants to be forgotten leaves neither name nor note."""

    post: PostId
    channel: ChannelId
    person: str  # keyed hash; "": forgotten
    name: str
    note: str = ""  # plain, as it was typed
    shared_at: datetime
    withdrawn_at: datetime | None = None  # an administrator took it back


def share_key(article: ArticleId) -> str:
    """One post an article, whoever shares it where; each channel has its own delivery, name and note."""
    return f"h:{article}"


def shelf(community: str, title: str) -> Source:
    """Where the archive keeps what the members of one chat or server share. Disabled, so that nobody reads it."""
    mark = hashlib.sha256(community.encode("utf-8", "replace")).hexdigest()[:10]
    return Source(
        slug=f"{SLUG}{mark}", title=title, url=f"{PLACE}{mark}", origin=Origin.CHAT, community=community, enabled=False
    )


def is_shelf(slug: str) -> bool:
    return slug.startswith(SLUG)
