"""A new silence takes back what is owed and not yet said, as if it had been there when that came in.

Rather than letting it arrive: who mutes a building site at nine does not want its three articles in the letter of ten.
What is in a letter already written goes with the letter, and what was told stays told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from bot.domain.article import Facts
from bot.domain.channel import Subscription
from bot.domain.delivery import PostKind, State
from bot.domain.ids import ArticleId, ChannelId, PostId
from bot.domain.mute import Mute
from bot.pipeline.matching import Matching
from bot.pipeline.stories import StoryRows
from bot.ports import Reader, Tx
from bot.stores import Articles, Owed, Subscriptions, Withdrawals

TELLS_A_STORY = (PostKind.STORY, PostKind.ALERT)
TELLS_NEWS = (*TELLS_A_STORY, PostKind.MOVED, PostKind.REMINDER)  # the rest was asked for, or is no news


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """Posts a channel is no longer owed, by what they were."""

    todo: tuple[PostId, ...] = ()
    held: tuple[PostId, ...] = ()

    def payload(self) -> dict[str, list[int]]:
        return {"todo": [*self.todo], "held": [*self.held]}

    @classmethod
    def parse(cls, payload: Any) -> Self:
        return cls(todo=tuple(map(PostId, payload["todo"])), held=tuple(map(PostId, payload["held"])))

    def __len__(self) -> int:
        return len(self.todo) + len(self.held)


NOTHING = Withdrawn()


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawing:
    rows: Withdrawals
    articles: Articles
    stories: StoryRows
    subscriptions: Subscriptions
    matching: Matching

    async def by(self, tx: Tx, mute: Mute) -> Withdrawn:
        """In the transaction in which the silence begins."""
        owed = [one for one in await self.rows.unsent(tx, mute.channel) if one.post.kind in TELLS_NEWS]
        named = await self.articles.facts(tx, sorted({number for one in owed for number in _told_by(one)}))
        hushed = {facts.number: facts for facts in named if mute.hushes(facts, mute.since)}
        wanted = await self.subscriptions.of(tx, mute.channel) if hushed else ()
        gone = [one.delivery for one in owed if await self._is_hushed(tx, mute, one, hushed, wanted)]
        await self.rows.withdraw(tx, mute.channel, [one.post for one in gone], mute.rule)
        return Withdrawn(
            todo=tuple(one.post for one in gone if one.state is State.TODO),
            held=tuple(one.post for one in gone if one.state is State.HELD),
        )

    async def take_back(self, tx: Tx, channel: ChannelId, withdrawn: Withdrawn) -> None:
        """Owed as it was; once it is, whatever other silence runs may take it away."""
        await self.rows.give_back(tx, channel, withdrawn.todo, State.TODO)
        await self.rows.give_back(tx, channel, withdrawn.held, State.HELD)

    async def _is_hushed(
        self, reader: Reader, mute: Mute, owed: Owed, hushed: dict[ArticleId, Facts], wanted: Sequence[Subscription]
    ) -> bool:
        """A story of which this channel wants another article, of which the silence says nothing, stays owed."""
        named = [hushed[number] for number in _told_by(owed) if number in hushed]
        if not named or owed.post.kind not in TELLS_A_STORY:
            return bool(named)
        others = [number for number in await self.stories.articles(reader, [named[0].story]) if number not in hushed]
        for facts in await self.articles.facts(reader, others):
            if not mute.hushes(facts, mute.since):
                for one in wanted:
                    if (await self.matching.explain(reader, one.rule, facts)).matched:
                        return False
        return True


def _told_by(owed: Owed) -> Sequence[ArticleId]:
    numbers = owed.post.payload.get("articles")
    return [ArticleId(number) for number in numbers if number] if isinstance(numbers, list) else []
