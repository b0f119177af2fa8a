"""How much one person, and one chat, may ask: one notice at the limit, then silence until there is room again."""

from collections import deque
from dataclasses import dataclass, field
from enum import Enum

Seconds = float

MINUTE: Seconds = 60.0
PERSON, CHAT = 20, 60  # commands a minute
PRESSES = 60  # of one person a minute: turning pages is no flood
MOST_KEPT = 10_000  # people and chats remembered


class Verdict(Enum):
    WELCOME = "welcome"
    NOTICE = "notice"
    SILENCE = "silence"


@dataclass(slots=True)
class _Asker:
    stamps: deque[Seconds] = field(default_factory=deque)
    told: bool = False


@dataclass(slots=True)
class Flood:
    """In memory: forgotten at a restart, which costs nothing but patience. `now` is a monotonic clock's."""

    _askers: dict[str, _Asker] = field(default_factory=dict)

    def admit(self, limits: dict[str, int], now: Seconds) -> Verdict:
        """`limits`: who asks (a person, a chat) → how many a minute. Counts only what is let in."""
        if len(self._askers) > MOST_KEPT:
            self._askers = {
                who: one for who, one in self._askers.items() if one.stamps and one.stamps[-1] > now - MINUTE
            }
        full = [who for who, most in limits.items() if not self._has_room(who, most, now)]
        if not full:
            for who in limits:
                self._askers[who].stamps.append(now)
                self._askers[who].told = False
            return Verdict.WELCOME
        told = all(self._askers[who].told for who in full)
        for who in full:
            self._askers[who].told = True
        return Verdict.SILENCE if told else Verdict.NOTICE

    def _has_room(self, who: str, most: int, now: Seconds) -> bool:
        asker = self._askers.setdefault(who, _Asker())
        while asker.stamps and asker.stamps[0] <= now - MINUTE:
            asker.stamps.popleft()
        return len(asker.stamps) < most
