"""A silence: words that a channel does not want to hear of for a while, and whose wish it was."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.alert import Severity
from bot.domain.article import Facts
from bot.domain.ids import ChannelId
from bot.domain.rule import Rule

WITHDRAWN = "muted "  # begins the error of a delivery that a silence took back before it was said


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """Runs from `since` until just before `until`; one that was lifted has ended then."""

    channel: ChannelId
    rule: Rule
    since: datetime
    until: datetime
    person: str = ""  # keyed hash
    name: str = ""  # as the rows keep it: encrypted

    def hushes(self, facts: Facts, at: datetime) -> bool:
        """Would it keep this from the channel, at that moment? What is critical is never kept."""
        return facts.severity is not Severity.CRITICAL and self.covers(facts, at)

    def covers(self, facts: Facts, at: datetime) -> bool:
        """It speaks of this, however grave, at that moment."""
        return self.since <= at < self.until and self.rule.explain(facts).matched


def withdrawn_by(rule: Rule) -> str:
    """As a delivery notes the silence that took it back."""
    return WITHDRAWN + rule.canonical()


def who_withdrew(error: str | None) -> Rule | None:
    """The words of that silence; None: it was none."""
    return Rule.parse(error.removeprefix(WITHDRAWN)) if error and error.startswith(WITHDRAWN) else None
