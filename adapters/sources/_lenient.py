"""What feedparser makes of any XML, once it is spared what it fails on. A part of the kind `feed`.

One character that is none makes it lose a whole feed, a million line breaks or an author of a hundred thousand letters
keep it busy for minutes, and it reads entries nobody will be shown.
"""

import codecs
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

import feedparser

from adapters.sources import _walls
from adapters.sources._item import Item, first_date, plain
from adapters.sources._xml import refuse_entities
from bot.errors import ParseError
from bot.ports import Page

START = re.compile(rb"<(?:[A-Za-z]+:)?(?:item|entry)[\s/>]", re.IGNORECASE)
END = re.compile(rb"</(?:[A-Za-z]+:)?(?:item|entry)\s{0,99}>", re.IGNORECASE)
BLANK = b" \t\r\n\f\v\0"
# Byte order marks, and `<?` or `<r` where there is none
WIDE = (
    *((codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be")),
    *((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")),
    *((b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be")),
)
EBCDIC = "<?xm".encode("cp037")
DECLARATION = re.compile(r"<\?xml\s[^<>]{0,1000}>")
ENCODING = re.compile(rb"(<\?xml\s[^<>]{0,400}?)\sencoding\s{0,9}=\s{0,9}[\"']?([\w.:-]{1,40})[\"']?")
MARKUP = b'<?xml version="1.0" ?>&amp;+AGE-'
FIRST_TAG = re.compile(rb"<\w")
# A surrogate, or a number beyond the last character
NO_CHARACTER = re.compile(
    rb"&#(?:[xX]0*+([dD][89a-fA-F][0-9a-fA-F]{2}|[1-9a-fA-F][0-9a-fA-F]{5,})|0*+(5[5-7]\d{3}|[1-9]\d{6,}))(?!\w);?"
)
LAST_CHARACTER = 0x10FFFF
LONGEST_NAME = 400  # characters; feedparser looks for an address in it, in quadratic time
NAME = re.compile(
    rb"(<(?:[\w.-]{1,40}:)?(?:author|creator|contributor|managingEditor|webMaster|publisher|owner|name|email)"
    rb"(?:\s[^<>]{0,400})?>\s{0,99}(?:<!\[CDATA\[)?[^<]{%d})[^<]*" % LONGEST_NAME,
    re.IGNORECASE,
)


def read(page: Page, most: int) -> Sequence[Item]:
    """The first `most` items. Raises ParseError, and whatever feedparser may."""
    refuse_entities(page, but_harmless=True)
    body, charset = _legible(page)
    if page.truncated:
        body = _complete_items(page, body)
    # BytesIO only: feedparser opens a str or bytes that looks like a path. Its sanitiser and its resolver of links
    # take 71 % of its time, worse than linear, and are of no use to plain text.
    found = feedparser.parse(
        io.BytesIO(_digestible(_shortened(body, most))),
        sanitize_html=False,
        resolve_relative_uris=False,
        # Always XML: feeds are served under every type. The charset of the header counts when there is one.
        response_headers={
            "content-location": page.url,
            "content-type": f"application/xml; charset={charset}" if charset else "application/xml",
        },
    )
    if not found.version and not found.entries:
        raise _walls.empty(page, "not-a-feed", "no feed; give the address of its RSS or Atom, or the kind 'list'")
    return [_item(entry) for entry in found.entries[:most]]


# -- the bytes --------------------------------------------------------------------------------------------------------


def _legible(page: Page) -> tuple[bytes, str]:
    """In an encoding in which a tag looks like one; and what that is called, "" where the body says so itself."""
    body = page.body
    if body.startswith(EBCDIC):
        raise ParseError("bad-encoding", f"{page.url}: in an encoding of mainframes; ask the site for UTF-8")
    if wide := next((name for mark, name in WIDE if body.startswith(mark)), ""):
        text = body.decode(wide, "replace").lstrip("\ufeff \t\r\n\f\v\0")  # an odd byte at its end, as servers add
        return DECLARATION.sub("", text, count=1).encode("utf-8", "replace"), "utf-8"
    mark = codecs.BOM_UTF8 if body.startswith(codecs.BOM_UTF8) else b""
    body = mark + body.removeprefix(mark).lstrip(BLANK)
    declared = ENCODING.match(body, len(mark))
    if declared and not _keeps_markup(declared[2].decode("ascii", "replace")):
        body = body[: declared.end(1)] + body[declared.end() :]
    return body, page.charset if _keeps_markup(page.charset) else ""


def _keeps_markup(charset: str) -> bool:
    """Else it is none, or the document, in which we could read its name, is not in it."""
    try:
        return bool(charset) and MARKUP.decode(charset) == MARKUP.decode("ascii")
    except (LookupError, ValueError):
        return False


def _complete_items(page: Page, body: bytes) -> bytes:
    """The last item of a body that was cut may lack its half: it is left for the next reading."""
    ends = [match.end() for match in END.finditer(body)]
    if not ends:
        raise ParseError("truncated", f"{page.url}: the answer ends before its first item does; try again later")
    return body[: ends[-1]]


def _shortened(body: bytes, most: int) -> bytes:
    """Without what stands between the beginning of the item after number `most` and the end of the last.

    By where they begin: items that are empty, or never closed, have no end of their own.
    """
    starts = [match.start() for match in START.finditer(body)]
    if len(starts) <= most:
        return body
    ends = [match.end() for match in END.finditer(body, starts[most])]
    return body[: starts[most]] + (body[ends[-1] :] if ends else b"")


def _digestible(body: bytes) -> bytes:
    first = FIRST_TAG.search(body)
    start = first.start() if first else len(body)
    # feedparser knows a declaration by the line it begins
    head = re.sub(rb"\s+(?=\s)", b"", body[:start]).replace(b"<!ENTITY", b"\n<!ENTITY")
    rest = NAME.sub(_short, NO_CHARACTER.sub(_character, body[start:]))
    return head + rest


def _character(reference: re.Match[bytes]) -> bytes:
    digits, base = (reference[1], 16) if reference[1] else (reference[2], 10)
    code = int(digits, base) if len(digits) <= 7 else LAST_CHARACTER + 1
    return b"&#xFFFD;" if code > LAST_CHARACTER or 0xD800 <= code <= 0xDFFF else reference[0]


def _short(name: re.Match[bytes]) -> bytes:
    return name[1] + (b"]]>" if name[0].endswith(b"]]>") else b"")


# -- the items --------------------------------------------------------------------------------------------------------


def _item(found: Mapping[str, Any]) -> Item:
    return Item(
        id=str(found.get("id") or ""),
        url=str(found.get("link") or next((one.get("href", "") for one in found.get("links", ())), "")),
        title=_plain(found.get("title_detail")),
        text=max((_plain(content) for content in found.get("content", ())), key=len, default=""),
        summary=_plain(found.get("summary_detail")),
        # feedparser warns when one is asked for in the place of another
        published=first_date(str(found[name]) for name in ("published", "updated", "created") if name in found),
        authors=[str(name) for author in found.get("authors", ()) if (name := author.get("name"))],
        tags=[str(term) for tag in found.get("tags", ()) if (term := tag.get("term"))],
    )


def _plain(detail: Mapping[str, Any] | None) -> str:
    """feedparser knows by the known tags in it whether a text is markup."""
    known = detail or {}
    return plain(str(known.get("value") or ""), markup=known.get("type") != "text/plain")
