"""A sources file: TOML, one `[[source]]` table a place we watch. Read, with all its problems told together; written."""

import json
import logging
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bot.domain.source import Origin, Source, Trust
from bot.errors import ConfigError

log = logging.getLogger(__name__)

LONGEST_URL = 2_048  # characters
ID = r"^[a-z0-9][a-z0-9._-]{0,63}$"


def is_address(text: str) -> bool:
    """Something a source can be read from: http, https, or `feed:` in front of either or in their place."""
    parts = urlsplit(text.removeprefix("feed:"))
    schemes = ("http", "https", "") if text.startswith("feed:") else ("http", "https")
    return parts.scheme in schemes and bool(parts.hostname) and len(text) <= LONGEST_URL


def is_id(text: str) -> bool:
    return re.fullmatch(ID, text) is not None


def _address(url: str) -> str:
    if not is_address(url):
        raise ValueError
    return url


class _Row(BaseModel):
    """One table of the file. Each description completes "give …"; what the file says besides is ignored."""

    model_config = ConfigDict(extra="allow", str_strip_whitespace=True)

    id: Annotated[str, Field(pattern=ID)] = Field(description="lower case letters, digits and dashes, 64 at most")
    title: str = Field(min_length=1, max_length=200, description="the name people read, 200 characters at most")
    url: Annotated[str, AfterValidator(_address)] = Field(description="an http(s) address")
    kind: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")] | None = Field(None, description="the name of a source kind")
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = Field(None, description="a code such as fr or en")
    topics: tuple[str, ...] = Field((), description='a list such as ["care", "dpi"]')
    trust: Trust = Field(Trust.OTHER, description=", ".join(Trust))
    every: float | None = Field(None, gt=0, le=60 * 24 * 365, description="a number of minutes above 0")
    enabled: bool = Field(True, description="true or false")
    options: Mapping[str, str] = Field({}, description="a table of texts")

    def source(self) -> Source:
        every = None if self.every is None else timedelta(minutes=self.every)
        known = {name: getattr(self, name) for name in set(_Row.model_fields) - {"id", "every"}}
        return Source(slug=self.id, every=every, origin=Origin.FILE, **known)


def read(path: Path | None = None) -> tuple[Source, ...]:
    """The sources of a file; of the shipped catalogue if there is none. Raises ConfigError."""
    if path is None:
        return parse((files("bot") / "catalogue.toml").read_text("utf-8"), "catalogue.toml")
    try:
        return parse(path.read_text("utf-8"), str(path))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); set TOCSIN_SOURCES to a sources file") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8 text; save the sources file as UTF-8") from None


def parse(text: str, name: str) -> tuple[Source, ...]:
    """`name` is how the problems call the file. Raises ConfigError."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: not a TOML file ({error}); each source is a [[source]] table") from None
    tables = document.get("source", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigError(f"{name}: write each source as a [[source]] table, with two brackets")
    if not tables:
        raise ConfigError(f"{name}: no source in it; add a [[source]] table with id, title and url")
    rows: list[_Row] = []
    problems: list[str] = []
    for number, table in enumerate(tables, 1):
        try:
            rows.append(_Row.model_validate(table))
        except ValidationError as error:
            problems += _problems(f"{name}, source {number} ({table.get('id', 'no id')})", table, error)
    problems += _doubles(name, rows)
    if problems:
        raise ConfigError(*problems)
    if ignored := sorted({key for row in rows for key in row.model_extra or ()}):
        log.warning("sources file has keys we do not know, ignored file=%s keys=%s", name, ",".join(ignored))
    return tuple(row.source() for row in rows)


def _problems(where: str, table: Mapping[str, Any], error: ValidationError) -> Iterator[str]:
    for field in dict.fromkeys(str(e["loc"][0]) for e in error.errors()):
        shown = f" = {table[field]!r}" if field in table else " is missing"
        yield f"{where}: {field}{shown}: give {_Row.model_fields[field].description}"


def _doubles(name: str, rows: Sequence[_Row]) -> Iterator[str]:
    seen: dict[object, str] = {}
    for row in rows:
        if row.id in seen:
            yield f"{name}: two sources have the id {row.id!r}; give each its own"
        elif (where := (row.url, row.kind)) in seen:
            yield f"{name}: {row.id!r} and {seen[where]!r} watch the same address; keep one"
        seen[row.id] = seen[row.url, row.kind] = row.id


# -- writing ----------------------------------------------------------------------------------------------------------


def written(sources: Sequence[Source]) -> str:
    """A sources file that says the same; what stands for itself is left out."""
    return "\n".join(_table(source) for source in sources)


def _table(source: Source) -> str:
    said = {
        "id": quoted(source.slug),
        "title": quoted(source.title),
        "url": quoted(source.url),
        "kind": quoted(source.kind) if source.kind else "",
        "language": quoted(source.language) if source.language else "",
        "topics": f"[{', '.join(map(quoted, source.topics))}]" if source.topics else "",
        "trust": quoted(source.trust) if source.trust is not Trust.OTHER else "",
        "every": _minutes(source.every) if source.every else "",
        "enabled": "" if source.enabled else "false",
        "options": _inline(source.options),
    }
    return "[[source]]\n" + "".join(f"{name} = {value}\n" for name, value in said.items() if value)


def _minutes(every: timedelta) -> str:
    minutes = every / timedelta(minutes=1)
    return str(int(minutes) if minutes.is_integer() else minutes)


def _inline(options: Mapping[str, str]) -> str:
    pairs = (f"{quoted(name)} = {quoted(value)}" for name, value in sorted(options.items()))
    return f"{{ {', '.join(pairs)} }}" if options else ""


def quoted(text: str) -> str:
    """A basic string of TOML: that of JSON, which leaves DEL as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
