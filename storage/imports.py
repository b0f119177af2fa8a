"""What imported files call our articles. An id is kept as JSON, so that 7 and "7" stay two."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.entry import canonical
from bot.domain.ids import ArticleId
from bot.ports import Database, Reader, Tx
from storage.columns import array

_KNOWN = "SELECT external_id, article FROM imports WHERE external_id IN "
_IDS = "SELECT external_id, article FROM imports WHERE article IN "
_ADD = "INSERT INTO imports (external_id, article) VALUES ($1, $2) ON CONFLICT DO NOTHING"
_UNNAMED = """
SELECT id FROM articles WHERE url_key = $1 AND NOT EXISTS (SELECT 1 FROM imports i WHERE i.article = articles.id)
ORDER BY id LIMIT 1
"""
_PAGE = "SELECT id FROM articles WHERE id > $1 ORDER BY id LIMIT $2"

ExternalId = str | int


@dataclass(frozen=True, slots=True)
class Imports:
    db: Database

    async def known(self, reader: Reader, ids: Iterable[ExternalId]) -> Mapping[ExternalId, ArticleId]:
        rows = await reader.fetch(_KNOWN + self.db.dialect.strings_in("$1"), array(map(json.dumps, ids)))
        return {json.loads(row["external_id"]): ArticleId(row["article"]) for row in rows}

    async def ids(self, reader: Reader, numbers: Sequence[ArticleId]) -> Mapping[ArticleId, ExternalId]:
        rows = await reader.fetch(_IDS + self.db.dialect.ids_in("$1"), array(numbers))
        return {ArticleId(row["article"]): json.loads(row["external_id"]) for row in rows}

    async def add(self, tx: Tx, external: ExternalId, number: ArticleId) -> None:
        await tx.execute(_ADD, json.dumps(external), number)

    async def unnamed(self, tx: Tx, url: str) -> ArticleId | None:
        rows = await tx.fetch(_UNNAMED, canonical(url))
        return ArticleId(rows[0]["id"]) if rows else None

    async def page(self, reader: Reader, after: ArticleId, limit: int) -> Sequence[ArticleId]:
        return [ArticleId(row["id"]) for row in await reader.fetch(_PAGE, after, limit)]
