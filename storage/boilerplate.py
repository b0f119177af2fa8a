"""The lines that articles of a source share."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot.domain.ids import SourceId
from bot.ports import Database, Reader, Tx
from bot.text.boilerplate import Lines
from storage.columns import array

_OF = "SELECT source, lines FROM boilerplate WHERE source IN "
_KEEP = """
INSERT INTO boilerplate (source, lines) VALUES ($1, $2) ON CONFLICT (source) DO UPDATE SET lines = excluded.lines
"""


@dataclass(frozen=True, slots=True)
class Boilerplate:
    db: Database

    async def of(self, reader: Reader, sources: Collection[SourceId]) -> Mapping[SourceId, Lines]:
        rows = await reader.fetch(_OF + self.db.dialect.ids_in("$1"), array(sources))
        known = {SourceId(row["source"]): Lines.unpacked(row["lines"]) for row in rows}
        return {source: known.get(source, Lines()) for source in sources}

    async def keep(self, tx: Tx, learned: Mapping[SourceId, Lines]) -> None:
        if learned:
            await tx.execute_many(_KEEP, [(source, lines.packed()) for source, lines in learned.items()])
