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

LONGEST_STAMPED = 40  # characters of what a <time> shows: "il y a 2 jours"
MOST_DATE_RUNS = 6
MOST_RUNS = 2_000  # of a line in which dates are looked for
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
# … and those of them that lead to the rest of it
READ_MORE = frozenset(
    {
        *(("lire", "suite"), ("lire", "la", "suite"), ("lire", "article"), ("lire", "plus"), ("en", "savoir", "plus")),
        *(("savoir", "plus"), ("decouvrir",), ("voir", "plus"), ("lire",), ("suite",)),
    }
)
ADVERT = ("publicite", "en", "cours")

# Folded first words of a whole piece after which nothing belongs to the article any more
ENDS = (
    ("avez", "vous", "apprecie"),
    ("avez", "vous", "aime"),
    ("cet", "article", "vous", "a", "plu"),
)
# … and folded whole pieces
END_LINES = frozenset(
    {
        *(("a", "lire", "egalement"), ("a", "lire", "aussi"), ("lire", "aussi"), ("lire", "egalement"), ("a", "lire")),
        *(("lettre", "information"), ("newsletter",), ("infolettre",), ("sur", "le", "meme", "sujet")),
        *(
            ("sur", "le", "meme", "theme"),
            ("articles", "similaires"),
            ("articles", "lies"),
            ("dans", "la", "meme", "rubrique"),
        ),
        *(("ces", "articles", "peuvent", "vous", "interesser"), ("vous", "aimerez", "aussi"), ("commentaires",)),
        *(
            ("les", "plus", "lus"),
            ("nos", "derniers", "articles"),
            ("derniers", "articles"),
            ("a", "propos", "de", "auteur"),
        ),
        *(("pour", "aller", "plus", "loin"), ("partager", "cet", "article"), ("mots", "cles")),
    }
)
INVITES = (("ne", "manquez", "rien"), ("inscrivez", "vous"), ("abonnez", "vous"), ("illustration",))


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
    line: int = 0  # index of the document's line it is a part of

    @property
    def is_noise(self) -> bool:
        folded = words(self.text) if len(self.text) <= 60 else ()
        return folded in NOISE or folded[:3] == ADVERT or not re.search(r"\w", self.text)

    @property
    def leads_on(self) -> bool:
        """ "Lire la suite", a link and nothing else."""
        return self.is_link and len(self.text) <= 60 and words(self.text) in READ_MORE

    @property
    def is_end(self) -> bool:
        """Nothing below belongs to the article."""
        folded = words(self.text) if len(self.text) <= 80 else ()
        return folded in END_LINES or any(folded[: len(start)] == start for start in ENDS)

    @property
    def invites(self) -> bool:
        folded = words(self.text) if len(self.text) <= 200 else ()
        return any(folded[: len(start)] == start for start in INVITES)


def pieces_of(document: Document) -> list[Piece]:
    return [piece for number, line in enumerate(document.lines) for piece in _of_line(line, number)]


def _of_line(line: Line, number: int) -> Iterator[Piece]:
    for runs, text in _apart(line):
        shown = [run for run in runs if run.text.strip()]
        is_link = bool(shown) and all(run.link for run in shown)
        path = line.path if len(runs) == len(line.runs) else runs[0].path
        said = _dated(text)
        at = said[0] if said else _stamped(line.stamp) if len(text) <= LONGEST_STAMPED else None
        parts = ((said[1], None), (text, at), (said[2], None)) if said else ((text, at),)
        for n, (part, moment) in enumerate(parts):
            if part or moment or len(parts) == 1:
                yield Piece(
                    text=part,
                    runs=runs,
                    path=path,
                    heading=line.heading,
                    opens=line.opens or n > 0,
                    is_link=is_link,
                    tags=line.tags,
                    at=moment,
                    line=number,
                )


def _apart(line: Line) -> Iterator[tuple[tuple[Run, ...], str]]:
    """The runs of a line, as one; where a stretch of them is a date, that stretch, and each link, by itself."""
    is_one = not 2 <= len(line.runs) <= MOST_RUNS or _dated(line.text) is not None
    stretches = [] if is_one else list(_stretches(line.runs))
    if not any(_dated(text) for _, text in stretches):
        yield line.runs, line.text
        return
    for _, group in groupby(stretches, key=lambda stretch: stretch[0][0].link or id(stretch)):
        parts = list(group)
        runs = tuple(run for part, _ in parts for run in part)
        text = parts[0][1] if len(parts) == 1 else " ".join("".join(run.text for run in runs).split(" ")).strip()
        if text or runs[0].link:
            yield runs, text


def _stretches(runs: Sequence[Run]) -> Iterator[tuple[tuple[Run, ...], str]]:
    """Runs that are a date together ("24", "sept.", "2021"), the longest stretch first; the others one by one."""
    start = 0
    while start < len(runs):
        for end in range(min(start + MOST_DATE_RUNS, len(runs)), start, -1):
            text = " ".join(run.text.strip() for run in runs[start:end])
            if end == start + 1 or _dated(text):
                yield tuple(runs[start:end]), text
                start = end
                break


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
