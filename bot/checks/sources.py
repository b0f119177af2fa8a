"""The places that are watched: which of them cannot be read, or have fallen silent."""

from collections.abc import Sequence
from datetime import datetime

from bot.checks.finding import Finding, ok, warning
from bot.domain.source import Source
from bot.locale.say import Say
from bot.locale.trouble import plain

MOST_NAMED = 10


def of_readings(sources: Sequence[Source], now: datetime, say: Say) -> list[Finding]:
    watched = [source for source in sources if source.enabled and not source.pending]
    ill = [(source, trouble) for source in watched if (trouble := source.trouble(now)) is not None]
    if not ill:
        return [ok("readings", say("cli.doctor.readings", count=len(watched)))]
    found = [
        warning(
            "readings",
            say("cli.doctor.reading", id=source.slug, reason=plain(say, trouble)),
            say("cli.doctor.reading_fix", id=source.slug),
        )
        for source, trouble in ill[:MOST_NAMED]
    ]
    if len(ill) > MOST_NAMED:
        more = say("cli.doctor.readings_more", count=len(ill) - MOST_NAMED)
        found.append(warning("readings", more, say("cli.doctor.readings_fix")))
    return found
