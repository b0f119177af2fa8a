"""One holder on one machine: a file the kernel unlocks when its holder dies, however it dies."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import ConfigError


@contextmanager
def held(what: str, secret: str) -> Iterator[None]:
    """Raises ConfigError when another process holds `secret`, which `what` names in the sentence."""
    name = hashlib.sha256(b"tocsin lock\x00" + secret.encode()).hexdigest()[:24]
    path = Path(tempfile.gettempdir()) / f"tocsin-{os.getuid()}-{name}.lock"
    with open(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600), "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ConfigError(
                f"{what}: another tocsin process uses it; stop that one, or give this one its own"
            ) from None
        yield
