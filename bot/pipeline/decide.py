"""What one reading of a source means, before anything is written. Pure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from bot.domain.alert import Severity
from bot.domain.article import Article, Facts
from bot.domain.delivery import Breaks, Post, PostKind, Prio, story_key
from bot.domain.entry import Entry, canonical
from bot.domain.sighting import Known
from bot.domain.source import Listing, Source, Trust
from bot.domain.words import words
from bot.pipeline.identity import content_hash, is_changing
from bot.text.clean import clean, one_line

AT_ONCE = 5  # posts of one source in one reading; what is more is folded into one
FOLD_AFTER = timedelta(seconds=20)
WRITTEN_IN = timedelta(milliseconds=50)  # an article, on a slow disk
OLD_NEWS = timedelta(hours=36)  # an entry dated so long before our last reading was there then
LONG_STOP = timedelta(hours=2)  # a source unread for so long catches up in one post, alerts apart
FIRST_ITEMS = (b"<item", b"<entry", b'"items"')


def writable(entry: Entry) -> Entry:
    """What JSON can say and no store can keep is replaced: one odd entry must not hold up the others."""
    said = entry.key, entry.url, entry.image
    key, url, image = whole = tuple(map(_whole, said))
    return entry if whole == said else replace(entry, key=key, url=url, image=image)


def _whole(text: str) -> str:
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "").encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def body_hash(body: bytes) -> str:
    """From the first item on: a `lastBuildDate` that moves with the clock costs nothing."""
    start = len(body)
    for mark in FIRST_ITEMS:
        if (at := body.find(mark, 0, start)) >= 0:
            start = at
    return hashlib.sha256(body[start:] if start < len(body) else body).hexdigest()


def article_of(entry: Entry, source: Source, now: datetime) -> Article:
    return Article(
        source=source.id,
        source_slug=source.slug,
        source_title=source.title,
        source_topics=source.topics,
        trust=source.trust,
        url=entry.url,
        title=one_line(entry.title) or one_line(entry.url),
        chapeau=clean(entry.summary),
        body=clean(entry.text),
        authors=tuple(one_line(author) for author in entry.authors),
        genre=one_line(entry.genre),
        image=entry.image,
        language=source.language,
        published=entry.published,
        first_seen=now,
    )


def post_of(facts: Facts, now: datetime, *, rise: bool = False) -> Post:
    """One story, one post. `rise`: the story has become graver than what its post said, so it rings again."""
    alert = facts.severity is not None
    return Post(
        key=story_key(facts.story, facts.severity if rise else None),
        kind=PostKind.ALERT if alert else PostKind.STORY,
        prio=Prio.ALERT if alert else Prio.NEWS,
        payload={"articles": [facts.number], **({"severity": int(facts.severity)} if facts.severity else {})},
        created_at=now,
    )


def owing(facts: Facts, told: Sequence[Post], now: datetime, *, rise: bool = False) -> tuple[Post, Sequence[str]]:
    """(the post in which an article's story is told to whoever wants the article, the posts that have told it as well).

    `told`: the story's posts so far. A channel that has one as grave as the article is owed nothing more; a rise in
    severity is a new post, and an alert in a story without a sound rings.
    """
    as_grave = [post for post in told if (post.severity or 0) >= (facts.severity or 0)]
    if not as_grave:
        return post_of(facts, now, rise=rise or bool(told)), ()
    gravest = max(as_grave, key=lambda post: post.severity or 0)
    return gravest, [post.key for post in as_grave]


def breaks_quiet(facts: Facts) -> Breaks:
    """A critical alert wakes everybody, a warning those whose watchlist it concerns."""
    match facts.severity:
        case Severity.CRITICAL:
            return Breaks.EVERYBODY
        case Severity.WARNING:
            return Breaks.WATCHED
        case _:
            return Breaks.NOBODY


def is_authority(facts: Facts, read: datetime) -> bool:
    """An alert in an official voice: rings at once, whatever came with it. What was there when we last `read` rang
    then, or was never to ring: a feed that has turned lists it as new."""
    published = facts.article.published
    is_old = published is not None and published < read - OLD_NEWS
    return facts.severity is not None and facts.article.trust is Trust.OFFICIAL and not is_old


def why_held(source: Source, listing: Listing, now: datetime, again: int) -> str:
    """Why none of a reading's news may be told unasked; "" when they may. `source`: as it was before."""
    if source.last_success is None:
        return ""  # it goes to the archive only
    if source.pours(listing, now):
        return "burst"
    return "turned" if source.turned(listing, now, again) else ""


def same(known: Sequence[Known], entry: Entry, source: Source, *, own: bool = True) -> Known | None:
    """Which of the articles under an entry's address it is. None: another one, as a status page has one after another.
    `own`: no other entry of its list has that address.

    The address proposes; for another source it decides. Under the source's own new key, title or text must be the same,
    and where one thing after another is told the title is of the same date: a maintenance is planned every month.
    """
    by_turns = not own or is_changing(canonical(entry.url))
    for one in known:
        is_titled_so = words(one.title) == words(entry.title)
        if one.content_hash == content_hash(entry) or (
            is_titled_so and (not by_turns or one.published == entry.published)
        ):
            return one
    return next((one for one in known if not by_turns and (one.source != source.id or one.imported)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How the news of one reading are told: the first few at once, the rest and all of a catch-up in one post."""

    fold_at: datetime  # one moment for all of them, after the last is written
    catching_up: bool

    @classmethod
    def of(cls, source: Source, news: int, now: datetime) -> Self:
        usual = max(source.every or timedelta(), source.interval or timedelta())
        stopped = source.last_success is not None and now - source.last_success > max(LONG_STOP, usual * 3)
        return cls(fold_at=now + FOLD_AFTER + WRITTEN_IN * news, catching_up=stopped)

    @classmethod
    def all_at(cls, now: datetime, count: int, *, folded: bool) -> Self:
        """Of what somebody released."""
        return cls(fold_at=now + FOLD_AFTER + WRITTEN_IN * count, catching_up=folded)

    def hold_until(self, facts: Facts, place: int) -> datetime | None:
        """None: at once. `place`: how many of this reading were told before it."""
        if facts.severity is not None:
            return None
        return self.fold_at if place >= AT_ONCE or self.catching_up else None
