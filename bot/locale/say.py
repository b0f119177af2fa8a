"""Every sentence a person reads, by key. One `.toml` per area and language, plural forms inside.

A sentence is a string with `{placeholders}`, or a table `{one = "…", other = "…"}` chosen by the value `count`.
French counts 0 and 1 as one; English only 1 (CLDR plural rules, cardinal).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date as Day
from datetime import datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

LANGUAGES = ("fr", "en")
Sentence = str | Mapping[str, str]

_MONTHS = {
    "fr": ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
}
_WEEKDAYS = {
    "fr": ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
}


@dataclass(frozen=True, slots=True)
class Say:
    """`say("search.found", count=3)`; an unknown language speaks French."""

    language: str

    def __call__(self, key: str, /, **values: str | int | float) -> str:
        sentence = sentences(self._known())[key]
        if not isinstance(sentence, str):
            count = values["count"]
            one = count in (0, 1) if self._known() == "fr" else count == 1
            sentence = sentence["one" if one else "other"]
        return sentence.format_map(values)

    def has(self, key: str) -> bool:
        return key in sentences(self._known())

    def date(self, moment: datetime, zone: ZoneInfo, *, hour: bool = True) -> str:
        """`24 sept. 2021, 17:34` in the reader's time zone; an absolute date stays true when it is read late."""
        local = moment.astimezone(zone)
        day = self.day(local.date())
        return f"{day}, {local:%H:%M}" if hour else day

    def day(self, day: Day, *, weekday: bool = False) -> str:
        """`jeudi 24 sept. 2021`."""
        number = "1er" if day.day == 1 and self._known() == "fr" else day.day
        said = f"{number} {self.month(day)}"
        return f"{_WEEKDAYS[self._known()][day.weekday()]} {said}" if weekday else said

    def month(self, day: Day) -> str:
        """`sept. 2021`."""
        return f"{_MONTHS[self._known()][day.month - 1]} {day.year}"

    def hour(self, moment: datetime, zone: ZoneInfo) -> str:
        """`17 h 30` as a Frenchman reads it, `17:30` elsewhere."""
        local = moment.astimezone(zone)
        if self._known() != "fr":
            return f"{local:%H:%M}"
        return f"{local.hour}\u00a0h\u00a0{local:%M}" if local.minute else f"{local.hour}\u00a0h"

    def _known(self) -> str:
        return self.language if self.language in LANGUAGES else LANGUAGES[0]


@cache
def sentences(language: str) -> Mapping[str, Sentence]:
    """`{"search.found": …}`: the area is the file's name, tables inside it add to the key."""
    found: dict[str, Sentence] = {}
    for file in (files("bot.locale") / language).iterdir():
        if file.name.endswith(".toml"):
            _flatten(file.name.removesuffix(".toml"), tomllib.loads(file.read_text("utf-8")), found)
    return found


def _flatten(prefix: str, table: Mapping[str, object], found: dict[str, Sentence]) -> None:
    for key, value in table.items():
        name = f"{prefix}.{key}"
        if isinstance(value, str):
            found[name] = value
        elif isinstance(value, Mapping) and set(value) == {"one", "other"}:
            found[name] = {form: str(value[form]) for form in ("one", "other")}
        elif isinstance(value, Mapping):
            _flatten(name, value, found)
        else:
            raise TypeError(f"locale {name}: give a string, or one/other")
