"""A lane's rate budget: how long until one more message may go, overall and to one chat.

Sliding windows, not buckets: a bucket of 30 refilled at 30/s lets 59 through in its first second, and the platform
counts.

Posts and answers share it, and neither shuts the other out. An answer that waits is let in first, since somebody looks
at the chat; answers take no more than ANSWERS of what there is, since an alert must not queue behind small talk.
"""

from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Seconds = float

ANSWERS = 0.6  # of what may be said in a chat, and in all
LOOK_AGAIN: Seconds = 0.05  # a post that lets an answer to its chat go first


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

    def wait(self, now: Seconds, share: float = 1.0, *, kept: int = 0) -> Seconds:
        """`share` of the limit is all that is asked for, `kept` of it are somebody else's; at least one of it."""
        self._forget(now)
        limit = max(1, int(self.limit * share) - kept)
        if len(self.stamps) < limit:
            return 0.0
        return self.stamps[len(self.stamps) - limit] + self.seconds - now

    def room(self, now: Seconds) -> int:
        self._forget(now)
        return max(0, self.limit - len(self.stamps))

    def _forget(self, now: Seconds) -> None:
        while self.stamps and self.stamps[0] <= now - self.seconds:
            self.stamps.popleft()


class Budget:
    """Not safe across threads, and need not be: one lane, one budget, one holder. `now` is a monotonic clock's."""

    def __init__(self, rates: Rates) -> None:
        self.rates = rates
        self._overall = _Window(*rates.overall)
        self._answers = _Window(max(1, int(rates.overall[0] * ANSWERS)), rates.overall[1])  # of the overall ones
        self._asking: Counter[str] = Counter()  # chat → answers that wait for their turn
        self._chats: dict[str, tuple[_Window, ...]] = {}
        self._asked: dict[str, Seconds] = {}  # what the platform itself asked for: chat, or "" for the lane

    def wait(self, chat: str, now: Seconds) -> Seconds:
        """Seconds until a post may go to `chat`; 0.0 is now."""
        return max(self.overall_wait(now), self.chat_wait(chat, now))

    def chat_wait(self, chat: str, now: Seconds) -> Seconds:
        """As far as the chat alone is concerned."""
        wait = self._chat_wait(chat, now)
        is_second = chat in self._asking and self._answer_wait(chat, now) <= wait
        return max(wait, LOOK_AGAIN) if is_second else wait

    def overall_wait(self, now: Seconds) -> Seconds:
        """As far as the lane is concerned; a place is kept for each answer that waits for nothing else."""
        waiting = sum(count for chat, count in self._asking.items() if self._chat_wait(chat, now, ANSWERS) <= 0)
        kept = min(waiting, self._answers.room(now))
        return max(0.0, self._asked.get("", 0.0) - now, self._overall.wait(now, kept=kept))

    def answer_wait(self, chat: str, now: Seconds) -> Seconds:
        """Seconds until an answer may go to `chat`; 0.0 is now."""
        return max(0.0, self._asked.get("", 0.0) - now, self._overall.wait(now), self._answer_wait(chat, now))

    @contextmanager
    def asking(self, chat: str) -> Iterator[None]:
        """Meanwhile an answer waits for its turn."""
        self._asking[chat] += 1
        try:
            yield
        finally:
            self._asking[chat] -= 1
            self._asking += Counter()  # without those at 0

    def _answer_wait(self, chat: str, now: Seconds) -> Seconds:
        return max(self._answers.wait(now), self._chat_wait(chat, now, ANSWERS))

    def _chat_wait(self, chat: str, now: Seconds, share: float = 1.0) -> Seconds:
        windows = self._chats.get(chat, ())
        return max(0.0, self._asked.get(chat, 0.0) - now, *(w.wait(now, share) for w in windows))

    def take(self, chat: str, now: Seconds, *, is_group: bool = True, answers: bool = False) -> None:
        """A message goes to `chat` at `now`; answers to commands count as well, they use the same token."""
        if len(self._chats) > 10_000:
            self._forget(now)
        limits = [self.rates.chat] + ([self.rates.group] if self.rates.group and is_group else [])
        known = self._chats.get(chat, ())
        if len(known) < len(limits):  # an answer may not know that its chat is a group
            self._chats[chat] = (*known, *(_Window(*limit) for limit in limits[len(known) :]))
        for window in (self._overall, *([self._answers] if answers else []), *self._chats[chat]):
            window.stamps.append(now)

    def obey(self, chat: str, after: Seconds, now: Seconds) -> None:
        """The platform asked for `after` seconds of silence towards `chat`, or of the whole lane for ""."""
        self._asked[chat] = max(self._asked.get(chat, 0.0), now + after)

    def _forget(self, now: Seconds) -> None:
        self._chats = {
            chat: windows for chat, windows in self._chats.items() if any(w.wait(now) or w.stamps for w in windows)
        }
        self._asked = {chat: until for chat, until in self._asked.items() if until > now}
