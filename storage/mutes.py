"""Silences: the words a channel does not want to hear of until a moment. An ended one is kept a while, for `why`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import ChannelId
from bot.domain.mute import Mute
from bot.domain.rule import Rule
from bot.ports import Database, Reader, Row, Tx
from storage.columns import moment, ms

_PUT = """
INSERT INTO mutes (channel, canonical, person, name, since_at, until_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (channel, canonical) DO UPDATE SET person = excluded.person, name = excluded.name,
    since_at = excluded.since_at, until_at = excluded.until_at
"""
_END = "UPDATE mutes SET until_at = $3 WHERE channel = $1 AND canonical = $2"
_REMOVE = "DELETE FROM mutes WHERE channel = $1 AND canonical = $2"
_RUNNING = "SELECT * FROM mutes WHERE since_at <= $1 AND until_at > $1"
_OF = "SELECT * FROM mutes WHERE channel = $2 AND since_at <= $1 AND until_at > $1 ORDER BY until_at, canonical"
_SWEEP = "DELETE FROM mutes WHERE until_at < $1"


@dataclass(frozen=True, slots=True)
class Mutes:
    db: Database

    async def put(self, tx: Tx, mute: Mute) -> None:
        values = mute.channel, mute.rule.canonical(), mute.person, mute.name, ms(mute.since), ms(mute.until)
        await tx.execute(_PUT, *values)

    async def end(self, tx: Tx, channel: ChannelId, rule: Rule, until: datetime) -> None:
        await tx.execute(_END, channel, rule.canonical(), ms(until))

    async def remove(self, tx: Tx, channel: ChannelId, rule: Rule) -> None:
        await tx.execute(_REMOVE, channel, rule.canonical())

    async def running(self, reader: Reader, at: datetime) -> Sequence[Mute]:
        return [_mute(row) for row in await reader.fetch(_RUNNING, ms(at))]

    async def of(self, reader: Reader, channel: ChannelId, at: datetime) -> Sequence[Mute]:
        return [_mute(row) for row in await reader.fetch(_OF, ms(at), channel)]

    async def sweep(self, tx: Tx, before: datetime) -> None:
        await tx.execute(_SWEEP, ms(before))


def _mute(row: Row) -> Mute:
    return Mute(
        channel=ChannelId(row["channel"]),
        rule=Rule.parse(row["canonical"]),
        since=moment(row["since_at"]),
        until=moment(row["until_at"]),
        person=row["person"],
        name=row["name"],
    )
