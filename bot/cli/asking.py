"""Questions on a terminal. Whoever asks through `Asker` can be answered by a test."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import click
from rich.console import Console

from bot import logs

LOOKED_EVERY = 1.0  # seconds

T = TypeVar("T")


class Asker(Protocol):
    def tell(self, text: str = "") -> None: ...

    def ask(self, question: str, default: str) -> str:
        """Stripped; the default for an empty answer."""
        ...

    def ask_secret(self, question: str) -> str:
        """Not shown while it is typed; "" for an empty answer."""
        ...

    def confirm(self, question: str) -> bool: ...

    async def wait(self, sentence: str, look: Callable[[], Awaitable[Sequence[T]]]) -> Sequence[T]:
        """Looks again and again until there is something to be seen; () when the person goes on without."""
        ...


@dataclass(frozen=True, slots=True)
class Terminal:
    """Ctrl-C anywhere ends the command; nothing is written before the last question."""

    console: Console

    def tell(self, text: str = "") -> None:
        self.console.print(logs.redact(text), markup=False, soft_wrap=True)

    def ask(self, question: str, default: str) -> str:
        return str(click.prompt(question, default=default, show_default=bool(default))).strip()

    def ask_secret(self, question: str) -> str:
        return str(click.prompt(question, default="", hide_input=True, show_default=False)).strip()

    def confirm(self, question: str) -> bool:
        return click.confirm(question, default=True)

    async def wait(self, sentence: str, look: Callable[[], Awaitable[Sequence[T]]]) -> Sequence[T]:
        loop, entered = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(sys.stdin.fileno(), entered.set)
        try:
            with self.console.status(sentence):
                while not entered.is_set():
                    if found := await look():
                        return found
                    try:
                        async with asyncio.timeout(LOOKED_EVERY):
                            await entered.wait()
                    except TimeoutError:
                        continue
            sys.stdin.readline()
            return ()
        finally:
            loop.remove_reader(sys.stdin.fileno())
