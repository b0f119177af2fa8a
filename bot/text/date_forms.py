"""The forms a date is written in, French and English: absolute, relative or approximate, and spans of them.

Each is a pattern that is tried where a word begins that could begin it, and what it makes of it. Every repetition is
bounded.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC
from importlib.resources import files

from bot.text.dates_fr import PARIS
from bot.text.when import After, Clock, Current, Day, Origin, Period, Season, Span, Unit, Weekday, When

_FILE: Mapping[str, Mapping[str, list[str]]] = tomllib.loads((files("bot.text") / "dates.toml").read_text("utf-8"))


def _numbers(table: str) -> Mapping[str, int]:
    return {name: int(number) for number, names in _FILE[table].items() for name in names}


MONTHS, WEEKDAYS = _numbers("months"), _numbers("weekdays")
_COUNTS, _NTH, CYCLES = _numbers("counts"), _numbers("ordinals"), _numbers("cycles")
UNITS = {name: Unit(unit) for unit, names in _FILE["units"].items() for name in names}
_PARTS = {name: "" if part == "whole" else part for part, names in _FILE["parts"].items() for name in names}
_SEASONS = _FILE["seasons"]["names"]
_LONGEST_COUNT = 3  # figures


def _one_of(names: Iterable[str]) -> str:
    return "|".join(sorted(names, key=len, reverse=True))


S = " {1,3}"  # one space; more where a line was broken
ANY = " {0,3}"
_YEAR = r"(?:19|20|21)\d\d"
_WEEKDAY = rf"(?:{_one_of(WEEKDAYS)})\b\.?"
_MONTH = rf"(?:{_one_of(MONTHS)})\b\.?"


Read = tuple[When, int]  # and where it ends


# -- hours ------------------------------------------------------------------------------------------------------------

_ZONE = r"heures? (?:de paris|locale)|paris time|french time|cest|cet|utc|gmt"
_TIME = (
    rf"(?:(?P<hour>\d{{1,2}})(?:{ANY}(?:h|heures?\b){ANY}(?P<minute>\d\d)?(?:mn)?|:(?P<minutes>\d\d))(?!\w)"
    rf"|(?P<hour12>\d{{1,2}})(?:[:.](?P<minute12>\d\d))?{ANY}(?P<half>[ap])\.?m\b\.?"
    rf"|(?P<named>midi|minuit|noon|midnight)\b)(?:,?{ANY}\(?(?P<zone>{_ZONE})\b\)?)?"
)
A_TIME = re.compile(_TIME)
# An hour after its day: ", 18 h", "à minuit", "- 17:34", "(18 h)", "de 6 h à 14 h"
_THEN_TIME = re.compile(
    rf"{ANY}[,|·@(-]?{ANY}(?:(?:inclus|a|at|by|avant|des|vers|de|from){S}){{0,2}}{_TIME}(?:{S}(?:a|-|to){S}\d{{1,2}}{ANY}h(?:\d\d)?\b)?"
)


def clock_of(match: re.Match[str]) -> Clock | None:
    """None: no hour of a day."""
    zone = UTC if match["zone"] in ("utc", "gmt") else PARIS
    if match["named"]:
        return Clock(hour=12 if match["named"] in ("midi", "noon") else 24, zone=zone)
    if match["half"]:
        hour, minute = int(match["hour12"]) % 12 + 12 * (match["half"] == "p"), int(match["minute12"] or 0)
    else:
        hour, minute = int(match["hour"]), int(match["minute"] or match["minutes"] or 0)
    return Clock(hour=hour, minute=minute, zone=zone) if hour < 24 and minute < 60 else None


def _with_clock(when: Day | Weekday | After, plain: str, end: int) -> tuple[Day | Weekday | After, int]:
    if (match := _THEN_TIME.match(plain, end)) is None or (clock := clock_of(match)) is None:
        return when, end
    return replace(when, clock=clock), match.end()


# -- days -------------------------------------------------------------------------------------------------------------

_DAY = re.compile(
    rf"(?:(?P<weekday>{_WEEKDAY}),?{S}(?:(?:le|the){S})?)?(?P<day>\d{{1,2}})(?:er|st|nd|rd|th)?\b"
    rf"(?:{S}(?:of{S})?(?P<name>{_MONTH})(?:,?{S}(?P<year>{_YEAR})(?![\d/]))?"
    rf"|(?P<sign>[/.])(?P<month>\d{{1,2}})(?:(?P=sign)(?P<figures>{_YEAR}|\d\d))?(?![\d/-]|\.\d))"
)
_BARE = re.compile(rf"(?:{_WEEKDAY}{S})?(?P<day>\d{{1,2}})(?:er|st|nd|rd|th)?\b")
_ISO = re.compile(rf"(?P<year>{_YEAR})-(?P<month>\d\d)-(?P<day>\d\d)(?:t(?=\d\d:)|(?![\w-]))")
_AMERICAN = re.compile(
    rf"(?P<name>{_MONTH}){S}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\w/])(?:,?{S}(?P<year>{_YEAR})\b)?"
)
# "sous 24 h" is no hour of a day
BEFORE_A_DURATION = re.compile(rf"\b(?:sous|dans|les|ici|within|in|next|prochaines){S}$")
_TO = re.compile(rf"{S}(?:au|et|a|jusqu'au|to|and|until|till){S}(?:(?:le|the){S})?|{ANY}-{ANY}")
_FROM = re.compile(rf"(?:du|de|entre{S}le|from|between){S}(?:the{S})?$")
# What makes a date of "10/10" or "10.10.26": figures alone are as often a ratio or a version.
_DATE_WORD = re.compile(rf"(?:\b(?:le|au|du|avant|jusqu'au){S}|(?:^|\n)[\s•*|-]{{0,4}})$")
LOOK_BACK = 16  # characters


def _day(plain: str, at: int) -> Read | None:
    """A day, or from one day to another."""
    if (first := _one_day(plain, at)) is None:
        return _from_bare(plain, at)
    day, end = first
    if (to := _TO.match(plain, end)) is not None and (last := _one_day(plain, to.end())) is not None:
        is_span = "-" in to[0] or to[0].split()[0] not in ("et", "and") or follows(_FROM, plain, at)
        if is_span:
            return Span(first=day, last=last[0]), last[1]
    return day, end


def _from_bare(plain: str, at: int) -> Read | None:
    """ "18 au 19 avril", "entre le 3 et le 7 mars"; "phase 2 - 13 février" and "les 17 et 24 mai" are no spans."""
    if (bare := _BARE.match(plain, at)) is None or (to := _TO.match(plain, bare.end())) is None:
        return None
    if not (to[0] == "-" or to[0].split()[0] in ("au", "to") or follows(_FROM, plain, at)):
        return None
    if (last := _one_day(plain, to.end())) is None:
        return None
    return Span(first=Day(day=int(bare["day"]), month=last[0].month, year=last[0].year), last=last[0]), last[1]


def _one_day(plain: str, at: int) -> tuple[Day, int] | None:
    if (match := _DAY.match(plain, at)) is None:
        return None
    day, month = int(match["day"]), MONTHS[match["name"].rstrip(".")] if match["name"] else int(match["month"])
    figures = match["figures"] or ""
    if not match["name"] and len(figures) < 4 and not match["weekday"] and not follows(_DATE_WORD, plain, at):
        return None
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    year = match["year"] or (f"20{figures}" if len(figures) == 2 else figures)
    weekday = WEEKDAYS[match["weekday"].rstrip(".")] if match["weekday"] else None
    found, end = _with_clock(
        Day(day=day, month=month, year=int(year) if year else None, weekday=weekday), plain, match.end()
    )
    return (found, end) if isinstance(found, Day) else None


def follows(pattern: re.Pattern[str], plain: str, at: int) -> bool:
    return pattern.search(plain[max(0, at - LOOK_BACK) : at]) is not None


def _iso(match: re.Match[str]) -> Read:
    day = Day(day=int(match["day"]), month=int(match["month"]), year=int(match["year"]))
    return _with_clock(day, match.string, match.end())


def _american(match: re.Match[str]) -> Read:
    year = match["year"]
    month = MONTHS[match["name"].rstrip(".")]
    day = Day(day=int(match["day"]), month=month, year=int(year) if year else None)
    return _with_clock(day, match.string, match.end())


# -- periods ----------------------------------------------------------------------------------------------------------


def _year(match: re.Match[str]) -> int | None:
    return int(match["year"]) if match["year"] else None


def _part(match: re.Match[str]) -> str:
    return _PARTS[match["part"]] if match["part"] else ""


def _month(match: re.Match[str]) -> When:
    """ "fin juin", "mi-juin 2026", "septembre"."""
    return Period(first=MONTHS[match["name"].rstrip(".")], months=1, year=_year(match), part=_part(match))


def _cycle(match: re.Match[str]) -> When | None:
    months = CYCLES[match["cycle"] or match["letter"]]
    nth = int(match["place"]) if match["place"] else _NTH[match["nth"].replace(" ", "")]
    nth = 12 // months if nth < 0 else nth
    first, year = (nth - 1) * months + 1, match["year1"] or match["year2"]
    if first > 12:
        return None
    return Period(first=first, months=months, year=int(year) if year else None, part=_part(match))


def _whole_year(match: re.Match[str]) -> When:
    return Period(first=1, months=12, year=int(match["year"]), part=_part(match))


def _season(match: re.Match[str]) -> When:
    return Season(name=match["season"], year=int(match["year"]), part=_part(match))


def _span_of_months(match: re.Match[str]) -> When:
    year, first_year = int(match["year"]), match["first_year"]
    first = Period(first=MONTHS[match["first"].rstrip(".")], months=1, year=int(first_year or year))
    return Span(first=first, last=Period(first=MONTHS[match["last"].rstrip(".")], months=1, year=year))


# -- as seen from the day of publication ------------------------------------------------------------------------------

_AFTER = re.compile(
    rf"(?P<count>\d{{1,{_LONGEST_COUNT}}}|{_one_of(_COUNTS)}){S}"
    rf"(?P<unit>heures?|hours?|jours?|days?|semaines?|weeks?|mois|months?|ans?|annees?|years?|h)\b"
    rf"(?P<work>{S}(?:ouvres?|ouvrables?))?(?:{S}(?:francs?|calendaires?))?"
    rf"(?:,?{S}(?:a{S}(?:compter|partir)|apres|suivant|after|following|from|of)\b{ANY}(?:de{S}|d'|du{S}|of{S})?"
    rf"(?P<origin>[^.,;:()\n]{{1,40}}))?"
)
_SAID_TODAY = re.compile(r"ce jour|aujourd'hui|today|presente|cet? (?:article|message|courriel|avis|note)")
_ITS_PUBLICATION = re.compile(r"(?:de )?sa (?:publication|parution)|its publication")


def _weekday(match: re.Match[str]) -> Read:
    before = match.string[max(0, match.start() - 5) : match.start()]
    is_this = before.endswith(("ce ", "this "))
    day = int(match["day"]) if match["day"] else None
    when = Weekday(weekday=WEEKDAYS[match["weekday"]], is_this=is_this, day=day)
    return _with_clock(when, match.string, match.end())


def _current(match: re.Match[str]) -> When:
    return Current(unit=UNITS[match["unit"]], part=_part(match), ahead=1 if match["next"] else 0)


def _next(match: re.Match[str]) -> When:
    return Current(unit=UNITS[match["unit"]], ahead=1)


def _after(match: re.Match[str]) -> When:
    """ "sous 15 jours"; "deux mois après la notification" counts from what the text does not date."""
    count = match["count"]
    number = int(count) if count.isdigit() else _COUNTS[count]
    unit = UNITS["mois" if match["unit"] == "mois" else match["unit"].rstrip("s")]
    unit = Unit.WORKDAY if match["work"] and unit is Unit.DAY else unit
    return After(count=number, unit=unit, origin=_origin(match["origin"]))


def _origin(said: str | None) -> Origin:
    if said is None:
        return Origin.NONE
    if _SAID_TODAY.search(said):
        return Origin.PUBLICATION
    return Origin.ITS if _ITS_PUBLICATION.match(said) else Origin.OTHER


def _tomorrow(match: re.Match[str]) -> Read:
    count = 2 if match[0] == "apres-demain" else 1
    return _with_clock(After(count=count, unit=Unit.DAY), match.string, match.end())


# -- the forms, by the words they may begin with, in the order they are tried -----------------------------------------

_START, _END = r"(?<![\w/.])", r"(?![\w/]|-\d|\.\d)"
_PART = (
    rf"(?P<part>{_one_of(_PARTS)})(?:{ANY}-{ANY}|{S})"
    rf"(?:(?:du{S}mois{S})?(?:de{S}la{S}|de{S}l'|du{S}|d'|de{S}|of{S}(?:the{S})?|l'))?"
)
_NTH_WRITTEN = rf"(?P<nth>{_one_of(n for n in _NTH if n[0].isalpha())}|[1-4] ?(?:eme|ere|er|re|e|nde|nd|d)?)(?={S})"
_YEAR_AFTER = rf"(?:{S}(?P<year>{_YEAR})\b)?"
# Alone, "mar", "sept" and "may" are rather something else.
_WHOLE_MONTH = _one_of(name for names in _FILE["months"].values() for name in names[:2] if name != "may")
_UNIT_NOW = "semaine|mois|trimestre|semestre|annee|an|week|month|quarter|year"
_LETTERS = tuple(f"{letter}{n}" for letter in "tqs" for n in ("", *range(1, 5)))
FIGURE = "0"

Form = Callable[[str, int], Read | None]


def _form(pattern: str | re.Pattern[str], build: Callable[[re.Match[str]], When | Read | None]) -> Form:
    compiled = re.compile(rf"{pattern}{_END}") if isinstance(pattern, str) else pattern

    def read(plain: str, at: int) -> Read | None:
        if (match := compiled.match(plain, at)) is None or (found := build(match)) is None:
            return None
        return found if isinstance(found, tuple) else (found, match.end())

    return read


FORMS: tuple[tuple[str, tuple[str, ...], Form], ...] = (
    ("day", (FIGURE, *WEEKDAYS), _day),
    ("after", (FIGURE, *_COUNTS), _form(_AFTER, _after)),
    ("day", (FIGURE,), _form(_ISO, _iso)),
    ("day", tuple(MONTHS), _form(_AMERICAN, _american)),
    (
        "months",
        tuple(MONTHS),
        _form(
            rf"(?P<first>{_MONTH})(?:{S}(?P<first_year>{_YEAR}))?(?:{S}(?:a|to){S}|{ANY}-{ANY})(?P<last>{_MONTH}){S}"
            rf"(?P<year>{_YEAR})",
            _span_of_months,
        ),
    ),
    ("month", tuple(_PARTS), _form(rf"{_PART}(?P<name>{_MONTH}){_YEAR_AFTER}", _month)),
    ("month", tuple(MONTHS), _form(rf"(?<!\d )(?P<part>)(?P<name>{_MONTH}){S}(?P<year>{_YEAR})\b", _month)),
    ("month", tuple(MONTHS), _form(rf"(?<!\d )(?P<part>)(?P<name>{_WHOLE_MONTH})(?P<year>)", _month)),
    (
        "period",
        (FIGURE, *_PARTS, *(n for n in _NTH if n[0].isalpha()), *_LETTERS),
        _form(
            rf"(?:{_PART})?(?:{_NTH_WRITTEN}{S}(?P<cycle>trimestre|semestre|quadrimestre|quarter|half)(?:{S}of)?"
            rf"(?:{S}(?:de{S}l'annee{S}|de{S})?(?P<year1>{_YEAR}))?"
            rf"|(?P<letter>[tqs]) ?(?P<place>[1-4])(?:[ /-]?(?P<year2>{_YEAR}))?)",
            _cycle,
        ),
    ),
    (
        "season",
        (*_PARTS, *_SEASONS),
        _form(rf"(?:{_PART})?(?P<season>{_one_of(_SEASONS)}){S}(?:de{S})?(?P<year>{_YEAR})", _season),
    ),
    ("year", tuple(_PARTS), _form(rf"{_PART}(?:annee{S})?(?P<year>{_YEAR})", _whole_year)),
    (
        "current",
        tuple(_PARTS),
        _form(
            rf"{_PART}(?:(?:cet|cette|ce|this){S})?(?P<unit>{_UNIT_NOW})(?P<next>{S}(?:prochaine?|suivante?))?",
            _current,
        ),
    ),
    (
        "current",
        ("semaine", "mois", "trimestre", "semestre", "annee", "next"),
        _form(rf"(?:(?P<next>next{S}))?(?P<unit>{_UNIT_NOW})(?(next)|{S}prochaine?)", _next),
    ),
    ("after", ("demain", "apres", "tomorrow"), _form(r"demain|apres-demain|tomorrow", _tomorrow)),
    (
        "weekday",
        tuple(WEEKDAYS),
        _form(
            rf"(?P<weekday>{_one_of(n for n in WEEKDAYS if len(n) > 3)})"
            rf"(?:{S}prochaine?|{S}(?P<day>[1-9]|[12]\d|3[01])(?!\d|{ANY}(?:h|heures?|:)|{S}{_MONTH}))?",
            _weekday,
        ),
    ),
)
