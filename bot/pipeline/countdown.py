"""How long until a deadline, and of what, in words. Pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.deadline import Claim, Edge, Precision
from bot.domain.standing import days_left, is_vague
from bot.domain.words import fold
from bot.locale.say import Say
from bot.pipeline.agenda import Said
from bot.text.deadline_words import PROGRAMMES

TITLE = 100  # characters of an article's


def what_of(told: Said) -> str:
    """ "dépôt des candidatures CaRE domaine 2": programme, stage and region are added where it does not say them.

    Of no programme we know, only the article's title tells what it is about.
    """
    claim = told.claim
    said = claim.what
    for part in (PROGRAMMES.get(claim.programme, claim.programme), claim.stage, claim.region):
        if part and fold(part) not in fold(said):
            said = f"{said} {part}".strip()
    if not claim.programme and told.facts:
        said = f"{said} · {cut(told.facts.article.title)}"
    return said


def cut(title: str) -> str:
    return title if len(title) <= TITLE else f"{title[: TITLE - 1]}…"


def left(claim: Claim, now: datetime, zone: ZoneInfo, say: Say) -> str:
    """ "dans 12 jours", "demain", "aujourd’hui à 17 h"; where no day is named, no more than is known."""
    count = days_left(claim, now, zone)
    if is_vague(claim) and count > 1:
        return say("deadlines.left.from" if claim.edge is Edge.OPEN else "deadlines.left.until", count=count)
    if count > 1:
        return say("deadlines.left.days", count=count)
    day = say("deadlines.left.gone" if count < 0 else "deadlines.left.tomorrow" if count else "deadlines.left.today")
    if claim.at is None or count < 0:
        return day
    return say("deadlines.left.at", day=day, hour=say.hour(claim.at, zone))


def when(claim: Claim, zone: ZoneInfo, say: Say) -> str:
    """ "jeudi 30 avr. 2026 à 17 h", "2e trimestre 2026": as exactly as the page says it."""
    day = claim.date
    match claim.precision:
        case Precision.YEAR:
            return str(day.year)
        case Precision.HALF:
            return say(f"deadlines.half.{1 if day.month <= 6 else 2}", year=day.year)
        case Precision.QUARTER:
            return say(f"deadlines.quarter.{(day.month + 2) // 3}", year=day.year)
        case Precision.MONTH:
            return say.month(day)
        case Precision.PART:
            return say("deadlines.about", day=say.day(day))
    if claim.at is None:
        return say.day(day, weekday=True)
    local = claim.at.astimezone(zone).date()
    return say("deadlines.left.at", day=say.day(local, weekday=True), hour=say.hour(claim.at, zone))
