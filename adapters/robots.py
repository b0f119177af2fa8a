"""What a site's robots.txt asks of us (RFC 9309): asked once a day, judged by `protego`, remembered in little room.

A file of 512 KiB may hold 30,000 rules, or thousands of names for one group, for which `protego` needs seconds. So it
is given an excerpt: the few rules that are for us, gathered without holding the loop.
"""

import asyncio
import math
import re
import time
import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import lru_cache
from weakref import WeakValueDictionary

from protego import Protego
from yarl import URL

from bot.errors import FetchError

AGENT = "Tocsin"
MOST_BYTES = 512 * 1024  # RFC 9309 §2.5: at least so much must be read
KNOWN_FOR = timedelta(days=1)  # RFC 9309 §2.4
UNKNOWN_FOR = timedelta(minutes=10)
LONGEST_DELAY = timedelta(seconds=30)

MOST_HOSTS, MOST_KEPT = 10_000, 4 * 2**20  # origins, and bytes of packed rules
MOST_RULES, MOST_TEXT = 300, 16 * 1024  # of one excerpt: judged in 7 ms, the worst we could think of
LONGEST_RULE, MOST_WILDCARDS = 512, 20
LINES_AT_ONCE = 200

LINE = re.compile(r"[^\r\n]+")
# As `protego` reads them: a missing colon and the usual misspellings are understood.
FIELD = re.compile(
    r"\s*+(?:(user-?\s?agent)|(dis{1,2}al+[ao]w)|(allow)|(crawl-?\s?delay))\s*[:\s]([^#]*)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Rules:
    """`packed`: an excerpt; b"": everything is allowed. `until`: of the clock of `Robots`."""

    packed: bytes
    delay: float  # seconds between two requests
    until: float


class Robots:
    """`ask` brings the body of a robots.txt, b"" where there is none (4xx); FetchError when nobody can tell."""

    def __init__(self, ask: Callable[[URL], Awaitable[bytes]], now: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._now = now
        self._known: OrderedDict[str, Rules] = OrderedDict()  # by origin, the one asked for last at the end
        self._kept = 0  # bytes of packed rules
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def check(self, url: URL) -> float:
        """Seconds to leave between two requests to this host. Raises FetchError("challenge") where we may not read."""
        rules = await self._rules(url.origin())
        if not allows(rules.packed, str(url)):
            wish = "its robots.txt asks readers like us to stay out; ask the site, or find another address"
            raise FetchError("challenge", f"{url}: {wish}")
        return rules.delay

    async def _rules(self, origin: URL) -> Rules:
        key = str(origin)
        lock = self._asking.setdefault(key, asyncio.Lock())
        async with lock:  # who comes while it is asked for takes the same answer
            known = self._known.get(key)
            if known is None or known.until <= self._now():
                known = await self._asked(origin, known)
                self._keep(key, known)
            else:
                self._known.move_to_end(key)
        return known

    async def _asked(self, origin: URL, known: Rules | None) -> Rules:
        try:
            body = await self._ask(origin.with_path("/robots.txt"))
        except FetchError:
            # RFC 9309 §2.3.1.4 would have us take it for "keep out". But an alert must not be missed because one file
            # answers 503; and where the whole site is down, its page says so itself.
            until = self._now() + UNKNOWN_FOR.total_seconds()
            return replace(known, until=until) if known else Rules(b"", 0.0, until)
        text, delay = await excerpt(body)
        return Rules(zlib.compress(text.encode(), 9) if text else b"", delay, self._now() + KNOWN_FOR.total_seconds())

    def _keep(self, key: str, rules: Rules) -> None:
        before = self._known.pop(key, None)
        self._known[key] = rules
        self._kept += len(rules.packed) - (len(before.packed) if before else 0)
        while len(self._known) > MOST_HOSTS or self._kept > MOST_KEPT:
            _, oldest = self._known.popitem(last=False)
            self._kept -= len(oldest.packed)


@lru_cache(maxsize=512)
def allows(packed: bytes, url: str) -> bool:
    return not packed or Protego.parse(zlib.decompress(packed).decode()).can_fetch(url, AGENT)


# -- the excerpt ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Group:
    """The rules under one name."""

    rules: list[str] = field(default_factory=list)
    size: int = 0  # characters
    forbids: bool = False
    delay: float = 0.0

    def add(self, verb: str, path: str) -> None:
        full = len(self.rules) == MOST_RULES or self.size + len(path) > MOST_TEXT
        if path and not full and len(path) <= LONGEST_RULE and path.count("*") <= MOST_WILDCARDS:
            self.rules.append(f"{verb}: {path}\n")
            self.size += len(path)
            self.forbids |= verb == "Disallow"

    def wait(self, text: str) -> None:
        try:
            seconds = float(text)
        except ValueError:
            return
        if math.isfinite(seconds) and seconds > 0:
            self.delay = min(seconds, LONGEST_DELAY.total_seconds())


async def excerpt(body: bytes) -> tuple[str, float]:
    """(a robots.txt with the rules that are for us, "" if none forbids anything; seconds of its Crawl-delay).

    The group that names us, else the one for everybody: RFC 9309 §2.2.1.
    """
    groups: dict[str, _Group] = {}
    current: list[_Group] = []
    naming = False  # the last line named a reader: the next one that does so joins it
    for number, line in enumerate(LINE.finditer(body.decode("utf-8-sig", "replace"))):
        if number % LINES_AT_ONCE == 0:
            await asyncio.sleep(0)
        if (found := FIELD.match(line[0][: LONGEST_RULE * 2])) is None:
            continue
        value = " ".join(found[5].split())
        if found[1]:
            current = current if naming else []
            naming = True
            if (name := _name(value)) and (group := groups.setdefault(name, _Group())) not in current:
                current.append(group)
            continue
        naming = False
        for group in current:
            if found[4]:
                group.wait(value)
            else:
                group.add("Disallow" if found[2] else "Allow", value)
    ours = groups.get(AGENT.lower()) or groups.get("*") or _Group()
    return (f"User-agent: *\n{''.join(ours.rules)}" if ours.forbids else ""), ours.delay


def _name(value: str) -> str:
    """The two names that concern us: ours, whatever version stands behind it, and "*"; "" for any other."""
    name = re.split(r"[/ ]", value.lower(), maxsplit=1)[0]
    return name if name in (AGENT.lower(), "*") else ""
