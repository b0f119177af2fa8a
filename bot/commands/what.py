"""*What* somebody wants, as typed: a source, a topic, alerts, the watchlist, everything, or words; and as said back."""

from collections.abc import Sequence

from bot.commands.call import Asked, Call
from bot.domain.alert import Severity
from bot.domain.command import Choice
from bot.domain.rule import Rule, What
from bot.domain.words import fold
from bot.errors import UserError
from bot.locale.say import Say
from bot.text.analyse import read_words
from bot.text.vocabulary import TOPICS

ALERTS = ("alerts", "alertes", "alerte", "alert")
WATCHLIST = ("watchlist", "parc")
EVERYTHING = ("everything", "all", "tout")
SEVERITIES = {
    "info": Severity.INFO,
    "warning": Severity.WARNING,
    "attention": Severity.WARNING,
    "critical": Severity.CRITICAL,
    "critique": Severity.CRITICAL,
    "critiques": Severity.CRITICAL,
}


async def read_what(asked: Asked, typed: str) -> Rule:
    """Raises UserError when nothing is left to look for."""
    folded = fold(typed).strip()
    first, _, rest = folded.partition(" ")
    if first in ALERTS and (not rest or rest in SEVERITIES):
        return Rule(what=What.ALERTS, from_severity=SEVERITIES.get(rest))
    if folded in WATCHLIST:
        return Rule(what=What.WATCHLIST, value=asked.channel.community)
    if folded in EVERYTHING:
        return Rule(what=What.EVERYTHING)
    for source in await asked.desk.sources.all():
        if typed.strip().lower() == source.slug.lower():
            return Rule(what=What.SOURCE, value=source.slug)
    if folded in TOPICS:
        return Rule(what=What.TOPIC, value=folded)
    for topic in TOPICS:
        if folded in {fold(Say(language)(f"topic.{topic}")) for language in ("fr", "en")}:
            return Rule(what=What.TOPIC, value=topic)
    all_of, any_of, none_of = read_words(typed)
    if not all_of and not any_of:
        raise UserError("error.what", what=typed[:80])
    return Rule(what=What.WORDS, all_of=all_of, any_of=any_of, none_of=none_of)


def said(rule: Rule, titles: dict[str, str], say: Say) -> str:
    """The rule in plain words."""
    match rule.what:
        case What.SOURCE:
            text = say("what.source", source=titles.get(rule.value, rule.value))
        case What.TOPIC:
            text = say("what.topic", topic=say(f"topic.{rule.value}"))
        case What.ALERTS if rule.from_severity is not None and rule.from_severity > Severity.INFO:
            text = say("what.alerts_from", severity=say(f"severity.{rule.from_severity.name.lower()}"))
        case What.WORDS:
            text = say("what.words")
        case _:
            text = say(f"what.{rule.what}")
    for key, terms in (("all_of", rule.all_of), ("any_of", rule.any_of), ("none_of", rule.none_of)):
        if terms:
            quoted = (say("what.quoted", word=term.text) if term.exact else term.text for term in terms)
            text = say(f"what.{key}", what=text, words=", ".join(quoted))
    return text


async def proposals(call: Call, text: str) -> Sequence[Choice]:
    """Sources, topics and fixed words that contain what is typed."""
    say, wanted = call.say, fold(text).strip()
    offered = [
        (say("what.alerts"), "alerts"),
        (say("what.watchlist"), "watchlist"),
        (say("what.everything"), "everything"),
    ]
    offered += [(say("what.topic", topic=say(f"topic.{topic}")), topic) for topic in TOPICS]
    offered += [
        (say("what.source", source=source.title), source.slug)
        for source in await call.desk.sources.all()
        if source.enabled
    ]
    return matching(offered, wanted)


def fitting(label: str) -> str:
    """What a proposal may say: 100 UTF-16 units, whichever way a platform counts."""
    return label.encode("utf-16-le", "replace")[:200].decode("utf-16-le", "ignore")


def matching(offered: Sequence[tuple[str, str]], wanted: str) -> Sequence[Choice]:
    """Those of (label, value) that contain what is typed; `wanted` is folded."""
    return [
        Choice(label=fitting(label), value=value)
        for label, value in offered
        if len(value) <= 100 and (wanted in fold(label) or wanted in value)
    ]
