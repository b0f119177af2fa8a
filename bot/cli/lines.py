"""Files of JSON lines on the command line: `-` is stdin or stdout, and long work shows how far it is."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click
from rich.console import Console
from rich.progress import Progress

from bot import logs
from bot.errors import BotError, UserError
from bot.locale.say import Say
from bot.pipeline.lines import LONGEST_LINE

TOLD_EVERY = 10_000  # lines, where there is no terminal

Done = Callable[[int, int], None]  # so many lines more, of so many bytes


@contextmanager
def reading(path: str, say: Say) -> Iterator[tuple[BinaryIO, int | None]]:
    """The file and its size in bytes, if it has one. Raises BotError."""
    if path == "-":
        yield sys.stdin.buffer, None
        return
    try:
        with Path(path).open("rb") as file:
            size = Path(path).stat().st_size if Path(path).is_file() else None
            yield file, size
    except OSError as error:
        raise BotError(say("cli.import.unreadable", file=path, reason=error.strerror or str(error))) from error


@contextmanager
def writing(path: str, say: Say) -> Iterator[Callable[[str], None]]:
    """Takes whole lines. Raises BotError."""
    if path == "-":
        yield click.echo
        return
    try:
        with Path(path).open("w", encoding="utf-8") as file:
            yield lambda line: print(line, file=file)
    except OSError as error:
        raise BotError(say("cli.import.unwritable", file=path, reason=error.strerror or str(error))) from error


def lines(file: BinaryIO) -> Iterator[bytes]:
    """No more of a line than is needed to see that it is too long."""
    while raw := file.readline(LONGEST_LINE + 1):
        rest = raw
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST_LINE + 1)
        yield raw


@contextmanager
def progress(sentence: str, total: int | None) -> Iterator[Done]:
    """A bar on a terminal, a line now and then elsewhere; both on stderr, beside the results. `total` in bytes."""
    console = Console(stderr=True, highlight=False)
    if console.is_terminal:
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task(sentence, total=total)
            yield lambda _, size: bar.advance(task, size)
        return
    count = 0

    def done(more: int, _: int) -> None:
        nonlocal count
        if (count + more) // TOLD_EVERY > count // TOLD_EVERY:
            click.echo(f"{sentence} {count + more}", err=True)
        count += more

    yield done


class Refusals:
    """Tells each bad line on stderr at once; how many there were decides the exit code."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self.count = 0

    def __call__(self, number: int, error: UserError) -> None:
        self.count += 1
        reason = self._say(error.key, **error.values)
        click.echo(logs.redact(self._say("cli.import.refused", number=number, reason=reason)), err=True)

    def settle(self) -> None:
        if self.count:
            raise click.exceptions.Exit(1)
