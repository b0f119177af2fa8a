"""What a page says that its last reading did not: of a feed's thirty items one is new, and the others need neither a
way out of the worker process that reads them nor a question to the rows.

What is remembered for it lives in memory only. What is lacking costs time, never a difference: what was written of an
entry, under all its names and in these very words, is what would be found of it again.
"""

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b

from bot.domain.entry import Entry, canonical
from bot.domain.ids import SourceId
from bot.domain.source import Source
from bot.pipeline import decide, identity
from bot.ports import Page, SourceKind

DIGEST = 16  # bytes of what one entry says
LARGEST = 8 * 2**20  # bytes of digests remembered: of ten thousand sources with fifty entries each


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """Of one reading."""

    entries: Sequence[Entry] = ()  # each key once, in the order of the page; without those said before
    names: Mapping[str, tuple[str, ...]]  # of these, by key: all they may be known by
    hashes: Mapping[str, str]  # of their contents, by key
    addresses: frozenset[str]  # canonical, of all it lists
    size: int  # how many it lists
    dates: Sequence[datetime]  # of all that have one
    said: bytes  # digests of all


def fresh_of(entries: Sequence[Entry], shared: Collection[str], before: bytes) -> Fresh:
    """`entries`: as a store can keep them (`decide.writable`); `shared`: as for `identity.names_of`; `before`: what was
    `said` last time, b"" if that is not known."""
    listed = identity.apart(entries, shared)
    names = identity.names_of(listed, shared)
    hashes = {entry.key: identity.content_hash(entry) for entry in listed}
    known = {before[at : at + DIGEST] for at in range(0, len(before), DIGEST)}
    digests = {key: _digest(names[key], said) for key, said in hashes.items()}
    unsaid = [entry for entry in listed if digests[entry.key] not in known]
    return Fresh(
        entries=unsaid,
        names={entry.key: names[entry.key] for entry in unsaid},
        hashes={entry.key: hashes[entry.key] for entry in unsaid},
        addresses=frozenset(canonical(entry.url) for entry in listed),
        size=len(listed),
        dates=[entry.published for entry in listed if entry.published is not None],
        said=b"".join(digests.values()),
    )


def read_apart(
    kind: SourceKind, page: Page, source: Source, shared: Collection[str], before: bytes
) -> list[Fresh | Entry]:
    """`fresh_of` a page, for a worker process: its entries stand behind it, so that a long list comes in parts.

    Raises ParseError.
    """
    entries = [decide.writable(entry) for entry in kind.parse(page, source)]
    found = fresh_of(entries, shared, before)
    return [replace(found, entries=()), *found.entries]


def together(parts: Sequence[Fresh | Entry]) -> Fresh:
    """What `read_apart` took apart."""
    (found,) = (one for one in parts if isinstance(one, Fresh))
    return replace(found, entries=[one for one in parts if isinstance(one, Entry)])


def _digest(names: Sequence[str], content_hash: str) -> bytes:
    said = "\0".join((content_hash, *names))
    return blake2b(said.encode("utf-8", "surrogatepass"), digest_size=DIGEST).digest()


@dataclass(slots=True)
class Remembered:
    """What sources said when they were last read to the end. The one longest unread goes first."""

    largest: int = LARGEST
    _said: OrderedDict[SourceId, tuple[str, bytes]] = field(default_factory=OrderedDict)
    _size: int = 0

    def of(self, source: Source) -> bytes:
        """b"" where that was not its last reading: another process may have had it since."""
        body_hash, said = self._said.get(source.id, (None, b""))
        return said if body_hash == source.body_hash else b""

    def keep(self, source: SourceId, body_hash: str, said: bytes) -> None:
        self._forget(source)
        self._said[source] = body_hash, said
        self._size += len(said)
        while self._size > self.largest:
            self._forget(next(iter(self._said)))

    def _forget(self, source: SourceId) -> None:
        _, said = self._said.pop(source, ("", b""))
        self._size -= len(said)
