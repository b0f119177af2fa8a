"""Worker processes that can be killed: what comes from outside is parsed there, never on the loop, never in a thread.

`ProcessPoolExecutor` cannot end one stuck job, a thread cannot be ended at all, and feedparser can be kept busy for
minutes by a megabyte made for it. A worker is a fresh interpreter at the other end of a socket pair: it reads pickled
calls (length, then bytes), answers, and dies with us.
"""

import asyncio
import copyreg
import ctypes
import io
import os
import pickle
import signal
import socket
import subprocess
import sys
from collections import ChainMap
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import timedelta
from operator import attrgetter
from types import TracebackType
from typing import Any, BinaryIO, Self, TypeVar

from bot.domain.article import Article, Understanding
from bot.domain.entry import Entry
from bot.errors import FetchError, ParseError, SourceError

T = TypeVar("T")

MEMORY = 2**29  # bytes of address space of one worker; the largest page allowed takes about half of it
START = 30.0  # seconds an interpreter may take to say it is there, on a machine that is busy
PATIENCE = 1.5  # times the deadline, by the clock, from the moment a worker is free: for a job that waits or is starved
PART = 50  # items of a long list in one frame: unpickling a thousand entries at once would hold the loop
PIECE = 256 * 1024  # bytes written before the loop may turn
LENGTH = 8  # bytes, big-endian, before each frame
READY, WHOLE, LIST, RAISED = "ready", "whole", "list", "raised"

# `path` is our own sys.path, so that a worker imports what we import.
BOOT = "import sys; sys.path[:] = {path!r}; from adapters.cpu import work; work{arguments}"


class CpuWorkers:
    """`async with CpuWorkers() as cpu: await cpu.run(parse, page, deadline=…)`. Workers start when first needed."""

    def __init__(self, count: int = 2, *, memory: int = MEMORY) -> None:
        self._memory = memory
        self._places: asyncio.LifoQueue[_Worker | None] = asyncio.LifoQueue()  # the warm worker first
        for _ in range(count):
            self._places.put_nowait(None)
        self._all: list[_Worker] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._all:
            worker.kill()
        while self._all:
            self._bury()
            await asyncio.sleep(0.005)  # what is killed is gone in milliseconds, and cannot be awaited without a thread

    async def run(self, function: Callable[..., T], *args: object, deadline: timedelta) -> T:
        """Raises what the function raised, or ParseError: "timeout" past the deadline, "too-large" if it died.

        The deadline is of the worker's own work: on a busy machine a page is not to blame for what others compute.
        By the clock it may take `PATIENCE` times that. Cancelling the call ends its worker.
        """
        worker = await self._places.get()
        try:
            if worker is None or not worker.alive:
                worker = await self._hired()
            return await self._called(worker, function, args, deadline)
        except BaseException:
            if worker is not None and not worker.ready:  # whatever it is doing is of no use to anybody now
                worker.kill()
            raise
        finally:
            self._places.put_nowait(worker if worker is not None and worker.alive else None)
            self._bury()

    async def _hired(self) -> "_Worker":
        worker = await _Worker.start(self._memory)
        self._all.append(worker)
        try:
            async with asyncio.timeout(START):
                worker.ready = await worker.receive() == (READY, None)
        except (TimeoutError, EOFError, OSError):
            raise ParseError("timeout", "a worker process did not start; look at the machine's memory") from None
        finally:
            if not worker.ready:
                worker.kill()
        return worker

    async def _called(
        self, worker: "_Worker", function: Callable[..., T], args: tuple[object, ...], deadline: timedelta
    ) -> T:
        name = getattr(function, "__qualname__", repr(function))
        try:
            async with asyncio.timeout(PATIENCE * deadline.total_seconds()):
                succeeded, result = await worker.call(function, args, deadline)
        except TimeoutError:
            raise _late(name, deadline) from None
        except (EOFError, OSError):
            if await worker.ended() == -signal.SIGPROF:
                raise _late(name, deadline) from None
            raise ParseError("too-large", f"{name}: its worker died, mostly of a page too large to hold") from None
        if not succeeded:
            raise result
        return result  # type: ignore[no-any-return]  # the worker ran `function`: what it sends is a T

    def _bury(self) -> None:
        self._all = [worker for worker in self._all if not worker.is_gone()]


@dataclass(slots=True)
class _Worker:
    """Our end."""

    process: subprocess.Popen[bytes]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    ready: bool = False  # waits for a call; False while it starts or computes
    alive: bool = True

    @classmethod
    async def start(cls, memory: int) -> "_Worker":
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(  # noqa: ASYNC220, S603  # our own words; a few milliseconds, once a worker
                [sys.executable, "-c", BOOT.format(path=sys.path, arguments=(theirs.fileno(), os.getpid(), memory))],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,  # a library that prints must not speak for us
            )
        reader, writer = await asyncio.open_connection(sock=ours)
        return cls(process, reader, writer)

    async def call(
        self, function: Callable[..., object], args: tuple[object, ...], deadline: timedelta
    ) -> tuple[bool, Any]:
        """(True, result) or (False, exception). Raises EOFError or OSError when the worker is no more."""
        frame = _framed((function, args, deadline.total_seconds()))
        self.ready = False
        for start in range(0, len(frame), PIECE):
            self.writer.write(frame[start : start + PIECE])
            await self.writer.drain()
        what, value = await self.receive()
        if what == LIST:
            value = [item for _ in range(value) for item in (await self.receive())[1]]
        self.ready = True
        return what != RAISED, value

    async def receive(self) -> Any:
        try:
            length = int.from_bytes(await self.reader.readexactly(LENGTH))
            return pickle.loads(await self.reader.readexactly(length))  # noqa: S301  # from our own worker
        except EOFError:  # IncompleteReadError is one
            self.alive = False
            self.writer.close()
            raise

    async def ended(self) -> int | None:
        """How a worker whose line closed ended, as `Popen.returncode`; None: it did not within a second."""
        for _ in range(200):
            if self.process.poll() is not None:
                break
            await asyncio.sleep(0.005)
        return self.process.returncode

    def kill(self) -> None:
        self.alive = False
        with suppress(ProcessLookupError):
            self.process.kill()
        self.writer.close()

    def is_gone(self) -> bool:
        """Also takes note of its end, so that it leaves no zombie."""
        return not self.alive and self.process.poll() is not None


def _late(name: str, deadline: timedelta) -> ParseError:
    return ParseError(
        "timeout", f"{name}: not done within {deadline.total_seconds():g} s of work; the page is set aside"
    )


def _framed(value: object) -> bytes:
    frame = io.BytesIO()
    frame.seek(LENGTH)
    pickler = pickle.Pickler(frame, protocol=5)
    pickler.dispatch_table = _TAKEN_APART
    pickler.dump(value)
    length = frame.tell() - LENGTH
    frame.seek(0)
    frame.write(length.to_bytes(LENGTH))
    return frame.getvalue()


def _by_values(kind: type) -> Callable[[Any], tuple[object, ...]]:
    """How a frozen value is taken apart: by itself it asks for the list of its fields each time."""
    values = attrgetter(*(one.name for one in fields(kind)))
    return lambda one: (_made, (kind, values(one)))


def _made(kind: type, values: tuple[object, ...]) -> object:
    one: object = object.__new__(kind)
    for name, value in zip(kind.__slots__, values, strict=True):  # type: ignore[attr-defined]  # it has some
        object.__setattr__(one, name, value)
    return one


# What goes to and fro by the hundred. Where it is put together again, `_made` is all it takes.
_TAKEN_APART: Any = ChainMap(  # Any: typeshed wants more of a table than a pickler does
    {kind: _by_values(kind) for kind in (Entry, Article, Understanding)}, copyreg.dispatch_table
)


def _parts(error: SourceError) -> tuple[object, ...]:
    return _error, (type(error), error.code, str(error), error.after, error.detail)


def _error(kind: type[SourceError], code: str, message: str, after: timedelta | None, detail: str) -> SourceError:
    return kind(code, message, after=after, detail=detail)


for _kind in (SourceError, FetchError, ParseError):  # pickle would call them with their message only
    copyreg.pickle(_kind, _parts)  # type: ignore[arg-type]  # typeshed wants a function of exactly the class


# -- the other end ----------------------------------------------------------------------------------------------------


def work(fd: int, parent: int, memory: int) -> None:
    """The worker's whole life: until the other end closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then closes our socket
    _die_with(parent)
    _hold_at_most(memory)
    with socket.socket(fileno=fd) as line, line.makefile("rb") as calls, line.makefile("wb") as answers:
        _say(answers, (READY, None))
        while len(head := calls.read(LENGTH)) == LENGTH:
            for frame in _answer(calls.read(int.from_bytes(head))):
                _say(answers, frame)


def _answer(call: bytes) -> Iterator[object]:
    try:
        function, args, seconds = pickle.loads(call)  # noqa: S301  # from our own parent
        signal.setitimer(signal.ITIMER_PROF, seconds)  # SIGPROF ends us, in the midst of a C library as well
        try:
            result = function(*args)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    except MemoryError:
        yield RAISED, ParseError("too-large", "reading it takes more memory than it may; watch a smaller page")
    except RecursionError:
        yield RAISED, ParseError("too-deep", "nested deeper than anything real; look at the page")
    except Exception as error:  # it belongs to the caller, whatever it is
        yield RAISED, _sendable(error)
    else:
        if type(result) is list and len(result) > PART:
            yield LIST, -(-len(result) // PART)
            for start in range(0, len(result), PART):
                yield LIST, result[start : start + PART]
        else:
            yield WHOLE, result


def _sendable(error: Exception) -> Exception:
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  # just made
    except Exception:  # an exception with a constructor of its own
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _say(answers: BinaryIO, frame: object) -> None:
    answers.write(_framed(frame))
    answers.flush()


def _die_with(parent: int) -> None:
    """Also by kill -9 while we compute. Elsewhere than on Linux the closed socket ends us, after the current job."""
    if sys.platform != "linux":
        return
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked
        sys.exit(1)


def _hold_at_most(memory: int) -> None:
    with suppress(ImportError, ValueError, OSError):  # not every system knows this limit
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
