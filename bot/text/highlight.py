"""A passage of an article around what was looked for, with the words that were found.

Words are compared by their stems, on the text as written, so accents, inflections and elisions are marked as they
stand: for `etablissement`, the `établissements` of `d’établissements`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.query import Query
from bot.domain.words import WORD, fold
from bot.text.analyse import stems
from bot.text.clean import one_line
from bot.text.synonyms import read_names

READ = 10_000  # characters: 7 ms at worst, half a millisecond for most articles; what stands further down is not shown
CUT = "…"

Extract = tuple[tuple[str, bool], ...]  # pieces of the text in order, and whether each was looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hit:
    start: int
    end: int
    stem: str


def extract(text: str, query: Query, room: int) -> Extract:
    """At most `room` characters, cut between words, "…" where something is left out. Never fails, on any text."""
    plain = one_line(text[:READ])
    hits = _hits(plain, query)
    start, end = _passage(plain, hits, room)
    before = CUT if start > 0 else ""
    after = CUT if end < len(plain) or len(text) > READ else ""
    while end > start and len(before) + end - start + len(after) > room:
        end, after = end - 1, CUT
    if start >= end:
        before = ""  # nothing stands between the two marks: one is enough
    return _pieces(plain, start, end, [hit for hit in hits if start <= hit.start and hit.end <= end], before, after)


def _hits(text: str, query: Query) -> list[_Hit]:
    """Words in any order; those of a phrase, another name, a CVE, a reference only where they stand in a row."""
    single = {stem for term in query.words for stem in term.stems}
    rows = [term.stems for term in query.phrases] + [stems(name) for name in (*query.cves, *query.references)]
    rows += [phrase for one in read_names(query.words) for phrase in one.also]
    found = list(_stemmed(text, single.union(*rows)))
    kept = {i for i, hit in enumerate(found) if hit.stem in single}
    for row in filter(None, rows):
        for i in range(len(found) - len(row) + 1):
            if tuple(hit.stem for hit in found[i : i + len(row)]) == row:
                kept.update(range(i, i + len(row)))
    return [found[i] for i in sorted(kept) if found[i].stem]


def _stemmed(text: str, asked: set[str]) -> Iterator[_Hit]:
    """Every word, with its stem where it is one of `asked`, else ""."""
    if not asked:
        return
    initials = {stem[0] for stem in asked}  # a stem begins as its word does: most words need not be stemmed
    known: dict[str, str] = {}
    for match in WORD.finditer(text):
        word = match[0]
        if word not in known:
            found = stems(word) if fold(word[0])[:1] in initials else ()
            known[word] = next((stem for stem in found if stem in asked), "")
        yield _Hit(start=match.start(), end=match.end(), stem=known[word])


def _passage(text: str, hits: Sequence[_Hit], room: int) -> tuple[int, int]:
    """The stretch with most different words, then most words, then the first; a third of the spare room goes before."""
    if len(text) <= room:
        return 0, len(text)
    if not hits:
        return 0, _before(text, room - len(CUT))
    first, last = _densest(hits, room - 2 * len(CUT))
    spare = max(0, room - 2 * len(CUT) - (hits[last].end - hits[first].start))
    start = max(0, hits[first].start - spare // 3)
    if start > 0:
        start = _after(text, start, hits[first].start)
    end = min(len(text), start + room - len(CUT) * (2 if start > 0 else 1))
    return start, end if end == len(text) else max(_before(text, end), min(hits[first].end, end))


def _densest(hits: Sequence[_Hit], room: int) -> tuple[int, int]:
    """(first, last) of the hits that fit together into `room` characters."""
    inside: Counter[str] = Counter()
    best, chosen, first = (0, 0), (0, 0), 0
    for last, hit in enumerate(hits):
        inside[hit.stem] += 1
        while first < last and hit.end - hits[first].start > room:
            inside[hits[first].stem] -= 1
            first += 1
        score = (len(+inside), last - first)
        if score > best:
            best, chosen = score, (first, last)
    return chosen


def _after(text: str, start: int, at_most: int) -> int:
    """The first beginning of a word from `start` on."""
    if start > 0 and not text[start - 1].isspace():
        space = re.compile(r"\s").search(text, start, at_most)
        start = space.end() if space else at_most
    return start


def _before(text: str, end: int) -> int:
    """The last end of a word up to `end`; a word longer than everything is cut."""
    if end <= 0 or end >= len(text) or text[end].isspace():
        return max(0, end)
    space = max((match.start() for match in re.finditer(r"\s", text[max(0, end - 200) : end])), default=-1)
    return max(0, end - 200) + space if space > 0 else end


def _pieces(text: str, start: int, end: int, hits: Sequence[_Hit], before: str, after: str) -> Extract:
    pieces: list[tuple[str, bool]] = []
    plain = before
    for hit in hits:
        plain += text[start : hit.start]
        if plain:
            pieces.append((plain, False))
        pieces.append((text[hit.start : hit.end], True))
        plain, start = "", hit.end
    plain += text[start:end].rstrip() + after if after else text[start:end]
    if plain:
        pieces.append((plain, False))
    return tuple(pieces)
