"""The files of answers, fetched by whoever was shown their address: kept in memory, and not for long."""

import secrets
import time
from collections import OrderedDict

from bot.view import Attachment

KEPT_SECONDS = 900.0  # what an answer's buttons live on Discord
MOST = 64

PATH = "/file/"


class Files:
    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[float, Attachment]] = OrderedDict()  # oldest first

    def offer(self, file: Attachment) -> str:
        """Where it is fetched; nobody guesses that."""
        self._forget()
        code = secrets.token_urlsafe(16)
        self._kept[code] = (time.monotonic(), file)
        return PATH + code

    def find(self, code: str) -> Attachment | None:
        self._forget()
        _, file = self._kept.get(code, (0.0, None))
        return file

    def _forget(self) -> None:
        while self._kept:
            since, _ = next(iter(self._kept.values()))
            if len(self._kept) < MOST and time.monotonic() - since < KEPT_SECONDS:
                return
            self._kept.popitem(last=False)
