"""A lane's rate budget: how long until one more message may go, overall and to one chat.

Sliding windows, not buckets: a bucket of 30 refilled at 30/s lets 59 through in its first second, and the platform
counts.

Posts and answers draw from the same windows, and neither shuts the other out. Where a window moves on within seconds, a
place is kept for each answer that waits, and posts use all of it else. In a group's each leaves a part to the others at
any time, since a minute's window that is full stays so for a minute.
"""

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum

Seconds = float


class Use(Enum):
    """What a message is for."""

    POST = "post"
    EDIT = "edit"  # of a post
    ANSWER = "answer"  # somebody looks at the chat and waits for it


Left = Mapping[Use, float]

# The part of a window that is left to the others. An alert must not queue behind small talk, nor a search behind counts
# of votes, of which each edit says the newest. A window too small to be divided goes to whoever comes first.
LANE: Left = {Use.POST: 0.0, Use.EDIT: 0.0, Use.ANSWER: 0.4}
CHAT: Left = {Use.POST: 0.0, Use.EDIT: 0.5, Use.ANSWER: 0.4}
GROUP: Left = {Use.POST: 0.2, Use.EDIT: 0.5, Use.ANSWER: 0.4}
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
    left: Left
    stamps: deque[Seconds] = field(default_factory=deque)
    answers: deque[Seconds] = field(default_factory=deque)  # those of `stamps` that were
    others: deque[Seconds] = field(default_factory=deque)

    def wait(self, now: Seconds, use: Use, *, kept: int = 0) -> Seconds:
        """`kept`: places that are somebody else's; at least one is not."""
        self._pass(now)
        in_all = self._until_fewer(self.stamps, max(1, self.limit - kept), now)
        return max(in_all, self._until_fewer(self._of(use), self._most(use), now))

    def room(self, now: Seconds, use: Use) -> int:
        self._pass(now)
        return max(0, self._most(use) - len(self._of(use)))

    def take(self, now: Seconds, use: Use) -> None:
        self._pass(now)
        self.stamps.append(now)
        self._of(use).append(now)

    def _most(self, use: Use) -> int:
        return self.limit - int(self.limit * self.left[use])

    def _of(self, use: Use) -> deque[Seconds]:
        return self.answers if use is Use.ANSWER else self.others

    def _until_fewer(self, stamps: deque[Seconds], than: int, now: Seconds) -> Seconds:
        return stamps[len(stamps) - than] + self.seconds - now if len(stamps) >= than else 0.0

    def _pass(self, now: Seconds) -> None:
        for stamps in (self.stamps, self.answers, self.others):
            while stamps and stamps[0] <= now - self.seconds:
                stamps.popleft()


class Budget:
    """Not safe across threads, and need not be: one lane, one budget, one holder. `now` is a monotonic clock's."""

    def __init__(self, rates: Rates) -> None:
        self.rates = rates
        self._overall = _Window(*rates.overall, LANE)
        self._asking: Counter[str] = Counter()  # chat → answers that wait for their turn
        self._chats: dict[str, tuple[_Window, ...]] = {}
        self._asked: dict[str, Seconds] = {}  # what the platform itself asked for: chat, or "" for the lane

    def wait(self, chat: str, now: Seconds, use: Use = Use.POST) -> Seconds:
        """Seconds until a message may go to `chat`; 0.0 is now."""
        return max(self.overall_wait(now, use), self.chat_wait(chat, now, use))

    def overall_wait(self, now: Seconds, use: Use = Use.POST) -> Seconds:
        """As far as the lane is concerned."""
        kept = 0 if use is Use.ANSWER else min(self._answers_waiting(now), self._overall.room(now, Use.ANSWER))
        return max(0.0, self._asked.get("", 0.0) - now, self._overall.wait(now, use, kept=kept))

    def chat_wait(self, chat: str, now: Seconds, use: Use = Use.POST) -> Seconds:
        """As far as the chat alone is concerned. An answer that may go as soon goes first."""
        wait = self._in_chat(chat, now, use)
        if use is Use.ANSWER or chat not in self._asking or self._in_chat(chat, now, Use.ANSWER) > wait:
            return wait
        return max(wait, LOOK_AGAIN)

    @contextmanager
    def asking(self, chat: str) -> Iterator[None]:
        """Meanwhile an answer waits for its turn."""
        self._asking[chat] += 1
        try:
            yield
        finally:
            self._asking[chat] -= 1
            self._asking += Counter()  # without those at 0

    def take(self, chat: str, now: Seconds, use: Use = Use.POST, *, is_group: bool = True) -> None:
        """A message goes to `chat` at `now`; answers to commands count as well, they use the same token."""
        if len(self._chats) > 10_000:
            self._forget(now)
        limits = [(self.rates.chat, CHAT)] + ([(self.rates.group, GROUP)] if self.rates.group and is_group else [])
        known = self._chats.get(chat, ())
        if len(known) < len(limits):  # an answer may not know that its chat is a group
            self._chats[chat] = (*known, *(_Window(*limit, left) for limit, left in limits[len(known) :]))
        for window in (self._overall, *self._chats[chat]):
            window.take(now, use)

    def _answers_waiting(self, now: Seconds) -> int:
        """For the lane alone."""
        waiting = ((self._in_chat(chat, now, Use.ANSWER), count) for chat, count in self._asking.items())
        return sum(count for wait, count in waiting if wait <= 0)

    def _in_chat(self, chat: str, now: Seconds, use: Use) -> Seconds:
        windows = self._chats.get(chat, ())
        return max(0.0, self._asked.get(chat, 0.0) - now, *(window.wait(now, use) for window in windows))

    def obey(self, chat: str, after: Seconds, now: Seconds) -> None:
        """The platform asked for `after` seconds of silence towards `chat`, or of the whole lane for ""."""
        self._asked[chat] = max(self._asked.get(chat, 0.0), now + after)

    def _forget(self, now: Seconds) -> None:
        self._chats = {
            chat: windows
            for chat, windows in self._chats.items()
            if any(w.wait(now, Use.POST) or w.stamps for w in windows)
        }
        self._asked = {chat: until for chat, until in self._asked.items() if until > now}
