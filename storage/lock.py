"""One bot at a time on a database file. The kernel lets go of the lock with the process, however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import StoreError

_held: set[int] = set()


@contextmanager
def file_lock(database: Path) -> Iterator[None]:
    """Holds `<database>.lock`; the file stays, since removing it would let two hold it. Raises StoreError."""
    descriptor = os.open(database.with_name(database.name + ".lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise StoreError(f"{database}: already in use by another tocsin: stop that one first") from error
    _held.add(descriptor)
    try:
        yield
    finally:
        _held.discard(descriptor)
        os.close(descriptor)


def _let_go() -> None:
    """A forked worker shares the lock, and would keep it after its parent was killed."""
    while _held:
        os.close(_held.pop())


os.register_at_fork(after_in_child=_let_go)
