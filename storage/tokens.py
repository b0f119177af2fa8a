"""What buttons and links mean: one table for all of them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.domain.ids import ChannelId
from bot.domain.token import Purpose, Token
from bot.ports import Database, Reader, Row, Tx
from storage.columns import moment, moment_or_none, ms

KEPT_AFTER = timedelta(days=1)

_ADD = """
INSERT INTO tokens (hash, purpose, channel, person, payload, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
"""
_READ = "SELECT * FROM tokens WHERE hash = $1 AND purpose = $2 AND expires_at > $3"
# One statement, so that of two presses at once only one is the first.
_USE = """
UPDATE tokens SET used_at = $3 WHERE hash = $1 AND purpose = $2 AND expires_at > $3 AND used_at IS NULL RETURNING *
"""
_FIRST = """
INSERT INTO tokens (hash, purpose, expires_at, used_at) VALUES ($1, $2, $3, $4) ON CONFLICT (hash) DO NOTHING
"""
_CHANGE = "UPDATE tokens SET payload = $2 WHERE hash = $1 AND used_at IS NULL"
_SWEEP = "DELETE FROM tokens WHERE expires_at <= $1"


@dataclass(frozen=True, slots=True)
class Tokens:
    db: Database

    async def add(self, tx: Tx, code: str, token: Token) -> None:
        await tx.execute(
            _ADD,
            _hash(code),
            token.purpose.value,
            token.channel,
            token.person,
            _json(token.payload),
            ms(token.expires_at),
        )

    async def read(self, reader: Reader, purpose: Purpose, code: str, now: datetime) -> Token | None:
        rows = await reader.fetch(_READ, _hash(code), purpose.value, ms(now))
        return _token(rows[0]) if rows else None

    async def use(self, tx: Tx, purpose: Purpose, code: str, now: datetime) -> Token | None:
        rows = await tx.fetch(_USE, _hash(code), purpose.value, ms(now))
        return _token(rows[0]) if rows else None

    async def first(self, tx: Tx, name: str, now: datetime) -> bool:
        expires = ms(now + KEPT_AFTER)
        return await tx.execute(_FIRST, _hash(f"press\x00{name}"), Purpose.PRESS.value, expires, ms(now)) > 0

    async def change(self, tx: Tx, code: str, payload: Mapping[str, Any]) -> None:
        await tx.execute(_CHANGE, _hash(code), _json(payload))

    async def sweep(self, tx: Tx, now: datetime) -> None:
        await tx.execute(_SWEEP, ms(now - KEPT_AFTER))


def _hash(code: str) -> str:
    return hashlib.sha256(b"token\x00" + code.encode("utf-8", "replace")).hexdigest()


def _json(payload: Mapping[str, Any]) -> str:
    return json.dumps(payload, ensure_ascii=False, sort_keys=True)


def _token(row: Row) -> Token:
    return Token(
        purpose=Purpose(row["purpose"]),
        channel=None if row["channel"] is None else ChannelId(row["channel"]),
        person=row["person"] or "",
        payload=json.loads(row["payload"]),
        expires_at=moment(row["expires_at"]),
        used_at=moment_or_none(row["used_at"]),
    )
