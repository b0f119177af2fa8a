"""`tocsin sources import` and `export`: what another reader watches, line by line, and back again."""

import json
from pathlib import Path

import pytest

from bot import catalogue
from tests.cli.conftest import Tocsin

FRENCH = {"TOCSIN_LANGUAGE": "fr"}
OPML = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>Veille fictive</title></head><body>
<outline text="CaRE"><outline text="Un (fictif)" type="rss" xmlUrl="https://un.example/flux"/></outline>
<outline text="Divers">
<outline text="Deux &amp; demi" xmlUrl="https://deux.example/a?b=1&amp;c=2"/>
<outline text="Un encore" xmlUrl="http://www.un.example/flux/"/>
<outline text="Vieux" xmlUrl="ftp://trois.example/x"/>
<outline text="Secret" xmlUrl="https://moi:canary@quatre.example/x"/>
<outline text="DSIH" xmlUrl="https://dsih.fr/"/>
</outline></body></opml>
"""


def listed(tocsin: Tocsin) -> dict[str, dict[str, object]]:
    return {row["url"]: row for row in json.loads(tocsin("sources", "list", "--json").out)}


@pytest.fixture
def opml(tmp_path: Path) -> str:
    path = tmp_path / "veille.opml"
    path.write_text(OPML)
    return str(path)


def test_each_line_says_what_became_of_it(tocsin: Tocsin, opml: str) -> None:
    ended = tocsin("sources", "import", opml, **FRENCH)
    lines = ended.out.replace("\u00a0", " ").splitlines()
    assert [line.split(" :")[0] for line in lines] == [
        "ajoutée",
        "ajoutée",
        "en double dans le fichier",
        "refusée, ligne 7",
        "refusée, ligne 8",
        "déjà suivie",
        "Ajoutées",
    ]
    assert lines[1] == "ajoutée : Deux & demi (https://deux.example/a?b=1&c=2)"
    assert "adresse qui n’est ni http ni https" in lines[3] and "adresse mal écrite" in lines[4]
    assert lines[-1] == "Ajoutées : 2. Déjà suivies : 1. En double : 1. Refusées : 2."
    assert ended.code == 1  # two lines were refused
    assert "canary" not in ended.out + ended.err
    rows = listed(tocsin)
    assert rows["https://un.example/flux"]["origin"] == "command line"
    assert rows["https://un.example/flux"]["id"] == "un-example-flux"
    assert rows["https://un.example/flux"]["kind"] is None  # found out at the first reading
    by_id = {
        source.slug: source for source in catalogue.parse(tocsin("sources", "export", "--format", "toml").out, "x")
    }
    assert by_id["un-example-flux"].topics == ("care",)
    assert by_id["deux-example-a-b-1-c-2"].topics == ()


def test_importing_twice_changes_nothing(tocsin: Tocsin, opml: str) -> None:
    tocsin("sources", "import", opml)
    before = listed(tocsin)
    again = tocsin("sources", "import", opml, TOCSIN_LANGUAGE="en")
    assert "Added: 0. Already watched: 3." in again.out
    assert listed(tocsin) == before


def test_a_dry_run_says_the_same_and_writes_nothing(tocsin: Tocsin, opml: str, tmp_path: Path) -> None:
    said = tocsin("sources", "import", opml, "--dry-run", **FRENCH)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["veille.opml"]
    assert said.out == tocsin("sources", "import", opml, **FRENCH).out
    assert "--dry-run" in said.err


def test_a_sources_file_is_imported_with_all_it_says(tocsin: Tocsin, tmp_path: Path) -> None:
    path = tmp_path / "autre.toml"
    path.write_text(
        '[[source]]\nid = "essai"\ntitle = "Essai"\nurl = "https://essai.example/"\nkind = "list"\nevery = 30\n'
        'topics = ["dpi"]\ntrust = "press"\noptions = { item = ".actu" }\n'
    )
    assert tocsin("sources", "import", str(path)).code == 0
    (found,) = [
        one for one in catalogue.parse(tocsin("sources", "export", "--format", "toml").out, "x") if one.slug == "essai"
    ]
    (asked,) = catalogue.read(path)
    assert found == asked


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("vide.opml", b""),
        ("page.opml", b"<html><body>non</body></html>"),
        ("sans.opml", b"<opml><body><outline text='x'/></body></opml>"),
        (
            "bombe.opml",
            b"<!DOCTYPE o [<!ENTITY a 'b'>]><opml><body><outline xmlUrl='https://a.example/'/></body></opml>",
        ),
        ("casse.toml", b"[[source]"),
        ("latin.toml", b"# \xe9"),
        ("absent.opml", None),
        ("absent.toml", None),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence_and_nothing_written(
    tocsin: Tocsin, tmp_path: Path, name: str, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    ended = tocsin("sources", "import", name, **FRENCH)
    assert (ended.code, ended.out, len(ended.err.splitlines())) == (1, "", 1)
    assert name in ended.err
    assert not (tmp_path / "data").exists()


def test_more_lines_than_one_transaction_takes_are_kept_whole(tocsin: Tocsin, tmp_path: Path) -> None:
    lines = "".join(f'<outline text="Site {n}" xmlUrl="https://s{n}.example/flux"/>\n' for n in range(1_200))
    (tmp_path / "long.opml").write_text(f"<opml version='2.0'><body>{lines}</body></opml>")
    ended = tocsin("sources", "import", "long.opml", TOCSIN_LANGUAGE="en")
    assert ended.code == 0 and "Added: 1200." in ended.out
    assert len(listed(tocsin)) == 1_200 + len(catalogue.read())


def test_what_is_exported_comes_back(tocsin: Tocsin, opml: str, tmp_path: Path) -> None:
    tocsin("sources", "import", opml)
    assert tocsin("sources", "export", "tout.opml").code == 0
    watched = {url: row["title"] for url, row in listed(tocsin).items() if row["enabled"]}
    (tmp_path / "rien.toml").write_text('[[source]]\nid = "x"\ntitle = "X"\nurl = "https://x.example/"\n')
    elsewhere = {"TOCSIN_DATABASE_URL": "sqlite:///ailleurs.db", "TOCSIN_SOURCES": "rien.toml"}
    assert tocsin("sources", "import", "tout.opml", **elsewhere).code == 0
    rows = json.loads(tocsin("sources", "list", "--json", **elsewhere).out)
    assert {row["url"]: row["title"] for row in rows if row["id"] != "x"} == watched


def test_the_ending_of_the_file_says_its_form(tocsin: Tocsin, tmp_path: Path) -> None:
    tocsin("sources", "export", "tout.toml")
    assert catalogue.read(tmp_path / "tout.toml") == tuple(sorted(catalogue.read(), key=lambda one: one.slug))
    assert tocsin("sources", "export").out.startswith("<?xml")
