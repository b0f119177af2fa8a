"""What becomes of errors: a sentence, an exit code, never a traceback, never a secret."""

import subprocess
import sys

import pytest

from bot.__main__ import told
from bot.errors import BotError, ConfigError
from tests.cli.conftest import Tocsin
from tests.put_back import logging_put_back


def test_help_needs_no_settings(tocsin: Tocsin) -> None:
    ended = tocsin("--help", TOCSIN_LANGUAGE="nonsense")
    assert ended.code == 0
    assert "doctor" in ended.out


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("run", "--nonsense"), ("run", "--roles", "x"), ("sources", "add")]
)
def test_wrong_usage_ends_with_2(tocsin: Tocsin, arguments: tuple[str, ...]) -> None:
    ended = tocsin(*arguments)
    assert ended.code == 2
    assert ended.out == ""
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("arguments", [("run",), ("sources", "list"), ("db", "upgrade")])
def test_all_bad_settings_are_told_and_end_with_2(tocsin: Tocsin, arguments: tuple[str, ...]) -> None:
    ended = tocsin(
        *arguments,
        TOCSIN_POLL_MIN_SECONDS="soon",
        TOCSIN_LANGUAGE="de",
        TOCSIN_TELEGRAM_TOKEN="canary canary",
        TOCSIN_SOURCES="nowhere.toml",
    )
    assert ended.code == 2
    assert [line.partition(":")[0].partition("=")[0] for line in ended.err.splitlines()] == [
        "TOCSIN_TELEGRAM_TOKEN",
        "TOCSIN_SOURCES",
        "TOCSIN_LANGUAGE",
        "TOCSIN_POLL_MIN_SECONDS",
    ]
    assert "canary" not in ended.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("change a setting"), 2),
        (BotError("the thing failed"), 1),
        (ExceptionGroup("jobs", [BotError("one"), ExceptionGroup("more", [ConfigError("two")])]), 1),
    ],
)
def test_our_errors_end_with_their_sentences(error: Exception, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    with logging_put_back():
        assert told(error) == code
    lines = capsys.readouterr().err.splitlines()
    assert lines
    assert all("Traceback" not in line for line in lines)


def test_an_unexpected_error_is_logged_without_secrets_and_ends_with_1(tocsin: Tocsin) -> None:
    program = (
        "import sys; from bot import __main__ as entry; "
        "entry.tocsin.callback = None; "
        "entry.tocsin.add_command(entry.click.Command('fail', callback=lambda: (_ for _ in ()).throw("
        "RuntimeError('https://api.telegram.org/bot123456789:AAF0canaryCanaryCanaryCanaryCanary_0/getMe')))); "
        "entry.main(['fail'])"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "RuntimeError" in ended.stderr
    assert "canary" not in ended.stderr + ended.stdout


def test_a_variable_that_is_no_setting_is_told_and_the_command_goes_on(tocsin: Tocsin) -> None:
    ended = tocsin("sources", "list", TOCSIN_TELEGRAM_TOKE="1")
    assert ended.code == 0
    assert "TOCSIN_TELEGRAM_TOKEN?" in ended.err
