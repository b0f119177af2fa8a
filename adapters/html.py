"""HTML as its reader sees it: a sequence of lines, each knowing its links and where it stands in the tree.

Works on shapes, never on class names. Nothing here is a sanitiser: what comes out is plain text, escaped at rendering.
"""

import codecs
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree

from adapters import snippet
from bot.errors import ParseError
from bot.ports import Page

DEEPEST = 400  # elements inside one another; real pages stay under 60, and libxml2 alone would stop without a word
MOST_LINES = 20_000
MOST_TAGS = 400_000  # each takes half a kilobyte of memory
MOST_RUNS = 60_000  # a page of a single line may be as long

BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog"),
        *("div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4"),
        *("h5", "h6", "header", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre"),
        *("search", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    }
)
SILENT = frozenset(
    {
        *("audio", "button", "canvas", "datalist", "embed", "iframe", "input", "math", "meter", "noembed"),
        *("noframes", "noscript", "object", "option", "param", "progress", "script", "select", "style", "svg"),
        *("template", "textarea", "video"),
    }
)
HEADINGS = {f"h{level}": level for level in range(1, 7)}
INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")  # soft hyphens and zero-width characters
END = re.compile(rb"</html\s{0,99}>", re.IGNORECASE)  # libxml2 drops what follows it, browsers do not
WIDE = ((re.compile(rb"<\0[^\0]\0"), "utf-16-le"), (re.compile(rb"\0<\0[^\0]"), "utf-16-be"))  # without a mark
WIDE_NAME = re.compile(r"utf-?(?:16|32)|ucs|iso-10646", re.IGNORECASE)
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stretch of text without a tag in it. `path`: the numbers of the elements around it, outermost first."""

    text: str  # "": a link around a picture
    path: tuple[int, ...]
    link: int = 0  # number of its <a>; 0: none
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """What stands between two line breaks."""

    runs: tuple[Run, ...]
    path: tuple[int, ...]  # of the element it is a line of
    heading: int = 0  # 1 to 6; 0: none
    opens: bool = True  # begins a paragraph; False: after a single <br>
    stamp: str = ""  # `datetime` of a <time> in it
    tags: frozenset[str] = frozenset()  # names of the elements around it
    names: tuple[str, ...] = ()  # the same, one for each number of `path`

    @cached_property
    def text(self) -> str:
        """Without the spaces a browser would not show; no-break spaces stay."""
        return _collapsed("".join(run.text for run in self.runs))

    @cached_property
    def is_link(self) -> bool:
        """Nothing of it stands outside a link."""
        return bool(self.text) and all(run.link for run in self.runs if run.text.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An <img>. `line`: how many lines stand before it, so that it is in or above the line of that index."""

    src: str  # as written
    alt: str
    line: int
    path: tuple[int, ...]
    href: str = ""  # of the link around it
    width: int = 0  # as declared; 0: not said
    height: int = 0
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    lines: Sequence[Line] = ()
    pictures: Sequence[Picture] = ()  # in the order of the page
    title: str = ""
    meta: Mapping[str, str] = field(default_factory=dict)  # name or property, lower case → content
    base: str = ""
    canonical: str = ""  # as the page says of itself; not checked
    anchors: Mapping[int, str] = field(default_factory=dict)  # number of an element → its id


def read(page: Page) -> Document:
    return outline(decode(page.body, page.charset))


def paragraphs(html: str) -> str:
    """Plain text, paragraphs separated by "\\n\\n", the lines of one paragraph by "\\n"."""
    if "<" not in html and "&" not in html:
        return _collapsed(_seen(html))
    simple = snippet.text_of(html)
    return joined([line for line in outline(html).lines if line.text]) if simple is None else simple


def joined(lines: Sequence[Line]) -> str:
    text = "".join(("\n\n" if line.opens else "\n") + line.text for line in lines)
    return text.strip("\n")


def decode(body: bytes, charset: str = "") -> str:
    """By byte order mark, header, <meta>, then UTF-8, then Windows-1252; never fails.

    UTF-16 can be seen, whatever is said of it: every second byte of its markup is 0.
    """
    for mark, encoding in BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    if wide := next((encoding for start, encoding in WIDE if start.match(body)), ""):
        return body.decode(wide, "replace")
    declared = re.search(rb"charset\s{0,9}=\s{0,9}[\"']?([\w.:-]{1,40})", body[:4096])
    for name in (charset, declared[1].decode("ascii", "replace") if declared else "", "utf-8"):
        try:
            if b"\0" in body[:256] or not WIDE_NAME.match(name):
                return body.decode(name) if name else body.decode("utf-8")
        except (LookupError, ValueError):
            continue
    return body.decode("cp1252", "replace")


def outline(html: str) -> Document:
    """Raises ParseError("too-deep")."""
    # Surrogates and NUL are no characters of a document; libxml2 refuses the former and stops at the latter.
    raw = END.sub(b"", html.replace("\0", "").encode("utf-8", "replace"))
    if raw.count(b"<") > MOST_TAGS:
        raw = b"<".join(raw.split(b"<", MOST_TAGS)[:-1])
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError):  # nothing in it that could be a document
        return Document()
    if root is None:
        return Document()
    walk = _Walk()
    steps = etree.iterwalk(root, events=("start", "end"))
    for event, element in steps:
        if event == "end":
            walk.leave(element)
        elif not walk.enter(element):
            steps.skip_subtree()
        if len(walk.lines) >= MOST_LINES or walk.said >= MOST_RUNS:
            break
    walk.flush(hard=True)
    return Document(
        lines=walk.lines,
        pictures=walk.pictures,
        title=walk.title,
        meta=walk.meta,
        base=walk.base,
        canonical=walk.canonical,
        anchors=walk.anchors,
    )


class _Walk:
    """Collects runs until a line ends."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.pictures: list[Picture] = []
        self.title = self.base = self.canonical = ""
        self.meta: dict[str, str] = {}
        self.anchors: dict[int, str] = {}
        self._count = 0
        self._path: list[int] = []
        self._tags: list[str] = []
        self._runs: list[Run] = []
        self._link, self._href, self._link_has_text = 0, "", False
        self.said = 0  # runs
        self._hard = True  # what ended the line before: a block, or two <br>
        self._stamp = ""

    def enter(self, element: etree._Element) -> bool:
        """False: nothing inside is read."""
        tag = str(element.tag).lower()
        self._count += 1
        if len(self._path) >= DEEPEST:
            raise ParseError("too-deep", f"more than {DEEPEST} elements inside one another; look at the page")
        if tag in BLOCKS:
            self.flush(hard=True)
        elif tag == "br":
            self.flush(hard=not any(run.text.strip() or run.link for run in self._runs))
        self._path.append(self._count)
        self._tags.append(tag)
        if anchor := element.get("id"):
            self.anchors[self._count] = anchor
        if tag in SILENT or _is_hidden(element):
            return False
        if tag in ("title", "meta", "base", "link"):
            self._head(tag, element)
            return False
        if tag == "a" and (href := (element.get("href") or "").strip()):
            self._link, self._href, self._link_has_text = self._count, href, False
        elif tag == "img":
            self._show(element)
        elif tag == "time":
            self._stamp = element.get("datetime") or ""
        self._say(element.text)
        return True

    def leave(self, element: etree._Element) -> None:
        tag = self._tags[-1]
        if tag == "a" and self._link:
            if not self._link_has_text:
                self._runs.append(Run(text="", path=tuple(self._path), link=self._link, href=self._href))
            self._link = 0
        if tag in BLOCKS:
            self.flush(hard=True)
        self._path.pop()
        self._tags.pop()
        self._say(element.tail)

    def flush(self, *, hard: bool) -> None:
        """Ends the line, if there is one."""
        if any(run.text.strip() or run.link for run in self._runs):
            headings = [HEADINGS[tag] for tag in self._tags if tag in HEADINGS]
            self.lines.append(
                Line(
                    runs=tuple(self._runs),
                    path=tuple(self._path),
                    heading=headings[-1] if headings else 0,
                    opens=self._hard,
                    stamp=self._stamp,
                    tags=frozenset(self._tags),
                    names=tuple(self._tags),
                )
            )
            self._hard = False
            self._stamp = ""
        self._runs = []
        self._hard = self._hard or hard

    def _say(self, text: str | None) -> None:
        if not text or not (text := _seen(text)):
            return
        href = self._href if self._link else ""
        self.said += 1
        self._runs.append(Run(text=text, path=tuple(self._path), link=self._link, href=href))
        self._link_has_text = self._link_has_text or not text.isspace()

    def _show(self, element: etree._Element) -> None:
        if (src := _source_of(element)) and len(self.pictures) < MOST_LINES:
            self.pictures.append(
                Picture(
                    src=src,
                    alt=_collapsed(element.get("alt") or ""),
                    line=len(self.lines),
                    path=tuple(self._path),
                    href=self._href if self._link else "",
                    width=_pixels(element.get("width")),
                    height=_pixels(element.get("height")),
                    tags=frozenset(self._tags),
                )
            )

    def _head(self, tag: str, element: etree._Element) -> None:
        if tag == "title":
            self.title = self.title or _collapsed(element.text or "")
        elif tag == "meta":
            name = (element.get("property") or element.get("name") or "").lower()
            if name:
                self.meta.setdefault(name, _collapsed(element.get("content") or ""))
        elif tag == "base":
            self.base = self.base or (element.get("href") or "").strip()
        elif "canonical" in (element.get("rel") or "").lower().split():
            self.canonical = self.canonical or (element.get("href") or "").strip()


def _source_of(element: etree._Element) -> str:
    """What a page loads late stands in `data-src`, with a drawing of nothing in `src`."""
    for name in ("data-src", "data-lazy-src", "src", "data-srcset", "srcset"):
        value = (element.get(name) or "").strip()
        if value and not value.startswith("data:"):
            return value.split(",", 1)[0].split()[0] if name.endswith("srcset") and value[0] != "," else value
    return ""


def _pixels(text: str | None) -> int:
    """0 for "100%", "auto" and what else is no number of pixels."""
    found = re.fullmatch(r"\s{0,9}(\d{1,5})(?:\.\d{1,9})?(?:px)?\s{0,9}", text or "")
    return int(found[1]) if found else 0


def _is_hidden(element: etree._Element) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    return element.get("hidden") is not None or "display:none" in style


def _seen(text: str) -> str:
    return text if text.isascii() else INVISIBLE.sub("", text)


def _collapsed(text: str) -> str:
    return re.sub(r"[ \t\r\n\f\v]+", " ", text).strip()
