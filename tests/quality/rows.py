"""The labelled texts of this directory."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
INPUTS = ("id", "source", "url", "lang", "published", "title", "body")  # all that is shown to whoever answers
# From `fresh` on each was scored before anything was changed for it: docs/design/alerts.md has the figures.
DEVELOPED, APART = (
    ("calls", "security", "later", "last", "blind", "fresh", "unseen", "again", "third", "fourth", "fifth", "sixth"),
    "apart",
)

Rows = Mapping[str, Mapping[str, Any]]  # by id


def rows_of(path: Path) -> dict[str, Mapping[str, Any]]:
    lines = path.read_text("utf-8").splitlines()
    return {row["id"]: row for row in map(json.loads, lines)}
