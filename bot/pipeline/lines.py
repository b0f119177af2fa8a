"""One line of JSON → an article that can be understood. Whatever is wrong with a line is a UserError, one sentence."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Any
from urllib.parse import urlsplit

from bot.domain.article import Article
from bot.domain.entry import Entry
from bot.domain.source import Source
from bot.errors import UserError
from bot.pipeline import decide
from bot.pipeline.identity import content_hash
from bot.text.clean import one_line
from bot.text.query import slug_of

LONGEST_LINE = 8 * 2**20  # bytes, the limit of a page
LONGEST_ID = 500  # characters
UNNAMED = "import"  # the source of a line that names none

ExternalId = str | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    id: ExternalId
    source: str  # as the file writes it
    topics: tuple[str, ...]
    entry: Entry
    language: str | None

    @property
    def source_slug(self) -> str:
        return slug_of(self.source) or UNNAMED

    @property
    def content_hash(self) -> str:
        return content_hash(self.entry)

    def article(self, source: Source, now: datetime) -> Article:
        """The topics the file gives are true, as those the catalogue gives a source."""
        topics = tuple(dict.fromkeys((*source.topics, *self.topics)))
        language = self.language or source.language
        return decide.article_of(self.entry, replace(source, topics=topics, language=language), now)


def read_line(raw: bytes, zone: tzinfo) -> Line:
    """`zone`: of a date that names none. Raises UserError."""
    row = read_object(raw)
    title, body, summary = _text(row, "title"), _text(row, "body"), _text(row, "summary")
    if not (title or body or summary):
        raise UserError("cli.import.no_text")
    entry = Entry(
        key=str(row["id"]),
        url=_url(row),
        title=one_line(title) or one_line((summary or body)[:200]),
        published=_moment(row, zone),
        summary=summary,
        text=body,
        authors=_texts(row, "authors"),
    )
    return Line(
        id=row["id"],
        source=one_line(_text(row, "source"))[:200] or UNNAMED,
        topics=_texts(row, "topics"),
        entry=entry,
        language=_text(row, "lang") or None,
    )


def read_object(raw: bytes) -> Mapping[str, Any]:
    """A JSON object with an `id`. Raises UserError."""
    if len(raw) > LONGEST_LINE:
        raise UserError("cli.import.too_long", most=LONGEST_LINE // 2**20)
    try:
        row = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):  # not UTF-8, not JSON, or nested a thousand times
        raise UserError("cli.import.not_json") from None
    if not isinstance(row, dict):
        raise UserError("cli.import.not_json")
    external = row.get("id")
    if isinstance(external, int) and not isinstance(external, bool):
        return row
    if not isinstance(external, str) or not external or len(external) > LONGEST_ID or not _can_be_kept(external):
        raise UserError("cli.import.no_id", most=LONGEST_ID)
    return row


def _can_be_kept(text: str) -> bool:
    """Half a surrogate pair can be written in JSON, and nowhere else."""
    return "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def _text(row: Mapping[str, Any], name: str) -> str:
    """Empty where there is none. NUL and the like go when the article is cleaned."""
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise UserError("cli.import.field", field=name)
    return value.strip()


def _texts(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = row.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise UserError("cli.import.field", field=name)
    return tuple(filter(None, map(one_line, value)))


def _url(row: Mapping[str, Any]) -> str:
    """http(s) only: it becomes a link that people press."""
    url = _text(row, "url")
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:  # "http://[": not an address
        is_address = False
    if not is_address or not _can_be_kept(url) or any(c.isspace() for c in url):
        raise UserError("cli.import.field", field="url")
    return url


def _moment(row: Mapping[str, Any], zone: tzinfo) -> datetime | None:
    typed = _text(row, "published")
    if not typed:
        return None
    try:
        moment = datetime.fromisoformat(typed)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UserError("cli.import.field", field="published") from None
