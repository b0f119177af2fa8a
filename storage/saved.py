"""What a person kept for later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import ArticleId
from bot.ports import Database, Reader, Tx
from storage.columns import ms

_KEEP = "INSERT INTO saved (person, article, saved_at) VALUES ($1, $2, $3) ON CONFLICT (person, article) DO NOTHING"
_DROP = "DELETE FROM saved WHERE person = $1 AND article = $2"
_OF = "SELECT article FROM saved WHERE person = $1 ORDER BY saved_at DESC, article DESC LIMIT $2"


@dataclass(frozen=True, slots=True)
class Saved:
    db: Database

    async def keep(self, tx: Tx, person: str, article: ArticleId, now: datetime) -> bool:
        return await tx.execute(_KEEP, person, article, ms(now)) > 0

    async def drop(self, tx: Tx, person: str, article: ArticleId) -> bool:
        return await tx.execute(_DROP, person, article) > 0

    async def of(self, reader: Reader, person: str, limit: int) -> Sequence[ArticleId]:
        return [ArticleId(row["article"]) for row in await reader.fetch(_OF, person, limit)]
