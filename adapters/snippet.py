"""HTML as feeds put it into a description: a few flat tags, whose text can be told from the tags alone.

Where it takes a parser to say, None; what is said is what `adapters/html.py` says, in a fraction of its time. Most of
what a reading costs is spent here: what can be done once for the whole, or remembered of a tag, is not done anew.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from html.entities import name2codepoint

TAG = re.compile(
    r"<([^<>]*)>"
)  # and not one of its alternatives: what begins with one sign is found five times as fast
WRITTEN = re.compile(r"(/?)([A-Za-z][A-Za-z0-9]*)((?:[ /\t\r\n\f\v].*)?)", re.DOTALL)
AROUND = frozenset({"div", "figure", "ul", "ol", "li", "blockquote"})  # blocks that may hold blocks
BLOCKS = AROUND | {"p", "h1", "h2", "h3", "h4", "h5", "h6", "figcaption"}
INLINE = frozenset({"a", "abbr", "b", "cite", "code", "em", "i", "q", "small", "span", "strong", "sub", "sup"})
VOID = frozenset({"br", "img"})
KNOWN = BLOCKS | INLINE | VOID
HIDING = re.compile(r"hidden|style|\bhref\s*=\s*(?![\"']?https?:)")
REFERENCE = re.compile(r"&(?:#[0-9]{2,6}|[A-Za-z][A-Za-z0-9]*);")
UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff\0\ud800-\udfff\ufffe\uffff\x80-\x9f\x01-\x08\x0e-\x1f]")
SPACES = "\t\r\n\f\v"
LONGEST, MOST_TAGS = 20_000, 300  # beyond, their depth would have to be counted
LONGEST_KEPT = 100  # characters of a tag that is remembered
# Stand in the place of tags: signs that no text is read with (UNSEEN).
NOTHING, LINK, BREAK, BLOCK = "\x01", "\x02", "\x03", "\x04"


def text_of(html: str) -> str | None:
    """Paragraphs separated by "\\n\\n", the lines of one by "\\n". Linear in the size of `html`."""
    if len(html) > LONGEST or UNSEEN.search(html):
        return None
    pieces = TAG.split(html)  # text, tag, text, tag … text
    if len(pieces) > 2 * MOST_TAGS or (marks := _marks(pieces[1::2])) is None:
        return None
    pieces[1::2] = marks
    text = _without_references("".join(pieces))
    return None if text is None else _paragraphs(text.replace(NOTHING, ""))


def _marks(tags: Sequence[str]) -> Sequence[str] | None:
    """One for each. None: it takes a parser to say what one is, or what it means inside the others."""
    marks: list[str] = []
    open: list[str] = []
    for tag in tags:
        known = _tag(tag) if len(tag) <= LONGEST_KEPT else _new_tag(tag)
        if known is None:
            return None
        closes, name, mark = known
        if closes:
            if not open or open.pop() != name:
                return None
        elif name in VOID:
            if mark == BREAK and "a" in open:
                return None
        elif (mark == BLOCK and not AROUND.issuperset(open)) or (mark == LINK and "a" in open):
            return None
        else:
            open.append(name)
        marks.append(mark)
    return None if open else marks


def _new_tag(written: str) -> tuple[bool, str, str] | None:
    """(closes, name, mark), of what stands between "<" and ">"; None: it takes a parser to say."""
    found = WRITTEN.fullmatch(written)
    if found is None or (name := found[2].lower()) not in KNOWN:
        return None
    closes, attributes = bool(found[1]), found[3].lower()
    if attributes and not closes:
        if attributes.count('"') % 2 or attributes.count("'") % 2:
            return None
        if name not in VOID and HIDING.search(attributes):
            return None
    if name == "a" and not closes:
        return (closes, name, LINK) if "href" in attributes else None
    return closes, name, BLOCK if name in BLOCKS else BREAK if name == "br" else NOTHING


_tag = lru_cache(2_048)(_new_tag)


def _without_references(text: str) -> str | None:
    """None: it takes a parser to say what a sign of it stands for."""
    if "<" in text or ">" in text:
        return None
    if "&" not in text:
        return text
    named = REFERENCE.findall(text)
    characters = {one: _character(one) for one in named}
    if len(named) != text.count("&") or "" in characters.values():
        return None
    if "&" in characters.values():  # one after the other they would make new ones
        text = REFERENCE.sub(lambda one: characters[one[0]], text)
    else:
        for one, character in characters.items():
            text = text.replace(one, character)
    return text.replace("\u00ad", "")


@lru_cache(1_024)
def _character(reference: str) -> str:
    """ "": it takes a parser to say."""
    said = reference[1:-1]
    code = int(said[1:]) if said[0] == "#" else name2codepoint.get(said, 0)
    return chr(code) if 32 <= code < 127 or 160 <= code < 0x200B or 0x2010 <= code < 0x2060 else ""


def _paragraphs(text: str) -> str:
    if BREAK in text:
        text = "".join(map(_broken, text.split(BLOCK)))
        return text.strip("\n")
    blocks = map(str.strip, text.replace(LINK, "").split(BLOCK))
    return _single_spaced(BLOCK.join(filter(None, blocks))).replace(BLOCK, "\n\n")


def _broken(block: str) -> str:
    """Its lines, each after what parts it from the one before: two breaks with nothing between them part as a block
    does. A link around a picture is something."""
    lines: list[str] = []
    gap = "\n\n"
    for one in block.split(BREAK):
        if line := one.replace(LINK, "").strip():
            lines += gap, _single_spaced(line)
        gap = "\n" if line or LINK in one else "\n\n"
    return "".join(lines)


def _single_spaced(text: str) -> str:
    """A run of spaces is halved each time, which is quicker than looking at each."""
    for one in SPACES:
        text = text.replace(one, " ")
    while "  " in text:
        text = text.replace("  ", " ")
    return text
