"""RSS, RDF and Atom that are exactly what they claim to be, read by lxml in a fifteenth of feedparser's time.

A part of the kind `feed`. Whatever is unusual (not well-formed, a DOCTYPE, a relative link, markup as elements, an
element twice, a namespace under another's name…) is left to feedparser, whole: None, never a guess. What is said here
is what feedparser says of the same bytes; `tests/adapters/sources/test_well_formed.py` holds it to that.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache

from feedparser.api import StrictFeedParser
from lxml import etree

from adapters.sources._item import Item, first_date, plain
from bot.ports import Page

ATOM, RDF, RSS_1 = (
    "{http://www.w3.org/2005/Atom}",
    "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}",
    "{http://purl.org/rss/1.0/}",
)
DC, MEDIA = "{http://purl.org/dc/elements/1.1/}", "{http://search.yahoo.com/mrss/}"
ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"
ENCODINGS = frozenset({"utf-8", "utf8", "iso-8859-1", "iso-8859-15", "latin-1", "windows-1252", "cp1252", "us-ascii"})
UTF_8 = frozenset({"utf-8", "utf8"})
DECLARED = re.compile(rb"<\?.*encoding=['\"](.*?)['\"].*\?>")
ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:/[^\s?#;\[\]]*)?(?:\?[^\s#;\[\]]+)?(?:#[^\s\[\];]+)?")
OPAQUE = re.compile(r"(?:urn|tag):[^\s\[\]#?;/]+")  # an id that is no address
MAILED = re.compile(
    r"[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,4} \(([^()@<>]+)\)", re.ASCII
)  # of RSS 2.0
WINDOWS = {code: text for code in range(0x80, 0xA0) if (text := bytes([code]).decode("cp1252", "ignore"))}
WINDOWS_IN_UTF_8 = re.compile(rb"\xc2[\x80-\x9f]")  # found by its first byte: five times as quick as in the text
HTML = frozenset({"text/html", "html", "application/xhtml+xml", "xhtml"})
# What feedparser calls each namespace: of another under such a prefix it would make something else than we do.
PREFIXES: Mapping[str, str] = {uri.lower(): prefix for uri, prefix in StrictFeedParser.namespaces.items()}
READ = frozenset(PREFIXES.values()) | {"title", "summary", "published", "updated", "created", "content", "id", "link"}
# Outside items, elements that would open one, or change how the next is read
MEDDLING = frozenset({"item", "entry", "content", "encoded", "fullitem", "body", "feed", "rss", "channel", "rdf"})


class _Unusual(Exception):
    """Not for us."""


def read(page: Page, most: int) -> Sequence[Item] | None:
    """The first `most` items. None: it takes feedparser to say. Linear in the size of the page."""
    try:
        root = _root(page)
        _check_prefixes(root, page.body)
        dialect, around = _dialect(root)
        items = []
        for child in around:
            if child.tag == dialect.item:
                items.append(child)
            elif child.tag != f"{RSS_1}channel":
                _check_harmless(child)
        return [dialect.read(_parts(item, dialect)) for item in items[:most]]
    except (_Unusual, etree.XMLSyntaxError, UnicodeError):
        return None


# -- a document -------------------------------------------------------------------------------------------------------


def _root(page: Page) -> etree._Element:
    body = page.body.removeprefix(b"\xef\xbb\xbf")
    if page.truncated or b"<!DOCTYPE" in body or b"\0" in body[:4]:
        raise _Unusual
    declared = DECLARED.match(body)
    encoding = (page.charset or (declared[1].decode("ascii", "replace") if declared else "utf-8")).lower()
    if encoding not in ENCODINGS or (len(body) < len(page.body) and encoding not in UTF_8):
        raise _Unusual
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,  # 256 elements inside one another, 10 MB a text
        remove_comments=True,
        remove_pis=True,
    )
    text = body.decode(encoding)  # of UTF-8 it is the bytes themselves that are read, once they are known to be some
    return etree.fromstring(body if encoding in UTF_8 else text.encode(), parser)


def _check_prefixes(root: etree._Element, body: bytes) -> None:
    """Each means what it usually does, in the whole document; and no namespace claims another version."""
    declared = {prefix: uri for prefix, uri in root.nsmap.items() if prefix is not None}
    if body.count(b"xmlns:") > len(declared):
        raise _Unusual
    if any(prefix in READ and PREFIXES.get(uri.lower()) != prefix for prefix, uri in declared.items()):
        raise _Unusual
    if {f"{{{uri}}}" for uri in root.nsmap.values()} >= {ATOM, RSS_1}:
        raise _Unusual


def _dialect(root: etree._Element) -> tuple["_Dialect", etree._Element]:
    """And the element around the items."""
    if root.tag == "rss" and [child.tag for child in root] == ["channel"]:
        _check_attributes(root, {"version"})
        _check_attributes(root[0], set())
        return _RSS, root[0]
    if root.tag == f"{ATOM}feed":
        _check_base(root)
        return _ATOM, root
    if root.tag == f"{RDF}RDF":
        _check_base(root)
        return _RDF, root
    raise _Unusual


def _check_attributes(element: etree._Element, known: set[str] | frozenset[str]) -> None:
    if not known.issuperset(element.keys()):
        raise _Unusual


def _check_base(element: etree._Element) -> None:
    if any(name.lower().endswith("base") for name in element.keys()):  # noqa: SIM118  # an element is not its keys
        raise _Unusual


def _check_harmless(element: etree._Element) -> None:
    for one in element.iter():
        _check_base(one)
        if etree.QName(one).localname.lower() in MEDDLING:
            raise _Unusual


# -- an item ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Parts:
    """An item's children by what they are."""

    item: etree._Element
    once: dict[str, etree._Element] = field(default_factory=dict)
    many: dict[str, list[etree._Element]] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """ "" where there is none."""
        return "" if (element := self.once.get(name)) is None else _said(element)

    def each(self, name: str) -> list[str]:
        return [text for element in self.many.get(name, ()) if (text := _said(element))]

    def dates(self) -> list[str]:
        return [_said(self.once[name]) for name in ("published", "updated") if name in self.once]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dialect:
    """What a child of an item is, by its qualified name, and which attributes it may bear: the others none."""

    item: str
    read: Callable[[_Parts], Item]
    once: Mapping[str, str]
    many: Mapping[str, str]
    ignored: frozenset[str]
    attributes: Mapping[str, frozenset[str]] = field(default_factory=dict)


def _parts(item: etree._Element, dialect: _Dialect) -> _Parts:
    _check_attributes(item, {f"{RDF}about"} if dialect is _RDF else set())
    parts = _Parts(item)
    for child in item:
        tag = str(child.tag)
        if name := dialect.once.get(tag):
            if name in parts.once:
                raise _Unusual
            parts.once[name] = child
        elif name := dialect.many.get(tag):
            parts.many.setdefault(name, []).append(child)
        elif tag in dialect.ignored or _is_foreign(tag, child.prefix):
            if child.attrib:
                _check_base(child)
        else:
            raise _Unusual
        if name and child.attrib:
            _check_attributes(child, dialect.attributes.get(tag, frozenset()))
        if len(child) and child.tag != f"{ATOM}author":
            raise _Unusual
    return parts


@lru_cache(1_024)  # of the names in feeds a few dozen are most
def _is_foreign(tag: str, prefix: str | None) -> bool:
    """Of a namespace that nobody reads, under a prefix of its own."""
    uri = str(etree.QName(tag).namespace)
    return prefix is not None and prefix not in READ and uri.lower() not in PREFIXES


def _said(element: etree._Element) -> str:
    return _mended((element.text or "").strip())


def _mended(text: str) -> str:
    """As feedparser does: UTF-8 that was taken for Latin-1, then the characters of Windows-1252."""
    if text.isascii():
        return text
    with suppress(UnicodeError):
        text = text.encode("iso-8859-1").decode("utf-8")
    return text.translate(WINDOWS) if WINDOWS_IN_UTF_8.search(text.encode()) else text


def _address(text: str) -> str:
    """As it stands, "" too: relative to nothing, and joining would leave it as it is."""
    if text and not ADDRESS.fullmatch(text):
        raise _Unusual
    return text


# -- RSS 0.9x and 2.0, RSS 1.0 ----------------------------------------------------------------------------------------


def _of_rss(parts: _Parts) -> Item:
    guid, link = parts.one("guid"), parts.one("link")
    is_link = guid != "" and parts.once["guid"].get("isPermaLink", "true") == "true"
    if "link" in parts.once and not link:
        raise _Unusual
    return _of_any_rss(parts, id=_address(guid) if is_link else guid, link=link or (guid if is_link else ""))


def _of_rdf(parts: _Parts) -> Item:
    return _of_any_rss(parts, id=parts.item.get(f"{RDF}about", ""), link=parts.one("link"))


def _of_any_rss(parts: _Parts, *, id: str, link: str) -> Item:
    if not link or ("&" in _address(link) and ";" in link):
        raise _Unusual
    return Item(
        id=id,
        url=link,
        title=_guessed(parts.once.get("title")),
        text=plain(parts.one("content"), markup=True),
        summary=plain(parts.one("description"), markup=True),
        published=first_date(parts.dates()),
        authors=[_without_mail(text) for text in parts.each("author")],
        tags=parts.each("category"),
    )


def _guessed(title: etree._Element | None) -> str:
    """Markup if it looks like it."""
    raw = "" if title is None else (title.text or "").strip()
    markup = ("<" in raw or "&" in raw) and StrictFeedParser.looks_like_html(raw)
    return plain(_mended(raw), markup=markup)


def _without_mail(text: str) -> str:
    """ "a@b.fr (Alice Roux)"."""
    if "@" not in text:
        return text
    if len(text) > 200 or not (found := MAILED.fullmatch(text)) or not found[1].strip():
        raise _Unusual
    return found[1].strip()


# -- Atom 1.0 ---------------------------------------------------------------------------------------------------------


def _of_atom(parts: _Parts) -> Item:
    id = parts.one("id")
    if not ADDRESS.fullmatch(id) and not OPAQUE.fullmatch(id):
        raise _Unusual
    return Item(
        id=id,
        url=_page_among(parts.many.get("link", ())) or id,
        title=_typed(parts.once.get("title")),
        text=_typed(parts.once.get("content")),
        summary=_typed(parts.once.get("summary")),
        published=first_date(parts.dates()),
        authors=[name for author in parts.many.get("author", ()) if (name := _name(author))],
        tags=[_term(category) for category in parts.many.get("category", ())],
    )


def _page_among(links: Sequence[etree._Element]) -> str:
    """The last that leads to a page."""
    url = ""
    for link in links:
        address = _address(link.get("href", ""))
        if not address:
            raise _Unusual
        if link.get("rel", "alternate").lower() == "alternate" and link.get("type", "text/html").lower() in HTML:
            url = address
    return url


def _typed(element: etree._Element | None) -> str:
    if element is None:
        return ""
    kind = element.get("type", "text").lower()
    if kind not in ("text", "html"):
        raise _Unusual
    return plain(_said(element), markup=kind == "html")


def _name(author: etree._Element) -> str:
    said = {str(child.tag): (child.text or "").strip() for child in author}
    if not 0 < len(said) == len(author) or not said.keys() <= {f"{ATOM}name", f"{ATOM}uri", f"{ATOM}email"}:
        raise _Unusual
    if (author.text or "").strip() or any(len(one) or one.attrib or (one.tail or "").strip() for one in author):
        raise _Unusual
    return said.get(f"{ATOM}name", "")


def _term(category: etree._Element) -> str:
    term: str = category.get("term", "")
    if category.text or not term:
        raise _Unusual
    return term


# -- the dialects -----------------------------------------------------------------------------------------------------

_IGNORED = frozenset(
    {
        *(f"{DC}{name}" for name in ("identifier", "publisher", "language", "rights", "format", "type")),
        *("{http://purl.org/rss/1.0/modules/slash/}comments", f"{MEDIA}content", f"{MEDIA}thumbnail"),
        *(f"{{http://wellformedweb.org/CommentAPI/}}{name}" for name in ("comment", "commentRss")),
        *(f"{{http://purl.org/syndication/thread/1.0}}{name}" for name in ("total", "in-reply-to")),
        *("{com-wordpress:feed-additions:1}post-id", "{http://rssnamespace.org/feedburner/ext/1.0}origLink"),
    }
)
_RSS = _Dialect(
    item="item",
    read=_of_rss,
    once={name: name for name in ("title", "link", "guid", "description")}
    | {"pubDate": "published", f"{DC}date": "updated", ENCODED: "content"},
    many={"author": "author", f"{DC}creator": "author", "category": "category", f"{DC}subject": "category"},
    ignored=_IGNORED | {"comments", "source", "enclosure"},
    attributes={"guid": frozenset({"isPermaLink"}), "category": frozenset({"domain"})},
)
_RDF = _Dialect(
    item=f"{RSS_1}item",
    read=_of_rdf,
    once={f"{RSS_1}{name}": name for name in ("title", "link", "description")}
    | {f"{DC}date": "updated", ENCODED: "content"},
    many={f"{DC}creator": "author", f"{DC}subject": "category"},
    ignored=_IGNORED,
)
_TYPED = frozenset({"type"})
_ATOM = _Dialect(
    item=f"{ATOM}entry",
    read=_of_atom,
    once={f"{ATOM}{name}": name for name in ("id", "title", "summary", "content", "published", "updated")},
    many={f"{ATOM}{name}": name for name in ("link", "author", "category")},
    ignored=_IGNORED | {f"{ATOM}rights"},
    attributes={
        **dict.fromkeys((f"{ATOM}title", f"{ATOM}summary", f"{ATOM}content"), _TYPED),
        f"{ATOM}link": frozenset({"rel", "type", "href", "hreflang", "title", "length"}),
        f"{ATOM}category": frozenset({"term", "scheme", "label"}),
    },
)
