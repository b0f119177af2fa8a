"""Rules, the anchors that find them, and the channels that want them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from bot.domain.article import Product
from bot.domain.channel import Channel, Rhythm, Subscription
from bot.domain.ids import ChannelId, RuleId
from bot.domain.rule import Rule
from bot.ports import Database, Reader, Tx
from storage.channels import channel_of
from storage.columns import array, moment, ms

HOW = (Rhythm.NOW, Rhythm.DAILY, Rhythm.WEEKLY)  # stored by its place: the smallest wins when several rules match

_parsed = lru_cache(maxsize=65_536)(Rule.parse)  # a rule's spelling never changes: reading it anew is most of a match

_ADD_RULE = "INSERT INTO rules (canonical) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id"
_RULE = "SELECT id FROM rules WHERE canonical = $1"
_ADD_ANCHOR = "INSERT INTO anchors (anchor, rule) VALUES ($1, $2) ON CONFLICT DO NOTHING"
_ADD = """
INSERT INTO subscriptions (rule, channel, how, silent, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (rule, channel) DO UPDATE SET how = excluded.how, silent = excluded.silent
"""
_REMOVE = "DELETE FROM subscriptions WHERE rule = $1 AND channel = $2"
_OF = """
SELECT s.*, r.canonical FROM subscriptions s JOIN rules r ON r.id = s.rule
WHERE s.channel = $1 ORDER BY s.created_at, s.rule
"""
_CHANNELS = """
SELECT c.* FROM rules r JOIN subscriptions s ON s.rule = r.id JOIN channels c ON c.id = s.channel
WHERE r.canonical = $1 AND c.state <> 2 ORDER BY c.id
"""
_COMMUNITIES = """
SELECT DISTINCT c.community FROM subscriptions s JOIN channels c ON c.id = s.channel WHERE s.rule IN """
_WATCH = "INSERT INTO watchlists (community, vendor, product) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
_UNWATCH = "DELETE FROM watchlists WHERE community = $1 AND vendor = $2 AND product = $3"
_WATCHLIST = "SELECT vendor, product FROM watchlists WHERE community = $1"


@dataclass(frozen=True, slots=True)
class Subscriptions:
    db: Database

    async def add(self, tx: Tx, channel: ChannelId, rule: Rule, how: Rhythm, *, silent: bool, now: datetime) -> RuleId:
        canonical = rule.canonical()
        new = await tx.fetch(_ADD_RULE, canonical)
        (row,) = new or await tx.fetch(_RULE, canonical)
        if new:
            for anchor in sorted(rule.anchors()):
                await tx.execute(_ADD_ANCHOR, anchor, row["id"])
        await tx.execute(_ADD, row["id"], channel, HOW.index(how), int(silent), ms(now))
        return RuleId(row["id"])

    async def remove(self, tx: Tx, channel: ChannelId, rule: RuleId) -> bool:
        return await tx.execute(_REMOVE, rule, channel) > 0

    async def of(self, reader: Reader, channel: ChannelId) -> Sequence[Subscription]:
        return [
            Subscription(
                rule_id=RuleId(row["rule"]),
                rule=Rule.parse(row["canonical"]),
                channel=channel,
                how=HOW[row["how"]],
                silent=bool(row["silent"]),
                created_at=moment(row["created_at"]),
            )
            for row in await reader.fetch(_OF, channel)
        ]

    async def candidates(self, reader: Reader, anchors: frozenset[str]) -> Sequence[tuple[RuleId, Rule]]:
        rows = await reader.fetch(
            """SELECT r.id, r.canonical FROM rules r
            WHERE r.id IN (SELECT a.rule FROM anchors a WHERE a.anchor IN """
            + self.db.dialect.strings_in("$1")
            + """) AND EXISTS (SELECT 1 FROM subscriptions s WHERE s.rule = r.id) ORDER BY r.id""",
            array(sorted(anchors)),
        )
        return [(RuleId(row["id"]), _parsed(row["canonical"])) for row in rows]

    async def watchlist(self, reader: Reader, community: str) -> frozenset[Product]:
        rows = await reader.fetch(_WATCHLIST, community)
        return frozenset(Product(vendor=row["vendor"], name=row["product"]) for row in rows)

    async def watch(self, tx: Tx, community: str, products: Sequence[Product]) -> int:
        return sum([await tx.execute(_WATCH, community, one.vendor, one.name) for one in products])

    async def unwatch(self, tx: Tx, community: str, products: Sequence[Product]) -> int:
        return sum([await tx.execute(_UNWATCH, community, one.vendor, one.name) for one in products])

    async def channels(self, reader: Reader, rule: Rule) -> Sequence[Channel]:
        return [channel_of(row) for row in await reader.fetch(_CHANNELS, rule.canonical())]

    async def communities(self, reader: Reader, rules: Collection[RuleId]) -> Sequence[str]:
        rows = await reader.fetch(_COMMUNITIES + self.db.dialect.ids_in("$1"), array(sorted(rules)))
        return [row["community"] for row in rows]
