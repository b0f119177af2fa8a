"""What one reading of a source means, before anything is written. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.alert import Severity
from bot.domain.article import Article, Facts
from bot.domain.delivery import Post, PostKind, Prio
from bot.domain.entry import Entry
from bot.domain.ids import ArticleId
from bot.domain.source import Source
from bot.stores import Sighting
from bot.text.clean import clean, one_line

AT_ONCE = 5  # posts of one source in one reading; what is more is folded into one
FOLD_AFTER = timedelta(seconds=20)
LONG_STOP = timedelta(hours=2)  # a source unread for so long catches up in one post, alerts apart
FIRST_ITEMS = (b"<item", b"<entry", b'"items"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """New entries and changed ones, oldest first: the order in which they are told."""

    new: Sequence[Entry]
    changed: Sequence[tuple[ArticleId, Entry]]


def sort_out(entries: Sequence[Entry], known: Mapping[str, Sighting]) -> Reading:
    """`entries` as the page orders them, newest first; a key listed twice counts once."""
    once = {entry.key: entry for entry in reversed(entries)}
    new = [entry for key, entry in once.items() if key not in known]
    changed = [
        (known[key].article, entry)
        for key, entry in once.items()
        if key in known and known[key].content_hash not in (None, content_hash(entry))
    ]
    return Reading(new=new, changed=changed)


def writable(entry: Entry) -> Entry:
    """What JSON can say and no store can keep is replaced: one odd entry must not hold up the others."""
    return replace(entry, key=_whole(entry.key), url=_whole(entry.url))


def _whole(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def content_hash(entry: Entry) -> str:
    """Of what the source's list says. Not of the date: a touched date alone changes nothing."""
    return hashlib.sha256("\x00".join((entry.title, entry.summary, entry.text)).encode("utf-8", "replace")).hexdigest()


def body_hash(body: bytes) -> str:
    """From the first item on: a `lastBuildDate` that moves with the clock costs nothing."""
    starts = [at for mark in FIRST_ITEMS if (at := body.find(mark)) >= 0]
    return hashlib.sha256(body[min(starts, default=0) :]).hexdigest()


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
        language=source.language,
        published=entry.published,
        first_seen=now,
    )


def post_of(facts: Facts, now: datetime, *, rise: bool = False) -> Post:
    """One story, one post. `rise`: the story has become graver than what its post said, so it rings again."""
    suffix = f":{facts.severity.name.lower()}" if rise and facts.severity is not None else ""
    alert = facts.severity is not None
    return Post(
        key=f"s:{facts.story}{suffix}",
        kind=PostKind.ALERT if alert else PostKind.STORY,
        prio=Prio.ALERT if alert else Prio.NEWS,
        payload={"articles": [facts.number]},
        created_at=now,
    )


def breaks_quiet(facts: Facts) -> bool:
    return facts.severity is Severity.CRITICAL


def hold_until(facts: Facts, place: int, source: Source, now: datetime) -> datetime | None:
    """When a post waits to be folded with others. `place`: how many of this reading were told before it."""
    if facts.severity is not None:
        return None
    catching_up = source.last_success is not None and now - source.last_success > LONG_STOP
    return now + FOLD_AFTER if place >= AT_ONCE or catching_up else None
