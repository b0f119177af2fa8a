"""The catalogue, and where the reading of each source stands."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter

from bot.domain.entry import canonical
from bot.domain.ids import SourceId
from bot.domain.source import Origin, Source, Trust
from bot.ports import Database, Reader, Row, Tx
from storage.columns import array, moment_or_none, ms, ms_or_none, ms_or_zero, strings

_ALL = "SELECT * FROM sources ORDER BY slug"
_TITLES = "SELECT slug, title FROM sources WHERE slug IN "
_CLAIM = """
UPDATE sources SET claimed_until = $2 WHERE id IN (
    SELECT id FROM sources WHERE enabled = 1 AND next_fetch_at <= $1 AND claimed_until <= $1 AND pending = 0
    ORDER BY next_fetch_at, id LIMIT $3
) RETURNING id, kind, etag, last_modified, body_hash, next_fetch_at, fails, last_success_at, last_error, interval_ms,
    moved_to, moves, gap_ms, news_at, newest_at, listed, told,
    slug, title, url, language, topics, trust, every_ms, options, origin, enabled, community, pending
"""
_RENEW = "UPDATE sources SET claimed_until = $3 WHERE id = $1 AND claimed_until = $2"
# What is being read stands first, since it is due: of ten thousand rows a few are looked at, not all.
_NEXT_DUE = """
SELECT MIN(CASE WHEN claimed_until > next_fetch_at THEN claimed_until ELSE next_fetch_at END) AS at
FROM (
    SELECT next_fetch_at, claimed_until FROM sources WHERE enabled = 1 AND pending = 0 ORDER BY next_fetch_at LIMIT 100
) first
"""
_RELEASE_CLAIMS = "UPDATE sources SET claimed_until = 0 WHERE claimed_until > 0"
_SAVE = """
UPDATE sources SET kind = $2, etag = $3, last_modified = $4, body_hash = $5, next_fetch_at = $6, fails = $7,
    last_success_at = $8, last_error = $9, interval_ms = $10, moved_to = $11, moves = $12, gap_ms = $13, news_at = $14,
    newest_at = $15, listed = $16, told = $17, claimed_until = 0
WHERE id = $1
"""
_ADD = """
INSERT INTO sources (slug, title, url, kind, language, topics, trust, every_ms, options, origin, community, pending)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT DO NOTHING RETURNING id
"""
_SHELVE = """
INSERT INTO sources (slug, title, url, origin, community, enabled) VALUES ($1, $2, $3, $4, $5, 0)
ON CONFLICT (slug) DO UPDATE SET slug = excluded.slug RETURNING id
"""
_SAME_ADDRESS = "SELECT 1 AS one FROM sources WHERE url = $1 AND enabled = 1"
_ENABLE = """
UPDATE sources SET enabled = 1, next_fetch_at = 0, fails = 0, title = $2, origin = $3, community = $4, pending = $5
WHERE url = $1 AND enabled = 0 RETURNING id
"""
_ADMIT = "UPDATE sources SET pending = 0, next_fetch_at = 0 WHERE id = $1 AND enabled = 1 AND pending = 1"
_REFUSE = "UPDATE sources SET pending = 0, enabled = 0 WHERE id = $1 AND enabled = 1 AND pending = 1"
_DISABLE = "UPDATE sources SET enabled = 0 WHERE slug = $1 AND enabled = 1"
# A body that is read otherwise from now on is read again, though it is the same.
# What the file keeps switched off, somebody may have asked for all the same: theirs stays on.
_FOLLOW = """
INSERT INTO sources (slug, title, url, kind, language, topics, trust, every_ms, options, origin, enabled)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (slug) DO UPDATE SET title = excluded.title, url = excluded.url, language = excluded.language,
    kind = CASE WHEN excluded.kind <> '' THEN excluded.kind
        WHEN sources.url = excluded.url THEN sources.kind ELSE '' END,
    topics = excluded.topics, trust = excluded.trust, every_ms = excluded.every_ms, options = excluded.options,
    origin = CASE WHEN excluded.enabled = 0 THEN sources.origin ELSE excluded.origin END,
    enabled = CASE WHEN excluded.enabled = 0 AND sources.origin <> 'file' THEN sources.enabled
        ELSE excluded.enabled END,
    pending = CASE WHEN excluded.enabled = 0 THEN sources.pending ELSE 0 END,
    etag = CASE WHEN sources.url = excluded.url AND sources.options = excluded.options
        AND excluded.kind IN ('', sources.kind) THEN sources.etag END,
    last_modified = CASE WHEN sources.url = excluded.url AND sources.options = excluded.options
        AND excluded.kind IN ('', sources.kind) THEN sources.last_modified END,
    body_hash = CASE WHEN sources.url = excluded.url AND sources.options = excluded.options
        AND excluded.kind IN ('', sources.kind) THEN sources.body_hash END,
    next_fetch_at = CASE WHEN sources.url = excluded.url THEN sources.next_fetch_at ELSE 0 END,
    last_success_at = CASE WHEN sources.url = excluded.url THEN sources.last_success_at END,
    moved_to = CASE WHEN sources.url = excluded.url THEN sources.moved_to END
"""
# somebody added the same address by hand before the file listed it
_ADOPT = """
UPDATE sources SET slug = $1 WHERE url = $2 AND slug <> $1 AND NOT EXISTS (SELECT 1 FROM sources WHERE slug = $1)
"""
# Two of the file may have changed places, or taken one another's: addresses that are about to change step aside first.
_STEP_ASIDE = "UPDATE sources SET url = 'moving:' || id WHERE slug = $1 AND url <> $2"
# … and whoever else has a wanted address gives it up.
_GIVE_UP = (
    "UPDATE sources SET url = 'was:' || id || ':' || url, enabled = 0 WHERE url = $1 AND slug <> $2 AND slug NOT IN "
)
_PLACES = "SELECT slug, url, moved_to, last_success_at FROM sources"
_GOES_ON = "UPDATE sources SET last_success_at = $2 WHERE slug = $1"
_OF_FILE = "SELECT slug FROM sources WHERE origin = 'file' AND enabled = 1"

STATE = 17  # columns of a source that a reading changes, its number and its kind included
_catalogue = attrgetter(
    *("slug", "title", "url", "language", "topics", "trust", "every", "options", "origin", "enabled", "community"),
    "pending",
)


@dataclass(frozen=True, slots=True)
class _Known:
    """A source as it was last read, or as its reading was last kept."""

    source: Source
    state: Sequence[object]  # columns, as `_state` gives them
    rest: Sequence[object]  # the columns after those


@dataclass(frozen=True, slots=True)
class Sources:
    """Of a source that nobody has changed since its last reading, the claim brings nothing that was not kept here: to
    compare its columns takes a tenth of what it takes to read them."""

    db: Database
    _known: dict[SourceId, _Known] = field(default_factory=dict)

    async def all(self) -> Sequence[Source]:
        return [_source(row) for row in await self.db.fetch(_ALL)]

    async def titles(self, reader: Reader, slugs: Collection[str]) -> Mapping[str, str]:
        rows = await reader.fetch(_TITLES + self.db.dialect.strings_in("$1"), array(sorted(slugs)))
        return {row["slug"]: row["title"] for row in rows}

    async def claim(self, now: datetime, limit: int, until: datetime) -> Sequence[Source]:
        async with self.db.tx() as tx:
            rows = await tx.fetch(_CLAIM, ms(now), ms(until), limit)
        return [self._of(row) for row in rows]

    def _of(self, row: Row) -> Source:
        columns = tuple(row)
        state, rest = columns[:STATE], columns[STATE:]
        known = self._known.get(columns[0])
        if known is None or known.state != state or known.rest != rest:
            known = self._known[columns[0]] = _Known(_source(row), state, rest)
        return known.source

    async def renew(self, source: SourceId, held: datetime, until: datetime) -> bool:
        async with self.db.tx() as tx:
            return await tx.execute(_RENEW, source, ms(held), ms(until)) > 0

    async def next_due(self) -> datetime | None:
        (row,) = await self.db.fetch(_NEXT_DUE)
        return None if row["at"] is None else moment_or_none(row["at"] or 1)

    async def release_claims(self) -> None:
        async with self.db.tx() as tx:
            await tx.execute(_RELEASE_CLAIMS)

    async def save(self, tx: Tx, *sources: Source) -> None:
        states = [_state(source) for source in sources]
        await tx.execute_many(_SAVE, states)
        for source, state in zip(sources, states, strict=True):
            known = self._known.get(source.id)
            if known and _catalogue(known.source) == _catalogue(source):
                self._known[source.id] = _Known(source, state, known.rest)

    async def add(self, tx: Tx, source: Source) -> SourceId | None:
        if await tx.fetch(_SAME_ADDRESS, source.url):
            return None
        asked = (source.community, int(source.pending))
        rows = await tx.fetch(_ENABLE, source.url, source.title, source.origin.value, *asked)
        rows = rows or await tx.fetch(_ADD, *_told(source), *asked)
        tx.wake("sources")
        return SourceId(rows[0]["id"]) if rows else None

    async def shelve(self, tx: Tx, source: Source) -> SourceId:
        values = source.slug, source.title, source.url, source.origin.value, source.community
        (row,) = await tx.fetch(_SHELVE, *values)
        return SourceId(row["id"])

    async def decide(self, tx: Tx, source: SourceId, *, admitted: bool) -> bool:
        done = await tx.execute(_ADMIT if admitted else _REFUSE, source) > 0
        tx.wake("sources")
        return done

    async def disable(self, tx: Tx, slug: str) -> bool:
        return await tx.execute(_DISABLE, slug) > 0

    async def follow_file(self, tx: Tx, sources: Sequence[Source]) -> None:
        listed = {source.slug for source in sources}
        before = {row["slug"]: row for row in await tx.fetch(_PLACES)}
        for row in await tx.fetch(_OF_FILE):
            if row["slug"] not in listed:
                await tx.execute(_DISABLE, row["slug"])
        for source in sources:
            await tx.execute(_STEP_ASIDE, source.slug, source.url)
        for source in sources:
            await tx.execute(_ADOPT, source.slug, source.url)
            give_up = _GIVE_UP + self.db.dialect.strings_in("$3")
            await tx.execute(give_up, source.url, source.slug, array(sorted(listed)))
            await tx.execute(_FOLLOW, *_told(source), int(source.enabled))
            if (known := before.get(source.slug)) and _is_same_place(known, source.url):
                await tx.execute(_GOES_ON, source.slug, known["last_success_at"])
        tx.wake("sources")


def _is_same_place(known: Row, url: str) -> bool:
    """Another spelling of its address, or where that address has led for good: what is new there is news."""
    return bool(canonical(known["url"]) == canonical(url) or known["moved_to"] == url)


def _told(source: Source) -> tuple[object, ...]:
    """What the catalogue says, in the order of the statements above."""
    return (
        source.slug,
        source.title,
        source.url,
        source.kind or "",
        source.language,
        array(source.topics),
        source.trust.value,
        _length(source.every),
        json.dumps(dict(source.options), ensure_ascii=False, sort_keys=True),
        source.origin.value,
    )


def _state(source: Source) -> tuple[object, ...]:
    """In the order of `_SAVE` and of `_CLAIM`."""
    return (
        source.id,
        source.kind or "",
        source.etag,
        source.last_modified,
        source.body_hash,
        ms_or_zero(source.next_fetch_at),
        source.fails,
        ms_or_none(source.last_success),
        source.last_error,
        _length(source.interval),
        source.moved_to,
        source.moves,
        _length(source.gap),
        ms_or_none(source.news_at),
        ms_or_none(source.newest_at),
        source.listed,
        source.told,
    )


def _length(span: timedelta | None) -> int | None:
    """Milliseconds."""
    return None if span is None else span // timedelta(milliseconds=1)


def _span(length: int | None) -> timedelta | None:
    return None if length is None else timedelta(milliseconds=length)


def _source(row: Row) -> Source:
    return Source(
        id=SourceId(row["id"]),
        slug=row["slug"],
        title=row["title"],
        url=row["url"],
        kind=row["kind"] or None,
        language=row["language"],
        topics=strings(row["topics"]),
        trust=Trust(row["trust"]),
        every=_span(row["every_ms"]),
        options=json.loads(row["options"]) if row["options"] != "{}" else {},
        origin=Origin(row["origin"]),
        enabled=bool(row["enabled"]),
        community=row["community"],
        pending=bool(row["pending"]),
        etag=row["etag"],
        last_modified=row["last_modified"],
        body_hash=row["body_hash"],
        next_fetch_at=moment_or_none(row["next_fetch_at"]),
        interval=_span(row["interval_ms"]),
        fails=row["fails"],
        last_success=moment_or_none(row["last_success_at"]),
        last_error=row["last_error"],
        moved_to=row["moved_to"],
        moves=row["moves"],
        gap=_span(row["gap_ms"]),
        news_at=moment_or_none(row["news_at"]),
        newest_at=moment_or_none(row["newest_at"]),
        listed=row["listed"],
        told=row["told"],
    )
