"""What the operator can set and type stands in the documents, in both languages."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from bot.__main__ import tocsin
from bot.commands import SPECS
from bot.settings import FILE_VARIABLES, VARIABLES, read

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.fr.md")
DOCUMENTS = (*READMES, "CONTRIBUTING.md", *(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")))


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def commands(group: click.Group, path: str = "tocsin") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


@pytest.mark.parametrize("document", [".env.example", *READMES])
@pytest.mark.parametrize("variable", VARIABLES)
def test_every_setting_is_explained(document: str, variable: str) -> None:
    assert re.search(rf"\b{variable}\b", text_of(document))


@pytest.mark.parametrize("document", [".env.example", *READMES])
def test_no_document_names_a_setting_that_does_not_exist(document: str) -> None:
    named = set(re.findall(r"\bTOCSIN_[A-Z_]+[A-Z]\b", text_of(document)))
    assert named <= {*VARIABLES, *FILE_VARIABLES}


def test_the_example_file_shows_the_real_defaults() -> None:
    shown = dict(re.findall(r"^#(TOCSIN_\w+)=(.*)$", text_of(".env.example"), re.MULTILINE))
    assert list(shown) and set(shown) == set(VARIABLES)
    assert dict(read({name: value for name, value in shown.items() if value})) == dict(read({}))


@pytest.mark.parametrize("document", READMES)
@pytest.mark.parametrize("line", [line for line, _ in commands(tocsin)])
def test_every_command_of_the_command_line_is_explained(document: str, line: str) -> None:
    assert f"`{line}" in text_of(document)


@pytest.mark.parametrize("document", READMES)
def test_every_option_of_the_command_line_is_explained(document: str) -> None:
    options = {
        option
        for _, command in commands(tocsin)
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--")
    }
    assert options
    assert [option for option in sorted(options) if option not in text_of(document)] == []


@pytest.mark.parametrize("document", READMES)
def test_every_chat_command_is_explained_under_both_its_names(document: str) -> None:
    text = text_of(document)
    assert [spec.name for spec in SPECS if f"`/{spec.name}`" not in text or f"`/{spec.fr}`" not in text] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_files_that_exist(document: str) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", text_of(document))
    assert [target for target in targets if not ((ROOT / document).parent / target).exists()] == []


def test_both_readmes_have_the_same_shape() -> None:
    def shape(name: str) -> list[str]:
        return re.findall(r"^(#+|\|)", text_of(name), re.MULTILINE)

    assert shape("README.md") == shape("README.fr.md")
