"""The days ahead that a text names, for how near an alert is. Deadlines, with their doubts, are read elsewhere."""

import calendar
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.domain.deadline import Claim, Edge
from bot.text.dates_fr import PARIS
from bot.text.reading import Reading
from bot.text.vocabulary import REPLACED_DAY

_FRENCH = (
    *("janvier", "fevrier", "mars", "avril", "mai", "juin"),
    *("juillet", "aout", "septembre", "octobre", "novembre", "decembre"),
)
_ENGLISH = [name.lower() for name in calendar.month_name[1:]]
MONTHS = {name: number for names in (_FRENCH, _ENGLISH) for number, name in enumerate(names, 1)}
_WEEK = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_NUMBERS = (
    *("un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit"),
    *("neuf", "dix", "onze", "douze", "treize", "quatorze", "quinze"),
)
_COUNTS = {word: number for number, word in enumerate(_NUMBERS, 1)}
_UNITS = {"heure": 1 / 24, "jour": 1, "semaine": 7, "mois": 30, "hour": 1 / 24, "day": 1, "week": 7, "month": 30}

_NAME = "|".join(MONTHS)
_DAY = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:er)? (?P<month>0\d|1[012]|{_NAME})(?: (?P<year>20\d\d))?\b"
    rf"|\b(?P<named>{_NAME}) (?P<nth>\d{{1,2}})(?: (?P<in_year>20\d\d))?\b"
)
_MONTH_END = re.compile(rf"\bfin (?:du mois )?(?:de )?(?P<month>{_NAME})(?: (?P<year>20\d\d))?\b")
_WITHIN = re.compile(
    rf"\b(?:sous|dans(?: les)?|within|disposent de|plus que|reste que) "
    rf"(?P<count>\d{{1,3}}|{'|'.join(_COUNTS)}) (?P<unit>{'|'.join(_UNITS)})s?\b"
)
_WEEKDAY = re.compile(
    r"\b(?:ici|avant|fermera|acheve|limite|termine|clos|fin \w+) (?:a |au |ce )?"
    rf"(?P<weekday>{'|'.join(_WEEK)})\b(?! \d)"
)
_WEEKDAY_HOUR = re.compile(rf"\b(?P<weekday>{'|'.join(_WEEK)}) (?:soir|midi|minuit|a (?:midi|minuit|\d{{1,2}} h\w*))\b")
_OPENS = re.compile(
    r"\b(?:ouvr\w*|ouvert\w*|vigueur|a compter|a partir|des le|accessible|depuis|opens?|ouverture)(?: \w+){0,3} $"
)
_SINCE = re.compile(r"\bdepuis (?:le |la |\w+ )?$")  # a day behind, whose year is not written
# "Le guichet a fermé vendredi soir": the Friday behind. "Est fixée", "est prévue" speak of one ahead.
_WAS = re.compile(r"\b(?:est|sont|a|ont|ete) (?!fixe|prevu|attendu|report|repouss|annonc|programm)\w+(?:e|i|u|s|t) $")
RECENT = timedelta(days=10)
_LOOK_BACK = 60  # characters


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Day:
    """A day the text names, on or after its publication."""

    away: timedelta
    opens: bool  # something begins then; else something ends


def days_ahead(reading: Reading, claims: Sequence[Claim] = ()) -> tuple[Day, ...]:
    """Nearest first. `claims`: the deadlines of the text, which say better on which side of a day something happens."""
    published = (reading.article.published or reading.article.first_seen).astimezone(PARIS).date()
    text = reading.folded_whole
    found = {Day(away=claim.date - published, opens=claim.edge is Edge.OPEN) for claim in claims}
    sure = {day.away for day in found}
    for day, start in _named(text, published):
        before = text[max(0, start - _LOOK_BACK) : start]
        if day < published or day - published in sure or _SINCE.search(before):
            continue
        if not any(m.end() == len(before) - 1 for m in REPLACED_DAY.finditer(before)):
            found.add(Day(away=day - published, opens=_OPENS.search(before) is not None))
    return tuple(sorted(found))


def sentences_with_a_recent_day(reading: Reading) -> frozenset[int]:
    """Numbers of the sentences (0 is the title) that name a day, month included, of the last ten."""
    published = (reading.article.published or reading.article.first_seen).astimezone(PARIS).date()
    found = set()
    for number, sentence in enumerate(reading.folded_whole.split(".")):
        for match in _DAY.finditer(sentence):
            day = _day(match, published)
            if day is not None and day > published and not (match["year"] or match["in_year"]):
                day -= timedelta(days=365)
            if day is not None and timedelta(0) <= published - day <= RECENT:
                found.add(number)
    return frozenset(found)


def _named(text: str, published: date) -> Iterator[tuple[date, int]]:
    for match in _DAY.finditer(text):
        if (day := _day(match, published)) is not None:
            yield day, match.start()
    for match in _MONTH_END.finditer(text):
        yield _month_end(match, published), match.start()
    for match in _WITHIN.finditer(text):
        count = _COUNTS.get(match["count"]) or int(match["count"])
        yield published + timedelta(days=round(count * _UNITS[match["unit"]])), match.start()
    for pattern in (_WEEKDAY, _WEEKDAY_HOUR):
        for match in pattern.finditer(text):
            if _WAS.search(text, max(0, match.start() - _LOOK_BACK), match.start()):
                continue
            yield published + timedelta(days=(_WEEK.index(match["weekday"]) - published.weekday()) % 7), match.start()


def _day(match: re.Match[str], published: date) -> date | None:
    """Without a year, the first such day from the publication on; figures alone are a day only with their year."""
    month, year = match["month"] or match["named"], match["year"] or match["in_year"]
    if month not in MONTHS and year is None:
        return None
    try:
        day = date(int(year or published.year), MONTHS.get(month) or int(month), int(match["day"] or match["nth"]))
        return day if year or day >= published else day.replace(year=day.year + 1)
    except ValueError:  # 31 February
        return None


def _month_end(match: re.Match[str], published: date) -> date:
    month = MONTHS[match["month"]]
    year = int(match["year"] or published.year)
    if not match["year"] and month < published.month:
        year += 1
    return date(year, month, calendar.monthrange(year, month)[1])
