"""The one reader of written dates. Which forms they have: `bot.text.date_forms`.

Pure, and linear: a form is tried where a word begins that could begin it, and a long text denser in dates than a
calendar is read no further. What days a date is depends on when the text was published: `bot.text.when`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.text.date_forms import (
    A_TIME,
    ANY,
    BEFORE_A_DURATION,
    CYCLES,
    FIGURE,
    FORMS,
    LOOK_BACK,
    MONTHS,
    UNITS,
    Form,
    S,
    clock_of,
    follows,
)
from bot.text.plain import LONGEST_KEY, Plain
from bot.text.when import After, Clock, Day, Unit, Weekday, When


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A date, and where it stands in `Plain.plain`."""

    start: int
    end: int
    when: When
    rule: str  # the form it is written in
    is_named: bool = False  # "demain": a day by itself, where "deux jours" is a length


_NAMED_HOURS = ("midi", "minu", "noon", "midn")  # by themselves no date


def _by_key() -> dict[str, list[tuple[str, Form]]]:
    found: dict[str, list[tuple[str, Form]]] = {}
    for rule, words, form in FORMS:
        for key in dict.fromkeys(word[:LONGEST_KEY] for word in words):
            found.setdefault(key, []).append((rule, form))
    return found | {key: [] for key in _NAMED_HOURS}


_FORMS_BY_KEY = _by_key()
_FIGURES = frozenset("0123456789")
# After a number, what may make a date of it: the first letters of the next word, or a sign.
_AFTER_FIGURE = re.compile(rf"\d{{1,4}}(?:er|ere|re|eme|e|nde|nd|d|st|rd|th)?\b{ANY}(?P<next>[a-z]{{1,4}}|[/.:-])")
_NEXT = frozenset(  # "p" and "a" of "5 p.m."
    word[:LONGEST_KEY]
    for words in (
        MONTHS,
        UNITS,
        CYCLES,
        ("days", "ans", "au", "et", "a", "am", "p", "pm", "jusqu", "to", "and", "until", "till", "of"),
        "/.:-",
    )
    for word in words
)
_LEAD_OF_TIME = re.compile(rf",?{ANY}(?:(?:on|le|du){S})?")  # between an hour and the day it is of

# A table of milestones has a date every 100 characters or two. A long text with more must cost no more.
_MOST, _MOST_PER = 30, 300  # moments, and one more for so many characters
_TRIES, _TRIES_PER = 100, 40


def moments(text: Plain) -> Iterator[Moment]:
    """In the order of the text, none inside another; what only looks like a date ("99 février") is left out."""
    plain, end = text.plain, 0
    left, tries = _MOST + len(plain) // _MOST_PER, _TRIES + len(plain) // _TRIES_PER
    hour: tuple[int, int, Clock] | None = None  # the last one written before its day
    # Nearly all words of a text begin no date: they are passed over before anything else is asked of them.
    places = [n for n, key in enumerate(text.keys) if key in _FORMS_BY_KEY or key[0] in _FIGURES]
    for at, key in ((text.starts[n], text.keys[n]) for n in places):
        if at < end or (forms := _forms_at(plain, at, key)) is None:
            continue
        tries -= 1
        if not left or not tries:
            return
        may_be_hour = key[0] in _FIGURES or key in _NAMED_HOURS
        if may_be_hour and (time := A_TIME.match(plain, at)) and not follows(BEFORE_A_DURATION, plain, at):
            clock = clock_of(time)
            if clock is not None:
                hour, end = (at, time.end(), clock), time.end()
                continue
        for rule, form in forms:
            if (found := form(plain, at)) is not None:
                when, end = found
                start, when = _at_hour(plain, at, when, hour)
                yield Moment(start=start, end=end, when=when, rule=rule, is_named=key in _NAMED_DAYS)
                left -= 1
                break


def _forms_at(plain: str, at: int, key: str) -> list[tuple[str, Form]] | None:
    if key[0] not in _FIGURES:
        return _FORMS_BY_KEY.get(key)
    if plain[at - 1 : at] in ("/", ".", "-") and at:
        return None
    following = _AFTER_FIGURE.match(plain, at)
    return _FORMS_BY_KEY[FIGURE] if following is not None and following["next"] in _NEXT else None


_NAMED_DAYS = frozenset({"dema", "apre", "tomo"})


def _at_hour(plain: str, at: int, when: When, hour: tuple[int, int, Clock] | None) -> tuple[int, When]:
    """ "by 5 pm CET on 30 June", "à 18 h le 30 juin"."""
    if hour is None or not isinstance(when, (Day, Weekday, After)) or when.clock is not None:
        return at, when
    if isinstance(when, After) and when.unit is not Unit.DAY:
        return at, when
    is_next = at - hour[1] <= LOOK_BACK and _LEAD_OF_TIME.fullmatch(plain, hour[1], at) is not None
    return (hour[0], replace(when, clock=hour[2])) if is_next else (at, when)
