"""Undoes what Content-Encoding says was done to a body: piece by piece, and never further than there is room for.

Servers lie here more than anywhere: plain text called gzip, deflate without its envelope, garbage behind the end, a
checksum of another body. What can be read is read.
"""

import re
import zlib
from collections.abc import Iterator

from bot.errors import FetchError

PIECE = 16 * 1024  # bytes: as much as is unpacked, or given back, in one step
MOST_CODINGS = 3

AUTO, BARE = 47, -15  # window sizes of zlib: gzip or zlib, whichever it is; deflate without an envelope
# What a coding may turn out to be, in this order; after the last of them, text that was never packed.
WINDOWS = {"gzip": (AUTO,), "x-gzip": (AUTO,), "deflate": (AUTO, BARE)}
GZIP = b"\x1f\x8b"
NOT_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
LONGEST_START = 64  # bytes of which nothing comes out, after which it is no header that was misread


class Overflow(Exception):
    """More came out of one coding than there is room for."""


class Unpacking:
    """`Unpacking(url, "gzip", most)`, then `feed` as bytes arrive."""

    def __init__(self, url: str, codings: str, most: int) -> None:
        """`codings` as in the header; `most` bytes may come out of each. Raises FetchError for one we cannot undo."""
        names = [name for name in re.split(r"[\s,]+", codings.lower()) if name not in ("", "identity")]
        if unknown := [name for name in names if name not in WINDOWS]:
            name = unknown[0][:40]
            raise FetchError("bad-encoding", f"{url}: answers in {name!r}, which nobody asked for; try again later")
        if len(names) > MOST_CODINGS:
            raise FetchError("bad-encoding", f"{url}: is packed {len(names)} times over; look at the site")
        layers = [_Layer(WINDOWS[name], most) for name in reversed(names)]  # the last was applied last
        self._layers = [*layers, _Layer((AUTO,), most, declared=False)]  # `sitemap.xml.gz`, served as the file it is

    @property
    def finished(self) -> bool:
        """A packed body that is cut arrives without any other sign."""
        return all(layer.finished for layer in self._layers)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What comes out. Raises zlib.error after the last that could be read, and Overflow."""
        return self._through(data, 0)

    def _through(self, data: bytes, depth: int) -> Iterator[bytes]:
        if depth == len(self._layers):
            yield data
            return
        for piece in self._layers[depth].feed(data):
            yield from self._through(piece, depth + 1)


class _Layer:
    """One coding."""

    def __init__(self, windows: tuple[int, ...], most: int, *, declared: bool = True) -> None:
        self._stream = zlib.decompressobj(windows[0])
        self._others = windows[1:]  # still to be tried, while nothing has come out
        self._declared = declared  # else only what begins as gzip does is taken for it
        self._plain = False
        self._start: bytes | None = b""  # what came before anything went out; None: it is understood
        self._tail = b""  # behind the end of a gzip member, too short to tell what it is
        self._room = most

    @property
    def finished(self) -> bool:
        return self._plain or self._stream.eof or self._start == b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        for at in range(0, len(data), PIECE):
            for out in self._step(data[at : at + PIECE]):
                self._room -= len(out)
                if self._room < 0:
                    raise Overflow
                yield out

    def _step(self, data: bytes) -> Iterator[bytes]:
        self._plain |= not self._declared and self._start == b"" and not data.startswith(GZIP[:1])
        if self._plain:
            yield data
            return
        if self._start is not None:
            self._start += data
        try:
            for out in self._inflated(data):
                self._start = None
                yield out
        except zlib.error:
            if self._start is None:
                raise
            yield from self._misread(self._start)
        if self._start is not None and len(self._start) > LONGEST_START:
            self._start = None

    def _misread(self, start: bytes) -> Iterator[bytes]:
        """Nothing came out yet: it may be something else than it is called."""
        if self._others:
            self._stream, self._others = zlib.decompressobj(self._others[0]), self._others[1:]
            self._start = b""
            yield from self._step(start)
        elif NOT_TEXT.search(start):
            raise zlib.error("neither packed nor text")
        else:
            self._plain = True
            yield start

    def _inflated(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._stream.eof:
                data = self._tail + data
                if len(data) < len(GZIP) and GZIP.startswith(data):
                    self._tail = data
                    return
                if not data.startswith(GZIP):  # garbage behind the end
                    self._tail = b"-"
                    return
                self._stream, self._tail = zlib.decompressobj(AUTO), b""  # RFC 1952 §2.2: members follow one another
            before = self._stream.copy()
            try:
                out = self._stream.decompress(data, PIECE)
            except zlib.error:
                yield from _until_error(before, data)
                raise
            data = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            if out:
                yield out


def _until_error(stream: "zlib._Decompress", data: bytes) -> Iterator[bytes]:
    """zlib keeps what it had read of a piece in which it met an error, so that a bad checksum costs the whole piece."""
    for at in range(len(data)):
        try:
            out = stream.decompress(data[at : at + 1])
        except zlib.error:
            return
        if out:
            yield out
