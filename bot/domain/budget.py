"""A lane's rate budget: how long until one more message may go, overall and to one chat.

Sliding windows, not buckets: a bucket of 30 refilled at 30/s lets 59 through in its first second, and the platform
counts.
"""

from collections import deque
from dataclasses import dataclass, field

Seconds = float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What a platform allows. Kept a little under its word, since it counts arrivals and we count departures."""

    overall: tuple[int, Seconds]  # (messages, in seconds)
    chat: tuple[int, Seconds]
    group: tuple[int, Seconds] | None = None  # besides, in a group
    width: int = 4  # chats served at once


@dataclass(slots=True)
class _Window:
    limit: int
    seconds: Seconds
    stamps: deque[Seconds] = field(default_factory=deque)

    def wait(self, now: Seconds, share: float = 1.0) -> Seconds:
        """`share` of the limit is all that is asked for, at least one of it."""
        while self.stamps and self.stamps[0] <= now - self.seconds:
            self.stamps.popleft()
        limit = max(1, int(self.limit * share))
        if len(self.stamps) < limit:
            return 0.0
        return self.stamps[len(self.stamps) - limit] + self.seconds - now


class Budget:
    """Not safe across threads, and need not be: one lane, one budget, one holder. `now` is a monotonic clock's."""

    def __init__(self, rates: Rates) -> None:
        self.rates = rates
        self._overall = _Window(*rates.overall)
        self._chats: dict[str, tuple[_Window, ...]] = {}
        self._asked: dict[str, Seconds] = {}  # what the platform itself asked for: chat, or "" for the lane

    def wait(self, chat: str, now: Seconds, *, share: float = 1.0) -> Seconds:
        """Seconds until a message may go to `chat`; 0.0 is now. Answers ask for a share, so that posts find room."""
        windows = self._chats.get(chat, ())
        asked = max(self._asked.get("", 0.0), self._asked.get(chat, 0.0)) - now
        return max(0.0, asked, self._overall.wait(now, share), *(w.wait(now, share) for w in windows))

    def overall_wait(self, now: Seconds) -> Seconds:
        return max(0.0, self._asked.get("", 0.0) - now, self._overall.wait(now))

    def take(self, chat: str, now: Seconds, *, is_group: bool = True) -> None:
        """A message goes to `chat` at `now`; answers to commands count as well, they use the same token."""
        if len(self._chats) > 10_000:
            self._forget(now)
        limits = [self.rates.chat] + ([self.rates.group] if self.rates.group and is_group else [])
        known = self._chats.get(chat, ())
        if len(known) < len(limits):  # an answer may not know that its chat is a group
            self._chats[chat] = (*known, *(_Window(*limit) for limit in limits[len(known) :]))
        for window in (self._overall, *self._chats[chat]):
            window.stamps.append(now)

    def obey(self, chat: str, after: Seconds, now: Seconds) -> None:
        """The platform asked for `after` seconds of silence towards `chat`, or of the whole lane for ""."""
        self._asked[chat] = max(self._asked.get(chat, 0.0), now + after)

    def _forget(self, now: Seconds) -> None:
        self._chats = {
            chat: windows for chat, windows in self._chats.items() if any(w.wait(now) or w.stamps for w in windows)
        }
        self._asked = {chat: until for chat, until in self._asked.items() if until > now}
