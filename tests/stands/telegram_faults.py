"""How the stand-in refuses and misbehaves: Telegram's errors, its windows, and faults made on purpose."""

import math
from collections import deque
from dataclasses import dataclass

from tests.stands import telegram_world as world


class Refused(Exception):
    """An error as Telegram writes it."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status, self.description, self.parameters = status, description, parameters


@dataclass(slots=True, kw_only=True)
class Fault:
    """How the next calls about messages misbehave."""

    kind: str  # throttle, lose, garble, late, fail
    calls: int
    number: int | None = None  # only this chat's
    seconds: float = 0.0
    status: int = 0


class Window:
    """So many in so many seconds, whenever one looks."""

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit, self._seconds = limit, seconds
        self._stamps: deque[float] = deque()

    def wait(self, now: float) -> float:
        while self._stamps and self._stamps[0] <= now - self._seconds:
            self._stamps.popleft()
        return self._stamps[0] + self._seconds - now if len(self._stamps) >= self._limit else 0.0

    def take(self, now: float) -> None:
        self._stamps.append(now)


class Faults:
    """What the next calls about messages meet."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def throttle(self, seconds: float, number: int | None = None, calls: int = 1) -> None:
        self._faults.append(Fault(kind="throttle", seconds=seconds, number=number, calls=calls))

    def lose(self, calls: int = 1) -> None:
        """Accepted, then the connection ends without an answer."""
        self._faults.append(Fault(kind="lose", calls=calls))

    def garble(self, calls: int = 1) -> None:
        self._faults.append(Fault(kind="garble", calls=calls))

    def delay(self, seconds: float, calls: int = 1) -> None:
        """Accepted at once, answered late."""
        self._faults.append(Fault(kind="late", seconds=seconds, calls=calls))

    def fail(self, status: int, calls: int = 1) -> None:
        self._faults.append(Fault(kind="fail", status=status, calls=calls))

    def meets(self, chat: int) -> Fault | None:
        for fault in self._faults:
            if fault.number is None or world.chat_id(fault.number) == chat:
                fault.calls -= 1
                if fault.calls <= 0:
                    self._faults.remove(fault)
                return fault
        return None


def throttled(seconds: float) -> Refused:
    whole = math.ceil(seconds)
    return Refused(429, f"Too Many Requests: retry after {whole}", retry_after=whole)
