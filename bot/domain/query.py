"""What somebody looks for in the archive, as a value. `bot/text/query.py` reads it from what was typed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from bot.domain.rule import Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A word that no article holds, and the one that is looked for instead."""

    typed: Term
    read: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Every filter holds; the words rank. All of them first, then any of them."""

    text: str = ""  # as typed, for saying it back
    words: tuple[Term, ...] = ()
    phrases: tuple[Term, ...] = ()  # exact: each must stand there, in its order
    none_of: tuple[Term, ...] = ()
    sources: tuple[str, ...] = ()  # slugs, one of them
    topics: tuple[str, ...] = ()  # one of them
    authors: tuple[str, ...] = ()  # folded words of a name, one of them
    genres: tuple[str, ...] = ()  # folded, one of them
    cves: tuple[str, ...] = ()  # "CVE-2024-21762", all of them
    references: tuple[str, ...] = ()  # "CERTFR-2026-ALE-001" and the like: what bears one exactly comes first
    after: datetime | None = None  # published (or first seen) at or after
    before: datetime | None = None  # … strictly before
    by_date: bool = False  # newest first instead of best first

    @property
    def is_empty(self) -> bool:
        """Nothing is asked at all."""
        asked = (
            self.words,
            self.phrases,
            self.none_of,
            self.sources,
            self.topics,
            self.authors,
            self.genres,
            self.cves,
        )
        return not any((*asked, self.references, self.after, self.before))

    def repaired(self, repairs: Sequence[Repair]) -> Self:
        instead = {repair.typed: repair.read for repair in repairs}
        return replace(self, words=tuple(instead.get(word, word) for word in self.words))
