"""Logs for people or for machines, and the one place where secrets are taken out of them.

The libraries we use log addresses with tokens inside, and put tokens into the texts of their exceptions. So what is
cleaned is the finished line, traceback included, in the formatter of the only handler: nothing comes after it.
"""

import json
import logging
import re
import sys
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import IO, Literal
from urllib.parse import quote

import structlog

HIDDEN = "[hidden]"
SHORTEST_SECRET = 6  # characters; hiding "a" everywhere would hide the log itself

# What a secret looks like even when nobody told us about it. The group before the secret is kept.
SHAPES = (
    re.compile(r"()\b\d{6,}:[A-Za-z0-9_-]{30,}"),  # a Telegram token
    re.compile(r"(/bot)\d+:[^/\s\"']+"),  # … in the path of any Bot API call
    re.compile(r"()\b[A-Za-z0-9_-]{23,28}\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27,}"),  # a Discord token
    re.compile(r"(/webhooks/\d+/)[A-Za-z0-9_-]{20,}"),  # a Discord webhook
    re.compile(r"(/calendar/)[0-9a-f]{32}"),  # a channel's calendar
    re.compile(r"(/interactions/\d+/)[A-Za-z0-9_-]{20,}"),
    re.compile(r"(?i)(\bauthorization\b['\"]?\s*[:=,]\s*['\"]?)(?:(?:bot|bearer|basic)\s+)?[^\s'\",)}]+"),
    re.compile(r"(?i)(\bx-telegram-bot-api-secret-token\b['\"]?\s*[:=,]\s*['\"]?)[^\s'\",)}]+"),
    re.compile(r"(://[^/@\s:]*:)[^/@\s]+(?=@)"),  # a password in an address
)

# Loggers that tell addresses, headers or whole bodies: at most this much is asked of them, whatever our own level.
QUIET = {
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "telegram": logging.INFO,
    "discord": logging.INFO,
    "discord.http": logging.WARNING,
    "aiohttp.access": logging.WARNING,
    "aiosqlite": logging.INFO,
    "asyncio": logging.INFO,
}

_secrets: set[str] = set()


def keep_secret(*values: str) -> None:
    """From now on these never appear, in any of the spellings a log may give them."""
    for value in values:
        if len(value) >= SHORTEST_SECRET:
            _secrets.update({value, quote(value, safe=""), quote(value), repr(value)[1:-1], json.dumps(value)[1:-1]})


def redact(text: str) -> str:
    for secret in sorted(_secrets, key=len, reverse=True):  # a secret may hold another one
        text = text.replace(secret, HIDDEN)
    for shape in SHAPES:
        text = shape.sub(rf"\1{HIDDEN}", text)
    return text


class Redacting(logging.Formatter):
    """The redaction filter: whatever the inner formatter made of a record, secrets are taken out of the whole of it."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        try:
            return redact(self._inner.format(record))
        except Exception as error:  # else logging itself would print the raw arguments to stderr
            return redact(f"a log line of {record.name} could not be written: {record.msg!r} ({error!r})")


def configure(
    level: str = "INFO", style: Literal["console", "json"] = "console", *, stream: IO[str] | None = None
) -> None:
    """One handler on the root logger, for the standard library's loggers and structlog's alike. May be called again."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Redacting(_formatter(style, colors=stream.isatty())))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(least)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda args: _log_uncaught(args.exc_type, args.exc_value, args.exc_traceback)
    sys.unraisablehook = lambda args: _log_uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def _shared() -> Iterable[Callable[..., structlog.typing.EventDict]]:
    return (
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    )


def _formatter(style: Literal["console", "json"], *, colors: bool) -> logging.Formatter:
    processors: list[structlog.typing.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if style == "json":
        processors += [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ]
    else:  # plain tracebacks: the pretty ones show local variables, tokens among them
        processors.append(
            structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=structlog.dev.plain_traceback)
        )
    return structlog.stdlib.ProcessorFormatter(processors=processors, foreign_pre_chain=list(_shared()))


def _log_uncaught(kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None) -> None:
    if error is None or issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("tocsin").critical("stopped by an unexpected error", exc_info=(kind, error, traceback))
