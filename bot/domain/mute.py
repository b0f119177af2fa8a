"""A silence: words that a channel does not want to hear of for a while, and whose wish it was."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.alert import Severity
from bot.domain.article import Facts
from bot.domain.ids import ChannelId
from bot.domain.rule import Rule


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
