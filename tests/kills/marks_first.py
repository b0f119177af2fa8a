"""A bot with the mistake that the ledger must find: it marks a message as sent, then sends it. Run as a module."""

from bot import roles
from bot.__main__ import main
from bot.pipeline.deliver import Deliver
from bot.stores import Owed
from bot.view import View


class MarksFirst(Deliver):
    async def _hand_over(self, owed: Owed, alert: Owed | None, view: View) -> str:
        async with self.db.tx() as tx:
            await self.outbox.sent(tx, self._held(), owed, "0", self.clock.now())
        return await super()._hand_over(owed, alert, view)


if __name__ == "__main__":
    vars(roles)["Deliver"] = MarksFirst
    main()
