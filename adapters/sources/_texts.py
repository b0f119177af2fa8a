"""The texts of markup that was read before: of a feed's thirty items one is new, and the others come again each time.

A worker process lives long and keeps its own. What it lacks costs time, never a difference: the same markup is the
same text.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import blake2b

from adapters.html import paragraphs

LARGEST = 48 * 2**20  # bytes kept by one worker: of about 600 feeds
SHORTEST = 200  # characters; what is shorter is read as quickly as it is found
AROUND = 200  # bytes that keeping a text costs besides
KEY = 16  # bytes


@dataclass(slots=True)
class Texts:
    """The least recently asked for goes first."""

    largest: int = LARGEST
    _kept: OrderedDict[bytes, bytes] = field(default_factory=OrderedDict)  # a hash of the markup → UTF-8
    _size: int = 0

    def of(self, html: str) -> str:
        """As `paragraphs`."""
        if len(html) < SHORTEST:
            return paragraphs(html)
        key = blake2b(html.encode("utf-8", "surrogatepass"), digest_size=KEY).digest()
        if (known := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return known.decode("utf-8", "surrogatepass")
        text = paragraphs(html)
        self._keep(key, text.encode("utf-8", "surrogatepass"))
        return text

    def _keep(self, key: bytes, text: bytes) -> None:
        self._kept[key] = text
        self._size += len(text) + AROUND
        while self._size > self.largest:
            self._size -= len(self._kept.popitem(last=False)[1]) + AROUND
