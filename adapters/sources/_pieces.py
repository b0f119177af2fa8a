"""A page as pieces: its lines, with each date, and each byline glued to a date, standing alone. A part of `list`.

Pages of one shape write "<p>24 sept. 2021 - 17:34,</p><p>Actualité - DSIH</p>", or the same in spans of one line: the
pieces are the same.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from urllib.parse import urljoin, urlsplit

from adapters.byline import read_byline
from adapters.html import Document, Line, Run
from bot.domain.entry import canonical
from bot.domain.words import words
from bot.ports import Page
from bot.text.dates_fr import find_date

LONGEST_DATE_LINE = 140  # characters, with its byline
NUMBERED = re.compile(r"^/(?:m/)?articles?/(\d{1,12})(?:[/.]|$)", re.IGNORECASE)
BEFORE_DATE = re.compile(
    r"(?:publi[ée]e?s?|post[ée]e?|mise? en ligne|parue?|date|du|le|"
    r"lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|[\s:,|·•()–—-])*",
    re.IGNORECASE,
)
AFTER_DATE = re.compile(
    r"[\s,;.|·•()–—-]*(?:(?:mise? à jour|modifiée?|actualisée?|lecture|\d+ ?min)\b.*)?", re.IGNORECASE
)
# Whole lines, folded, that say nothing of an article
NOISE = frozenset(
    {
        *(("lire", "suite"), ("lire", "la", "suite"), ("lire", "article"), ("lire", "plus"), ("en", "savoir", "plus")),
        *(("savoir", "plus"), ("decouvrir",), ("voir", "plus"), ("publicite",), ("imprimer",), ("partager",)),
        *(("partager", "cet", "article"), ("facebook",), ("twitter",), ("linkedin",), ("whatsapp",), ("x",)),
        *(("copier", "le", "lien"), ("envoyer", "par", "mail"), ("ecouter", "article"), ("lire",), ("suite",)),
    }
)
ADVERT = ("publicite", "en", "cours")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    text: str
    runs: tuple[Run, ...]
    path: tuple[int, ...]
    heading: int = 0
    opens: bool = True
    is_link: bool = False
    tags: frozenset[str] = frozenset()
    at: datetime | None = None  # the piece is a date, UTC

    @property
    def is_noise(self) -> bool:
        folded = words(self.text) if len(self.text) <= 60 else ()
        return folded in NOISE or folded[:3] == ADVERT or not re.search(r"\w", self.text)


def pieces_of(document: Document) -> list[Piece]:
    return [piece for line in document.lines for piece in _of_line(line)]


def _of_line(line: Line) -> Iterator[Piece]:
    for runs in _apart(line):
        text = (
            line.text if len(runs) == len(line.runs) else " ".join("".join(run.text for run in runs).split(" ")).strip()
        )
        path = line.path if len(runs) == len(line.runs) else runs[0].path
        yield from _of_runs(line, runs, text, path)


def _of_runs(line: Line, runs: tuple[Run, ...], text: str, path: tuple[int, ...]) -> Iterator[Piece]:
    shown = [run for run in runs if run.text.strip()]
    is_link = bool(shown) and all(run.link for run in shown)
    said = _dated(text)
    at = said[0] if said else _stamped(line.stamp) if len(text) <= 40 else None
    for part, moment in ((said[1], None), (text, at), (said[2], None)) if said else ((text, at),):
        if part or moment or not said:
            yield Piece(
                text=part,
                runs=runs,
                path=path,
                heading=line.heading,
                opens=line.opens,
                is_link=is_link,
                tags=line.tags,
                at=moment,
            )


def _apart(line: Line) -> Iterator[tuple[Run, ...]]:
    """The runs of a line; where a stretch of them is a date, that stretch, and each link, by itself."""
    runs = line.runs
    if len(runs) < 2 or _dated(line.text):
        yield runs
        return
    stretches: list[tuple[Run, ...]] = []
    start = 0
    while start < len(runs):
        for end in range(min(start + 6, len(runs)), start, -1):
            if _dated("".join(run.text for run in runs[start:end])):
                stretches.append(runs[start:end])
                start = end
                break
        else:
            stretches.append(runs[start : start + 1])
            start += 1
    if len(stretches) == len(runs) and not any(_dated(stretch[0].text) for stretch in stretches):
        yield runs
        return
    for link, group in groupby(stretches, key=lambda stretch: stretch[0].link or id(stretch)):
        together = [run for stretch in group for run in stretch]
        if link or any(run.text.strip() for run in together):
            yield tuple(together)


def _dated(text: str) -> tuple[datetime, str, str] | None:
    """(when, byline before, byline after) of a line that is a date and nothing else."""
    if not 6 <= len(text) <= LONGEST_DATE_LINE or (found := find_date(text)) is None:
        return None
    before = "" if BEFORE_DATE.fullmatch(found.before) else found.before.strip(" ,|·•–—-")
    after = "" if AFTER_DATE.fullmatch(found.after) else found.after.strip(" ,|·•–—-")
    if (before and read_byline([before]) is None) or (after and read_byline([after]) is None):
        return None
    return found.at, before, after


def _stamped(stamp: str) -> datetime | None:
    """`<time datetime="2021-09-24T17:34:00+02:00">`; without a zone it says too little."""
    try:
        at = datetime.fromisoformat(stamp)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


# -- addresses --------------------------------------------------------------------------------------------------------


def base_of(page: Page, document: Document) -> str:
    """What relative links start from; the page's own word where it came from a file."""
    own = document.base or (
        "" if page.url.startswith("http") else document.canonical or document.meta.get("og:url", "")
    )
    return absolute(page.url, own) or page.url


def absolute(base: str, href: str) -> str:
    """ "" for what leads to no page."""
    try:
        url = urljoin(base, href.strip())
        parts = urlsplit(url)
        reachable = (parts.scheme in ("http", "https") and parts.hostname) or parts.scheme == "file"
        return parts._replace(fragment="").geturl() if href.strip() and reachable else ""
    except ValueError:
        return ""


def number_of(url: str) -> str:
    """`/articles/6135/un-titre` and `/article/6135/un-titre.html` → "6135"; "": the address has no such number."""
    try:
        match = NUMBERED.match(urlsplit(url).path)
    except ValueError:
        return ""
    return str(int(match[1])) if match else ""


def key_of(url: str) -> str:
    """The slug is decoration, and hosts change: the number is the article."""
    number = number_of(url)
    return f"articles/{number}" if number else canonical(url)


def links_of(pieces: Sequence[Piece]) -> Iterator[tuple[int, Run, int]]:
    """(link, run, index of its piece), each link once per piece."""
    for index, piece in enumerate(pieces):
        seen: set[int] = set()
        for run in piece.runs:
            if run.link and run.link not in seen:
                seen.add(run.link)
                yield run.link, run, index
