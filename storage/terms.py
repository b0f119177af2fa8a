"""The words that articles hold, so that a word typed wrong finds the one that was meant."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.ports import Database, Reader, Row
from bot.text.spelling import Known, slips_allowed, spellings

READ = 20_000  # characters of a text: one of 8 MB holds no more words worth knowing
MOST_NEAR = 500  # words of one length, of those that most articles hold

_UNREAD = f"""
SELECT a.id, a.title, a.chapeau, SUBSTR(a.body, 1, {READ}) AS body
FROM articles a WHERE a.id > $1 ORDER BY a.id LIMIT $2
"""
_LEARNT = "UPDATE terms_learnt SET upto = $2 WHERE upto = $1"
_ADD = """
INSERT INTO terms (word, said, initial, size, articles) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (word) DO UPDATE SET articles = terms.articles + excluded.articles
"""
_NEAR = """
SELECT word, said, articles FROM (
    SELECT word, said, articles FROM terms WHERE initial = $1 AND size = $2 ORDER BY articles DESC LIMIT $3
) found
"""


@dataclass(frozen=True, slots=True)
class Terms:
    db: Database

    async def learn(self, limit: int) -> int:
        """The words of so many more articles; how many there were. 0 also when somebody else learnt them meanwhile."""
        (row,) = await self.db.fetch("SELECT upto FROM terms_learnt")
        unread = await self.db.fetch(_UNREAD, row["upto"], limit)
        if not unread:
            return 0
        found = _counted(unread)
        async with self.db.tx() as tx:
            if not await tx.execute(_LEARNT, row["upto"], unread[-1]["id"]):
                return 0
            await tx.execute_many(_ADD, found)
        return len(unread)

    async def near(self, reader: Reader, word: str) -> Sequence[Known]:
        """Words of the same first letter that may be `word` typed wrong."""
        allowed = slips_allowed(word)
        found: list[Row] = []
        for size in range(len(word) - allowed, len(word) + allowed + 1):
            found += await reader.fetch(_NEAR, word[0], size, MOST_NEAR)
        return [Known(word=row["word"], said=row["said"], articles=row["articles"]) for row in found]


def _counted(rows: Sequence[Row]) -> list[tuple[str, str, str, int, int]]:
    """In the order of the words, so that two writers never wait for each other in a ring."""
    counts: Counter[str] = Counter()
    said: dict[str, str] = {}
    for row in rows:
        found = spellings("\n".join((row["title"], row["chapeau"], row["body"])))
        counts.update(found.keys())
        said |= found
    return [(word, said[word], word[0], len(word), counts[word]) for word in sorted(counts)]
