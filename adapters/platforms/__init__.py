"""Platforms, found by the name of their folder: one that names a token is spoken to when that token is set."""

import pkgutil
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Protocol, cast

from bot.ports import Platform, Surroundings


class Folder(Protocol):
    """What the `__init__.py` of a platform's folder holds. The console has none: it is the bot's own page."""

    TOKEN: str  # the variable that switches the platform on: a secret, and one process's alone
    VARIABLES: tuple[str, ...]  # its further ones

    def build(self, env: Mapping[str, str], around: Surroundings) -> Platform:
        """`env` holds what is set of these variables, a secret's file already read. Raises ConfigError."""
        ...


def folders() -> Sequence[Folder]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name[0] != "_")
    found = (import_module(f"{__name__}.{name}") for name in names)
    return [cast(Folder, module) for module in found if hasattr(module, "TOKEN")]
