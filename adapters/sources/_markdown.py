"""Markdown → plain paragraphs: what CERT-FR's documents need of it. A part of the kind `certfr`.

Line by line, and each pattern is bounded: linear, whatever is written. No renderer: what is not understood stays as it
is written.
"""

import html
import re
from collections.abc import Iterable, Iterator

LONGEST_LINE = 2_000  # characters; what follows of a longer one is not read

_FENCE = re.compile(r"^\s{0,3}(?:```|~~~)")
_HEADING = re.compile(r"^\s{0,3}#{1,6}(?:\s+|$)")
_ITEM = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+")
_QUOTE = re.compile(r"^(?:\s{0,3}>\s?)+")
_RULE = re.compile(r"[\s|:=*_+-]*")  # a rule, the line under a heading or a table's head, a grid table's border
_REFERENCE = re.compile(r"^\s{0,3}\[[^\]]{1,200}\]:\s")
_IMAGE = re.compile(r"!\[([^\]\[]{0,300})\]\([^()]{0,1000}\)")
_LINK = re.compile(
    r"\[([^\]\[]{0,300})\](?:\([^()\s]{0,1000}(?:\s[^()]{0,300})?\)|\[[^\]\[]{0,200}\])(?:\{[^{}]{0,200}\})?"
)
_ADDRESS = re.compile(r"<(https?://[^<>\s]{1,1000})>")
_TAGS = (
    "a|abbr|b|blockquote|br|code|dd|div|dl|dt|em|h[1-6]|hr|i|img|li|ol|p|pre|s|section|small|span|strong|sub|sup"
    "|table|tbody|td|tfoot|th|thead|tr|u|ul"
)
_TAG = re.compile(rf"</?(?:{_TAGS})\b[^<>]{{0,500}}>|<!--[^<>]{{0,500}}-->", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/p|/li|/tr|/div|/h[1-6])\b[^<>]{0,200}>", re.IGNORECASE)
_CELL = re.compile(r"</t[dh]\s{0,9}>", re.IGNORECASE)
# In pairs, so that "7.4.*" and "nom_de_fichier" stay. None stands between the two: each character is looked at once.
_EMPHASIS = tuple(
    re.compile(rf"(?<![\w\\{sign}])({sign}{{1,3}})(?=[^\s{sign}])([^{sign}\n]+)(?<=\S)\1(?![\w{sign}])")
    for sign in (r"\*", "_", "`", "~")
)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def plain(markdown: str) -> str:
    """Paragraphs separated by "\n\n"; an item of a list and a row of a table are lines of one."""
    blocks = ("\n".join(lines) for lines in _blocks(_BREAK.sub("\n\n", markdown).splitlines()))
    return "\n\n".join(filter(None, blocks))


def _blocks(lines: Iterable[str]) -> Iterator[list[str]]:
    """The lines of each paragraph. Lines that were only wrapped are one again; a heading stands alone."""
    block: list[str] = []
    in_code, opens = False, True  # `opens`: the next line is not the rest of the one before
    for raw in lines:
        line = _QUOTE.sub("", raw[:LONGEST_LINE])
        is_heading = not in_code and _HEADING.match(line) is not None
        if is_heading or not line.strip():
            yield block
            block, opens = [], True
        if _FENCE.match(line):
            in_code, opens = not in_code, True
        elif in_code:
            block.append(" ".join(line.split()))
        elif _REFERENCE.match(line) or _RULE.fullmatch(line) or not (text := _bare(line)):
            opens = True
        elif opens or not block or _stands_alone(line):
            block.append(text)
            opens = is_heading or line.lstrip().startswith("|")
        else:
            block[-1] += f" {text}"
        if is_heading:
            yield block
            block = []
    yield block


def _stands_alone(line: str) -> bool:
    return _ITEM.match(line) is not None or line.lstrip().startswith("|")


def _bare(line: str) -> str:
    """Its words, without the signs that set them."""
    text = _ITEM.sub("", _HEADING.sub("", line))
    if line.lstrip().startswith("|"):
        text = " | ".join(filter(None, (cell.strip() for cell in line.strip().strip("|").split("|"))))
    text = _ADDRESS.sub(r"\1", _LINK.sub(r"\1", _IMAGE.sub(r"\1", text)))
    text = html.unescape(_TAG.sub("", _CELL.sub(" | ", text)))
    for pairs in _EMPHASIS:
        text = pairs.sub(r"\2", text)
    return " ".join(_ESCAPED.sub(r"\1", text).split()).removesuffix(" |")
