"""Full text on SQLite: FTS5 over two columns of stems. Raw text in MATCH failed on 395 of 544 odd strings (`AP-HP`,
`l'attaque`, `CVE-2024-21762`), quoted stems on none; only those and our own operators get there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from bot.domain.ids import ArticleId
from bot.ports import Reader, Tx
from storage.asked import MOST_RANKED, Filters, Frequencies, Group, Match, Words

_INDEX = "INSERT OR REPLACE INTO search (rowid, title, body) VALUES ($1, $2, $3)"
# What matches is walked by number, which costs a tenth of ranking it: beyond MOST_RANKED only the newest are ranked.
_FLOOR = (
    "SELECT rowid AS number FROM search WHERE search MATCH {match}{where} ORDER BY rowid DESC LIMIT 1 OFFSET {skip}"
)
# `ORDER BY rank` would rank even what the filters refuse, and took half as long again without any.
_BEST = """
SELECT rowid AS number FROM search WHERE search MATCH {match} AND rowid > {floor}{where}
ORDER BY bm25(search, 5.0, 1.0), rowid DESC LIMIT {limit}
"""
_NEWEST = "SELECT id AS number FROM articles WHERE id{matching}{where} ORDER BY sorted_at DESC, id DESC LIMIT {limit}"
_MATCHING = " IN (SELECT rowid FROM search WHERE search MATCH {match})"
_COUNT = "(SELECT COUNT(*) FROM (SELECT rowid FROM search WHERE search MATCH ${match} LIMIT $1)) AS c{match}"
# The plus keeps the planner from running MATCH anew for each number a filter allows.
_NUMBER: LiteralString = "+rowid"


@dataclass(frozen=True, slots=True)
class Fts5:
    most_ranked: int = MOST_RANKED

    async def index(self, tx: Tx, rows: Sequence[tuple[ArticleId, str, str]]) -> None:
        await tx.execute_many(_INDEX, rows)

    async def counts(self, reader: Reader, groups: Sequence[Group], at_most: int) -> Sequence[int]:
        columns = ", ".join(_COUNT.format(match=n) for n in range(2, len(groups) + 2))
        (row,) = await reader.fetch(f"SELECT {columns}", at_most, *map(_group, groups))
        return list(row)

    async def best(
        self, reader: Reader, match: Match, filters: Filters, frequencies: Frequencies, limit: int
    ) -> tuple[Sequence[ArticleId], bool]:
        """bm25 weighs words itself."""
        asked, second, third = filters.then(3)
        where = filters.on(_NUMBER)
        values = (*filters.values, expression(match))
        floor = 0
        if not frequencies.are_few(match, self.most_ranked):
            sql = _FLOOR.format(match=asked, where=where, skip=second)
            for row in await reader.fetch(sql, *values, self.most_ranked):
                floor = row["number"]
        sql = _BEST.format(match=asked, where=where, floor=second, limit=third)
        rows = await reader.fetch(sql, *values, floor, limit)
        return [ArticleId(row["number"]) for row in rows], floor > 0

    async def newest(self, reader: Reader, match: Match, filters: Filters, limit: int) -> Sequence[ArticleId]:
        first, second = filters.then(2)
        matching, values = "", list(filters.values)
        if match.asks or match.none_of:
            matching = _MATCHING.format(match=first)
            values.append(expression(match) if match.asks else _any(match.none_of))
        if match.none_of and not match.asks:
            matching = " NOT" + matching
        sql = _NEWEST.format(matching=matching or " > 0", where=filters.on("id"), limit=second if matching else first)
        rows = await reader.fetch(sql, *values, limit)
        return [ArticleId(row["number"]) for row in rows]


def expression(match: Match) -> str:
    """`(("a") AND ("b c")) NOT ("d")`, of a match that asks for something."""
    wanted = [_group(group) for group in match.all_of]
    if match.any_of:
        wanted.append(_any(match.any_of))
    found = f"({' AND '.join(wanted)})"
    return f"{found} NOT {_any(match.none_of)}" if match.none_of else found


def _any(groups: Sequence[Group]) -> str:
    return f"({' OR '.join(map(_group, groups))})"


def _group(group: Group) -> str:
    first, *others = map(_words, group)
    return f"({' OR '.join((first, *others))})" if others else first


def _words(words: Words) -> str:
    """A stem holds letters and figures only, so nothing in it can end the quotes."""
    return "(" + " AND ".join(f'"{" ".join(phrase)}"' for phrase in words) + ")"
