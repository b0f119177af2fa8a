"""What a line of a calendar says: a date alone, a label with its date, a label, or nothing of the kind.

A part of the kind `milestones`. Pure: text in, text out; where lines stand is `_calendar`'s matter.
"""

import re
from dataclasses import dataclass
from itertools import islice

from adapters.byline import genre_of
from adapters.sources._pieces import END_LINES, NOISE
from bot.domain.milestone import significant
from bot.domain.words import words
from bot.text.date_phrases import Phrase, phrases

LONGEST_DATE = 120  # characters of a line that is a date and its marks
LONGEST_LABEL = 200  # characters; a longer line is text that mentions a date
LONGEST_LISTED = 300  # the same in a list or a table
LONGEST_SENTENCE = 120  # characters of a sentence outside a list that may be a milestone
MOST_DATES = 5  # in one line; a line with more is an index
A_YEAR = re.compile(r"(?:19|20|21)\d\d")

# What comes and goes without a change of the milestone: "(à venir)", "– date prévisionnelle", "À venir : …"
_STATUS = (
    r"(?:[àa] venir|en cours|terminée?s?|clos(?:e|es)?|clôturée?s?|passée?s?|nouveau|nouvelle date|"
    r"(?:dates? )?(?:pr[ée]visionnelles?|pr[ée]visionnels?|indicatives?|estim[ée]es?|estimatives?|provisoires?)|"
    r"[àa] confirmer|sous r[ée]serve(?: de modifications?)?|fait|prochainement|bient[ôo]t)"
)
_MARK = re.compile(
    rf"\s?[(\[]\s?{_STATUS}\s?[)\]]|^\s?{_STATUS}(?:\s?[:–—|-]\s|\s?$)|\s[–—|-]\s?{_STATUS}\s?[.!]?$", re.IGNORECASE
)
_SEPARATORS = ":–—-|(→>"
_AROUND = " \t:;,.–—-|·•→>"
_LEADS_TO_DATE = re.compile(
    r"(?:^|\s)(?:le|du|au|aux|en|des?|d['’]|pour|prévue?s?|fixée?s?|date|programmée?s?|reportée?s?|vers)$",
    re.IGNORECASE,
)
# Folded words that say of a date only that it is one
_NAMES_OF_DATES = frozenset(
    {
        *("le", "la", "les", "au", "aux", "en", "du", "de", "des", "d", "vers", "prevu", "prevue", "pour", "quand"),
        *("date", "dates", "jour", "jours", "periode", "periodes", "limite", "limites", "echeance", "echeances"),
        *("calendrier", "agenda", "planning", "previsionnel", "cle", "cles", "prochaine", "prochaines"),
        *("etape", "etapes", "jalons"),
    }
)
# Folded beginnings of what a page says of itself, not of its programme
_FURNITURE = re.compile(
    r"(?:cette |la )?(?:page |article |document |fiche |actualite )?(?:a ete )?"
    r"(?:publie|mise? a jour|modifie|actualise|poste|mise? en ligne|cree|paru|redige|imprime|consulte|copyright|"
    r"derniere (?:mise a jour|modification|actualisation|publication)|"
    r"date de (?:publication|mise a jour|modification|creation|mise en ligne))(?:e|es|s)?"
    r"(?: (?:le|du|au|en|de|la|page|c))*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """`label` "": the line is a date and nothing else."""

    label: str
    phrase: str  # as the page writes it, on ordinary spaces
    value: str
    is_mention: bool = False  # the date ends a line that could be the label of another date: "Arrêté du 3 juillet 2025"


def read_line(text: str, *, is_listed: bool) -> Dated | None:
    """`is_listed`: the line stands in a list or a table. None: it is no dated line."""
    if len(text) > (LONGEST_LISTED if is_listed else LONGEST_LABEL) or not A_YEAR.search(text):
        return None
    found = list(islice(phrases(text), MOST_DATES + 1))
    if not 0 < len(found) <= MOST_DATES or says_of_page(found[0].before):
        return None
    first, last = found[0], found[-1]
    if _is_nothing(first.before):
        return _dated(first, first.after)
    if not is_listed and _is_text(text):
        return None
    if _is_nothing(last.after):
        return _dated(last, last.before, is_mention=last.before.rstrip()[-1:] not in _SEPARATORS)
    return _dated(first, f"{label_of(first.before)} {first.after}", is_mention=True) if is_listed else None


def label_of(text: str) -> str:
    """Without marks and the punctuation around; "": it says nothing a milestone could be called."""
    label = _MARK.sub("", " ".join(text.split())).strip(_AROUND)
    while match := _LEADS_TO_DATE.search(label):
        label = label[: match.start()].rstrip(_AROUND)
    if label.count("(") != label.count(")"):
        label = label.strip("()" + _AROUND)
    folded = words(label) if len(label) <= LONGEST_LISTED else ()
    if not weight(label) or folded in NOISE | END_LINES or set(folded) <= _NAMES_OF_DATES:
        return ""
    return label[:1].upper() + label[1:]


def weight(label: str) -> int:
    """How many of its words say something by themselves."""
    return sum(len(word) > 2 and word.isalpha() for word in significant(label))


def says_of_page(text: str) -> bool:
    """ "Publié le", "Mis à jour le", "©"."""
    return "©" in text or _FURNITURE.fullmatch(" ".join(words(text))) is not None


def _dated(phrase: Phrase, rest: str, *, is_mention: bool = False) -> Dated | None:
    label = label_of(rest)
    if (not label and not _is_nothing(rest)) or genre_of(label):  # "Tribune - 30 juin 2026"
        return None
    return Dated(label=label, phrase=phrase.text, value=phrase.value, is_mention=is_mention)


def _is_nothing(text: str) -> bool:
    return all(word in _NAMES_OF_DATES for word in words(_MARK.sub("", text)))


def _is_text(text: str) -> bool:
    """A sentence of a paragraph, or two of them."""
    is_long = len(text) > LONGEST_SENTENCE and text.rstrip()[-1:] in ".!?…"
    return is_long or re.search(r"\w[\w)»][.!?] [A-ZÀ-Ý]", text) is not None
