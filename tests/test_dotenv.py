"""`.env` is changed without losing what stands in it."""

import io
import stat
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import example, given
from hypothesis import strategies as st

from bot import dotenv

NAMES = st.sampled_from(["TOCSIN_TELEGRAM_TOKEN", "TOCSIN_OPERATORS", "TOCSIN_SOURCES"])
VALUES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=30)


@given(
    st.dictionaries(NAMES, VALUES.map(str.strip), max_size=3), st.sampled_from(["", "A='x # y'\n", "# nothing\n\nB=1"])
)
@example({"TOCSIN_SOURCES": "a\\'b\"$c#d e"}, "")
def test_what_is_written_is_read_back_and_the_rest_stays(values: dict[str, str], before: str) -> None:
    text = dotenv.changed(before, values)
    found = dotenv_values(stream=io.StringIO(text), interpolate=False)
    kept = dotenv_values(stream=io.StringIO(before), interpolate=False)
    assert found == {**kept, **{name: value for name, value in values.items() if value}}
    assert text.startswith(before)
    assert dotenv.changed(text, values) == text


def test_a_variable_keeps_its_place_and_the_lines_around_it() -> None:
    before = (
        "# ours\nTOCSIN_LANGUAGE=fr\n\n#TOCSIN_OPERATORS=\nPATH_OF_OTHERS=/x  # theirs\nexport TOCSIN_LANGUAGE=de\n"
    )
    assert dotenv.changed(before, {"TOCSIN_LANGUAGE": "en", "TOCSIN_OPERATORS": "telegram:7"}) == (
        "# ours\nTOCSIN_LANGUAGE=en\n\nTOCSIN_OPERATORS=telegram:7\nPATH_OF_OTHERS=/x  # theirs\n"
    )
    assert dotenv.changed(before, {"TOCSIN_LANGUAGE": ""}).count("LANGUAGE") == 0


def test_a_file_is_its_owners_alone_and_a_link_stays_one(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / ".env"
    real.write_text("old")
    real.chmod(0o644)
    link.symlink_to(real)
    dotenv.write(link, "A=1\n")
    assert (real.read_text(), stat.S_IMODE(real.stat().st_mode)) == ("A=1\n", 0o600)
    assert link.is_symlink()


def test_what_cannot_be_written_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        dotenv.write(path, "\udc80")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
