"""Answers longer than they say, which browsers read and aiohttp loses whole, the part before their end included.

What follows the announced end, or the last chunk, is kept from the parser. Where it goes on as a page does, the length
was wrong, and the body is one that was cut.
"""

import asyncio
import re

from aiohttp.client_proto import ResponseHandler

HEAD_END = re.compile(rb"\r?\n\r?\n")
STATUS = re.compile(rb"HTTP/\d\.\d (\d\d\d)")
LENGTH = re.compile(rb"\ncontent-length:[ \t]{0,9}(\d{1,15})[ \t]{0,9}\r?$", re.IGNORECASE | re.MULTILINE)
PACKED = re.compile(rb"\ntransfer-encoding:", re.IGNORECASE)
LAST_CHUNK = re.compile(rb"(?<=\r\n0\r\n\r\n)")
MOST_PIECES = 8  # of what came at once: a body may be full of what looks like its end
LONGEST_HEAD = 256 * 1024  # bytes; a longer one is for aiohttp to refuse


class MeasuredHandler(ResponseHandler):
    """One answer a connection."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._head = bytearray()
        self._left: int | None = None  # bytes of the body still to come; None: not known, or not yet
        self._in_chunks = False

    def data_received(self, data: bytes) -> None:
        if not data or self._parser is None:  # what came before anybody asked comes again
            super().data_received(data)
            return
        if self._left is None and len(self._head) < LONGEST_HEAD and (cut := self._end_of_head(data)) is not None:
            super().data_received(_said_once(data[:cut]))
            data = data[cut:]
        if self._in_chunks:
            self._take_chunks(data)
        elif self._left is None:
            super().data_received(data)
        elif data:
            self._take(data, self._left)

    def _take(self, data: bytes, left: int) -> None:
        """Of a body of which `left` bytes are still to come."""
        body, more = data[:left], data[left:]
        self._left = left - len(body)
        goes_on = b"<" in more and not more.startswith(b"HTTP/")
        if body:
            super().data_received(body[:-1] if goes_on else body)
        if more and self.transport is not None:
            self.transport.close()

    def _take_chunks(self, data: bytes) -> None:
        at = 0
        for piece in LAST_CHUNK.split(data, maxsplit=MOST_PIECES):
            super().data_received(piece)
            at += len(piece)
            if self._payload is not None and self._payload.is_eof():
                self._in_chunks, self._left = False, 0
                self._take(data[at:], 0)
                return

    def _end_of_head(self, data: bytes) -> int | None:
        """Where in `data` the body begins, `_left` being known then; None: the head goes on, or gives no length."""
        before = len(self._head)
        self._head += data
        while end := HEAD_END.search(self._head, max(before - 3, 0)):
            head, at = self._head[: end.end()], end.end()
            status = STATUS.match(head)
            if status is None or status[1] == b"101":
                break
            if status[1].startswith(b"1"):  # another head follows
                self._head, before = self._head[at:], before - at
                continue
            self._in_chunks = PACKED.search(head) is not None
            lengths = {int(length) for length in LENGTH.findall(head)}
            if len(lengths) == 1 and not self._in_chunks:
                self._left = lengths.pop()
            self._head = bytearray(LONGEST_HEAD)  # read
            return at - before if self._left is not None else None
        return None


def _said_once(head: bytes) -> bytes:
    """RFC 9110 §8.6: the same length said twice is one length; aiohttp refuses it."""
    first = LENGTH.search(head)
    return head[: first.end()] + LENGTH.sub(b"", head[first.end() :]) if first else head
