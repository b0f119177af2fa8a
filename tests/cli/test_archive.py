"""`tocsin import`, `export`, `search`, `analyse`: files of JSON lines, on a real database."""

import io
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Tocsin

ROWS: Sequence[Mapping[str, Any]] = (
    {
        "id": "d1",
        "url": "https://exemple.test/1",
        "title": "Panne fictive de la messagerie",
        "body": "Le centre hospitalier inventé rétablit ses serveurs.",
        "summary": "",
        "source": "Gazette Fictive",
        "published": "2026-03-10T08:00:00+00:00",
        "lang": "fr",
        "topics": ["dpi"],
        "authors": ["Alice Roux"],
    },
    {"id": 7, "title": "Un guichet fictif", "body": "CVE-2026-12345", "source": "dsih", "published": "2026-03-09"},
)
ENGLISH = {"TOCSIN_LANGUAGE": "en"}


def write(path: Path, *rows: object) -> str:
    path.write_text("".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows), "utf-8")
    return str(path)


def read(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def filled(tocsin: Tocsin, tmp_path: Path) -> str:
    path = write(tmp_path / "in.jsonl", *ROWS)
    ended = tocsin("import", path, **ENGLISH)
    assert (ended.code, ended.out, ended.err) == (0, "2 more articles in the archive.\n", "")
    return path


def test_importing_twice_changes_nothing(tocsin: Tocsin, filled: str, tmp_path: Path) -> None:
    tocsin("export", "before.jsonl")
    again = tocsin("import", filled, **ENGLISH)
    assert (again.code, again.out) == (0, "0 more articles in the archive.\n")
    tocsin("export", "after.jsonl")
    assert (tmp_path / "before.jsonl").read_bytes() == (tmp_path / "after.jsonl").read_bytes()


def test_an_export_gives_back_what_was_imported_and_goes_into_another_archive(
    tocsin: Tocsin, filled: str, tmp_path: Path
) -> None:
    first = tocsin("export", "-")
    given = read(first.out)
    assert [row["id"] for row in given] == ["d1", 7]
    kept = {name: given[0][name] for name in ROWS[0] if name not in ("source", "topics")}
    assert kept == {name: ROWS[0][name] for name in kept}
    assert given[0]["source"] == "gazette-fictive"
    assert "dpi" in given[0]["topics"]
    elsewhere = {"TOCSIN_DATABASE_URL": f"sqlite:///{tmp_path}/other.db"}
    (tmp_path / "out.jsonl").write_text(first.out)
    assert tocsin("import", "out.jsonl", **elsewhere).code == 0
    assert read(tocsin("export", "-", **elsewhere).out) == given
    assert tocsin("import", "out.jsonl", **ENGLISH).out.startswith("0 ")  # into the archive it came from


def test_a_source_nobody_knows_is_kept_disabled_and_a_known_one_is_itself(tocsin: Tocsin, filled: str) -> None:
    rows = {row["id"]: row for row in json.loads(tocsin("sources", "list", "--json").out)}
    assert (rows["gazette-fictive"]["title"], rows["gazette-fictive"]["enabled"]) == ("Gazette Fictive", False)
    assert (rows["dsih"]["origin"], rows["dsih"]["enabled"]) == ("file", True)


def test_a_bad_line_is_told_with_its_number_and_the_rest_goes_in(tocsin: Tocsin, tmp_path: Path) -> None:
    path = write(
        tmp_path / "bad.jsonl",
        *('{"id": "a", "title": "Un"}\n', "\n", "nonsense\n", "[1]\n", '{"title": "sans id"}\n', '{"id": "b"}\n'),
        *(
            '{"id": "c", "title": 3}\n',
            '{"id": "d", "title": "x", "published": "jamais"}\n',
            '{"id": true, "title": "x"}\n',
        ),
        *('{"id": "e", "title": "x", "url": "javascript:alert(1)"}\n', '{"id": "\\ud800", "title": "x"}\n'),
        *('{"id": "f\\u0000", "title": "x"}\n', "[" * 100_000 + "\n", '{"id": "z", "title": "Deux \\u0000\\ud800"}\n'),
        {"id": "z", "title": "Encore"},
    )
    ended = tocsin("import", path, **ENGLISH)
    assert ended.code == 1
    assert ended.out == "2 more articles in the archive.\n"
    told = [int(line.split()[1].rstrip(":")) for line in ended.err.splitlines()]
    assert told == [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
    assert "Traceback" not in ended.err
    assert [row["title"] for row in read(tocsin("export", "-").out)] == ["Un", "Deux"]


def test_search_answers_people_and_programs(tocsin: Tocsin, filled: str) -> None:
    plain = tocsin("search", "messageries", "-orage")
    (line,) = plain.out.splitlines()
    assert line.split("\t")[0] == "#1"
    found = json.loads(tocsin("search", "--json", "serveur").out)
    assert (found["more"], found["stopped"]) == (False, False)
    (hit,) = found["hits"]
    assert (hit["id"], hit["number"], hit["source"]) == ("d1", 1, "gazette-fictive")
    assert "serveurs" in hit["extract"]
    nothing = tocsin("search", "introuvable", **ENGLISH)
    assert (nothing.code, nothing.out) == (0, "")
    assert nothing.err


def test_what_is_typed_wrong_is_repaired_right_after_an_import_and_told(tocsin: Tocsin, filled: str) -> None:
    english = tocsin("search", "fictve", **ENGLISH)
    assert english.out.startswith("#1")
    assert english.err == "Results for “fictive” (you typed “fictve”).\n"
    french = tocsin("search", "fictve", TOCSIN_LANGUAGE="fr")
    assert french.err.replace("\u00a0", " ") == "Résultats pour « fictive » (tapé : « fictve »).\n"
    found = json.loads(tocsin("search", "--json", "hospitlier").out)
    assert found["repaired"] == [{"typed": "hospitlier", "read": "hospitalier"}]
    assert "hospitalier" in found["hits"][0]["extract"]


def test_an_empty_result_says_what_was_tried(tocsin: Tocsin, filled: str) -> None:
    ended = tocsin("search", "fictve", "source:nulle-part", **ENGLISH)
    assert ended.err.splitlines()[0] == "Also tried: “fictive” (you typed “fictve”)."
    assert tocsin("search", "xylophone", **ENGLISH).err.startswith("No article holds “xylophone”")


def test_a_batch_gives_the_ids_of_the_file(tocsin: Tocsin, filled: str, tmp_path: Path) -> None:
    path = write(
        tmp_path / "queries.jsonl",
        *(
            {"id": "q1", "query": "guichet"},
            {"id": 2, "query": "cve 2026 12345"},
            {"id": "q3", "query": '"*\0\ud800 AND'},
        ),
        *({"id": "q4"}, {"id": "q5", "query": "introuvable"}),
    )
    ended = tocsin("search", "--batch", path, "--limit", "1", **ENGLISH)
    assert ended.code == 1
    assert "line 4" in ended.err
    answers = {row["id"]: row["ranked"] for row in read(ended.out)}
    assert answers == {"q1": [7], 2: [7], "q3": [], "q5": []}


@pytest.mark.parametrize("arguments", [("search",), ("search", "x", "--batch", "y"), ("search", "x", "--limit", "0")])
def test_wrong_usage_of_search_ends_with_2(tocsin: Tocsin, arguments: tuple[str, ...]) -> None:
    assert tocsin(*arguments).code == 2


@pytest.mark.parametrize(
    "arguments",
    [("import", "nowhere"), ("analyse", "nowhere"), ("search", "--batch", "nowhere"), ("export", "no/where")],
)
def test_a_file_that_cannot_be_opened_is_one_sentence(tocsin: Tocsin, arguments: tuple[str, ...]) -> None:
    ended = tocsin(*arguments, **ENGLISH)
    assert (ended.code, ended.out, len(ended.err.splitlines())) == (1, "", 1)


def test_import_reads_stdin(tocsin: Tocsin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(ROWS[1]).encode())))
    assert tocsin("import", "-", **ENGLISH).out.startswith("1 ")


EXPLAINED = (  # fictitious, as all that is told here
    {
        "id": 7,
        "source": "gazette",
        "published": "2026-03-10T08:00:00+01:00",
        "title": "L’hôpital de Valmont victime d’une cyberattaque",
        "body": "Un rançongiciel a chiffré des serveurs cette nuit. Les opérations de mardi sont déprogrammées.",
    },
    {
        "id": "dons",
        "published": "2026-03-10T08:00:00+01:00",
        "title": "Une ONG lance un appel aux dons",
        "body": "Les dossiers de soutien sont à déposer au plus tard le 30 avril 2026.",
    },
)


def test_analyse_says_which_words_decided_for_one_text(tocsin: Tocsin, tmp_path: Path) -> None:
    path = write(tmp_path / "in.jsonl", "nonsense\n", *EXPLAINED)
    alert = tocsin("analyse", path, "--explain", "7", **ENGLISH)
    assert alert.code == 0
    assert "Alert: incident" in alert.out
    assert "an attack: “cyberattaque”, in the title" in alert.out
    assert "Severity: Critical" in alert.out
    assert "“deprogrammees”" in alert.out
    none = tocsin("analyse", path, "--explain", "dons", **ENGLISH)
    assert none.code == 0
    assert "No alert." in none.out
    assert "another sense of the word: “ong”" in none.out
    assert "Dates put aside" in none.out
    assert "Date “30 avril 2026”: a deadline" in none.out
    assert "“no later than”, “deadline”: “au plus tard”" in none.out


def test_analyse_explains_in_json_what_it_explains_in_words(tocsin: Tocsin, tmp_path: Path) -> None:
    path = write(tmp_path / "in.jsonl", *EXPLAINED)
    row = json.loads(tocsin("analyse", path, "--explain", "7", "--json", **ENGLISH).out)
    assert (row["id"], row["is_alert"], row["type"], row["severity"]) == (7, True, "incident", "critical")
    assert {"signal": "attack", "words": "cyberattaque", "in_title": True} in [
        {name: signal[name] for name in ("signal", "words", "in_title")} for signal in row["signals"]
    ]
    (day,) = row["dates"]["read"]
    assert (day["phrase"], day["is_deadline"]) == ("mardi", False)
    total = row["dates"]["bias"] + sum(signal["weight"] for signal in day["signals"])
    assert total == pytest.approx(day["score"], abs=0.01)
    total = row["bias"] + sum(signal["weight"] for signal in row["signals"])
    assert total == pytest.approx(row["score"], abs=0.01)
    assert row["score"] >= row["enough"]


def test_analyse_explains_no_text_that_is_not_there(tocsin: Tocsin, tmp_path: Path) -> None:
    path = write(tmp_path / "in.jsonl", *EXPLAINED)
    ended = tocsin("analyse", path, "--explain", "nobody", **ENGLISH)
    assert ended.code == 1
    assert "nobody" in ended.err
    assert tocsin("analyse", path, "--json", **ENGLISH).code == 2


def test_analyse_answers_in_order_without_a_database(tocsin: Tocsin, tmp_path: Path) -> None:
    alert = {
        "id": "a",
        "source": "certfr",
        "url": "https://exemple.test/alerte?utm_source=x",
        "lang": "fr",
        "published": "2026-03-10T08:00:00+01:00",
        "title": "Vulnérabilité critique dans FortiOS",
        "body": "La vulnérabilité CVE-2026-12345, de score CVSS 9.8, est activement exploitée.",
    }
    twin = {**alert, "id": "b", "url": "https://www.exemple.test/alerte"}
    other = {"id": "c", "title": "Un colloque fictif", "body": "Il aura lieu."}
    path = write(tmp_path / "in.jsonl", alert, other, "nonsense\n", twin)
    ended = tocsin("analyse", path, "--out", "out.jsonl", **ENGLISH)
    assert ended.code == 1
    assert ended.err.startswith("line 3")
    rows = read((tmp_path / "out.jsonl").read_text("utf-8"))
    assert [row["id"] for row in rows] == ["a", "c", "b"]
    assert list(rows[0]) == [
        *("id", "is_alert", "alert_type", "severity", "topics", "deadlines", "cves", "cvss", "group", "summary")
    ]
    assert (rows[0]["is_alert"], rows[0]["alert_type"], rows[0]["severity"]) == (True, "vulnerability", "critical")
    assert (rows[0]["cves"], rows[0]["cvss"]) == (["CVE-2026-12345"], 9.8)
    assert [row["group"] for row in rows] == ["a", "c", "a"]
    assert not (tmp_path / "data").exists()
