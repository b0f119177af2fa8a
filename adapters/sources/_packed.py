"""A body that is itself a gzip file: `sitemap.xml.gz`, served as a download and not as a Content-Encoding."""

import gzip
import io
import zlib
from dataclasses import replace

from bot.errors import ParseError
from bot.ports import Page

MAGIC = b"\x1f\x8b\x08"
LARGEST = 8 * 2**20  # bytes unpacked, the limit of any page
STEP = 64 * 1024  # bytes


def unpacked(page: Page) -> Page:
    """Any other page as it is; of a file that ends early, what can be had. Raises ParseError."""
    if not page.body.startswith(MAGIC):
        return page
    body, is_whole = _unpack(page.body, LARGEST + 1)
    if len(body) > LARGEST:
        raise ParseError(
            "too-large", f"{page.url}: more than {LARGEST // 2**20} MiB once unpacked; watch a smaller one"
        )
    if not body:
        raise ParseError("empty-body", f"{page.url}: a gzip file with nothing in it that can be read; try again later")
    return replace(page, body=body, truncated=page.truncated or not is_whole)


def beginning(body: bytes, most: int) -> bytes:
    """The first `most` bytes, unpacked. Never fails."""
    return _unpack(body, most)[0] if body.startswith(MAGIC) else body[:most]


def _unpack(body: bytes, most: int) -> tuple[bytes, bool]:
    """At most `most` bytes, and whether the file was sound as far as it was read."""
    found = bytearray()
    with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
        try:
            while len(found) < most and (piece := file.read1(min(STEP, most - len(found)))):
                found += piece
        except (EOFError, OSError, zlib.error):  # cut, or damaged further on
            return bytes(found), False
    return bytes(found), True
