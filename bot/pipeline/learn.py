"""The words of new articles are learnt a few articles at a time, so that searches can repair what is typed wrong."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

AT_ONCE = 16  # articles: counting their words holds everything else up for some milliseconds
BETWEEN = timedelta(milliseconds=50)  # two steps: a whole archive, after an upgrade, is learnt beside everything else
LOOK_AGAIN = timedelta(minutes=1)
OF_AN_IMPORT = 200  # articles: nobody waits beside it, and together they have fewer words


class Terms(Protocol):
    """The words that articles hold."""

    async def learn(self, limit: int) -> int:
        """Those of so many articles more, in the order of their numbers; how many articles there were.

        0: all are known, or another process has just learnt these.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Learn:
    terms: Terms

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            more = await self.terms.learn(AT_ONCE)
            await asyncio.sleep((BETWEEN if more else LOOK_AGAIN).total_seconds())

    async def all(self) -> None:
        while await self.terms.learn(OF_AN_IMPORT):
            pass
