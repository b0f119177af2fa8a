"""A frozen value with some of its fields changed, in half the time of `dataclasses.replace`: for what is done at every
reading of every source. Nothing is checked or computed anew, so the value must have no `__post_init__`."""

from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeVar

T = TypeVar("T")


def changer(kind: type[T]) -> Callable[..., T]:
    """Of a frozen dataclass with slots: `changed(value, field=…)`. Raises KeyError for a field it has not."""
    names = [one.name for one in fields(kind)]  # type: ignore[arg-type]  # every caller gives a dataclass
    values = attrgetter(*names)
    setters: dict[str, Callable[[Any, object], None]] = {name: vars(kind)[name].__set__ for name in names}
    every = tuple(setters.values())

    def changed(value: T, **changes: object) -> T:
        new = object.__new__(kind)
        for put, kept in zip(every, values(value), strict=True):
            put(new, kept)
        for name, other in changes.items():
            setters[name](new, other)
        return new

    return changed
