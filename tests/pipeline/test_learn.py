"""The words of articles are learnt in the background, in steps, and never twice."""

import asyncio
from dataclasses import dataclass, field

from bot.pipeline.learn import AT_ONCE, Learn


@dataclass
class FakeTerms:
    unread: int
    steps: list[int] = field(default_factory=list)

    async def learn(self, limit: int) -> int:
        learnt = min(limit, self.unread)
        self.unread -= learnt
        self.steps.append(learnt)
        return learnt


async def test_a_whole_archive_is_learnt_in_small_steps_beside_everything_else() -> None:
    terms = FakeTerms(unread=2 * AT_ONCE + 1)
    learning = asyncio.ensure_future(Learn(terms=terms).run())
    async with asyncio.timeout(10):
        while len(terms.steps) < 4:
            await asyncio.sleep(0.01)
    learning.cancel()
    assert terms.steps == [AT_ONCE, AT_ONCE, 1, 0]


async def test_an_import_ends_when_all_is_learnt() -> None:
    terms = FakeTerms(unread=450)
    await Learn(terms=terms).all()
    assert terms.steps == [200, 200, 50, 0]
