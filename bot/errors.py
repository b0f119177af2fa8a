"""Our errors. Flows decide by type, never by the text of a message or an HTTP status.

BotError
├── ConfigError        the operator must change a setting; the process stops with exit code 2
├── StoreError         the database cannot be used: a sentence and a hint, never a new file in its place
├── LeaseLost          somebody else holds the lane now: what was about to be written must not be
├── UserError          a person asked for something impossible; shown to them, not logged
├── ModelError         the language model did not answer; UnusableAnswer: it did, and not with a summary
├── SourceError        a source: FetchError (the network, its code says what) · ParseError (what came back)
└── PlatformError      a channel: Throttled · Unreachable (surely not sent) · Uncertain (perhaps sent)
                       · ChannelMoved · ChannelGone · Rejected (final; Unpermitted: a right would help)
                       · TokenRefused (the whole lane)
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from bot.domain.channel import Address

Scope = Literal["chat", "lane"]


class BotError(Exception):
    """Whatever we raise on purpose. Its text is one sentence: what, where, what to do."""


class ConfigError(BotError):
    """Settings that cannot work; all the problems found, one sentence each."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems: Sequence[str] = problems


class StoreError(BotError):
    """The database cannot be opened, read or upgraded."""


class LeaseLost(BotError):
    """A write repeated an epoch that is no longer the lease's: its holder has been replaced."""


class UserError(BotError):
    """Carries the key of a sentence and its values, never the sentence: the reader's language is not known here."""

    def __init__(self, key: str, **values: str | int) -> None:
        super().__init__(key)
        self.key = key
        self.values: Mapping[str, str | int] = values


class ModelError(BotError):
    """The endpoint of a language model did not answer as it should. What we wrote ourselves stands."""

    def __init__(self, message: str, *, after: timedelta | None = None, passes: bool = True) -> None:
        super().__init__(message)
        self.after = after  # how long it asks to be left alone; None: it does not say
        self.passes = passes  # the same request may be answered in a moment


class UnusableAnswer(ModelError):
    """It answered, and what it said is no summary: for this text, asking again would not help."""

    def __init__(self, message: str) -> None:
        super().__init__(message, passes=False)


class SourceError(BotError):
    """A source could not be read. `code` is one of the closed list of the command `sources preview`."""

    def __init__(self, code: str, message: str, *, after: timedelta | None = None, detail: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.detail = detail  # what a person would ask next: "403", "certificate"
        self.after = after  # how long the site asks us to stay away; None: it does not say

    @property
    def trouble(self) -> str:
        """As a source keeps it: "timeout", "http-error:403"."""
        return f"{self.code}:{self.detail}" if self.detail else self.code


class FetchError(SourceError):
    """Nothing usable came over the network."""


class ParseError(SourceError):
    """Something came, and it is not what the source's kind reads."""


class PlatformError(BotError):
    """A message could not be delivered; each kind has one consequence (`bot/domain/delivery.py`)."""


class Throttled(PlatformError):
    """The platform refused for now, and surely did not send. `scope` is what it named: this chat, or the whole lane."""

    def __init__(self, scope: Scope, after: timedelta) -> None:
        super().__init__(f"throttled scope={scope} after={after.total_seconds():.1f}s")
        self.scope: Scope = scope
        self.after = after


class Muzzled(Throttled):
    """No limit of the platform's: somebody in the chat must give us the right to write. What is owed stays owed."""

    def __init__(self, after: timedelta) -> None:
        super().__init__("chat", after)


class Unreachable(PlatformError):
    """The request surely never reached the platform: the row is as it was."""


class Uncertain(PlatformError):
    """The request may have been carried out: no answer, a cut answer, or one that cannot be read."""


class ChannelGone(PlatformError):
    """We were put out of the chat, or it no longer exists."""


class ChannelMoved(PlatformError):
    """The chat has a new id (a Telegram group that became a supergroup)."""

    def __init__(self, to: "Address") -> None:
        super().__init__(f"moved to {to.chat}")
        self.to = to


class Rejected(PlatformError):
    """This message will never be accepted here. Final for the message, harmless for the channel."""


class Unpermitted(Rejected):
    """What was asked for beside the messages needs a right that we were not given. Messages go on."""


class TokenRefused(PlatformError):
    """The platform does not know our token: nothing goes on this lane until the operator changes it."""
