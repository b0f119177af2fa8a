"""HTML as feeds put it into a description: a few flat tags, whose text can be told from the tags alone.

Where it takes a parser to say, None; what is said is what `adapters/html.py` says, in a fraction of its time.
"""

import re
from dataclasses import dataclass, field
from html.entities import name2codepoint

TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)((?:[\s/][^<>]*)?)>")
AROUND = frozenset({"div", "ul", "ol", "li", "blockquote"})  # blocks that may hold blocks
BLOCKS = AROUND | {"p", "h1", "h2", "h3", "h4", "h5", "h6"}
INLINE = frozenset({"a", "abbr", "b", "cite", "code", "em", "i", "q", "small", "span", "strong", "sub", "sup"})
VOID = frozenset({"br", "img"})
HIDING = re.compile(r"hidden|style|\bhref\s*=\s*(?![\"']?https?:)", re.IGNORECASE)
REFERENCE = re.compile(r"&(?:#(\d{2,6})|([A-Za-z][A-Za-z0-9]*));")
UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff\0\ud800-\udfff\ufffe\uffff\x80-\x9f\x01-\x08\x0e-\x1f]")
LONGEST, MOST_TAGS = 20_000, 300  # beyond, its depth would have to be counted


def text_of(html: str) -> str | None:
    """Paragraphs separated by "\\n\\n", the lines of one by "\\n". Linear in the size of `html`."""
    if len(html) > LONGEST or UNSEEN.search(html):
        return None
    pieces = TAG.split(html)
    if len(pieces) > 4 * MOST_TAGS:
        return None
    found = _Text()
    for text, closes, name, attributes in zip(pieces[::4], pieces[1::4], pieces[2::4], pieces[3::4], strict=False):
        tag = name.lower()
        if not found.say(text) or not (found.leave(tag) if closes else found.enter(tag, attributes)):
            return None
    return found.end() if found.say(pieces[-1]) and not found.open else None


@dataclass(slots=True)
class _Text:
    """Lines as they grow. A method that returns False has met something that it takes a parser to understand."""

    open: list[str] = field(default_factory=list)
    _lines: list[str] = field(default_factory=list)
    _runs: list[str] = field(default_factory=list)
    _hard: bool = True  # what ended the line before: a block, or two <br>
    _silent_link: bool = False  # open, and without a word yet
    _has_link: bool = False  # the line holds one, be it around a picture

    def say(self, text: str) -> bool:
        if "<" in text or ">" in text:
            return False
        if "&" in text:
            if any(_character(one) is None for one in REFERENCE.finditer(text)) or REFERENCE.sub("", text).count("&"):
                return False
            text = REFERENCE.sub(lambda one: _character(one) or "", text)
        if text := text.replace("\u00ad", ""):
            self._runs.append(text)
            self._has_link = self._has_link or "a" in self.open
            self._silent_link = self._silent_link and text.isspace()
        return True

    def enter(self, tag: str, attributes: str) -> bool:
        if attributes and (attributes.count('"') % 2 or attributes.count("'") % 2 or HIDING.search(attributes)):
            return False
        if tag == "br":
            self._end_line(hard=not (self._has_link or any(run.strip() for run in self._runs)))
            return True
        if tag in BLOCKS:
            if not AROUND.issuperset(self.open):
                return False
            self._end_line(hard=True)
        elif tag == "a":
            if "a" in self.open or "href" not in attributes:
                return False
            self._silent_link = True
        if tag in VOID:
            return True
        self.open.append(tag)
        return tag in BLOCKS or tag in INLINE

    def leave(self, tag: str) -> bool:
        if not self.open or self.open.pop() != tag:
            return False
        if tag == "a":
            self._has_link = self._has_link or self._silent_link
            self._silent_link = False
        elif tag in BLOCKS:
            self._end_line(hard=True)
        return True

    def end(self) -> str:
        self._end_line(hard=True)
        return "".join(self._lines).strip("\n")

    def _end_line(self, *, hard: bool) -> None:
        whole = "".join(self._runs)
        if self._has_link or whole.strip():
            if line := " ".join(re.split(r"[ \t\r\n\f\v]+", whole)).strip():
                self._lines.append(("\n\n" if self._hard else "\n") + line)
            self._hard = False
        self._runs = []
        self._has_link = False
        self._hard = self._hard or hard


def _character(reference: re.Match[str]) -> str | None:
    number, name = reference.groups()
    code = int(number) if number else name2codepoint.get(name, 0)
    return chr(code) if 32 <= code < 127 or 160 <= code < 0x200B or 0x2010 <= code < 0x2060 else None
