"""`tocsin config export` and `import`: one file, there and back, with what would change in words."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Tocsin

FILE = """
format = 1
[[channel]]
platform = "telegram"
chat = "-1001"
title = "DSI du CHU fictif"
language = "fr"
quiet = "22h-7h"
[[channel.subscription]]
what = "alerts"
from = "warning"
[[watchlist]]
community = "telegram:-1001"
products = [{ vendor = "fortinet", product = "fortios" }]
"""
ENGLISH = {"TOCSIN_LANGUAGE": "en"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "c.toml"
    path.write_text(FILE, "utf-8")
    return path


def test_a_dry_run_says_what_would_change_and_makes_nothing(tocsin: Tocsin, file: Path, tmp_path: Path) -> None:
    ended = tocsin("config", "import", str(file), "--dry-run", **ENGLISH)
    assert ended.code == 0
    assert ended.out.splitlines()[0] == "+ telegram -1001 DSI du CHU fictif"
    assert "  + alerts from “Warning” · at once" in ended.out.splitlines()
    assert "  + fortinet fortios" in ended.out.splitlines()
    assert list(tmp_path.iterdir()) == [file]


def test_twice_changes_nothing_and_an_export_is_imported_without_a_change(tocsin: Tocsin, file: Path) -> None:
    tocsin("config", "import", str(file))
    assert tocsin("config", "import", str(file), **ENGLISH).out == "Nothing changes: all is so already.\n"
    exported = tocsin("config", "export", "-").out
    file.write_text(exported, "utf-8")
    assert tocsin("config", "import", str(file), **ENGLISH).out == "Nothing changes: all is so already.\n"
    assert tocsin("config", "export").out == exported
    tocsin("config", "export", "other.toml")
    assert Path("other.toml").read_text("utf-8") == exported


def test_what_goes_comes_and_differs_has_a_sign_of_its_own(tocsin: Tocsin, file: Path) -> None:
    tocsin("config", "import", str(file))
    file.write_text(FILE.replace("22h-7h", "21h-7h").replace('from = "warning"', "").replace("fortios", "fortiweb"))
    ended = tocsin("config", "import", str(file), **ENGLISH)
    assert ended.out.splitlines() == [
        "~ telegram -1001 DSI du CHU fictif",
        "  ~ quiet: 22:00-07:00 → 21:00-07:00",
        "  − alerts from “Warning” · at once",
        "  + all alerts · at once",
        "~ watchlist of telegram:-1001",
        "  − fortinet fortios",
        "  + fortinet fortiweb",
    ]


def test_nothing_is_written_when_something_is_wrong(tocsin: Tocsin, file: Path) -> None:
    file.write_text(FILE + '[[channel]]\nplatform = "telegram"\nchat = "12"\n[[channel]]\n')
    ended = tocsin("config", "import", str(file), **ENGLISH)
    assert ended.code == 1
    assert [line.partition(": ")[0] for line in ended.err.splitlines()] == [
        f"{file}, line 17",
        f"{file}, line 18",
        f"{file}, line 18",
    ]
    assert not Path("data").exists()


def test_a_database_that_is_not_there_is_not_made_by_an_export(tocsin: Tocsin) -> None:
    ended = tocsin("config", "export")
    assert (ended.code, ended.out) == (1, "")
    assert not Path("data").exists()


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a = " + b"[" * 100_000, b"a = " + b"9" * 10_000, b""])
def test_a_file_that_is_none_of_ours_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.toml").write_bytes(content)
    command = [sys.executable, "-m", "bot", "config", "import", "x.toml"]
    env = {"PYTHONPATH": str(Path(__file__).parents[2]), "TOCSIN_LANGUAGE": "en"}
    ended = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith("x.toml")
    assert len(ended.stderr.splitlines()) == 1
