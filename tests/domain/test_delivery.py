"""Post and delivery: what follows each answer of a platform."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import errors
from bot.domain.channel import Address
from bot.domain.delivery import LANE_PAUSE, TOKEN_PAUSE, Delivery, Outcome, Post, PostKind, Prio, State, after
from bot.domain.ids import ChannelId, PostId
from bot.errors import (
    ChannelGone,
    ChannelMoved,
    Muzzled,
    PlatformError,
    Rejected,
    Throttled,
    TokenRefused,
    Uncertain,
    Unpermitted,
    Unreachable,
)

ASKED = timedelta(seconds=37)
NEW = Address(platform="telegram", chat="-1001")
TODO = Delivery(post=PostId(1), channel=ChannelId(2), lane="telegram", prio=Prio.NEWS)
EDIT = replace(TODO, state=State.SENT, message_ref="m1", shown=1, revision=2)
SAME = Outcome(state=State.TODO, attempts=0)

CONSEQUENCES: dict[type[PlatformError], list[tuple[PlatformError, Outcome]]] = {
    Throttled: [
        (Throttled("chat", ASKED), replace(SAME, chat_waits=ASKED)),
        (Throttled("lane", ASKED), replace(SAME, lane_waits=ASKED)),
    ],
    Muzzled: [(Muzzled(ASKED), replace(SAME, chat_waits=ASKED, channel_muzzled=True))],
    Unreachable: [(Unreachable("no route"), replace(SAME, lane_waits=LANE_PAUSE))],
    TokenRefused: [(TokenRefused("401"), replace(SAME, lane_waits=TOKEN_PAUSE))],
    ChannelMoved: [(ChannelMoved(NEW), replace(SAME, moved_to=NEW))],
    ChannelGone: [(ChannelGone("kicked"), Outcome(state=State.DROPPED, attempts=0, channel_gone=True))],
    Rejected: [(Rejected("too long"), Outcome(state=State.FAILED, attempts=0))],
    Unpermitted: [(Unpermitted("no right to open threads"), Outcome(state=State.FAILED, attempts=0))],
    Uncertain: [(Uncertain("no answer"), Outcome(state=State.TODO, attempts=1, doubts=1))],
}
EXAMPLES = [pair for pairs in CONSEQUENCES.values() for pair in pairs]

deliveries = st.builds(
    lambda state, attempts, doubts: replace(TODO, state=state, attempts=attempts, doubts=doubts),
    st.sampled_from([State.TODO, State.SENT]),
    st.integers(0, 5),
    st.integers(0, 1),
)


def test_every_kind_of_platform_error_has_its_consequence_here() -> None:
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, PlatformError)}
    assert kinds - {PlatformError} == set(CONSEQUENCES)


@pytest.mark.parametrize(("error", "consequence"), EXAMPLES)
def test_each_error_has_exactly_one_consequence(error: PlatformError, consequence: Outcome) -> None:
    assert after(TODO, error) == replace(consequence, error=str(error))


def test_an_error_nobody_foresaw_is_not_taken_for_another() -> None:
    class Surprise(PlatformError):
        pass

    with pytest.raises(AssertionError, match="Surprise"):
        after(TODO, Surprise("?"))


def test_a_message_whose_answer_is_lost_twice_is_unknown_and_not_sent_a_third_time() -> None:
    first = after(TODO, Uncertain("cut"))
    assert (first.state, first.doubts) == (State.TODO, 1)
    second = after(replace(TODO, state=first.state, attempts=first.attempts, doubts=first.doubts), Uncertain("cut"))
    assert (second.state, second.doubts) == (State.UNKNOWN, 2)


@given(delivery=deliveries, scope=st.sampled_from(["chat", "lane"]), seconds=st.floats(0, 1e6))
def test_a_throttled_delivery_waits_and_nothing_else(delivery: Delivery, scope: errors.Scope, seconds: float) -> None:
    asked = timedelta(seconds=seconds)
    outcome = after(delivery, Throttled(scope, asked))
    assert (outcome.state, outcome.attempts, outcome.doubts) == (delivery.state, delivery.attempts, delivery.doubts)
    assert (outcome.chat_waits if scope == "chat" else outcome.lane_waits) == asked
    assert (outcome.lane_waits if scope == "chat" else outcome.chat_waits) is None
    assert (outcome.channel_gone, outcome.moved_to) == (False, None)


@given(delivery=deliveries, error=st.sampled_from([error for error, _ in EXAMPLES]))
def test_only_an_unanswered_send_raises_attempts_and_doubts(delivery: Delivery, error: PlatformError) -> None:
    outcome = after(delivery, error)
    counts = isinstance(error, Uncertain) and not delivery.is_edit
    assert (outcome.attempts > delivery.attempts) is counts
    assert (outcome.doubts > delivery.doubts) is counts


def test_an_edit_counts_no_doubt_and_is_tried_again() -> None:
    delivery = EDIT
    for _ in range(5):
        outcome = after(delivery, Uncertain("cut"))
        assert (outcome.state, outcome.doubts, outcome.chat_waits) == (State.SENT, 0, LANE_PAUSE)
        delivery = replace(delivery, state=outcome.state, attempts=outcome.attempts, doubts=outcome.doubts)


def test_a_message_sent_stays_sent_when_its_edit_is_refused() -> None:
    assert after(EDIT, Rejected("cannot be edited")).state is State.SENT


@given(delivery=deliveries, error=st.sampled_from([error for error, _ in EXAMPLES]))
def test_only_a_final_answer_or_a_second_doubt_ends_a_delivery_unsent(delivery: Delivery, error: PlatformError) -> None:
    ended = after(delivery, error).state not in (State.TODO, State.SENT)
    final = isinstance(error, ChannelGone | Rejected) and not delivery.is_edit
    doubted = isinstance(error, Uncertain) and not delivery.is_edit and delivery.doubts == 1
    assert ended is (final or doubted)


@given(post=st.integers(0, 10**11), channel=st.integers(0, 10**11))
def test_a_nonce_has_at_most_25_characters(post: int, channel: int) -> None:
    nonce = replace(TODO, post=PostId(post), channel=ChannelId(channel)).nonce
    assert len(nonce) <= 25
    assert nonce == f"{post}-{channel}"


@given(payload=st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5) | st.lists(st.integers())))
def test_a_payload_reads_back_and_has_one_spelling(payload: dict[str, object]) -> None:
    created = datetime(2026, 3, 10, tzinfo=UTC)
    post = Post(key="s:1", kind=PostKind.STORY, prio=Prio.NEWS, payload=payload, created_at=created)
    turned = replace(post, payload=dict(reversed(payload.items())))
    assert json.loads(post.payload_text()) == payload
    assert turned.payload_text() == post.payload_text()
