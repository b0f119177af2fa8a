"""Bodies that are no text at all: pictures, archives, programs, noise. A part of kinds."""

import codecs
import re

MAGIC = (
    *(b"PK\3\4", b"PK\5\6", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ", b"\x1f\x8b"),
    *(b"%PDF-", b"\x89PNG", b"GIF87a", b"GIF89a", b"\xff\xd8\xff", b"RIFF", b"\0\0\1\0", b"OggS", b"ID3\2", b"ID3\3"),
    *(b"ID3\4", b"\x7fELF", b"MZ\x90\0", b"\xca\xfe\xba\xbe", b"\0asm", b"SQLite format 3\0", b"\xd0\xcf\x11\xe0"),
)
WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"<\0", b"\0<", b"\0\0\0<")  # of a letter, any byte may be one half
MARKUP = re.compile(rb"\s*<(?:\?xml|!doctype|!--|rss|feed|rdf|urlset|sitemapindex|opml|html)\b", re.IGNORECASE)
LOOKED_AT = 4_096  # bytes
CONTROLS = bytes(set(range(0x20)) - set(b"\0\t\n\v\f\r\x1b"))  # stray NUL and escapes stand in pages every day
MANY = 0.05  # of all bytes; noise has nine in a hundred


def is_binary(body: bytes) -> bool:
    head = body[:LOOKED_AT]
    if head.startswith(MAGIC):
        return True
    if MARKUP.match(head):  # noise may follow, but a document comes first
        return False
    controls = len(head) - len(head.translate(None, CONTROLS))
    return controls > MANY * len(head) and not head.startswith(WIDE)
