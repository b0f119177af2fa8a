"""Who may import whom, read from the syntax trees; and how long a file and a function may be."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = ("bot", "adapters", "storage")
FILES = [path.relative_to(ROOT) for top in OURS for path in sorted((ROOT / top).rglob("*.py"))]

INNER = ("bot.domain", "bot.errors", "bot.view")
PORTS = (*INNER, "bot.text", "bot.locale", "bot.ports", "bot.stores", "bot.examining")
EDGE = PORTS  # what adapters and storage know of the core
FLOWS = (*PORTS, "bot.people", "bot.pipeline")

# Module or package → what of ours it may import besides itself; the first line that fits counts.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "bot.domain": INNER,
    "bot.errors": INNER,
    "bot.view": INNER,
    "bot.text": INNER,
    "bot.locale": (),
    "bot.ports": (*INNER, "bot.text", "bot.locale"),
    "bot.stores": (*INNER, "bot.text", "bot.locale", "bot.ports"),
    "bot.examining": (*INNER, "bot.ports"),
    "bot.people": PORTS,
    "bot.pipeline": FLOWS,
    "bot.commands": FLOWS,
    "bot.wiring": OURS,
    "bot": ("bot",),  # what starts and stops it: cli, settings, service, roles, logs, catalogue
    "storage": (*EDGE, "storage"),
    "adapters": EDGE,
}
# Kinds that complete another's entries.
BUILT_ON = {"adapters.sources.certfr": "adapters.sources.feed"}
STANDARD_ONLY = ("bot.domain", "bot.errors", "bot.view")

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
LONGER: dict[str, str] = {}  # "path" or "path::function" → why it is one noun all the same


def module_of(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def is_in(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def imports(source: str, module: str, *, is_package: bool = False) -> Iterator[str]:
    """Everything it names, also inside functions and under TYPE_CHECKING; `from x import y` may name x.y."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                here = module.split(".")
                base = ".".join([*here[: len(here) - node.level + is_package], *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" if is_in(base, OURS) else base for alias in node.names)


def unit_of(module: str) -> str:
    """What may know itself only: one platform, one kind of source, the demo, the pages; "" for what all share."""
    parts = module.split(".")
    if parts[0] != "adapters" or (ROOT / "adapters" / f"{'/'.join(parts[1:2])}.py").exists():
        return ""
    return ".".join(parts[:3] if parts[1:2] in (["platforms"], ["sources"]) else parts[:2])


def is_shared(module: str) -> bool:
    """adapters/*.py, and the pieces of which several source kinds are made: the names with an underscore."""
    return unit_of(module) in ("", "adapters") or module.startswith("adapters.sources._")


def is_allowed(module: str, imported: str) -> bool:
    if not is_in(imported, OURS):
        return not is_in(module, STANDARD_ONLY) or imported.partition(".")[0] in sys.stdlib_module_names
    if is_in(imported, ("adapters",)) and is_in(module, ("adapters",)):
        inside = unit_of(module) not in ("", "adapters.sources", "adapters.platforms")
        own = (unit_of(module), BUILT_ON.get(module, unit_of(module)))
        return is_shared(imported) or (inside and is_in(imported, own))
    package = next(package for package in MAY_IMPORT if is_in(module, (package,)))
    return is_in(imported, MAY_IMPORT[package]) or (package != "adapters" and is_in(imported, (package,)))


def forbidden(source: str, module: str, *, is_package: bool = False) -> list[str]:
    return sorted({name for name in imports(source, module, is_package=is_package) if not is_allowed(module, name)})


@pytest.mark.parametrize("path", FILES, ids=str)
def test_imports_point_inwards(path: Path) -> None:
    source = (ROOT / path).read_text("utf-8")
    assert forbidden(source, module_of(path), is_package=path.name == "__init__.py") == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("bot.domain.rule", "import aiohttp"),
        ("bot.domain.rule", "from bot.ports import Clock"),
        ("bot.domain.rule", "from bot import ports"),
        ("bot.domain.rule", "from ..pipeline import plan"),
        ("bot.domain.rule", "def f() -> None:\n    import Stemmer"),
        ("bot.view", "from bot.locale.say import Say"),
        ("bot.errors", "if TYPE_CHECKING:\n    from bot.stores import Ack"),
        ("bot.text.clean", "from bot.pipeline import decide"),
        ("bot.locale.say", "from bot.domain.alert import Severity"),
        ("bot.ports", "from bot.stores import Ack"),
        ("bot.stores", "from bot.pipeline.decide import Reading"),
        ("bot.pipeline.plan", "from bot.commands.call import Desk"),
        ("bot.pipeline.plan", "from bot.wiring import store_on"),
        ("bot.pipeline.plan", "from storage.outbox import Outbox"),
        ("bot.commands.help", "import adapters.http"),
        ("bot.commands.help", "from bot.settings import Settings"),
        ("bot.service", "from adapters import clock"),
        ("bot.cli.run", "def f() -> None:\n    import storage.migrate"),
        ("bot.roles", "from storage.outbox import Outbox"),
        ("storage.outbox", "from bot.pipeline.decide import Reading"),
        ("storage.outbox", "from bot.people import People"),
        ("storage.outbox", "from adapters import clock"),
        ("adapters.http", "from bot.pipeline.preview import Look"),
        ("adapters.http", "from bot.settings import Settings"),
        ("adapters.http", "from storage.sqlite import open"),
        ("adapters.http", "from adapters.sources.feed import KIND"),
        ("adapters.platforms", "from adapters.platforms.telegram import build"),
        ("adapters.platforms.discord.render", "from adapters.platforms.telegram.text import clean"),
        ("adapters.platforms.discord.render", "from bot.commands import SPECS"),
        ("adapters.platforms.discord", "from ..telegram import client"),
        ("adapters.sources.feed", "from adapters.sources.list import KIND"),
        ("adapters.sources.feed", "from adapters.sources import list"),
        ("adapters.sources.feed", "from adapters.platforms.discord import markdown"),
        ("adapters.sources._pieces", "from adapters.sources.list import KIND"),
        ("adapters.demo.origin", "from adapters.platforms.console import story"),
        ("adapters.web.health", "from adapters.demo import newsroom"),
    ],
)
def test_a_forbidden_import_is_found(module: str, source: str) -> None:
    is_package = module in ("adapters.platforms", "adapters.platforms.discord")
    assert len(forbidden(source, module, is_package=is_package)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("bot.domain.rule", "import json\nfrom bot.domain.words import fold\nfrom bot.errors import Throttled"),
        ("bot.text.clean", "import Stemmer\nfrom bot.domain.words import fold"),
        ("bot.pipeline.plan", "import structlog\nfrom bot.stores import Outbox\nfrom bot.pipeline import decide"),
        ("bot.commands.help", "from bot.pipeline.compose import item\nfrom bot.commands import what"),
        ("bot.wiring", "from adapters import clock\nfrom storage.outbox import Outbox\nfrom bot.commands import SPECS"),
        ("storage.outbox", "from bot.stores import Owed\nfrom storage.columns import ms\nimport asyncpg"),
        ("adapters.http", "import aiohttp\nfrom adapters import addresses\nfrom bot.ports import Page"),
        ("adapters.sources.feed", "from adapters import html\nfrom adapters.sources import _json_feed"),
        ("adapters.platforms.discord.client", "from . import render\nfrom .rest import Rest"),
    ],
)
def test_an_import_that_points_inwards_is_left_alone(module: str, source: str) -> None:
    assert forbidden(source, module) == []


def too_long(source: str, path: str) -> Iterator[str]:
    if len(source.splitlines()) > LONGEST_FILE:
        yield path
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                yield f"{path}::{node.name}"


def test_files_and_functions_are_short_unless_a_reason_is_given() -> None:
    found = {name for path in FILES for name in too_long((ROOT / path).read_text("utf-8"), str(path))}
    assert found == set(LONGER)
    assert all(LONGER.values())


def test_a_long_file_and_a_long_function_are_found() -> None:
    source = "async def long() -> None:\n" + "    pass\n" * LONGEST_FILE
    assert list(too_long(source, "a.py")) == ["a.py", "a.py::long"]
    assert list(too_long("def short() -> None:\n" + "    pass\n" * (LONGEST_FUNCTION - 1), "a.py")) == []
