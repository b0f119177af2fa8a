"""`tocsin sources`, against a site on 127.0.0.1 and a real database."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bot.cli.sources import slug_of
from bot.locale.say import Say
from bot.pipeline.preview import title_of
from bot.ports import Page
from tests.cli.conftest import Tocsin

FEED = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title> Flux fictif
&amp; d’essai</title><link>http://flux.example/</link><description>d</description>
<item><title>Panne fictive de messagerie</title><link>http://flux.example/1</link><guid isPermaLink="false">un</guid>
<pubDate>Mon, 02 Nov 2026 08:00:00 +0100</pubDate><description>Une panne inventée pour ce test.</description></item>
<item><title>Appel fictif</title><link>http://flux.example/2</link><guid isPermaLink="false">deux</guid></item>
</channel></rss>
"""
PRIVATE = {"TOCSIN_PRIVATE_NETWORKS": "127.0.0.0/8", "TOCSIN_LANGUAGE": "en"}


PAGE = """<!doctype html><html><head><title>Valmont (fictif)</title>
<link rel="alternate" type="application/rss+xml" href="/flux.xml"></head><body><p>Bienvenue.</p></body></html>"""


class Site(BaseHTTPRequestHandler):
    """Feeds at whatever ends in .xml, a page that declares one at /page."""

    def do_GET(self) -> None:
        found = self.path.endswith(".xml") or self.path == "/page"
        body = PAGE.encode() if self.path == "/page" else FEED.encode() if found else b"nothing here"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html" if self.path == "/page" else "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


@pytest.fixture
def mine(tmp_path: Path, site: str) -> dict[str, str]:
    """Settings whose sources file has one source that answers and one that does not."""
    path = tmp_path / "sources.toml"
    path.write_text(
        f'[[source]]\nid = "bon"\ntitle = "Bon"\nurl = "{site}/flux.xml"\n'
        f'[[source]]\nid = "perdu"\ntitle = "Perdu"\nurl = "{site}/nulle-part"\n'
    )
    return {**PRIVATE, "TOCSIN_SOURCES": str(path)}


def test_list_shows_the_sources_file_before_the_first_start(tocsin: Tocsin, mine: dict[str, str]) -> None:
    ended = tocsin("sources", "list", **mine)
    assert ended.code == 0
    assert [line.split("\t")[0] for line in ended.out.splitlines()] == ["bon", "perdu"]
    rows = json.loads(tocsin("sources", "list", "--json", **mine).out)
    assert [(row["id"], row["enabled"], row["error"]) for row in rows] == [("bon", True, None), ("perdu", True, None)]


def test_a_source_is_added_once_and_removed(tocsin: Tocsin, mine: dict[str, str], site: str) -> None:
    added = tocsin("sources", "add", f"{site}/autre.xml", "--id", "autre", "--topic", "care", "--every", "5", **mine)
    assert added.code == 0
    assert "autre" in added.out
    rows = {row["id"]: row for row in json.loads(tocsin("sources", "list", "--json", **mine).out)}
    assert (rows["autre"]["kind"], rows["autre"]["origin"]) == ("feed", "command line")
    again = tocsin("sources", "add", f"{site}/autre.xml", "--id", "encore", **mine)
    assert (again.code, again.out) == (1, "")
    assert "already watched" in again.err
    same = tocsin("sources", "add", f"{site}/encore.xml", "--id", "autre", **mine)
    assert same.code == 1
    assert "--id" in same.err
    assert tocsin("sources", "remove", "autre", **mine).code == 0
    assert tocsin("sources", "remove", "autre", **mine).code == 1


def test_a_place_that_cannot_be_read_is_not_added(tocsin: Tocsin, mine: dict[str, str], site: str) -> None:
    ended = tocsin("sources", "add", f"{site}/nulle-part-ailleurs", **mine)
    assert (ended.code, ended.out) == (1, "")
    assert "error" in ended.err
    assert len(json.loads(tocsin("sources", "list", "--json", **mine).out)) == 2


def test_a_source_of_the_file_is_removed_with_a_word_about_the_file(tocsin: Tocsin, mine: dict[str, str]) -> None:
    ended = tocsin("sources", "remove", "bon", **mine)
    assert ended.code == 0
    assert "sources.toml" in ended.out


def test_check_reads_now_and_stores_nothing(tocsin: Tocsin, mine: dict[str, str]) -> None:
    ended = tocsin("sources", "check", **mine)
    assert ended.code == 1  # one of the two does not answer
    good, bad = (line.split("\t") for line in ended.out.splitlines())
    assert (good[0], good[1], good[2], good[4], good[5]) == ("bon", "feed", "2", "now", "ok")
    assert bad[0] == "perdu"
    assert bad[5] != "ok"
    rows = json.loads(tocsin("sources", "list", "--json", **mine).out)
    assert [row["last_success"] for row in rows] == [None, None]
    assert tocsin("sources", "check", "bon", **mine).code == 0
    assert tocsin("sources", "check", "inconnu", **mine).code == 1


def test_check_as_json_says_what_was_found_and_what_is_wrong(tocsin: Tocsin, mine: dict[str, str]) -> None:
    ended = tocsin("sources", "check", "--json", **mine)
    assert ended.code == 1
    good, bad = json.loads(ended.out)
    assert (good["id"], good["kind"], good["entries"], good["error"]) == ("bon", "feed", 2, None)
    assert good["newest"] == "2026-11-02T07:00:00+00:00"
    assert (bad["id"], bad["entries"], bad["error"]["code"]) == ("perdu", 0, "http-error")


def test_check_shows_what_is_not_watched_without_reading_it(tocsin: Tocsin, tmp_path: Path, site: str) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(
        f'[[source]]\nid = "arret"\ntitle = "Arrêt"\nurl = "{site}/perdue"\nenabled = false\n'
        f'[[source]]\nid = "futur"\ntitle = "Futur"\nurl = "{site}/flux.xml"\nkind = "kind_to_come"\n'
    )
    ended = tocsin("sources", "check", TOCSIN_SOURCES=str(path), **PRIVATE)
    assert ended.code == 1
    stopped, unknown = (line.split("\t") for line in ended.out.splitlines())
    assert stopped == ["arret", "–", "–", "–", "–", "disabled"]
    assert unknown[0] == "futur" and "kind" in unknown[5]
    assert tocsin("sources", "check", "arret", TOCSIN_SOURCES=str(path), **PRIVATE).code == 1


def test_a_network_that_refuses_everything_gives_sentences(tocsin: Tocsin) -> None:
    ended = tocsin("sources", "check", TOCSIN_HTTP_PROXY="http://127.0.0.1:1", TOCSIN_LANGUAGE="fr")
    assert ended.code == 1
    assert "Traceback" not in ended.out + ended.err
    rows = [line.split("\t") for line in ended.out.splitlines()]
    assert {len(row) for row in rows} == {6}
    assert {row[5] for row in rows} <= {"connexion impossible", "arrêtée"}


def test_a_page_that_has_a_feed_is_added_as_its_feed(tocsin: Tocsin, mine: dict[str, str], site: str) -> None:
    said = tocsin("sources", "add", f"{site}/page", "--dry-run", TOCSIN_PRIVATE_NETWORKS="127.0.0.0/8")
    assert said.code == 0 and f"{site}/flux.xml" in said.out
    assert "127-0-0-1" not in [row["id"] for row in json.loads(tocsin("sources", "list", "--json").out)]
    added = tocsin("sources", "add", f"{site}/page", TOCSIN_PRIVATE_NETWORKS="127.0.0.0/8", TOCSIN_LANGUAGE="en")
    assert added.code == 0 and "leads to" in added.err
    rows = {row["id"]: row for row in json.loads(tocsin("sources", "list", "--json").out)}
    assert (rows["127-0-0-1"]["url"], rows["127-0-0-1"]["kind"]) == (f"{site}/flux.xml", "feed")


def test_a_name_that_no_sources_file_could_hold_is_wrong_usage(tocsin: Tocsin, site: str) -> None:
    ended = tocsin("sources", "add", f"{site}/flux.xml", "--id", "Été", **PRIVATE)
    assert ended.code == 2
    assert "--id" in ended.err


def test_discover_shows_what_there_is_and_how_to_add_it(tocsin: Tocsin, site: str) -> None:
    ended = tocsin("sources", "discover", f"{site}/page", **PRIVATE)
    assert ended.code == 0
    assert ended.out.splitlines()[0].split("\t") == [
        f"{site}/flux.xml",
        "feed",
        "Flux fictif & d’essai",
        "2",
        "2 Nov 2026, 08:00",
    ]
    assert f"tocsin sources add {site}/flux.xml" in ended.err
    (row,) = json.loads(tocsin("sources", "discover", f"{site}/page", "--json", **PRIVATE).out)
    assert (row["how"], row["count"], len(row["entries"])) == ("link", 2, 2)


def test_discover_of_nothing_is_one_sentence(tocsin: Tocsin, site: str) -> None:
    ended = tocsin("sources", "discover", f"{site}/nulle-part", **PRIVATE)
    assert (ended.code, ended.out) == (1, "")
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize(
    "command", [("search", "panne"), ("export", "-"), ("sources", "list"), ("sources", "export"), ("sources", "check")]
)
def test_a_command_that_reads_never_makes_a_database(
    tocsin: Tocsin, mine: dict[str, str], tmp_path: Path, command: tuple[str, ...]
) -> None:
    ended = tocsin(*command, TOCSIN_DATABASE_URL="sqlite:///nowhere/tocsin.db", **mine)
    assert [path.name for path in tmp_path.iterdir()] == ["sources.toml"]
    if command[0] != "sources":
        assert ended.code == 1 and "nowhere/tocsin.db" in ended.err and len(ended.err.splitlines()) == 1
    else:
        assert "bon" in ended.out.lower()


def test_preview_prints_the_contract_and_only_json(tocsin: Tocsin, site: str) -> None:
    ended = tocsin("sources", "preview", f"{site}/flux.xml", "--json", **PRIVATE)
    found = json.loads(ended.out)
    assert ended.code == 0
    assert list(found) == ["kind", "title", "entries", "held", "error"]
    assert (found["kind"], found["title"]) == ("feed", "Flux fictif & d’essai")
    assert (found["held"], found["error"]) == (None, None)
    first, second = found["entries"]
    assert first == {
        "id": "un",
        "url": "http://flux.example/1",
        "title": "Panne fictive de messagerie",
        "published": "2026-11-02T07:00:00+00:00",
        "authors": [],
        "summary": "Une panne inventée pour ce test.",
        "genre": "",
        "image": "",
        "body": "",
    }
    assert second["published"] is None


def test_preview_reads_a_file_without_network_and_leaves_nothing(tocsin: Tocsin, tmp_path: Path) -> None:
    (tmp_path / "page.xml").write_text(FEED)
    ended = tocsin("sources", "preview", "page.xml", **PRIVATE)
    assert ended.code == 0
    assert "Panne fictive de messagerie" in ended.out
    assert [path.name for path in tmp_path.iterdir()] == ["page.xml"]


def test_preview_of_an_articles_page_tells_its_genre_picture_and_text(tocsin: Tocsin, tmp_path: Path) -> None:
    paragraphs = ["Un premier paragraphe fictif, écrit pour cet essai. " * 3, "Un second, tout aussi inventé. " * 4]
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    (tmp_path / "page.html").write_text(
        "<html><head><meta property='og:image' content='https://journal.example/i/1.jpg'></head><body>"
        f"<h1>Un titre inventé pour Valmont</h1><p>24 sept. 2021 - 17:34,</p><p>Tribune - Ada Roux</p>{body}"
        "<p>A lire également.</p></body></html>"
    )
    (entry,) = json.loads(tocsin("sources", "preview", "page.html", "--json", **PRIVATE).out)["entries"]
    assert (entry["genre"], entry["image"], entry["published"]) == (
        "tribune",
        "https://journal.example/i/1.jpg",
        "2021-09-24T15:34:00+00:00",
    )
    assert entry["body"] == "\n\n".join(text.strip() for text in paragraphs)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://127.0.0.1:1/", "connection"),
        ("http://169.254.169.254/latest/meta-data", "blocked-address"),
        ("ftp://flux.example/", "blocked-scheme"),
        ("http://user:canary@flux.example/", "bad-url"),
        ("http://flux.example:25/", "blocked-port"),
    ],
)
def test_preview_says_why_nothing_can_be_read(tocsin: Tocsin, address: str, code: str) -> None:
    ended = tocsin("sources", "preview", address, "--json", **PRIVATE)
    assert ended.code == 1
    assert json.loads(ended.out)["error"]["code"] == code
    assert "canary" not in ended.out + ended.err
    plain = tocsin("sources", "preview", address, **PRIVATE)
    assert (plain.code, plain.out) == (1, "")
    assert len(plain.err.splitlines()) == 1


def test_preview_of_a_kind_nobody_has_is_wrong_usage(tocsin: Tocsin, site: str) -> None:
    ended = tocsin("sources", "preview", site, "--kind", "nonsense", **PRIVATE)
    assert ended.code == 2
    assert "feed" in ended.err


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (b"<rss><channel><title><![CDATA[Avis & alertes]]></title></channel></rss>", "Avis & alertes"),
        (b'{"items": [{"title": "non"}], "title": "Flux JSON"}', "Flux JSON"),
        (b'{"title": ["non"]}', ""),
        (b"{", ""),
        ("<html><TITLE>\n Santé </TITLE>".encode(), "Santé"),
        (b"<html><body>", ""),
    ],
)
def test_a_page_is_called_as_it_calls_itself(body: bytes, title: str) -> None:
    assert title_of(Page(url="https://x.example/", body=body)) == title
    assert title_of(Page(url="https://x.example/", body=body, charset="no-such-charset")) == title


def test_a_source_is_named_after_its_site() -> None:
    assert slug_of("https://www.exemple.fr/flux.xml") == "exemple-fr"
    assert slug_of("exemple.fr") == "exemple-fr"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_the_command_line_says_exists_in_both_languages(language: str) -> None:
    say = Say(language)
    assert say("cli.sources.preview", kind="feed", count=2)
