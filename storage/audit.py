"""What was changed, when, and by whose keyed hash."""

import json
from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import ChannelId
from bot.ports import Database, Tx
from storage.columns import ms

_NOTE = "INSERT INTO audit (at, channel, person, verb, payload) VALUES ($1, $2, $3, $4, $5)"


@dataclass(frozen=True, slots=True)
class Audit:
    db: Database

    async def note(self, tx: Tx, now: datetime, channel: ChannelId, person: str, verb: str, **values: str) -> None:
        await tx.execute(_NOTE, ms(now), channel, person, verb, json.dumps(values, ensure_ascii=False, sort_keys=True))
