"""`.env`, changed without losing what stands in it: comments, other programs' lines and their order stay."""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

_LINE = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=", re.ASCII)
_EXAMPLE = re.compile(r"#\s?(?P<name>TOCSIN_\w+)=", re.ASCII)  # as in .env.example: it becomes the line itself
_BARE = re.compile(r"[\w:.,/+@%=~-]+", re.ASCII)


def changed(text: str, values: Mapping[str, str]) -> str:
    """`text` with these variables set; "" takes a variable out. One that is not there yet goes to the end."""
    left = dict(values)
    lines = []
    for line in text.splitlines():
        found = _LINE.match(line)
        if found is None or found["name"] not in values:
            lines.append(line)
        elif new := left.pop(found["name"], ""):  # the first one says it; a second would only contradict
            lines.append(_line(found["name"], new))
    for name in [name for name in left if left[name]]:
        place = next((n for n, line in enumerate(lines) if (m := _EXAMPLE.match(line)) and m["name"] == name), None)
        if place is None:
            lines.append(_line(name, left[name]))
        else:
            lines[place] = _line(name, left[name])
    return "".join(f"{line}\n" for line in lines)


def _line(name: str, value: str) -> str:
    if _BARE.fullmatch(value):
        return f"{name}={value}"
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{name}='{escaped}'"


def write(path: Path, text: str) -> None:
    """The whole file or nothing of it, readable by its owner only. Raises OSError."""
    target = path.resolve()  # a link stays one
    number, unfinished = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # mode 600 from the first
    try:
        with open(number, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, target)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
