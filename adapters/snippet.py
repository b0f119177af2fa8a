"""HTML as feeds put it into a description: a few flat tags, whose text can be told from the tags alone.

Where it takes a parser to say, None; what is said is what `adapters/html.py` says, in a fraction of its time. Most of
what a reading costs is spent here: what can be done once for the whole, or remembered of a tag, is not done anew.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from html.entities import name2codepoint

TAG = re.compile(r"(/?)([A-Za-z][A-Za-z0-9]*)((?:[ /].*)?)", re.DOTALL)
AROUND = frozenset({"div", "figure", "ul", "ol", "li", "blockquote"})  # blocks that may hold blocks
BLOCKS = AROUND | {"p", "h1", "h2", "h3", "h4", "h5", "h6", "figcaption"}
INLINE = frozenset({"a", "abbr", "b", "cite", "code", "em", "i", "q", "small", "span", "strong", "sub", "sup"})
VOID = frozenset({"br", "img"})
KNOWN = BLOCKS | INLINE | VOID
HIDING = re.compile(r"hidden|style|\bhref\s*=\s*(?![\"']?https?:)")
REFERENCE = re.compile(r"&(?:#[0-9]{2,6}|[A-Za-z][A-Za-z0-9]*);")
UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff\0\ud800-\udfff\ufffe\uffff\x80-\x9f\x01-\x08\x0e-\x1f]")
BREAKS = "\t\r\n\f\v"
LONGEST, MOST_TAGS = 20_000, 300  # beyond, its depth would have to be counted
LONGEST_KEPT = 100  # characters of a tag that is remembered


def text_of(html: str) -> str | None:
    """Paragraphs separated by "\\n\\n", the lines of one by "\\n". Linear in the size of `html`."""
    if len(html) > LONGEST or UNSEEN.search(html):
        return None
    if "&" in html:
        html = REFERENCE.sub(_said_plainly, html).replace("\u00ad", "")
    for one in BREAKS:
        html = html.replace(one, " ")
    first, *tags = _single_spaced(html).split("<")
    if len(tags) > MOST_TAGS:
        return None
    found = _Text()
    if not found.say(first):
        return None
    for one in tags:
        tag, ends, text = one.partition(">")
        known = (_tag(tag) if len(tag) <= LONGEST_KEPT else _new_tag(tag)) if ends else None
        if known is None or not (found.leave(known[1]) if known[0] else found.enter(known[1], links=known[2])):
            return None
        if text and not found.say(text):
            return None
    return found.end() if not found.open else None


def _new_tag(source: str) -> tuple[bool, str, bool] | None:
    """(closes, name, has an address), of what stands between "<" and ">"; None: it takes a parser to say."""
    found = TAG.fullmatch(source)
    if found is None or (name := found[2].lower()) not in KNOWN:
        return None
    attributes = found[3]
    if attributes and not found[1]:
        if attributes.count('"') % 2 or attributes.count("'") % 2:
            return None
        attributes = attributes.lower()
        if name not in VOID and HIDING.search(attributes):
            return None
    return found[1] == "/", name, "href" in attributes


_tag = lru_cache(2_048)(_new_tag)


@dataclass(slots=True)
class _Text:
    """Lines as they grow. A method that returns False has met something that it takes a parser to understand."""

    open: list[str] = field(default_factory=list)
    _lines: list[str] = field(default_factory=list)
    _runs: list[str] = field(default_factory=list)
    _hard: bool = True  # what ended the line before: a block, or two <br>
    _in_link: bool = False
    _silent_link: bool = False  # open, and without a word yet
    _has_link: bool = False  # the line holds one, be it around a picture

    def say(self, text: str) -> bool:
        if ">" in text:
            return False
        if "&" in text:
            named = REFERENCE.findall(text)
            if len(named) != text.count("&") or not all(map(_character, named)):
                return False
            text = REFERENCE.sub(lambda one: _character(one[0]), text)
        if text:
            self._runs.append(text)
            if self._in_link:
                self._has_link = True
                self._silent_link = self._silent_link and text.isspace()
        return True

    def enter(self, tag: str, *, links: bool) -> bool:
        if tag in INLINE:
            if tag == "a":
                if self._in_link or not links:
                    return False
                self._in_link = self._silent_link = True
        elif tag == "br":
            self._end_line(hard=not (self._has_link or "".join(self._runs).strip()))
            return True
        elif tag == "img":
            return True
        elif not AROUND.issuperset(self.open):
            return False
        else:
            self._end_line(hard=True)
        self.open.append(tag)
        return True

    def leave(self, tag: str) -> bool:
        if not self.open or self.open.pop() != tag:
            return False
        if tag == "a":
            self._has_link = self._has_link or self._silent_link
            self._in_link = self._silent_link = False
        elif tag in BLOCKS:
            self._end_line(hard=True)
        return True

    def end(self) -> str:
        self._end_line(hard=True)
        return "".join(self._lines).strip("\n")

    def _end_line(self, *, hard: bool) -> None:
        if self._runs or self._has_link:
            whole = "".join(self._runs)
            line = whole.strip()
            if line or self._has_link:
                if line:
                    self._lines.append(("\n\n" if self._hard else "\n") + _single_spaced(line))
                self._hard = False
            self._runs = []
            self._has_link = False
        self._hard = self._hard or hard


def _single_spaced(text: str) -> str:
    """A run of spaces is halved each time, which is quicker than looking at each."""
    while "  " in text:
        text = text.replace("  ", " ")
    return text


def _said_plainly(reference: re.Match[str]) -> str:
    """In a tag or in text: ASCII may be part of a tag, or of another reference."""
    character = _character(reference[0])
    return reference[0] if not character or character.isascii() else character


@lru_cache(1_024)
def _character(reference: str) -> str:
    """ "": it takes a parser to say."""
    said = reference[1:-1]
    code = int(said[1:]) if said[0] == "#" else name2codepoint.get(said, 0)
    return chr(code) if 32 <= code < 127 or 160 <= code < 0x200B or 0x2010 <= code < 0x2060 else ""
