"""What stands in the rooms: a file of JSON lines, each a message as it stands since then; a message's last line counts.

It plays the platform's part, so it outlives us. A `write` is enough for that: what the kernel has taken survives any
end of ours, and nobody needs a demo's rooms after a power cut.
"""

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

Payload = Mapping[str, Any]  # Any: JSON, as the platform's own API takes it
Voice = Literal["bot", "person", "answer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One message. `payload` is what the real platform would have been sent; `text` what a person typed."""

    ref: str
    room: str
    voice: Voice
    at: int  # Unix milliseconds
    nonce: str = ""
    payload: Payload = field(default_factory=dict)
    text: str = ""
    author: str = ""  # of a person's line; of an answer, whose command it answers
    silent: bool = False
    reaction: str = ""
    answers: str = ""  # the message it replies to
    thread: str = ""  # the name of the thread that hangs on it
    edits: int = 0


class Ledger:
    """`number` grows with each change; `since` gives what changed after one. None: kept in memory only."""

    def __init__(self, path: Path | None = None) -> None:
        self._file = None if path is None else open(path, "ab+", buffering=0)  # noqa: SIM115  # as long as we live
        self._lines: dict[str, Line] = {}
        self._by_nonce: dict[str, str] = {}
        self._changes: list[str] = []
        self._news = asyncio.Event()
        if self._file is not None:
            self._load()

    @property
    def number(self) -> int:
        return len(self._changes)

    def accept(self, line: Line) -> Line:
        """Takes a new message; one whose nonce is known is the one that stands already."""
        known = self._by_nonce.get(line.nonce) if line.nonce else None
        if known is not None:
            return self._lines[known]
        return self._keep(replace(line, ref=f"{line.room}-{len(self._lines) + 1}"))

    def change(self, ref: str, payload: Payload) -> Line | None:
        """The same payload twice is no change. None: no such message."""
        line = self._lines.get(ref)
        if line is None or line.payload == payload:
            return line
        return self._keep(replace(line, payload=payload, edits=line.edits + 1))

    def react(self, ref: str, reaction: str) -> None:
        if (line := self._lines.get(ref)) is not None:
            self._keep(replace(line, reaction=reaction))

    def thread(self, ref: str, name: str) -> Line | None:
        """Opens it; one that is open stays as it is. None: no such message."""
        line = self._lines.get(ref)
        return line if line is None or line.thread else self._keep(replace(line, thread=name))

    def find(self, ref: str) -> Line | None:
        return self._lines.get(ref)

    def lines(self, room: str) -> Sequence[Line]:
        """Oldest first."""
        return [line for line in self._lines.values() if line.room == room]

    def since(self, number: int) -> Sequence[Line]:
        """What is new or changed after that change, each message once, as it stands now."""
        return [self._lines[ref] for ref in dict.fromkeys(self._changes[max(0, number) :])]

    async def news(self, number: int) -> None:
        """Returns once something changed after `number`."""
        while self.number <= number:
            await self._news.wait()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _keep(self, line: Line) -> Line:
        if self._file is not None:
            self._file.write(json.dumps(asdict(line), ensure_ascii=False).encode() + b"\n")
        self._remember(line)
        self._news.set()
        self._news = asyncio.Event()
        return line

    def _remember(self, line: Line) -> None:
        self._lines[line.ref] = line
        self._changes.append(line.ref)
        if line.nonce:
            self._by_nonce[line.nonce] = line.ref

    def _load(self) -> None:
        assert self._file is not None
        self._file.seek(0)
        whole = self._file.read()
        kept = whole[
            : whole.rfind(b"\n") + 1
        ]  # a kill in the middle of a write leaves half a line: it was not accepted
        if len(kept) < len(whole):
            os.truncate(self._file.fileno(), len(kept))
        for row in kept.splitlines():
            self._remember(Line(**json.loads(row)))
