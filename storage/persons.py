"""Everything the rows hold of one person: shown to them, or erased."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from bot.domain.ids import ChannelId, PostId
from bot.ports import Database, Reader, Row, Tx
from storage.columns import moment_or_none

# Times under the column's own name: `data` shows them as dates.
_DATA: Mapping[str, LiteralString] = {
    "taken": "SELECT post, channel, name, taken_at, done_at FROM acks WHERE person = $1 ORDER BY taken_at",
    "votes": "SELECT post, channel, value, voted_at FROM votes WHERE person = $1 ORDER BY voted_at",
    "saved": """SELECT s.article, a.title, a.url, s.saved_at FROM saved s LEFT JOIN articles a ON a.id = s.article
        WHERE s.person = $1 ORDER BY s.saved_at""",
    "shares": """SELECT post, channel, name, note, shared_at, withdrawn_at FROM shares WHERE person = $1
        ORDER BY shared_at""",
    "mutes": "SELECT channel, canonical, name, since_at, until_at FROM mutes WHERE person = $1 ORDER BY until_at",
    "changes": "SELECT at AS done_at, channel, verb, payload FROM audit WHERE person = $1 ORDER BY id",
    "drafts": "SELECT purpose, channel, payload, expires_at FROM tokens WHERE person = $1 ORDER BY expires_at",
}
# Of the person's own chat with the bot.
_CHAT: Mapping[str, LiteralString] = {
    "own_chat": """SELECT external_id, language, timezone, quiet, daily_at, weekly_at, weekly_on, reminders,
            nudge, threads
        FROM channels
        WHERE community = $1 AND is_group = 0""",
    "own_subscriptions": """SELECT r.canonical, s.how, s.silent, s.created_at FROM subscriptions s
        JOIN rules r ON r.id = s.rule JOIN channels c ON c.id = s.channel WHERE c.community = $1 AND c.is_group = 0
        ORDER BY s.created_at""",
}
_TOUCHED: LiteralString = """
SELECT post, channel FROM acks WHERE person = $1 UNION SELECT post, channel FROM votes WHERE person = $1
UNION SELECT post, channel FROM shares WHERE person = $1
"""
_FORGET: tuple[LiteralString, ...] = (
    "DELETE FROM acks WHERE person = $1",
    "DELETE FROM votes WHERE person = $1",
    "UPDATE shares SET person = '', name = '', note = '' WHERE person = $1",
    "DELETE FROM saved WHERE person = $1",
    "DELETE FROM mutes WHERE person = $1",
    "DELETE FROM tokens WHERE person = $1",
    "UPDATE audit SET person = '' WHERE person = $1",
)
_OWN_CHATS: LiteralString = "(SELECT id FROM channels WHERE community = $1 AND is_group = 0)"
_FORGET_CHAT: tuple[LiteralString, ...] = (
    *(
        f"DELETE FROM {table} WHERE channel IN {_OWN_CHATS}"
        for table in ("subscriptions", "deliveries", "digests", "acks", "votes", "shares", "mutes", "tokens", "audit")
    ),
    "DELETE FROM channels WHERE community = $1 AND is_group = 0",
    "DELETE FROM watchlists WHERE community = $1",
)


@dataclass(frozen=True, slots=True)
class Persons:
    db: Database

    async def data(self, reader: Reader, person: str, community: str) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        of_person = {name: [_shown(row) for row in await reader.fetch(sql, person)] for name, sql in _DATA.items()}
        of_chat = {name: [_shown(row) for row in await reader.fetch(sql, community)] for name, sql in _CHAT.items()}
        return of_person | of_chat

    async def touched(self, tx: Tx, person: str) -> Sequence[tuple[PostId, ChannelId]]:
        rows = await tx.fetch(_TOUCHED, person)
        return [(PostId(row["post"]), ChannelId(row["channel"])) for row in rows]

    async def forget(self, tx: Tx, person: str) -> None:
        for statement in _FORGET:
            await tx.execute(statement, person)

    async def forget_chat(self, tx: Tx, community: str) -> None:
        for statement in _FORGET_CHAT:
            await tx.execute(statement, community)


def _shown(row: Row) -> Mapping[str, Any]:
    return {
        name: _date(value) if name.endswith("_at") and isinstance(value, int) else value
        for name, value in dict(row).items()
    }


def _date(value: int | None) -> str | None:
    at = moment_or_none(value)
    return None if at is None else at.isoformat(timespec="seconds")
