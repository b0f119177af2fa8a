"""Where in a TOML file something stands. A parsed document no longer knows, so its lines are looked at again."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_HEADING = re.compile(r"[ \t]*\[\[[ \t]*([\w.]+)[ \t]*\]\][ \t]*(?:#.*)?")


@dataclass(frozen=True, slots=True)
class Lines:
    text: Sequence[str]

    @classmethod
    def of(cls, document: str) -> "Lines":
        return cls([line.rstrip("\r") for line in document.split("\n")])

    def headings(self, counts: Mapping[str, int]) -> Mapping[str, Sequence[int | None]]:
        """The line of each `[[name]]`, from 1, in order. None for those of a name that is seen another number of times

        than its tables were counted: one stands inside a text of several lines, or tables are written another way.
        """
        found: defaultdict[str, list[int | None]] = defaultdict(list)
        for number, line in enumerate(self.text, 1):
            if heading := _HEADING.fullmatch(line):
                found[heading[1]].append(number)
        return {name: found[name] if len(found[name]) == count else [None] * count for name, count in counts.items()}

    def of_key(self, key: str, heading: int | None) -> int | None:
        """Where `key = …` stands below the heading (None: at the top of the file), else the heading itself."""
        if not key:
            return heading
        own = re.compile(rf"[ \t]*(?:\"{re.escape(key)}\"|{re.escape(key)})[ \t]*=")
        for number in range((heading or 0) + 1, len(self.text) + 1):
            line = self.text[number - 1]
            if own.match(line):
                return number
            if _HEADING.fullmatch(line):
                break
        return heading
