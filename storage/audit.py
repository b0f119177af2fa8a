"""What was changed, when, and by whose keyed hash."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import ChannelId
from bot.ports import Database, Reader, Tx
from storage.columns import array, ms

_NOTE = "INSERT INTO audit (at, channel, person, verb, payload) VALUES ($1, $2, $3, $4, $5)"
_PERSONS = """
SELECT DISTINCT a.person FROM audit a JOIN channels c ON c.id = a.channel WHERE a.person <> '' AND c.community IN """


@dataclass(frozen=True, slots=True)
class Audit:
    db: Database

    async def note(self, tx: Tx, now: datetime, channel: ChannelId, person: str, verb: str, **values: str) -> None:
        await tx.execute(_NOTE, ms(now), channel, person, verb, json.dumps(values, ensure_ascii=False, sort_keys=True))

    async def persons(self, reader: Reader, communities: Sequence[str]) -> frozenset[str]:
        rows = await reader.fetch(_PERSONS + self.db.dialect.strings_in("$1"), array(communities))
        return frozenset(row["person"] for row in rows)
