"""What time it is: here, and according to a server."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import aiohttp

TIMEOUT = aiohttp.ClientTimeout(total=10)


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerTime:
    """The `Date` header of an answer (RFC 9110 §6.6.1): to the second, and as old as the answer took to come."""

    proxy: str | None = None
    ca_file: Path | None = None

    async def at(self, url: str) -> datetime | None:
        """None: unreachable, or it does not say."""
        context = ssl.create_default_context(cafile=self.ca_file)
        try:
            async with (
                aiohttp.ClientSession(timeout=TIMEOUT) as session,
                session.head(url, proxy=self.proxy, ssl=context, allow_redirects=False) as answer,
            ):
                return parsedate_to_datetime(answer.headers["Date"])
        except (aiohttp.ClientError, TimeoutError, OSError, KeyError, ValueError):
            return None
