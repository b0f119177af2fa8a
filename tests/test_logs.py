"""No secret is in what is logged, whichever way it came there."""

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from bot import logs
from tests.put_back import logging_put_back

KNOWN = "canary/known secret"
TELEGRAM = "123456789:AAF0canaryCanaryCanaryCanaryCanary_0"
DISCORD = "MTAwMDAwMDAwMDAwMDAwMDAw.Gcanry.canaryCanaryCanaryCanaryCanaryCana"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What is logged, as `configure` sets it up."""
    stream = io.StringIO()
    with logging_put_back():
        logs.configure("DEBUG", stream=stream)
        logs.keep_secret(KNOWN)
        yield stream


@pytest.mark.parametrize(
    "text",
    [
        KNOWN,
        "canary%2Fknown%20secret",
        f"token {TELEGRAM} refused",
        f"GET http://127.0.0.1:1/bot{TELEGRAM}/getUpdates",
        "POST https://api.example.org/bot42:canary-short/sendMessage",
        f"headers {{'Authorization': 'Bot {DISCORD}'}}",
        f"identify {DISCORD}",
        "Authorization: Bearer canary.canary",
        "postgresql://tocsin:canary@db/tocsin",
        "X-Telegram-Bot-Api-Secret-Token: canary",
        "POST /api/v10/interactions/77/aW50ZXJhY3Rpb246canarycanary/callback",
    ],
)
def test_the_redaction_filter_hides_secrets_in_messages_arguments_and_tracebacks(
    stream: io.StringIO, text: str
) -> None:
    log = logging.getLogger("any.library")
    log.debug(text)
    log.error("args %s %r", text, {"in": text})
    log.error("extra", extra={"body": text})
    structlog.get_logger("ours").info("event", value=text, nested={"deep": [text]})
    try:
        raise ValueError(text)
    except ValueError:
        log.exception("failed")
        structlog.get_logger("ours").exception("failed too")
    written = stream.getvalue()
    assert "canary" not in written
    assert written.count(logs.HIDDEN) >= 6
    assert written.count("ValueError") >= 2


def test_the_address_of_a_calendar_is_hidden_and_no_other_address_is() -> None:
    secret = "0123456789abcdef" * 2
    assert secret not in logs.redact(f"<Request GET /calendar/{secret}.ics>")
    assert logs.redact("GET /calendar/short.ics") == "GET /calendar/short.ics"


def test_an_uncaught_exception_is_redacted_too(stream: io.StringIO) -> None:
    error = RuntimeError(f"https://api.telegram.org/bot{TELEGRAM}/getMe")
    sys.excepthook(RuntimeError, error, None)
    assert "RuntimeError" in stream.getvalue()
    assert "canary" not in stream.getvalue()


def test_a_log_call_with_wrong_arguments_does_not_print_them(
    stream: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    (ours,) = (handler for handler in logging.getLogger().handlers if isinstance(handler.formatter, logs.Redacting))
    ours.handle(logging.LogRecord("any", logging.ERROR, __file__, 1, "one %s two %s " + KNOWN, (TELEGRAM,), None))
    assert "could not be written" in stream.getvalue()
    assert "canary" not in stream.getvalue() + capsys.readouterr().err


def test_a_secret_inside_a_longer_secret_leaves_nothing_behind(stream: io.StringIO) -> None:
    logs.keep_secret("abcdef", "abcdef-ghijkl")
    assert logs.redact("abcdef-ghijkl abcdef") == f"{logs.HIDDEN} {logs.HIDDEN}"


def test_json_lines_are_json_and_keep_the_values(stream: io.StringIO) -> None:
    out = io.StringIO()
    logs.configure("INFO", "json", stream=out)
    structlog.get_logger("ours").info("source read", source="dsih", new=3)
    logging.getLogger("theirs").warning("lé %s", 2)
    ours, theirs = (json.loads(line) for line in out.getvalue().splitlines())
    assert (ours["event"], ours["source"], ours["new"], ours["level"]) == ("source read", "dsih", 3, "info")
    assert (theirs["event"], theirs["logger"], theirs["level"]) == ("lé 2", "theirs", "warning")


def test_libraries_that_log_addresses_are_kept_quiet_at_debug(stream: io.StringIO) -> None:
    logging.getLogger("httpx").info("HTTP Request: POST https://api.telegram.org/…")
    logging.getLogger("discord.http").debug("a body")
    assert stream.getvalue() == ""
