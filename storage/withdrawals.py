"""What a channel was owed and no longer wants to hear of: taken back before it was said, and given back if asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.delivery import State
from bot.domain.ids import ChannelId, PostId
from bot.domain.mute import withdrawn_by
from bot.domain.rule import Rule
from bot.ports import Database, Reader, Tx
from bot.stores import Owed
from storage.columns import array
from storage.outbox import OWED
from storage.owed import owed_of

# Each open state has an index of its own. What may be on its way is not taken back.
_UNSENT = (
    OWED + "WHERE d.channel = $1 AND d.state = 0 ORDER BY d.post",
    OWED + "WHERE d.channel = $1 AND d.state = 1 AND d.attempts = 0 ORDER BY d.post",
)
_WITHDRAW = """
UPDATE deliveries SET state = 4, error = $2 WHERE channel = $1 AND (state = 0 OR (state = 1 AND attempts = 0))
    AND post IN """
_GIVE_BACK = """
UPDATE deliveries SET state = $2, error = NULL WHERE channel = $1 AND state = 4 AND error LIKE 'muted %' AND post IN """


@dataclass(frozen=True, slots=True)
class Withdrawals:
    db: Database

    async def unsent(self, reader: Reader, channel: ChannelId) -> Sequence[Owed]:
        return [owed_of(row) for statement in _UNSENT for row in await reader.fetch(statement, channel)]

    async def withdraw(self, tx: Tx, channel: ChannelId, posts: Sequence[PostId], mute: Rule) -> None:
        await tx.execute(_WITHDRAW + self.db.dialect.ids_in("$3"), channel, withdrawn_by(mute), array(posts))

    async def give_back(self, tx: Tx, channel: ChannelId, posts: Sequence[PostId], state: State) -> None:
        await tx.execute(_GIVE_BACK + self.db.dialect.ids_in("$3"), channel, int(state), array(posts))
        tx.wake("outbox")
        tx.wake("held")
