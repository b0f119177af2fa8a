"""Platforms, found by the name of their file or folder: `load("telegram")` is `build` of `telegram/`."""

import pkgutil
from collections.abc import Callable
from importlib import import_module

from bot.errors import ConfigError
from bot.ports import Platform


def known() -> tuple[str, ...]:
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name[0] != "_"))


def load(name: str) -> Callable[..., Platform]:
    """What builds it; each platform names its own settings. Raises ConfigError for a name nobody has."""
    if name not in known():
        raise ConfigError(f"platform {name!r}: nobody speaks there; give one of {', '.join(known())}")
    build: Callable[..., Platform] = import_module(f"{__name__}.{name}").build
    return build
