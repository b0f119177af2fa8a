"""The line that says what an article is and who wrote it: "Actualité - DSIH", "Tribune - Alice Roux et Léa Brun".

Pure. A page may break it over two or three lines ("Tribune" / "-" / "Alice Roux"), with any kind of space or dash.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.domain.words import words

# Folded words of a genre as pages write it → the genre as we keep it. A closed list: another word is no genre.
GENRES = {
    ("actualite",): "actualité",
    ("actualites",): "actualité",
    ("actu",): "actualité",
    ("agenda",): "évènement",
    ("alerte",): "alerte",
    ("analyse",): "analyse",
    ("annonce",): "annonce",
    ("article", "partenaire"): "publi-rédactionnel",
    ("avis",): "avis",
    ("avis", "d", "expert"): "tribune",
    ("avis", "expert"): "tribune",
    ("breve",): "brève",
    ("chronique",): "chronique",
    ("communique",): "communiqué",
    ("communique", "de", "presse"): "communiqué",
    ("decryptage",): "analyse",
    ("dossier",): "dossier",
    ("edito",): "éditorial",
    ("editorial",): "éditorial",
    ("enquete",): "enquête",
    ("entretien",): "entretien",
    ("etude",): "étude",
    ("evenement",): "évènement",
    ("interview",): "entretien",
    ("nomination",): "nomination",
    ("opinion",): "tribune",
    ("point", "de", "vue"): "tribune",
    ("portrait",): "portrait",
    ("publi", "communique"): "publi-rédactionnel",
    ("publi", "redactionnel"): "publi-rédactionnel",
    ("publireportage",): "publi-rédactionnel",
    ("reportage",): "reportage",
    ("retour", "experience"): "retour d’expérience",
    ("retour", "d", "experience"): "retour d’expérience",
    ("temoignage",): "témoignage",
    ("tribune",): "tribune",
    ("tribune", "libre"): "tribune",
}

LONGEST = 160  # characters of a byline; a longer line is text
DASH = r"[-‐‑‒–—―|:•·]"
NAME = r"(?:[^\W\d_][\w.’'‑-]*|&|\+)"  # a word of a name: begins with a letter
PARTICLES = r"(?:de|du|des|la|le|les|d|l|von|van|der|den|di|da|dos|el|al|ben|et|pour|chez|rédaction)"
WRITTEN_BY = re.compile(r"^(?:par|propos recueillis par|de)\s+", re.IGNORECASE)
HONORIFIC = re.compile(r"^(?:(?:Me|Mᵉ|Maître|Dr|Docteur|Pr|Professeur|M\.|Mr|Mme|Mlle)\.?\s+)+(?=\S)", re.IGNORECASE)
# "Alice Roux de Vallon Associés": after two words of a name, what follows "de" is a house if it says so
HOUSE = re.compile(
    r"^(?P<name>\S+(?: \S+)+?) (?:de|du|des|chez|pour|d[’']|de l[’']) ?(?P<house>.*\b"
    r"(?:associés?|associées?|avocats?|partners?|cabinet|groupe|société|conseils?|consulting|agence|institut|sas|sarl|selarl|"
    r"[A-ZÉ]{3,})\b.*)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Byline:
    genre: str
    authors: tuple[str, ...] = ()


def genre_of(text: str) -> str:
    """ "" for what is no genre we know."""
    return _genre(text) if len(text) <= 40 else ""


@lru_cache(1_024)  # a feed's few categories come again with each of its items
def _genre(text: str) -> str:
    return GENRES.get(words(text), "")


def read_byline(lines: Sequence[str], *, any_genre: bool = False) -> tuple[Byline, int] | None:
    """The byline that begins at the first of these lines, and how many of them it takes. None: it is another line.

    `any_genre`: where a byline is expected, two words before a dash are a genre even when the list has none such.
    """
    if not lines or len(first := _plain(lines[0])) > LONGEST:
        return None
    head, dash, rest = _cut(first)
    taken = 1
    if not rest and not dash and taken < len(lines) and re.match(DASH, following := _plain(lines[taken])):
        dash, rest = following[0], following[1:].strip()
        taken += 1
    if not rest and dash and taken < len(lines):
        rest = _plain(lines[taken])
        taken += 1
    genre = genre_of(head) or (head.lower() if any_genre and rest and _could_be_genre(head) else "")
    if not genre or (rest and not _are_names(rest)):
        return None
    return Byline(genre=genre, authors=authors_of(rest) if rest else ()), taken


def authors_of(text: str) -> tuple[str, ...]:
    """ "Par Me Noémie Roux, DSI, et Léa Brun de Vallon Associés" → two names, without titles, functions and house."""
    pieces = re.split(
        r"\s*[,;/]\s*(?:(?:et|avec)\s+)?|\s+(?:et|&|avec)\s+", WRITTEN_BY.sub("", _plain(text).strip(" ,.;"))
    )
    people = [pieces[0], *(piece for piece in pieces[1:] if not _is_function(piece))]
    names = (_without_house(HONORIFIC.sub("", person.strip())) for person in people)
    return tuple(dict.fromkeys(name for name in names if name))


def _are_names(text: str) -> bool:
    """A sentence that happens to begin like a byline ("Alerte : une faille touche…") is none."""
    if len(text) > LONGEST or re.search(r"[?!…»]|[^.]\.\s*$", text):
        return False
    first = re.split(r"[,;/]", WRITTEN_BY.sub("", text))[0].split()
    small = [word for word in first if word[0].islower() and not re.fullmatch(PARTICLES, re.sub(r"[’'].*", "", word))]
    return 0 < len(first) <= 12 and all(re.match(NAME, word) for word in first) and not small


def _is_function(piece: str) -> bool:
    """ ", président du GHT", ", DSI du CHU"."""
    first = piece.split(" ")[0]
    return first[:1].islower() or (" " in piece and first.isupper() and len(first) > 1)


def _could_be_genre(head: str) -> bool:
    return head[:1].isupper() and 2 < len(head) <= 30 and len(head.split()) <= 3


def _without_house(name: str) -> str:
    match = HOUSE.match(name)
    return match["name"] if match else name


def _cut(text: str) -> tuple[str, str, str]:
    """Around the first dash that stands free, or at the end: "Publi-rédactionnel - X" keeps its own."""
    match = re.search(rf"(?:\s{DASH}(?=\s|$)|{DASH}\s|{DASH}$|(?<=\w){DASH}(?=\s))", text)
    return (text[: match.start()].strip(), "-", text[match.end() :].strip()) if match else (text, "", "")


def _plain(text: str) -> str:
    return " ".join(text.split())
