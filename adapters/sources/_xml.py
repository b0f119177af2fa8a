"""XML from outside, read for what it is worth: no entity, no network, no depth, and what is malformed is mended."""

import html
import re

from lxml import etree

from adapters.addresses import without_feed
from adapters.html import decode
from adapters.sources._pieces import absolute
from bot.errors import ParseError
from bot.ports import Page

DEEPEST = 200  # elements inside one another; libxml2 stops by itself at 256, without a word
NAME_START = re.compile(rb"<[A-Za-z_]")
ASIDE = ((b"<!--", b"-->"), (b"<?", b"?>"))
# Up to the next "<" or ">" outside of quotes: a literal may hold what looks like a tag
DECLARATION = re.compile(rb"<!(?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+")
ENTITY = re.compile(rb"<!entity", re.IGNORECASE)
# A character by its name, or a word or two: nothing that could name a second one
HARMLESS = re.compile(
    rb"<!ENTITY\s{1,9}\w{1,40}\s{1,9}(?:\"(?:[^\"&%<>]{0,32}|&#\w{2,8};)\"|'(?:[^'&%<>]{0,32}|&#\w{2,8};)')\s{0,9}>"
)
MOST_HARMLESS = 300  # the names of HTML are 253
DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([\w.:-]{1,40})")
# An address in an attribute often has a bare "&"; libxml2 would drop what follows it.
BARE = re.compile(r"&(?!(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos);)")


def parted(body: bytes) -> tuple[bytes, bytes]:
    """What stands before the first element, without comments and instructions; and the rest, from its "<" on."""
    kept, at = bytearray(), 0
    while (opening := body.find(b"<", at)) >= 0 and not NAME_START.match(body, opening):
        kept += body[at:opening]
        start, mark = next((pair for pair in ASIDE if body.startswith(pair[0], opening)), (b"<", b""))
        if mark:
            end = body.find(mark, opening + len(start))
            if end < 0:
                return bytes(kept), b""
            at = end + len(mark)
        else:
            declaration = DECLARATION.match(body, opening)
            at = declaration.end() if declaration else opening + 1
            kept += body[opening:at]
    opening = opening if opening >= 0 else len(body)
    return bytes(kept) + body[at:opening], body[opening:]


def refuse_entities(page: Page, *, but_harmless: bool = False) -> None:
    """Before the first tag only: an article may well write about `<!ENTITY`. Raises ParseError("xml-bomb").

    `but_harmless`: a few that stand for a character or a word, as some feeds declare their accents, are let through.
    """
    declared = parted(page.body.replace(b"\0", b""))[0]  # UTF-16 as good as any
    count = len(ENTITY.findall(declared))
    if but_harmless and count <= MOST_HARMLESS and count == len(HARMLESS.findall(declared)):
        return
    if count:
        raise ParseError("xml-bomb", f"{page.url}: declares entities, as documents made to burst do; not read")


def text_of(page: Page) -> str:
    """As the byte order mark, the header, the declaration say; a declaration we could read is no UTF-16."""
    declared = DECLARED.search(page.body[:1024])
    name = declared[1].decode() if declared else ""
    return decode(page.body, page.charset or ("" if name.lower().startswith(("utf-16", "utf-32", "ucs")) else name))


def root_of(page: Page, text: str) -> etree._Element | None:
    """None: there is no element in it. A `&eacute;` stays as it is written: see `said`. Raises ParseError."""
    parser = etree.XMLParser(
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )
    raw = BARE.sub("&amp;", text.lstrip().replace("\0", "")).encode("utf-8", "replace")
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root is not None and _depth_of_the_end(root) > DEEPEST:
        raise ParseError("too-deep", f"{page.url}: more than {DEEPEST} elements inside one another; look at the page")
    return root


def _depth_of_the_end(root: etree._Element) -> int:
    """Where libxml2 gives up for depth, the document ends: its last branch shows it."""
    depth, element = 1, root
    while len(element):
        depth, element = depth + 1, element[-1]
    return depth


def name_of(element: etree._Element) -> str:
    """Without its namespace, or a prefix that stands for none: half of the world writes them wrong."""
    return str(element.tag).rpartition("}")[2].rpartition(":")[2].lower()


def said(text: str | None) -> str:
    """On one line, as it is read: `&amp;eacute;`, which some write, and which `root_of` makes, is an é."""
    return " ".join(re.split(r"[ \t\r\n\f\v]+", html.unescape(text or ""))).strip()


def address(text: str | None) -> str:
    """An http(s) address, without what escaping it twice has left; "" for anything else."""
    url = without_feed((text or "").strip().replace("&amp;", "&"))
    return url if not re.search(r"\s", url) and absolute("", url).startswith("http") else ""
