"""What a language model wrote, which articles had their turn, and how often it was asked today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.ids import ArticleId
from bot.domain.summary import Written
from bot.ports import Database, Reader, Tx
from storage.columns import EPOCH, ms

KEPT = timedelta(days=30)  # a text that comes again later is asked about again

_WAITING = """
SELECT a.id, a.content_hash FROM articles a WHERE a.sorted_at >= $1 AND NOT EXISTS (
    SELECT 1 FROM model_turns t WHERE t.article = a.id AND t.content_hash = a.content_hash AND t.model = $2
) ORDER BY a.sorted_at DESC, a.id DESC LIMIT $3
"""
_WRITTEN = "SELECT summary, refused FROM model_summaries WHERE text_hash = $1 AND model = $2"
_KEEP = """
INSERT INTO model_summaries (text_hash, model, summary, refused, asked_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (text_hash, model) DO NOTHING
"""
_TURN = """
INSERT INTO model_turns (article, content_hash, model) VALUES ($1, $2, $3)
ON CONFLICT (article) DO UPDATE SET content_hash = excluded.content_hash, model = excluded.model
"""
_SHOW = (
    "UPDATE articles SET summary = $2, revision = revision + 1 WHERE id = $1 AND content_hash = $3 AND summary <> $2"
)
_CALL = """
INSERT INTO model_calls (day, calls) VALUES ($1, 1) ON CONFLICT (day) DO UPDATE SET calls = model_calls.calls + 1
WHERE model_calls.calls < $2
"""
_FORGET = ("DELETE FROM model_summaries WHERE asked_at < $1", "DELETE FROM model_calls WHERE day < $1")


@dataclass(frozen=True, slots=True)
class Summaries:
    db: Database

    async def waiting(self, model: str, since: datetime, limit: int) -> Sequence[tuple[ArticleId, str]]:
        rows = await self.db.fetch(_WAITING, ms(since), model, limit)
        return [(ArticleId(row["id"]), row["content_hash"]) for row in rows]

    async def written(self, reader: Reader, text_hash: str, model: str) -> Written | None:
        rows = await reader.fetch(_WRITTEN, text_hash, model)
        return Written(summary=rows[0]["summary"], refused=rows[0]["refused"]) if rows else None

    async def keep(self, tx: Tx, text_hash: str, model: str, written: Written, now: datetime) -> None:
        await tx.execute(_KEEP, text_hash, model, written.summary, written.refused, ms(now))

    async def turn(self, tx: Tx, article: ArticleId, content_hash: str, model: str) -> None:
        await tx.execute(_TURN, article, content_hash, model)

    async def show(self, tx: Tx, article: ArticleId, content_hash: str, summary: str) -> bool:
        return await tx.execute(_SHOW, article, summary, content_hash) > 0

    async def call(self, tx: Tx, now: datetime, most: int) -> bool:
        return await tx.execute(_CALL, (now - EPOCH).days, most) > 0

    async def forget(self, tx: Tx, now: datetime) -> None:
        summaries, calls = _FORGET
        await tx.execute(summaries, ms(now - KEPT))
        await tx.execute(calls, (now - KEPT - EPOCH).days)
