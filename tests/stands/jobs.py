"""Work for a worker process, good and bad. A worker imports it by name, so it stands in a file of its own."""

import os
import time


def double(number: int) -> int:
    return 2 * number


def whose() -> int:
    return os.getpid()


def many(count: int) -> list[str]:
    return [f"entrée {n}" for n in range(count)]


def stuck(mark: str = "") -> None:
    """Leaves its process number in the file `mark`, then computes for ever."""
    if mark:
        with open(f"{mark}.new", "w") as file:
            file.write(str(os.getpid()))
        os.rename(f"{mark}.new", mark)
    while True:
        time.time()


def wait(seconds: float) -> str:
    """As a process that others leave no processor."""
    time.sleep(seconds)
    return "enfin"


def die() -> None:
    os._exit(1)


def crash() -> None:
    os.abort()


def eat() -> int:
    return len(bytearray(8 * 2**30))


def dive(depth: int = 0) -> int:
    return dive(depth + 1)


def chatter() -> str:
    """A library that prints must not be taken for an answer."""
    print("bruit", flush=True)
    os.write(1, b"bruit\n")
    return "réponse"
