"""One line of the doctor's."""

from dataclasses import dataclass
from enum import IntEnum


class State(IntEnum):
    """Also the exit code: that of the worst line."""

    OK = 0
    WARNING = 1
    ERROR = 2


STYLES = {State.OK: "green", State.WARNING: "yellow", State.ERROR: "bold red"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    state: State
    check: str
    sentence: str
    fix: str = ""

    def line(self) -> str:
        fix = f" → {self.fix}" if self.fix else ""
        return f"{self.state.name.lower():<8} {self.check:<10} {self.sentence}{fix}"

    def json(self) -> dict[str, str]:
        return {
            "state": self.state.name.lower(),
            "check": self.check,
            "sentence": self.sentence,
            "fix": self.fix,
        }


def ok(check: str, sentence: str) -> Finding:
    return Finding(state=State.OK, check=check, sentence=sentence)


def warning(check: str, sentence: str, fix: str) -> Finding:
    return Finding(state=State.WARNING, check=check, sentence=sentence, fix=fix)


def error(check: str, sentence: str, fix: str) -> Finding:
    return Finding(state=State.ERROR, check=check, sentence=sentence, fix=fix)
