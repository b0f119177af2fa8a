"""Any sequence of what happens to deliveries leaves the rows a plain model expects: one a pair, and none lost."""

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.channel import Channel
from bot.domain.delivery import Breaks, Outcome, Post, PostKind, Prio, State
from bot.domain.ids import ChannelId, PostId, RuleId
from bot.domain.rule import Rule, What
from bot.foundation import Store
from bot.ports import Lease
from tests.fakes import START
from tests.storage.rows import MINUTE, a_post, add_channel, hold_lane, owe_to, send, states, want

CHANNELS, POSTS = 3, 4
Step = tuple[str, int, int]  # what happens, to which channel, with which post
STEPS = st.tuples(
    st.sampled_from(
        ["owe", "owe held", "owe one", "owe to", "release", "fold", "send", "fail", "revise", "gone", "back", "overdue"]
    ),
    st.integers(0, CHANNELS - 1),
    st.integers(0, POSTS - 1),
)
FAILED = Outcome(state=State.FAILED, attempts=0, error="x")
_first_stories = itertools.count(1, POSTS)


@dataclass
class Model:
    """The same outbox without a database. The first rule is the first channel's alone, the second one everybody's."""

    store: Store
    name: str  # of its lane too: examples share a database
    first_story: int
    channels: Sequence[Channel]
    rules: Sequence[RuleId]
    lease: Lease
    expected: dict[tuple[str, ChannelId], State] = field(default_factory=dict)
    folds: Counter[ChannelId] = field(default_factory=Counter)
    gone: set[ChannelId] = field(default_factory=set)

    @classmethod
    async def start(cls, store: Store) -> "Model":
        first_story = next(_first_stories)
        name = f"model{first_story}"
        channels = [await add_channel(store, f"{name} {n}", lane=name) for n in range(CHANNELS)]
        alone, shared = (Rule(what=What.TOPIC, value=f"{name} {which}") for which in ("alone", "shared"))
        first = await want(store, channels[0], alone)
        (second,) = {await want(store, channel, shared) for channel in channels}
        return cls(store, name, first_story, channels, (first, second), await hold_lane(store, lane=name))

    async def take(self, what: str, channel: Channel, post: Post) -> None:
        match what:
            case "owe":
                await self._owe(post, self.rules, self.channels, State.TODO)
            case "owe held":
                await self._owe(post, self.rules, self.channels, State.HELD)
            case "owe one":
                await self._owe(post, self.rules[:1], self.channels[:1], State.TODO)
            case "owe to":
                await owe_to(self.store, post, channel)
                self.expected.setdefault((post.key, channel.id), State.TODO)
            case "release":
                async with self.store.db.tx() as tx:
                    await self.store.outbox.release(tx, channel.id, await self._posts(channel))
                self._turn(channel, State.HELD, State.TODO)
            case "fold":
                await self._fold(channel)
            case "send" | "fail":
                await self._answer(what)
            case "revise":
                async with self.store.db.tx() as tx:
                    for row in await tx.fetch("SELECT id FROM posts WHERE post_key = $1", post.key):
                        await self.store.outbox.revise_one(tx, PostId(row["id"]), channel.id)
            case "gone" | "back":
                await self._let(channel, out=what == "gone")
            case "overdue":
                async with self.store.db.tx() as tx:
                    await self.store.outbox.hold_overdue(tx, START, timedelta(hours=1))
                for pair in [p for p, at in self.expected.items() if at is State.TODO and _is_news(p[0])]:
                    self.expected[pair] = State.HELD

    async def _owe(self, post: Post, rules: Sequence[RuleId], readers: Sequence[Channel], state: State) -> None:
        hold = START + MINUTE if state is State.HELD else None
        new = {(post.key, c.id) for c in readers if c.id not in self.gone} - self.expected.keys()
        async with self.store.db.tx() as tx:
            assert len(new) == await self.store.outbox.owe(
                tx, post, rules, now=START, breaks_quiet=Breaks.NOBODY, hold_until=hold
            )
        self.expected.update(dict.fromkeys(new, state))

    async def _fold(self, channel: Channel) -> None:
        key = f"d:{channel.id}"
        digest = a_post(key, kind=PostKind.DIGEST, prio=Prio.DIGEST)
        async with self.store.db.tx() as tx:
            await self.store.outbox.fold(tx, channel, await self._posts(channel), [digest])
        self._turn(channel, State.HELD, State.DROPPED)
        self.folds[channel.id] += 1
        place = self.folds[channel.id]
        self.expected[key if place == 1 else f"{key}:{place}", channel.id] = State.TODO

    async def _answer(self, what: str) -> None:
        """To one of those that may go: one a chat, of every chat that is owed something and lets us in."""
        found = await self.store.outbox.next(self.name, START, [], 100)
        open_ = {c for (_, c), at in self.expected.items() if at is State.TODO} - self.gone
        assert {owed.channel.id for owed in found} == open_
        for owed in found[:1]:
            pair = (owed.post.key, owed.channel.id)
            assert self.expected[pair] is State.TODO
            if what == "send":
                await send(self.store, self.lease, owed)
            else:
                async with self.store.db.tx() as tx:
                    await self.store.outbox.failed(tx, self.lease, owed, FAILED, START)
            self.expected[pair] = State.SENT if what == "send" else State.FAILED

    async def _let(self, channel: Channel, *, out: bool) -> None:
        if out and channel.id not in self.gone:
            async with self.store.db.tx() as tx:
                await self.store.channels.gone(tx, channel.address)
            self.gone.add(channel.id)
            self._turn(channel, State.HELD, State.DROPPED)
            self._turn(channel, State.TODO, State.DROPPED)
        elif not out:
            await add_channel(self.store, channel.address.chat, lane=self.name)
            self.gone.discard(channel.id)

    def _turn(self, channel: Channel, old: State, new: State) -> None:
        for pair, at in self.expected.items():
            if pair[1] == channel.id and at is old:
                self.expected[pair] = new

    async def _posts(self, channel: Channel) -> list[PostId]:
        """Every post of the channel, in whatever state: what is not held must not change."""
        rows = await self.store.db.fetch("SELECT post FROM deliveries WHERE channel = $1", channel.id)
        return [PostId(row["post"]) for row in rows]


def _is_news(key: str) -> bool:
    return key.startswith("s:") and not key.endswith(":alert")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=15, max_size=40))
async def test_whatever_happens_each_pair_has_one_delivery_and_none_is_lost(store: Store, steps: list[Step]) -> None:
    model = await Model.start(store)
    ours = {channel.id for channel in model.channels}
    for what, place, number in steps:
        alert = number == 0
        post = a_post(
            f"s:{model.first_story + number}" + (":alert" if alert else ""),
            kind=PostKind.ALERT if alert else PostKind.STORY,
            prio=Prio.ALERT if alert else Prio.NEWS,
            created_at=START - timedelta(hours=9),
        )
        await model.take(what, model.channels[place], post)
    found = {pair: state for pair, state in (await states(store.db)).items() if pair[1] in ours}  # says: one a pair
    assert found == model.expected
