"""`tocsin sources preview` on what nobody would want to read: one answer in the contract's words, no traceback."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.locale.say import Say
from bot.pipeline.preview import printable, title_of
from bot.ports import Page
from tests.cli.conftest import Tocsin
from tests.stands.origin import rss

PRIVATE = {"TOCSIN_PRIVATE_NETWORKS": "127.0.0.0/8", "TOCSIN_LANGUAGE": "en"}
JSON_FEED = '{"version":"https://jsonfeed.org/version/1.1","title":"%s","items":[{"id":"1","title":"%s"}]}'
NO_NAME = "a" * 300  # longer than a file's name may be


def seen(tocsin: Tocsin, address: str, *more: str) -> tuple[int, dict[str, object]]:
    ended = tocsin("sources", "preview", address, "--json", *more, **PRIVATE)
    assert ended.err == ""
    found = json.loads(ended.out)
    assert list(found) == ["kind", "title", "entries", "held", "error"]
    found["out"] = ended.out
    return ended.code, found


def refusal(tocsin: Tocsin, address: str, *more: str) -> str:
    code, found = seen(tocsin, address, *more)
    assert (code, found["entries"]) == (1, [])
    error = found["error"]
    assert isinstance(error, dict)
    assert "\n" not in error["message"]
    assert Say("en").has(f"source.{error['code']}")
    return str(error["code"])


# -- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["/no/such/file.xml", "./none.xml", "../none.xml", "/", ".//", f"/{NO_NAME}", "/a" * 3_000]
)
def test_a_path_that_leads_to_no_file_is_said_to(tocsin: Tocsin, address: str) -> None:
    assert refusal(tocsin, address) == "connection"


def test_a_packed_file_that_ends_early_says_so_beside_its_entries(tocsin: Tocsin, tmp_path: Path) -> None:
    packed = gzip.compress(rss(400))
    (tmp_path / "feed.xml.gz").write_bytes(packed[: len(packed) // 2])
    _, found = seen(tocsin, str(tmp_path / "feed.xml.gz"))
    assert isinstance(found["error"], dict)
    assert isinstance(found["entries"], list)
    assert found["error"]["code"] == "truncated"
    assert 50 < len(found["entries"]) < 350


def test_a_pipe_is_not_waited_for(tocsin: Tocsin, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tocsin, str(tmp_path / "pipe")) == "connection"


def test_a_link_to_itself_is_no_file(tocsin: Tocsin, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert refusal(tocsin, str(tmp_path / "loop")) == "connection"


def test_an_empty_file_and_one_too_large_are_named(tocsin: Tocsin, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert refusal(tocsin, str(tmp_path / "empty")) == "empty-body"
    (tmp_path / "blank").write_bytes(b"\xef\xbb\xbf \n")
    assert refusal(tocsin, str(tmp_path / "blank")) == "empty-body"
    with (tmp_path / "large").open("wb") as file:
        file.truncate(8 * 2**20 + 1)
    assert refusal(tocsin, str(tmp_path / "large")) == "too-large"


@pytest.mark.parametrize("name", ["un flux.xml", "flux-é.xml", "a%20b", "a?b#c", "flux", "a\nb"])
def test_a_file_of_any_name_is_read(tocsin: Tocsin, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(rss(2))
    code, found = seen(tocsin, name)
    assert (code, found["kind"], found["error"]) == (0, "feed", None)


# -- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "JavaScript:/x", "about:blank", "data:text/html,x", "mailto:a@b.test", "file:/x"]
)
def test_another_scheme_is_refused_as_such(tocsin: Tocsin, address: str) -> None:
    assert refusal(tocsin, address) == "blocked-scheme"


@pytest.mark.parametrize("address", ["", " ", "http://", "http://[", "http://x y/", "//", "u:canary@echo.invalid/"])
def test_what_is_no_address_is_refused_and_no_password_repeated(tocsin: Tocsin, address: str) -> None:
    assert refusal(tocsin, address) == "bad-url"
    ended = tocsin("sources", "preview", address, **PRIVATE)
    assert (ended.code, ended.out, len(ended.err.splitlines())) == (1, "", 1)
    assert "canary" not in ended.err.replace(address, "")


def test_a_host_with_a_port_needs_no_scheme(tocsin: Tocsin) -> None:
    assert refusal(tocsin, "127.0.0.1:1") == "connection"
    assert refusal(tocsin, "127.0.0.1:1/flux.xml") == "connection"


# -- what is printed --------------------------------------------------------------------------------------------------


def test_half_a_character_is_printed_as_a_mark(tocsin: Tocsin, tmp_path: Path) -> None:
    (tmp_path / "half.json").write_text(JSON_FEED % (r"f\udfff", r"a\ud800b"))
    code, found = seen(tocsin, "half.json")
    assert (code, found["title"]) == (0, "f?")
    assert '"title": "a\ufffdb"' in str(found["out"])
    assert tocsin("sources", "preview", "half.json", **PRIVATE).code == 0


def test_no_part_of_an_entry_holds_half_a_character(tocsin: Tocsin, tmp_path: Path) -> None:
    names = ("id", "url", "title", "content_text", "summary")
    item = {name: "a\ud800b" for name in names} | {"authors": [{"name": "\ud800"}], "tags": ["tribune\ud800"]}
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "\ud800", "items": [item]}
    (tmp_path / "all.json").write_text(json.dumps(feed))
    code, found = seen(tocsin, "all.json")
    assert code == 0
    str(found["out"]).encode()


def test_a_title_gives_the_terminal_no_orders(tocsin: Tocsin, tmp_path: Path) -> None:
    (tmp_path / "orders.json").write_text(JSON_FEED % (r"\u001b]0;f\u0007", r"a\u001b[31mb\u0000\u009bc"))
    told = tocsin("sources", "preview", "orders.json", **PRIVATE)
    assert told.code == 0
    assert "a[31mbc" in told.out
    assert not set(told.out) & {"\x1b", "\x00", "\x9b", "\x07"}


def test_a_terminal_that_cannot_write_it_is_no_reason_to_stop(tmp_path: Path) -> None:
    """In a process of its own: what is written to is the interpreter's."""
    (tmp_path / "flux.json").write_text(JSON_FEED % ("f", r"Panne \ud83c\udfe5"))
    ended = subprocess.run(
        [sys.executable, "-m", "bot", "sources", "preview", str(tmp_path / "flux.json")],
        env={"PATH": os.environ["PATH"], "PYTHONIOENCODING": "latin-1", "TOCSIN_LANGUAGE": "en"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert rb"Panne \U0001f3e5" in ended.stdout


def test_lines_and_what_can_be_seen_stay() -> None:
    assert printable("Été\n\nl’hôpital 🏥 e\u0301\u00a0!") == "Été\n\nl’hôpital 🏥 e\u0301\u00a0!"


# -- what a page calls itself -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("charset", ["idna", "undefined", "zip", "banane", "x" * 500])
def test_a_charset_that_is_none_costs_no_title(charset: str) -> None:
    assert title_of(Page(url="https://x.example/", body="<title>Santé</title>".encode(), charset=charset)) == "Santé"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_a_title_is_read_in_the_encoding_the_page_declares(encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?><rss><channel><title>Santé</title>'.encode(encoding)
    assert title_of(Page(url="https://x.example/", body=body)) == "Santé"


def test_another_tag_that_begins_so_is_no_title() -> None:
    body = b"<titlebar>non</titlebar><Title lang='fr'>oui</title >"
    assert title_of(Page(url="https://x.example/", body=body)) == "oui"


def test_a_title_that_does_not_end_is_none() -> None:
    assert title_of(Page(url="https://x.example/", body=b"<title>" * 100_000)) == ""
    assert title_of(Page(url="https://x.example/", body=b"<title " * 100_000)) == ""
