"""What calendars write for a date: "30 juin 2026", "du 18 mars au 19 avril 2024", "fin juin 2026", "T3 2026".

Pure. `dates_fr` reads the one moment an article was published; here a span or an approximate date is kept as written,
with a value by which two ways of writing it are the same. The year always stands in the text: it is never guessed.
"""

import calendar
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.domain.words import fold, words
from bot.text.dates_fr import MONTHS

_YEAR = r"(?:19|20|21)\d\d"
_WEEKDAY = r"(?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|(?:lun|mar|mer|jeu|ven|sam|dim)\.),? )?"
# What says on which side of the date: shown, but not part of its value.
_SIDE = (
    r"(?:(?:[àa] partir|[àa] compter) (?:du |de |d['’])|jusqu['’](?:au |[àa] |en )|au plus tard (?:le |en |au )?|"
    r"avant (?:le )?|d['’]ici (?:le |au |[àa] |en )?|depuis (?:le )?|d[èe]s (?:le )?|apr[èe]s (?:le )?)"
)
_ORDINALS = ("premier", "deuxieme", "troisieme", "quatrieme")
_NTH = {
    "premiere": 1,
    "second": 2,
    "seconde": 2,
    **{word: n for n, word in enumerate(_ORDINALS, 1)},
    **{f"{n}{end}": n for n in range(1, 5) for end in ("", "er", "ere", "re", "e", "eme", "nd", "nde", "d")},
}
_NTH_WRITTEN = (
    r"[1-4] ?(?:er|[èe]re|re|[èe]me|e|nde|nd|d)?|premier|premi[èe]re|deuxi[èe]me|seconde?|troisi[èe]me|quatri[èe]me"
)
_CYCLES = {"t": 3, "q": 3, "trimestre": 3, "quadrimestre": 4, "s": 6, "semestre": 6}  # months in each
_PART = r"d[ée]but|mi|milieu|fin|courant"
_SEASONS = r"printemps|[ée]t[ée]|automne|hiver|rentr[ée]e"


def _time(n: int) -> str:
    clock = rf"(?P<hour{n}>\d{{1,2}}) ?[h:] ?(?P<minute{n}>\d\d)?(?!\w)"
    return rf"(?:,? (?:[àa] |[-–—] )?(?:{clock}|(?P<noon{n}>midi|minuit)\b))?"


def _day(n: int) -> str:
    return rf"{_WEEKDAY}(?P<day{n}>\d{{1,2}})(?:er)?"


def _month(n: int) -> str:
    return rf"(?P<name{n}>{'|'.join(MONTHS)})(?!\w)\.?"


PHRASE = re.compile(
    rf"(?<![\w/.])(?:{_SIDE})?(?:"
    # a span of days, and one of months; "phase 2 – 13 février 2026" is none
    rf"(?:(?P<from>du |entre le |de ))?{_day(1)}"
    rf"(?: {_month(1)}(?: (?P<year1>{_YEAR}))?|[/.](?P<month1>\d{{1,2}})(?:[/.](?P<numeric_year1>{_YEAR}))?"
    rf"|(?(from)|(?=[-–—]\d| au )))"
    rf"{_time(1)}(?: (?:au|et(?: le)?|[àa]|jusqu['’]au) | ?[-–—] ?){_day(2)}"
    rf"(?: {_month(2)} |[/.](?P<month2>\d{{1,2}})[/.])(?P<year2>{_YEAR}){_time(2)}"
    rf"|(?:de |d['’])?{_month(3)}(?: (?P<year3>{_YEAR}))?(?: [àa] | ?[-–—] ?){_month(4)} (?P<year4>{_YEAR})"
    # a day
    rf"|{_day(5)}(?: {_month(5)} |[/.](?P<month5>\d{{1,2}})[/.])(?P<year5>{_YEAR}){_time(5)}"
    rf"|(?P<iso>{_YEAR}-\d\d-\d\d)"
    # about
    rf"|(?:(?P<part>{_PART})[ -](?:du mois de |de |du |d['’]|l['’])?)?(?:{_month(6)}|(?P<season>{_SEASONS})(?: de)?"
    rf"|(?P<nth>{_NTH_WRITTEN}) (?P<cycle>trimestre|semestre|quadrimestre)(?: de l['’]ann[ée]e| de)?"
    rf"|(?P<letter>[TSQ]) ?(?P<place>[1-4]))[ -/]?(?P<year6>{_YEAR})"
    rf"|(?P<part_of_year>{_PART})[ -](?:de l['’]ann[ée]e |d['’]ann[ée]e |de )?(?P<year7>{_YEAR})"
    r")(?![\w/]|-\d|\.\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A date in a text, and what stands before and after it; all on single, ordinary spaces."""

    text: str
    value: str  # "2026-06-30", "2024-03-18/2024-04-19", "2026-06"; sorts by time where years have four figures
    before: str
    after: str


def phrases(text: str) -> Iterator[Phrase]:
    """In the order of the text; what only has the shape of a date ("31 février 2026") is left out."""
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    for match in PHRASE.finditer(plain):
        try:
            value = _value(match)
        except ValueError:
            continue
        yield Phrase(text=match[0].strip(), value=value, before=plain[: match.start()], after=plain[match.end() :])


def value_of(text: str) -> str:
    """By which two spellings of one date are equal; a text without any date is its folded words."""
    return next((phrase.value for phrase in phrases(text)), " ".join(words(text)))


def _value(match: re.Match[str]) -> str:
    """Raises ValueError for a day that is in no calendar."""
    if match["iso"]:
        return date.fromisoformat(match["iso"]).isoformat()
    if match["year5"]:
        return _moment(match, 5, match["name5"] or match["month5"], match["year5"])
    if match["year2"]:
        return _span_of_days(match)
    if match["year4"]:
        first = _month_of(match["name3"], match["year3"] or match["year4"])
        return f"{first}/{_month_of(match['name4'], match['year4'])}"
    if match["year7"]:
        return _part_of(match["part_of_year"], f"{match['year7']}-01", 12)
    return _about(match)


def _span_of_days(match: re.Match[str]) -> str:
    month2, year2 = match["name2"] or match["month2"], match["year2"]
    month1 = match["name1"] or match["month1"] or month2
    year1 = match["year1"] or match["numeric_year1"] or year2
    return f"{_moment(match, 1, month1, year1)}/{_moment(match, 2, month2, year2)}"


def _moment(match: re.Match[str], n: int, month: str, year: str) -> str:
    day = date(int(year), _number(month), int(match[f"day{n}"])).isoformat()
    if match[f"noon{n}"]:
        return f"{day}T{'12' if match[f'noon{n}'].lower() == 'midi' else '24'}:00"
    return f"{day}T{int(match[f'hour{n}']):02}:{match[f'minute{n}'] or '00'}" if match[f"hour{n}"] else day


def _about(match: re.Match[str]) -> str:
    year = match["year6"]
    if match["season"]:
        season = fold(match["season"])
        return f"{year}-{fold(match['part'] or '')}{season}"
    if match["name6"]:
        return _part_of(match["part"], _month_of(match["name6"], year), 1)
    months = _CYCLES[(match["cycle"] or match["letter"]).lower()]
    nth = int(match["place"]) if match["place"] else _NTH[fold(match["nth"]).replace(" ", "")]
    first = (nth - 1) * months + 1
    if first > 12:
        raise ValueError(match[0])
    return _part_of(match["part"], f"{year}-{first:02}", months)


def _part_of(part: str | None, first: str, months: int) -> str:
    """Beginning, middle and end are thirds; "courant" is the whole. `first`: the month it begins with, "2026-04"."""
    year, month = int(first[:4]), int(first[5:])
    named = "" if part is None else fold(part)
    if named in ("", "courant"):
        return str(year) if months == 12 else _months(year, month, months)
    third = {"debut": 0, "mi": 1, "milieu": 1, "fin": 2}[named]
    if months == 1:
        last = calendar.monthrange(year, month)[1]
        begins, ends = ((1, 10), (11, 20), (21, last))[third]
        return f"{first}-{begins:02}/{first}-{ends:02}"
    return f"{_months(year, month, months)}:{third + 1}"


def _months(year: int, month: int, months: int) -> str:
    return f"{year}-{month:02}" if months == 1 else f"{year}-{month:02}/{year}-{month + months - 1:02}"


def _month_of(name: str, year: str) -> str:
    return f"{year}-{_number(name):02}"


def _number(month: str) -> int:
    if month.isdigit():
        return int(month)
    return next(n for n, spellings in enumerate(MONTHS, 1) if re.fullmatch(spellings, month, re.IGNORECASE))
