"""How the stand-in refuses and misbehaves: Discord's errors, its windows, and faults made on purpose."""

import json
import math
import time
from dataclasses import dataclass

from aiohttp import web

from tests.stands.discord_world import Json


class Refused(Exception):
    """An error as Discord writes it."""

    def __init__(self, status: int, code: int, message: str, *, headers: Json | None = None, **more: object) -> None:
        super().__init__(message)
        self.status, self.headers = status, headers or {}
        self.body: Json = {"message": message, "code": code, **more}


@dataclass(slots=True, kw_only=True)
class Fault:
    """How the next calls about messages misbehave."""

    kind: str  # throttle, lose, garble, fail, late
    calls: int
    number: int | None = None  # only this chat's
    seconds: float = 0.0
    status: int = 0
    code: int = 0


@dataclass(slots=True)
class Window:
    """Discord counts from the first request on, until the window ends."""

    limit: int
    seconds: float
    used: int = 0
    ends: float = 0.0

    def take(self) -> float:
        """Seconds to wait; 0.0: it may pass."""
        now = time.monotonic()
        if now >= self.ends:
            self.used, self.ends = 0, now + self.seconds
        if self.used >= self.limit:
            return self.ends - now
        self.used += 1
        return 0.0

    def headers(self, bucket: str) -> dict[str, str]:
        left = max(0.0, self.ends - time.monotonic())
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.limit - self.used),
            "X-RateLimit-Reset": f"{time.time() + left:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": bucket,
        }


def answer(body: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """The content type exactly as Discord writes it: the library compares the whole header."""
    content = json.dumps(body).encode()
    return web.Response(body=content, status=status, headers={"Content-Type": "application/json", **(headers or {})})


def throttled(seconds: float, *, whole_lane: bool) -> Refused:
    headers = {"Retry-After": str(math.ceil(seconds)), "Via": "1.1 google"}
    headers |= {"X-RateLimit-Global": "true"} if whole_lane else {}
    headers["X-RateLimit-Scope"] = "global" if whole_lane else "user"
    message = "You are being rate limited."
    return Refused(429, 0, message, headers=headers, retry_after=round(seconds, 3), **{"global": whole_lane})
